"""What the pages show of the feeds, as it is stored: no page waits for a feed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, literal
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.feed import EntryRead, Feed, FeedEntry, FeedKind, FeedPicture
from models.incidents import Health
from models.permissions import Permission
from models.status_board import STALE_AFTER, Board, board_of, read_at
from services.access.actors import Actor, needs
from services.database import Database

# What is older is no news to anybody.
NEWS_FOR = timedelta(days=30)
MOST_INCIDENTS = 100


@dataclass(frozen=True, slots=True)
class News:
    """An entry of a news feed for one reader. `picture` is the digest of its picture, "" where it has none."""

    entry: FeedEntry
    source: str
    is_unread: bool
    picture: str


@dataclass(frozen=True, slots=True)
class Status:
    """What the status feeds say, and how old that is."""

    feeds: Sequence[Feed]
    board: Board
    at: datetime

    @property
    def health(self) -> Health | None:
        """How Mangopay does; None where nobody knows (`doubt`)."""
        return None if self.doubt else self.board.health

    @property
    def doubt(self) -> str:
        """Why nobody knows how Mangopay does; empty where somebody does."""
        since = read_at(self.feeds)
        if not self.feeds:
            return "No status feed is set."
        if since is None:
            return "The status feed has not been read yet."
        if self.at - since >= STALE_AFTER:
            return "What is known is too old."
        return "" if self.board.health else "The status feed says something that cannot be read here."


@needs(Permission.SEE)
async def feeds_of(actor: Actor, database: Database, *, kind: FeedKind) -> Sequence[Feed]:
    """Return an environment's feeds of a kind, in the order of the settings."""
    mine = select(Feed).where(Feed.environment == actor.environment, Feed.kind == kind).order_by(col(Feed.id))
    async with database.session() as session:
        return (await session.exec(mine)).all()


@needs(Permission.SEE)
async def latest_news(actor: Actor, database: Database, *, limit: int, now: datetime) -> Sequence[News]:
    """Return the newest entries of all news feeds; may be empty."""
    statement = (
        select(FeedEntry, Feed.title, EntryRead.account_id, FeedPicture.digest)
        .join(Feed, col(Feed.id) == col(FeedEntry.feed_id))
        .outerjoin(EntryRead, _is_read_by(actor))
        .outerjoin(FeedPicture, col(FeedPicture.entry_id) == col(FeedEntry.id))
        .where(Feed.environment == actor.environment, Feed.kind == FeedKind.NEWS)
        .order_by(col(FeedEntry.published_at).desc(), col(FeedEntry.id).desc())
        .limit(limit)
    )
    async with database.session() as session:
        rows = (await session.exec(statement)).all()
    return [
        News(entry, source, is_unread=reader is None and entry.published_at > now - NEWS_FOR, picture=digest or "")
        for entry, source, reader, digest in rows
    ]


@needs(Permission.SEE)
async def read_entry(actor: Actor, database: Database, entry_id: int) -> News | None:
    """Return an entry of a news feed and note that it was read; None where there is none in this environment."""
    async with database.session() as session:
        found = (await session.exec(_entries_of(actor, FeedKind.NEWS).where(FeedEntry.id == entry_id))).first()
        if found is None:
            return None
        read = insert(EntryRead).values(account_id=actor.account_id, entry_id=entry_id)
        await session.exec(read.on_conflict_do_nothing())
        await session.commit()
        feed = await session.get(Feed, found.feed_id)
        picture = await session.get(FeedPicture, entry_id)
    return News(found, feed.title if feed else "", is_unread=False, picture=picture.digest if picture else "")


@needs(Permission.SEE)
async def mark_all_read(actor: Actor, database: Database, *, now: datetime) -> None:
    """Note all news that are not old as read."""
    mine = col(Feed.id) == col(FeedEntry.feed_id)
    recent = (
        select(literal(actor.account_id), FeedEntry.id)
        .join(Feed, mine)
        .where(Feed.environment == actor.environment, Feed.kind == FeedKind.NEWS)
        .where(col(FeedEntry.published_at) > now - NEWS_FOR)
    )
    async with database.session() as session:
        await session.exec(insert(EntryRead).from_select(["account_id", "entry_id"], recent).on_conflict_do_nothing())
        await session.commit()


@needs(Permission.SEE)
async def read_status(actor: Actor, database: Database, *, now: datetime) -> Status:
    """Return what the status feeds say, as it is stored."""
    newest = _entries_of(actor, FeedKind.STATUS)
    newest = newest.order_by(col(FeedEntry.published_at).desc(), col(FeedEntry.id).desc()).limit(MOST_INCIDENTS)
    async with database.session() as session:
        entries = (await session.exec(newest)).all()
    return Status(
        feeds=await feeds_of(actor, database, kind=FeedKind.STATUS),
        board=board_of(entries, actor.environment, now=now),
        at=now,
    )


@needs(Permission.SEE)
async def picture_of(actor: Actor, database: Database, entry_id: int) -> FeedPicture | None:
    """Return the picture of an entry; None where there is none, or none in this environment."""
    mine = (
        select(FeedPicture)
        .join(FeedEntry, col(FeedEntry.id) == col(FeedPicture.entry_id))
        .join(Feed, col(Feed.id) == col(FeedEntry.feed_id))
        .where(Feed.environment == actor.environment, FeedPicture.entry_id == entry_id, FeedPicture.digest != "")
    )
    async with database.session() as session:
        return (await session.exec(mine)).first()


def _entries_of(actor: Actor, kind: FeedKind) -> SelectOfScalar[FeedEntry]:
    mine = col(Feed.id) == col(FeedEntry.feed_id)
    return select(FeedEntry).join(Feed, mine).where(Feed.environment == actor.environment, Feed.kind == kind)


def _is_read_by(actor: Actor) -> ColumnElement[bool]:
    return and_(col(EntryRead.entry_id) == col(FeedEntry.id), col(EntryRead.account_id) == actor.account_id)
