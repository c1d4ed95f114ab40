import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from models.access import Account, RecoveryCode, Session
from models.audit import Act, Outcome
from models.mail import MailKind
from models.permissions import Role
from services.access.challenges import (
    Owed,
    answer_challenge,
    find_challenge,
    offer_by_challenge,
    set_up_by_challenge,
)
from services.access.errors import ChallengeEnded, TryLater, WrongCode
from services.access.links import redeem_link
from services.access.own_access import change_password
from services.access.seal import Seal
from services.access.second_factor import Offer, offer_secret
from services.access.sign_in import Entry
from services.access.team import change_role, remove, reset_second_factor, suspend
from services.access.visitors import Visitor
from tests.services.access.world import (
    ADA,
    AUTHENTICATOR,
    BROWSER,
    OLIVIA,
    OTHER_PASSWORD,
    PASSWORD,
    PHONE,
    PRODUCTION,
    SANDBOX,
    World,
    another_process,
)

MOMENT = timedelta(milliseconds=1)


@pytest.fixture
async def codes(world: World) -> Sequence[str]:
    """Olivia's recovery codes; her authenticator is AUTHENTICATOR."""
    return await world.give_second_factor(await world.add_account())


async def test_a_code_from_the_authenticator_opens_a_session(world: World, codes: Sequence[str]) -> None:
    token = await _challenge(world)
    assert await find_challenge(world.door, token, now=world.now) == Owed(OLIVIA, SANDBOX, has_second_factor=True)
    entry = await _answer(world, token, world.code())
    assert entry.is_complete
    assert (await world.who(entry.token)).email == OLIVIA
    [logged] = await world.log(Act.SIGN_IN)
    assert (logged.act, logged.outcome, logged.detail) == (
        Act.SIGN_IN, Outcome.DONE, "password and authenticator, Firefox on Linux",
    )  # fmt: skip
    assert await world.ordered() == []


async def test_a_code_may_be_typed_with_blanks(world: World, codes: Sequence[str]) -> None:
    code = world.code()
    assert (await _answer(world, await _challenge(world), f" {code[:3]} {code[3:]}\n")).is_complete


@pytest.mark.parametrize("steps", [-1, 0, 1])
async def test_clocks_may_differ_by_half_a_minute(world: World, codes: Sequence[str], steps: int) -> None:
    assert (await _answer(world, await _challenge(world), world.code(steps=steps))).is_complete


@pytest.mark.parametrize("steps", [-2, 2])
async def test_clocks_may_not_differ_by_more(world: World, codes: Sequence[str], steps: int) -> None:
    await _is_wrong(world, await _challenge(world), world.code(steps=steps))


@pytest.mark.parametrize("code", ["", "000000", "12345", "1234567", "١٢٣٤٥٦", "\udcff", "AAAA-BBBB-CCCC-DDDD"])
async def test_a_wrong_code_opens_nothing_and_is_logged(world: World, codes: Sequence[str], code: str) -> None:
    await _is_wrong(world, await _challenge(world), code)
    assert await world.rows(Session) == []
    [logged] = await world.log(Act.SECOND_FACTOR, Act.SIGN_IN)
    assert (logged.act, logged.outcome, logged.who, logged.address, logged.detail) == (
        Act.SECOND_FACTOR, Outcome.REFUSED, OLIVIA, BROWSER.address, "wrong code",
    )  # fmt: skip


async def test_after_a_wrong_code_the_right_one_still_opens(world: World, codes: Sequence[str]) -> None:
    token = await _challenge(world)
    await _is_wrong(world, token, "000000")
    assert (await _answer(world, token, world.code())).is_complete


async def test_no_code_works_twice_nor_one_from_before_it(world: World, codes: Sequence[str]) -> None:
    await _answer(world, await _challenge(world), world.code())
    await _is_wrong(world, await _challenge(world), world.code())
    await _is_wrong(world, await _challenge(world), world.code(steps=-1))
    assert (await _answer(world, await _challenge(world), world.code(steps=1))).is_complete


