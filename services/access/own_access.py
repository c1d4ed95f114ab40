"""What everybody may do with their own access: theme, password, second factor, sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import SESSION_LIMITS, Account, Session, Theme
from models.audit import Act, Outcome
from models.mail import MailKind
from models.password import unmet_requirements
from models.permissions import Permission, requires_second_factor
from services.access.actors import Actor, needs
from services.access.audit import record_act
from services.access.door import Door
from services.access.errors import (
    NoSuchMember,
    NoSuchSession,
    SecondFactorNeeded,
    TryLater,
    WeakPassword,
    WrongCode,
    WrongPair,
)
from services.access.passwords import hash_password, matches
from services.access.post import order
from services.access.second_factor import (
    Offer,
    accepted_secret,
    codes_left,
    drop_secret,
    keep_secret,
    offer_secret,
    renew_codes,
    use_code,
)
from services.access.sessions import end_sessions_of
from services.access.throttle import forgive, start_try
from services.access.tries import code_tries


@dataclass(frozen=True, slots=True)
class OwnAccess:
    """What its page shows. Sessions are the open ones, newest first."""

    has_second_factor: bool
    needs_second_factor: bool
    recovery_codes_left: int
    sessions: Sequence[Session]


@needs(Permission.OWN_ACCESS)
async def read_own_access(actor: Actor, door: Door, *, now: datetime) -> OwnAccess:
    async with door.database.session() as session:
        account = await _own(session, actor)
        mine = select(Session).where(Session.account_id == actor.account_id, col(Session.revoked_at).is_(None))
        rows = (await session.exec(mine.order_by(col(Session.last_seen_at).desc()))).all()
        left = await codes_left(session, actor.account_id)
    limits = SESSION_LIMITS[actor.environment]
    return OwnAccess(
        has_second_factor=account.has_second_factor,
        needs_second_factor=requires_second_factor(actor.environment, actor.role),
        recovery_codes_left=left,
        sessions=[row for row in rows if row.is_open(now, limits)],
    )


@needs(Permission.OWN_ACCESS)
async def choose_theme(actor: Actor, door: Door, theme: Theme) -> None:
    """Remember how a person likes the pages; their next page shows it."""
    async with door.database.session() as session:
        await session.exec(update(Account).where(col(Account.id) == actor.account_id).values(theme=theme))
        await session.commit()
    door.sessions.note_theme(actor.account_id, theme)


@needs(Permission.OWN_ACCESS)
async def end_own_session(actor: Actor, door: Door, session_id: int, *, now: datetime) -> None:
    """End one of one's own sessions. Raises NoSuchSession."""
    async with door.database.session() as session:
        mine = update(Session).where(
            col(Session.id) == session_id,
            col(Session.account_id) == actor.account_id,
            col(Session.revoked_at).is_(None),
        )
        if (await session.exec(mine.values(revoked_at=now))).rowcount != 1:
            raise NoSuchSession
        record_act(session, actor, Act.END_SESSION, now=now, about=f"session {session_id}")
        await session.commit()
    await door.sessions.poll(now=now)


@needs(Permission.OWN_ACCESS)
async def sign_out_everywhere(actor: Actor, door: Door, *, now: datetime) -> None:
    """End every session of one's own, this one too."""
    async with door.database.session() as session:
        await end_sessions_of(session, actor.account_id, now=now)
        record_act(session, actor, Act.SIGN_OUT_EVERYWHERE, now=now, about=actor.email)
        await session.commit()
    await door.sessions.poll(now=now)


@needs(Permission.OWN_ACCESS)
async def change_password(actor: Actor, door: Door, *, present: str, new: str, now: datetime) -> None:
    """Set a new password and end every other session of one's own.

    Raises WrongPair when the present one is wrong, TryLater, WeakPassword.
    """
    if unmet := unmet_requirements(new, about=(actor.email,)):
        raise WeakPassword(unmet)
    account = await _with_password(actor, door, present, now=now)
    password_hash = await hash_password(new)
    async with door.database.session() as session:
        unchanged = (col(Account.id) == account.id, col(Account.password_hash) == account.password_hash)
        changed = await session.exec(update(Account).where(*unchanged).values(password_hash=password_hash))
        if changed.rowcount != 1:
            raise WrongPair
        await end_sessions_of(session, actor.account_id, now=now, but=actor.session_id)
        record_act(session, actor, Act.SET_PASSWORD, now=now, about=actor.email)
        order(session, actor.environment, MailKind.PASSWORD_SET, actor.email, address=actor.address, now=now)
        await session.commit()
    await _proved(actor, door, now=now)


