"""The panel of news: how many it shows, what of them is unread, and what it says while there are none."""

from types import SimpleNamespace
from typing import cast

import pytest
from nicegui import Client

from models.feed import FeedKind
from services.bootstrap import Services
from services.clock import now
from services.database import Database
from tests.actors import make_actor
from tests.services.feeds.stored import SANDBOX, add_entry, add_feed
from ui.components.news import NewsPanel

SHOWN = 8
OLIVIA = make_actor(environment=SANDBOX)


@pytest.fixture
def panel(database: Database, client: Client) -> NewsPanel:
    with client.content:
        return NewsPanel(cast("Services", SimpleNamespace(database=database)), OLIVIA, limit=SHOWN)


def cards(panel: NewsPanel) -> int:
    return str(panel._content.content).count("<article")


async def test_the_newest_are_shown_and_as_many_more_when_somebody_asks(panel: NewsPanel, database: Database) -> None:
    feed = await add_feed(database, FeedKind.NEWS, read_at=now())
    for days_ago in range(SHOWN + 3):
        await add_entry(database, feed, f"News {days_ago}", days_ago=days_ago)
    await panel.load()
    assert (cards(panel), panel._more.visible) == (SHOWN, True)
    await panel._show_more()
    assert (cards(panel), panel._more.visible) == (SHOWN + 3, False)


async def test_what_is_unread_is_counted_until_all_is_marked(panel: NewsPanel, database: Database) -> None:
    feed = await add_feed(database, FeedKind.NEWS, read_at=now())
    for title in ("one", "two"):
        await add_entry(database, feed, title)
    await panel.load()
    assert (panel._bar.visible, panel._unread.content) == (True, "2 unread")
    await panel._mark_all()
    assert not panel._bar.visible


async def test_without_news_it_says_why_and_how_old_that_is(panel: NewsPanel, database: Database) -> None:
    await panel.load()
    assert "once the address of a feed is set" in panel._content.content
    assert "DASHBOARD_NEWS_FEEDS" in panel._state.content
    await add_feed(database, FeedKind.NEWS, read_at=None)
    await panel.load()
    assert "as soon as the feed has been read for the first time" in panel._content.content
    assert "not read yet" in panel._state.content


async def test_a_feed_in_trouble_says_so_and_what_was_read_stays(panel: NewsPanel, database: Database) -> None:
    feed = await add_feed(database, FeedKind.NEWS, read_at=now())
    await add_entry(database, feed, "one")
    async with database.session() as session:
        feed.last_error = "The feed answers with HTTP status 500."
        session.add(feed)
        await session.commit()
    await panel.load()
    assert cards(panel) == 1
    assert "HTTP status 500" in panel._state.content
    assert "it is tried again" in panel._state.content
