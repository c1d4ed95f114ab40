from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import delete
from sqlmodel import col

from models.access import Account, RecoveryCode, Session, Theme
from models.audit import Act, AuditEntry, Outcome
from models.mail import Mail, MailKind
from models.permissions import Role
from services.access import own_access
from services.access.actors import Actor
from services.access.errors import (
    ChangedMeanwhile,
    NoSuchMember,
    NoSuchSession,
    SecondFactorNeeded,
    TryLater,
    WeakPassword,
    WrongCode,
    WrongPair,
    WrongPresentCode,
)
from services.access.own_access import (
    change_password,
    choose_theme,
    end_own_session,
    offer_second_factor,
    read_own_access,
    remove_second_factor,
    renew_recovery_codes,
    set_up_second_factor,
    sign_out_everywhere,
)
from services.access.passwords import matches
from services.access.second_factor import Offer, offer_secret
from tests.services.access.world import (
    BROWSER,
    OLIVIA,
    OTHER_PASSWORD,
    PASSWORD,
    PHONE,
    PRODUCTION,
    SANDBOX,
    VICTOR,
    World,
    another_process,
    make_actor,
)

Asks = Callable[[World, Actor, str, str], Awaitable[object]]


@pytest.fixture
async def account(world: World) -> Account:
    return await world.add_account(role=Role.OPERATOR)


@pytest.fixture
async def olivia(world: World, account: Account) -> Actor:
    return await world.actor(account)


@pytest.fixture
async def codes(world: World, account: Account, olivia: Actor) -> Sequence[str]:
    """The recovery codes of Olivia, whose authenticator is AUTHENTICATOR."""
    return await world.give_second_factor(account)


async def test_ones_own_access_is_shown_with_its_open_sessions_newest_first(
    world: World, account: Account, olivia: Actor
) -> None:
    await world.actor(await world.add_account(VICTOR))
    ended = await world.actor(account)
    await end_own_session(olivia, world.door, ended.session_id, now=world.now)
    world.wait(hours=1)
    phone = await world.actor(account, visitor=PHONE)
    shown = await read_own_access(olivia, world.door, now=world.now)
    assert [(session.id, session.device, session.address) for session in shown.sessions] == [
        (phone.session_id, PHONE.device, PHONE.address),
        (olivia.session_id, BROWSER.device, BROWSER.address),
    ]
    assert (shown.has_second_factor, shown.needs_second_factor, shown.recovery_codes_left) == (False, False, 0)
    world.wait(hours=7)
    shown = await read_own_access(phone, world.door, now=world.now)
    assert [session.id for session in shown.sessions] == [phone.session_id]


async def test_ones_own_access_says_how_many_recovery_codes_are_left(
    world: World, olivia: Actor, codes: Sequence[str]
) -> None:
    shown = await read_own_access(olivia, world.door, now=world.now)
    assert (shown.has_second_factor, shown.recovery_codes_left) == (True, 10)
    async with world.door.database.session() as session:
        await session.exec(delete(RecoveryCode).where(col(RecoveryCode.id) <= 3))
        await session.commit()
    assert (await read_own_access(olivia, world.door, now=world.now)).recovery_codes_left == 7


async def test_in_production_ones_own_access_says_that_the_second_factor_must_stay(world: World) -> None:
    account = await world.add_account(role=Role.OPERATOR, environment=PRODUCTION)
    await world.give_second_factor(account)
    shown = await read_own_access(await world.actor(account), world.door, now=world.now)
    assert shown.needs_second_factor


async def test_who_was_removed_has_no_access_to_show(world: World) -> None:
    with pytest.raises(NoSuchMember):
        await read_own_access(make_actor(account_id=4711), world.door, now=world.now)


async def test_a_theme_shows_on_the_very_next_page_and_for_good(world: World, account: Account) -> None:
    token = await world.start_session(account)
    await choose_theme(await world.who(token), world.door, Theme.DARK)
    assert (await world.who(token)).theme is Theme.DARK
    async with another_process(world) as elsewhere:
        assert (await elsewhere.who(token)).theme is Theme.DARK