@needs(Permission.OWN_ACCESS)
def offer_second_factor(actor: Actor, door: Door, *, sealed: str = "") -> Offer:
    """Return a new secret to set up; it counts once a first code proves it."""
    return offer_secret(
        door.seal, account_id=actor.account_id, email=actor.email, environment=actor.environment, sealed=sealed
    )


@needs(Permission.OWN_ACCESS)
async def set_up_second_factor(
    actor: Actor, door: Door, *, password: str, sealed: str, code: str, now: datetime
) -> Sequence[str]:
    """Make an offered secret one's second factor, in place of the one before; return the new recovery codes.

    Every other session of one's own ends. Raises WrongPair, WrongCode, TryLater.
    """
    account = await _with_password(actor, door, password, now=now)
    accepted = accepted_secret(door.seal, sealed, account_id=actor.account_id, code=code, now=now)
    if accepted is None:
        raise WrongCode
    async with door.database.session() as session:
        codes = await keep_secret(session, door.seal, account, *accepted)
        await end_sessions_of(session, actor.account_id, now=now, but=actor.session_id)
        record_act(session, actor, Act.SET_UP_SECOND_FACTOR, now=now, about=actor.email)
        order(session, actor.environment, MailKind.SECOND_FACTOR_SET_UP, actor.email, address=actor.address, now=now)
        await session.commit()
    await _proved(actor, door, now=now)
    return codes


@needs(Permission.OWN_ACCESS)
async def remove_second_factor(actor: Actor, door: Door, *, password: str, code: str, now: datetime) -> None:
    """Take one's second factor away. Raises SecondFactorNeeded where it is required, WrongPair, WrongCode, TryLater."""
    if requires_second_factor(actor.environment, actor.role):
        raise SecondFactorNeeded
    account = await _with_password(actor, door, password, now=now)
    async with door.database.session() as session:
        if await use_code(session, door.seal, account, code, now=now) is None:
            raise WrongCode
        await drop_secret(session, actor.account_id)
        await end_sessions_of(session, actor.account_id, now=now, but=actor.session_id)
        record_act(session, actor, Act.REMOVE_SECOND_FACTOR, now=now, about=actor.email)
        order(session, actor.environment, MailKind.SECOND_FACTOR_REMOVED, actor.email, address=actor.address, now=now)
        await session.commit()
    await _proved(actor, door, now=now)


@needs(Permission.OWN_ACCESS)
async def renew_recovery_codes(actor: Actor, door: Door, *, password: str, code: str, now: datetime) -> Sequence[str]:
    """Replace one's recovery codes; the old ones stop working. Raises WrongPair, WrongCode, TryLater."""
    account = await _with_password(actor, door, password, now=now)
    async with door.database.session() as session:
        if await use_code(session, door.seal, account, code, now=now) is None:
            raise WrongCode
        codes = await renew_codes(session, actor.account_id)
        record_act(session, actor, Act.NEW_RECOVERY_CODES, now=now, about=actor.email)
        await session.commit()
    await _proved(actor, door, now=now)
    return codes


async def _with_password(actor: Actor, door: Door, password: str, *, now: datetime) -> Account:
    """Return one's account once the password is proved; wrong ones are counted as wrong codes are."""
    tries = code_tries(actor.environment, actor.email, actor.address)
    if wait := await start_try(door.database, tries, now=now):
        raise TryLater(wait)
    async with door.database.session() as session:
        account = await _own(session, actor)
    if not await matches(password, account.password_hash):
        async with door.database.session() as session:
            record_act(
                session, actor, Act.SIGN_IN, outcome=Outcome.REFUSED, now=now, about=actor.email,
                detail="wrong password, asked for again by a signed-in session",
            )  # fmt: skip
            await session.commit()
        raise WrongPair
    return account


async def _proved(actor: Actor, door: Door, *, now: datetime) -> None:
    """Forget failures once everything was right, and let every page hear of the sessions that ended."""
    await forgive(door.database, code_tries(actor.environment, actor.email, actor.address))
    await door.sessions.poll(now=now)


async def _own(session: AsyncSession, actor: Actor) -> Account:
    account = await session.get(Account, actor.account_id)
    if account is None:
        raise NoSuchMember
    return account
