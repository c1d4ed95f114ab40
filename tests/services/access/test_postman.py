import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from models.access import INVITATION_LIFETIME, Account, OneTimeLink
from models.audit import Act, Outcome
from models.environment import Environment
from models.feed import StatusSubscription
from models.mail import RETRY_SCHEDULE, Mail, MailKind
from models.permissions import Role
from services.access import postman
from services.access.errors import LinkRefused
from services.access.links import redeem_link
from services.access.post import order
from services.access.postman import CLAIM, Postman
from services.access.requests import ask_for_access, ask_for_new_link, ask_for_password
from services.access.sign_in import Entry
from services.mail.mailers import Letter
from tests.services.access.world import (
    ADA,
    BROWSER,
    LOCAL,
    MALLORY,
    NOW,
    OLIVIA,
    OTHER_PASSWORD,
    PHONE,
    PRODUCTION,
    SANDBOX,
    URLS,
    VICTOR,
    World,
    another_process,
    make_door,
    token_in,
)

MOMENT = timedelta(milliseconds=1)
A_LINK_IS_ON_ITS_WAY = (Outcome.DONE, "a link is on its way")
NOBODY = (Outcome.REFUSED, "nobody of that address may have a link")
WITH_LINK = [MailKind.ASKED_FOR_ACCESS, MailKind.FORGOTTEN_PASSWORD, MailKind.INVITATION]


class Crash(BaseException):
    """The process ends in the midst of what it does."""


async def test_who_forgot_their_password_gets_a_link_that_sets_another(world: World) -> None:
    await world.add_account()
    await _forget_password(world)
    [letter] = await world.deliver()
    assert letter.to == OLIVIA
    assert await world.rows(Mail) == []
    assert await _redeem(world, token_in(letter))
    assert (await world.sign_in(password=OTHER_PASSWORD)).is_complete
    [logged] = await world.log(Act.FORGOTTEN_PASSWORD)
    assert (logged.outcome, logged.detail) == A_LINK_IS_ON_ITS_WAY
    assert (logged.who, logged.about, logged.address) == (OLIVIA, OLIVIA, PHONE.address)


async def test_who_was_invited_and_asks_with_the_right_client_id_gets_a_link(world: World) -> None:
    await world.add_account(VICTOR, role=Role.VIEWER, password=None)
    await _ask(world, VICTOR)
    [letter] = await world.deliver()
    assert letter.to == VICTOR
    assert "viewer" in letter.text
    assert await _redeem(world, token_in(letter))
    [logged] = await world.log(Act.ASK_FOR_ACCESS)
    assert (logged.outcome, logged.detail) == A_LINK_IS_ON_ITS_WAY


async def test_who_has_an_access_and_asks_for_one_gets_a_link_for_the_password(world: World) -> None:
    await world.add_account()
    await _ask(world, OLIVIA)
    [letter] = await world.deliver()
    assert letter.subject == "Choose a new password for the Mangopay Dashboard (Sandbox)"


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({}, {"client_id": "guessed"}),
        ({}, {"client_id": ""}),
        ({}, {"client_id": "local"}),
        ({}, {"email": MALLORY}),
        ({"suspended_at": NOW}, {}),
        ({"password": None, "invited_at": NOW - INVITATION_LIFETIME}, {}),
        ({"environment": LOCAL}, {}),
    ],
    ids=["wrong ClientId", "none", "another's", "unknown", "suspended", "lapsed invitation", "elsewhere"],
)
async def test_nobody_else_gets_mail_for_an_access_and_the_log_says_so(
    world: World, fields: dict[str, object], asked: dict[str, str]
) -> None:
    await world.add_account(**fields)  # type: ignore[arg-type]
    await _ask(world, asked.get("email", OLIVIA), client_id=asked.get("client_id", "acme"))
    assert await world.deliver() == []
    [logged] = await world.log()
    assert logged.act is Act.ASK_FOR_ACCESS
    assert (logged.outcome, logged.detail) == NOBODY
    assert (logged.who, logged.address) == (asked.get("email", OLIVIA), PHONE.address)
    assert await world.is_empty(Mail, OneTimeLink)
    assert len(await world.rows(Account)) == 1


