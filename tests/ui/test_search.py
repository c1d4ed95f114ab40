"""What pasting an id leads to: over HTTP as it is served, and the pages' parts before a Mangopay of the test's own."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import websockets
from nicegui import Client, core, ui
from websockets.typing import Origin

from models.environment import Environment
from models.objects.kinds import KINDS
from models.pasted import Candidate, Shape
from models.permissions import Role
from services.access.actors import Actor
from services.bootstrap import Services, build
from services.mangopay.client import MangopayClient
from services.mangopay.connection import RetrySchedule
from services.mangopay.errors import NotFound
from services.settings import LOCAL_API_KEY, Settings
from tests.actors import make_actor
from tests.browser.access import sign_up
from tests.serving import Server, serving
from ui.components.miss import in_a_sentence, show_miss
from ui.frame import switch_link
from ui.pages.search import Lookup
from ui.visit import Left, Visit

LOCAL, SANDBOX = Environment.LOCAL, Environment.SANDBOX
ULID = "01J6ABCDEFGHJKMNPQRSTVWXYZ"
PAYIN, WALLET = f"payin_m_{ULID}", f"wlt_m_{ULID}"
NUMBER, UUID, FINGERPRINT = "158026537", "8d5bfa10-11aa-4222-8333-444455556666", "50a6a8da09654c4cab901814a741f924"
OLIVIA = make_actor(environment=LOCAL, also_in=(SANDBOX,))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("search")) as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def session(server: Server) -> tuple[str, str]:
    return await sign_up(server, "victor@example.com", Role.VIEWER)


@pytest.fixture
async def victor(server: Server, session: tuple[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """Victor, who may only view, signed in; the server may have logged no traceback because of him."""
    said_before = len(server.output)
    async with httpx.AsyncClient(base_url=server.base_url, cookies=dict([session]), verify=False) as http:
        yield http
    assert "Traceback" not in server.output[said_before:], server.output[said_before:]


async def search(victor: httpx.AsyncClient, text: str) -> httpx.Response:
    return await victor.get("/search", params={"q": text})


@pytest.mark.parametrize(
    ("text", "target"),
    [
        (PAYIN, f"/objects/payin/{PAYIN}"),
        (f" “{PAYIN}”.\n", f"/objects/payin/{PAYIN}"),
        (f"https://example.com/?EventType=X&RessourceId={WALLET}&Date=1700000000", f"/objects/wallet/{WALLET}"),
        (f"user_m_{ULID}", f"/users/user_m_{ULID}"),
        ("FEES_EUR", "/objects/client-wallet/FEES_EUR"),
    ],
)
async def test_an_id_whose_prefix_tells_its_kind_opens_at_once(
    victor: httpx.AsyncClient, text: str, target: str
) -> None:
    answer = await search(victor, text)
    assert (answer.status_code, answer.headers["location"]) == (303, target)


@pytest.mark.parametrize("query", ["", "?q=", "?q=%20", "?other=1"])
async def test_without_a_text_the_page_says_what_can_be_pasted(victor: httpx.AsyncClient, query: str) -> None:
    page = await victor.get(f"/search{query}")
    assert page.status_code == 200
    assert "<title>Search · Local · " in page.text
    assert "Paste any id" in page.text
    assert "RessourceId=payin_m_" in page.text


async def test_of_several_ids_the_page_asks_which(victor: httpx.AsyncClient) -> None:
    page = await search(victor, f"{UUID} {PAYIN} {WALLET}")
    assert page.status_code == 200
    links = re.findall(r'href=\\"(/(?:objects|search)[^"\\]*)', page.text)
    assert links == [f"/objects/payin/{PAYIN}", f"/objects/wallet/{WALLET}", f"/search?q={UUID}"]


async def test_a_word_stays_in_the_box_to_be_changed(victor: httpx.AsyncClient) -> None:
    page = await search(victor, 'Alice "<b>Payer</b>')
    assert 'value=\\"Alice &amp;#34;&amp;lt;b&amp;gt;Payer' in page.text
    assert "<b>Payer" not in page.text


async def test_an_id_without_its_middle_is_said_to_be_shortened(victor: httpx.AsyncClient) -> None:
    for shown in ("payin_m_0…6QA36AVA", " “payin_m_0...6QA36AVA” "):
        page = await search(victor, shown)
        assert page.status_code == 200
        assert "This id is shortened, and none that is known here fits." in page.text


@pytest.mark.parametrize("text", [NUMBER, UUID, FINGERPRINT])
async def test_what_tells_no_kind_is_shown_at_once_while_it_is_looked_for(victor: httpx.AsyncClient, text: str) -> None:
    page = await search(victor, f"'{text}'")
    assert page.status_code == 200
    assert "Looking for" in page.text
    assert text in page.text


@pytest.mark.parametrize("text", ["\0", "%", "%00", "<script>alert(1)</script>", "a" * 5_000, "' OR 1", "\ud83d\ude00"])
async def test_no_text_breaks_the_page(victor: httpx.AsyncClient, text: str) -> None:
    query = text.encode("utf-16", "surrogatepass").decode("utf-16")
    page = await search(victor, query)
    assert page.status_code == 200
    assert "<script>alert(1)" not in page.text


async def test_what_is_looked_for_is_found_as_soon_as_a_browser_shows_the_page(
    victor: httpx.AsyncClient, server: Server
) -> None:
    async with httpx.AsyncClient(
        base_url=f"{server.base_url}/emulator/v2.01/local", auth=("local", LOCAL_API_KEY), verify=False
    ) as mangopay:
        hook = {"EventType": "MANDATE_EXPIRED", "Url": "https://example.com/"}
        hook_id = (await mangopay.post("/hooks", json=hook, headers={"Idempotency-Key": UUID})).json()["Id"]
    page = await search(victor, UUID)
    await _wait_to_be_told(victor, page, f'location.replace(\\"/objects/hook/{hook_id}\\")')


async def _wait_to_be_told(victor: httpx.AsyncClient, page: httpx.Response, words: str) -> None:
    """Open the socket of a page, as a browser does that shows it, and wait until these words come over it."""
    client_id = re.findall(r"""['"]client_id['"]: ?['"]([0-9a-f-]{36})""", page.text)[0]
    query = {
        "EIO": "4", "transport": "websocket", "implicit_handshake": "true", "next_message_id": "0",
        "client_id": client_id, "document_id": "document", "tab_id": "tab",
    }  # fmt: skip
    base_url = str(victor.base_url).rstrip("/")
    url = f"{base_url.replace('http', 'ws', 1)}/_nicegui_ws/socket.io/?{httpx.QueryParams(query)}"
    cookies = "; ".join(f"{name}={value}" for name, value in victor.cookies.items())
    async with (
        asyncio.timeout(30),
        websockets.connect(url, origin=Origin(base_url), additional_headers={"Cookie": cookies}) as socket,
    ):
        await socket.recv()
        await socket.send("40")
        while words not in (told := str(await socket.recv())):
            if told == "2":
                await socket.send("3")


class Mangopay:
    """Answers for one environment what a test says, and keeps what it was asked; `gate` holds all answers back."""

    def __init__(self) -> None:
        self.answers: dict[str, httpx.Response] = {}
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.cancelled = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/oauth/token"):
            return httpx.Response(200, json={"access_token": "t", "token_type": "bearer", "expires_in": 1200})
        place = request.url.path.removeprefix("/v2.01/shop").rpartition("/")[0]
        self.asked.append(place)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self.answers.get(place, httpx.Response(404, json={"Type": "ressource_not_found", "Id": "ref-404"}))


class Page:
    """A page under construction, as somebody would see it."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self.services = services
        self.actor = actor
        self.client = Client(ui.page(""))
        self.visit = Visit(self.client)

    def lookup(self, object_id: str, shape: Shape = Shape.DIGITS) -> Lookup:
        with self.client:
            return Lookup(self.services, self.actor, self.visit, Candidate(object_id, shape))

    @property
    def html(self) -> str:
        """All that is visible."""
        shown = [e for e in self.client.elements.values() if isinstance(e, ui.html) and _is_visible(e)]
        return "\n".join(element.content for element in shown)

    @property
    def text(self) -> str:
        return re.sub(r"<[^>]+>", "", self.html)

    def links(self) -> list[str]:
        return re.findall(r'href="([^"]+)"', self.html)

    async def scripts(self) -> list[str]:
        """Return the JavaScript that the browser was told to run."""
        # What nobody waits for is sent at the next turn of the loop.
        await asyncio.sleep(0)
        return [str(m[2]["code"]) for m in self.client.outbox.messages if m[1] == "run_javascript"]

    def leave(self) -> None:
        for handler in self.client.disconnect_handlers:
            self.client.safe_invoke(handler)


