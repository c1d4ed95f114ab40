"""Feeds are looked at when their time comes, stored once, and keep what they had when they fail."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import respx

from models.environment import Environment
from models.feed import Feed, FeedEntry, FeedKind
from services.database import Database
from services.feeds.refresh import refresh_due
from services.feeds.store import configure, feeds_of, latest_entries
from tests.actors import make_actor

NEWS = "https://blog.shop.test/rss.xml"
STATUS = "https://status.shop.test/history.atom"
SANDBOX, LOCAL = Environment.SANDBOX, Environment.LOCAL
OLIVIA, LOCAL_OLIVIA = make_actor(environment=SANDBOX), make_actor(environment=LOCAL)
ALL = tuple(Environment)
Sample = Callable[[str], bytes]


async def entries(database: Database, kind: FeedKind = FeedKind.NEWS) -> list[FeedEntry]:
    return list(await latest_entries(OLIVIA, database, kind=kind, limit=100))


async def only_feed(database: Database) -> Feed:
    (feed,) = await feeds_of(OLIVIA, database)
    return feed


async def with_news(database: Database, now: datetime) -> None:
    await configure(database, environment=SANDBOX, news=[NEWS], status=[], now=now)


async def test_news_and_status_are_stored_each_as_its_kind(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    respx_mock.get(NEWS).respond(content=sample("news.rss"), headers={"ETag": '"1"', "Last-Modified": "Thu"})
    respx_mock.get(STATUS).respond(content=sample("status.atom"))
    await configure(database, environment=SANDBOX, news=[NEWS], status=[STATUS], now=now)
    assert await refresh_due(database, http, environments=ALL, now=now) == 2
    assert [entry.title for entry in await entries(database)] == [
        "Payouts & weekends: what changes",
        "A bold new card form",
    ]
    assert [entry.title for entry in await entries(database, FeedKind.STATUS)] == [
        "[Production] Planned database upgrade",
        "[Sandbox] Slow pay-ins",
    ]
    news, status = await feeds_of(OLIVIA, database)
    assert (news.kind, news.title, news.etag, news.last_modified) == (
        FeedKind.NEWS,
        "Shop Payments Blog",
        '"1"',
        "Thu",
    )
    assert (news.last_success_at, news.last_error, news.failures) == (now, None, 0)
    assert (news.next_check_at, status.next_check_at) == (now + timedelta(minutes=30), now + timedelta(minutes=2))


async def test_a_feed_is_left_alone_until_its_time_comes(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    route = respx_mock.get(NEWS).respond(content=sample("news.rss"))
    await with_news(database, now)
    looked = [
        await refresh_due(database, http, environments=ALL, now=now + timedelta(minutes=m)) for m in (0, 1, 29, 30)
    ]
    assert looked == [1, 0, 0, 1]
    assert route.call_count == 2


async def test_the_same_entry_twice_is_stored_once(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    respx_mock.get(NEWS).respond(content=sample("bare.rss"))
    await with_news(database, now)
    await refresh_due(database, http, environments=ALL, now=now)
    first = await entries(database)
    await refresh_due(database, http, environments=ALL, now=now + timedelta(hours=1))
    assert await entries(database) == first
    assert len(first) == 4


async def test_an_entry_that_changed_is_updated_in_its_place(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    later = now + timedelta(hours=1)
    changed = sample("news.rss").replace(b"Saturdays", b"Sundays")
    respx_mock.get(NEWS).mock(
        side_effect=[httpx.Response(200, content=sample("news.rss")), httpx.Response(200, content=changed)]
    )
    await with_news(database, now)
    await refresh_due(database, http, environments=ALL, now=now)
    before = await entries(database)
    await refresh_due(database, http, environments=ALL, now=later)
    after = await entries(database)
    assert [entry.id for entry in after] == [entry.id for entry in before]
    assert "Sundays" in after[0].summary
    assert (after[0].first_seen_at, after[0].updated_at) == (now, later)
    assert after[1] == before[1]


async def test_an_entry_without_date_bears_the_moment_it_was_first_seen(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    renamed = sample("bare.rss").replace(b"nothing but a link", b"a new title")
    respx_mock.get(NEWS).mock(
        side_effect=[httpx.Response(200, content=sample("bare.rss")), httpx.Response(200, content=renamed)]
    )
    await with_news(database, now)
    await refresh_due(database, http, environments=ALL, now=now)
    await refresh_due(database, http, environments=ALL, now=now + timedelta(hours=1))
    newest, *_ = await entries(database)
    assert (newest.title, newest.published_at) == ("With a new title", now)


async def test_a_feed_that_says_nothing_is_new_is_a_success(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    later = now + timedelta(hours=1)
    respx_mock.get(NEWS, headers={"If-None-Match": '"1"'}).respond(304)
    respx_mock.get(NEWS).respond(content=sample("news.rss"), headers={"ETag": '"1"'})
    await with_news(database, now)
    await refresh_due(database, http, environments=ALL, now=now)
    await refresh_due(database, http, environments=ALL, now=later)
    feed = await only_feed(database)
    assert (feed.last_success_at, feed.etag, feed.title) == (later, '"1"', "Shop Payments Blog")
    assert len(await entries(database)) == 2


async def test_a_feed_that_fails_keeps_what_it_had_and_is_looked_at_ever_less(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    good = httpx.Response(200, content=sample("news.rss"), headers={"ETag": '"1"'})
    login = httpx.Response(200, content=sample("login.html"), headers={"ETag": '"login"'})
    respx_mock.get(NEWS).mock(side_effect=[good, login, httpx.Response(503), httpx.ConnectError])
    await with_news(database, now)
    await refresh_due(database, http, environments=ALL, now=now)
    seen = []
    moment = now
    for _ in range(3):
        moment = (await only_feed(database)).next_check_at
        assert await refresh_due(database, http, environments=ALL, now=moment) == 1
        feed = await only_feed(database)
        seen.append((feed.last_error, feed.failures, feed.next_check_at - moment))
    assert seen == [
        ("The address answers, but not with a feed.", 1, timedelta(hours=1)),
        ("The feed answers with HTTP status 503.", 2, timedelta(hours=2)),
        ("The feed cannot be reached.", 3, timedelta(hours=4)),
    ]
    assert (feed.last_success_at, feed.etag) == (now, '"1"')
    assert len(await entries(database)) == 2


async def test_a_feed_that_recovers_forgets_its_failures(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    respx_mock.get(NEWS).mock(side_effect=[httpx.Response(503), httpx.Response(200, content=sample("news.rss"))])
    await with_news(database, now)
    await refresh_due(database, http, environments=ALL, now=now)
    later = (await only_feed(database)).next_check_at
    await refresh_due(database, http, environments=ALL, now=later)
    feed = await only_feed(database)
    assert (feed.last_error, feed.failures, feed.last_success_at) == (None, 0, later)


async def test_one_feed_in_trouble_does_not_hold_up_another(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    respx_mock.get(NEWS).mock(side_effect=httpx.ReadTimeout)
    respx_mock.get(STATUS).respond(content=sample("status.atom"))
    await configure(database, environment=SANDBOX, news=[NEWS], status=[STATUS], now=now)
    assert await refresh_due(database, http, environments=ALL, now=now) == 2
    assert len(await entries(database, FeedKind.STATUS)) == 2


async def test_of_two_who_look_at_once_one_takes_the_feed(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    route = respx_mock.get(NEWS).respond(content=sample("news.rss"))
    await with_news(database, now)
    counts = await asyncio.gather(*(refresh_due(database, http, environments=ALL, now=now) for _ in range(4)))
    assert sorted(counts) == [0, 0, 0, 1]
    assert route.call_count == 1


async def test_a_feed_dropped_while_it_is_fetched_stays_dropped(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    async def dropped_meanwhile(_: httpx.Request) -> httpx.Response:
        await configure(database, environment=SANDBOX, news=[], status=[], now=now)
        return httpx.Response(200, content=sample("news.rss"))

    respx_mock.get(NEWS).mock(side_effect=dropped_meanwhile)
    await with_news(database, now)
    await refresh_due(database, http, environments=ALL, now=now)
    assert await feeds_of(OLIVIA, database) == []
    assert await entries(database) == []


async def test_the_settings_decide_which_feeds_there_are(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    old = "https://old.shop.test/rss.xml"
    respx_mock.get(NEWS).respond(content=sample("news.rss"))
    respx_mock.get(old).respond(content=sample("bare.rss"))
    await configure(database, environment=SANDBOX, news=[NEWS, NEWS, old], status=[], now=now)
    await refresh_due(database, http, environments=ALL, now=now)
    await configure(database, environment=SANDBOX, news=[NEWS], status=[STATUS], now=now + timedelta(minutes=1))
    feeds = await feeds_of(OLIVIA, database)
    assert [(feed.url, feed.kind) for feed in feeds] == [(NEWS, FeedKind.NEWS), (STATUS, FeedKind.STATUS)]
    assert feeds[0].last_success_at == now
    assert len(await entries(database)) == 2


async def test_a_dropped_feed_takes_its_entries_along(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    respx_mock.get(NEWS).respond(content=sample("news.rss"))
    await with_news(database, now)
    await refresh_due(database, http, environments=ALL, now=now)
    await configure(database, environment=SANDBOX, news=[], status=[], now=now)
    assert await entries(database) == []


async def test_an_environment_sees_its_own_feeds_only(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    respx_mock.get(NEWS).respond(content=sample("news.rss"))
    await with_news(database, now)
    await configure(database, environment=LOCAL, news=[NEWS], status=[], now=now + timedelta(days=1))
    await refresh_due(database, http, environments=ALL, now=now)
    assert len(await entries(database)) == 2
    assert await latest_entries(LOCAL_OLIVIA, database, kind=FeedKind.NEWS, limit=5) == []
    await configure(database, environment=LOCAL, news=[], status=[], now=now)
    assert len(await feeds_of(OLIVIA, database)) == 1


async def test_only_as_many_entries_as_asked_for_are_returned(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    respx_mock.get(NEWS).respond(content=sample("news.rss"))
    await with_news(database, now)
    await refresh_due(database, http, environments=ALL, now=now)
    (newest,) = await latest_entries(OLIVIA, database, kind=FeedKind.NEWS, limit=1)
    assert newest.uid.endswith("/payouts-and-weekends")


async def test_feeds_of_an_environment_that_is_off_are_left_alone(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, now: datetime
) -> None:
    await configure(database, environment=SANDBOX, news=[NEWS], status=[], now=now)
    assert await refresh_due(database, http, environments=[Environment.LOCAL], now=now) == 0
    assert not respx_mock.calls