@pytest.mark.parametrize(
    ("fields", "email"),
    [
        ({}, MALLORY),
        ({"suspended_at": NOW}, OLIVIA),
        ({"password": None, "invited_at": NOW - INVITATION_LIFETIME}, OLIVIA),
        ({"environment": LOCAL}, OLIVIA),
    ],
    ids=["unknown", "suspended", "lapsed invitation", "elsewhere"],
)
async def test_nobody_else_gets_mail_for_a_password_and_the_log_says_so(
    world: World, fields: dict[str, object], email: str
) -> None:
    await world.add_account(**fields)  # type: ignore[arg-type]
    await _forget_password(world, email)
    assert await world.deliver() == []
    [logged] = await world.log()
    assert (logged.act, logged.outcome, logged.detail) == (Act.FORGOTTEN_PASSWORD, *NOBODY)


@pytest.mark.parametrize("client_id", ["acme", " acme\n"])
async def test_who_is_allowed_by_the_settings_gets_an_access_of_their_role(world: World, client_id: str) -> None:
    world.door = make_door(world.door.database, allowed={ADA: Role.ADMIN, VICTOR: Role.VIEWER})
    for email, role in ((ADA, Role.ADMIN), (VICTOR, Role.VIEWER)):
        await _ask(world, email, client_id=client_id)
        [letter] = await world.deliver()
        entry = await _redeem(world, token_in(letter))
        assert entry
        actor = await world.who(entry.token)
        assert (actor.email, actor.role, actor.environment) == (email, role, SANDBOX)


async def test_who_is_allowed_by_the_settings_must_know_the_client_id_too(world: World) -> None:
    world.door = make_door(world.door.database, allowed={ADA: Role.ADMIN})
    await _ask(world, ADA, client_id="guessed")
    await _forget_password(world, ADA)
    assert await world.deliver() == []
    assert await world.rows(Account) == []


async def test_the_settings_change_no_role_of_an_access_that_is_there(world: World) -> None:
    world.door = make_door(world.door.database, allowed={VICTOR: Role.ADMIN, ADA: Role.ADMIN})
    await world.add_account(VICTOR, role=Role.VIEWER)
    await world.add_account(ADA, role=Role.VIEWER, suspended_at=NOW)
    for email in (VICTOR, ADA):
        await _ask(world, email)
    assert [letter.to for letter in await world.deliver()] == [VICTOR]
    assert [account.role for account in await world.rows(Account)] == [Role.VIEWER] * 2


async def test_a_lapsed_invitation_of_somebody_allowed_is_renewed_with_the_role_of_the_settings(world: World) -> None:
    world.door = make_door(world.door.database, allowed={VICTOR: Role.VIEWER})
    await world.add_account(VICTOR, role=Role.ADMIN, password=None, invited_at=NOW - INVITATION_LIFETIME)
    await _ask(world, VICTOR)
    [letter] = await world.deliver()
    assert "viewer" in letter.text
    assert [account.role for account in await world.rows(Account)] == [Role.VIEWER]


async def test_in_local_whoever_comes_first_is_admin_and_the_second_is_nobody(world: World) -> None:
    await _ask(world, OLIVIA, environment=LOCAL, client_id="local")
    [letter] = await world.deliver()
    assert "admin" in letter.text
    assert await _redeem(world, token_in(letter))

    await _ask(world, MALLORY, environment=LOCAL, client_id="local")
    assert await world.deliver() == []
    assert [(account.email, account.role) for account in await world.rows(Account)] == [(OLIVIA, Role.ADMIN)]


async def test_in_local_of_two_who_are_written_to_first_the_first_to_open_their_link_is_in(world: World) -> None:
    for email in (MALLORY, OLIVIA):
        await _ask(world, email, environment=LOCAL, client_id="local")
    tokens = {letter.to: token_in(letter) for letter in await world.deliver()}
    assert await world.rows(Account) == []
    entry = await _redeem(world, tokens[OLIVIA])
    assert entry
    assert (await world.who(entry.token)).email == OLIVIA
    with pytest.raises(LinkRefused):
        await _redeem(world, tokens[MALLORY])
    assert [(account.email, account.role) for account in await world.rows(Account)] == [(OLIVIA, Role.ADMIN)]