def _is_visible(element: ui.element) -> bool:
    while element.visible and element.parent_slot is not None:
        element = element.parent_slot.parent
    return bool(element.visible)


@pytest.fixture
def mangopay() -> dict[Environment, Mangopay]:
    return {environment: Mangopay() for environment in (LOCAL, SANDBOX)}


@pytest.fixture
async def services(tmp_path: Path, mangopay: dict[Environment, Mangopay]) -> AsyncIterator[Services]:
    settings = Settings(
        _env_file=None, data_dir=tmp_path, local=True, sandbox_client_id="shop", sandbox_api_key="key",
        public_url="https://local.example.com",
        sandbox_url="https://sandbox.example.com",
    )  # fmt: skip
    services = build(settings)
    clients = {
        environment: MangopayClient(
            environment,
            base_url="https://api.mangopay.test",
            client_id="shop",
            api_key="key",
            transport=httpx.MockTransport(answers),
            schedule=RetrySchedule(attempts=1),
        )
        for environment, answers in mangopay.items()
    }
    yield replace(services, clients=clients)
    for client in [*clients.values(), *services.clients.values()]:
        await client.aclose()
    await services.http.aclose()
    await services.database.dispose()


@pytest.fixture
async def page(services: Services, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Page]:
    # NiceGUI learns its loop when it is served, which it is not here.
    monkeypatch.setattr(core, "loop", asyncio.get_running_loop())
    page = Page(services, OLIVIA)
    yield page
    page.client.delete()


