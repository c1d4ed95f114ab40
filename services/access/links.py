"""One-time links: whoever opens one within 30 minutes sets the password of one access with it, for the first time or
anew.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import LINK_LIFETIME, Account, LinkState, OneTimeLink, read_email
from models.audit import Act, Outcome
from models.environment import Environment
from models.mail import MailKind
from models.permissions import Role
from services.access.accounts import find_account, is_anybody_in, is_not_the_last_admin
from services.access.actors import open_to_strangers
from services.access.audit import COMMAND_LINE, record
from services.access.door import Door
from services.access.errors import LastAdmin, LinkRefused, NotAnEmail, WeakPassword
from services.access.passwords import hash_password, unmet_by
from services.access.post import order
from services.access.sessions import end_sessions_of, stored
from services.access.sign_in import Entry, let_in
from services.access.throttle import forgive
from services.access.tokens import hash_token, new_token
from services.access.tries import sign_in_tries
from services.access.visitors import Visitor
from services.database import Database


@dataclass(frozen=True, slots=True)
class KnownLink:
    """A link as its page shows it. Without an e-mail it is the first one: whoever opens it names theirs."""

    environment: Environment
    email: str | None
    role: Role
    # Whether it makes an access, or sets the password of one anew.
    is_new: bool
    expires_at: datetime
    state: LinkState


async def first_link_needed(database: Database, environment: Environment) -> bool:
    """Whether nobody has an access to the environment yet."""
    async with database.session() as session:
        return not await is_anybody_in(session, environment)


async def issue_first_link(database: Database, environment: Environment, *, now: datetime) -> str:
    """Return the token of a link that makes an environment's first access, that of an admin."""
    async with database.session() as session:
        token = add_link(session, environment, None, now=now)
        await session.commit()
    return token


async def invite_by_command_line(
    database: Database, *, environment: Environment, email: str, role: Role | None, now: datetime
) -> str:
    """Return the token of a link for an e-mail address. Whoever may run commands on this host owns the database anyway.

    An access that is there already keeps its role unless another is given, and is no longer suspended; a new one is a
    viewer's unless a role is given. Raises NotAnEmail, LastAdmin.
    """
    address = read_email(email)
    if address is None:
        raise NotAnEmail(email)
    async with database.session() as session:
        account = await find_account(session, environment, address)
        if account is None:
            account = Account(environment=environment, email=address, role=role or Role.VIEWER, created_at=now)
            session.add(account)
            await session.flush()
        elif role not in (None, account.role):
            await _change_role(session, account, role or account.role, now)
        mine = update(Account).where(col(Account.id) == account.id)
        await session.exec(mine.values(invited_at=now, suspended_at=None))
        token = add_link(session, environment, account.id, now=now)
        about, detail = address, (role or account.role).value
        record(session, environment=environment, act=Act.INVITE, who=COMMAND_LINE, now=now, about=about, detail=detail)
        await session.commit()
    return token


def add_link(
    session: AsyncSession, environment: Environment, account_id: int | None, *, email: str | None = None, now: datetime
) -> str:
    """Add a link and return its token, which exists nowhere else."""
    token = new_token()
    session.add(
        OneTimeLink(
            token_hash=hash_token(token), environment=environment, account_id=account_id, email=email, created_at=now,
            expires_at=now + LINK_LIFETIME,
        )
    )  # fmt: skip
    return token


@open_to_strangers("whoever holds the token has proved what it asks for")
async def find_link(door: Door, token: str, *, now: datetime) -> KnownLink | None:
    """Return what a token opens, in whatever state it is. Looking uses nothing up: mail scanners look too."""
    async with door.database.session() as session:
        link = (await session.exec(select(OneTimeLink).where(OneTimeLink.token_hash == hash_token(token)))).first()
        if link is None or link.environment not in door.environments:
            return None
        account = await session.get(Account, link.account_id) if link.account_id is not None else None
    return KnownLink(
        environment=link.environment,
        email=account.email if account else link.email,
        role=account.role if account else Role.ADMIN,
        is_new=account is None or account.password_hash is None,
        expires_at=link.expires_at,
        state=link.state(now),
    )


