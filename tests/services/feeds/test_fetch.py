"""Fetching asks only for what changed, and gives up early."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import respx

from services.feeds.fetch import LONGEST_BYTES, FeedError, fetch

URL = "https://blog.shop.test/rss.xml"


async def test_a_feed_is_fetched_with_its_validators(respx_mock: respx.MockRouter, http: httpx.AsyncClient) -> None:
    headers = {"ETag": '"1"', "Last-Modified": "Thu, 19 Nov 2026 09:00:00 GMT", "Content-Type": "text/xml"}
    route = respx_mock.get(URL).respond(content=b"<rss/>", headers=headers)
    fetched = await fetch(http, URL)
    assert fetched is not None
    assert (fetched.content, fetched.etag, fetched.last_modified) == (b"<rss/>", '"1"', headers["Last-Modified"])
    assert "If-None-Match" not in route.calls.last.request.headers


async def test_a_feed_that_did_not_change_is_not_fetched_again(
    respx_mock: respx.MockRouter, http: httpx.AsyncClient
) -> None:
    conditions = {"If-None-Match": '"1"', "If-Modified-Since": "Thu, 19 Nov 2026 09:00:00 GMT"}
    respx_mock.get(URL, headers=conditions).respond(304)
    assert await fetch(http, URL, etag='"1"', last_modified="Thu, 19 Nov 2026 09:00:00 GMT") is None


@pytest.mark.parametrize("status", [204, 401, 404, 410, 500])
async def test_any_other_status_is_told(respx_mock: respx.MockRouter, http: httpx.AsyncClient, status: int) -> None:
    respx_mock.get(URL).respond(status)
    with pytest.raises(FeedError, match=f"HTTP status {status}"):
        await fetch(http, URL)


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (httpx.ConnectError, "cannot be reached"),
        (httpx.RemoteProtocolError, "cannot be reached"),
        (httpx.ReadTimeout, "within 10 seconds"),
        (httpx.DecodingError, "cannot be read"),
    ],
)
async def test_trouble_on_the_way_is_one_sentence(
    respx_mock: respx.MockRouter, http: httpx.AsyncClient, trouble: type[Exception], sentence: str
) -> None:
    respx_mock.get(URL).mock(side_effect=trouble)
    with pytest.raises(FeedError, match=sentence):
        await fetch(http, URL)


async def test_a_feed_that_drips_is_given_up(
    respx_mock: respx.MockRouter, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def drip() -> AsyncIterator[bytes]:
        yield b"<rss>"
        await asyncio.Event().wait()

    monkeypatch.setattr("services.feeds.fetch.TIMEOUT_S", 0.01)
    respx_mock.get(URL).mock(return_value=httpx.Response(200, content=drip()))
    with pytest.raises(FeedError, match="did not answer within"):
        await fetch(http, URL)


async def test_a_feed_without_end_is_not_read_to_the_end(respx_mock: respx.MockRouter, http: httpx.AsyncClient) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 65536
            yield b"x" * 65536

    respx_mock.get(URL).mock(return_value=httpx.Response(200, content=endless()))
    with pytest.raises(FeedError, match="larger than 2 MB"):
        await fetch(http, URL)
    assert read <= LONGEST_BYTES + 2 * 65536


async def test_five_redirects_are_followed_and_the_last_address_is_told(
    respx_mock: respx.MockRouter, http: httpx.AsyncClient
) -> None:
    for n in range(5):
        respx_mock.get(f"https://blog.shop.test/{n}").respond(301, headers={"Location": f"/{n + 1}"})
    respx_mock.get("https://blog.shop.test/5").respond(content=b"<rss/>")
    fetched = await fetch(http, "https://blog.shop.test/0")
    assert fetched is not None
    assert fetched.url == "https://blog.shop.test/5"


async def test_a_sixth_redirect_is_one_too_many(respx_mock: respx.MockRouter, http: httpx.AsyncClient) -> None:
    route = respx_mock.get(URL).respond(302, headers={"Location": URL})
    with pytest.raises(FeedError, match="more than 5 times"):
        await fetch(http, URL)
    assert route.call_count == 6


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://blog.shop.test/rss.xml"])
async def test_a_redirect_leads_only_to_http_or_https(
    respx_mock: respx.MockRouter, http: httpx.AsyncClient, location: str
) -> None:
    respx_mock.get(URL).respond(302, headers={"Location": location})
    with pytest.raises(FeedError, match="not an http or https address"):
        await fetch(http, URL)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "/etc/passwd", "ftp://blog.shop.test/x", "https://"])
async def test_an_address_that_is_no_web_address_is_refused(http: httpx.AsyncClient, url: str) -> None:
    with pytest.raises(FeedError, match="not an http or https address"):
        await fetch(http, url)
