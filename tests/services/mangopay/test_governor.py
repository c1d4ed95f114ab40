"""Who may call when the rate limits run short, by a clock that goes when told; and that a refused call never leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import respx
from hypothesis import given, settings
from hypothesis import strategies as st

from services.mangopay.client import MangopayClient
from services.mangopay.errors import NotFound, RateLimited
from services.mangopay.governor import Governor, Priority
from services.mangopay.limits import DOCUMENTED_LIMITS, WINDOW_MINUTES, RateLimit, Window
from tests.services.mangopay.test_client import limit_headers

CHANGE, PERSON, EXPORT, BACKGROUND = Priority
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATE = datetime(2100, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ALICE = "/v2.01/shop/sca/users/alice"


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def wait(self, duration: timedelta) -> None:
        self.now += duration


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def governor(clock: Clock) -> Governor:
    return Governor(clock=clock)


def told(*remaining: int, limit: int = 1_000, resets_in: Sequence[int] = WINDOW_MINUTES) -> RateLimit:
    """Return what an answer at noon tells: windows of a thousand calls, with so many left of each."""
    left = remaining * 4 if len(remaining) == 1 else remaining
    windows = (
        Window(minutes, used=limit - rest, remaining=rest, reset_at=NOON + reset * MINUTE)
        for minutes, rest, reset in zip(WINDOW_MINUTES, left, resets_in, strict=True)
    )
    return RateLimit(tuple(windows))


def send(governor: Governor, count: int, priority: Priority = CHANGE) -> None:
    """Let calls leave, whose answers are still to come."""
    for _ in range(count):
        governor.sent(priority)


def spend(governor: Governor, count: int, priority: Priority = CHANGE) -> None:
    """Let calls leave and be answered, without a word about limits."""
    for _ in range(count):
        governor.sent(priority)
        governor.hear(None)


@pytest.mark.parametrize(
    ("priority", "enough", "too_little"), [(CHANGE, 1, 0), (PERSON, 51, 50), (EXPORT, 151, 150), (BACKGROUND, 501, 500)]
)
@pytest.mark.parametrize("window", range(4))
def test_each_leaves_its_reserve_in_each_window(
    governor: Governor, priority: Priority, enough: int, too_little: int, window: int
) -> None:
    left = [1_000] * 4
    left[window] = enough
    governor.hear(told(*left))
    assert governor.refuses(priority) is None
    left[window] = too_little
    governor.hear(told(*left))
    assert governor.refuses(priority) == NOON + WINDOW_MINUTES[window] * MINUTE


def test_of_several_windows_that_are_used_up_the_last_to_free_says_when(governor: Governor) -> None:
    governor.hear(told(0, 0, 0, 1_000, resets_in=(3, 9, 5, 60)))
    assert governor.refuses(PERSON) == NOON + 9 * MINUTE


def test_the_background_has_a_fifth_of_a_window_however_much_is_left(governor: Governor, clock: Clock) -> None:
    governor.hear(told(1_000))
    send(governor, 199, BACKGROUND)
    governor.hear(told(990))
    assert governor.refuses(BACKGROUND) is None
    clock.wait(5 * MINUTE)
    send(governor, 1, BACKGROUND)
    governor.hear(told(990, resets_in=(60, 60, 60, 60)))
    # The first of them leave the shortest window at a quarter past, but all of them are in the longest for a day.
    assert governor.refuses(BACKGROUND) == NOON + timedelta(days=1)
    assert governor.refuses(EXPORT) is None
    assert governor.refuses(PERSON) is None


def test_the_share_of_the_background_frees_as_its_oldest_calls_leave_the_window(
    governor: Governor, clock: Clock
) -> None:
    def hear() -> None:
        windows = (Window(minutes, 0, limit, LATE) for minutes, limit in zip(WINDOW_MINUTES, limits, strict=True))
        governor.hear(RateLimit(tuple(windows)))

    limits = (100, 1_000, 1_000, 1_000)
    send(governor, 5, BACKGROUND)
    clock.wait(5 * MINUTE)
    send(governor, 15, BACKGROUND)
    hear()
    assert governor.refuses(BACKGROUND) == NOON + 15 * MINUTE
    clock.now = NOON + 15 * MINUTE - timedelta(seconds=1)
    assert governor.refuses(BACKGROUND) is not None
    clock.now = NOON + 15 * MINUTE
    assert governor.refuses(BACKGROUND) is None


def test_what_people_and_exports_call_is_not_of_the_background_share(governor: Governor) -> None:
    spend(governor, 300, PERSON)
    spend(governor, 300, EXPORT)
    governor.hear(told(900))
    assert governor.refuses(BACKGROUND) is None


def test_calls_that_are_not_answered_yet_count(governor: Governor) -> None:
    governor.hear(told(2))
    send(governor, 1)
    assert governor.refuses(CHANGE) is None
    send(governor, 1)
    assert governor.refuses(CHANGE) == NOON + 1440 * MINUTE
    # The answer to the first has counted it; the second is still under way.
    governor.hear(told(1))
    assert governor.refuses(CHANGE) is not None
    governor.hear(told(1))
    assert governor.refuses(CHANGE) is None


def test_an_answer_that_tells_nothing_changes_nothing(governor: Governor) -> None:
    governor.hear(None)
    assert governor.heard is None
    governor.hear(told(1))
    send(governor, 2)
    governor.hear(None)
    assert governor.heard == told(1)
    assert governor.refuses(CHANGE) is not None


def test_a_window_frees_when_its_reset_has_come(governor: Governor, clock: Clock) -> None:
    governor.hear(told(0, 1_000, 1_000, 1_000, resets_in=(7, 30, 60, 1440)))
    clock.now = NOON + 7 * MINUTE - timedelta(seconds=1)
    assert governor.refuses(PERSON) == NOON + 7 * MINUTE
    clock.now = NOON + 7 * MINUTE
    assert [governor.refuses(priority) for priority in Priority] == [None] * 4


def test_after_a_reset_the_own_calls_count_against_the_limit_that_was_told(governor: Governor, clock: Clock) -> None:
    governor.hear(told(10, 1_000, 1_000, 1_000, limit=20, resets_in=(1, 1, 1, 1)))
    clock.wait(MINUTE)
    spend(governor, 19)
    assert governor.refuses(CHANGE) is None
    spend(governor, 1)
    assert governor.refuses(CHANGE) == clock.now + timedelta(seconds=30)


@pytest.mark.parametrize(
    ("priority", "admitted"), [(CHANGE, 2_300), (PERSON, 2_185), (EXPORT, 1_955), (BACKGROUND, 460)]
)
def test_without_headers_the_own_calls_count_against_the_documented_limits(
    governor: Governor, clock: Clock, priority: Priority, admitted: int
) -> None:
    spend(governor, admitted - 1, priority)
    assert governor.refuses(priority) is None
    spend(governor, 1, priority)
    assert governor.refuses(priority) is not None
    clock.wait(15 * MINUTE)
    assert governor.refuses(priority) is None


def test_without_headers_nobody_knows_when_so_it_is_asked_again_soon(governor: Governor) -> None:
    send(governor, 2_300)
    assert governor.refuses(PERSON) == NOON + timedelta(seconds=30)


# What may happen to a governor: a call leaves, an answer tells of four windows or of nothing, time passes.
_windows = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(-30, 2_000)), min_size=4, max_size=4)
_moves = st.one_of(
    st.tuples(st.sampled_from(Priority), st.integers(1, 30)),
    _windows,
    st.none(),
    st.integers(0, 100_000).map(lambda seconds: timedelta(seconds=seconds)),
)


@settings(deadline=None)
@given(st.lists(_moves, max_size=25))
def test_whatever_happens_people_come_before_exports_and_those_before_the_background(moves: list[object]) -> None:
    clock = Clock()
    governor = Governor(clock=clock)
    for move in moves:
        match move:
            case (Priority() as priority, int(count)):
                send(governor, count, priority)
            case timedelta():
                clock.wait(move)
            case list():
                windows = (
                    Window(minutes, used, remaining, clock.now + reset * MINUTE)
                    for minutes, (used, remaining, reset) in zip(WINDOW_MINUTES, move, strict=True)
                )
                governor.hear(RateLimit(tuple(windows)))
            case None:
                governor.hear(None)
        welcome = [governor.refuses(priority) for priority in Priority]
        assert all(at is None or at > clock.now for at in welcome)
        refused = [at is not None for at in welcome]
        assert refused == sorted(refused)
        assert all(
            gauge.by_us >= gauge.in_background >= 0 and 0 <= gauge.used <= gauge.limit for gauge in governor.meter()
        )
    # Nothing is refused for ever, unless nothing was ever allowed.
    clock.wait(timedelta(days=3))
    is_closed = governor.heard is not None and not all(window.limit for window in governor.heard.windows)
    assert [governor.refuses(priority) is not None for priority in Priority] == [is_closed] * 4


def test_a_day_of_a_hundred_thousand_calls_is_kept_by_the_minute(governor: Governor, clock: Clock) -> None:
    for _ in range(10_000):
        send(governor, 10, BACKGROUND)
        governor.refuses(BACKGROUND)
        clock.wait(timedelta(milliseconds=8640))
    *_, day = governor.meter()
    # Those of the first minute have just left.
    assert (day.by_us, day.in_background, day.limit) == (99_930, 99_930, DOCUMENTED_LIMITS[3])
    assert all(len(count._by_minute) <= count.minutes for count in (*governor._own, *governor._background))


async def test_a_refused_call_never_leaves(api: respx.MockRouter, token: respx.Route, client: MangopayClient) -> None:
    get, post, put = api.get(ALICE), api.post("/v2.01/shop/hooks"), api.put("/v2.01/shop/hooks/h")
    client.governor.hear(RateLimit(tuple(Window(minutes, 9, 0, LATE) for minutes in WINDOW_MINUTES)))
    for refused in (
        client.get_object(ALICE),
        client.list_objects("/v2.01/shop/users"),
        client.post_object("/v2.01/shop/hooks", {}, idempotency_key="0123456789abcdef"),
        client.put_object("/v2.01/shop/hooks/h", {}),
    ):
        with pytest.raises(RateLimited) as limited:
            await refused
        assert limited.value.retry_at == LATE
        # It has not even left, so there is nothing to look after.
        assert not limited.value.outcome_is_unknown
        assert limited.value.next_step.startswith("Wait until the limit frees")
    assert [route.call_count for route in (get, post, put, token)] == [0] * 4
    assert client.governor.meter()[0].by_us == 0


async def test_what_alters_something_may_use_what_is_left_when_nobody_may_look_any_more(
    api: respx.MockRouter, client: MangopayClient
) -> None:
    client.governor.hear(RateLimit(tuple(Window(minutes, 99, 1, LATE) for minutes in WINDOW_MINUTES)))
    put = api.put(ALICE).respond(json={})
    with pytest.raises(RateLimited):
        await client.get_object(ALICE)
    await client.put_object(ALICE, {})
    assert put.call_count == 1


async def test_each_answer_is_heard_the_bad_ones_too(api: respx.MockRouter, client: MangopayClient) -> None:
    api.get(ALICE).respond(404, headers=limit_headers(remaining=0, reset_at=LATE))
    with pytest.raises(NotFound):
        await client.get_object(ALICE)
    with pytest.raises(RateLimited):
        await client.get_object("/v2.01/shop/wallets/w")


async def test_a_call_without_an_answer_counts_too(api: respx.MockRouter, client: MangopayClient) -> None:
    route = api.get(ALICE).mock(side_effect=[httpx.ReadTimeout, httpx.ConnectError, httpx.Response(200, json={})])
    await client.get_object(ALICE)
    assert client.governor.meter()[0].by_us == route.call_count == 3


async def test_a_client_asks_at_its_own_priority_and_leaves_the_others_theirs(
    api: respx.MockRouter, client: MangopayClient
) -> None:
    route = api.get(ALICE).respond(json={"Id": "alice"})
    client.governor.hear(RateLimit(tuple(Window(minutes, 70, 30, LATE) for minutes in WINDOW_MINUTES)))
    background, export = client.at(BACKGROUND), client.at(EXPORT)
    with pytest.raises(RateLimited):
        await background.get_object(ALICE)
    with pytest.raises(RateLimited):
        await export.at(BACKGROUND).list_objects(ALICE)
    assert route.call_count == 0
    await export.get_object(ALICE)
    await background.at(PERSON).get_user("alice")
    await client.get_object(ALICE)
    assert route.call_count == 3
