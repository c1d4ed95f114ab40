import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import SQLModel

from models.access import INVITATION_LIFETIME, Account, AccountState, Challenge, OneTimeLink, RecoveryCode, Session
from models.audit import Act, AuditEntry, Outcome
from models.environment import Environment
from models.mail import Mail, MailKind
from models.permissions import Role
from services.access.actors import Actor, SessionEnded
from services.access.errors import (
    AlreadyMember,
    ChangedMeanwhile,
    LastAdmin,
    LinkRefused,
    NoSuchMember,
    NotAnEmail,
    NotOneself,
    StaysAllowed,
    WrongPair,
)
from services.access.links import redeem_link
from services.access.sign_in import Entry
from services.access.team import (
    Invited,
    Member,
    change_role,
    failed_mail,
    invite,
    invite_again,
    list_admins,
    list_members,
    remove,
    reset_second_factor,
    restore,
    sign_member_out,
    suspend,
)
from tests.services.access.world import (
    ADA,
    BROWSER,
    LOCAL,
    MALLORY,
    NOW,
    OLIVIA,
    OTHER_PASSWORD,
    PRODUCTION,
    SANDBOX,
    VICTOR,
    World,
    make_actor,
    make_door,
    token_in,
)

Change = Callable[[World, Actor, Member], Awaitable[None]]


@pytest.fixture
async def olivia(world: World) -> Actor:
    """The admin of Sandbox."""
    return await world.actor(await world.add_account())


@pytest.fixture
async def victor(world: World, olivia: Actor) -> Actor:
    """Who may only view, and is signed in."""
    return await world.actor(await world.add_account(VICTOR, role=Role.VIEWER))


async def _make_operator(world: World, actor: Actor, member: Member) -> None:
    await change_role(actor, world.door, member, Role.OPERATOR, now=world.now)


async def _suspend(world: World, actor: Actor, member: Member) -> None:
    await suspend(actor, world.door, member, now=world.now)


async def _restore(world: World, actor: Actor, member: Member) -> None:
    await restore(actor, world.door, member, now=world.now)


async def _remove(world: World, actor: Actor, member: Member) -> None:
    await remove(actor, world.door, member, now=world.now)


async def _reset(world: World, actor: Actor, member: Member) -> None:
    await reset_second_factor(actor, world.door, member, now=world.now)


async def _sign_out(world: World, actor: Actor, member: Member) -> None:
    await sign_member_out(actor, world.door, member, now=world.now)


async def _invite_again(world: World, actor: Actor, member: Member) -> None:
    await invite_again(actor, world.door, member, now=world.now)


GUARDED = [_make_operator, _suspend, _restore, _remove, _sign_out]
TAKES_AN_ADMIN_AWAY = [_make_operator, _suspend, _remove]
CHANGES = [*GUARDED, _reset]


async def test_the_team_is_listed_by_email_as_it_is(world: World, olivia: Actor, victor: Actor) -> None:
    await world.add_account(ADA, password=None, invited_at=world.now - INVITATION_LIFETIME)
    bob = await world.add_account("bob@example.com")
    await world.give_second_factor(bob)
    await world.change(bob, suspended_at=world.now)
    await world.add_account("alice@example.com", role=Role.APPROVER, password=None)
    await world.add_account(MALLORY, environment=LOCAL)
    members = await list_members(olivia, world.door, now=world.now)
    assert [(member.email, member.role, member.state) for member in members] == [
        (ADA, Role.ADMIN, AccountState.INVITATION_LAPSED),
        ("alice@example.com", Role.APPROVER, AccountState.INVITED),
        ("bob@example.com", Role.ADMIN, AccountState.SUSPENDED),
        (OLIVIA, Role.ADMIN, AccountState.ACTIVE),
        (VICTOR, Role.VIEWER, AccountState.ACTIVE),
    ]
    assert [member.has_second_factor for member in members] == [False, False, True, False, False]
    assert [member.last_signed_in_at for member in members] == [None, None, None, world.now, world.now]