async def test_one_session_is_ended_and_no_other(world: World, account: Account, olivia: Actor) -> None:
    phone, tablet = await world.actor(account, visitor=PHONE), await world.actor(account)
    await end_own_session(olivia, world.door, phone.session_id, now=world.now)
    assert [actor.is_alive() for actor in (olivia, phone, tablet)] == [True, False, True]
    [logged] = await world.log()
    assert (logged.act, logged.outcome, logged.who, logged.role, logged.address, logged.about) == (
        Act.END_SESSION, Outcome.DONE, OLIVIA, Role.OPERATOR, BROWSER.address, f"session {phone.session_id}",
    )  # fmt: skip


async def test_a_session_that_has_ended_or_is_somebody_elses_cannot_be_ended(
    world: World, account: Account, olivia: Actor
) -> None:
    ended = await world.actor(account)
    victor = await world.actor(await world.add_account(VICTOR))
    await end_own_session(olivia, world.door, ended.session_id, now=world.now)
    for session_id in (ended.session_id, victor.session_id, 4711):
        with pytest.raises(NoSuchSession):
            await end_own_session(olivia, world.door, session_id, now=world.now)
    assert victor.is_alive()
    assert len(await world.log()) == 1


async def test_signing_out_everywhere_ends_this_session_too_and_nobody_elses(
    world: World, account: Account, olivia: Actor
) -> None:
    phone, victor = await world.actor(account, visitor=PHONE), await world.actor(await world.add_account(VICTOR))
    await sign_out_everywhere(olivia, world.door, now=world.now)
    assert [actor.is_alive() for actor in (olivia, phone, victor)] == [False, False, True]
    [logged] = await world.log()
    assert (logged.act, logged.who, logged.about) == (Act.SIGN_OUT_EVERYWHERE, OLIVIA, OLIVIA)


async def test_a_new_password_ends_every_session_but_this_one_and_is_told_of(
    world: World, account: Account, olivia: Actor
) -> None:
    phone, victor = await world.actor(account, visitor=PHONE), await world.actor(await world.add_account(VICTOR))
    await change_password(olivia, world.door, present=PASSWORD, new=OTHER_PASSWORD, now=world.now)
    assert [actor.is_alive() for actor in (olivia, phone, victor)] == [True, False, True]
    [logged] = await world.log()
    assert (logged.act, logged.outcome, logged.who, logged.role, logged.address) == (
        Act.SET_PASSWORD, Outcome.DONE, OLIVIA, Role.OPERATOR, BROWSER.address,
    )  # fmt: skip
    assert await world.ordered() == [(MailKind.PASSWORD_SET, OLIVIA)]
    assert (await world.sign_in(password=OTHER_PASSWORD)).is_complete
    assert (await world.sign_in(VICTOR)).is_complete
    with pytest.raises(WrongPair):
        await world.sign_in(password=PASSWORD)


async def test_whether_a_password_is_weak_is_told_to_whoever_knows_the_present_one(world: World, olivia: Actor) -> None:
    with pytest.raises(WrongPair):
        await change_password(olivia, world.door, present=OTHER_PASSWORD, new="Olivia-7", now=world.now)


@pytest.mark.parametrize("new", ["Olivia-7", "1-Olivia@example.com"])
async def test_a_weak_password_changes_nothing(world: World, olivia: Actor, new: str) -> None:
    with pytest.raises(WeakPassword):
        await change_password(olivia, world.door, present=PASSWORD, new=new, now=world.now)
    await _nothing_happened(world)