async def test_in_local_the_first_one_must_know_the_client_id_too(world: World) -> None:
    await _ask(world, MALLORY, environment=LOCAL, client_id="guessed")
    await _order(world, LOCAL, MailKind.FORGOTTEN_PASSWORD, email=MALLORY)
    await _order(world, LOCAL, MailKind.INVITATION, email=MALLORY)
    assert await world.deliver() == []
    assert await world.is_empty(Account, OneTimeLink)


@pytest.mark.parametrize("environment", [SANDBOX, PRODUCTION])
async def test_where_real_keys_are_nobody_is_first_by_asking(world: World, environment: Environment) -> None:
    await _ask(world, MALLORY, environment=environment)
    assert await world.deliver() == []
    assert await world.rows(Account) == []


async def test_two_wishes_of_one_newcomer_at_once_make_one_access_and_are_both_granted(world: World) -> None:
    world.door = make_door(world.door.database, allowed={VICTOR: Role.VIEWER})
    await world.warm_up()
    for _ in range(2):
        await _ask(world, VICTOR)
    await world.deliver()
    world.now += RETRY_SCHEDULE[0]
    await world.deliver()
    assert [letter.to for letter in world.mailer.sent] == [VICTOR] * 2
    assert len(await world.rows(Account)) == 1


async def test_who_is_allowed_in_one_environment_is_not_in_another(world: World) -> None:
    world.door = replace(world.door, allowed={PRODUCTION: {VICTOR: Role.VIEWER}, SANDBOX: {}})
    await _ask(world, VICTOR)
    assert await world.deliver() == []
    await _ask(world, VICTOR, environment=PRODUCTION)
    assert [letter.to for letter in await world.deliver()] == [VICTOR]


async def test_a_lapsed_link_leads_to_a_new_one(world: World) -> None:
    lapsed = await world.link(await world.add_account())
    world.wait(minutes=30)
    await ask_for_new_link(world.door, lapsed, address=BROWSER.address, now=world.now)
    [letter] = await world.deliver()
    assert await _redeem(world, token_in(letter))


async def test_nothing_that_waits_holds_a_token(world: World) -> None:
    await world.add_account()
    await _forget_password(world)
    tokens = []

    class Overhears:
        async def send(self, letter: Letter, *, now: datetime) -> None:
            tokens.append(token_in(letter))
            await world.mailer.send(letter, now=now)

    world.mailer.refuse()
    await Postman(world.door, {SANDBOX: Overhears()}).turn(now=world.now)
    waiting = str([mail.model_dump() for mail in await world.rows(Mail)])
    links = str([link.model_dump() for link in await world.rows(OneTimeLink)])
    assert len(tokens) == 1
    assert tokens[0] not in waiting + links


async def test_what_cannot_be_sent_is_tried_again_on_schedule_and_given_up_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.add_account()
    await _forget_password(world)
    world.mailer.refuse()
    for failures, pause in enumerate(RETRY_SCHEDULE, start=1):
        await world.deliver()
        [mail] = await world.rows(Mail)
        assert (mail.failures, mail.next_try_at - world.now) == (failures, pause)
        assert mail.last_error == "The mail server cannot be reached."
        world.now += pause
    assert await world.log(Act.SEND_MAIL) == []
    await world.deliver()
    assert await world.rows(Mail) == []
    [logged] = await world.log(Act.SEND_MAIL)
    assert (logged.outcome, logged.about, logged.environment) == (Outcome.FAILED, OLIVIA, SANDBOX)
    assert logged.detail == "forgotten password: The mail server cannot be reached."
    assert caplog.text.count("mail not sent") == 5
    assert OLIVIA not in caplog.text


async def test_before_its_time_nothing_is_tried_again(world: World) -> None:
    await world.add_account()
    await _forget_password(world)
    world.mailer.refuse()
    await world.deliver()
    world.mailer.error = None
    world.now += RETRY_SCHEDULE[0] - MOMENT
    assert await world.deliver() == []
    world.now += MOMENT
    [letter] = await world.deliver()
    assert await _redeem(world, token_in(letter))
    assert len(await world.log(Act.FORGOTTEN_PASSWORD)) == 1