async def test_an_admin_sees_where_else_a_member_is_among_the_environments_they_may_enter(world: World) -> None:
    for environment in (SANDBOX, LOCAL):
        await world.add_account(environment=environment)
    for environment in (SANDBOX, LOCAL, PRODUCTION):
        await world.add_account(VICTOR, role=Role.VIEWER, environment=environment)
    [account] = [account for account in await world.rows(Account) if account.email == OLIVIA][:1]
    olivia = await world.actor(account)
    assert (await world.member(olivia, VICTOR)).also_in == (LOCAL,)
    assert (await world.member(olivia, OLIVIA)).also_in == (LOCAL,)


async def test_everybody_may_ask_who_the_admins_are(world: World, victor: Actor) -> None:
    await world.add_account(ADA)
    await world.add_account("alice@example.com", environment=LOCAL)
    await world.add_account("bob@example.com", suspended_at=world.now)
    await world.add_account("carol@example.com", password=None)
    assert await list_admins(victor, world.door) == [ADA, OLIVIA]


async def test_an_invitation_is_sent_by_mail_and_opens_an_access(world: World, olivia: Actor) -> None:
    invited = await invite(olivia, world.door, email=" Victor@Example.com ", role=Role.DEVELOPER, now=world.now)
    assert invited == Invited(VICTOR, link=None)
    member = await world.member(olivia, VICTOR)
    assert (member.role, member.state) == (Role.DEVELOPER, AccountState.INVITED)
    [logged] = await world.log()
    assert (logged.act, logged.outcome, logged.who, logged.role, logged.about, logged.detail) == (
        Act.INVITE, Outcome.DONE, OLIVIA, Role.ADMIN, VICTOR, "developer",
    )  # fmt: skip
    [mail] = await world.rows(Mail)
    assert (mail.kind, mail.email, mail.detail) == (MailKind.INVITATION, VICTOR, OLIVIA)
    [letter] = await world.deliver()
    assert (letter.to, letter.text.startswith("olivia@example.com invites you")) == (VICTOR, True)


async def test_without_mail_an_invitation_is_a_link_to_pass_on_by_hand(world: World) -> None:
    world.door = make_door(world.door.database, sends_mail=[LOCAL])
    olivia = await world.actor(await world.add_account())
    invited = await invite(olivia, world.door, email=VICTOR, role=Role.VIEWER, now=world.now)
    assert invited.link
    url, _, token = invited.link.rpartition("/")
    assert url == "https://try.example.com/link"
    assert await world.rows(Mail) == []
    assert await _redeem(world, token)
    assert (await world.member(olivia, VICTOR)).state is AccountState.ACTIVE


@pytest.mark.parametrize("sends_mail", [[], [SANDBOX]])
@pytest.mark.parametrize("fields", [{}, {"suspended_at": NOW}])
async def test_nobody_gets_a_link_for_an_access_that_somebody_has(
    world: World, sends_mail: list[Environment], fields: dict[str, object]
) -> None:
    world.door = make_door(world.door.database, sends_mail=sends_mail)
    olivia = await world.actor(await world.add_account())
    await world.add_account(VICTOR, role=Role.VIEWER, **fields)  # type: ignore[arg-type]
    with pytest.raises(AlreadyMember, match=r"victor@example\.com is in the list already"):
        await invite(olivia, world.door, email=VICTOR, role=Role.ADMIN, now=world.now)
    assert await world.is_empty(OneTimeLink, Mail, AuditEntry)
    assert (await world.member(olivia, VICTOR)).role is Role.VIEWER