@open_to_strangers("whoever holds the token has proved what it asks for")
async def redeem_link(
    door: Door, token: str, *, email: str, password: str, visitor: Visitor, now: datetime
) -> Entry | None:
    """Use a link up, set the password, and let its holder in; None if the access was changed in the same moment.

    A link for an access keeps to its e-mail address, whatever is given here. Whoever was signed in with that access is
    signed out. Of two who redeem at once, one succeeds. Raises LinkRefused, NotAnEmail, WeakPassword.
    """
    link = await find_link(door, token, now=now)
    if link is None or link.state is not LinkState.VALID:
        await _note_refusal(door, link, visitor, now)
        raise LinkRefused(LinkState.UNKNOWN if link is None else link.state)
    address = link.email or read_email(email)
    if address is None:
        raise NotAnEmail(email)
    if unmet := await unmet_by(password, about=(address,)):
        raise WeakPassword(unmet)
    password_hash = await hash_password(password)
    async with door.database.session() as session:
        account = await _use_up(session, token, address, now)
        account.password_hash = password_hash
        session.add(account)
        await session.flush()
        await _note(session, account, visitor, is_new=link.is_new, now=now)
        entry = await let_in(session, account, visitor, now=now)
        # Whoever reads the mailbox has proved more than a password could: a guesser no longer keeps them out.
        await forgive(session, sign_in_tries(account.environment, address, visitor.address))
        await session.commit()
    await door.sessions.hear(now=now)
    return entry


async def _change_role(session: AsyncSession, account: Account, role: Role, now: datetime) -> None:
    keeps_admin = [] if role is Role.ADMIN else [is_not_the_last_admin(account.environment)]
    mine = update(Account).where(col(Account.id) == account.id, *keeps_admin)
    if (await session.exec(mine.values(role=role))).rowcount != 1:
        raise LastAdmin
    await end_sessions_of(session, stored(account.id), now=now)


async def _use_up(session: AsyncSession, token: str, email: str, now: datetime) -> Account:
    """Mark the link as used, with every other for the same access; return the access, made if it is the first one."""
    unused = update(OneTimeLink).where(col(OneTimeLink.used_at).is_(None)).values(used_at=now)
    mine = await session.exec(unused.where(col(OneTimeLink.token_hash) == hash_token(token)))
    if mine.rowcount != 1:
        raise LinkRefused(LinkState.USED)
    link = (await session.exec(select(OneTimeLink).where(OneTimeLink.token_hash == hash_token(token)))).one()
    if link.account_id is None:
        account = await _first(session, link.environment, email, now)
        first_ones = (col(OneTimeLink.environment) == link.environment, col(OneTimeLink.account_id).is_(None))
        await session.exec(unused.where(*first_ones))
    else:
        account = (await session.exec(select(Account).where(Account.id == link.account_id))).one()
    if account.id is not None:
        await session.exec(unused.where(col(OneTimeLink.account_id) == account.id))
        await end_sessions_of(session, account.id, now=now)
    return account


async def _first(session: AsyncSession, environment: Environment, email: str, now: datetime) -> Account:
    """Return the environment's first access, an admin's. Raises LinkRefused once somebody is in."""
    if await is_anybody_in(session, environment):
        raise LinkRefused(LinkState.USED)
    account = await find_account(session, environment, email)
    if account is None:
        return Account(environment=environment, email=email, role=Role.ADMIN, created_at=now)
    account.role, account.suspended_at = Role.ADMIN, None
    return account


async def _note_refusal(door: Door, link: KnownLink | None, visitor: Visitor, now: datetime) -> None:
    """Write down that a known link was used too late or twice; of unknown ones anybody could make up any number."""
    if link is None:
        return
    async with door.database.session() as session:
        record(
            session, environment=link.environment, act=Act.OPEN_LINK, outcome=Outcome.REFUSED, who=link.email or "",
            now=now, address=visitor.address, about=link.email or "", detail=f"the link is {link.state}",
        )  # fmt: skip
        await session.commit()


async def _note(session: AsyncSession, account: Account, visitor: Visitor, *, is_new: bool, now: datetime) -> None:
    act = Act.OPEN_ACCESS if is_new else Act.SET_PASSWORD
    record(
        session, environment=account.environment, act=act, who=account.email, now=now, address=visitor.address,
        about=account.email, detail=f"by one-time link, {account.role}",
    )  # fmt: skip
    if not is_new:
        order(session, account.environment, MailKind.PASSWORD_SET, account.email, address=visitor.address, now=now)