def found(content: object) -> httpx.Response:
    return httpx.Response(200, json=content)


async def test_what_is_found_opens_in_place_of_the_search(page: Page, mangopay: dict[Environment, Mangopay]) -> None:
    mangopay[LOCAL].answers["/wallets"] = found({"Id": NUMBER})
    await page.lookup(NUMBER).load()
    assert await page.scripts() == [f'location.replace("/objects/wallet/{NUMBER}")']
    assert "Found: " in page.text
    assert page.links() == [f"/objects/wallet/{NUMBER}"]
    assert mangopay[SANDBOX].asked == []


async def test_the_cards_of_a_fingerprint_are_offered(page: Page, mangopay: dict[Environment, Mangopay]) -> None:
    mangopay[LOCAL].answers["/cards/fingerprints"] = found([{"Id": "card_m_1"}, {"Id": "card_m_2"}])
    await page.lookup(FINGERPRINT, Shape.FINGERPRINT).load()
    assert page.links() == ["/objects/card/card_m_1", "/objects/card/card_m_2"]
    assert "2 cards belong to it" in page.text
    assert await page.scripts() == []


async def test_while_it_asks_the_page_shows_how_far_it_is(page: Page, mangopay: dict[Environment, Mangopay]) -> None:
    mangopay[LOCAL].gate.clear()
    loading = asyncio.ensure_future(page.lookup(NUMBER).load())
    await _until(lambda: len(mangopay[LOCAL].asked) == 4)
    assert "0 of 15" in page.text
    assert page.text.count("Asking") == 1 + 4
    assert page.text.count("Not asked yet") == 11
    mangopay[LOCAL].gate.set()
    await loading
    assert "of 15" not in page.text


