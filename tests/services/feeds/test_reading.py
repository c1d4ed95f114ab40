"""What pages read of the feeds: news with what is unread, the status with how old it is, in one environment."""

from collections.abc import Sequence
from datetime import timedelta

from models.environment import Environment
from models.feed import EntryRead, FeedEntry, FeedKind, FeedPicture
from models.incidents import Health, Phase
from services.access.actors import Actor
from services.database import Database
from services.feeds.reading import latest_news, mark_all_read, picture_of, read_entry, read_status
from services.feeds.watch import StatusWatch, active_now
from tests.actors import make_actor
from tests.services.feeds.stored import NOW, SANDBOX, add_entry, add_feed

OLIVIA = make_actor(environment=SANDBOX, account_id=1)
BOB = make_actor(environment=SANDBOX, account_id=2)
PIA = make_actor(environment=Environment.PRODUCTION, account_id=3)


def history(label: str) -> str:
    return f"<p><small>Nov 22, 08:00 UTC</small><br><strong>{label}</strong> - Words.</p>"


async def unread(database: Database, actor: Actor = OLIVIA) -> Sequence[str]:
    return [news.entry.title for news in await latest_news(actor, database, limit=10, now=NOW) if news.is_unread]


async def test_the_newest_news_come_first_and_as_many_as_are_wanted(database: Database) -> None:
    feed = await add_feed(database, FeedKind.NEWS)
    for days_ago in (3, 1, 2):
        await add_entry(database, feed, f"{days_ago}", days_ago=days_ago)
    found = await latest_news(OLIVIA, database, limit=2, now=NOW)
    assert [(news.entry.title, news.source, news.picture) for news in found] == [
        ("1", "A feed", ""),
        ("2", "A feed", ""),
    ]
    assert await latest_news(PIA, database, limit=2, now=NOW) == []


async def test_what_somebody_opens_is_read_by_that_person_alone(database: Database) -> None:
    feed = await add_feed(database, FeedKind.NEWS)
    entry = await add_entry(database, feed, "new")
    assert await unread(database) == ["new"]
    for _ in range(2):
        news = await read_entry(OLIVIA, database, entry.id or 0)
        assert news is not None
        assert (news.entry.title, news.is_unread) == ("new", False)
    assert await unread(database) == []
    assert await unread(database, BOB) == ["new"]


async def test_all_is_read_at_once_and_what_comes_later_is_not(database: Database) -> None:
    feed = await add_feed(database, FeedKind.NEWS)
    for title in ("a", "b"):
        await add_entry(database, feed, title)
    await mark_all_read(OLIVIA, database, now=NOW)
    await mark_all_read(OLIVIA, database, now=NOW)
    assert await unread(database) == []
    await add_entry(database, feed, "c")
    assert await unread(database) == ["c"]


async def test_what_is_older_than_a_month_is_no_news(database: Database) -> None:
    feed = await add_feed(database, FeedKind.NEWS)
    await add_entry(database, feed, "old", days_ago=31)
    assert await unread(database) == []
    assert len(await latest_news(OLIVIA, database, limit=5, now=NOW)) == 1


async def test_news_of_another_environment_and_incidents_are_not_opened_as_news(database: Database) -> None:
    news = await add_entry(database, await add_feed(database, FeedKind.NEWS), "new")
    incident = await add_entry(database, await add_feed(database, FeedKind.STATUS, url="y"), "slow")
    assert await read_entry(PIA, database, news.id or 0) is None
    assert await read_entry(OLIVIA, database, incident.id or 0) is None
    assert await read_entry(OLIVIA, database, 4711) is None
    async with database.session() as session:
        assert await session.get(EntryRead, (PIA.account_id, news.id)) is None


async def test_a_picture_is_shown_in_its_environment_alone(database: Database) -> None:
    feed = await add_feed(database, FeedKind.NEWS)
    entry, missing = await add_entry(database, feed, "new"), await add_entry(database, feed, "none")
    async with database.session() as session:
        session.add(FeedPicture(entry_id=entry.id or 0, url="https://x.test/1.png", content=b"webp", digest="abc"))
        session.add(FeedPicture(entry_id=missing.id or 0, url="https://x.test/2.png"))
        await session.commit()
    found = await picture_of(OLIVIA, database, entry.id or 0)
    assert found is not None
    assert found.content == b"webp"
    assert await picture_of(PIA, database, entry.id or 0) is None
    assert await picture_of(OLIVIA, database, missing.id or 0) is None
    assert [news.picture for news in await latest_news(OLIVIA, database, limit=2, now=NOW)] == ["", "abc"]


