"""Fetching asks only for what changed, and gives up early."""

import asyncio
import gzip
import tracemalloc
from collections.abc import AsyncIterator

import httpx
import pytest
import respx

from services.feeds.fetch import LONGEST_BYTES, FeedError, FeedGone, fetch, open_client

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


async def test_what_comes_packed_is_unpacked_and_measured_unpacked(
    respx_mock: respx.MockRouter, http: httpx.AsyncClient
) -> None:
    packed = {"Content-Encoding": "gzip"}
    respx_mock.get(URL).mock(
        side_effect=[
            httpx.Response(200, content=gzip.compress(b"<rss/>"), headers=packed),
            httpx.Response(200, content=gzip.compress(bytes(LONGEST_BYTES + 1)), headers=packed),
        ]
    )
    fetched = await fetch(http, URL)
    assert fetched is not None
    assert fetched.content == b"<rss/>"
    with pytest.raises(FeedError, match="larger than 2 MB"):
        await fetch(http, URL)


async def test_a_redirect_never_leads_out_of_https(respx_mock: respx.MockRouter, http: httpx.AsyncClient) -> None:
    respx_mock.get(URL).respond(301, headers={"Location": "http://blog.shop.test/rss.xml"})
    with pytest.raises(FeedError, match="not protected"):
        await fetch(http, URL)
    assert len(respx_mock.calls) == 1


async def test_a_redirect_may_lead_into_https(respx_mock: respx.MockRouter, http: httpx.AsyncClient) -> None:
    respx_mock.get("http://blog.shop.test/rss.xml").respond(301, headers={"Location": URL})
    respx_mock.get(URL).respond(content=b"<rss/>")
    fetched = await fetch(http, "http://blog.shop.test/rss.xml")
    assert fetched is not None
    assert fetched.url == URL


async def test_what_is_gone_for_good_is_told_apart(respx_mock: respx.MockRouter, http: httpx.AsyncClient) -> None:
    respx_mock.get(URL).respond(410)
    with pytest.raises(FeedGone, match="HTTP status 410"):
        await fetch(http, URL)


async def test_what_unpacks_to_more_than_it_may_is_not_unpacked(
    respx_mock: respx.MockRouter, http: httpx.AsyncClient
) -> None:
    bomb = gzip.compress(bytes(100 * LONGEST_BYTES))
    respx_mock.get(URL).respond(stream=Packed(bomb), headers={"Content-Encoding": "gzip"})
    tracemalloc.start()
    try:
        with pytest.raises(FeedError, match="larger than 2 MB"):
            await fetch(http, URL)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * LONGEST_BYTES


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd"])
async def test_what_is_packed_in_a_way_that_was_not_asked_for_is_not_unpacked(
    respx_mock: respx.MockRouter, http: httpx.AsyncClient, encoding: str
) -> None:
    twice = gzip.compress(gzip.compress(b"<rss/>"))
    route = respx_mock.get(URL).respond(stream=Packed(twice), headers={"Content-Encoding": encoding})
    with pytest.raises(FeedError, match="cannot be read"):
        await fetch(http, URL)
    assert route.calls.last.request.headers["Accept-Encoding"] == "gzip"


async def test_what_says_that_it_is_packed_and_is_not_cannot_be_read(
    respx_mock: respx.MockRouter, http: httpx.AsyncClient
) -> None:
    respx_mock.get(URL).respond(stream=Packed(b"<rss/>"), headers={"Content-Encoding": "gzip"})
    with pytest.raises(FeedError, match="cannot be read"):
        await fetch(http, URL)


@pytest.mark.parametrize("validator", ["caf\xe9", "x" * 2_000])
async def test_a_validator_that_cannot_be_sent_back_is_not_kept(
    respx_mock: respx.MockRouter, http: httpx.AsyncClient, validator: str
) -> None:
    respx_mock.get(URL).respond(content=b"<rss/>", headers=[(b"ETag", validator.encode("latin-1"))])
    fetched = await fetch(http, URL)
    assert fetched is not None
    assert fetched.etag is None


async def test_no_cookie_of_a_strangers_is_kept(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(URL).respond(content=b"<rss/>", headers={"Set-Cookie": "who=you; Path=/"})
    async with open_client() as http:
        for _ in range(2):
            await fetch(http, URL)
    assert "Cookie" not in route.calls.last.request.headers


class Packed(httpx.AsyncByteStream):
    """A body as it is on the line."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content
