"""Answers of the last seconds: who shares a call, who calls anew, and that nothing is told that was changed since."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import pytest
import respx
from hypothesis import given, settings
from hypothesis import strategies as st

from models.environment import Environment
from services.mangopay.client import MangopayClient
from services.mangopay.connection import OnRead
from services.mangopay.errors import MangopayError, NonsenseAnswer, NotFound, RateLimited
from services.mangopay.governor import Priority
from services.mangopay.limits import WINDOW_MINUTES, RateLimit, Window
from services.mangopay.memory import MOST, Memory
from tests.services.mangopay.conftest import AT_ONCE, BASE_URL

ALICE = "/v2.01/shop/sca/users/alice"
WALLETS = "/v2.01/shop/users/alice/wallets"


@dataclass
class Source:
    """Answers each call with its number, once the test says so."""

    calls: list[asyncio.Future[int]] = field(default_factory=list)

    async def fetch(self) -> int:
        self.calls.append(asyncio.get_running_loop().create_future())
        return await self.calls[-1]

    def answer(self, number: int) -> None:
        self.calls[number - 1].set_result(number)


@dataclass
class Looker:
    """Somebody who looks at the same thing as everybody else here."""

    memory: Memory[int]
    source: Source

    def begin(self, key: str = "alice", *, fresh: bool = False) -> asyncio.Task[int]:
        return asyncio.create_task(self.memory.get(key, self.source.fetch, fresh=fresh))

    async def look(self, key: str = "alice", *, fresh: bool = False) -> int:
        """Look, and have it answered at once if it takes a call."""
        looking, calls = self.begin(key, fresh=fresh), len(self.source.calls)
        await turns()
        if len(self.source.calls) > calls:
            self.source.answer(len(self.source.calls))
        return await looking


@dataclass
class Stopwatch:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


async def turns() -> None:
    """Let everything that can go on go on."""
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
def watch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def looker(watch: Stopwatch, source: Source) -> Looker:
    return Looker(Memory(keeps_s=15, clock=watch), source)


async def test_a_second_look_costs_no_call_as_long_as_it_is_kept(looker: Looker, watch: Stopwatch) -> None:
    assert await looker.look() == 1
    watch.seconds = 14.9
    assert await looker.look() == 1
    watch.seconds = 15.0
    assert await looker.look() == 2
    watch.seconds = 29.9
    assert await looker.look() == 2


async def test_each_address_is_kept_for_itself(looker: Looker) -> None:
    assert [await looker.look(key) for key in ("alice", "bob", "alice", "bob")] == [1, 2, 1, 2]


async def test_zero_seconds_keep_nothing_and_still_join_who_asks_at_once(source: Source) -> None:
    looker = Looker(Memory(keeps_s=0), source)
    lookers = [looker.begin() for _ in range(2)]
    await turns()
    source.answer(1)
    assert await asyncio.gather(*lookers) == [1, 1]
    assert await looker.look() == 2
    assert not looker.memory._kept


async def test_of_fifty_who_look_at_once_one_calls(looker: Looker, source: Source) -> None:
    lookers = [looker.begin() for _ in range(50)]
    await turns()
    lookers.append(looker.begin())
    await turns()
    assert len(source.calls) == 1
    source.answer(1)
    assert await asyncio.gather(*lookers) == [1] * 51


async def test_an_error_is_told_to_all_who_wait_and_is_not_kept(looker: Looker, source: Source) -> None:
    lookers = [looker.begin() for _ in range(3)]
    await turns()
    source.calls[0].set_exception(OSError("no way"))
    outcomes = await asyncio.gather(*lookers, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [OSError] * 3
    assert await looker.look() == 2


async def test_who_goes_does_not_end_the_call_of_who_stays(looker: Looker, source: Source) -> None:
    going, staying = looker.begin(), looker.begin()
    await turns()
    going.cancel()
    await turns()
    assert going.cancelled()
    assert not source.calls[0].cancelled()
    source.answer(1)
    assert await staying == 1
    assert await looker.look() == 1


async def test_the_call_ends_when_the_last_has_gone(looker: Looker, source: Source) -> None:
    lookers = [looker.begin() for _ in range(2)]
    await turns()
    for each in lookers:
        each.cancel()
        await turns()
    assert source.calls[0].cancelled()
    assert await looker.look() == 2


async def test_who_comes_while_an_abandoned_call_is_ending_calls_anew(looker: Looker, source: Source) -> None:
    going = looker.begin()
    await turns()
    going.cancel()
    coming = looker.begin()
    await turns()
    source.answer(2)
    assert await coming == 2


async def test_what_was_changed_is_asked_for_anew(looker: Looker) -> None:
    await looker.look("/users/alice")
    await looker.look("/users/bob")
    looker.memory.forget("alice")
    assert [await looker.look(f"/users/{name}") for name in ("alice", "bob")] == [3, 2]
    looker.memory.forget()
    assert [await looker.look(f"/users/{name}") for name in ("alice", "bob")] == [4, 5]


async def test_what_was_changed_during_a_call_is_not_kept_nor_told_to_who_asks_afterwards(
    looker: Looker, source: Source
) -> None:
    before = looker.begin()
    await turns()
    looker.memory.forget("alice")
    after = looker.begin()
    await turns()
    source.answer(2)
    assert await after == 2
    source.answer(1)
    assert await before == 1
    assert await looker.look() == 2


async def test_a_call_that_what_was_changed_has_nothing_to_do_with_is_kept(looker: Looker, source: Source) -> None:
    looking = looker.begin("/users/alice")
    await turns()
    looker.memory.forget("bob")
    source.answer(1)
    await looking
    assert await looker.look("/users/alice") == 1


async def test_a_fresh_look_asks_anew_and_is_kept(looker: Looker) -> None:
    await looker.look()
    assert await looker.look(fresh=True) == 2
    assert await looker.look() == 2


async def test_a_fresh_look_does_not_join_an_older_call(looker: Looker, source: Source) -> None:
    older = looker.begin()
    await turns()
    fresh = looker.begin(fresh=True)
    await turns()
    source.answer(1)
    await turns()
    assert older.done()
    assert not fresh.done()
    source.answer(2)
    assert [await older, await fresh] == [1, 2]
    assert await looker.look() == 2


async def test_of_two_fresh_looks_at_once_neither_outlives_a_change(looker: Looker, source: Source) -> None:
    lookers = [looker.begin(fresh=True) for _ in range(2)]
    await turns()
    source.answer(1)
    await turns()
    looker.memory.forget()
    source.answer(2)
    assert await asyncio.gather(*lookers) == [1, 2]
    assert await looker.look() == 3


async def test_who_may_be_held_back_sooner_is_not_joined_and_still_shares_what_is_kept(
    looker: Looker, source: Source
) -> None:
    ahead = asyncio.create_task(looker.memory.get("alice", source.fetch, lane="background", keep=False))
    person = looker.begin()
    await turns()
    assert len(source.calls) == 2
    source.answer(1)
    source.answer(2)
    assert [await ahead, await person] == [1, 2]
    assert await looker.memory.get("alice", source.fetch, lane="background") == 2


async def test_a_change_is_told_to_the_calls_of_all_lanes(looker: Looker, source: Source) -> None:
    lookers = [
        asyncio.create_task(looker.memory.get("alice", source.fetch, lane=lane)) for lane in ("person", "background")
    ]
    await turns()
    looker.memory.forget("alice")
    source.answer(1)
    source.answer(2)
    await asyncio.gather(*lookers)
    assert await looker.look() == 3


@pytest.mark.parametrize(("keeps", "calls"), [((False,), 2), ((False, True), 1), ((True, False), 1)])
async def test_what_nobody_wants_kept_pushes_nothing_out(
    looker: Looker, source: Source, keeps: tuple[bool, ...], calls: int
) -> None:
    lookers = [asyncio.create_task(looker.memory.get("alice", source.fetch, keep=keep)) for keep in keeps]
    await turns()
    source.answer(1)
    await asyncio.gather(*lookers)
    assert await looker.look() == calls


async def test_who_goes_ends_no_call_but_their_own(looker: Looker, source: Source) -> None:
    older = looker.begin()
    await turns()
    fresh = looker.begin(fresh=True)
    await turns()
    older.cancel()
    await turns()
    assert [call.cancelled() for call in source.calls] == [True, False]
    joining = looker.begin()
    await turns()
    source.answer(2)
    assert [await fresh, await joining] == [2, 2]


async def test_it_keeps_so_many_and_lets_the_oldest_go(looker: Looker) -> None:
    for number in range(MOST + 1):
        await looker.look(f"/users/{number}")
    assert len(looker.memory._kept) == MOST
    assert await looker.look("/users/1") == 2
    assert await looker.look("/users/0") == MOST + 2


async def test_what_was_read_again_is_not_among_the_oldest(looker: Looker, watch: Stopwatch) -> None:
    for number in range(MOST):
        await looker.look(f"/users/{number}")
    watch.seconds = 20.0
    again = await looker.look("/users/0")
    await looker.look("/users/new")
    assert await looker.look("/users/0") == again


_moves = st.sampled_from(["look", "look afresh", "change", "turn", "first answer", "last answer", "one goes"])


@settings(deadline=None)
@given(st.lists(_moves, max_size=30))
def test_nobody_is_told_what_was_asked_before_the_last_change(moves: list[str]) -> None:
    asyncio.run(_play(moves))


async def _play(moves: list[str]) -> None:
    source = Source()
    looker = Looker(Memory(keeps_s=15, clock=Stopwatch()), source)
    # Each who looks, with the number of the first call that may answer them.
    looking: list[tuple[asyncio.Task[int], int]] = []
    first_true = 1
    for move in moves:
        open_calls = [number for number, call in enumerate(source.calls, 1) if not call.done()]
        match move:
            case "look" | "look afresh":
                is_fresh = move == "look afresh"
                looking.append((looker.begin(fresh=is_fresh), len(source.calls) + 1 if is_fresh else first_true))
            case "change":
                looker.memory.forget()
                first_true = len(source.calls) + 1
            case "turn":
                await turns()
            case "first answer" | "last answer" if open_calls:
                source.answer(open_calls[0 if move == "first answer" else -1])
            case "one goes" if looking:
                looking.pop(0)[0].cancel()
    while not all(task.done() for task, _ in looking):
        await turns()
        for number, call in enumerate(source.calls, 1):
            if not call.done():
                source.answer(number)
    assert all(task.result() >= first for task, first in looking)


def remembering_client(*, on_read: OnRead | None = None) -> MangopayClient:
    return MangopayClient(
        Environment.SANDBOX,
        base_url=BASE_URL,
        client_id="shop",
        api_key="s3cret-key",
        transport=httpx.AsyncHTTPTransport(verify=False),
        schedule=AT_ONCE,
        remembers_s=3_600,
        on_read=on_read,
    )


@pytest.fixture
async def remembering(token: respx.Route) -> AsyncIterator[MangopayClient]:
    """A client that keeps answers for longer than any test takes."""
    client = remembering_client()
    yield client
    await client.aclose()


async def test_a_client_shows_an_answer_again_without_a_call(
    api: respx.MockRouter, remembering: MangopayClient
) -> None:
    route = api.get(ALICE).respond(json={"Id": "alice", "Address": {"City": "Paris"}})
    first = await remembering.get_object(ALICE)
    first["Address"] = "Mallory was here"
    assert await remembering.get_object(ALICE) == {"Id": "alice", "Address": {"City": "Paris"}}
    assert (await remembering.get_user("alice")).id == "alice"
    assert route.call_count == 1


async def test_another_page_or_filter_is_another_question(api: respx.MockRouter, remembering: MangopayClient) -> None:
    route = api.get(WALLETS).respond(json=[])
    for _ in range(2):
        await remembering.list_objects(WALLETS)
        await remembering.list_objects(WALLETS, page=2)
        await remembering.list_objects(WALLETS, per_page=10)
        await remembering.list_objects(WALLETS, query={"Sort": "CreationDate:ASC"})
    assert route.call_count == 4


async def test_a_fresh_read_calls_again(api: respx.MockRouter, remembering: MangopayClient) -> None:
    one, many = api.get(ALICE).respond(json={}), api.get(WALLETS).respond(json=[])
    for _ in range(2):
        await remembering.get_object(ALICE, fresh=True)
        await remembering.list_objects(WALLETS, fresh=True)
    assert (one.call_count, many.call_count) == (2, 2)


async def test_clients_of_all_priorities_share_the_token_the_memory_and_the_governor(
    api: respx.MockRouter, token: respx.Route, remembering: MangopayClient
) -> None:
    background = remembering.at(Priority.BACKGROUND)
    route, bob = api.get(ALICE).respond(json={"Id": "alice"}), api.get(f"{ALICE}-and-bob").respond(json={})
    # What a person has seen the background need not ask for; what it reads itself would only push that out.
    assert await remembering.get_object(ALICE) == await background.get_object(ALICE)
    await background.get_object(f"{ALICE}-and-bob")
    await remembering.at(Priority.EXPORT).get_object(f"{ALICE}-and-bob")
    assert (token.call_count, route.call_count, bob.call_count) == (1, 1, 2)
    assert background.governor is remembering.governor
    gauge = remembering.governor.meter()[0]
    assert (gauge.by_us, gauge.in_background) == (3, 1)


@pytest.mark.parametrize("answer", [httpx.Response(200, json={"Id": "h"}), httpx.Response(204), httpx.Response(400)])
@pytest.mark.parametrize(
    "change",
    [
        lambda client: client.post_object("/v2.01/shop/hooks", {}),
        lambda client: client.put_object("/v2.01/shop/hooks/h", {}),
        lambda client: client.create_hook("PAYIN_NORMAL_CREATED", "https://bob.test/h"),
        lambda client: client.update_hook("h", status="DISABLED"),
    ],
    ids=["post", "put", "create", "update"],
)
async def test_whatever_alters_something_has_everything_asked_for_anew(
    api: respx.MockRouter,
    remembering: MangopayClient,
    answer: httpx.Response,
    change: Callable[[MangopayClient], Awaitable[object]],
) -> None:
    route = api.get(ALICE).respond(json={"Id": "alice"})
    api.post("/v2.01/shop/hooks").mock(return_value=answer)
    api.put("/v2.01/shop/hooks/h").mock(return_value=answer)
    await remembering.get_object(ALICE)
    # Whatever comes of it, something may have changed.
    with suppress(MangopayError):
        await change(remembering)
    await remembering.get_object(ALICE)
    assert route.call_count == 2


@pytest.mark.parametrize("lost", [httpx.ReadTimeout, httpx.ConnectError])
async def test_a_change_whose_answer_is_lost_has_everything_asked_for_anew(
    api: respx.MockRouter, remembering: MangopayClient, lost: type[httpx.TransportError]
) -> None:
    route = api.get(ALICE).respond(json={"Id": "alice"})
    api.put(ALICE).mock(side_effect=lost)
    await remembering.get_object(ALICE)
    with pytest.raises(MangopayError):
        await remembering.put_object(ALICE, {"Tag": "vip"})
    await remembering.get_object(ALICE)
    assert route.call_count == 2


async def test_what_has_happened_to_an_object_has_its_answers_asked_for_anew(
    api: respx.MockRouter, remembering: MangopayClient
) -> None:
    alice, wallets = api.get(ALICE).respond(json={}), api.get(WALLETS).respond(json=[])
    bob = api.get("/v2.01/shop/sca/users/bob").respond(json={})
    for happened in ("alice", None):
        await remembering.get_object(ALICE)
        await remembering.list_objects(WALLETS)
        await remembering.get_object("/v2.01/shop/sca/users/bob")
        if happened:
            remembering.forget(happened)
    assert (alice.call_count, wallets.call_count, bob.call_count) == (2, 2, 1)


async def test_a_person_is_not_refused_because_the_background_asks_for_the_same(
    api: respx.MockRouter, remembering: MangopayClient
) -> None:
    late = datetime(2100, 1, 1, tzinfo=UTC)
    remembering.governor.hear(RateLimit(tuple(Window(minutes, 60, 40, late) for minutes in WINDOW_MINUTES)))
    route = api.get(ALICE).respond(json={"Id": "alice"})
    background, person = await asyncio.gather(
        remembering.at(Priority.BACKGROUND).get_object(ALICE), remembering.get_object(ALICE), return_exceptions=True
    )
    assert isinstance(background, RateLimited)
    assert person == {"Id": "alice"}
    assert route.call_count == 1


async def test_whoever_wants_to_know_is_told_once_of_an_answer_that_is_shown_again(
    api: respx.MockRouter, token: respx.Route
) -> None:
    heard: list[str] = []
    client = remembering_client(on_read=lambda path, _: heard.append(path))
    api.get(ALICE).respond(json={"Id": "alice"})
    api.get(WALLETS).respond(json=[{"Id": "w"}])
    for fresh in (False, False, True):
        await client.get_object(ALICE, fresh=fresh)
        await client.list_objects(WALLETS, fresh=fresh)
    assert heard == [ALICE, WALLETS] * 2
    await client.aclose()


async def test_a_client_keeps_no_answer_that_makes_no_sense(api: respx.MockRouter, remembering: MangopayClient) -> None:
    api.get(ALICE).mock(side_effect=[httpx.Response(200, text="<html>"), httpx.Response(200, json={"Id": "alice"})])
    with pytest.raises(NonsenseAnswer):
        await remembering.get_object(ALICE)
    assert await remembering.get_object(ALICE) == {"Id": "alice"}


async def test_a_client_keeps_no_error(api: respx.MockRouter, remembering: MangopayClient) -> None:
    api.get(ALICE).mock(side_effect=[httpx.Response(404), httpx.Response(200, json={"Id": "alice"})])
    with pytest.raises(NotFound):
        await remembering.get_object(ALICE)
    assert await remembering.get_object(ALICE) == {"Id": "alice"}


async def test_who_leaves_ends_the_call_itself(api: respx.MockRouter, remembering: MangopayClient) -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def never(_: httpx.Request) -> httpx.Response:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError("it waits for ever")

    api.get(ALICE).mock(side_effect=never)
    looking = asyncio.create_task(remembering.get_object(ALICE))
    await began.wait()
    looking.cancel()
    async with asyncio.timeout(5):
        await ended.wait()
    with pytest.raises(asyncio.CancelledError):
        await looking