async def test_of_two_who_use_one_code_at_once_one_gets_in(world: World, codes: Sequence[str]) -> None:
    challenges = [await _challenge(world) for _ in range(2)]
    async with another_process(world) as elsewhere:
        for process in (world, elsewhere):
            await process.warm_up()
        outcomes = await asyncio.gather(
            _answer(world, challenges[0], world.code()),
            _answer(elsewhere, challenges[1], world.code()),
            return_exceptions=True,
        )
    assert {type(outcome) for outcome in outcomes} == {Entry, WrongCode}
    assert len(await world.rows(Session)) == 1


async def test_a_recovery_code_works_once_and_its_owner_hears_of_it(world: World, codes: Sequence[str]) -> None:
    entry = await _answer(world, await _challenge(world), codes[3])
    assert entry.is_complete
    [logged] = await world.log(Act.SIGN_IN)
    assert logged.detail == "password and recovery code, Firefox on Linux"
    [letter] = await world.deliver()
    assert letter.to == OLIVIA
    assert "9 unused ones are left" in letter.text
    await _is_wrong(world, await _challenge(world), codes[3])
    assert (await _answer(world, await _challenge(world), codes[4])).is_complete


async def test_of_two_who_use_one_recovery_code_at_once_one_gets_in(world: World, codes: Sequence[str]) -> None:
    challenges = [await _challenge(world) for _ in range(2)]
    await world.warm_up()
    outcomes = await asyncio.gather(*(_answer(world, token, codes[0]) for token in challenges), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Entry, WrongCode}


async def test_a_recovery_code_may_be_typed_in_small_letters_without_dashes(world: World, codes: Sequence[str]) -> None:
    assert (await _answer(world, await _challenge(world), f" {codes[0].replace('-', ' ').lower()} ")).is_complete


async def test_a_new_session_takes_the_place_of_the_one_that_the_browser_had(
    world: World, codes: Sequence[str]
) -> None:
    first = await _answer(world, await _challenge(world), codes[0])
    before, other = await world.who(first.token), await world.who(await world.start_session(await _olivia(world)))
    again = replace(BROWSER, replaces=first.token)
    await _answer(world, await _challenge(world), codes[1], visitor=again)
    assert [before.is_alive(), other.is_alive()] == [False, True]


async def test_somebody_elses_recovery_code_opens_nothing(world: World, codes: Sequence[str]) -> None:
    adas = await world.give_second_factor(await world.add_account(ADA))
    await _is_wrong(world, await _challenge(world), adas[0])


async def test_of_recovery_codes_hashes_alone_are_stored(world: World, codes: Sequence[str]) -> None:
    stored = str([row.model_dump() for row in await world.rows(RecoveryCode)])
    assert len(set(codes)) == 10
    assert not [code for code in codes if code in stored or code.replace("-", "") in stored]


async def test_the_authenticators_secret_is_stored_sealed(world: World, codes: Sequence[str]) -> None:
    [account] = await world.rows(Account)
    assert account.totp_secret
    assert AUTHENTICATOR not in account.totp_secret


async def test_with_another_dashboard_secret_recovery_codes_still_work(world: World, codes: Sequence[str]) -> None:
    world.door = replace(world.door, seal=Seal("another-secret-of-the-tests-of-32"))
    await _is_wrong(world, await _challenge(world), world.code())
    assert (await _answer(world, await _challenge(world), codes[0])).is_complete


async def test_after_five_wrong_codes_even_the_right_one_waits(world: World, codes: Sequence[str]) -> None:
    for _ in range(5):
        await _is_wrong(world, await _challenge(world), "000000")
    for code in (world.code(), codes[0]):
        with pytest.raises(TryLater) as later:
            await _answer(world, await _challenge(world), code, visitor=PHONE)
    assert later.value.minutes == 15
    world.wait(minutes=15)
    assert (await _answer(world, await _challenge(world), world.code())).is_complete


async def test_whose_password_is_known_to_somebody_that_guesses_codes_hears_of_it_once(
    world: World, codes: Sequence[str]
) -> None:
    token = await _challenge(world)
    for _ in range(4):
        await _is_wrong(world, token, "000000")
    assert await world.ordered() == []
    await _is_wrong(world, token, "000000")
    with pytest.raises(TryLater):
        await _answer(world, token, "000000")
    [letter] = await world.deliver()
    assert (letter.to, letter.subject) == (OLIVIA, "Somebody may know your password (Mangopay Dashboard, Sandbox)")
    assert BROWSER.address in letter.text
    assert [logged.detail for logged in await world.log(Act.SECOND_FACTOR)] == [
        *["wrong code"] * 4,
        "wrong code; further tries must wait",
    ]


