"""Fetches a feed: only if it changed, within ten seconds, two megabytes and five redirects.

Source: RFC 9110, section 13 (conditional requests)
"""

import asyncio
import hashlib
import zlib
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

TIMEOUT_S = 10.0
LONGEST_BYTES = 2 * 1024 * 1024
MOST_REDIRECTS = 5
_NO_WEB_ADDRESS = "The feed's address, or one it redirects to, is not an http or https address."
_HEADERS = {
    "Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1",
    # What unpacks to more than it may is given up in time (`_content`): of other encodings that cannot be told.
    "Accept-Encoding": "gzip",
    "User-Agent": "mangopay-dashboard",
}
_GZIP = ("gzip", "x-gzip")
_UNREADABLE = "The feed's answer cannot be read."
LONGEST_VALIDATOR = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A feed's bytes as they came, unparsed; `url` is where the redirects led."""

    content: bytes = field(repr=False)
    url: str
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None

    @property
    def digest(self) -> str:
        """The bytes by a hash: servers that know no conditions send the same ones again and again."""
        return hashlib.sha256(self.content).hexdigest()


class FeedError(Exception):
    """Raised when a feed cannot be had; its text is one sentence for the page."""


class FeedGone(FeedError):
    """Raised when a feed's server says that it is gone for good."""


def open_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """Return a client for strangers' servers: it keeps no cookie of one, and has no other way than `transport`."""
    cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    return httpx.AsyncClient(transport=transport, cookies=cookies, trust_env=transport is None)


async def fetch(
    http: httpx.AsyncClient,
    url: str,
    *,
    etag: str | None = None,
    last_modified: str | None = None,
) -> Fetched | None:
    """Return the feed, or None when it has not changed since the given validators were sent with it.

    Raises:
        FeedGone: its server says that it will not come back.
        FeedError: it cannot be reached, is too slow, too large, or not there.
    """
    headers = _HEADERS | _conditions(etag, last_modified)
    try:
        async with asyncio.timeout(TIMEOUT_S):
            request = http.build_request("GET", url, headers=headers, timeout=TIMEOUT_S)
            return await _follow(http, request)
    except (TimeoutError, httpx.TimeoutException) as error:
        raise FeedError(f"The feed did not answer within {TIMEOUT_S:.0f} seconds.") from error
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise FeedError(_NO_WEB_ADDRESS) from error
    except httpx.TransportError as error:
        raise FeedError("The feed cannot be reached.") from error
    except httpx.RequestError as error:
        raise FeedError(_UNREADABLE) from error


async def _follow(http: httpx.AsyncClient, request: httpx.Request) -> Fetched | None:
    for _ in range(MOST_REDIRECTS + 1):
        if request.url.scheme not in ("http", "https"):
            raise FeedError(_NO_WEB_ADDRESS)
        response = await http.send(request, stream=True, follow_redirects=False)
        try:
            if response.next_request is None:
                return await _read(response)
            if request.url.scheme == "https" and response.next_request.url.scheme == "http":
                raise FeedError("The feed redirects from https to an address that is not protected.")
            request = response.next_request
        finally:
            await response.aclose()
    raise FeedError(f"The feed redirects more than {MOST_REDIRECTS} times.")


async def _read(response: httpx.Response) -> Fetched | None:
    if response.status_code == httpx.codes.NOT_MODIFIED:
        return None
    if response.status_code == httpx.codes.GONE:
        raise FeedGone("The feed is gone for good, says its server (HTTP status 410).")
    if response.status_code != httpx.codes.OK:
        raise FeedError(f"The feed answers with HTTP status {response.status_code}.")
    return Fetched(
        content=await _content(response),
        url=str(response.url),
        content_type=response.headers.get("Content-Type"),
        etag=_validator(response, "ETag"),
        last_modified=_validator(response, "Last-Modified"),
    )


async def _content(response: httpx.Response) -> bytes:
    """Return the body, unpacked no further than it may be long: two kilobytes can unpack to two gigabytes."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity", *_GZIP):
        raise FeedError(_UNREADABLE)
    gzip = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS) if encoding in _GZIP else None
    content = bytearray()
    async for chunk in response.aiter_raw():
        try:
            content += chunk if gzip is None else gzip.decompress(chunk, LONGEST_BYTES + 1 - len(content))
        except zlib.error as error:
            raise FeedError(_UNREADABLE) from error
        if len(content) > LONGEST_BYTES:
            raise FeedError(f"The feed is larger than {LONGEST_BYTES // 1024**2} MB.")
    return bytes(content)


def _validator(response: httpx.Response, name: str) -> str | None:
    """Return what can be sent back as it came; a header of ours holds no other letters than ASCII's."""
    value: str | None = response.headers.get(name)
    return value if value and value.isascii() and len(value) <= LONGEST_VALIDATOR else None


def _conditions(etag: str | None, last_modified: str | None) -> dict[str, str]:
    conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in conditions.items() if value}
