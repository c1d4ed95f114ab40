"""The feeds' tables: which feeds there are, what came of the last fetch, and their entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.environment import Environment
from models.feed import Feed, FeedEntry, FeedKind, next_check_at
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.database import Database
from services.feeds.parse import ParsedEntry, ParsedFeed

# Longer than any fetch; when a process dies over a feed, another takes it up after this.
CLAIM = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The feed came, whole and readable."""

    parsed: ParsedFeed
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The feed says that nothing is new."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The feed could not be had; `sentence` says why."""

    sentence: str


Outcome = Changed | Unchanged | Failed


async def configure(
    database: Database, *, environment: Environment, news: Sequence[str], status: Sequence[str], now: datetime
) -> None:
    """Make an environment's feeds those of the settings; one that stays keeps its entries and its state.

    An address named as both news and status is a status feed.
    """
    wanted = dict.fromkeys(news, FeedKind.NEWS) | dict.fromkeys(status, FeedKind.STATUS)
    async with database.session() as session:
        feeds = (await session.exec(select(Feed).where(Feed.environment == environment))).all()
        for feed in feeds:
            if feed.url not in wanted:
                await session.exec(delete(FeedEntry).where(col(FeedEntry.feed_id) == feed.id))
                await session.delete(feed)
            else:
                feed.kind = wanted.pop(feed.url)
        for url, kind in wanted.items():
            new = insert(Feed).values(
                environment=environment, kind=kind, url=url, title="", failures=0, next_check_at=now
            )
            # Another dashboard on the same database may start at the same moment.
            await session.exec(new.on_conflict_do_nothing())
        await session.commit()


@needs(Permission.SEE)
async def feeds_of(actor: Actor, database: Database) -> Sequence[Feed]:
    """Return an environment's feeds, news before status, each kind in the order of the settings."""
    mine = select(Feed).where(Feed.environment == actor.environment).order_by(col(Feed.kind), col(Feed.id))
    async with database.session() as session:
        return (await session.exec(mine)).all()


@needs(Permission.SEE)
async def latest_entries(actor: Actor, database: Database, *, kind: FeedKind, limit: int) -> Sequence[FeedEntry]:
    """Return the newest entries of all feeds of a kind, planned work of the future first; may be empty."""
    statement = (
        select(FeedEntry)
        .join(Feed)
        .where(Feed.environment == actor.environment, Feed.kind == kind)
        .order_by(col(FeedEntry.published_at).desc(), col(FeedEntry.id).desc())
        .limit(limit)
    )
    async with database.session() as session:
        return (await session.exec(statement)).all()


async def claim_due(database: Database, *, environments: Sequence[Environment], now: datetime) -> Sequence[Feed]:
    """Take these environments' feeds whose time has come; each goes to one taker, whoever else is looking."""
    is_due = (Feed.next_check_at <= now, col(Feed.environment).in_(environments))
    async with database.session() as session:
        due = (await session.exec(select(Feed).where(*is_due))).all()
        claimed = [feed for feed in due if await _claim(session, feed, now=now)]
        await session.commit()
    return claimed


async def store(database: Database, feed_id: int, outcome: Outcome, *, now: datetime) -> None:
    """Write down what came of a fetch, entries and state in one transaction; a feed gone meanwhile is left gone."""
    async with database.session() as session:
        feed = await session.get(Feed, feed_id)
        if feed is None:
            return
        if isinstance(outcome, Changed):
            feed.title, feed.link = outcome.parsed.title, outcome.parsed.link
            feed.etag, feed.last_modified = outcome.etag, outcome.last_modified
            await _store_entries(session, feed_id, outcome.parsed.entries, now=now)
        if isinstance(outcome, Failed):
            feed.last_error, feed.failures = outcome.sentence, feed.failures + 1
        else:
            feed.last_success_at, feed.last_error, feed.failures = now, None, 0
        feed.next_check_at = next_check_at(feed.kind, failures=feed.failures, now=now)
        await session.commit()


async def _claim(session: AsyncSession, feed: Feed, *, now: datetime) -> bool:
    unclaimed = (col(Feed.id) == feed.id, col(Feed.next_check_at) == feed.next_check_at)
    statement = update(Feed).where(*unclaimed).values(next_check_at=now + CLAIM)
    result = await session.exec(statement, execution_options={"synchronize_session": False})
    return result.rowcount == 1


async def _store_entries(session: AsyncSession, feed_id: int, entries: Sequence[ParsedEntry], *, now: datetime) -> None:
    uids = [entry.uid for entry in entries]
    known = await session.exec(select(FeedEntry).where(FeedEntry.feed_id == feed_id, col(FeedEntry.uid).in_(uids)))
    rows = {row.uid: row for row in known}
    # From the last to the first, so that of entries without a date the feed's first gets the highest id.
    for entry in reversed(entries):
        row = rows.get(entry.uid)
        if row is None:
            session.add(_new_row(feed_id, entry, now=now))
        elif row.content_hash != entry.content_hash:
            _update_row(row, entry, now=now)


def _new_row(feed_id: int, entry: ParsedEntry, *, now: datetime) -> FeedEntry:
    return FeedEntry(
        feed_id=feed_id,
        uid=entry.uid,
        title=entry.title,
        link=entry.link,
        summary=entry.summary,
        published_at=entry.published_at or now,
        first_seen_at=now,
        updated_at=now,
        content_hash=entry.content_hash,
    )


def _update_row(row: FeedEntry, entry: ParsedEntry, *, now: datetime) -> None:
    row.title, row.link, row.summary = entry.title, entry.link, entry.summary
    row.published_at = entry.published_at or row.published_at
    row.updated_at, row.content_hash = now, entry.content_hash
