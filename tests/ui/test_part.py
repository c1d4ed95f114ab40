"""Parts of a page, each for itself: one that fails says so, keeps what it showed, and takes no other with it."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from html import unescape

import htpy as h
import httpx
import pytest
from nicegui import Client, core, ui
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from models.mangopay import Wallet
from services.access.actors import SessionEnded
from services.mangopay.errors import NotFound, RateLimited, ScaRequired, ServerError
from tests.ui.guarded import until
from ui.components.part import Part, failure
from ui.visit import Visit

REQUEST = httpx.Request("GET", "https://api.mangopay.test/v2.01/shop/wallets/w")
BROKEN = ServerError(REQUEST, status=500)


def _validation_error() -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        Wallet.model_validate({"Id": 5})
    return caught.value


@dataclass
class Source:
    """What a part gets, time after time; an exception is raised."""

    answers: Sequence[h.Node | Exception]
    reads: int = 0
    waits_for: asyncio.Event | None = None

    async def read(self) -> h.Node:
        answer = self.answers[min(self.reads, len(self.answers) - 1)]
        self.reads += 1
        if self.waits_for:
            await self.waits_for.wait()
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Page:
    """A page with parts on it."""

    client: Client
    visit: Visit
    parts: list[Part] = field(default_factory=list)

    def part(self, *answers: h.Node | Exception) -> Part:
        return self.part_of(Source(answers))

    def part_of(self, source: Source) -> Part:
        with self.client:
            self.parts.append(Part(self.visit, source.read, shape=h.span(".skeleton"), classes="panel"))
        return self.parts[-1]

    async def load(self) -> None:
        await self.visit.load(*(part.load for part in self.parts))

    def html(self, part: Part) -> str:
        """Return what of a part is visible."""
        return "".join(e.content for e in self._htmls(part) if _is_visible(e))

    def text(self, part: Part) -> str:
        return unescape(re.sub(r"<[^>]+>", " ", self.html(part)))

    def click(self, part: Part, label: str) -> None:
        """Press a button of a part, as a browser tells of it."""
        [button] = [e for e in self._htmls(part) if e.props.get("tag") == "button" and label in e.content]
        [listener] = [each for each in button._event_listeners.values() if each.type == "click"]
        assert _is_visible(button)
        self.client.handle_event({"id": button.id, "listener_id": listener.id, "args": []})

    def _htmls(self, part: Part) -> list[ui.html]:
        box = part._content.parent_slot
        assert box
        return [e for e in box.parent.descendants() if isinstance(e, ui.html)]


def _is_visible(element: ui.element) -> bool:
    while element.visible and element.parent_slot is not None:
        element = element.parent_slot.parent
    return bool(element.visible)


@pytest.fixture
async def page(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Page]:
    client = Client(ui.page(""))
    client.tab_id = "tab"
    # Where NiceGUI starts what a click does; a page that is built before sends nothing to its browser, for it has none.
    monkeypatch.setattr(core, "loop", asyncio.get_running_loop())
    yield Page(client, Visit(client))
    client.delete()


async def test_until_it_has_come_it_has_the_shape_of_what_comes(page: Page) -> None:
    part = page.part(h.p["100.00 EUR"])
    assert page.html(part) == '<span class="skeleton"></span>'
    await part.load()
    assert page.html(part) == "<p>100.00 EUR</p>"


async def test_what_fails_at_first_says_so_in_place_of_its_shape(page: Page) -> None:
    part = page.part(BROKEN)
    await part.load()
    assert "Mangopay has a fault of its own." in page.text(part)
    assert "Look at API Status" in page.text(part)
    assert "Try again" in page.text(part)
    assert "skeleton" not in page.html(part)


async def test_what_fails_later_keeps_what_it_showed_and_says_what_happened(page: Page) -> None:
    part = page.part(h.p["100.00 EUR"], BROKEN)
    await part.load()
    await part.reload()
    assert "100.00 EUR" in page.text(part)
    assert "Mangopay has a fault of its own." in page.text(part)


async def test_once_more_shows_it_and_takes_the_error_back(page: Page) -> None:
    part = page.part(BROKEN, BROKEN, h.p["100.00 EUR"])
    await part.load()
    page.click(part, "Try again")
    await _turns()
    assert "Mangopay has a fault of its own." in page.text(part)
    page.click(part, "Try again")
    await until(lambda: page.html(part) == "<p>100.00 EUR</p>")


async def test_a_second_look_replaces_the_first(page: Page) -> None:
    part = page.part(h.p["100.00 EUR"], h.p["90.00 EUR"])
    await part.load()
    await part.reload()
    assert page.html(part) == "<p>90.00 EUR</p>"


async def test_a_double_click_asks_once(page: Page) -> None:
    source = Source([BROKEN, h.p["100.00 EUR"]])
    part = page.part_of(source)
    await part.load()
    source.waits_for = asyncio.Event()
    for _ in range(2):
        page.click(part, "Try again")
        await _turns()
    source.waits_for.set()
    await until(lambda: "100.00 EUR" in page.html(part))
    await _turns()
    assert source.reads == 2


async def test_a_part_that_fails_takes_no_other_with_it(page: Page) -> None:
    first, failing, last = page.part(h.p["first"]), page.part(BROKEN), page.part(h.p["last"])
    await page.load()
    assert (page.html(first), page.html(last)) == ("<p>first</p>", "<p>last</p>")
    assert "fault of its own" in page.text(failing)


async def test_a_part_that_is_slow_keeps_no_other_waiting(page: Page) -> None:
    slow = page.part_of(Source([h.p["slow"]], waits_for=asyncio.Event()))
    quick = page.part(h.p["quick"])
    loading = asyncio.create_task(page.load())
    await until(lambda: page.html(quick) == "<p>quick</p>")
    assert "skeleton" in page.html(slow)
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading


async def test_who_leaves_finds_the_part_as_it_was_and_complete_on_return(page: Page) -> None:
    gate = asyncio.Event()
    source = Source([h.p["wallet"]], waits_for=gate)

    async def read() -> h.Node:
        return await page.visit.call(source.read())

    with page.client:
        part = Part(page.visit, read, shape=h.span(".skeleton"))
    loading = asyncio.create_task(page.visit.load(part.load))
    await until(lambda: source.reads == 1)
    page.client.tab_id = None
    _tell(page.client, page.client.disconnect_handlers)
    await loading
    assert page.html(part) == '<span class="skeleton"></span>'
    gate.set()
    page.client.tab_id = "tab"
    _tell(page.client, page.client.connect_handlers)
    await until(lambda: page.html(part) == "<p>wallet</p>")


async def test_who_leaves_while_they_try_again_finds_it_on_return(page: Page) -> None:
    source = Source([BROKEN, h.p["cut short"], h.p["wallet"]])

    async def read() -> h.Node:
        return await page.visit.call(source.read())

    with page.client:
        part = Part(page.visit, read, shape=h.span(".skeleton"))
    await page.visit.load(part.load)
    source.waits_for = asyncio.Event()
    page.click(part, "Try again")
    await until(lambda: source.reads == 2)
    page.client.tab_id = None
    _tell(page.client, page.client.disconnect_handlers)
    await _turns()
    assert "fault of its own" in page.text(part)
    source.waits_for.set()
    page.client.tab_id = "tab"
    _tell(page.client, page.client.connect_handlers)
    await until(lambda: page.html(part) == "<p>wallet</p>")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (NotFound(REQUEST), "Mangopay does not know this object."),
        (RateLimited(REQUEST, retry_at=None), "Wait until the limit frees"),
        (ScaRequired(REQUEST, redirect_url="https://sca.test/1"), "Open the authentication page"),
        (OperationalError("SELECT 1", {}, Exception("locked")), "The database does not answer just now."),
        (_validation_error(), "Mangopay's answer cannot be understood."),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
async def test_each_failure_is_a_sentence_and_a_next_step(page: Page, error: Exception, says: str) -> None:
    part = page.part(error)
    await part.load()
    assert says in page.text(part)
    assert 'role="alert"' in page.html(part)


def test_what_failed_is_not_told_with_what_was_sent() -> None:
    error = OperationalError("SELECT secret FROM account", {"secret": "s3cret"}, Exception("locked"))
    assert "s3cret" not in str(failure(error))
    assert "SELECT" not in str(failure(error))


async def test_foreign_text_in_an_error_is_text(page: Page) -> None:
    answer = httpx.Response(404, json={"Id": "<script>alert(1)</script>"}, request=REQUEST)
    part = page.part(NotFound.of(answer))
    await part.load()
    assert "<script>alert(1)" in page.text(part)
    assert "<script>" not in page.html(part)


@pytest.mark.parametrize("error", [SessionEnded(), ValueError("a mistake of ours")])
async def test_what_is_no_failure_of_the_world_is_not_hidden(page: Page, error: Exception) -> None:
    part = page.part(error)
    with pytest.raises(type(error)):
        await part.load()


def _tell(client: Client, handlers: Sequence[Callable[..., object]]) -> None:
    for handler in handlers:
        client.safe_invoke(handler)


async def _turns() -> None:
    for _ in range(50):
        await asyncio.sleep(0)