async def test_a_right_code_forgives_the_wrong_ones(world: World, codes: Sequence[str]) -> None:
    for code in codes[:2]:
        for _ in range(4):
            await _is_wrong(world, await _challenge(world), "000000")
        await _answer(world, await _challenge(world), code)


async def test_a_right_password_forgives_no_wrong_code(world: World, codes: Sequence[str]) -> None:
    for _ in range(5):
        await _is_wrong(world, await _challenge(world), "000000")
    await _challenge(world)
    with pytest.raises(TryLater):
        await _answer(world, await _challenge(world), world.code())


async def test_a_challenge_ends_after_ten_minutes(world: World, codes: Sequence[str]) -> None:
    token, begin = await _challenge(world), world.now
    world.now = begin + timedelta(minutes=10) - MOMENT
    assert await find_challenge(world.door, token, now=world.now)
    world.now = begin + timedelta(minutes=10)
    await _has_ended(world, token)


async def test_just_before_its_end_a_challenge_still_opens_a_session(world: World, codes: Sequence[str]) -> None:
    token = await _challenge(world)
    world.now += timedelta(minutes=10) - MOMENT
    assert (await _answer(world, token, world.code())).is_complete


async def test_a_challenge_is_answered_once(world: World, codes: Sequence[str]) -> None:
    token = await _challenge(world)
    await _answer(world, token, world.code())
    await _has_ended(world, token)


async def test_of_two_who_answer_one_challenge_at_once_one_gets_in_and_the_others_code_stays_good(
    world: World, codes: Sequence[str]
) -> None:
    token = await _challenge(world)
    await world.warm_up()
    outcomes = await asyncio.gather(*(_answer(world, token, code) for code in codes[:2]), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Entry, ChallengeEnded}
    assert len(await world.rows(Session)) == 1
    assert sum(row.used_at is not None for row in await world.rows(RecoveryCode)) == 1


async def test_a_forged_challenge_is_none(world: World, codes: Sequence[str]) -> None:
    await _has_ended(world, "mallory-made-this-up")


async def test_a_session_is_no_challenge(world: World, codes: Sequence[str]) -> None:
    await _has_ended(world, (await _answer(world, await _challenge(world), world.code())).token)


async def test_a_new_password_by_a_signed_in_session_ends_challenges_of_the_old_one(
    world: World, codes: Sequence[str]
) -> None:
    token = await _challenge(world)
    [account] = await world.rows(Account)
    olivia = await world.actor(account)
    await change_password(olivia, world.door, present=PASSWORD, new=OTHER_PASSWORD, now=world.now)
    await _has_ended(world, token)


async def test_a_new_password_by_link_ends_challenges_of_the_old_one(world: World, codes: Sequence[str]) -> None:
    token = await _challenge(world)
    [account] = await world.rows(Account)
    link = await world.link(account)
    await redeem_link(world.door, link, email="", password=OTHER_PASSWORD, visitor=BROWSER, now=world.now)
    await _has_ended(world, token)


@pytest.mark.parametrize("change", [suspend, remove, reset_second_factor])
async def test_what_an_admin_does_to_an_access_ends_its_challenges(
    world: World, codes: Sequence[str], change: object
) -> None:
    token = await _challenge(world)
    ada = await world.actor(await world.add_account(ADA))
    await change(ada, world.door, await world.member(ada, OLIVIA), now=world.now)  # type: ignore[operator]
    await _has_ended(world, token)


async def test_a_suspended_access_has_no_challenge(world: World, codes: Sequence[str]) -> None:
    """Even one that nobody thought of ending."""
    token = await _challenge(world)
    [account] = await world.rows(Account)
    await world.change(account, suspended_at=world.now)
    await _has_ended(world, token)


async def test_another_role_ends_challenges(world: World, codes: Sequence[str]) -> None:
    token = await _challenge(world)
    ada = await world.actor(await world.add_account(ADA))
    await change_role(ada, world.door, await world.member(ada, OLIVIA), Role.VIEWER, now=world.now)
    await _has_ended(world, token)