async def test_the_status_is_sorted_and_says_how_mangopay_does(database: Database) -> None:
    feed = await add_feed(database, FeedKind.STATUS)
    await add_entry(database, feed, "[Sandbox] Slow", summary=history("Identified"))
    await add_entry(database, feed, "[Production] Payouts are down", summary=history("Identified"))
    await add_entry(database, feed, "Over", summary=history("Resolved"), days_ago=1)
    await add_entry(database, feed, "In other words", summary="<p>Something is slow.</p>")
    await add_entry(database, feed, "Long ago", summary="<p>Something was slow.</p>", days_ago=2)
    await add_entry(database, feed, "A mistake", summary=history("Investigating"), is_listed=False)
    await add_entry(database, feed, "Listed no more", summary=history("Resolved"), is_listed=False, days_ago=2)
    status = await read_status(OLIVIA, database, now=NOW)
    board = status.board
    assert [noted.told.title for noted in board.active] == ["Slow"]
    assert [noted.told.title for noted in board.past] == ["Over", "Listed no more"]
    assert [noted.told.title for noted in board.unclear] == ["In other words"]
    assert [noted.told.title for noted in board.unread] == ["Long ago"]
    assert (board.elsewhere, status.health, status.doubt) == (1, Health.DEGRADED, "")


async def test_what_was_written_lately_and_cannot_be_read_is_not_taken_for_well(database: Database) -> None:
    feed = await add_feed(database, FeedKind.STATUS)
    await add_entry(database, feed, "Payouts are down", summary="<p>We are on it.</p>")
    status = await read_status(OLIVIA, database, now=NOW)
    assert (status.health, status.doubt) == (None, "The status feed says something that cannot be read here.")
    assert [noted.told.title for noted in status.board.unclear] == ["Payouts are down"]
    async with database.session() as session:
        feed.last_success_at = NOW + timedelta(days=2)
        session.add(feed)
        await session.commit()
    assert (await read_status(OLIVIA, database, now=NOW + timedelta(days=2))).health is Health.OPERATIONAL


async def test_what_was_read_too_long_ago_says_nothing_about_now(database: Database) -> None:
    assert (await read_status(OLIVIA, database, now=NOW)).doubt == "No status feed is set."
    await add_feed(database, FeedKind.STATUS, read_at=NOW - timedelta(minutes=59))
    assert (await read_status(OLIVIA, database, now=NOW)).health is Health.OPERATIONAL
    stale = await read_status(OLIVIA, database, now=NOW + timedelta(minutes=2))
    assert (stale.health, stale.doubt) == (None, "What is known is too old.")
    await add_feed(database, FeedKind.STATUS, read_at=None, url="never-read")
    unread = await read_status(OLIVIA, database, now=NOW)
    assert (unread.health, unread.doubt) == (None, "The status feed has not been read yet.")


async def test_the_watch_knows_what_is_active_without_asking_anybody(database: Database) -> None:
    watch, feed = StatusWatch(database), await add_feed(database, FeedKind.STATUS)
    assert active_now(OLIVIA, watch, now=NOW) == []
    begins = NOW + timedelta(minutes=30)
    await add_entry(database, feed, "Slow", summary=history("Monitoring"), phase=Phase.MONITORING)
    await add_entry(database, feed, "[Production] Down", summary=history("Identified"), phase=Phase.IDENTIFIED)
    await add_entry(database, feed, "Over", summary=history("Resolved"), phase=Phase.RESOLVED)
    await add_entry(database, feed, "Gone", summary=history("Identified"), phase=Phase.IDENTIFIED, is_listed=False)
    await add_entry(
        database, feed, "Upgrade", summary=history("Scheduled"), phase=Phase.SCHEDULED, starts_at=begins, days_ago=-1
    )
    await watch.turn()
    assert [one.title for one in active_now(OLIVIA, watch, now=NOW)] == ["Slow"]
    # Nobody has moved it on, so its plan does.
    assert [one.title for one in active_now(OLIVIA, watch, now=begins)] == ["Slow", "Upgrade"]
    assert active_now(PIA, watch, now=NOW) == []
    # Nothing is called active because it was so an hour ago.
    assert active_now(OLIVIA, watch, now=NOW + timedelta(hours=1)) == []


async def test_of_what_is_active_the_gravest_comes_first(database: Database) -> None:
    watch, feed = StatusWatch(database), await add_feed(database, FeedKind.STATUS)
    await add_entry(database, feed, "It is down", summary=history("Identified"), phase=Phase.IDENTIFIED, days_ago=1)
    await add_entry(database, feed, "Slow", summary=history("Identified"), phase=Phase.IDENTIFIED)
    await watch.turn()
    found = active_now(OLIVIA, watch, now=NOW)
    assert [(one.title, one.health) for one in found] == [
        ("It is down", Health.OUTAGE),
        ("Slow", Health.DEGRADED),
    ]


async def test_however_many_there_are_all_of_the_recent_are_marked(database: Database) -> None:
    feed = await add_feed(database, FeedKind.NEWS)
    async with database.session() as session:
        session.add_all(
            FeedEntry(
                feed_id=feed.id or 0, uid=str(n), title=str(n), published_at=NOW - timedelta(minutes=n),
                first_seen_at=NOW, updated_at=NOW, content_hash="",
            )
            for n in range(700)
        )  # fmt: skip
        await session.commit()
    await mark_all_read(OLIVIA, database, now=NOW)
    assert not any(news.is_unread for news in await latest_news(OLIVIA, database, limit=1000, now=NOW))
    assert await unread(database, BOB)
