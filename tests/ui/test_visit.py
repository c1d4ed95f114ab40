"""Who leaves a page ends its calls to Mangopay, and nothing else; who comes back finds what was cut short."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import httpx
import pytest
from nicegui import Client, core, ui

from models.environment import Environment
from models.objects.kinds import KINDS
from services.mangopay.errors import ServerError
from services.objects.view import view
from tests.actors import make_actor
from tests.services.objects.shop import client_of
from tests.ui.guarded import until
from ui.visit import Left, Visit

LOCAL = Environment.LOCAL
OLIVIA = make_actor(environment=LOCAL)


class Line(httpx.AsyncBaseTransport):
    """The way to a Mangopay that answers when a test lets it, and notes which calls were ended before."""

    def __init__(self) -> None:
        self.asked = 0
        self.ended = 0
        self.gate = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/oauth/token"):
            return httpx.Response(200, json={"access_token": "t", "expires_in": 1200})
        self.asked += 1
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.ended += 1
            raise
        return httpx.Response(200, json={"Id": request.url.path.rpartition("/")[2]})


@dataclass
class Page:
    """An open page with parts that read wallets from Mangopay, and a socket that can be lost and found again."""

    client: Client
    visit: Visit
    line: Line
    read: Callable[[str], Awaitable[object]]
    shown: list[str] = field(default_factory=list)

    def part(self, name: str) -> Callable[[], Awaitable[None]]:
        """Return a load that shows its name once it has read a wallet."""

        async def load() -> None:
            await self.visit.call(self._read(name))
            self.shown.append(name)

        return load

    async def _read(self, name: str) -> object:
        return await self.read(name)

    def begin(self, *loads: Callable[[], Awaitable[object]]) -> asyncio.Task[None]:
        return asyncio.create_task(self.visit.load(*loads))

    def lose_its_socket(self) -> None:
        self.client.tab_id = None
        for handler in self.client.disconnect_handlers:
            self.client.safe_invoke(handler)

    def find_a_socket(self) -> None:
        self.client.tab_id = "tab"
        for handler in self.client.connect_handlers:
            self.client.safe_invoke(handler)

    def lose_an_old_socket(self) -> None:
        """Give up a connection after a new one was made."""
        for handler in self.client.disconnect_handlers:
            self.client.safe_invoke(handler)


@pytest.fixture
async def two_pages(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Page, Page]]:
    """Two pages of one dashboard."""
    line = Line()
    mangopay = client_of(line, remembers_s=60)

    def read(name: str) -> Awaitable[object]:
        return view(OLIVIA, {LOCAL: mangopay}, KINDS["wallet"], name)

    first, second = (Page(client, Visit(client), line, read) for client in (Client(ui.page("")), Client(ui.page(""))))
    # Where NiceGUI starts what comes again; a page that is built before sends nothing to its browser, for it has none.
    monkeypatch.setattr(core, "loop", asyncio.get_running_loop())
    for page in (first, second):
        page.find_a_socket()
    yield first, second
    for page in (first, second):
        page.client.delete()
    await mangopay.aclose()


@pytest.fixture
def page(two_pages: tuple[Page, Page]) -> Page:
    return two_pages[0]


async def test_who_stays_sees_everything(page: Page) -> None:
    loading = page.begin(page.part("first"), page.part("second"))
    await until(lambda: page.line.asked == 2)
    page.line.gate.set()
    await loading
    assert sorted(page.shown) == ["first", "second"]
    assert page.line.ended == 0
    assert not page.visit._calls


async def test_who_leaves_ends_the_calls_at_mangopay_and_hears_of_no_error(page: Page) -> None:
    loading = page.begin(page.part("first"), page.part("second"))
    await until(lambda: page.line.asked == 2)
    page.lose_its_socket()
    await loading
    assert page.line.ended == 2
    assert page.shown == []
    assert page.visit._is_left


async def test_who_comes_back_finds_what_was_cut_short_and_nothing_twice(page: Page) -> None:
    page.line.gate.set()
    await page.visit.load(page.part("done before"))
    page.line.gate.clear()
    loading = page.begin(page.part("first"), page.part("second"))
    await until(lambda: page.line.asked == 3)
    page.lose_its_socket()
    await loading
    page.line.gate.set()
    page.find_a_socket()
    await until(lambda: len(page.shown) == 3)
    assert sorted(page.shown) == ["done before", "first", "second"]
    page.lose_its_socket()
    page.find_a_socket()
    await _turns()
    assert len(page.shown) == 3
    assert page.line.asked == 5


async def test_who_leaves_again_may_come_back_again(page: Page) -> None:
    loading = page.begin(page.part("wallet"))
    await until(lambda: page.line.asked == 1)
    page.lose_its_socket()
    await loading
    page.find_a_socket()
    await until(lambda: page.line.asked == 2)
    page.lose_its_socket()
    await until(lambda: page.line.ended == 2)
    await _turns()
    page.line.gate.set()
    page.find_a_socket()
    await until(lambda: page.shown == ["wallet"])


async def test_who_is_back_before_the_call_has_ended_finds_it_too(page: Page) -> None:
    loading = page.begin(page.part("wallet"))
    await until(lambda: page.line.asked == 1)
    page.lose_its_socket()
    # Nothing has had its turn since.
    page.find_a_socket()
    page.line.gate.set()
    await loading
    await until(lambda: page.shown == ["wallet"])
    assert page.line.ended == 1


async def test_an_old_socket_that_is_given_up_ends_nothing(page: Page) -> None:
    loading = page.begin(page.part("wallet"))
    await until(lambda: page.line.asked == 1)
    page.lose_an_old_socket()
    page.line.gate.set()
    await loading
    assert (page.shown, page.line.ended) == (["wallet"], 0)


async def test_what_is_read_from_the_database_goes_on(page: Page) -> None:
    database = asyncio.Event()

    async def read_rows() -> None:
        await database.wait()
        page.shown.append("rows")

    loading = page.begin(page.part("wallet"), read_rows)
    await until(lambda: page.line.asked == 1)
    page.lose_its_socket()
    await until(lambda: page.line.ended == 1)
    assert not loading.done()
    database.set()
    await loading
    assert page.shown == ["rows"]
    page.line.gate.set()
    page.find_a_socket()
    await until(lambda: page.shown == ["rows", "wallet"])


async def test_of_two_pages_that_wait_for_one_call_the_one_that_leaves_ends_nothing(
    two_pages: tuple[Page, Page],
) -> None:
    left, right = two_pages
    leaving, staying = left.begin(left.part("wallet")), right.begin(right.part("wallet"))
    await until(lambda: left.line.asked == 1)
    await _turns()
    left.lose_its_socket()
    await leaving
    left.line.gate.set()
    await staying
    assert (left.shown, right.shown) == ([], ["wallet"])
    assert (left.line.ended, left.line.asked) == (0, 1)


async def test_a_call_tells_its_own_errors_and_answers(page: Page) -> None:
    async def fail() -> None:
        raise ServerError(httpx.Request("GET", "https://api.mangopay.test/v2.01/shop/wallets/w"), status=500)

    async def answer() -> int:
        return 7

    assert await page.visit.call(answer()) == 7
    with pytest.raises(ServerError):
        await page.visit.call(fail())


async def test_a_page_that_was_left_raises_left_out_of_its_call(page: Page) -> None:
    calling = asyncio.create_task(page.visit.call(page._read("wallet")))
    await until(lambda: page.line.asked == 1)
    page.lose_its_socket()
    with pytest.raises(Left):
        await calling


async def test_whoever_cancels_from_outside_cancels_the_call_and_is_told_so(page: Page) -> None:
    loading = page.begin(page.part("wallet"))
    await until(lambda: page.line.asked == 1)
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    assert page.line.ended == 1
    # It was not the reader who left, so nothing is to come again.
    page.lose_its_socket()
    page.find_a_socket()
    await _turns()
    assert (page.line.asked, page.shown) == (1, [])


async def test_a_part_that_fails_takes_no_other_with_it_when_it_is_cut_short(page: Page) -> None:
    """The failure is told to whoever loads; the part that was cut short still comes again."""

    async def fail() -> None:
        raise ValueError("a mistake of ours")

    loading = page.begin(page.part("wallet"), fail)
    with pytest.raises(ValueError, match="ours"):
        await loading
    page.lose_its_socket()
    await until(lambda: page.line.ended == 1)
    await _turns()
    page.line.gate.set()
    page.find_a_socket()
    await until(lambda: page.shown == ["wallet"])


async def _turns() -> None:
    """Let whatever can go on go on."""
    for _ in range(50):
        await asyncio.sleep(0)
