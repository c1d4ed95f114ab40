"""News and status feeds: the state of a feed lives on its row, its entries beside it."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import RowId, UtcDateTime, by_value
from models.environment import Environment


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
    last_success_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # One sentence for the page; None after a success.
    last_error: str | None = None
    failures: int = 0
    next_check_at: datetime = Field(sa_type=UtcDateTime)


class FeedEntry(SQLModel, table=True):
    """One entry; the same uid with other content is an update of this row, never a second one."""

    __tablename__ = "feed_entry"
    __table_args__ = (
        UniqueConstraint("feed_id", "uid"),
        Index("ix_feed_entry_newest", "feed_id", "published_at"),
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


CHECK_EVERY = {FeedKind.NEWS: timedelta(minutes=30), FeedKind.STATUS: timedelta(minutes=2)}
LONGEST_PAUSE = {FeedKind.NEWS: timedelta(hours=12), FeedKind.STATUS: timedelta(minutes=30)}


def next_check_at(kind: FeedKind, *, failures: int, now: datetime) -> datetime:
    """Return when to look at a feed again: each failure in a row doubles the pause, up to the longest."""
    # The exponent is bounded too, or a feed that is gone for good would one day overflow a timedelta.
    pause = CHECK_EVERY[kind] * (1 << min(failures, 10))
    return now + min(pause, LONGEST_PAUSE[kind])
