"""Keeps the feeds fresh: claim what is due, fetch and parse without a transaction, store."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import httpx

from models.environment import Environment
from models.feed import Feed, FeedKind
from services.database import Database
from services.feeds.apart import ReaderProcess
from services.feeds.fetch import FeedError, FeedGone, Fetched, fetch
from services.feeds.parse import ParsedFeed
from services.feeds.store import Changed, Failed, Outcome, Unchanged, claim_due, store

log = logging.getLogger(__name__)

# Feeds that are fetched side by side; each may be two megabytes.
SIDE_BY_SIDE = 8

Parse = Callable[[Fetched], Awaitable[ParsedFeed]]


async def refresh_due(
    database: Database,
    http: httpx.AsyncClient,
    *,
    kind: FeedKind,
    environments: Sequence[Environment],
    clock: Callable[[], datetime],
) -> int:
    """Look at every feed of a kind and of these environments whose time has come, and return how many those were.

    A feed that fails keeps its entries; its row says in one sentence what is wrong and when it is looked at again.
    """
    looked = 0
    async with ReaderProcess() as reader:
        while claims := await claim_due(database, kind, environments=environments, now=clock(), limit=SIDE_BY_SIDE):
            outcomes = [_look_at(claim.feed, http, reader.parse) for claim in claims]
            for claim, outcome in zip(claims, await asyncio.gather(*outcomes), strict=True):
                await store(database, claim, outcome, now=clock())
            looked += len(claims)
    return looked


async def _look_at(feed: Feed, http: httpx.AsyncClient, parse: Parse) -> Outcome:
    try:
        fetched = await fetch(http, feed.url, etag=feed.etag, last_modified=feed.last_modified)
        if fetched is None or fetched.digest == feed.digest:
            return Unchanged()
        parsed = await parse(fetched)
    except FeedError as error:
        log.warning("environment=%s feed=%s failures=%d %s", feed.environment, feed.id, feed.failures + 1, error)
        return Failed(str(error), is_gone=isinstance(error, FeedGone))
    except Exception:  # whatever a stranger's server has thought of: it is to cost this feed, and no other
        log.exception("environment=%s feed=%s failures=%d", feed.environment, feed.id, feed.failures + 1)
        return Failed("The feed's answer cannot be read.")
    if not parsed.is_whole:
        # What is missing would never come, were it asked for by what is here.
        return Changed(parsed=parsed, etag=None, last_modified=None, digest="")
    return Changed(parsed=parsed, etag=fetched.etag, last_modified=fetched.last_modified, digest=fetched.digest)