async def test_a_second_factor_is_set_up_with_password_and_code(world: World, account: Account, olivia: Actor) -> None:
    phone = await world.actor(account, visitor=PHONE)
    offer = offer_second_factor(olivia, world.door, now=world.now)
    recovery = await _set_up(world, olivia, offer)
    assert len(set(recovery)) == 10
    assert [actor.is_alive() for actor in (olivia, phone)] == [True, False]
    [logged] = await world.log()
    assert (logged.act, logged.outcome, logged.who, logged.address) == (
        Act.SET_UP_SECOND_FACTOR, Outcome.DONE, OLIVIA, BROWSER.address,
    )  # fmt: skip
    assert await world.ordered() == [(MailKind.SECOND_FACTOR_SET_UP, OLIVIA)]
    assert not (await world.sign_in()).is_complete


async def test_a_new_authenticator_takes_the_place_of_the_one_before_with_new_recovery_codes(
    world: World, olivia: Actor, codes: Sequence[str]
) -> None:
    offer = offer_second_factor(olivia, world.door, now=world.now)
    recovery = await _set_up(world, olivia, offer, present_code=world.code())
    assert not set(recovery) & set(codes)
    world.wait(seconds=30)
    for code in (world.code(), codes[0]):
        with pytest.raises(WrongCode):
            await _renew(world, olivia, PASSWORD, code)
    assert await _renew(world, olivia, PASSWORD, world.code(secret=offer.secret))


async def test_a_recovery_code_stands_in_for_the_authenticator_that_is_replaced(
    world: World, olivia: Actor, codes: Sequence[str]
) -> None:
    assert await _set_up(world, olivia, _offer(world, olivia), present_code=codes[0])


@pytest.mark.parametrize("present_code", ["", "12345"])
async def test_without_a_code_of_the_present_authenticator_no_other_takes_its_place(
    world: World, olivia: Actor, codes: Sequence[str], present_code: str
) -> None:
    with pytest.raises(WrongPresentCode):
        await _set_up(world, olivia, _offer(world, olivia), present_code=present_code)
    [logged] = await world.log()
    assert (logged.act, logged.outcome, logged.who) == (Act.SECOND_FACTOR, Outcome.REFUSED, OLIVIA)
    assert await world.ordered() == []
    assert await _renew(world, olivia, PASSWORD, world.code())


async def test_a_wrong_code_of_the_new_authenticator_uses_up_none_of_the_present_one(
    world: World, olivia: Actor, codes: Sequence[str]
) -> None:
    with pytest.raises(WrongCode) as wrong:
        await _set_up(world, olivia, _offer(world, olivia), present_code=codes[0], code="12345")
    assert not isinstance(wrong.value, WrongPresentCode)
    assert await _renew(world, olivia, PASSWORD, codes[0])


async def test_a_wrong_code_sets_nothing_up(world: World, olivia: Actor) -> None:
    offer = offer_second_factor(olivia, world.door, now=world.now)
    with pytest.raises(WrongCode):
        await _set_up(world, olivia, offer, code="12345")
    await _nothing_happened(world)


async def test_an_offer_to_somebody_else_or_of_long_ago_sets_nothing_up(world: World, olivia: Actor) -> None:
    def offered(*, account_id: int, ago: timedelta = timedelta(0)) -> Offer:
        return offer_secret(
            world.door.seal, account_id=account_id, email=OLIVIA, environment=SANDBOX, sealed="", now=world.now - ago
        )

    too_late = offered(account_id=olivia.account_id, ago=timedelta(minutes=15, seconds=1))
    for offer in (offered(account_id=olivia.account_id + 1), too_late):
        with pytest.raises(WrongCode):
            await _set_up(world, olivia, offer)
    await _nothing_happened(world)


async def test_who_mistyped_the_first_code_is_offered_the_same_secret_again(world: World, olivia: Actor) -> None:
    offer = offer_second_factor(olivia, world.door, now=world.now)
    assert offer_second_factor(olivia, world.door, sealed=offer.sealed, now=world.now).secret == offer.secret
    assert offer_second_factor(olivia, world.door, sealed="forged", now=world.now).secret != offer.secret