async def test_one_letter_that_cannot_be_sent_holds_up_no_other(world: World) -> None:
    await _order(world, SANDBOX, MailKind.PASSWORD_SET)
    await _order(world, LOCAL, MailKind.PASSWORD_SET)
    broken, works = type(world.mailer)(), type(world.mailer)()
    broken.refuse()
    await Postman(world.door, {SANDBOX: broken, LOCAL: works}).turn(now=world.now)
    assert len(works.sent) == 1
    assert [mail.environment for mail in await world.rows(Mail)] == [SANDBOX]


async def test_two_postmen_at_once_send_once(world: World) -> None:
    for _ in range(2):
        await _order(world, SANDBOX, MailKind.PASSWORD_SET)
    async with another_process(world) as elsewhere:
        for process in (world, elsewhere):
            await process.warm_up()
        turns = (process.postman.turn(now=world.now) for process in (world, elsewhere))
        await asyncio.gather(*turns, return_exceptions=True)
    # On a busy machine the database may have turned both away.
    await world.deliver()
    assert len(world.mailer.sent) == 2


async def test_what_a_crash_left_behind_is_sent_once_its_claim_is_over(world: World) -> None:
    await world.add_account()
    await _forget_password(world)
    world.mailer.error = Crash()
    with pytest.raises(Crash):
        await world.deliver()
    world.mailer.error = None
    world.now += CLAIM - MOMENT
    assert await world.deliver() == []
    world.now += MOMENT
    [letter] = await world.deliver()
    assert await world.deliver() == []
    assert await _redeem(world, token_in(letter))


async def test_a_bug_in_one_letter_keeps_no_other_from_being_sent_and_ends_as_any_failure(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    class Stumbles:
        async def send(self, letter: Letter, *, now: datetime) -> None:
            if letter.to == MALLORY:
                raise ZeroDivisionError
            await world.mailer.send(letter, now=now)

    for email in (MALLORY, OLIVIA):
        await _order(world, SANDBOX, MailKind.PASSWORD_SET, email=email)
    for pause in (*RETRY_SCHEDULE, timedelta(0)):
        await Postman(world.door, {SANDBOX: Stumbles()}).turn(now=world.now)
        world.now += pause
    assert [letter.to for letter in world.mailer.sent] == [OLIVIA]
    assert await world.rows(Mail) == []
    [logged] = await world.log(Act.SEND_MAIL)
    assert (logged.outcome, logged.about) == (Outcome.FAILED, MALLORY)
    assert "ZeroDivisionError" in caplog.text
    assert MALLORY not in caplog.text


async def test_a_turn_delivers_so_many_and_the_next_one_the_rest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postman, "AT_ONCE", 2)
    for _ in range(3):
        await _order(world, SANDBOX, MailKind.PASSWORD_SET)
    assert [len(await world.deliver()) for _ in range(3)] == [2, 1, 0]


async def test_mail_of_an_environment_that_was_switched_off_waits(world: World) -> None:
    everything, world.door = world.door, make_door(world.door.database, environments=[LOCAL])
    await _order(world, SANDBOX, MailKind.PASSWORD_SET)
    assert await world.deliver() == []
    world.door = everything
    assert len(await world.deliver()) == 1


async def test_mail_that_no_mailer_carries_any_more_is_forgotten(world: World) -> None:
    await _order(world, SANDBOX, MailKind.PASSWORD_SET)
    await Postman(world.door, {}).turn(now=world.now)
    assert await world.rows(Mail) == []


async def test_an_access_that_was_removed_meanwhile_gets_no_link(world: World) -> None:
    await _order(world, SANDBOX, MailKind.INVITATION)
    assert await world.deliver() == []
    [logged] = await world.log()
    assert (logged.act, logged.outcome, logged.who, logged.about) == (
        Act.SEND_MAIL, Outcome.REFUSED, "dashboard", OLIVIA,
    )  # fmt: skip


async def test_who_wants_no_status_mail_any_more_gets_none_that_was_ordered_before(world: World) -> None:
    await world.add_account()
    await _order(world, SANDBOX, MailKind.STATUS)
    assert await world.deliver() == []
    assert await world.rows(Mail) == []


