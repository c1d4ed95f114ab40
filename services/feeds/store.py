"""Writes feeds down: which there are, whose turn it is, what came of a fetch.

Entries are written a hundred at a time, and what is as it was is not written at all: nobody who has to write waits
longer than for one such hundred.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.environment import Environment
from models.feed import EntryRead, Feed, FeedEntry, FeedKind, FeedPicture, next_check_at
from models.incidents import read_incident
from services.database import Database
from services.feeds.parse import ParsedEntry, ParsedFeed
from services.feeds.subscriptions import Seen, tell_subscribers

# Longer than it takes to fetch and to read what is claimed at once; should a process die over it, another one takes it.
CLAIM = timedelta(minutes=5)
AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The feed came, and can be read."""

    parsed: ParsedFeed
    etag: str | None
    last_modified: str | None
    digest: str


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The feed has nothing new."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The feed could not be had; `sentence` says why."""

    sentence: str
    is_gone: bool = False


Outcome = Changed | Unchanged | Failed


async def configure(
    database: Database, *, environment: Environment, news: Sequence[str], status: Sequence[str], now: datetime
) -> None:
    """Make an environment's feeds those of the settings; one that stays what it is keeps its entries and its state.

    An address named as both news and status is a status feed.
    """
    wanted = dict.fromkeys(news, FeedKind.NEWS) | dict.fromkeys(status, FeedKind.STATUS)
    async with database.session() as session:
        feeds = (await session.exec(select(Feed).where(Feed.environment == environment))).all()
        for feed in feeds:
            if wanted.get(feed.url) is feed.kind:
                del wanted[feed.url]
            else:
                # What is kept of an entry depends on the kind: as another it is read anew.
                await _drop(session, feed)
        for url, kind in wanted.items():
            new = insert(Feed).values(
                environment=environment, kind=kind, url=url, title="", digest="", failures=0, next_check_at=now
            )
            # Another dashboard on the same database may start at the same moment.
            await session.exec(new.on_conflict_do_nothing())
        await session.commit()


@dataclass(slots=True)
class Claim:
    """A feed as it was when it was taken, and until when it is whoever's who took it."""

    feed: Feed
    until: datetime

    @property
    def holds(self) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        """Whether it still is: another one may have taken it since, or the settings may have dropped it."""
        return (col(Feed.id) == self.feed.id, col(Feed.next_check_at) == self.until)


async def claim_due(
    database: Database, kind: FeedKind, *, environments: Sequence[Environment], now: datetime, limit: int
) -> Sequence[Claim]:
    """Take the feeds of a kind and of these environments whose time has come; each goes to one taker."""
    is_due = (Feed.kind == kind, Feed.next_check_at <= now, col(Feed.environment).in_(environments))
    due = select(Feed).where(*is_due).order_by(col(Feed.next_check_at)).limit(limit)
    async with database.session() as session:
        found = [Claim(feed, feed.next_check_at) for feed in (await session.exec(due)).all()]
        claims = [claim for claim in found if await _extend(session, claim, now=now)]
        await session.commit()
    return claims


async def store(database: Database, claim: Claim, outcome: Outcome, *, now: datetime) -> None:
    """Write down what came of a fetch, its state last: what a crash keeps from it is fetched again.

    Whoever has lost the claim meanwhile, or whose feed is gone, writes nothing more.
    """
    feed = claim.feed
    changes: dict[str, Any] = {"last_success_at": now, "last_error": None, "failures": 0}
    is_gone = isinstance(outcome, Failed) and outcome.is_gone
    if isinstance(outcome, Failed):
        changes = {"last_error": outcome.sentence, "failures": feed.failures + 1}
    if isinstance(outcome, Changed):
        await _Entries(database, claim, now=now).store(outcome.parsed)
        changes |= {
            "title": outcome.parsed.title,
            "link": outcome.parsed.link,
            "etag": outcome.etag,
            "last_modified": outcome.last_modified,
            "digest": outcome.digest,
        }
    changes["next_check_at"] = next_check_at(feed.kind, failures=changes["failures"], now=now, is_gone=is_gone)
    async with database.session() as session:
        await session.exec(update(Feed).where(*claim.holds).values(**changes))
        await session.commit()


@dataclass(frozen=True, slots=True)
class _Known:
    """What is kept of an entry, as far as it tells whether there is anything to write."""

    content_hash: str
    is_listed: bool
    published_at: datetime