async def test_a_second_factor_is_removed_with_password_and_code(
    world: World, account: Account, olivia: Actor, codes: Sequence[str]
) -> None:
    phone = await world.actor(account, visitor=PHONE)
    await _remove(world, olivia, PASSWORD, world.code())
    assert [actor.is_alive() for actor in (olivia, phone)] == [True, False]
    assert await world.rows(RecoveryCode) == []
    [logged] = await world.log()
    assert (logged.act, logged.outcome, logged.who, logged.detail) == (
        Act.REMOVE_SECOND_FACTOR, Outcome.DONE, OLIVIA, "",
    )  # fmt: skip
    assert await world.ordered() == [(MailKind.SECOND_FACTOR_REMOVED, OLIVIA)]
    assert (await world.sign_in()).is_complete


async def test_a_recovery_code_removes_a_lost_authenticator(world: World, olivia: Actor, codes: Sequence[str]) -> None:
    await _remove(world, olivia, PASSWORD, codes[9])
    assert (await world.sign_in()).is_complete


async def test_where_it_is_required_a_second_factor_cannot_be_removed(world: World) -> None:
    account = await world.add_account(environment=PRODUCTION)
    await world.give_second_factor(account)
    with pytest.raises(SecondFactorNeeded):
        await _remove(world, await world.actor(account), PASSWORD, world.code())
    await _nothing_happened(world, has_second_factor=True)


async def test_a_viewer_may_remove_their_second_factor_even_in_production(world: World) -> None:
    account = await world.add_account(VICTOR, role=Role.VIEWER, environment=PRODUCTION)
    await world.give_second_factor(account)
    await _remove(world, await world.actor(account), PASSWORD, world.code())
    assert not any(row.has_second_factor for row in await world.rows(Account))


async def test_new_recovery_codes_take_the_place_of_the_old_ones(
    world: World, account: Account, olivia: Actor, codes: Sequence[str]
) -> None:
    phone = await world.actor(account, visitor=PHONE)
    renewed = await _renew(world, olivia, PASSWORD, codes[0])
    assert len(set(renewed)) == 10
    assert not set(renewed) & set(codes)
    [logged] = await world.log()
    assert (logged.act, logged.outcome, logged.who) == (Act.NEW_RECOVERY_CODES, Outcome.DONE, OLIVIA)
    assert await world.ordered() == [(MailKind.RECOVERY_CODES_RENEWED, OLIVIA)]
    assert [actor.is_alive() for actor in (olivia, phone)] == [True, False]
    with pytest.raises(WrongCode):
        await _renew(world, olivia, PASSWORD, codes[1])
    assert await _renew(world, olivia, PASSWORD, renewed[0])


async def test_without_a_second_factor_there_are_no_recovery_codes_to_renew(world: World, olivia: Actor) -> None:
    for ask in (_renew, _remove):
        with pytest.raises(WrongCode):
            await ask(world, olivia, PASSWORD, world.code())
    assert await world.rows(RecoveryCode) == []


async def _change(world: World, actor: Actor, password: str, _code: str) -> None:
    await change_password(actor, world.door, present=password, new=OTHER_PASSWORD, now=world.now)


async def _set_up_anew(world: World, actor: Actor, password: str, code: str) -> Sequence[str]:
    return await _set_up(world, actor, _offer(world, actor), password=password, present_code=code)


async def _remove(world: World, actor: Actor, password: str, code: str) -> None:
    await remove_second_factor(actor, world.door, password=password, code=code, now=world.now)


async def _renew(world: World, actor: Actor, password: str, code: str) -> Sequence[str]:
    return await renew_recovery_codes(actor, world.door, password=password, code=code, now=world.now)


@pytest.mark.parametrize("ask", [_change, _set_up_anew, _remove, _renew])
async def test_a_wrong_password_changes_nothing_and_is_logged(
    world: World, olivia: Actor, codes: Sequence[str], ask: Asks
) -> None:
    before = await world.rows(Account), await world.rows(RecoveryCode)
    with pytest.raises(WrongPair):
        await ask(world, olivia, OTHER_PASSWORD, world.code())
    assert (await world.rows(Account), await world.rows(RecoveryCode)) == before
    assert await world.ordered() == []
    [logged] = await world.log()
    assert (logged.act, logged.outcome, logged.who, logged.address) == (
        Act.SIGN_IN, Outcome.REFUSED, OLIVIA, BROWSER.address,
    )  # fmt: skip


