"""Keeps the feeds fresh: claim what is due, fetch and parse without a transaction, store."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime

import httpx

from models.environment import Environment
from models.feed import Feed
from services.database import Database
from services.feeds.fetch import FeedError, fetch
from services.feeds.parse import parse
from services.feeds.store import Changed, Failed, Outcome, Unchanged, claim_due, store

log = logging.getLogger(__name__)


async def refresh_due(
    database: Database, http: httpx.AsyncClient, *, environments: Sequence[Environment], now: datetime
) -> int:
    """Look at every feed of these environments whose time has come, all at once, and return how many those were.

    A feed that fails keeps its entries; its row says in one sentence what is wrong and when it is looked at again.
    """
    feeds = await claim_due(database, environments=environments, now=now)
    outcomes = await asyncio.gather(*(_look_at(feed, http) for feed in feeds))
    for feed, outcome in zip(feeds, outcomes, strict=True):
        if feed.id is not None:
            await store(database, feed.id, outcome, now=now)
    return len(feeds)


async def _look_at(feed: Feed, http: httpx.AsyncClient) -> Outcome:
    try:
        fetched = await fetch(http, feed.url, etag=feed.etag, last_modified=feed.last_modified)
        if fetched is None:
            return Unchanged()
        parsed = await asyncio.to_thread(parse, fetched)
    except FeedError as error:
        log.warning("environment=%s feed=%s failures=%d %s", feed.environment, feed.id, feed.failures + 1, error)
        return Failed(str(error))
    return Changed(parsed=parsed, etag=fetched.etag, last_modified=fetched.last_modified)
