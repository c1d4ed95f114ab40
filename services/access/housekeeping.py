"""Forgets what nobody can use any more: old sessions, links, attempts, objects long gone. The audit log stays."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from models.access import Attempt, Challenge, OneTimeLink, Session
from models.known import KnownObject
from services.access.throttle import WINDOW
from services.database import Database

# A link that lapsed can offer a new one for so long; a session's device counts as known for so long.
KEEP_LINKS = timedelta(days=30)
KEEP_SESSIONS = timedelta(days=90)
KEEP_CHALLENGES = timedelta(days=1)
# Mangopay shows transactions for 13 months.
KEEP_OBJECTS = timedelta(days=400)
MOST_OBJECTS = 1_000


async def tidy(database: Database, *, now: datetime) -> None:
    """Delete what is past its time; to be called every hour or so."""
    async with database.session() as session:
        await session.exec(delete(Attempt).where(col(Attempt.at) <= now - WINDOW))
        await session.exec(delete(Challenge).where(col(Challenge.created_at) <= now - KEEP_CHALLENGES))
        await session.exec(delete(OneTimeLink).where(col(OneTimeLink.expires_at) <= now - KEEP_LINKS))
        await session.exec(delete(Session).where(col(Session.last_seen_at) <= now - KEEP_SESSIONS))
        await session.commit()
    await _tidy_objects(database, now=now)


async def _tidy_objects(database: Database, *, now: datetime) -> None:
    """Delete what was last seen longer ago than Mangopay keeps transactions; looked for before the lock is taken."""
    async with database.session() as session:
        old = select(KnownObject.id).where(col(KnownObject.seen_at) <= now - KEEP_OBJECTS).limit(MOST_OBJECTS)
        ids = (await session.exec(old)).all()
    async with database.session() as session:
        await session.exec(delete(KnownObject).where(col(KnownObject.id).in_(ids)))
        await session.commit()