@pytest.mark.parametrize("ask", [_change, _set_up_anew, _remove])
async def test_what_was_changed_while_the_password_was_checked_stays_as_it_is(
    world: World, olivia: Actor, codes: Sequence[str], ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def checked_slowly(password: str, password_hash: str | None) -> bool:
        [account] = await world.rows(Account)
        await world.change(account, password_hash="set anew", totp_secret="another")
        return await matches(password, password_hash)

    monkeypatch.setattr(own_access, "matches", checked_slowly)
    with pytest.raises((WrongPair, ChangedMeanwhile)):
        await ask(world, olivia, PASSWORD, world.code())
    [account] = await world.rows(Account)
    assert (account.password_hash, account.totp_secret) == ("set anew", "another")
    assert len(await world.rows(RecoveryCode)) == 10
    assert await world.is_empty(AuditEntry, Mail)


@pytest.mark.parametrize("ask", [_change, _set_up_anew, _remove, _renew])
async def test_after_five_wrong_passwords_even_the_right_one_waits(
    world: World, olivia: Actor, codes: Sequence[str], ask: Asks
) -> None:
    for _ in range(5):
        with pytest.raises(WrongPair):
            await ask(world, olivia, OTHER_PASSWORD, world.code())
    with pytest.raises(TryLater):
        await ask(world, olivia, PASSWORD, world.code())
    world.wait(minutes=15)
    await ask(world, olivia, PASSWORD, world.code())


@pytest.mark.parametrize("ask", [_set_up_anew, _remove, _renew])
async def test_after_five_wrong_codes_even_the_right_one_waits_though_the_password_was_right(
    world: World, olivia: Actor, codes: Sequence[str], ask: Asks
) -> None:
    for _ in range(5):
        with pytest.raises(WrongCode):
            await ask(world, olivia, PASSWORD, "12345")
    with pytest.raises(TryLater):
        await ask(world, olivia, PASSWORD, world.code())
    assert await world.ordered() == [(MailKind.WRONG_CODES, olivia.email)]
    assert [logged.outcome for logged in await world.log(Act.SECOND_FACTOR)] == [Outcome.REFUSED] * 5


@pytest.mark.parametrize("ask", [_change, _set_up_anew, _renew])
async def test_what_was_right_forgives_what_was_wrong(
    world: World, olivia: Actor, codes: Sequence[str], ask: Asks
) -> None:
    for _ in range(4):
        with pytest.raises(WrongPair):
            await ask(world, olivia, OTHER_PASSWORD, world.code())
    await ask(world, olivia, PASSWORD, world.code())
    for _ in range(5):
        with pytest.raises(WrongPair):
            await ask(world, olivia, "neither one", world.code())


async def _set_up(
    world: World,
    actor: Actor,
    offer: Offer,
    *,
    password: str = PASSWORD,
    present_code: str = "",
    code: str | None = None,
) -> Sequence[str]:
    return await set_up_second_factor(
        actor,
        world.door,
        password=password,
        present_code=present_code,
        sealed=offer.sealed,
        code=world.code(secret=offer.secret) if code is None else code,
        now=world.now,
    )


def _offer(world: World, actor: Actor) -> Offer:
    return offer_second_factor(actor, world.door, now=world.now)


async def _nothing_happened(world: World, *, has_second_factor: bool = False) -> None:
    assert await world.log() == []
    assert await world.ordered() == []
    [account] = await world.rows(Account)
    assert account.has_second_factor is has_second_factor
    assert [session.revoked_at for session in await world.rows(Session)] == [None]
    assert (await world.sign_in(environment=account.environment)).is_complete is not has_second_factor