async def test_a_challenge_of_an_environment_that_was_switched_off_is_not_found(
    world: World, codes: Sequence[str]
) -> None:
    token = await _challenge(world)
    world.door = replace(world.door, environments=(PRODUCTION,))
    assert await find_challenge(world.door, token, now=world.now) is None


async def test_who_must_have_a_second_factor_sets_it_up_on_the_way_in(world: World) -> None:
    await world.add_account(environment=PRODUCTION)
    token = (await world.sign_in(environment=PRODUCTION)).token
    assert await find_challenge(world.door, token, now=world.now) == Owed(OLIVIA, PRODUCTION, has_second_factor=False)
    offer = await offer_by_challenge(world.door, token, now=world.now)

    entry, codes = await _set_up(world, token, offer)

    actor = await world.who(entry.token)
    assert actor.has_second_factor
    assert len(set(codes)) == 10
    assert [(logged.act, logged.outcome) for logged in await world.log()] == [
        (Act.ACCEPT_PASSWORD, Outcome.DONE),
        (Act.SIGN_IN, Outcome.DONE),
        (Act.SET_UP_SECOND_FACTOR, Outcome.DONE),
    ]
    assert await world.ordered() == [(MailKind.SECOND_FACTOR_SET_UP, OLIVIA)]
    world.wait(seconds=30)
    for code in (world.code(secret=offer.secret), codes[0]):
        again = (await world.sign_in(environment=PRODUCTION)).token
        assert (await _answer(world, again, code)).is_complete


async def test_an_offer_shows_a_secret_that_its_sealed_form_hides(world: World) -> None:
    offer = await offer_by_challenge(world.door, await _owes_setting_up(world), now=world.now)
    assert len(offer.secret) == 32  # 160 bits, as RFC 4226 recommends
    assert offer.secret not in offer.sealed
    assert offer.qr_svg.startswith("<svg")


async def test_the_code_that_proved_a_new_authenticator_is_used_up(world: World) -> None:
    token = await _owes_setting_up(world)
    offer = await offer_by_challenge(world.door, token, now=world.now)
    await _set_up(world, token, offer)
    again = (await world.sign_in(environment=PRODUCTION)).token
    await _is_wrong(world, again, world.code(secret=offer.secret))


@pytest.mark.parametrize("code", ["12345", ""])
async def test_a_wrong_code_sets_nothing_up_and_the_offer_stays_good(world: World, code: str) -> None:
    token = await _owes_setting_up(world)
    offer = await offer_by_challenge(world.door, token, now=world.now)
    with pytest.raises(WrongCode):
        await _set_up(world, token, offer, code=code)
    await _nothing_was_set_up(world)
    assert await _set_up(world, token, offer)


async def test_an_offer_that_was_made_to_another_account_is_refused(world: World) -> None:
    ada = await world.add_account(ADA, environment=PRODUCTION)
    adas = offer_secret(
        world.door.seal, account_id=ada.id or 0, email=ADA, environment=PRODUCTION, sealed="", now=world.now
    )
    with pytest.raises(WrongCode):
        await _set_up(world, await _owes_setting_up(world), adas)
    await _nothing_was_set_up(world)


async def test_an_offer_of_somebody_elses_making_is_refused(world: World) -> None:
    forged = offer_secret(
        Seal("mallory's own secret, 32 letters"),
        account_id=1,
        email=OLIVIA,
        environment=PRODUCTION,
        sealed="",
        now=world.now,
    )
    with pytest.raises(WrongCode):
        await _set_up(world, await _owes_setting_up(world), forged)
    await _nothing_was_set_up(world)


async def test_an_offer_is_good_for_a_quarter_of_an_hour(world: World) -> None:
    token = await _owes_setting_up(world)

    def offered(ago: timedelta) -> Offer:
        return offer_secret(
            world.door.seal, account_id=1, email=OLIVIA, environment=PRODUCTION, sealed="", now=world.now - ago
        )

    with pytest.raises(WrongCode):
        await _set_up(world, token, offered(timedelta(minutes=15, seconds=1)))
    await _nothing_was_set_up(world)
    assert await _set_up(world, token, offered(timedelta(minutes=15)))