class _Entries:
    """The entries of one feed, as they are and as they come."""

    def __init__(self, database: Database, claim: Claim, *, now: datetime) -> None:
        self._database = database
        self._claim = claim
        self._feed = claim.feed
        self._now = now

    async def store(self, parsed: ParsedFeed) -> None:
        known = await self._known()
        # From the last to the first, so that of entries without a date the feed's first gets the highest id.
        changed = [entry for entry in reversed(parsed.entries) if _differs(entry, known.get(entry.uid))]
        for at in range(0, len(changed), AT_ONCE):
            if not await self._write([self._row(entry, known.get(entry.uid)) for entry in changed[at : at + AT_ONCE]]):
                return
        if parsed.is_whole:
            listed = {entry.uid for entry in parsed.entries}
            gone = [uid for uid, entry in known.items() if entry.is_listed and uid not in listed]
            for at in range(0, len(gone), AT_ONCE):
                await self._leave_out(gone[at : at + AT_ONCE])

    async def _known(self) -> Mapping[str, _Known]:
        columns = select(FeedEntry.uid, FeedEntry.content_hash, FeedEntry.is_listed, FeedEntry.published_at)
        async with self._database.session() as session:
            rows = await session.exec(columns.where(FeedEntry.feed_id == self._feed.id))
            return {uid: _Known(digest, is_listed, at) for uid, digest, is_listed, at in rows}

    async def _write(self, rows: Sequence[Mapping[str, Any]]) -> bool:
        """Write some entries; False when the claim is lost."""
        async with self._database.session() as session:
            # It takes the right to write, too: what is read from here on is as nobody else can change it.
            if not await _extend(session, self._claim, now=self._now):
                return False
            if self._feed.kind is FeedKind.STATUS and self._feed.last_success_at is not None:
                # What a feed says when it is read for the first time is history.
                await self._tell(session, rows)
            # Through the connection: as one statement for many rows it would be compiled anew, the lock being held.
            await (await session.connection()).execute(UPSERT, rows)
            await session.commit()
        return True

    async def _tell(self, session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
        """Order mail about what is about to be written."""
        uids = [row["uid"] for row in rows]
        mine = (FeedEntry.feed_id == self._feed.id, col(FeedEntry.uid).in_(uids))
        before = {entry.uid: entry for entry in await session.exec(select(FeedEntry).where(*mine))}
        seen = [Seen(before.get(row["uid"]), FeedEntry(**row)) for row in rows]
        await tell_subscribers(session, self._feed.environment, seen, now=self._now)

    async def _leave_out(self, uids: Collection[str]) -> None:
        mine = (col(FeedEntry.feed_id) == self._feed.id, col(FeedEntry.uid).in_(uids))
        async with self._database.session() as session:
            if await _extend(session, self._claim, now=self._now):
                await session.exec(update(FeedEntry).where(*mine).values(is_listed=False))
                await session.commit()

    def _row(self, entry: ParsedEntry, before: _Known | None) -> dict[str, Any]:
        published_at = self._published_at(entry, before)
        row = {
            "feed_id": self._feed.id,
            "uid": entry.uid,
            "title": entry.title,
            "link": entry.link,
            "summary": entry.summary,
            "published_at": published_at,
            "first_seen_at": self._now,
            "updated_at": self._now,
            "content_hash": entry.content_hash,
            "is_listed": True,
            "picture_url": entry.picture_url if self._feed.kind is FeedKind.NEWS else None,
            "phase": None,
            "starts_at": None,
            "ends_at": None,
        }
        if self._feed.kind is FeedKind.STATUS:
            told = read_incident(entry.title, entry.summary, published_at)
            row |= {"phase": told.phase, "starts_at": told.starts_at, "ends_at": told.ends_at}
        return row

    def _published_at(self, entry: ParsedEntry, before: _Known | None) -> datetime:
        """Return when an entry was published: news of tomorrow came today, planned work is dated by its plan."""
        first_seen_at = before.published_at if before else self._now
        if entry.published_at is None or (self._feed.kind is FeedKind.NEWS and entry.published_at > self._now):
            return min(first_seen_at, self._now) if self._feed.kind is FeedKind.NEWS else first_seen_at
        return entry.published_at


def _upsert() -> Insert:
    new = insert(FeedEntry)
    kept = ("id", "feed_id", "uid", "first_seen_at")
    changed = {name: column for name, column in new.excluded.items() if name not in kept}
    return new.on_conflict_do_update(index_elements=["feed_id", "uid"], set_=changed)


UPSERT = _upsert()


def _differs(entry: ParsedEntry, known: _Known | None) -> bool:
    return known is None or known.content_hash != entry.content_hash or not known.is_listed


async def _extend(session: AsyncSession, claim: Claim, *, now: datetime) -> bool:
    """Make a feed one's own for some more time; False where it is another's, or gone."""
    until = now + CLAIM
    statement = update(Feed).where(*claim.holds).values(next_check_at=until)
    result = await session.exec(statement, execution_options={"synchronize_session": False})
    if result.rowcount != 1:
        return False
    claim.until = until
    return True


async def _drop(session: AsyncSession, feed: Feed) -> None:
    mine = select(FeedEntry.id).where(FeedEntry.feed_id == feed.id)
    await session.exec(delete(FeedPicture).where(col(FeedPicture.entry_id).in_(mine)))
    await session.exec(delete(EntryRead).where(col(EntryRead.entry_id).in_(mine)))
    await session.exec(delete(FeedEntry).where(col(FeedEntry.feed_id) == feed.id))
    await session.delete(feed)
    await session.flush()
