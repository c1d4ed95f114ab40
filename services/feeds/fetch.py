"""Fetches a feed: only if it changed, within ten seconds, two megabytes and five redirects.

Source: RFC 9110, section 13 (conditional requests)
"""

import asyncio
from dataclasses import dataclass

import httpx

TIMEOUT_S = 10.0
LONGEST_BYTES = 2 * 1024 * 1024
MOST_REDIRECTS = 5
_NO_WEB_ADDRESS = "The feed's address, or one it redirects to, is not an http or https address."
_HEADERS = {
    "Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1",
    "User-Agent": "mangopay-dashboard",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A feed's bytes as they came, unparsed; `url` is where the redirects led."""

    content: bytes
    url: str
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None


class FeedError(Exception):
    """Raised when a feed cannot be had; its text is one sentence for the page."""


async def fetch(
    http: httpx.AsyncClient, url: str, *, etag: str | None = None, last_modified: str | None = None
) -> Fetched | None:
    """Return the feed, or None when it has not changed since the given validators were sent with it.

    Raises:
        FeedError: it cannot be reached, is too slow, too large, or not there.
    """
    headers = _HEADERS | _conditions(etag, last_modified)
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await _follow(http, http.build_request("GET", url, headers=headers, timeout=TIMEOUT_S))
    except (TimeoutError, httpx.TimeoutException) as error:
        raise FeedError(f"The feed did not answer within {TIMEOUT_S:.0f} seconds.") from error
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise FeedError(_NO_WEB_ADDRESS) from error
    except httpx.TransportError as error:
        raise FeedError("The feed cannot be reached.") from error
    except httpx.RequestError as error:
        raise FeedError("The feed's answer cannot be read.") from error


async def _follow(http: httpx.AsyncClient, request: httpx.Request) -> Fetched | None:
    for _ in range(MOST_REDIRECTS + 1):
        if request.url.scheme not in ("http", "https"):
            raise FeedError(_NO_WEB_ADDRESS)
        response = await http.send(request, stream=True, follow_redirects=False)
        try:
            if response.next_request is None:
                return await _read(response)
            request = response.next_request
        finally:
            await response.aclose()
    raise FeedError(f"The feed redirects more than {MOST_REDIRECTS} times.")


async def _read(response: httpx.Response) -> Fetched | None:
    if response.status_code == httpx.codes.NOT_MODIFIED:
        return None
    if response.status_code != httpx.codes.OK:
        raise FeedError(f"The feed answers with HTTP status {response.status_code}.")
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > LONGEST_BYTES:
            raise FeedError(f"The feed is larger than {LONGEST_BYTES // 1024**2} MB.")
    return Fetched(
        content=bytes(content),
        url=str(response.url),
        content_type=response.headers.get("Content-Type"),
        etag=response.headers.get("ETag"),
        last_modified=response.headers.get("Last-Modified"),
    )


def _conditions(etag: str | None, last_modified: str | None) -> dict[str, str]:
    conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in conditions.items() if value}
