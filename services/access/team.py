"""The team of an environment: who is in it, and what its admins may change about them.

Every change says what the admin saw and is refused if that is no longer so. It is one guarded statement, so that two
admins at once never leave an environment without one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import Account, AccountState, Challenge, OneTimeLink, RecoveryCode, Session, read_email
from models.audit import Act
from models.environment import Environment
from models.feed import EntryRead, StatusSubscription
from models.known import RecentObject
from models.mail import Mail, MailKind
from models.permissions import Permission, Role
from services.access.accounts import find_account, is_not_the_last_admin
from services.access.actors import Actor, needs
from services.access.audit import record_act
from services.access.door import Door
from services.access.errors import (
    AlreadyMember,
    ChangedMeanwhile,
    LastAdmin,
    NoSuchMember,
    NotAnEmail,
    NotOneself,
    StaysAllowed,
)
from services.access.links import add_link
from services.access.post import order
from services.access.second_factor import drop_codes
from services.access.sessions import end_sessions_of, stored


@dataclass(frozen=True, slots=True)
class Member:
    """One access as the team's page shows it. It changes only as long as it is as it was seen."""

    id: int
    email: str
    role: Role
    state: AccountState
    has_second_factor: bool
    created_at: datetime
    last_signed_in_at: datetime | None
    # The other environments that the same e-mail has an access to, among those the looking admin may enter.
    also_in: tuple[Environment, ...]


@dataclass(frozen=True, slots=True)
class Invited:
    """What became of an invitation: mail is on its way or, where none can be sent, a link to pass on by hand."""

    email: str
    link: str | None


@needs(Permission.MANAGE_TEAM)
async def list_members(actor: Actor, door: Door, *, now: datetime) -> Sequence[Member]:
    """Return everybody of the actor's environment, by e-mail."""
    seen = (actor.environment, *actor.also_in)
    async with door.database.session() as session:
        everybody = select(Account).where(col(Account.environment).in_(seen)).order_by(Account.email)
        rows = (await session.exec(everybody)).all()
    elsewhere: dict[str, list[Environment]] = {}
    for row in rows:
        if row.environment is not actor.environment:
            elsewhere.setdefault(row.email, []).append(row.environment)
    return [
        _member(row, now, tuple(elsewhere.get(row.email, ()))) for row in rows if row.environment is actor.environment
    ]


@needs(Permission.SEE)
async def list_admins(actor: Actor, door: Door) -> Sequence[str]:
    """Return the e-mails of those who can change what one may do, for whoever has to ask them."""
    async with door.database.session() as session:
        admins = select(Account.email).where(
            Account.environment == actor.environment,
            Account.role == Role.ADMIN,
            col(Account.suspended_at).is_(None),
            col(Account.password_hash).is_not(None),
        )
        return (await session.exec(admins.order_by(Account.email))).all()


@needs(Permission.MANAGE_TEAM)
async def failed_mail(actor: Actor, door: Door) -> Sequence[Mail]:
    """Return the mails of the actor's environment that could not be sent so far, newest first."""
    async with door.database.session() as session:
        waiting = select(Mail).where(Mail.environment == actor.environment, col(Mail.last_error).is_not(None))
        return (await session.exec(waiting.order_by(col(Mail.id).desc()).limit(5))).all()


@needs(Permission.MANAGE_TEAM)
async def invite(actor: Actor, door: Door, *, email: str, role: Role, now: datetime) -> Invited:
    """Invite somebody who is not in the list. Raises NotAnEmail, AlreadyMember."""
    address = read_email(email)
    if address is None:
        raise NotAnEmail(email)
    async with door.database.session() as session:
        if await find_account(session, actor.environment, address) is not None:
            raise AlreadyMember(address)
        account = Account(environment=actor.environment, email=address, role=role, created_at=now, invited_at=now)
        session.add(account)
        try:
            await session.flush()
        except IntegrityError as error:
            raise AlreadyMember(address) from error
        invited = _send(session, actor, door, account, now)
        await session.commit()
    return invited


