"""Feeds, entries and pictures, as they come and as they are stored."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import httpx
from PIL import Image

from models.environment import Environment
from models.feed import Feed, FeedEntry, FeedKind
from services.database import Database
from services.feeds.refresh import refresh_due

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SANDBOX = Environment.SANDBOX
EVERYWHERE = tuple(Environment)


async def add_feed(database: Database, kind: FeedKind, *, read_at: datetime | None = NOW, url: str = "x") -> Feed:
    feed = Feed(
        environment=SANDBOX, kind=kind, url=f"https://{url}.test/", title="A feed", next_check_at=NOW,
        last_success_at=read_at,
    )  # fmt: skip
    async with database.session() as session:
        session.add(feed)
        await session.commit()
    return feed


async def add_entry(database: Database, feed: Feed, title: str, *, days_ago: int = 0, **fields: Any) -> FeedEntry:
    at = NOW - timedelta(days=days_ago)
    entry = FeedEntry(
        feed_id=feed.id or 0, uid=title, title=title, published_at=at, first_seen_at=at, updated_at=at,
        content_hash="", **fields,
    )  # fmt: skip
    async with database.session() as session:
        session.add(entry)
        await session.commit()
    return entry


async def refresh(
    database: Database, http: httpx.AsyncClient, at: datetime, *, environments: Sequence[Environment] = EVERYWHERE
) -> int:
    """Look at all feeds whose time has come at that moment, of both kinds."""
    looked = [
        await refresh_due(database, http, kind=kind, environments=environments, clock=lambda: at) for kind in FeedKind
    ]
    return sum(looked)


def png(width: int = 1200, height: int = 800, mode: str = "RGB", kind: str = "PNG") -> bytes:
    made = BytesIO()
    Image.new(mode, (width, height)).save(made, kind)
    return made.getvalue()