@pytest.mark.parametrize("invited_at", [NOW, NOW - INVITATION_LIFETIME])
async def test_who_was_invited_is_invited_once_more_from_the_list_alone(
    world: World, olivia: Actor, invited_at: datetime
) -> None:
    await world.add_account(VICTOR, role=Role.VIEWER, password=None, invited_at=invited_at)
    world.wait(hours=1)
    with pytest.raises(AlreadyMember):
        await invite(olivia, world.door, email=VICTOR, role=Role.ADMIN, now=world.now)
    assert await world.is_empty(Mail, AuditEntry)

    invited = await invite_again(olivia, world.door, await world.member(olivia, VICTOR), now=world.now)
    assert invited == Invited(VICTOR, link=None)
    member = await world.member(olivia, VICTOR)
    assert (member.role, member.state) == (Role.VIEWER, AccountState.INVITED)
    assert [account.invited_at for account in await world.rows(Account)] == [None, world.now]
    [letter] = await world.deliver()
    assert await _redeem(world, token_in(letter))
    logged, *_by_the_postman = await world.log(Act.INVITE)
    assert (logged.outcome, logged.who, logged.about, logged.detail) == (
        Outcome.DONE, "olivia@example.com", VICTOR, "viewer",
    )  # fmt: skip


async def test_without_mail_who_is_invited_once_more_gets_a_link_by_hand(world: World) -> None:
    world.door = make_door(world.door.database, sends_mail=[])
    olivia = await world.actor(await world.add_account())
    await world.add_account(VICTOR, password=None)
    invited = await invite_again(olivia, world.door, await world.member(olivia, VICTOR), now=world.now)
    assert invited.link
    assert await _redeem(world, invited.link.rpartition("/")[2])


@pytest.mark.parametrize("sends_mail", [[], [SANDBOX]])
async def test_who_came_in_meanwhile_gets_no_other_link(world: World, sends_mail: list[Environment]) -> None:
    world.door = make_door(world.door.database, sends_mail=sends_mail)
    olivia = await world.actor(await world.add_account())
    account = await world.add_account(VICTOR, password=None)
    member = await world.member(olivia, VICTOR)
    await world.change(account, password_hash="set meanwhile")
    with pytest.raises(AlreadyMember):
        await invite_again(olivia, world.door, member, now=world.now)
    assert await world.is_empty(OneTimeLink, Mail, AuditEntry)


async def test_of_two_invitations_of_one_person_at_once_one_is_sent(world: World, olivia: Actor) -> None:
    await world.warm_up()
    outcomes = await asyncio.gather(
        *(invite(olivia, world.door, email=VICTOR, role=Role.VIEWER, now=world.now) for _ in range(2)),
        return_exceptions=True,
    )
    assert {type(outcome) for outcome in outcomes} == {Invited, AlreadyMember}
    assert await world.ordered() == [(MailKind.INVITATION, VICTOR)]
    assert len(await world.log(Act.INVITE)) == 1


async def test_what_is_no_email_is_not_invited(world: World, olivia: Actor) -> None:
    with pytest.raises(NotAnEmail):
        await invite(olivia, world.door, email="victor", role=Role.VIEWER, now=world.now)
    assert len(await world.rows(Account)) == 1


async def test_an_access_elsewhere_is_no_access_here(world: World, olivia: Actor) -> None:
    await world.add_account(VICTOR, environment=LOCAL)
    await invite(olivia, world.door, email=VICTOR, role=Role.VIEWER, now=world.now)
    assert (await world.member(olivia, VICTOR)).state is AccountState.INVITED


async def test_another_role_ends_the_sessions_of_the_old_one_at_once(
    world: World, olivia: Actor, victor: Actor
) -> None:
    await _make_operator(world, olivia, await world.member(olivia, VICTOR))
    assert not victor.is_alive()
    assert not world.door.sessions.is_alive(victor.session_id)
    assert olivia.is_alive()
    assert (await world.member(olivia, VICTOR)).role is Role.OPERATOR
    [logged] = await world.log()
    assert (logged.act, logged.outcome, logged.who, logged.about, logged.detail) == (
        Act.CHANGE_ROLE, Outcome.DONE, OLIVIA, VICTOR, "viewer to operator",
    )  # fmt: skip
    [mail] = await world.rows(Mail)
    assert (mail.kind, mail.email, mail.detail) == (
        MailKind.ROLE_CHANGED,
        VICTOR,
        f"its role is now operator, by {OLIVIA}",
    )


