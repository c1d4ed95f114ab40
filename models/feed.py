"""News and status feeds: the state of a feed lives on its row, its entries beside it."""

from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import RowId, UtcDateTime, by_value
from models.environment import Environment
from models.incidents import Phase


class FeedKind(StrEnum):
    NEWS = "news"
    STATUS = "status"


class Feed(SQLModel, table=True):
    """One feed of one environment, and how its last fetch went."""

    __table_args__ = (UniqueConstraint("environment", "url"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    environment: Environment = Field(sa_type=by_value(Environment))
    kind: FeedKind = Field(sa_type=by_value(FeedKind))
    url: str
    title: str = ""
    link: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    # Of the bytes that were last stored, for servers that answer no conditions.
    digest: str = ""
    last_success_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # One sentence for the page; None after a success.
    last_error: str | None = None
    failures: int = 0
    next_check_at: datetime = Field(sa_type=UtcDateTime)

    @property
    def name(self) -> str:
        return self.title or urlsplit(self.url).netloc


class FeedEntry(SQLModel, table=True):
    """One entry; the same uid with other content is an update of this row, never a second one."""

    __tablename__ = "feed_entry"
    __table_args__ = (
        UniqueConstraint("feed_id", "uid"),
        Index("ix_feed_entry_newest", "feed_id", "published_at"),
        # What is not over is looked for every few seconds.
        Index("ix_feed_entry_open", "feed_id", "phase"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    feed_id: int = Field(foreign_key="feed.id", sa_type=RowId)
    uid: str
    title: str
    # http or https only; anything else a feed names is dropped.
    link: str | None = None
    # Sanitised HTML.
    summary: str = ""
    published_at: datetime = Field(sa_type=UtcDateTime)
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    content_hash: str
    # False once the feed leaves it out: an incident that was posted by mistake is not active for ever.
    is_listed: bool = True
    # Where the picture of a news entry is; it is fetched by us, and shown from `feed_picture`.
    picture_url: str | None = None
    # Of a status feed, as far as they could be read (`models.incidents`).
    phase: Phase | None = Field(default=None, sa_type=by_value(Phase))
    starts_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class FeedPicture(SQLModel, table=True):
    """The picture of an entry, small and made anew by us, so that no page asks a stranger's host for one."""

    __tablename__ = "feed_picture"

    entry_id: int = Field(primary_key=True, foreign_key="feed_entry.id", sa_type=RowId)
    # Where it was fetched; an entry that names another since has its picture fetched anew.
    url: str
    # WebP; empty where there is none.
    content: bytes = b""
    digest: str = ""
    # Of one that could not be had.
    next_try_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class EntryRead(SQLModel, table=True):
    """An entry that somebody has opened, or marked as read."""

    __tablename__ = "entry_read"

    account_id: int = Field(primary_key=True, sa_type=RowId)
    # By itself it is looked for when an entry goes.
    entry_id: int = Field(primary_key=True, foreign_key="feed_entry.id", index=True, sa_type=RowId)


class StatusSubscription(SQLModel, table=True):
    """Somebody who gets a mail when Mangopay's status changes."""

    __tablename__ = "status_subscription"

    account_id: int = Field(primary_key=True, sa_type=RowId)
    since: datetime = Field(sa_type=UtcDateTime)


CHECK_EVERY = {FeedKind.NEWS: timedelta(minutes=30), FeedKind.STATUS: timedelta(minutes=2)}
# A feed that is gone for good may yet come back, or its address be used again.
GONE_PAUSE = timedelta(days=1)
LONGEST_PAUSE = {FeedKind.NEWS: timedelta(hours=12), FeedKind.STATUS: timedelta(minutes=30)}


def next_check_at(kind: FeedKind, *, failures: int, now: datetime, is_gone: bool = False) -> datetime:
    """Return when to look at a feed again: each failure in a row doubles the pause, up to the longest."""
    if is_gone:
        return now + GONE_PAUSE
    # The exponent is bounded too, or a feed that is gone for good would one day overflow a timedelta.
    pause = CHECK_EVERY[kind] * (1 << min(failures, 10))
    return now + min(pause, LONGEST_PAUSE[kind])
