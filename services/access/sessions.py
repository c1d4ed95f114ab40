"""Sessions: who is signed in. The browser holds an opaque token, the table its hash, each process a short memory."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, update
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import SESSION_LIMITS, Account, Challenge, Session, Theme
from models.environment import Environment
from models.permissions import lacks_second_factor
from services.access.actors import Actor
from services.access.tokens import hash_token, new_token
from services.access.visitors import Visitor
from services.database import Database

log = logging.getLogger(__name__)

MEMORY = timedelta(seconds=5)
WRITE_SEEN_EVERY = timedelta(minutes=1)


async def add_session(session: AsyncSession, account: Account, visitor: Visitor, *, now: datetime) -> str | None:
    """Add a session and return its token; None if the account is not as it was when its password was checked."""
    token = new_token()
    updated = await session.exec(update(Account).where(*as_checked(account)).values(last_signed_in_at=now))
    if updated.rowcount != 1:
        return None
    before = update(Session).where(
        col(Session.token_hash) == hash_token(visitor.replaces), col(Session.revoked_at).is_(None)
    )
    await session.exec(before.values(revoked_at=now))
    session.add(
        Session(
            token_hash=hash_token(token), account_id=stored(account.id), created_at=now, last_seen_at=now,
            address=visitor.address, device=visitor.device,
        )
    )  # fmt: skip
    return token


def as_checked(account: Account) -> Sequence[ColumnElement[bool]]:
    """Whether an account is still there, not suspended, and asks for the same as when its password was checked."""
    return (
        col(Account.id) == account.id,
        col(Account.password_hash) == account.password_hash,
        col(Account.totp_secret) == account.totp_secret,
        col(Account.role) == account.role,
        col(Account.suspended_at).is_(None),
    )


async def end_sessions_of(session: AsyncSession, account_id: int, *, now: datetime, but: int | None = None) -> None:
    """End every session of an account, except perhaps one, and every sign-in that is under way."""
    still_open = update(Session).where(col(Session.account_id) == account_id, col(Session.revoked_at).is_(None))
    if but is not None:
        still_open = still_open.where(col(Session.id) != but)
    await session.exec(still_open.values(revoked_at=now))
    under_way = update(Challenge).where(col(Challenge.account_id) == account_id, col(Challenge.ended_at).is_(None))
    await session.exec(under_way.values(ended_at=now))


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """How long a session goes on if nobody does anything, and in any case."""

    idle: timedelta
    absolute: timedelta


@dataclass(slots=True)
class _Known:
    actor: Actor
    read_at: datetime
    written_seen_at: datetime
    seen_at: datetime
    created_at: datetime


class SessionRegistry:
    """What this process knows of open sessions: for HTTP at most 5 seconds old, for sockets as old as the last poll."""

    def __init__(self, database: Database, *, environments: tuple[Environment, ...]) -> None:
        self._database = database
        # Those that are on: a session of one that was switched off is none.
        self._environments = environments
        self._by_token: dict[str, _Known] = {}
        self._by_id: dict[int, str] = {}

    async def lookup(self, token: str, *, now: datetime) -> Actor | None:
        """Return who holds the token, or None if its session ended or never was."""
        token_hash = hash_token(token)
        known = self._by_token.get(token_hash)
        if known is None or now - known.read_at >= MEMORY:
            known = await self._read(token_hash, now)
        return known.actor if known else None

    def is_alive(self, session_id: int) -> bool:
        """Whether a session that was looked up has not ended since, as far as this process has heard."""
        return session_id in self._by_id

    def touch(self, session_id: int, *, now: datetime) -> None:
        """Note that the person did something; the next poll writes it down, at most once a minute."""
        token_hash = self._by_id.get(session_id)
        if token_hash is not None:
            self._by_token[token_hash].seen_at = now

    def time_left(self, session_id: int, *, now: datetime) -> TimeLeft | None:
        """Return how long a session goes on; None for one that has ended."""
        token_hash = self._by_id.get(session_id)
        if token_hash is None:
            return None
        known = self._by_token[token_hash]
        limits = SESSION_LIMITS[known.actor.environment]
        return TimeLeft(known.seen_at + limits.idle - now, known.created_at + limits.absolute - now)

    async def poll(self, *, now: datetime) -> None:
        """Forget what was revoked elsewhere or ran out; to be called every 2 seconds or so."""
        await self._write_seen(now)
        asked = list(self._by_token)
        if not asked:
            return
        async with self._database.session() as session:
            both = select(Session, Account).join(Account).where(col(Session.token_hash).in_(asked))
            rows = (await session.exec(both)).all()
        still_open = {row.token_hash for row, account in rows if _is_open(row, account, now)}
        for token_hash in asked:
            if token_hash not in still_open:
                self._forget(token_hash)

    async def hear(self, *, now: datetime) -> None:
        """Poll at once, after something was committed here; what was committed stays so if the database is busy."""
        try:
            await self.poll(now=now)
        except OperationalError as error:
            log.warning("sessions not read, trying again error=%s at=%s", type(error).__name__, now)

    def note_theme(self, account_id: int, theme: Theme) -> None:
        """Show the very next page of a person in the theme they chose."""
        for known in self._by_token.values():
            if known.actor.account_id == account_id:
                known.actor = replace(known.actor, theme=theme)

    async def _read(self, token_hash: str, now: datetime) -> _Known | None:
        async with self._database.session() as session:
            both = select(Session, Account).join(Account).where(Session.token_hash == token_hash)
            row = (await session.exec(both)).first()
            if row is None or not _is_open(*row, now) or row[1].environment not in self._environments:
                self._forget(token_hash)
                return None
            also_in = await _other_environments(session, row[1], self._environments)
        before = self._by_token.get(token_hash)
        known = _Known(
            actor=self._actor(*row, also_in),
            read_at=now,
            written_seen_at=row[0].last_seen_at,
            seen_at=max(row[0].last_seen_at, before.seen_at if before else row[0].last_seen_at),
            created_at=row[0].created_at,
        )
        self._by_token[token_hash] = known
        self._by_id[known.actor.session_id] = token_hash
        return known

    def _actor(self, session: Session, account: Account, also_in: Sequence[Environment]) -> Actor:
        session_id = stored(session.id)
        return Actor(
            session_id=session_id,
            account_id=stored(account.id),
            email=account.email,
            role=account.role,
            environment=account.environment,
            has_second_factor=account.has_second_factor,
            theme=account.theme,
            also_in=tuple(also_in),
            address=session.address,
            is_alive=partial(self.is_alive, session_id),
        )

    async def _write_seen(self, now: datetime) -> None:
        due = [known for known in self._by_token.values() if known.seen_at - known.written_seen_at >= WRITE_SEEN_EVERY]
        if not due:
            return
        try:
            async with self._database.session() as session:
                for known in due:
                    row = update(Session).where(col(Session.id) == known.actor.session_id)
                    later = row.where(col(Session.last_seen_at) < known.seen_at)
                    await session.exec(later.values(last_seen_at=known.seen_at))
                await session.commit()
        except OperationalError as error:
            # Busy: the receiver goes first. What was revoked must be heard of all the same.
            log.warning("last seen not written, trying again error=%s at=%s", type(error).__name__, now)
            return
        for known in due:
            known.written_seen_at = known.seen_at

    def _forget(self, token_hash: str) -> None:
        known = self._by_token.pop(token_hash, None)
        if known is not None:
            self._by_id.pop(known.actor.session_id, None)


def _is_open(session: Session, account: Account, now: datetime) -> bool:
    lacks_factor = lacks_second_factor(account.environment, account.role, has_one=account.has_second_factor)
    is_barred = account.suspended_at is not None or lacks_factor
    return not is_barred and session.is_open(now, SESSION_LIMITS[account.environment])


async def _other_environments(
    session: AsyncSession, account: Account, on: Sequence[Environment]
) -> Sequence[Environment]:
    """Return where else the same e-mail may sign in, the most serious environment first."""
    elsewhere = select(Account.environment).where(
        Account.email == account.email,
        Account.environment != account.environment,
        col(Account.password_hash).is_not(None),
        col(Account.suspended_at).is_(None),
    )
    found = set((await session.exec(elsewhere)).all())
    return [environment for environment in on if environment in found]


def stored(row_id: int | None) -> int:
    if row_id is None:
        raise ValueError("a row has its id once it is stored")
    return row_id