async def test_a_suspended_member_is_out_at_once_and_stays_out_until_restored(
    world: World, olivia: Actor, victor: Actor
) -> None:
    [account] = [account for account in await world.rows(Account) if account.email == VICTOR]
    link = await world.link(account)
    await _suspend(world, olivia, await world.member(olivia, VICTOR))
    assert not victor.is_alive()
    with pytest.raises(WrongPair):
        await world.sign_in(VICTOR)
    with pytest.raises(LinkRefused):
        await _redeem(world, link)

    suspended = await world.member(olivia, VICTOR)
    assert suspended.state is AccountState.SUSPENDED
    await _restore(world, olivia, suspended)
    assert (await world.sign_in(VICTOR)).is_complete
    assert [(one.act, one.who, one.about) for one in await world.log(Act.SUSPEND, Act.RESTORE)] == [
        (Act.SUSPEND, OLIVIA, VICTOR),
        (Act.RESTORE, OLIVIA, VICTOR),
    ]
    assert [(mail.kind, mail.email, mail.detail) for mail in await world.rows(Mail)] == [
        (MailKind.ROLE_CHANGED, VICTOR, f"it is suspended, by {OLIVIA}"),
        (MailKind.ROLE_CHANGED, VICTOR, f"it is no longer suspended, by {OLIVIA}"),
    ]


async def test_who_has_not_come_in_yet_is_not_written_to_about_changes(world: World, olivia: Actor) -> None:
    await world.add_account(VICTOR, role=Role.VIEWER, password=None)
    await _make_operator(world, olivia, await world.member(olivia, VICTOR))
    await _suspend(world, olivia, await world.member(olivia, VICTOR))
    assert await world.ordered() == []


async def test_a_removed_member_is_out_at_once_and_nothing_of_theirs_is_left(
    world: World, olivia: Actor, victor: Actor
) -> None:
    [account] = [account for account in await world.rows(Account) if account.email == VICTOR]
    await world.give_second_factor(account)
    await world.link(account)
    await world.sign_in(VICTOR)
    await _remove(world, olivia, await world.member(olivia, VICTOR))
    assert not victor.is_alive()
    assert [account.email for account in await world.rows(Account)] == [OLIVIA]
    tables: list[type[SQLModel]] = [Challenge, OneTimeLink, RecoveryCode]
    for table in tables:
        assert await world.rows(table) == []
    assert [session.account_id for session in await world.rows(Session)] == [olivia.account_id]
    [logged] = await world.log(Act.REMOVE)
    assert (logged.act, logged.outcome, logged.who, logged.about, logged.detail) == (
        Act.REMOVE, Outcome.DONE, OLIVIA, VICTOR, "viewer",
    )  # fmt: skip
    with pytest.raises(WrongPair):
        await world.sign_in(VICTOR)


async def test_an_admin_takes_a_lost_second_factor_away(world: World, olivia: Actor, victor: Actor) -> None:
    [account] = [account for account in await world.rows(Account) if account.email == VICTOR]
    await world.give_second_factor(account)
    await _reset(world, olivia, await world.member(olivia, VICTOR))
    assert not victor.is_alive()
    assert not (await world.member(olivia, VICTOR)).has_second_factor
    assert await world.rows(RecoveryCode) == []
    [logged] = await world.log()
    assert (logged.act, logged.outcome, logged.who, logged.about, logged.detail) == (
        Act.REMOVE_SECOND_FACTOR, Outcome.DONE, OLIVIA, VICTOR, "reset by an admin",
    )  # fmt: skip
    assert await world.ordered() == [(MailKind.SECOND_FACTOR_REMOVED, VICTOR)]
    assert (await world.sign_in(VICTOR)).is_complete