async def test_a_miss_says_what_was_tried_and_what_to_do(page: Page, mangopay: dict[Environment, Mangopay]) -> None:
    await page.lookup(NUMBER).load()
    assert "Nothing in Local has this id." in page.text
    assert "Asked for: pay-ins, transfers, payouts" in page.text
    assert "KYC documents and recipients." in page.text
    assert "older than 13 months" in page.text
    assert f"/notifications?resource={NUMBER}" in page.links()
    assert "Try again" not in page.text
    assert "It could not be found in Sandbox either." in page.text
    assert len(mangopay[SANDBOX].asked) == 15
    assert await page.scripts() == []


async def test_what_exists_in_another_environment_is_one_switch_away(
    page: Page, mangopay: dict[Environment, Mangopay]
) -> None:
    mangopay[SANDBOX].answers["/cards"] = found({"Id": NUMBER, "Alias": "497010XXXXXX1119"})
    await page.lookup(NUMBER).load()
    assert "It exists in Sandbox." in page.text
    door = f"https://sandbox.example.com/sign-in?environment=sandbox&amp;next=%2Fsearch%3Fq%3D{NUMBER}"
    assert door in page.links()
    # Nothing else of what is there.
    assert "497010" not in page.html
    assert "/objects/card" not in page.html


async def test_who_may_enter_no_other_environment_hears_of_none(
    services: Services, mangopay: dict[Environment, Mangopay]
) -> None:
    page = Page(services, make_actor(environment=LOCAL))
    mangopay[SANDBOX].answers["/payins"] = found({"Id": NUMBER})
    await page.lookup(NUMBER).load()
    assert "Sandbox" not in page.html
    assert "either" not in page.text
    assert mangopay[SANDBOX].asked == []
    page.client.delete()


async def test_what_could_not_be_asked_is_said_and_can_be_asked_again(
    page: Page, mangopay: dict[Environment, Mangopay]
) -> None:
    mangopay[LOCAL].answers["/wallets"] = httpx.Response(500)
    lookup = page.lookup(NUMBER)
    await lookup.load()
    assert "Nothing with this id was found in Local, but not everything could be asked for." in page.text
    assert "Could not ask for wallets: Mangopay has a fault of its own." in page.text
    assert "Try again" in page.text
    mangopay[LOCAL].answers["/wallets"] = found({"Id": NUMBER})
    await lookup.load()
    assert "Try again" not in page.text
    assert "Could not ask" not in page.text
    assert await page.scripts() == [f'location.replace("/objects/wallet/{NUMBER}")']


async def test_a_rate_limit_is_said_with_the_time_it_frees(page: Page, mangopay: dict[Environment, Mangopay]) -> None:
    limits = {
        "x-ratelimit": "2300,9,9,9",
        "x-ratelimit-remaining": "0,9,9,9",
        "x-ratelimit-reset": ",".join(["4102444800"] * 4),
    }
    mangopay[LOCAL].answers["/transfers"] = httpx.Response(429, headers=limits)
    await page.lookup(NUMBER).load()
    assert "The rate limit frees at 2100-01-01 00:00:00 UTC." in page.text
    assert "Not asked for: " in page.text
    assert "and recipients." in page.text
    assert "Try again" in page.text


async def test_a_mangopay_that_answers_nothing_is_an_error(page: Page, mangopay: dict[Environment, Mangopay]) -> None:
    places = ("/payins", "/transfers", "/payouts", "/refunds", "/conversions", "/repudiations", "/settlements")
    mangopay[LOCAL].answers = dict.fromkeys(places, httpx.Response(500))
    await page.lookup(NUMBER).load()
    assert "Mangopay has a fault of its own." in page.text
    assert "Nothing" not in page.text
    assert "Not asked for: " in page.text
    assert "Try again" in page.text


async def test_who_leaves_the_page_ends_the_search(page: Page, mangopay: dict[Environment, Mangopay]) -> None:
    mangopay[LOCAL].gate.clear()
    loading = asyncio.ensure_future(page.lookup(NUMBER).load())
    await _until(lambda: len(mangopay[LOCAL].asked) == 4)
    page.leave()
    await loading
    assert mangopay[LOCAL].cancelled == 4
    assert len(mangopay[LOCAL].asked) == 4
    assert mangopay[SANDBOX].asked == []