@needs(Permission.MANAGE_TEAM)
async def invite_again(actor: Actor, door: Door, member: Member, *, now: datetime) -> Invited:
    """Invite once more whoever has not come in yet. Raises AlreadyMember, ChangedMeanwhile, NoSuchMember."""
    async with door.database.session() as session:
        mine = update(Account).where(*_as_seen(actor, member), col(Account.password_hash).is_(None))
        changed = await session.exec(mine.values(invited_at=now))
        account = await find_account(session, actor.environment, member.email)
        if changed.rowcount != 1 or account is None:
            if account is not None and account.password_hash is not None:
                raise AlreadyMember(member.email)
            raise NoSuchMember if account is None else ChangedMeanwhile
        invited = _send(session, actor, door, account, now)
        await session.commit()
    return invited


@needs(Permission.MANAGE_TEAM)
async def change_role(actor: Actor, door: Door, member: Member, role: Role, *, now: datetime) -> None:
    """Give a member another role; their sessions end. Raises LastAdmin, ChangedMeanwhile, NoSuchMember."""
    async with door.database.session() as session:
        keeps_admin = [] if role is Role.ADMIN else [is_not_the_last_admin(actor.environment)]
        await _change(session, actor, member, *keeps_admin, role=role)
        await end_sessions_of(session, member.id, now=now)
        record_act(session, actor, Act.CHANGE_ROLE, now=now, about=member.email, detail=f"{member.role} to {role}")
        _tell(session, actor, member, f"its role is now {role}", now)
        await session.commit()
    await door.sessions.hear(now=now)


@needs(Permission.MANAGE_TEAM)
async def suspend(actor: Actor, door: Door, member: Member, *, now: datetime) -> None:
    """Keep a member out until restored; sessions and links end. Raises LastAdmin, ChangedMeanwhile, NoSuchMember."""
    async with door.database.session() as session:
        await _change(session, actor, member, is_not_the_last_admin(actor.environment), suspended_at=now)
        await end_sessions_of(session, member.id, now=now)
        unused = update(OneTimeLink).where(col(OneTimeLink.account_id) == member.id, col(OneTimeLink.used_at).is_(None))
        await session.exec(unused.values(used_at=now))
        record_act(session, actor, Act.SUSPEND, now=now, about=member.email)
        _tell(session, actor, member, "it is suspended", now)
        await session.commit()
    await door.sessions.hear(now=now)


@needs(Permission.MANAGE_TEAM)
async def restore(actor: Actor, door: Door, member: Member, *, now: datetime) -> None:
    """Let a suspended member in again. Raises ChangedMeanwhile, NoSuchMember."""
    async with door.database.session() as session:
        await _change(session, actor, member, suspended_at=None)
        record_act(session, actor, Act.RESTORE, now=now, about=member.email)
        _tell(session, actor, member, "it is no longer suspended", now)
        await session.commit()


@needs(Permission.MANAGE_TEAM)
async def remove(actor: Actor, door: Door, member: Member, *, now: datetime) -> None:
    """Take a member's access away for good.

    Raises StaysAllowed when a setting would let them come back, LastAdmin, ChangedMeanwhile, NoSuchMember.
    """
    if member.email in door.allowed.get(actor.environment, {}):
        raise StaysAllowed(member.email)
    async with door.database.session() as session:
        # Marks the row as going, under the same guard as every change, so that what refers to it can go first.
        await _change(session, actor, member, is_not_the_last_admin(actor.environment), suspended_at=now)
        for table in (Session, Challenge, OneTimeLink, RecoveryCode, StatusSubscription, EntryRead, RecentObject):
            await session.exec(delete(table).where(col(table.account_id) == member.id))
        await session.exec(delete(Account).where(col(Account.id) == member.id))
        _tell(session, actor, member, "it is removed", now)
        record_act(session, actor, Act.REMOVE, now=now, about=member.email, detail=member.role.value)
        await session.commit()
    await door.sessions.hear(now=now)