async def test_ones_own_second_factor_is_not_reset_this_way(world: World, olivia: Actor) -> None:
    """It would take neither password nor code."""
    [account] = await world.rows(Account)
    await world.give_second_factor(account)
    with pytest.raises(NotOneself):
        await _reset(world, olivia, await world.member(olivia, OLIVIA))
    assert (await world.member(olivia, OLIVIA)).has_second_factor
    assert await world.is_empty(Mail, AuditEntry)


async def test_who_could_come_back_by_a_setting_is_not_removed_but_suspended(world: World) -> None:
    door = make_door(world.door.database, environments=[SANDBOX, LOCAL])
    world.door = replace(door, allowed={SANDBOX: {VICTOR: Role.VIEWER}, LOCAL: {MALLORY: Role.VIEWER}})
    olivia = await world.actor(await world.add_account())
    for email in (VICTOR, MALLORY):
        await world.add_account(email, role=Role.VIEWER)
    with pytest.raises(StaysAllowed):
        await _remove(world, olivia, await world.member(olivia, VICTOR))
    await _suspend(world, olivia, await world.member(olivia, VICTOR))
    await _remove(world, olivia, await world.member(olivia, MALLORY))
    assert [account.email for account in await world.rows(Account)] == [OLIVIA, VICTOR]


async def test_a_second_factor_that_is_not_there_cannot_be_taken_away(
    world: World, olivia: Actor, victor: Actor
) -> None:
    with pytest.raises(ChangedMeanwhile):
        await _reset(world, olivia, await world.member(olivia, VICTOR))
    assert victor.is_alive()
    assert await world.log() == []


async def test_an_admin_signs_a_member_out_of_everything(world: World, olivia: Actor, victor: Actor) -> None:
    await _sign_out(world, olivia, await world.member(olivia, VICTOR))
    assert not victor.is_alive()
    assert olivia.is_alive()
    [logged] = await world.log()
    assert (logged.act, logged.who, logged.about, logged.detail) == (
        Act.SIGN_OUT_EVERYWHERE, OLIVIA, VICTOR, "by an admin",
    )  # fmt: skip
    assert (await world.sign_in(VICTOR)).is_complete


@pytest.mark.parametrize("others", [[], ["suspended"], ["invited"], ["viewer"], ["elsewhere"]])
@pytest.mark.parametrize("change", TAKES_AN_ADMIN_AWAY)
async def test_the_last_admin_stays(world: World, olivia: Actor, change: Change, others: list[str]) -> None:
    """Whoever cannot sign in, or not here, or not as an admin, is no other admin."""
    for other in others:
        fields = {
            "suspended": {"suspended_at": NOW},
            "invited": {"password": None},
            "viewer": {"role": Role.VIEWER},
            "elsewhere": {"environment": LOCAL},
        }[other]
        await world.add_account(ADA, **fields)  # type: ignore[arg-type]
    before = await world.rows(Account)
    with pytest.raises(LastAdmin):
        await change(world, olivia, await world.member(olivia, OLIVIA))
    assert await world.rows(Account) == before
    assert olivia.is_alive()
    assert await world.log() == []
    assert await world.ordered() == []


@pytest.mark.parametrize("change", TAKES_AN_ADMIN_AWAY)
async def test_an_admin_who_is_not_the_last_one_may_go(world: World, olivia: Actor, change: Change) -> None:
    await world.add_account(ADA)
    await change(world, olivia, await world.member(olivia, OLIVIA))
    assert not olivia.is_alive()
    with pytest.raises(SessionEnded):
        await list_members(olivia, world.door, now=world.now)


@pytest.mark.parametrize("fields", [{"password": None}, {"suspended_at": NOW}])
async def test_an_admin_who_could_not_sign_in_anyway_may_go(
    world: World, olivia: Actor, fields: dict[str, object]
) -> None:
    await world.add_account(ADA, **fields)  # type: ignore[arg-type]
    await _remove(world, olivia, await world.member(olivia, ADA))
    assert [account.email for account in await world.rows(Account)] == [OLIVIA]