@pytest.mark.parametrize("environment", Environment)
@pytest.mark.parametrize("kind", MailKind)
@pytest.mark.parametrize("is_new", [True, False], ids=["newcomer", "member"])
async def test_each_letter_names_its_environment_and_leads_to_its_host_alone(
    world: World, kind: MailKind, environment: Environment, is_new: bool
) -> None:
    is_about_status = kind is MailKind.STATUS
    account = await world.add_account(
        environment=environment,
        **{"password": None} if is_new and not is_about_status else {},  # type: ignore[arg-type]
    )
    if is_about_status:
        async with world.door.database.session() as session:
            session.add(StatusSubscription(account_id=account.id or 0, since=NOW))
            await session.commit()
    await _order(world, environment, kind)
    [letter] = await world.deliver()
    assert letter.to == OLIVIA
    assert f"environment {environment.label}" in letter.text or f"Environment: {environment.label}" in letter.text
    assert environment.label in letter.subject
    assert _hosts(letter.text) == [URLS[environment]]
    others = {other.label for other in Environment} - {environment.label}
    assert not [label for label in others if label in letter.text + letter.subject]
    assert "\n" not in letter.subject


@pytest.mark.parametrize("kind", WITH_LINK)
async def test_a_letter_with_a_link_says_how_long_it_is_good(world: World, kind: MailKind) -> None:
    await world.add_account(password=None)
    await _order(world, SANDBOX, kind)
    [letter] = await world.deliver()
    assert "The link works once, for 30 minutes." in letter.text
    assert f"https://try.example.com/link/{token_in(letter)}\n" in letter.text


async def test_an_invitation_says_who_invites_and_to_what(world: World) -> None:
    await world.add_account(VICTOR, role=Role.VIEWER, password=None)
    await _order(world, SANDBOX, MailKind.INVITATION, email=VICTOR, detail=ADA)
    [letter] = await world.deliver()
    assert letter.text.startswith(
        "ada@example.com invites you to the Mangopay Dashboard, environment Sandbox, as viewer.\n"
    )


async def test_a_letter_about_an_access_says_when_and_from_where_and_what_to_do(world: World) -> None:
    await _order(world, SANDBOX, MailKind.ROLE_CHANGED, detail="its role is now viewer", address="192.0.2.9")
    world.wait(days=1)
    [letter] = await world.deliver()
    assert "Your access was changed: its role is now viewer." in letter.text
    assert "When: 22 November 2026, 09:00 UTC\nFrom: 192.0.2.9\n" in letter.text
    assert "ask an admin of your dashboard" in letter.text
    assert "forgotten-password" not in letter.text


async def test_a_letter_about_something_that_may_be_a_thiefs_leads_to_a_new_password(world: World) -> None:
    await _order(world, SANDBOX, MailKind.PASSWORD_SET)
    [letter] = await world.deliver()
    assert "https://try.example.com/forgotten-password?environment=sandbox" in letter.text


async def _ask(world: World, email: str, *, client_id: str = "acme", environment: Environment = SANDBOX) -> None:
    await ask_for_access(
        world.door, environment, client_id=client_id, email=email, address=PHONE.address, now=world.now
    )


async def _forget_password(world: World, email: str = OLIVIA) -> None:
    await ask_for_password(world.door, SANDBOX, email=email, address=PHONE.address, now=world.now)


async def _order(
    world: World,
    environment: Environment,
    kind: MailKind,
    *,
    email: str = OLIVIA,
    detail: str = "",
    address: str = "",
) -> None:
    client_id = world.door.client_ids[environment] if kind is MailKind.ASKED_FOR_ACCESS else None
    async with world.door.database.session() as session:
        order(session, environment, kind, email, detail=detail, address=address, client_id=client_id, now=world.now)
        await session.commit()


async def _redeem(world: World, token: str) -> Entry | None:
    return await redeem_link(world.door, token, email="", password=OTHER_PASSWORD, visitor=BROWSER, now=world.now)


def _hosts(text: str) -> Sequence[str]:
    return re.findall(r"https?://[^/\s]+", text)
