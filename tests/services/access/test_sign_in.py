import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import delete, update

from models.access import Account, Challenge, RecoveryCode, Session
from models.audit import Act, Outcome
from models.mail import Mail, MailKind
from models.permissions import Role
from services.access import passwords, sign_in
from services.access.errors import TryLater, WrongPair
from services.access.sign_in import sign_out
from services.access.visitors import Visitor
from tests.services.access.world import (
    BROWSER,
    LOCAL,
    MALLORY,
    NOW,
    OLIVIA,
    OTHER_PASSWORD,
    PHONE,
    PRODUCTION,
    SANDBOX,
    VICTOR,
    CountingHasher,
    World,
    another_process,
    statements_of,
)


async def test_the_right_pair_opens_a_session_from_which_page_and_log_know_the_person(world: World) -> None:
    account = await world.add_account(role=Role.OPERATOR)
    entry = await world.sign_in()
    assert entry.is_complete
    actor = await world.who(entry.token)
    assert (actor.account_id, actor.email, actor.role, actor.environment) == (
        account.id, OLIVIA, Role.OPERATOR, SANDBOX,
    )  # fmt: skip
    [row] = await world.rows(Session)
    assert (row.address, row.device) == (BROWSER.address, BROWSER.device)
    [logged] = await world.log()
    assert (logged.act, logged.outcome, logged.who, logged.address, logged.detail) == (
        Act.SIGN_IN, Outcome.DONE, OLIVIA, BROWSER.address, "password, Firefox on Linux",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "tried", "why"),
    [
        ({}, {"password": OTHER_PASSWORD}, "wrong password"),
        ({}, {"password": ""}, "wrong password"),
        ({}, {"email": MALLORY}, "no such access"),
        ({}, {"environment": LOCAL}, "no such access"),
        ({"suspended_at": NOW}, {}, "suspended"),
        ({"password": None}, {}, "the invitation was not accepted yet"),
        ({"password": None}, {"password": "nobody has this password"}, "the invitation was not accepted yet"),
    ],
)
async def test_whatever_is_not_right_looks_the_same_and_only_the_log_says_why(
    world: World, fields: dict[str, str], tried: dict[str, str], why: str
) -> None:
    await world.add_account(**fields)  # type: ignore[arg-type]
    with pytest.raises(WrongPair, match=r"^The e-mail address or the password is not right\.$"):
        await world.sign_in(**tried)  # type: ignore[arg-type]
    assert await world.is_empty(Session, Challenge)
    [logged] = await world.log()
    assert (logged.act, logged.outcome, logged.who, logged.address, logged.detail) == (
        Act.SIGN_IN, Outcome.REFUSED, tried.get("email", OLIVIA), BROWSER.address, why,
    )  # fmt: skip
    assert logged.environment == tried.get("environment", SANDBOX)


@pytest.mark.parametrize("fields", [{}, {"suspended_at": NOW}, {"password": None}])
async def test_an_unknown_email_costs_as_much_as_a_wrong_password(
    world: World, monkeypatch: pytest.MonkeyPatch, fields: dict[str, str]
) -> None:
    """As many hashes, and the very same statements."""
    await world.add_account(**fields)  # type: ignore[arg-type]
    hasher = CountingHasher()
    monkeypatch.setattr(passwords, "HASHER", hasher)

    async def cost_of(email: str) -> tuple[Sequence[str], int]:
        hasher.verified.clear()
        with statements_of(world.door.database) as statements, pytest.raises(WrongPair):
            await world.sign_in(email, OTHER_PASSWORD)
        return statements, len(hasher.verified)

    await cost_of(VICTOR)  # The first of all makes connections.
    for_unknown, for_known = await cost_of(MALLORY), await cost_of(OLIVIA)
    assert for_unknown == for_known
    assert for_known[1] == 1
    assert len(for_known[0]) > 3


async def test_after_five_failures_even_the_right_password_waits(world: World) -> None:
    await world.add_account()
    await _fail(world, times=5)
    with pytest.raises(TryLater) as later:
        await world.sign_in(visitor=PHONE)
    assert later.value.minutes == 15
    assert [logged.detail for logged in await world.log()] == [
        *["wrong password"] * 4,
        "wrong password; further tries must wait",
    ]
    world.wait(minutes=15)
    assert (await world.sign_in()).is_complete


async def test_the_limit_holds_across_processes(world: World) -> None:
    await world.add_account()
    async with another_process(world) as elsewhere:
        await _fail(world, times=3)
        await _fail(elsewhere, times=2)
        for process in (world, elsewhere):
            with pytest.raises(TryLater):
                await process.sign_in()


async def test_twenty_failures_from_one_address_close_it_for_every_name(world: World) -> None:
    await world.add_account()
    for number in range(20):
        await _fail(world, f"guess{number}@example.com")
    with pytest.raises(TryLater):
        await world.sign_in()
    assert (await world.sign_in(visitor=PHONE)).is_complete


async def test_guesses_that_come_all_at_once_are_counted_all_the_same(world: World) -> None:
    await world.add_account()
    await world.warm_up()
    guesses = await asyncio.gather(*(world.sign_in(password=OTHER_PASSWORD) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(guess, WrongPair) for guess in guesses) <= 5


async def test_a_success_forgives_the_failures_before(world: World) -> None:
    await world.add_account()
    for _ in range(2):
        await _fail(world, times=4)
        assert (await world.sign_in()).is_complete


async def test_an_access_with_a_second_factor_gets_a_challenge_and_no_session(world: World) -> None:
    await world.give_second_factor(await world.add_account())
    entry = await world.sign_in()
    assert not entry.is_complete
    assert await world.door.sessions.lookup(entry.token, now=world.now) is None
    assert await world.rows(Session) == []
    [logged] = await world.log()
    assert (logged.act, logged.outcome, logged.who, logged.address) == (
        Act.ACCEPT_PASSWORD, Outcome.DONE, OLIVIA, BROWSER.address,
    )  # fmt: skip
    assert logged.detail == "the second factor is owed, Firefox on Linux"
    [challenge] = await world.rows(Challenge)
    assert entry.token not in str(challenge.model_dump())


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.VIEWER])
async def test_in_production_a_role_that_must_have_a_second_factor_gets_no_session_without(
    world: World, role: Role
) -> None:
    await world.add_account(role=role, environment=PRODUCTION)
    assert not (await world.sign_in(environment=PRODUCTION)).is_complete
    assert await world.rows(Session) == []


