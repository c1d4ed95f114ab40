"""The walk through all users: every page once, names one by one, on from where it was, and never in anybody's way."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from models.known import IndexWalk, KnownUser
from services.database import Database
from services.mangopay.governor import Priority
from services.search.freshness import MOST_FORGOTTEN, TAKEN_AT_ONCE, Freshness
from services.search.learn import Learner
from services.search.walk import BACK_OFF, CLAIM, LOOK_EVERY, NAMES_A_TURN, WHOLE_WALK_EVERY, Walker
from tests.services.access.world import statements_of, stored_rows
from tests.services.search.market import LOCAL, NOW, SANDBOX, Market, add, open_market, told_of

A_SECOND = timedelta(seconds=1)
PAGE = "/users?page={}&per_page=100&Sort=CreationDate%3A{}"


@pytest.fixture
async def market(database: Database) -> AsyncIterator[Market]:
    """A market in Sandbox, which is looked at every five minutes."""
    async with open_market(database, environment=SANDBOX) as market:
        yield market


def walker_of(market: Market) -> Walker:
    """Return what another process, or this one after a restart, walks with."""
    return Walker(market.database, {SANDBOX: market.client}, market.learner, [SANDBOX])


class Walking:
    """A walker whose turns come a second after each other."""

    def __init__(self, market: Market, walker: Walker | None = None) -> None:
        self.market = market
        self.walker = walker or walker_of(market)
        self.now = NOW

    async def turns(self, count: int = 1, *, after: timedelta = A_SECOND) -> list[str]:
        """Return what was asked meanwhile."""
        asked = len(self.market.asked)
        for _ in range(count):
            self.now += after
            await self.walker.turn(self.now)
            after = A_SECOND
        return self.market.asked[asked:]


async def walk_of(market: Market) -> IndexWalk:
    [walk] = await stored_rows(market.database, IndexWalk)
    return walk


async def settled(market: Market) -> Walking:
    """Return a walk that is done: everybody is known by name."""
    walking = Walking(market)
    while await walking.turns():
        pass
    return walking


def pages(asked: list[str], order: str) -> list[int]:
    """Return which pages of the list of users were asked for in an order."""
    return [number for path in asked for number in range(1, 9) if path == PAGE.format(number, order)]


def users(asked: list[str]) -> list[str]:
    return [path.removeprefix("/sca/users/") for path in asked if path.startswith("/sca/users/")]


async def test_every_user_is_met_and_then_known_by_name_the_newest_first(market: Market) -> None:
    ids = await market.create_users(230)
    walking = Walking(market)
    asked = await walking.turns(3)
    assert pages(asked, "ASC") == [1, 2, 3]
    assert {user.user_id for user in await stored_rows(market.database, KnownUser)} == set(ids)
    walk = await walk_of(market)
    assert (walk.total, walk.started_at, walk.finished_at) == (230, NOW + A_SECOND, NOW + 3 * A_SECOND)
    # The last page and the first names came in turns of their own: while there are pages, names wait.
    assert users(asked) == []
    first_names = users(await walking.turns())
    assert len(first_names) == NAMES_A_TURN
    created = {user.user_id: user.created_at for user in await stored_rows(market.database, KnownUser)}
    assert min(created[user_id] for user_id in first_names) >= sorted(created.values())[-NAMES_A_TURN]
    await walking.turns(230 // NAMES_A_TURN)
    assert {user.name for user in await stored_rows(market.database, KnownUser)} == {
        f"User{number} Martin" for number in range(230)
    }
    assert await walking.turns(3) == []


async def test_whoever_calls_it_calls_in_the_background(market: Market) -> None:
    await market.create_user()
    await settled(market)
    gauge = market.client.governor.meter()[0]
    assert gauge.in_background == len(market.asked) > 0
    assert market.client.governor.refuses(Priority.PERSON) is None


async def test_after_a_crash_it_goes_on_at_its_page(market: Market) -> None:
    await market.create_users(230)
    before = Walking(market)
    assert pages(await before.turns(2), "ASC") == [1, 2]
    again = Walking(market)
    # Whoever crashed may still be at it, as far as the others know.
    assert await again.turns() == []
    assert pages(await again.turns(1, after=CLAIM * 2), "ASC") == [3]
    assert len(await stored_rows(market.database, KnownUser)) == 230


async def test_a_page_that_could_not_be_written_down_is_read_again(market: Market) -> None:
    await market.create_user()
    learner = Learner(market.database, clock=lambda: NOW)
    walking = Walking(market, Walker(market.database, {SANDBOX: market.client}, learner, [SANDBOX]))

    async def fail() -> None:
        raise OSError("the disk is full")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learner, "turn", fail)
        with pytest.raises(OSError, match="full"):
            await walking.turns()
    assert await stored_rows(market.database, IndexWalk) == []
    assert pages(await walking.turns(), "ASC") == [1]


async def test_two_processes_on_one_database_do_nothing_twice(market: Market) -> None:
    await market.create_users(130)
    one, other = walker_of(market), walker_of(market)
    for second in range(40):
        now = NOW + second * A_SECOND
        await asyncio.gather(one.turn(now), other.turn(now))
    assert pages(market.asked, "ASC") == [1, 2]
    assert pages(market.asked, "DESC") == [1]
    assert len(users(market.asked)) == len(set(users(market.asked))) == 130


async def test_one_goes_on_where_the_other_was_ended_and_the_first_finds_it_taken(market: Market) -> None:
    await market.create_users(130)
    one, other = Walking(market), Walking(market)
    assert pages(await one.turns(), "ASC") == [1]
    other.now = NOW + CLAIM * 2
    assert pages(await other.turns(), "ASC") == [2]
    one.now = other.now
    assert await one.turns(3) == []


async def test_a_claim_is_renewed_for_as_long_as_there_are_turns(market: Market) -> None:
    one, other = Walking(market), Walking(market)
    for _ in range(8):
        await one.turns(1, after=CLAIM / 4)
        other.now = one.now
        await market.create_user()
        assert await other.turns() == []


async def test_a_clock_that_was_set_back_leaves_the_walk_to_nobody_for_no_longer_than_a_claim(market: Market) -> None:
    await Walking(market).turns(1, after=timedelta(days=1))
    await market.create_user()
    assert await Walking(market).turns() != []


async def test_every_five_minutes_it_looks_for_new_users_until_a_page_has_none(market: Market) -> None:
    await market.create_users(10)
    walking = await settled(market)
    assert await walking.turns(1, after=LOOK_EVERY / 2) == []
    new = await market.create_users(120)
    # Those of the second page are new as well; the third is not read, for there is none.
    asked = await walking.turns(2, after=LOOK_EVERY)
    assert (pages(asked, "DESC"), pages(asked, "ASC")) == ([1, 2], [])
    assert {user.user_id for user in await stored_rows(market.database, KnownUser)} > set(new)
    assert (await walk_of(market)).total == 130
    await settled_names(walking)
    assert pages(await walking.turns(2, after=LOOK_EVERY), "DESC") == [1]


async def settled_names(walking: Walking) -> None:
    while users(await walking.turns()):
        pass


async def test_the_day_after_it_walks_through_all_of_them_again(market: Market) -> None:
    user_id = await market.create_user()
    walking = await settled(market)
    asked = await walking.turns(3, after=WHOLE_WALK_EVERY)
    assert pages(asked, "ASC") == [1]
    # Whose name is known is not read again for it.
    assert user_id not in users(asked)
    assert (await walk_of(market)).finished_at == walking.now - 2 * A_SECOND


async def test_a_user_who_cannot_be_read_is_asked_for_once(market: Market) -> None:
    user_id = await market.create_user()
    for status in (404, 403):
        await add(
            market.database, KnownUser(environment=SANDBOX, user_id=f"user_m_gone{status}", created_at=NOW),
        )  # fmt: skip
        market.transport.failing[f"gone{status}"] = status
    walking = await settled(market)
    gone = [user for user in await stored_rows(market.database, KnownUser) if "gone" in user.user_id]
    assert [(user.name, user.read_at is not None) for user in gone] == [("", True)] * 2
    assert (await market.user(user_id)).name
    assert await walking.turns(2) == []


@pytest.mark.parametrize("strange_id", ["..", "user_m_a?b", "user_m_a/../../hooks"])
async def test_an_id_that_leads_elsewhere_is_asked_for_no_more_than_once(market: Market, strange_id: str) -> None:
    await add(market.database, KnownUser(environment=SANDBOX, user_id=strange_id, created_at=NOW))
    await settled(market)
    [user] = await stored_rows(market.database, KnownUser)
    assert user.read_at is not None


async def test_one_user_over_whom_mangopay_stumbles_does_not_keep_the_others_from_their_names(market: Market) -> None:
    ids = await market.create_users(3)
    await add(market.database, KnownUser(environment=SANDBOX, user_id="user_m_bad", created_at=NOW + timedelta(days=9)))
    market.transport.failing["user_m_bad"] = 500
    walking = await settled(market)
    assert all([(await market.user(user_id)).name == "" for user_id in ids])
    asked = await walking.turns(2, after=BACK_OFF[0])
    assert set(users(asked)) == set(ids)
    # The next whole walk gives them another chance.
    market.transport.failing.clear()
    asked = await walking.turns(2, after=WHOLE_WALK_EVERY)
    assert "user_m_bad" in users(asked)


async def test_a_rate_limit_is_waited_for(market: Market) -> None:
    await market.create_user()
    market.transport.failing["/users"] = 429
    walking = Walking(market)
    assert len(await walking.turns(5)) == 1
    market.transport.failing.clear()
    assert len(await walking.turns(1, after=timedelta(minutes=1))) > 1


async def test_within_its_share_of_the_budget_it_rests_until_the_budget_frees(market: Market) -> None:
    await market.create_user()
    for _ in range(460):
        market.client.governor.sent(Priority.BACKGROUND)
    frees_at = market.client.governor.refuses(Priority.BACKGROUND)
    assert frees_at is not None
    walking = Walking(market)
    walking.now = frees_at - timedelta(seconds=30)
    assert await walking.turns(20) == []
    # It asks the clock of the day again whether it may, and no sooner.
    assert market.client.governor.meter()[0].in_background == 460


async def test_after_failures_in_a_row_it_rests_longer_and_longer(
    market: Market, caplog: pytest.LogCaptureFixture
) -> None:
    await market.create_user()
    market.transport.failing["/users"] = 503
    walking = Walking(market)
    assert len(await walking.turns()) == 1
    for pause in (*BACK_OFF, BACK_OFF[-1]):
        assert await walking.turns(1, after=pause - A_SECOND) == []
        assert len(await walking.turns()) == 1
    assert caplog.text.count("the index of users rests environment=sandbox") == 5
    market.transport.failing.clear()
    await walking.turns(1, after=BACK_OFF[-1])
    assert len(await stored_rows(market.database, KnownUser)) == 1
    # After a success the next failure is the first again.
    market.transport.failing["/users"] = 503
    assert len(await walking.turns(1, after=LOOK_EVERY)) == 1
    assert len(await walking.turns(1, after=BACK_OFF[0])) == 1


async def test_a_user_who_was_told_of_is_read_again_and_before_all_others(market: Market) -> None:
    ids = await market.create_users(8)
    walking = Walking(market)
    await walking.turns()
    await told_of(market.database, ids[0], "payin_m_1", environment=SANDBOX)
    assert users(await walking.turns())[0] == ids[0]
    while users(await walking.turns()):
        pass
    await told_of(market.database, ids[7], environment=SANDBOX)
    await told_of(market.database, ids[6], environment=LOCAL)
    assert users(await walking.turns(3)) == [ids[7]]
    assert not (await market.user(ids[7])).is_stale


async def test_what_was_told_while_nobody_walked_is_taken_in_afterwards(market: Market) -> None:
    user_id = await market.create_user()
    await settled(market)
    await told_of(market.database, user_id, environment=SANDBOX)
    again = Walking(market)
    again.now = NOW + CLAIM * 3
    assert user_id in users(await again.turns())


async def test_a_rush_of_notifications_is_taken_in_bit_by_bit(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.search.freshness.TAKEN_AT_ONCE", 3)
    user_id = await market.create_user()
    walking = await settled(market)
    await told_of(market.database, *(f"payin_m_{number}" for number in range(5)), user_id, environment=SANDBOX)
    assert users(await walking.turns()) == []
    assert users(await walking.turns()) == [user_id]


async def test_what_was_heard_before_a_notification_does_not_make_the_user_fresh(market: Market) -> None:
    user_id = await market.create_user()
    walking = await settled(market)
    await market.client.get_object(f"/v2.01/local/sca/users/{user_id}", fresh=True)
    await told_of(market.database, user_id, environment=SANDBOX)
    assert users(await walking.turns()) == [user_id]


async def test_while_it_waits_for_mangopay_others_may_write(market: Market) -> None:
    await market.create_user()
    walking = Walking(market)
    market.transport.holding.clear()
    turn = asyncio.create_task(walking.turns())
    await until_asked(market)
    await told_of(market.database, "payin_m_1", environment=SANDBOX)
    market.transport.holding.set()
    await turn


async def test_it_ends_at_once_when_the_dashboard_does(market: Market) -> None:
    await market.create_user()
    walking = Walking(market)
    market.transport.holding.clear()
    turn = asyncio.create_task(walking.turns())
    await until_asked(market)
    walking.walker.stop()
    async with asyncio.timeout(2):
        await turn
    assert len(await walking.turns(2)) == 0
    market.transport.holding.set()


async def test_a_call_that_never_ends_is_given_up(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.search.walk.CALL_S", 0.05)
    market.transport.holding.clear()
    walking = Walking(market)
    async with asyncio.timeout(2):
        assert len(await walking.turns(3)) == 1
    market.transport.holding.set()


async def test_a_slow_mangopay_makes_short_turns(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.search.walk.TURN_S", 0.0)
    await market.create_user()
    walking = Walking(market)
    await walking.turns()
    assert await walking.turns() == []


async def test_one_environment_that_fails_keeps_no_other_from_its_walk(market: Market, database: Database) -> None:
    await market.create_user()
    async with open_market(database) as local:
        clients = {SANDBOX: market.client, LOCAL: local.client}
        walker = Walker(database, clients, local.learner, [LOCAL, SANDBOX])
        local.transport.failing["/users"] = 500
        await walker.turn(NOW)
    assert pages(market.asked, "ASC") == [1]


async def test_a_turn_in_which_one_walk_breaks_ends_with_the_last_of_them(
    market: Market, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await market.create_user()
    market.transport.holding.clear()
    has_broken = asyncio.Event()

    async def break_down(*_: object, **__: object) -> None:
        has_broken.set()
        raise ZeroDivisionError

    async with open_market(database) as local:
        monkeypatch.setattr(local.client, "list_objects", break_down)
        clients = {SANDBOX: market.client, LOCAL: local.client}
        turn = asyncio.create_task(Walker(database, clients, local.learner, [LOCAL, SANDBOX]).turn(NOW))
        await has_broken.wait()
        await until_asked(market)
        assert not turn.done()
        market.transport.holding.set()
        with pytest.raises(ZeroDivisionError):
            await turn
    assert pages(market.asked, "ASC") == [1]


async def test_of_several_walks_that_break_each_is_told(
    market: Market, database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    async with open_market(database) as local:
        for each in (market, local):
            monkeypatch.setattr(each.client, "list_objects", break_down)
        clients = {SANDBOX: market.client, LOCAL: local.client}
        with pytest.raises(ZeroDivisionError):
            await Walker(database, clients, local.learner, [LOCAL, SANDBOX]).turn(NOW)
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ZeroDivisionError]


async def test_an_end_in_the_moment_a_call_runs_out_of_time_is_no_failure(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.search.walk.CALL_S", 0)
    market.transport.holding.clear()
    walker = Walker(market.database, {SANDBOX: market.client}, market.learner, [SANDBOX])
    turn = asyncio.create_task(walker.turn(NOW))
    while (limit := walker._walks[0]._limit) is None or not limit.expired():
        await asyncio.sleep(0)
        assert not turn.done()
    walker.stop()
    await turn


async def test_an_answer_is_forgotten_once_its_object_was_told_of(market: Market) -> None:
    user_id, other_id = await market.create_users(2)
    freshness = Freshness(market.database, {SANDBOX: market.client})
    await told_of(market.database, user_id, environment=SANDBOX)
    await freshness.turn()

    async def look() -> list[str]:
        asked = len(market.asked)
        for one in (user_id, other_id):
            await market.client.get_object(f"/v2.01/local/sca/users/{one}")
        await freshness.turn()
        return users(market.asked[asked:])

    assert await look() == [user_id, other_id]
    assert await look() == []
    await told_of(market.database, user_id, "", environment=SANDBOX)
    await told_of(market.database, other_id, environment=LOCAL)
    await freshness.turn()
    assert await look() == [user_id]


@pytest.mark.parametrize("count", [MOST_FORGOTTEN + 1, TAKEN_AT_ONCE + 1])
async def test_of_a_rush_everything_is_forgotten(market: Market, count: int) -> None:
    user_id = await market.create_user()
    freshness = Freshness(market.database, {SANDBOX: market.client})
    await freshness.turn()
    await market.client.get_object(f"/v2.01/local/sca/users/{user_id}")
    await told_of(market.database, *(f"payin_m_{number}" for number in range(count)), environment=SANDBOX)
    await freshness.turn()
    await market.client.get_object(f"/v2.01/local/sca/users/{user_id}")
    assert len(market.asked) == 2


async def test_whom_to_read_next_is_found_by_an_index(market: Market) -> None:
    await market.create_user()
    walking = await settled(market)
    with statements_of(market.database) as statements:
        await walking.turns()
    [statement] = [one for one in statements if "is_stale DESC" in one]
    async with market.database.session() as session:
        connection = await session.connection()
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", ("sandbox", 5, 0))
        assert [row["detail"] for row in plan.mappings()] == [
            "SEARCH known_user USING INDEX ix_known_user_to_be_read (environment=?)"
        ]


async def until_asked(market: Market) -> None:
    """Wait until a call is under way."""
    async with asyncio.timeout(5):
        while not market.asked:  # noqa: ASYNC110  (what becomes so is a list of ours and has no event)
            await asyncio.sleep(0.001)
