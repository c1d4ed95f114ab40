from datetime import UTC, datetime, timedelta

import pytest

from models.access import (
    CHALLENGE_LIFETIME,
    INVITATION_LIFETIME,
    LINK_LIFETIME,
    LONGEST_EMAIL,
    SESSION_LIMITS,
    Account,
    AccountState,
    Challenge,
    LinkState,
    OneTimeLink,
    Session,
    read_email,
)
from models.environment import Environment
from models.permissions import Role

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MOMENT = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"password_hash": "a hash"}, AccountState.ACTIVE),
        ({"password_hash": "a hash", "invited_at": NOW - timedelta(days=99)}, AccountState.ACTIVE),
        ({"invited_at": NOW - INVITATION_LIFETIME + MOMENT}, AccountState.INVITED),
        ({"invited_at": NOW - INVITATION_LIFETIME}, AccountState.INVITATION_LAPSED),
        ({}, AccountState.INVITATION_LAPSED),
        ({"password_hash": "a hash", "suspended_at": NOW}, AccountState.SUSPENDED),
        ({"invited_at": NOW, "suspended_at": NOW}, AccountState.SUSPENDED),
    ],
)
def test_the_state_of_an_access(fields: dict[str, object], state: AccountState) -> None:
    account = Account(environment=Environment.SANDBOX, email="victor@example.com", role=Role.VIEWER, created_at=NOW)
    for name, value in fields.items():
        setattr(account, name, value)
    assert account.state(NOW) is state


def test_an_invitation_lasts_a_week_a_link_half_an_hour_and_a_challenge_ten_minutes() -> None:
    lifetimes = (INVITATION_LIFETIME, LINK_LIFETIME, CHALLENGE_LIFETIME)
    assert lifetimes == (timedelta(days=7), timedelta(minutes=30), timedelta(minutes=10))


@pytest.mark.parametrize(
    ("used_at", "age", "state"),
    [
        (None, LINK_LIFETIME - MOMENT, LinkState.VALID),
        (None, LINK_LIFETIME, LinkState.EXPIRED),
        (NOW, timedelta(0), LinkState.USED),
        (NOW, LINK_LIFETIME, LinkState.USED),
    ],
)
def test_the_state_of_a_link(used_at: datetime | None, age: timedelta, state: LinkState) -> None:
    link = OneTimeLink(
        token_hash="", environment=Environment.SANDBOX, created_at=NOW, expires_at=NOW + LINK_LIFETIME, used_at=used_at
    )
    assert link.state(NOW + age) is state


def test_a_challenge_is_open_for_ten_minutes_unless_it_was_ended() -> None:
    challenge = Challenge(token_hash="", account_id=1, created_at=NOW)
    assert challenge.is_open(NOW + CHALLENGE_LIFETIME - MOMENT)
    assert not challenge.is_open(NOW + CHALLENGE_LIFETIME)
    challenge.ended_at = NOW
    assert not challenge.is_open(NOW)


@pytest.mark.parametrize(
    ("environment", "idle", "absolute"),
    [
        (Environment.PRODUCTION, HOUR / 2, 12 * HOUR),
        (Environment.SANDBOX, 8 * HOUR, 7 * 24 * HOUR),
        (Environment.LOCAL, 8 * HOUR, 7 * 24 * HOUR),
    ],
)
def test_a_session_ends_by_idleness_or_by_age(environment: Environment, idle: timedelta, absolute: timedelta) -> None:
    limits = SESSION_LIMITS[environment]
    session = Session(token_hash="", account_id=1, created_at=NOW, last_seen_at=NOW)
    assert session.is_open(NOW + idle - MOMENT, limits)
    assert not session.is_open(NOW + idle, limits)

    session.last_seen_at = NOW + absolute - MOMENT
    assert session.is_open(NOW + absolute - MOMENT, limits)
    assert not session.is_open(NOW + absolute, limits)

    session.revoked_at = NOW
    assert not session.is_open(NOW, limits)


@pytest.mark.parametrize(
    ("text", "email"),
    [
        (" Olivia@Example.COM\n", "olivia@example.com"),
        ("olivia+mangopay@sub.example.com", "olivia+mangopay@sub.example.com"),
        ("o'hara@example.com", "o'hara@example.com"),
        ("", None),
        ("olivia", None),
        ("olivia@", None),
        ("@example.com", None),
        ("olivia@example@com", None),
        ("oli via@example.com", None),
        ("olivia@example.com\r\nBcc: mallory@example.com", None),
        ("olivia@example.com, mallory@example.com", None),
        ("<olivia@example.com>", None),
        ("all:mallory@example.com", None),
        ("o(l)ivia@example.com", None),
        ("[olivia]@example.com", None),
        ("o\\livia@example.com", None),
        ('"olivia"@example.com', None),
        ("olivia@[192.0.2.1]", None),
        ("a\0b@example.com", None),
        ("olivia\u202e@example.com", None),
    ],
)
def test_an_email_is_stored_trimmed_and_in_lower_case_and_must_look_like_one(text: str, email: str | None) -> None:
    assert read_email(text) == email


def test_an_email_is_as_long_as_mail_can_carry_at_most() -> None:
    longest = f"{'o' * 64}@{'e' * 189}"
    assert len(longest) == LONGEST_EMAIL
    assert read_email(longest) == longest
    assert read_email(longest + "e") is None
    assert read_email("o" + longest) is None