async def test_a_viewer_may_enter_production_with_a_password_alone(world: World) -> None:
    await world.add_account(VICTOR, role=Role.VIEWER, environment=PRODUCTION)
    assert (await world.sign_in(VICTOR, environment=PRODUCTION)).is_complete


async def test_a_new_kind_of_browser_is_told_of_by_mail_and_a_known_one_is_not(world: World) -> None:
    await world.add_account()
    await world.sign_in()
    await world.sign_in()
    assert await world.ordered() == []
    await world.sign_in(visitor=PHONE)
    assert await world.ordered() == [(MailKind.NEW_DEVICE, OLIVIA)]
    await world.sign_in(visitor=Visitor("203.0.113.9", PHONE.device))
    [letter] = await world.deliver()
    assert "Mobile Safari on iOS" in letter.text
    assert PHONE.address in letter.text


async def test_a_device_stays_known_after_its_session_ended(world: World) -> None:
    await world.add_account()
    for visitor in (BROWSER, PHONE):
        entry = await world.sign_in(visitor=visitor)
        await sign_out(world.door, entry.token, address=BROWSER.address, now=world.now)
    await world.deliver()
    await world.sign_in(visitor=BROWSER)
    assert await world.ordered() == []


async def test_somebody_elses_device_is_new(world: World) -> None:
    await world.add_account(VICTOR)
    await world.add_account()
    await world.sign_in(VICTOR, visitor=PHONE)
    await world.sign_in()
    await world.sign_in(visitor=PHONE)
    [mail] = await world.rows(Mail)
    assert (mail.kind, mail.email, mail.detail) == (MailKind.NEW_DEVICE, OLIVIA, PHONE.device)


@pytest.mark.parametrize("has_second_factor", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        {"password_hash": "set anew"},
        {"totp_secret": "set up, or another"},
        {"role": Role.APPROVER},
        {"suspended_at": NOW},
        pytest.param(None, id="removed"),
    ],
)
async def test_an_access_that_changes_while_its_password_is_checked_is_not_entered(
    world: World, monkeypatch: pytest.MonkeyPatch, change: dict[str, object] | None, has_second_factor: bool
) -> None:
    account = await world.add_account()
    if has_second_factor:
        await world.give_second_factor(account)

    async def checked_slowly(password: str, password_hash: str | None) -> bool:
        async with world.door.database.session() as session:
            await session.exec(delete(RecoveryCode))
            await session.exec(delete(Account) if change is None else update(Account).values(**change))
            await session.commit()
        return await passwords.matches(password, password_hash)

    monkeypatch.setattr(sign_in, "matches", checked_slowly)
    with pytest.raises(WrongPair):
        await world.sign_in()
    assert await world.is_empty(Session, Challenge)
    [logged] = await world.log()
    assert (logged.outcome, logged.detail) == (Outcome.REFUSED, "changed in the same moment")


async def test_a_new_session_takes_the_place_of_the_one_that_the_browser_had_and_of_no_other(world: World) -> None:
    await world.add_account()
    first, other = [(await world.sign_in()).token for _ in range(2)]
    actors = [await world.who(token) for token in (first, other)]
    await world.sign_in(visitor=replace(BROWSER, replaces=first))
    assert [actor.is_alive() for actor in actors] == [False, True]
    assert first not in repr(replace(BROWSER, replaces=first))


async def test_a_failure_ends_no_session_that_the_browser_had(world: World) -> None:
    await world.add_account()
    actor = await world.who(token := (await world.sign_in()).token)
    with pytest.raises(WrongPair):
        await world.sign_in(password=OTHER_PASSWORD, visitor=replace(BROWSER, replaces=token))
    await world.door.sessions.poll(now=world.now)
    assert actor.is_alive()


async def test_signing_out_ends_this_session_and_no_other(world: World) -> None:
    await world.add_account()
    mine, other = await world.sign_in(), await world.sign_in()
    actors = [await world.who(entry.token) for entry in (mine, other)]
    await sign_out(world.door, mine.token, address=PHONE.address, now=world.now)
    assert [actor.is_alive() for actor in actors] == [False, True]
    [logged] = await world.log(Act.SIGN_OUT)
    assert (logged.who, logged.address, logged.outcome) == (OLIVIA, PHONE.address, Outcome.DONE)


async def test_signing_out_twice_or_with_a_forged_token_logs_nothing_more(world: World) -> None:
    await world.add_account()
    entry = await world.sign_in()
    for token in (entry.token, entry.token, "mallory-made-this-up"):
        await sign_out(world.door, token, address=BROWSER.address, now=world.now)
    assert len(await world.log(Act.SIGN_OUT)) == 1


async def test_what_a_stranger_types_fits_into_the_log(world: World) -> None:
    with pytest.raises(WrongPair):
        await world.sign_in("m" * 100_000, environment=SANDBOX)
    [logged] = await world.log()
    assert logged.who == logged.about == "m" * 500


async def _fail(world: World, email: str = OLIVIA, *, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(WrongPair):
            await world.sign_in(email, OTHER_PASSWORD)
