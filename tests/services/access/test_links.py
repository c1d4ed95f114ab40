import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from models.access import Account, LinkState, OneTimeLink, Session
from models.audit import Act, AuditEntry, Outcome
from models.environment import Environment
from models.permissions import Role
from services.access.audit import COMMAND_LINE
from services.access.challenges import answer_challenge
from services.access.errors import LastAdmin, LinkRefused, NotAnEmail, TryLater, WeakPassword, WrongPair
from services.access.links import (
    KnownLink,
    find_link,
    first_link_needed,
    invite_by_command_line,
    issue_first_link,
    redeem_link,
)
from services.access.sign_in import Entry
from tests.services.access.world import (
    ADA,
    BROWSER,
    LOCAL,
    MALLORY,
    NOW,
    OLIVIA,
    OTHER_PASSWORD,
    PASSWORD,
    PHONE,
    PRODUCTION,
    SANDBOX,
    VICTOR,
    World,
)

MOMENT = timedelta(milliseconds=1)


async def test_an_invitation_opens_an_access_with_its_role(world: World) -> None:
    token = await _invited(world, " Victor@Example.com ", Role.OPERATOR)
    entry = await _redeem(world, token)
    assert entry
    assert entry.is_complete
    actor = await world.who(entry.token)
    assert (actor.email, actor.role, actor.environment) == (VICTOR, Role.OPERATOR, SANDBOX)
    assert (await world.sign_in(VICTOR)).is_complete
    assert [(one.act, one.outcome, one.who, one.about) for one in await world.log(Act.INVITE, Act.OPEN_ACCESS)] == [
        (Act.INVITE, Outcome.DONE, COMMAND_LINE, VICTOR),
        (Act.OPEN_ACCESS, Outcome.DONE, VICTOR, VICTOR),
    ]


async def test_a_link_says_what_it_opens(world: World) -> None:
    token = await _invited(world, VICTOR, Role.VIEWER)
    assert await _found(world, token) == KnownLink(
        environment=SANDBOX,
        email=VICTOR,
        role=Role.VIEWER,
        is_new=True,
        expires_at=world.now + timedelta(minutes=30),
        state=LinkState.VALID,
    )
    first = await _found(world, await issue_first_link(world.door.database, LOCAL, now=world.now))
    assert (first.environment, first.email, first.role, first.is_new) == (LOCAL, None, Role.ADMIN, True)
    anew = await _found(world, await world.link(await world.add_account()))
    assert (anew.email, anew.role, anew.is_new) == (OLIVIA, Role.ADMIN, False)


async def test_a_link_works_once(world: World) -> None:
    token = await world.link(await world.add_account(VICTOR, password=None))
    await _redeem(world, token)
    assert (await _found(world, token)).state is LinkState.USED
    with pytest.raises(LinkRefused) as refused:
        await _redeem(world, token, password=OTHER_PASSWORD)
    assert refused.value.state is LinkState.USED
    assert (await world.sign_in(VICTOR)).is_complete


async def test_looking_at_a_link_does_not_use_it_up(world: World) -> None:
    token = await world.link(await world.add_account())
    assert [(await _found(world, token)).state for _ in range(2)] == [LinkState.VALID] * 2


async def test_a_link_ends_after_30_minutes(world: World) -> None:
    token, begin = await world.link(await world.add_account(VICTOR, password=None)), world.now
    world.now = begin + timedelta(minutes=30) - MOMENT
    assert (await _found(world, token)).state is LinkState.VALID
    world.now = begin + timedelta(minutes=30)
    assert (await _found(world, token)).state is LinkState.EXPIRED
    with pytest.raises(LinkRefused) as refused:
        await _redeem(world, token)
    assert refused.value.state is LinkState.EXPIRED
    assert [account.password_hash for account in await world.rows(Account)] == [None]


async def test_a_forged_link_is_unknown(world: World) -> None:
    assert await find_link(world.door, "mallory-made-this-up", now=world.now) is None
    with pytest.raises(LinkRefused) as refused:
        await _redeem(world, "mallory-made-this-up", email=MALLORY)
    assert refused.value.state is LinkState.UNKNOWN


async def test_a_link_of_an_environment_that_was_switched_off_is_unknown(world: World) -> None:
    token = await world.link(await world.add_account())
    world.door = replace(world.door, environments=(LOCAL,))
    assert await find_link(world.door, token, now=world.now) is None
    with pytest.raises(LinkRefused):
        await _redeem(world, token)


