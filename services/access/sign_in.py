"""Sign-in: a password, then a second factor where there is one or must be one, then a session."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import Account, Challenge, Session
from models.audit import Act, Outcome
from models.environment import Environment
from models.mail import MailKind
from models.permissions import requires_second_factor
from services.access.accounts import find_account
from services.access.actors import open_to_strangers
from services.access.audit import record
from services.access.door import Door
from services.access.errors import TryLater, WrongPair
from services.access.passwords import matches
from services.access.post import order
from services.access.sessions import add_session, as_checked, stored
from services.access.throttle import Turn, forgive, start_try
from services.access.tokens import hash_token, new_token
from services.access.tries import sign_in_tries
from services.access.visitors import Visitor


@dataclass(frozen=True, slots=True)
class Entry:
    """The token of a session or, while the second factor is owed, of a challenge."""

    token: str
    is_complete: bool


@open_to_strangers("this is how one stops being a stranger; it is throttled")
async def sign_in(
    door: Door, *, environment: Environment, email: str, password: str, visitor: Visitor, now: datetime
) -> Entry:
    """Check a password. An unknown e-mail and a wrong password look and last the same. Raises WrongPair, TryLater."""
    tries = sign_in_tries(environment, email, visitor.address)
    turn = await start_try(door.database, tries, now=now)
    if turn.wait:
        raise TryLater(turn.wait)
    async with door.database.session() as session:
        account = await find_account(session, environment, email)
    is_right = await matches(password, account.password_hash if account else None)
    entry = None
    async with door.database.session() as session:
        if is_right and account is not None:
            entry = await let_in(session, account, visitor, now=now)
        if entry is None:
            record(
                session, environment=environment, act=Act.SIGN_IN, outcome=Outcome.REFUSED, who=email, now=now,
                address=visitor.address, about=email, detail=_why(account, is_right=is_right) + before_pause(turn),
            )  # fmt: skip
        else:
            await forgive(session, tries)
        await session.commit()
    if entry is None:
        raise WrongPair
    await door.sessions.hear(now=now)
    return entry


async def let_in(session: AsyncSession, account: Account, visitor: Visitor, *, now: datetime) -> Entry | None:
    """Begin a session, or a challenge where a second factor is owed; None if the account was changed meanwhile.

    To be called once the password, or a link, has been found right.
    """
    if account.suspended_at is not None:
        return None
    if account.has_second_factor or requires_second_factor(account.environment, account.role):
        # Writes what is there already, for the lock: whoever changes the account from here on ends this challenge.
        same = update(Account).where(*as_checked(account)).values(password_hash=account.password_hash)
        if (await session.exec(same)).rowcount != 1:
            return None
        token = new_token()
        session.add(Challenge(token_hash=hash_token(token), account_id=stored(account.id), created_at=now))
        record(
            session, environment=account.environment, act=Act.ACCEPT_PASSWORD, who=account.email, now=now,
            address=visitor.address, about=account.email, detail=f"the second factor is owed, {visitor.device}",
        )  # fmt: skip
        return Entry(token, is_complete=False)
    return await open_session(session, account, visitor, detail="password", now=now)


async def open_session(
    session: AsyncSession, account: Account, visitor: Visitor, *, detail: str, now: datetime
) -> Entry | None:
    """Begin a session and write down how it came about; None if the account was changed meanwhile."""
    await _tell_of_new_device(session, account, visitor, now)
    token = await add_session(session, account, visitor, now=now)
    if token is None:
        return None
    record(
        session, environment=account.environment, act=Act.SIGN_IN, who=account.email, now=now,
        address=visitor.address, about=account.email, detail=f"{detail}, {visitor.device}",
    )  # fmt: skip
    return Entry(token, is_complete=True)


@open_to_strangers("whoever holds the token may end what it opens")
async def sign_out(door: Door, token: str, *, address: str, now: datetime) -> None:
    """End the session of a token: here at once, in other processes with their next poll."""
    async with door.database.session() as session:
        mine = select(Session, Account).join(Account).where(Session.token_hash == hash_token(token))
        found = (await session.exec(mine)).first()
        still_open = update(Session).where(
            col(Session.token_hash) == hash_token(token), col(Session.revoked_at).is_(None)
        )
        ended = await session.exec(still_open.values(revoked_at=now))
        if found and ended.rowcount:
            account = found[1]
            record(
                session, environment=account.environment, act=Act.SIGN_OUT, who=account.email, now=now,
                address=address, about=account.email,
            )  # fmt: skip
        await session.commit()
    await door.sessions.hear(now=now)


async def _tell_of_new_device(session: AsyncSession, account: Account, visitor: Visitor, now: datetime) -> None:
    """Order a mail for a sign-in with a kind of browser that this access was never used with."""
    devices = select(Session.device).where(Session.account_id == account.id).distinct()
    known = set((await session.exec(devices)).all())
    if known and visitor.device not in known:
        order(
            session, account.environment, MailKind.NEW_DEVICE, account.email, address=visitor.address,
            detail=visitor.device, now=now,
        )  # fmt: skip


def before_pause(turn: Turn) -> str:
    """Return what the log adds to a failure after which no try counts for a while."""
    return "; further tries must wait" if turn.is_last else ""


def _why(account: Account | None, *, is_right: bool) -> str:
    if account is None:
        return "no such access"
    if account.suspended_at is not None:
        return "suspended"
    if account.password_hash is None:
        return "the invitation was not accepted yet"
    return "changed in the same moment" if is_right else "wrong password"