@pytest.mark.parametrize("change", TAKES_AN_ADMIN_AWAY)
async def test_of_two_admins_who_take_each_other_away_at_once_one_stays(
    world: World, olivia: Actor, change: Change
) -> None:
    ada = await world.actor(await world.add_account(ADA))
    hers, mine = await world.member(olivia, ADA), await world.member(ada, OLIVIA)
    await world.warm_up()
    outcomes = await asyncio.gather(change(world, olivia, hers), change(world, ada, mine), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {type(None), LastAdmin}
    assert len(await list_admins(make_actor(), world.door)) == 1


@pytest.mark.parametrize("change", GUARDED)
@pytest.mark.parametrize("seen", [{"role": Role.DEVELOPER}, {"state": AccountState.SUSPENDED}])
async def test_who_is_not_as_they_were_seen_is_not_changed(
    world: World, olivia: Actor, victor: Actor, change: Change, seen: dict[str, object]
) -> None:
    before = await world.rows(Account)
    stale = replace(await world.member(olivia, VICTOR), **seen)  # type: ignore[arg-type]
    with pytest.raises(ChangedMeanwhile):
        await change(world, olivia, stale)
    assert await world.rows(Account) == before
    assert victor.is_alive()
    assert await world.log() == []
    assert await world.ordered() == []


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("seen", [{"id": 4711}, {"email": MALLORY}])
async def test_who_is_not_there_any_more_is_not_changed(
    world: World, olivia: Actor, victor: Actor, change: Change, seen: dict[str, object]
) -> None:
    """Nor whoever has their id by now."""
    before = await world.rows(Account)
    gone = replace(await world.member(olivia, VICTOR), has_second_factor=True, **seen)  # type: ignore[arg-type]
    with pytest.raises(NoSuchMember):
        await change(world, olivia, gone)
    assert await world.rows(Account) == before
    assert victor.is_alive()
    assert await world.log() == []


@pytest.mark.parametrize("change", CHANGES)
async def test_an_admin_of_another_environment_changes_nothing_here(
    world: World, olivia: Actor, victor: Actor, change: Change
) -> None:
    for account in await world.rows(Account):
        await world.give_second_factor(account)
    member = await world.member(olivia, VICTOR)
    before = await world.rows(Account), await world.rows(RecoveryCode), await world.rows(Session)
    elsewhere = make_actor(email=MALLORY, environment=LOCAL, account_id=4711, session_id=4711)
    with pytest.raises(NoSuchMember):
        await change(world, elsewhere, member)
    assert (await world.rows(Account), await world.rows(RecoveryCode), await world.rows(Session)) == before
    assert await world.log() == []
    assert await world.ordered() == []


async def test_an_admin_of_another_environment_sees_nobody_here(world: World, olivia: Actor) -> None:
    elsewhere = make_actor(email=MALLORY, environment=LOCAL)
    assert await list_members(elsewhere, world.door, now=world.now) == []
    assert await list_admins(elsewhere, world.door) == []


async def test_mail_that_could_not_be_sent_is_shown_newest_first(world: World, olivia: Actor) -> None:
    emails = [f"guess{number}@example.com" for number in range(6)]
    for email in emails:
        await invite(olivia, world.door, email=email, role=Role.VIEWER, now=world.now)
    assert await failed_mail(olivia, world.door) == []
    world.mailer.refuse()
    await world.deliver()
    failed = await failed_mail(olivia, world.door)
    assert [mail.email for mail in failed] == emails[:0:-1]
    assert {mail.last_error for mail in failed} == {"The mail server cannot be reached."}
    assert await failed_mail(make_actor(environment=LOCAL), world.door) == []
    world.mailer.error = None
    world.now += timedelta(seconds=10)
    await world.deliver()
    assert await failed_mail(olivia, world.door) == []


async def _redeem(world: World, token: str) -> Entry | None:
    return await redeem_link(world.door, token, email="", password=OTHER_PASSWORD, visitor=BROWSER, now=world.now)