async def test_of_two_who_redeem_a_link_at_once_one_succeeds(world: World) -> None:
    token = await world.link(None)
    await world.warm_up()
    outcomes = await asyncio.gather(
        *(_redeem(world, token, email=email) for email in (OLIVIA, MALLORY)), return_exceptions=True
    )
    assert {type(outcome) for outcome in outcomes} == {Entry, LinkRefused}
    assert len(await world.rows(Account)) == 1


async def test_of_two_first_links_redeemed_at_once_one_succeeds(world: World) -> None:
    links = [(await world.link(None), email) for email in (OLIVIA, MALLORY)]
    await world.warm_up()
    outcomes = await asyncio.gather(
        *(_redeem(world, token, email=email) for token, email in links), return_exceptions=True
    )
    assert {type(outcome) for outcome in outcomes} == {Entry, LinkRefused}
    assert len(await world.rows(Account)) == 1


async def test_only_the_hash_of_a_link_is_stored(world: World) -> None:
    token = await world.link(await world.add_account())
    [link] = await world.rows(OneTimeLink)
    assert token not in str(link.model_dump())


async def test_a_link_for_an_address_keeps_to_it(world: World) -> None:
    token = await world.link(await world.add_account(VICTOR, role=Role.VIEWER, password=None))
    entry = await _redeem(world, token, email=MALLORY)
    assert entry
    assert (await world.who(entry.token)).email == VICTOR
    assert [account.email for account in await world.rows(Account)] == [VICTOR]


async def test_a_weak_password_leaves_the_link_usable(world: World) -> None:
    token = await world.link(await world.add_account(VICTOR, password=None))
    with pytest.raises(WeakPassword) as weak:
        await _redeem(world, token, password="Olivia-7")
    assert weak.value.unmet == ["12 to 128 characters"]
    with pytest.raises(WeakPassword):
        await _redeem(world, token, email=MALLORY, password="1-Victor@example.com")
    assert (await _found(world, token)).state is LinkState.VALID


async def test_the_email_that_is_named_for_a_first_link_makes_a_weak_password(world: World) -> None:
    with pytest.raises(WeakPassword):
        await _redeem(world, await world.link(None), email=OLIVIA, password="1-Olivia@example.com")


@pytest.mark.parametrize("email", ["", "olivia", "olivia@", "@example.com", "oli via@example.com", "a\0b@example.com"])
async def test_what_is_not_an_email_leaves_the_link_usable(world: World, email: str) -> None:
    token = await world.link(None)
    with pytest.raises(NotAnEmail):
        await _redeem(world, token, email=email)
    assert (await _found(world, token)).state is LinkState.VALID


async def test_the_first_link_makes_an_admin(world: World) -> None:
    token = await issue_first_link(world.door.database, SANDBOX, now=world.now)
    entry = await _redeem(world, token, email=" Olivia@example.com")
    assert entry
    actor = await world.who(entry.token)
    assert (actor.email, actor.role, actor.environment) == (OLIVIA, Role.ADMIN, SANDBOX)
    assert await world.ordered() == []


async def test_the_first_link_is_needed_until_somebody_has_an_access_there(world: World) -> None:
    async def is_needed(environment: Environment) -> bool:
        return await first_link_needed(world.door.database, environment)

    await world.add_account(VICTOR, password=None)
    assert await is_needed(SANDBOX)
    await _redeem(world, await world.link(None), email=OLIVIA)
    assert not await is_needed(SANDBOX)
    assert await is_needed(LOCAL)


async def test_first_links_of_earlier_starts_end_with_the_first_access(world: World) -> None:
    earlier, latest = [await world.link(None) for _ in range(2)]
    await _redeem(world, latest, email=OLIVIA)
    assert (await _found(world, earlier)).state is LinkState.USED


async def test_a_first_link_dies_once_somebody_is_in_by_another_way(world: World) -> None:
    first = await world.link(None)
    await _redeem(world, await _invited(world, VICTOR, Role.VIEWER))
    with pytest.raises(LinkRefused) as refused:
        await _redeem(world, first, email=MALLORY)
    assert refused.value.state is LinkState.USED
    assert [account.email for account in await world.rows(Account)] == [VICTOR]


