"""A list as rows, page after page: complete and in order, patient with the rate limit, and ended by who may end it."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from models.audit import Act, AuditEntry, Outcome
from models.environment import Environment
from models.objects.fields import Content
from models.objects.listings import LISTINGS
from models.permissions import Role
from services.access.actors import SessionEnded
from services.clock import now
from services.database import Database
from services.mangopay.client import MangopayClient
from services.mangopay.errors import Forbidden, NonsenseAnswer, NotFound, RateLimited, ServerError
from services.mangopay.governor import Priority
from services.mangopay.limits import WINDOW_MINUTES, RateLimit, Window
from services.mangopay.memory import MOST
from services.mangopay.paging import Page
from services.objects import exports
from services.objects.exports import ListChanged, Progress, begin_export, export_rows
from services.objects.lists import Wanted
from tests.actors import make_actor
from tests.services.access.world import stored_rows
from tests.services.mangopay.test_client import limit_headers
from tests.services.objects.shop import ROOT, Row, Shop, client_of, page_of

LOCAL, SANDBOX = Environment.LOCAL, Environment.SANDBOX
OLIVIA = make_actor(environment=LOCAL)
USERS, KYC, EVENTS, WALLETS = (LISTINGS[name] for name in ("users", "kyc-documents", "events", "user-wallets"))
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
Clients = Mapping[Environment, MangopayClient]


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "read_clock", lambda: NOON)


class Impatient(Progress):
    """Whose waits are over at once: the clock goes on instead, for the governor as well."""

    def __init__(self, client: MangopayClient) -> None:
        super().__init__()
        self.clock = NOON
        self.waits: list[datetime] = []
        # What time it was when a wait began, as far as the export knew.
        self.told_now: datetime | None = None
        client.governor._clock = lambda: self.clock

    async def wait_until(self, moment: datetime, *, now: datetime) -> None:
        self.waits.append(moment)
        self.told_now = now
        self.clock = moment


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.lists("/users", users(250))
    return shop


@pytest.fixture
def clients(shop: Shop) -> Clients:
    return {LOCAL: client_of(shop)}


def users(count: int) -> Sequence[Row]:
    return [{"Id": f"user {number}"} for number in range(count)]


def begin(
    clients: Clients, progress: Progress | None = None, *, wanted: Wanted | None = None
) -> AsyncIterator[Sequence[Content]]:
    return export_rows(OLIVIA, clients, USERS, of="", wanted=wanted or Wanted(), progress=progress or Progress())


async def ids(rows: AsyncIterator[Sequence[Content]]) -> list[object]:
    return [row["Id"] async for page in rows for row in page]


def pages_asked(shop: Shop) -> list[str]:
    return [request.url.params["page"] for request in shop.asked]


async def turns() -> None:
    """Let whatever can go on go on."""
    for _ in range(200):
        await asyncio.sleep(0)


def second_page(answer: Callable[[httpx.Request], httpx.Response]) -> Callable[[httpx.Request], httpx.Response]:
    """Have the second page answered in another way than the others."""
    return lambda request: answer(request) if request.url.params["page"] == "2" else page_of(users(250), request)


async def test_all_rows_come_once_and_in_order(shop: Shop, clients: Clients) -> None:
    progress = Progress()
    assert await ids(begin(clients, progress)) == [row["Id"] for row in users(250)]
    assert pages_asked(shop) == ["1", "2", "3"]
    assert (progress.done, progress.total, progress.waits_until) == (250, 250, None)


async def test_the_oldest_come_first_whatever_page_and_order_are_on_the_screen(shop: Shop, clients: Clients) -> None:
    wanted = Wanted(page=3, per_page=25, ascending=False)
    assert len(await ids(begin(clients, wanted=wanted))) == 250
    assert {(request.url.params["Sort"], request.url.params["per_page"]) for request in shop.asked} == {
        ("CreationDate:ASC", "100")
    }


async def test_what_came_since_the_list_was_last_looked_at_is_in_it(shop: Shop) -> None:
    clients = {LOCAL: client_of(shop, remembers_s=3_600)}
    shop.lists("/users", users(8))
    assert len(await ids(begin(clients))) == 8
    shop.lists("/users", users(250))
    assert len(await ids(begin(clients))) == 250


async def test_filters_and_dates_narrow_it_and_it_may_be_of_an_object(shop: Shop, clients: Clients) -> None:
    shop.lists("/kyc/documents", [{"Id": "kyc"}])
    wanted = Wanted(filters={"Status": "REFUSED"}, since=NOON)
    rows = export_rows(OLIVIA, clients, KYC, of="", wanted=wanted, progress=Progress())
    assert await ids(rows) == ["kyc"]
    assert (shop.query["Status"], shop.query["AfterDate"]) == ("REFUSED", str(int(NOON.timestamp())))
    shop.lists("/users/alice/wallets", [{"Id": "wallet"}])
    rows = export_rows(OLIVIA, clients, WALLETS, of="alice", wanted=Wanted(), progress=Progress())
    assert await ids(rows) == ["wallet"]


async def test_a_list_of_nothing_has_no_rows(shop: Shop, clients: Clients) -> None:
    shop.lists("/users", [])
    assert await ids(begin(clients)) == []
    assert pages_asked(shop) == ["1"]


@pytest.mark.parametrize(("count", "asked"), [(100, ["1", "2"]), (150, ["1", "2"])])
async def test_without_counts_a_short_page_is_the_last(
    shop: Shop, clients: Clients, count: int, asked: list[str]
) -> None:
    shop.does("/users", lambda request: httpx.Response(200, content=page_of(users(count), request).content))
    progress = Progress()
    assert len(await ids(begin(clients, progress))) == count
    assert (pages_asked(shop), progress.total) == (asked, None)


async def test_while_a_page_is_written_the_next_is_fetched_and_no_further_one(shop: Shop, clients: Clients) -> None:
    ahead = []
    async for _ in begin(clients):
        await turns()
        ahead.append(len(shop.asked))
    assert ahead == [2, 3, 3]


async def test_what_is_written_counts_as_done(clients: Clients) -> None:
    progress = Progress()
    seen = [(progress.done, progress.total) async for _ in begin(clients, progress)]
    assert seen == [(0, 250), (100, 250), (200, 250)]


async def test_nothing_is_asked_before_the_first_row_is_wanted(shop: Shop, clients: Clients) -> None:
    begin(clients)
    await turns()
    assert shop.asked == []


async def test_at_the_rate_limit_it_waits_until_that_frees_and_goes_on(shop: Shop, clients: Clients) -> None:
    progress = Impatient(clients[LOCAL])
    frees_at = [NOON + timedelta(minutes=7), NOON + timedelta(minutes=20)]

    def limit(request: httpx.Request) -> httpx.Response:
        tries = pages_asked(shop).count("2")
        if tries > len(frees_at):
            return page_of(users(250), request)
        return httpx.Response(429, headers=limit_headers(remaining=0, reset_at=frees_at[tries - 1]))

    shop.does("/users", second_page(limit))
    assert await ids(begin(clients, progress)) == [row["Id"] for row in users(250)]
    assert progress.waits == frees_at
    assert pages_asked(shop) == ["1", "2", "2", "2", "3"]


async def test_it_leaves_its_reserve_to_people_without_a_call(shop: Shop, clients: Clients) -> None:
    client = clients[LOCAL]
    progress = Impatient(client)
    frees_at = NOON + timedelta(minutes=5)
    client.governor.hear(RateLimit(tuple(Window(minutes, 85, 15, frees_at) for minutes in WINDOW_MINUTES)))
    assert client.governor.refuses(Priority.PERSON) is None
    with pytest.raises(RateLimited) as limited:
        await ids(begin(clients, progress))
    assert limited.value.retry_at == frees_at
    assert pages_asked(shop) == []


async def test_a_limit_that_nobody_knows_the_end_of_ends_it(shop: Shop, clients: Clients) -> None:
    progress = Impatient(clients[LOCAL])
    shop.does("/users", second_page(lambda _: httpx.Response(429)))
    with pytest.raises(RateLimited):
        await ids(begin(clients, progress))
    assert progress.waits == []
    assert progress.done == 100


async def test_a_limit_that_does_not_free_is_asked_less_and_less(shop: Shop, clients: Clients) -> None:
    progress = Impatient(clients[LOCAL])
    lapsed = ",".join([str(int((NOON - SECOND).timestamp()))] * 4)
    headers = {
        "X-RateLimit": "9000,9000,9000,9000",
        "X-RateLimit-Remaining": "0,0,0,0",
        "X-RateLimit-Reset": lapsed,
    }
    tries = iter([httpx.Response(429, headers=headers)] * 8)

    def answer(request: httpx.Request) -> httpx.Response:
        return next(tries, page_of(users(250), request))

    shop.does("/users", second_page(answer))
    assert len(await ids(begin(clients, progress))) == 250
    waited = [(moment - NOON).total_seconds() for moment in progress.waits]
    assert waited == [5, 10, 20, 40, 80, 160, 300, 300]
    assert progress.told_now == NOON


async def test_the_first_page_is_not_waited_for(shop: Shop, clients: Clients) -> None:
    progress = Impatient(clients[LOCAL])
    shop.does("/users", lambda _: httpx.Response(429, headers=limit_headers(remaining=0, reset_at=NOON + SECOND)))
    with pytest.raises(RateLimited):
        await ids(begin(clients, progress))
    assert progress.waits == []


async def test_rows_that_leave_the_list_meanwhile_end_it(shop: Shop, clients: Clients) -> None:
    shop.does("/users", second_page(lambda request: page_of(users(249), request)))
    progress = Progress()
    rows = begin(clients, progress)
    assert len(await anext(rows)) == 100
    with pytest.raises(ListChanged):
        await anext(rows)
    assert progress.done == 100


async def test_rows_that_come_meanwhile_are_in_the_file(shop: Shop, clients: Clients) -> None:
    shop.does("/users", lambda request: page_of(users(250 if request.url.params["page"] == "1" else 260), request))
    assert len(await ids(begin(clients))) == 260


async def test_a_wait_says_until_when_and_ends_with_it() -> None:
    progress = Progress()
    waiting = asyncio.create_task(progress.wait_until(NOON + timedelta(days=1), now=NOON))
    await turns()
    assert progress.waits_until == NOON + timedelta(days=1)
    assert not waiting.done()
    progress.give_up()
    await waiting
    assert progress.waits_until is None


@pytest.mark.parametrize("moment", [NOON, NOON - timedelta(days=1)])
async def test_for_what_has_come_nobody_waits(moment: datetime) -> None:
    progress = Progress()
    async with asyncio.timeout(5):
        await progress.wait_until(moment, now=NOON)
    assert (progress.waits_until, progress.is_given_up) == (None, False)


async def test_who_gives_up_gets_no_further_page(shop: Shop, clients: Clients) -> None:
    progress = Progress()
    rows = begin(clients, progress)
    assert len(await anext(rows)) == 100
    progress.give_up()
    assert await ids(rows) == []
    assert (progress.done, progress.is_given_up) == (100, True)
    assert "3" not in pages_asked(shop)


async def test_who_gives_up_before_it_begins_asks_for_nothing(shop: Shop, clients: Clients) -> None:
    progress = Progress()
    progress.give_up()
    assert await ids(begin(clients, progress)) == []
    assert shop.asked == []


@pytest.mark.parametrize("limited", ["2", "3"])
async def test_who_gives_up_while_it_waits_for_the_limit_ends_it_without_an_error(
    shop: Shop, clients: Clients, limited: str
) -> None:
    headers = limit_headers(remaining=0, reset_at=datetime(2100, 1, 1, tzinfo=UTC))

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.params["page"] == limited:
            return httpx.Response(429, headers=headers)
        return page_of(users(250), request)

    shop.does("/users", answer)
    progress = Progress()
    exporting = asyncio.create_task(ids(begin(clients, progress)))
    await turns()
    assert progress.waits_until == datetime(2100, 1, 1, tzinfo=UTC)
    progress.give_up()
    async with asyncio.timeout(5):
        assert len(await exporting) == 100 * (int(limited) - 1)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(403), Forbidden),
        (httpx.Response(404), NotFound),
        (httpx.Response(500), ServerError),
        (httpx.Response(200, json={"Id": "no list"}), NonsenseAnswer),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
async def test_any_other_error_ends_it_after_what_was_read(
    shop: Shop, clients: Clients, answer: httpx.Response, error: type[Exception]
) -> None:
    shop.does("/users", second_page(lambda _: answer))
    progress = Progress()
    rows = begin(clients, progress)
    assert len(await anext(rows)) == 100
    with pytest.raises(error):
        await anext(rows)
    with pytest.raises(StopAsyncIteration):
        await anext(rows)
    assert progress.done == 100
    shop.does("/users", lambda _: answer)
    with pytest.raises(error):
        await ids(begin(clients))


async def test_who_is_signed_out_meanwhile_gets_no_further_row(shop: Shop, clients: Clients) -> None:
    sessions = {1}
    actor = make_actor(Role.VIEWER, is_alive=lambda: 1 in sessions)
    rows = export_rows(actor, clients, USERS, of="", wanted=Wanted(), progress=Progress())
    assert len(await anext(rows)) == 100
    sessions.clear()
    with pytest.raises(SessionEnded):
        await anext(rows)
    with pytest.raises(StopAsyncIteration):
        await anext(rows)
    with pytest.raises(SessionEnded):
        export_rows(actor, clients, USERS, of="", wanted=Wanted(), progress=Progress())


@pytest.mark.parametrize("ends", ["leaving", "giving up"])
async def test_the_page_that_nobody_wants_any_more_is_let_go_without_a_word(
    shop: Shop, clients: Clients, ends: str
) -> None:
    """Also when it has failed by then; else asyncio would report an error that nobody looked at."""
    unseen: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unseen.append(context["message"]))
    shop.does("/users", second_page(lambda _: httpx.Response(500)))
    progress = Progress()
    rows = begin(clients, progress)
    await anext(rows)
    await turns()
    assert pages_asked(shop) == ["1", "2"]
    if ends == "leaving":
        await rows.aclose()  # type: ignore[attr-defined]
    else:
        progress.give_up()
        assert await ids(rows) == []
    del rows
    gc.collect()
    await turns()
    assert unseen == []


async def test_who_leaves_ends_the_call_that_is_under_way(clients: Clients, shop: Shop) -> None:
    class Slow(Shop):
        """Of which the second page never comes."""

        cancelled = False

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            answer = await super().handle_async_request(request)
            if request.url.params.get("page") == "2":
                try:
                    await asyncio.Event().wait()
                finally:
                    self.cancelled = True
            return answer

    slow = Slow()
    slow.lists("/users", users(250))
    rows = begin({LOCAL: client_of(slow)})
    await anext(rows)
    await turns()
    assert not slow.cancelled
    await rows.aclose()  # type: ignore[attr-defined]
    await turns()
    assert slow.cancelled


async def test_everybody_exports_their_own_environment_alone() -> None:
    shops = {environment: Shop() for environment in (LOCAL, SANDBOX)}
    clients = {environment: client_of(shop, environment) for environment, shop in shops.items()}
    for environment, shop in shops.items():
        shop.lists("/users", [{"Id": f"of {environment}"}])
    for environment in (LOCAL, SANDBOX):
        for role in Role:
            actor = make_actor(role, environment)
            rows = export_rows(actor, clients, USERS, of="", wanted=Wanted(), progress=Progress())
            assert await ids(rows) == [f"of {environment}"]


@pytest.mark.parametrize(("about", "written"), [("", "users"), ("Status=REFUSED", "users Status=REFUSED")])
async def test_an_export_is_in_the_audit_log(database: Database, about: str, written: str) -> None:
    victor = make_actor(Role.VIEWER, SANDBOX, email="victor@example.com")
    await begin_export(victor, database, USERS, about=about, now=NOON)
    [entry] = await stored_rows(database, AuditEntry)
    assert (entry.act, entry.outcome, entry.about) == (Act.EXPORT, Outcome.DONE, written)
    assert (entry.environment, entry.at, entry.who, entry.role) == (SANDBOX, NOON, "victor@example.com", Role.VIEWER)


async def test_whose_session_has_ended_leaves_no_line_of_an_export(database: Database) -> None:
    with pytest.raises(SessionEnded):
        await begin_export(make_actor(is_alive=lambda: False), database, USERS, about="", now=now())
    assert await stored_rows(database, AuditEntry) == []


class Endless(httpx.AsyncBaseTransport):
    """A hundred thousand users, made as they are asked for."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != f"{ROOT}/users":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 1200})
        number = int(request.url.params["page"])
        headers = {"X-Number-Of-Pages": "1000", "X-Number-Of-Items": "100000"}
        first = 100 * (number - 1)
        return httpx.Response(200, json=[{"Id": str(first + row)} for row in range(100)], headers=headers)


def answers_held() -> int:
    gc.collect()
    return sum(isinstance(thing, Page | httpx.Response) for thing in gc.get_objects())


async def test_of_a_hundred_thousand_users_no_more_is_held_than_of_a_few() -> None:
    clients = {LOCAL: client_of(Endless(), remembers_s=3_600)}
    progress, count, last = Progress(), 0, -1
    before = answers_held()
    async for page in begin(clients, progress):
        assert int(str(page[0]["Id"])) == last + 1
        count, last = count + len(page), int(str(page[-1]["Id"]))
        if count % 10_000 == 0:
            # One is written and one fetched; the client remembers so many answers, and no more.
            assert answers_held() - before <= MOST + 5
    assert (count, last, progress.done, progress.total) == (100_000, 99_999, 100_000, 100_000)
