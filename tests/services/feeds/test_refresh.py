"""Feeds are looked at when their time comes, stored once, and keep what they had when they fail."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import respx
from sqlmodel import col, select

from models.environment import Environment
from models.feed import Feed, FeedEntry, FeedKind
from models.incidents import Phase
from services.database import Database
from services.feeds.fetch import Fetched
from services.feeds.parse import ParsedEntry, ParsedFeed
from services.feeds.store import CLAIM, Changed, Claim, Failed, _extend, claim_due, configure, store
from tests.services.feeds.stored import refresh

NEWS = "https://blog.shop.test/rss.xml"
STATUS = "https://status.shop.test/history.atom"
SANDBOX, LOCAL = Environment.SANDBOX, Environment.LOCAL
Sample = Callable[[str], bytes]


async def entries(
    database: Database, kind: FeedKind = FeedKind.NEWS, environment: Environment = SANDBOX
) -> list[FeedEntry]:
    """Return what is stored, newest first."""
    mine = select(FeedEntry).join(Feed).where(Feed.environment == environment, Feed.kind == kind)
    async with database.session() as session:
        newest = mine.order_by(col(FeedEntry.published_at).desc(), col(FeedEntry.id).desc())
        return list((await session.exec(newest)).all())


async def feeds(database: Database, environment: Environment = SANDBOX) -> list[Feed]:
    async with database.session() as session:
        mine = select(Feed).where(Feed.environment == environment).order_by(col(Feed.kind), col(Feed.id))
        return list((await session.exec(mine)).all())


async def only_feed(database: Database) -> Feed:
    (feed,) = await feeds(database)
    return feed


async def with_news(database: Database, now: datetime) -> None:
    await configure(database, environment=SANDBOX, news=[NEWS], status=[], now=now)


async def test_news_and_status_are_stored_each_as_its_kind(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    respx_mock.get(NEWS).respond(content=sample("news.rss"), headers={"ETag": '"1"', "Last-Modified": "Thu"})
    respx_mock.get(STATUS).respond(content=sample("status.atom"))
    await configure(database, environment=SANDBOX, news=[NEWS], status=[STATUS], now=now)
    assert await refresh(database, http, now) == 2
    assert [entry.title for entry in await entries(database)] == [
        "Payouts & weekends: what changes",
        "A bold new card form",
    ]
    assert [entry.title for entry in await entries(database, FeedKind.STATUS)] == [
        "[Production] Planned database upgrade",
        "[Sandbox] Slow pay-ins",
    ]
    news, status = await feeds(database)
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
    looked = [await refresh(database, http, now + timedelta(minutes=m)) for m in (0, 1, 29, 30)]
    assert looked == [1, 0, 0, 1]
    assert route.call_count == 2


async def test_the_same_entry_twice_is_stored_once(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    respx_mock.get(NEWS).respond(content=sample("bare.rss"))
    await with_news(database, now)
    await refresh(database, http, now)
    first = await entries(database)
    await refresh(database, http, now + timedelta(hours=1))
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
    await refresh(database, http, now)
    before = await entries(database)
    await refresh(database, http, later)
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
    await refresh(database, http, now)
    await refresh(database, http, now + timedelta(hours=1))
    newest, *_ = await entries(database)
    assert (newest.title, newest.published_at) == ("With a new title", now)


async def test_a_feed_that_says_nothing_is_new_is_a_success(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    later = now + timedelta(hours=1)
    respx_mock.get(NEWS, headers={"If-None-Match": '"1"'}).respond(304)
    respx_mock.get(NEWS).respond(content=sample("news.rss"), headers={"ETag": '"1"'})
    await with_news(database, now)
    await refresh(database, http, now)
    await refresh(database, http, later)
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
    await refresh(database, http, now)
    seen = []
    moment = now
    for _ in range(3):
        moment = (await only_feed(database)).next_check_at
        assert await refresh(database, http, moment) == 1
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
    await refresh(database, http, now)
    later = (await only_feed(database)).next_check_at
    await refresh(database, http, later)
    feed = await only_feed(database)
    assert (feed.last_error, feed.failures, feed.last_success_at) == (None, 0, later)


async def test_one_feed_in_trouble_does_not_hold_up_another(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    respx_mock.get(NEWS).mock(side_effect=httpx.ReadTimeout)
    respx_mock.get(STATUS).respond(content=sample("status.atom"))
    await configure(database, environment=SANDBOX, news=[NEWS], status=[STATUS], now=now)
    assert await refresh(database, http, now) == 2
    assert len(await entries(database, FeedKind.STATUS)) == 2


async def test_of_two_who_look_at_once_one_takes_the_feed(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    route = respx_mock.get(NEWS).respond(content=sample("news.rss"))
    await with_news(database, now)
    counts = await asyncio.gather(*(refresh(database, http, now) for _ in range(4)))
    assert sorted(counts) == [0, 0, 0, 1]
    assert route.call_count == 1


async def test_of_two_who_have_seen_that_it_is_due_one_takes_it(database: Database, now: datetime) -> None:
    await with_news(database, now)
    seen = [Claim(await only_feed(database), now) for _ in range(2)]
    async with database.session() as session:
        assert [await _extend(session, claim, now=now) for claim in seen] == [True, False]


async def test_whoever_has_lost_the_claim_writes_nothing_more(database: Database, now: datetime) -> None:
    """One that took too long finds that another has stored something newer."""

    def told(title: str) -> Changed:
        entry = ParsedEntry(uid="1", title=title, link=None, summary="", published_at=now)
        parsed = ParsedFeed(title="Feed", link=None, entries=(entry,))
        return Changed(parsed=parsed, etag=None, last_modified=None, digest=title)

    await with_news(database, now)
    later = now + CLAIM
    (slow,) = await claim_due(database, FeedKind.NEWS, environments=[SANDBOX], now=now, limit=1)
    (quick,) = await claim_due(database, FeedKind.NEWS, environments=[SANDBOX], now=later, limit=1)
    await store(database, quick, told("newer"), now=later)
    nothing = Changed(parsed=ParsedFeed(title="", link=None, entries=()), etag=None, last_modified=None, digest="")
    for outcome in (told("older"), nothing, Failed("It took too long.")):
        await store(database, slow, outcome, now=later + timedelta(seconds=1))
    assert [(entry.title, entry.is_listed) for entry in await entries(database)] == [("newer", True)]
    feed = await only_feed(database)
    assert (feed.digest, feed.last_error, feed.next_check_at) == ("newer", None, later + timedelta(minutes=30))


@pytest.mark.parametrize("trouble", [UnicodeEncodeError("ascii", "\xe9", 0, 1, "odd"), RuntimeError("odd")])
async def test_whatever_a_server_makes_of_it_costs_its_own_feed_alone(
    *,
    database: Database,
    http: httpx.AsyncClient,
    respx_mock: respx.MockRouter,
    sample: Sample,
    now: datetime,
    trouble: Exception,
) -> None:
    other = "https://other.shop.test/rss.xml"
    respx_mock.get(NEWS).mock(side_effect=trouble)
    respx_mock.get(other).respond(content=sample("news.rss"))
    await configure(database, environment=SANDBOX, news=[NEWS, other], status=[], now=now)
    assert await refresh(database, http, now) == 2
    assert len(await entries(database)) == 2
    broken, well = await feeds(database)
    assert (broken.last_error, broken.failures) == ("The feed's answer cannot be read.", 1)
    assert (well.last_error, well.last_success_at) == (None, now)


async def test_what_is_cut_off_is_asked_for_whole_the_next_time(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    cut = httpx.Response(200, content=sample("truncated.atom"), headers={"ETag": '"1"'})
    whole = httpx.Response(200, content=sample("status.atom"), headers={"ETag": '"1"'})
    route = respx_mock.get(STATUS).mock(side_effect=[cut, whole])
    await configure(database, environment=SANDBOX, news=[], status=[STATUS], now=now)
    await refresh(database, http, now)
    assert (await only_feed(database)).etag is None
    await refresh(database, http, now + timedelta(hours=1))
    assert "If-None-Match" not in route.calls.last.request.headers
    assert len(await entries(database, FeedKind.STATUS)) == 2


async def test_a_feed_dropped_while_it_is_fetched_stays_dropped(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    async def dropped_meanwhile(_: httpx.Request) -> httpx.Response:
        await configure(database, environment=SANDBOX, news=[], status=[], now=now)
        return httpx.Response(200, content=sample("news.rss"))

    respx_mock.get(NEWS).mock(side_effect=dropped_meanwhile)
    await with_news(database, now)
    await refresh(database, http, now)
    assert await feeds(database) == []
    assert await entries(database) == []


async def test_the_settings_decide_which_feeds_there_are(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    old = "https://old.shop.test/rss.xml"
    respx_mock.get(NEWS).respond(content=sample("news.rss"))
    respx_mock.get(old).respond(content=sample("bare.rss"))
    await configure(database, environment=SANDBOX, news=[NEWS, NEWS, old], status=[], now=now)
    await refresh(database, http, now)
    await configure(database, environment=SANDBOX, news=[NEWS], status=[STATUS], now=now + timedelta(minutes=1))
    found = await feeds(database)
    assert [(feed.url, feed.kind) for feed in found] == [(NEWS, FeedKind.NEWS), (STATUS, FeedKind.STATUS)]
    assert found[0].last_success_at == now
    assert len(await entries(database)) == 2


async def test_a_dropped_feed_takes_its_entries_along(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    respx_mock.get(NEWS).respond(content=sample("news.rss"))
    await with_news(database, now)
    await refresh(database, http, now)
    await configure(database, environment=SANDBOX, news=[], status=[], now=now)
    assert await entries(database) == []


async def test_an_environment_sees_its_own_feeds_only(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    respx_mock.get(NEWS).respond(content=sample("news.rss"))
    await with_news(database, now)
    await configure(database, environment=LOCAL, news=[NEWS], status=[], now=now + timedelta(days=1))
    await refresh(database, http, now)
    assert len(await entries(database)) == 2
    assert await entries(database, environment=LOCAL) == []
    await configure(database, environment=LOCAL, news=[], status=[], now=now)
    assert len(await feeds(database)) == 1


async def test_feeds_of_an_environment_that_is_off_are_left_alone(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, now: datetime
) -> None:
    await configure(database, environment=SANDBOX, news=[NEWS], status=[], now=now)
    assert await refresh(database, http, now, environments=[Environment.LOCAL]) == 0
    assert not respx_mock.calls


@pytest.mark.parametrize(
    ("status", "file", "error", "titles"),
    [
        (200, "broken.rss", None, ["Fees & taxes explained", "What comes after it"]),
        (200, "wrong-charset.rss", None, ["Les paiements différés"]),
        (200, "bare.rss", None, None),
        (200, "future.rss", None, ["Written ahead of its day", "Written yesterday"]),
        (200, "empty.rss", None, []),
        (200, "login.html", "The address answers, but not with a feed.", []),
        (410, "gone.html", "The feed is gone for good, says its server (HTTP status 410).", []),
        (500, "error.html", "The feed answers with HTTP status 500.", []),
    ],
)
async def test_whatever_comes_is_stored_or_said_in_words(
    *,
    database: Database,
    http: httpx.AsyncClient,
    respx_mock: respx.MockRouter,
    sample: Sample,
    now: datetime,
    status: int,
    file: str,
    error: str | None,
    titles: list[str] | None,
) -> None:
    respx_mock.get(NEWS).respond(status, content=sample(file))
    await with_news(database, now)
    await refresh(database, http, now)
    assert (await only_feed(database)).last_error == error
    found = await entries(database)
    if titles is not None:
        assert [entry.title for entry in found] == titles
    assert all(entry.published_at <= now for entry in found)


async def test_a_feed_without_end_is_given_up_and_keeps_what_it_had(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield sample("endless.rss")

    good = httpx.Response(200, content=sample("news.rss"))
    respx_mock.get(NEWS).mock(side_effect=[good, httpx.Response(200, content=endless())])
    await with_news(database, now)
    await refresh(database, http, now)
    await refresh(database, http, now + timedelta(hours=1))
    assert (await only_feed(database)).last_error == "The feed is larger than 2 MB."
    assert len(await entries(database)) == 2


async def test_a_feed_that_is_gone_is_looked_at_once_a_day(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    respx_mock.get(NEWS).respond(410, content=sample("gone.html"))
    await with_news(database, now)
    await refresh(database, http, now)
    assert (await only_feed(database)).next_check_at == now + timedelta(days=1)


async def test_the_same_bytes_without_any_validator_are_not_parsed_again(
    *,
    database: Database,
    http: httpx.AsyncClient,
    respx_mock: respx.MockRouter,
    sample: Sample,
    now: datetime,
    parsed: list[Fetched],
) -> None:
    respx_mock.get(NEWS).respond(content=sample("news.rss"))
    await with_news(database, now)
    for hour in range(3):
        await refresh(database, http, now + timedelta(hours=hour))
    assert len(parsed) == 1
    assert (await only_feed(database)).last_success_at == now + timedelta(hours=2)


async def test_what_a_feed_leaves_out_is_no_longer_listed_until_it_comes_back(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    whole = sample("status.atom")
    first_alone = whole[: whole.rindex(b"<entry>")] + b"</feed>"
    respx_mock.get(STATUS).mock(
        side_effect=[httpx.Response(200, content=content) for content in (whole, first_alone, whole)]
    )
    await configure(database, environment=SANDBOX, news=[], status=[STATUS], now=now)
    listed = []
    for hour in range(3):
        await refresh(database, http, now + timedelta(hours=hour))
        listed.append([entry.is_listed for entry in await entries(database, FeedKind.STATUS)])
    assert listed == [[True, True], [True, False], [True, True]]


async def test_what_is_cut_off_is_not_taken_for_left_out(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    respx_mock.get(STATUS).mock(
        side_effect=[httpx.Response(200, content=sample(name)) for name in ("status.atom", "truncated.atom")]
    )
    await configure(database, environment=SANDBOX, news=[], status=[STATUS], now=now)
    for hour in range(2):
        await refresh(database, http, now + timedelta(hours=hour))
    assert all(entry.is_listed for entry in await entries(database, FeedKind.STATUS))


async def test_an_incident_is_stored_with_how_far_it_is(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    respx_mock.get(STATUS).respond(content=sample("status.atom"))
    await configure(database, environment=SANDBOX, news=[], status=[STATUS], now=now)
    await refresh(database, http, now)
    planned, resolved = await entries(database, FeedKind.STATUS)
    assert (planned.phase, planned.starts_at) == (Phase.SCHEDULED, datetime(2026, 12, 16, 11, tzinfo=UTC))
    assert planned.ends_at == datetime(2026, 12, 16, 15, tzinfo=UTC)
    assert (resolved.phase, resolved.ends_at) == (Phase.RESOLVED, datetime(2026, 11, 18, 11, 34, tzinfo=UTC))


async def test_many_entries_are_written_some_at_a_time_and_keep_their_order(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, now: datetime
) -> None:
    items = "".join(f"<item><guid>{n}</guid><title>{n}</title></item>" for n in range(250))
    respx_mock.get(NEWS).respond(content=f'<rss version="2.0"><channel>{items}</channel></rss>'.encode())
    await with_news(database, now)
    await refresh(database, http, now)
    assert [entry.title for entry in await entries(database)] == [str(n) for n in range(250)]


async def test_a_feed_that_names_another_kind_is_read_anew(
    database: Database, http: httpx.AsyncClient, respx_mock: respx.MockRouter, sample: Sample, now: datetime
) -> None:
    respx_mock.get(STATUS).respond(content=sample("status.atom"))
    await configure(database, environment=SANDBOX, news=[STATUS], status=[], now=now)
    await refresh(database, http, now)
    assert [entry.phase for entry in await entries(database)] == [None, None]
    await configure(database, environment=SANDBOX, news=[], status=[STATUS], now=now)
    await refresh(database, http, now + timedelta(hours=1))
    assert [entry.phase for entry in await entries(database, FeedKind.STATUS)] == [Phase.SCHEDULED, Phase.RESOLVED]