async def test_whoever_was_invited_and_opens_the_first_link_is_its_admin(world: World) -> None:
    await world.add_account(OLIVIA, role=Role.VIEWER, password=None)
    await _redeem(world, await world.link(None), email=OLIVIA)
    assert [(account.email, account.role) for account in await world.rows(Account)] == [(OLIVIA, Role.ADMIN)]


async def test_whoever_opens_the_first_link_needs_no_other_link_of_theirs_any_more(world: World) -> None:
    invitation = await world.link(await world.add_account(OLIVIA, role=Role.VIEWER, password=None))
    await _redeem(world, await world.link(None), email=OLIVIA)
    with pytest.raises(LinkRefused):
        await _redeem(world, invitation, password=OTHER_PASSWORD)


async def test_a_link_that_comes_too_late_or_twice_is_logged_and_a_made_up_one_is_not(world: World) -> None:
    used, expired = [await world.link(await world.add_account(email, password=None)) for email in (VICTOR, ADA)]
    await _redeem(world, used)
    world.wait(minutes=30)
    for token in (used, expired, "mallory-made-this-up"):
        with pytest.raises(LinkRefused):
            await _redeem(world, token)
    assert [(one.outcome, one.who, one.address, one.detail) for one in await world.log(Act.OPEN_LINK)] == [
        (Outcome.REFUSED, VICTOR, BROWSER.address, "the link is used"),
        (Outcome.REFUSED, ADA, BROWSER.address, "the link is expired"),
    ]


async def test_links_of_other_people_and_environments_stay_good(world: World) -> None:
    victors = await world.link(await world.add_account(VICTOR, password=None))
    elsewhere = await world.link(None, environment=LOCAL)
    await _redeem(world, await world.link(None), email=OLIVIA)
    for token in (victors, elsewhere):
        assert (await _found(world, token)).state is LinkState.VALID


async def test_a_link_voids_all_others_for_the_same_access(world: World) -> None:
    account = await world.add_account()
    earlier, later = [await world.link(account) for _ in range(2)]
    await _redeem(world, later)
    assert (await _found(world, earlier)).state is LinkState.USED
    with pytest.raises(LinkRefused):
        await _redeem(world, earlier, password=PASSWORD)


async def test_a_password_by_link_replaces_the_one_before_and_its_owner_hears_of_it(world: World) -> None:
    token = await world.link(await world.add_account(role=Role.DEVELOPER))
    entry = await _redeem(world, token, password=OTHER_PASSWORD)
    assert entry
    assert (await world.who(entry.token)).role is Role.DEVELOPER
    with pytest.raises(WrongPair):
        await world.sign_in(password=PASSWORD)
    assert (await world.sign_in(password=OTHER_PASSWORD)).is_complete
    [logged] = await world.log(Act.SET_PASSWORD, Act.OPEN_ACCESS)
    assert (logged.act, logged.who, logged.address) == (Act.SET_PASSWORD, OLIVIA, BROWSER.address)
    [letter] = await world.deliver()
    assert (letter.to, letter.subject) == (OLIVIA, "Your password was changed (Mangopay Dashboard, Sandbox)")
    assert BROWSER.address in letter.text


async def test_a_first_password_orders_no_mail(world: World) -> None:
    await _redeem(world, await _invited(world, VICTOR, Role.VIEWER))
    assert await world.ordered() == []


async def test_a_password_by_link_ends_every_other_session_at_once_and_nobody_elses(world: World) -> None:
    account = await world.add_account()
    olivia, victor = await world.actor(account), await world.actor(await world.add_account(VICTOR))
    entry = await _redeem(world, await world.link(account), password=OTHER_PASSWORD)
    assert not olivia.is_alive()
    assert victor.is_alive()
    assert entry
    assert (await world.who(entry.token)).is_alive()


async def test_a_link_is_no_way_around_the_second_factor(world: World) -> None:
    account = await world.add_account()
    await world.give_second_factor(account)
    entry = await _redeem(world, await world.link(account), password=OTHER_PASSWORD)
    assert entry
    assert not entry.is_complete
    assert await world.rows(Session) == []
    entry = await answer_challenge(world.door, entry.token, code=world.code(), visitor=BROWSER, now=world.now)
    assert (await world.who(entry.token)).email == OLIVIA


