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
from models.permissions import Permission, requires_second_factor
from services.access.actors import Actor, needs
from services.access.audit import record_act
from services.access.door import Door
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
from services.access.passwords import hash_password, matches, unmet_by
from services.access.post import order
from services.access.second_factor import (
    Offer,
    accepted_secret,
    codes_left,
    drop_codes,
    keep_secret,
    offer_secret,
    renew_codes,
    use_code,
)
from services.access.sessions import as_checked, end_sessions_of
from services.access.sign_in import before_pause
from services.access.throttle import forgive, start_try
from services.access.tries import code_tries, password_tries


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
    await door.sessions.hear(now=now)


@needs(Permission.OWN_ACCESS)
async def sign_out_everywhere(actor: Actor, door: Door, *, now: datetime) -> None:
    """End every session of one's own, this one too."""
    async with door.database.session() as session:
        await end_sessions_of(session, actor.account_id, now=now)
        record_act(session, actor, Act.SIGN_OUT_EVERYWHERE, now=now, about=actor.email)
        await session.commit()
    await door.sessions.hear(now=now)


@needs(Permission.OWN_ACCESS)
async def change_password(actor: Actor, door: Door, *, present: str, new: str, now: datetime) -> None:
    """Set a new password and end every other session of one's own.

    Raises WrongPair when the present one is wrong, TryLater, WeakPassword.
    """
    account = await _with_password(actor, door, present, now=now)
    if unmet := await unmet_by(new, about=(actor.email,)):
        raise WeakPassword(unmet)
    password_hash = await hash_password(new)
    async with door.database.session() as session:
        changed = await session.exec(update(Account).where(*as_checked(account)).values(password_hash=password_hash))
        if changed.rowcount != 1:
            raise WrongPair
        await _finish(session, actor, Act.SET_PASSWORD, MailKind.PASSWORD_SET, now=now)
    await door.sessions.hear(now=now)


@needs(Permission.OWN_ACCESS)
def offer_second_factor(actor: Actor, door: Door, *, sealed: str = "", now: datetime) -> Offer:
    """Return a new secret to set up; it counts once a first code proves it."""
    return offer_secret(
        door.seal, account_id=actor.account_id, email=actor.email, environment=actor.environment, sealed=sealed, now=now
    )


@needs(Permission.OWN_ACCESS)
async def set_up_second_factor(
    actor: Actor, door: Door, *, password: str, present_code: str, sealed: str, code: str, now: datetime
) -> Sequence[str]:
    """Make an offered secret one's second factor and return the new recovery codes.

    In place of one that is there already it takes a code of that, too. Every other session of one's own ends.
    Raises WrongPair, WrongPresentCode, WrongCode, TryLater, ChangedMeanwhile.
    """
    account = await _with_password(actor, door, password, now=now)
    accepted = accepted_secret(door.seal, sealed, account_id=actor.account_id, code=code, now=now)
    if accepted is None:
        raise WrongCode
    async with door.database.session() as session:
        if account.has_second_factor:
            await _use_code(session, actor, door, account, present_code, now=now, wrong=WrongPresentCode)
        codes = await keep_secret(session, door.seal, account, *accepted, now=now)
        await _finish(session, actor, Act.SET_UP_SECOND_FACTOR, MailKind.SECOND_FACTOR_SET_UP, now=now)
    await door.sessions.hear(now=now)
    return codes


@needs(Permission.OWN_ACCESS)
async def remove_second_factor(actor: Actor, door: Door, *, password: str, code: str, now: datetime) -> None:
    """Take one's second factor away.

    Raises SecondFactorNeeded where it is required, WrongPair, WrongCode, TryLater, ChangedMeanwhile.
    """
    if requires_second_factor(actor.environment, actor.role):
        raise SecondFactorNeeded
    account = await _with_password(actor, door, password, now=now)
    async with door.database.session() as session:
        await _use_code(session, actor, door, account, code, now=now)
        removed = await session.exec(update(Account).where(*as_checked(account)).values(totp_secret=None))
        if removed.rowcount != 1:
            raise ChangedMeanwhile
        await drop_codes(session, actor.account_id)
        await _finish(session, actor, Act.REMOVE_SECOND_FACTOR, MailKind.SECOND_FACTOR_REMOVED, now=now)
    await door.sessions.hear(now=now)


@needs(Permission.OWN_ACCESS)
async def renew_recovery_codes(actor: Actor, door: Door, *, password: str, code: str, now: datetime) -> Sequence[str]:
    """Replace one's recovery codes; the old ones stop working. Raises WrongPair, WrongCode, TryLater."""
    account = await _with_password(actor, door, password, now=now)
    async with door.database.session() as session:
        await _use_code(session, actor, door, account, code, now=now)
        codes = await renew_codes(session, actor.account_id)
        await _finish(session, actor, Act.NEW_RECOVERY_CODES, MailKind.RECOVERY_CODES_RENEWED, now=now)
    await door.sessions.hear(now=now)
    return codes


async def _with_password(actor: Actor, door: Door, password: str, *, now: datetime) -> Account:
    """Return one's account once the password is proved. Raises WrongPair, TryLater."""
    tries = password_tries(actor.environment, actor.email, actor.address)
    turn = await start_try(door.database, tries, now=now)
    if turn.wait:
        raise TryLater(turn.wait)
    async with door.database.session() as session:
        account = await _own(session, actor)
    is_right = await matches(password, account.password_hash)
    async with door.database.session() as session:
        if is_right:
            await forgive(session, tries)
        else:
            detail = "wrong password, asked for again by a signed-in session" + before_pause(turn)
            record_act(session, actor, Act.SIGN_IN, outcome=Outcome.REFUSED, now=now, about=actor.email, detail=detail)
        await session.commit()
    if not is_right:
        raise WrongPair
    return account


async def _use_code(
    session: AsyncSession,
    actor: Actor,
    door: Door,
    account: Account,
    code: str,
    *,
    now: datetime,
    wrong: type[WrongCode] = WrongCode,
) -> None:
    """Use a code of the present second factor up, or write down that it was wrong and raise; or raise TryLater."""
    tries = code_tries(actor.environment, actor.email, actor.address)
    turn = await start_try(door.database, tries, now=now)
    if turn.wait:
        raise TryLater(turn.wait)
    if await use_code(session, door.seal, account, code, now=now) is not None:
        await forgive(session, tries)
        return
    record_act(
        session, actor, Act.SECOND_FACTOR, outcome=Outcome.REFUSED, now=now, about=actor.email,
        detail="wrong code, asked for again by a signed-in session" + before_pause(turn),
    )  # fmt: skip
    if turn.is_last:
        order(session, actor.environment, MailKind.WRONG_CODES, actor.email, address=actor.address, now=now)
    await session.commit()
    raise wrong


async def _finish(session: AsyncSession, actor: Actor, act: Act, kind: MailKind, *, now: datetime) -> None:
    """End one's other sessions, write down, tell the owner, and commit it all together."""
    await end_sessions_of(session, actor.account_id, now=now, but=actor.session_id)
    record_act(session, actor, act, now=now, about=actor.email)
    order(session, actor.environment, kind, actor.email, address=actor.address, now=now)
    await session.commit()


async def _own(session: AsyncSession, actor: Actor) -> Account:
    account = await session.get(Account, actor.account_id)
    if account is None:
        raise NoSuchMember
    return account
