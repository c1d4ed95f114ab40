"""The two feeds, as a reader meets them."""

import time
from calendar import timegm
from typing import Any

import feedparser
import pytest

from tests.services.emulator.marketplace import BASE_URL, Marketplace


async def read(market: Marketplace, path: str) -> Any:
    answer = await market.browser.get(path)
    assert answer.status_code == 200
    return feedparser.parse(answer.content)


async def test_the_news_are_rss_with_html_in_their_descriptions(market: Marketplace) -> None:
    feed = await read(market, "/feeds/news.rss")
    assert (feed.version, feed.bozo) == ("rss20", False)
    assert len(feed.entries) >= 6
    newest = feed.entries[0]
    assert 0 < time.time() - timegm(newest.published_parsed) < 86_400
    assert newest.id == newest.link == f"{BASE_URL}/feeds/news/instant-payouts-in-three-more-countries"
    assert "<p>Sellers in Portugal" in newest.summary
    assert [tag.term for tag in newest.tags] == ["Product"]


async def test_the_status_is_atom_with_one_of_each_kind(market: Marketplace) -> None:
    feed = await read(market, "/feeds/status.atom")
    assert (feed.version, feed.bozo) == ("atom10", False)
    planned, active, resolved = (entry.content[0].value for entry in feed.entries)
    assert "THIS IS A SCHEDULED EVENT" in planned
    assert active.index("<strong>Monitoring</strong>") < active.index("<strong>Investigating</strong>")
    assert "<strong>Resolved</strong>" in resolved
    assert timegm(feed.entries[0].published_parsed) > time.time()
    assert feed.entries[1].id == "tag:status.local.example,2005:Incident/10471"


@pytest.mark.parametrize("path", ["/feeds/news.rss", "/feeds/status.atom"])
async def test_an_unchanged_feed_is_304(market: Marketplace, path: str) -> None:
    first = await market.browser.get(path)
    for headers in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        again = await market.browser.get(path, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
    other = await market.browser.get(path, headers={"If-None-Match": '"older"'})
    assert other.content == first.content


@pytest.mark.parametrize("path", ["/feeds/news.rss", "/feeds/status.atom"])
async def test_every_link_leads_somewhere(market: Marketplace, path: str) -> None:
    for entry in (await read(market, path)).entries:
        page = await market.browser.get(entry.link.removeprefix(BASE_URL))
        assert page.headers["content-type"].startswith("text/html")
        assert page.status_code == 200
    assert (await market.browser.get("/feeds/news/nothing")).status_code == 404
    assert (await market.browser.get("/feeds/incidents/nothing")).status_code == 404