async def test_who_mistyped_the_first_code_is_offered_the_same_secret_again(world: World) -> None:
    token = await _owes_setting_up(world)
    offer = await offer_by_challenge(world.door, token, now=world.now)
    again = await offer_by_challenge(world.door, token, sealed=offer.sealed, now=world.now)
    assert again.secret == offer.secret
    for forged in ("", "mallory-made-this-up"):
        assert (await offer_by_challenge(world.door, token, sealed=forged, now=world.now)).secret != offer.secret


async def test_wrong_codes_while_setting_up_are_counted(world: World) -> None:
    token = await _owes_setting_up(world)
    offer = await offer_by_challenge(world.door, token, now=world.now)
    for _ in range(5):
        with pytest.raises(WrongCode):
            await _set_up(world, token, offer, code="12345")
    with pytest.raises(TryLater):
        await _set_up(world, token, offer)
    assert [logged.outcome for logged in await world.log(Act.SECOND_FACTOR)] == [Outcome.REFUSED] * 5
    assert await world.ordered() == [(MailKind.WRONG_CODES, OLIVIA)]


async def test_who_has_a_second_factor_cannot_replace_it_on_the_way_in(world: World, codes: Sequence[str]) -> None:
    token = await _challenge(world)
    with pytest.raises(ChallengeEnded):
        await offer_by_challenge(world.door, token, now=world.now)
    offer = offer_secret(world.door.seal, account_id=1, email=OLIVIA, environment=SANDBOX, sealed="", now=world.now)
    with pytest.raises(ChallengeEnded):
        await _set_up(world, token, offer)
    assert (await _answer(world, token, world.code())).is_complete


async def test_of_two_who_set_up_at_once_one_succeeds(world: World) -> None:
    first = await _owes_setting_up(world)
    second = (await world.sign_in(environment=PRODUCTION)).token
    offers = [await offer_by_challenge(world.door, token, now=world.now) for token in (first, second)]
    await world.warm_up()
    outcomes = await asyncio.gather(
        _set_up(world, first, offers[0]), _set_up(world, second, offers[1]), return_exceptions=True
    )
    assert {type(outcome) for outcome in outcomes} == {tuple, ChallengeEnded}
    assert len(await world.rows(RecoveryCode)) == 10
    assert len(await world.rows(Session)) == 1


async def test_setting_up_ends_the_challenge(world: World) -> None:
    token = await _owes_setting_up(world)
    offer = await offer_by_challenge(world.door, token, now=world.now)
    await _set_up(world, token, offer)
    for challenge in (token, "mallory-made-this-up"):
        with pytest.raises(ChallengeEnded):
            await _set_up(world, challenge, offer)
        with pytest.raises(ChallengeEnded):
            await offer_by_challenge(world.door, challenge, now=world.now)


async def _challenge(world: World) -> str:
    entry = await world.sign_in()
    assert not entry.is_complete
    return entry.token


async def _olivia(world: World) -> Account:
    [account] = await world.rows(Account)
    return account


async def _owes_setting_up(world: World) -> str:
    """Return a challenge of Olivia's, who must have a second factor in Production and has none."""
    await world.add_account(environment=PRODUCTION)
    return (await world.sign_in(environment=PRODUCTION)).token


async def _answer(world: World, token: str, code: str, *, visitor: Visitor = BROWSER) -> Entry:
    return await answer_challenge(world.door, token, code=code, visitor=visitor, now=world.now)


async def _set_up(world: World, token: str, offer: Offer, *, code: str | None = None) -> tuple[Entry, Sequence[str]]:
    return await set_up_by_challenge(
        world.door,
        token,
        sealed=offer.sealed,
        code=world.code(secret=offer.secret) if code is None else code,
        visitor=BROWSER,
        now=world.now,
    )


async def _is_wrong(world: World, token: str, code: str) -> None:
    with pytest.raises(WrongCode):
        await _answer(world, token, code)


async def _has_ended(world: World, token: str) -> None:
    assert await find_challenge(world.door, token, now=world.now) is None
    with pytest.raises(ChallengeEnded):
        await _answer(world, token, world.code(steps=1))


async def _nothing_was_set_up(world: World) -> None:
    assert not any(account.has_second_factor for account in await world.rows(Account))
    assert await world.rows(RecoveryCode) == []
    assert await world.rows(Session) == []
