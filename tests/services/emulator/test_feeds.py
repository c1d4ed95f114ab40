"""The two feeds, as a reader meets them."""

import re
import time
from calendar import timegm
from typing import Any

import feedparser
import pytest

from tests.services.emulator.control import Controls
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


async def test_the_status_is_atom_and_calm_at_the_start(market: Marketplace) -> None:
    feed = await read(market, "/feeds/status.atom")
    assert (feed.version, feed.bozo) == ("atom10", False)
    planned, *past = (entry.content[0].value for entry in feed.entries)
    assert "THIS IS A SCHEDULED EVENT" in planned
    assert [entry.index("<strong>Resolved</strong>") < entry.index("<strong>Investigating</strong>") for entry in past]
    assert timegm(feed.entries[0].published_parsed) > time.time()
    assert feed.entries[1].id == "tag:status.local.example,2005:Incident/10471"


async def test_an_incident_opens_changes_and_closes_under_one_id(market: Marketplace, control: Controls) -> None:
    seen = {}
    for minute in (0, 4, 8, 13, 20):
        await hold(control, minute)
        feed = await read(market, "/feeds/status.atom")
        found = [entry for entry in feed.entries if "Card pay-ins answer slowly" in entry.title]
        seen[minute] = [(entry.id, label(entry)) for entry in found]
    told = "tag:status.local.example,2005:Incident/10500"
    assert seen == {
        0: [],
        4: [(told, "Investigating")],
        8: [(told, "Identified")],
        13: [(told, "Monitoring")],
        20: [(told, "Resolved")],
    }


async def test_every_round_brings_the_same_again_as_something_new(market: Marketplace, control: Controls) -> None:
    await hold(control, 70)
    first = await read(market, "/feeds/status.atom")
    await hold(control, 70 + 120)
    second = await read(market, "/feeds/status.atom")
    down = [entry.id for entry in second.entries if entry.title == "[Production] Payouts are down"]
    assert len(set(down)) == 2
    assert len(second.entries) > len(first.entries)
    await hold(control, 60 * 24 * 60)
    assert len((await read(market, "/feeds/status.atom")).entries) == 25


async def test_news_come_while_one_looks(market: Marketplace, control: Controls) -> None:
    await hold(control, 0)
    before = await market.browser.get("/feeds/news.rss")
    await hold(control, 6)
    after = await market.browser.get("/feeds/news.rss", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert feedparser.parse(after.content).entries[0].title == "Refunds reach cards within a minute"


async def test_a_story_that_is_not_held_goes_on_by_the_clock(market: Marketplace, control: Controls) -> None:
    await hold(control, 0)
    refused = await control.post("/feeds", {"StoryS": -1})
    assert refused.status_code == 400
    assert (await control.post("/feeds", {"StoryS": None})).json()["StoryS"] < 60
    await control.advance(3_600)
    assert (await control.post("/feeds", {"StoryS": None})).json()["StoryS"] >= 3_600


async def test_what_is_held_is_told_as_of_now(market: Marketplace, control: Controls) -> None:
    await hold(control, 70)
    (down,) = [entry for entry in (await read(market, "/feeds/status.atom")).entries if "are down" in entry.title]
    assert 0 <= time.time() - timegm(down.updated_parsed) < 15 * 60


async def test_news_have_pictures(market: Marketplace) -> None:
    answer = await market.browser.get("/feeds/pictures/meet-the-team-in-lisbon.png")
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    assert (await market.browser.get(f"/feeds/pictures/{'x' * 500}")).status_code == 404


async def hold(control: Controls, minute: int) -> None:
    answer = await control.post("/feeds", {"StoryS": minute * 60})
    assert answer.json() == {"StoryS": minute * 60}


def label(entry: Any) -> str:
    return str(re.findall(r"<strong>([^<]*)</strong>", entry.content[0].value)[0])


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
