"""Pictures of news: fetched by us, made small and anew, and shown from our own host.

Then no reader is told to a stranger's host, and no stranger's bytes reach a browser. An address that a feed names is
fetched over https from the public internet, or from where the feed itself is.
"""

import asyncio
import hashlib
import ipaddress
import logging
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import col, or_, select

from models.environment import Environment
from models.feed import Feed, FeedEntry, FeedKind, FeedPicture
from services.database import Database
from services.feeds.apart import ReaderProcess
from services.feeds.fetch import FeedError, fetch, open_client

# Per environment; what lies further back is shown without.
NEWEST = 30
AT_ONCE = 10
AGAIN_AFTER = timedelta(hours=1)
LAST_PORT = 65_535
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# NAT64, 6to4 and Teredo: behind them may be any IPv4 address.
WRAPPERS = [ipaddress.IPv6Network(name) for name in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]
log = logging.getLogger(__name__)


async def fetch_pictures(
    database: Database, way: httpx.AsyncBaseTransport, *, environments: Sequence[Environment], now: datetime
) -> int:
    """Get the pictures that the newest news name and that are not there yet; returns how many were looked at.

    One that is none is not asked for again until its entry names another; one that could not be had, an hour later.
    """
    looked = 0
    async with ReaderProcess() as reader:
        for environment in environments:
            for wanted in await _missing(database, environment, now=now):
                await _keep(database, wanted, await _get(way, reader, wanted), now=now)
                looked += 1
    return looked


async def _get(way: httpx.AsyncBaseTransport, reader: ReaderProcess, wanted: "_Wanted") -> bytes | None:
    """Return the small picture, b"" where there is none, None where it cannot be had just now."""
    try:
        # The way is not closed with the client: it is for the next one too.
        async with open_client(OutsideOnly(way, httpx.URL(wanted.feed_url))) as http:
            fetched = await fetch(http, wanted.url)
    except Exception as error:  # whatever a stranger's address, redirect or header makes of it
        log.info("a picture of news cannot be fetched url=%s: %s", wanted.url, error)
        return None
    try:
        return await reader.shrink(fetched.content) if fetched else None
    except FeedError as error:
        log.info("a picture of news is none url=%s: %s", wanted.url, error)
        return b""


@dataclass(frozen=True, slots=True)
class _Wanted:
    entry_id: int
    url: str
    feed_url: str


async def _missing(database: Database, environment: Environment, *, now: datetime) -> Sequence[_Wanted]:
    newest = (
        select(FeedEntry.id)
        .join(Feed, col(Feed.id) == col(FeedEntry.feed_id))
        .where(Feed.environment == environment, Feed.kind == FeedKind.NEWS)
        .order_by(col(FeedEntry.published_at).desc(), col(FeedEntry.id).desc())
        .limit(NEWEST)
    )
    wanted = (
        select(FeedEntry.id, FeedEntry.picture_url, Feed.url)
        .join(Feed, col(Feed.id) == col(FeedEntry.feed_id))
        .outerjoin(FeedPicture, col(FeedPicture.entry_id) == col(FeedEntry.id))
        .where(
            col(FeedEntry.id).in_(newest),
            col(FeedEntry.picture_url).is_not(None),
            or_(
                col(FeedPicture.url).is_(None),
                col(FeedPicture.url) != col(FeedEntry.picture_url),
                col(FeedPicture.next_try_at) <= now,
            ),
        )
        .limit(AT_ONCE)
    )
    async with database.session() as session:
        rows = (await session.exec(wanted)).all()
    return [_Wanted(entry_id, url, feed_url) for entry_id, url, feed_url in rows if entry_id is not None and url]


class OutsideOnly(httpx.AsyncBaseTransport):
    """A way that leads to the public internet, or to where the feed is, and nowhere else.

    What a name stands for is asked once, and that very address is gone to: asked again, it might stand for another.
    """

    def __init__(self, way: httpx.AsyncBaseTransport, feed_url: httpx.URL) -> None:
        self._way = way
        self._feed_url = feed_url

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        address = await self._address(request.url)
        if address is None:
            raise httpx.ConnectError("not in the public internet", request=request)
        # The certificate is still to be that of the name, and Host says the name.
        there = httpx.Request(
            request.method,
            request.url.copy_with(host=str(address)),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": request.url.host},
        )
        return await self._way.handle_async_request(there)

    async def _address(self, url: httpx.URL) -> Address | None:
        """Return where to go, None for where nobody may go."""
        found = await _addresses(url)
        if _is_same_place(url, self._feed_url):
            return found[0] if found else None
        if url.scheme == "https" and found and all(map(_is_public, found)):
            return found[0]
        # A feed of this machine may name this machine, whichever name it goes by.
        feed_is_at = await _addresses(self._feed_url)
        is_here = [bool(some) and all(address.is_loopback for address in some) for some in (found, feed_is_at)]
        is_same_door = (url.scheme, _port(url)) == (self._feed_url.scheme, _port(self._feed_url))
        return found[0] if all(is_here) and is_same_door else None


def _is_same_place(url: httpx.URL, other: httpx.URL) -> bool:
    return (url.scheme, url.host, _port(url)) == (other.scheme, other.host, _port(other))


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _is_public(address: Address) -> bool:
    """Tell an address of the public internet; one that wraps another address is none, wherever that leads."""
    wraps = isinstance(address, ipaddress.IPv6Address) and any(address in network for network in WRAPPERS)
    return address.is_global and not address.is_multicast and not wraps


async def _addresses(url: httpx.URL) -> list[Address]:
    if _port(url) > LAST_PORT:
        return []
    try:
        found = await asyncio.get_running_loop().getaddrinfo(url.host, _port(url), type=socket.SOCK_STREAM)
        return [ipaddress.ip_address(address[0]) for *_, address in found]
    except (OSError, ValueError):
        return []


async def _keep(database: Database, wanted: _Wanted, content: bytes | None, *, now: datetime) -> None:
    digest = hashlib.sha256(content).hexdigest()[:16] if content else ""
    next_try_at = now + AGAIN_AFTER if content is None else None
    row = {"url": wanted.url, "content": content or b"", "digest": digest, "next_try_at": next_try_at}
    new = insert(FeedPicture).values(entry_id=wanted.entry_id, **row)
    still_there = select(FeedEntry.id).where(FeedEntry.id == wanted.entry_id)
    async with database.session() as session:
        if (await session.exec(still_there)).first() is not None:
            await session.exec(new.on_conflict_do_update(index_elements=["entry_id"], set_=row))
            await session.commit()
