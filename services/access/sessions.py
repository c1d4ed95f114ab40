"""Sessions: who is signed in. The browser holds an opaque token, the table its hash, each process a short memory."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from models.access import Account, Role, Session, Theme
from models.environment import Environment
from services.access.passwords import matches
from services.access.tokens import hash_token, new_token
from services.database import Database

log = logging.getLogger(__name__)

MEMORY = timedelta(seconds=5)
WRITE_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person behind a request, as pages see them."""

    session_id: int
    account_id: int
    email: str
    role: Role
    environment: Environment
    theme: Theme


async def sign_in(
    database: Database, *, environment: Environment, email: str, password: str, now: datetime
) -> str | None:
    """Return the token of a new session, or None: an unknown e-mail and a wrong password look and last the same."""
    async with database.session() as session:
        same = select(Account).where(Account.environment == environment, Account.email == email)
        account = (await session.exec(same)).first()
    if not await matches(password, account.password_hash if account else None) or account is None:
        return None
    return await start_session(database, account, now=now)


async def start_session(database: Database, account: Account, *, now: datetime) -> str | None:
    """Return the token of a new session, or None if the account is gone or has another password by now."""
    token = new_token()
    unchanged = (col(Account.id) == account.id, col(Account.password_hash) == account.password_hash)
    async with database.session() as session:
        updated = await session.exec(update(Account).where(*unchanged).values(last_signed_in_at=now))
        if updated.rowcount != 1:
            return None
        session.add(
            Session(token_hash=hash_token(token), account_id=_stored(account.id), created_at=now, last_seen_at=now)
        )
        await session.commit()
    return token


@dataclass(slots=True)
class _Known:
    signed_in: SignedIn
    read_at: datetime
    written_seen_at: datetime
    seen_at: datetime


class SessionRegistry:
    """What this process knows of open sessions: for HTTP at most 5 seconds old, for sockets as old as the last poll."""

    def __init__(self, database: Database, *, environments: tuple[Environment, ...]) -> None:
        self._database = database
        # Those that are on: a session of one that was switched off is none.
        self._environments = environments
        self._by_token: dict[str, _Known] = {}
        self._by_id: dict[int, str] = {}

    async def lookup(self, token: str, *, now: datetime) -> SignedIn | None:
        """Return who holds the token, or None if its session ended or never was."""
        token_hash = hash_token(token)
        known = self._by_token.get(token_hash)
        if known is None or now - known.read_at >= MEMORY:
            known = await self._read(token_hash, now)
        return known.signed_in if known else None

    def is_alive(self, session_id: int) -> bool:
        """Whether a session that was looked up has not ended since, as far as this process has heard."""
        return session_id in self._by_id

    def touch(self, session_id: int, *, now: datetime) -> None:
        """Note that the person did something; the next poll writes it down, at most once a minute."""
        token_hash = self._by_id.get(session_id)
        if token_hash is not None:
            self._by_token[token_hash].seen_at = now

    async def revoke(self, token: str, *, now: datetime) -> None:
        """End a session: here at once, in other processes with their next poll."""
        token_hash = hash_token(token)
        async with self._database.session() as session:
            still_open = update(Session).where(col(Session.token_hash) == token_hash, col(Session.revoked_at).is_(None))
            await session.exec(still_open.values(revoked_at=now))
            await session.commit()
        self._forget(token_hash)

    async def poll_revoked(self, *, now: datetime) -> None:
        """Forget what was revoked elsewhere or ran out; to be called every 2 seconds or so."""
        await self._write_seen(now)
        asked = list(self._by_id)
        if not asked:
            return
        async with self._database.session() as session:
            rows = (await session.exec(select(Session).where(col(Session.id).in_(asked)))).all()
        still_open = {row.id for row in rows if row.is_open(now)}
        for session_id in asked:
            if session_id not in still_open:
                self._forget(self._by_id.get(session_id, ""))

    async def set_theme(self, account_id: int, theme: Theme) -> None:
        """Remember how a person likes the pages; their next page shows it."""
        async with self._database.session() as session:
            await session.exec(update(Account).where(col(Account.id) == account_id).values(theme=theme))
            await session.commit()
        for known in self._by_token.values():
            if known.signed_in.account_id == account_id:
                known.signed_in = replace(known.signed_in, theme=theme)

    async def _read(self, token_hash: str, now: datetime) -> _Known | None:
        async with self._database.session() as session:
            both = select(Session, Account).join(Account).where(Session.token_hash == token_hash)
            row = (await session.exec(both)).first()
        if row is None or not row[0].is_open(now) or row[1].environment not in self._environments:
            self._forget(token_hash)
            return None
        before = self._by_token.get(token_hash)
        known = _Known(
            signed_in=_signed_in(*row),
            read_at=now,
            written_seen_at=row[0].last_seen_at,
            seen_at=max(row[0].last_seen_at, before.seen_at if before else row[0].last_seen_at),
        )
        self._by_token[token_hash] = known
        self._by_id[known.signed_in.session_id] = token_hash
        return known

    async def _write_seen(self, now: datetime) -> None:
        due = [known for known in self._by_token.values() if known.seen_at - known.written_seen_at >= WRITE_SEEN_EVERY]
        if not due:
            return
        try:
            async with self._database.session() as session:
                for known in due:
                    row = update(Session).where(col(Session.id) == known.signed_in.session_id)
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
            self._by_id.pop(known.signed_in.session_id, None)


def _signed_in(session: Session, account: Account) -> SignedIn:
    return SignedIn(
        session_id=_stored(session.id),
        account_id=_stored(account.id),
        email=account.email,
        role=account.role,
        environment=account.environment,
        theme=account.theme,
    )


def _stored(row_id: int | None) -> int:
    if row_id is None:
        raise ValueError("a row has its id once it is stored")
    return row_id