@needs(Permission.MANAGE_TEAM)
async def reset_second_factor(actor: Actor, door: Door, member: Member, *, now: datetime) -> None:
    """Take away a second factor that its owner has lost; their sessions end.

    Raises NotOneself, ChangedMeanwhile, NoSuchMember.
    """
    if member.id == actor.account_id:
        raise NotOneself
    if not member.has_second_factor:
        raise ChangedMeanwhile
    async with door.database.session() as session:
        await _change(session, actor, member, totp_secret=None)
        await drop_codes(session, member.id)
        await end_sessions_of(session, member.id, now=now)
        record_act(session, actor, Act.REMOVE_SECOND_FACTOR, now=now, about=member.email, detail="reset by an admin")
        order(session, actor.environment, MailKind.SECOND_FACTOR_REMOVED, member.email, now=now)
        await session.commit()
    await door.sessions.hear(now=now)


@needs(Permission.MANAGE_TEAM)
async def sign_member_out(actor: Actor, door: Door, member: Member, *, now: datetime) -> None:
    """End all sessions of a member. Raises ChangedMeanwhile, NoSuchMember."""
    async with door.database.session() as session:
        await _change(session, actor, member, email=member.email)
        await end_sessions_of(session, member.id, now=now)
        record_act(session, actor, Act.SIGN_OUT_EVERYWHERE, now=now, about=member.email, detail="by an admin")
        await session.commit()
    await door.sessions.hear(now=now)


def _send(session: AsyncSession, actor: Actor, door: Door, account: Account, now: datetime) -> Invited:
    """Order an invitation or, where no mail can be sent, make its link; and write it down."""
    link = None
    if actor.environment in door.sends_mail:
        order(session, actor.environment, MailKind.INVITATION, account.email, detail=actor.email, now=now)
    else:
        link = f"{door.urls[actor.environment]}/link/{add_link(session, actor.environment, account.id, now=now)}"
    record_act(session, actor, Act.INVITE, now=now, about=account.email, detail=account.role.value)
    return Invited(account.email, link)


def _member(row: Account, now: datetime, also_in: tuple[Environment, ...]) -> Member:
    return Member(
        id=stored(row.id),
        email=row.email,
        role=row.role,
        state=row.state(now),
        has_second_factor=row.has_second_factor,
        created_at=row.created_at,
        last_signed_in_at=row.last_signed_in_at,
        also_in=also_in,
    )


def _as_seen(actor: Actor, member: Member) -> Sequence[ColumnElement[bool]]:
    suspended_at = col(Account.suspended_at)
    return (
        *_is(actor, member),
        col(Account.role) == member.role,
        suspended_at.is_not(None) if member.state is AccountState.SUSPENDED else suspended_at.is_(None),
    )


def _is(actor: Actor, member: Member) -> Sequence[ColumnElement[bool]]:
    return (
        col(Account.id) == member.id,
        col(Account.environment) == actor.environment,
        col(Account.email) == member.email,
    )


async def _change(
    session: AsyncSession, actor: Actor, member: Member, *guards: ColumnElement[bool], **values: object
) -> None:
    """Change a member who is as they were seen, if the guards let it; else say why not, and change nothing."""
    changed = await session.exec(update(Account).where(*_as_seen(actor, member), *guards).values(**values))
    if changed.rowcount == 1:
        return
    row = (await session.exec(select(Account).where(*_is(actor, member)))).first()
    if row is None:
        raise NoSuchMember
    still = (await session.exec(select(Account.id).where(*_as_seen(actor, member)))).first()
    raise ChangedMeanwhile if still is None else LastAdmin


def _tell(session: AsyncSession, actor: Actor, member: Member, what: str, now: datetime) -> None:
    if member.state in (AccountState.ACTIVE, AccountState.SUSPENDED):
        order(
            session, actor.environment, MailKind.ROLE_CHANGED, member.email, detail=f"{what}, by {actor.email}", now=now
        )