async def test_in_production_an_invitation_leads_to_the_second_factor_first(world: World) -> None:
    account = await world.add_account(VICTOR, role=Role.OPERATOR, environment=PRODUCTION, password=None)
    entry = await _redeem(world, await world.link(account, environment=PRODUCTION))
    assert entry
    assert not entry.is_complete
    assert await world.rows(Session) == []


async def test_a_link_forgives_failures_at_sign_in(world: World) -> None:
    account = await world.add_account()
    for _ in range(5):
        with pytest.raises(WrongPair):
            await world.sign_in(password=OTHER_PASSWORD, visitor=PHONE)
    with pytest.raises(TryLater):
        await world.sign_in()
    await _redeem(world, await world.link(account), password=OTHER_PASSWORD)
    assert (await world.sign_in(password=OTHER_PASSWORD)).is_complete


async def test_a_suspended_access_is_not_entered_by_link(world: World) -> None:
    account = await world.add_account(suspended_at=NOW)
    assert await _redeem(world, await world.link(account), password=OTHER_PASSWORD) is None
    assert await world.rows(Session) == []
    with pytest.raises(WrongPair):
        await world.sign_in(password=OTHER_PASSWORD)


async def test_the_command_line_gives_an_access_that_exists_another_role_and_ends_its_sessions(world: World) -> None:
    victor = await world.actor(await world.add_account(VICTOR, role=Role.VIEWER))
    token = await _invited(world, VICTOR, Role.OPERATOR)
    await world.door.sessions.poll(now=world.now)
    assert not victor.is_alive()
    assert (await world.sign_in(VICTOR)).is_complete
    assert (await _found(world, token)).role is Role.OPERATOR


async def test_the_command_line_invites_to_the_same_role_without_signing_anybody_out(world: World) -> None:
    victor = await world.actor(await world.add_account(VICTOR, role=Role.VIEWER))
    await _invited(world, VICTOR, Role.VIEWER)
    await world.door.sessions.poll(now=world.now)
    assert victor.is_alive()


async def test_the_command_line_invites_nobody_without_an_email(world: World) -> None:
    with pytest.raises(NotAnEmail, match="'olivia' is not an e-mail address"):
        await _invited(world, "olivia", Role.ADMIN)
    assert await world.is_empty(Account, OneTimeLink)


async def test_the_command_line_keeps_a_role_unless_it_names_another_and_makes_viewers(world: World) -> None:
    await world.add_account(ADA, role=Role.OPERATOR)
    for email in (ADA, VICTOR):
        await _invited(world, email, None)
    assert [(account.email, account.role) for account in await world.rows(Account)] == [
        (ADA, Role.OPERATOR),
        (VICTOR, Role.VIEWER),
    ]
    assert [logged.detail for logged in await world.log(Act.INVITE)] == ["operator", "viewer"]


async def test_the_command_line_lets_a_suspended_member_in_again(world: World) -> None:
    await world.add_account(suspended_at=NOW)
    entry = await _redeem(world, await _invited(world, OLIVIA, None), password=OTHER_PASSWORD)
    assert entry
    assert (await world.who(entry.token)).email == OLIVIA


async def test_the_command_line_leaves_an_environment_its_last_admin(world: World) -> None:
    olivia = await world.actor(await world.add_account())
    await world.add_account(ADA, password=None)
    with pytest.raises(LastAdmin):
        await _invited(world, OLIVIA, Role.VIEWER)
    await world.door.sessions.poll(now=world.now)
    assert olivia.is_alive()
    assert await world.is_empty(OneTimeLink, AuditEntry)


async def test_an_invitation_by_the_command_line_is_for_one_environment(world: World) -> None:
    await world.add_account(ADA, environment=LOCAL)
    await _invited(world, ADA, Role.VIEWER)
    assert {(account.environment, account.role) for account in await world.rows(Account)} == {
        (LOCAL, Role.ADMIN),
        (SANDBOX, Role.VIEWER),
    }


async def _invited(world: World, email: str, role: Role | None) -> str:
    return await invite_by_command_line(world.door.database, environment=SANDBOX, email=email, role=role, now=world.now)


async def _found(world: World, token: str) -> KnownLink:
    link = await find_link(world.door, token, now=world.now)
    assert link
    return link


async def _redeem(world: World, token: str, *, email: str = "", password: str = PASSWORD) -> Entry | None:
    return await redeem_link(world.door, token, email=email, password=password, visitor=BROWSER, now=world.now)