async def test_who_leaves_the_page_of_a_missing_object_ends_the_look_elsewhere(
    page: Page, mangopay: dict[Environment, Mangopay]
) -> None:
    mangopay[SANDBOX].gate.clear()
    looking = asyncio.ensure_future(missing(page, "payin", PAYIN))
    await _until(lambda: mangopay[SANDBOX].asked == ["/payins"])
    assert "Looking in Sandbox" in page.text
    page.leave()
    with pytest.raises(Left):
        await looking
    assert mangopay[SANDBOX].cancelled == 1


@pytest.mark.parametrize(
    ("kind", "object_id", "said", "unsaid"),
    [
        ("payin", PAYIN, ["this pay-in.", "older than 13 months", "belongs to Local"], ["UBO"]),
        ("kyc-document", f"kyc_{ULID}", ["this KYC document."], ["13 months"]),
        ("ubo-declaration", f"ubo_m_{ULID}", ["this UBO declaration.", "It may be a UBO"], ["13 months"]),
        ("banking-alias", f"wltbank_m_{ULID}", ["this banking alias.", "virtual account"], ["13 months"]),
        ("intent", f"int_{UUID}", ["this Echo intent."], ["13 months"]),
    ],
)
async def test_the_page_of_an_object_that_is_not_there_says_what_that_means(
    page: Page, kind: str, object_id: str, said: Sequence[str], unsaid: Sequence[str]
) -> None:
    await missing(page, kind, object_id)
    assert "Mangopay does not know " in page.text
    assert f"/notifications?resource={object_id}" in page.links()
    assert [text for text in said if text not in page.text] == []
    assert [text for text in unsaid if text in page.text] == []


async def test_the_page_of_an_object_that_is_elsewhere_leads_to_the_same_page_there(
    page: Page, mangopay: dict[Environment, Mangopay]
) -> None:
    mangopay[SANDBOX].answers["/payins"] = found({"Id": PAYIN, "DebitedFunds": {"Currency": "EUR", "Amount": 4711}})
    await missing(page, "payin", PAYIN)
    assert "It exists in Sandbox." in page.text
    next_url = f"%2Fobjects%2Fpayin%2F{PAYIN}"
    assert f"https://sandbox.example.com/sign-in?environment=sandbox&amp;next={next_url}" in page.links()
    assert "4711" not in page.html
    assert mangopay[SANDBOX].asked == ["/payins"]
    assert mangopay[LOCAL].asked == []


async def test_a_miss_gives_the_reference_to_quote(page: Page) -> None:
    request = httpx.Request("GET", f"https://api.mangopay.test/v2.01/shop/payins/{PAYIN}")
    answer = httpx.Response(404, json={"Type": "ressource_not_found", "Id": "ref-404"}, request=request)
    await missing(page, "payin", PAYIN, NotFound.of(answer))
    assert "Reference: ref-404." in page.text


def test_a_switch_leads_to_the_door_and_on_to_where_one_was(services: Services) -> None:
    door = "https://sandbox.example.com/sign-in?environment=sandbox"
    assert f'href="{door}"' in str(switch_link(services, SANDBOX))
    there = str(switch_link(services, SANDBOX, next_url="/search?q=a&b"))
    assert f'href="{door}&amp;next=%2Fsearch%3Fq%3Da%26b"' in there


def test_a_title_reads_well_in_a_sentence() -> None:
    assert in_a_sentence("Pay-in") == "pay-in"
    assert in_a_sentence("FX quote") == "FX quote"
    assert in_a_sentence("Echo intent") == "Echo intent"


async def missing(page: Page, kind: str, object_id: str, error: NotFound | None = None) -> None:
    with page.client:
        await show_miss(page.services, page.actor, page.visit, KINDS[kind], object_id, error)


async def _until(is_so) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110  (it is the loop's turns that are waited for)
            await asyncio.sleep(0)
