"""From a pasted id to its page: for every kind of id that tells its kind, and for those that do not."""

from collections.abc import AsyncIterator, Mapping
from itertools import cycle

import httpx
import pytest_asyncio
from playwright.async_api import Page, expect

from models.environment import Environment
from models.objects.kinds import KINDS, Kind, href, kind_of_id
from services.mangopay.client import MangopayClient
from tests.browser.dashboard import search_box, visit
from tests.browser.emulator import KEY, LocalMangopay
from tests.services.emulator.marketplace import Marketplace
from tests.services.objects.everything import read_all
from tests.serving import Server

# Of a card that nobody else has.
NUMBER = "4012888888881881"
# As people come by an id.
PASTED = (
    "{}",
    "  “{}”  ",
    "https://api.sandbox.mangopay.com/v2.01/shop/things/{}?Status=FAILED",
    "2026-11-20 10:41:07 ERROR no answer for {}, giving up",
    "RessourceId={}&EventType=PAYIN_NORMAL_SUCCEEDED&Date=1795790000",
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def market(server: Server) -> AsyncIterator[Marketplace]:
    base_url = f"{server.base_url}/emulator"
    async with (
        httpx.AsyncClient(base_url=base_url, auth=KEY, verify=False) as http,
        httpx.AsyncClient(base_url=base_url, verify=False) as browser,
    ):
        yield Marketplace(http, browser)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ids(server: Server, market: Marketplace) -> Mapping[str, str]:
    """An id of each kind, by its name."""
    client = MangopayClient(
        Environment.LOCAL,
        base_url=f"{server.base_url}/emulator",
        client_id=KEY[0],
        api_key=KEY[1],
        transport=httpx.AsyncHTTPTransport(verify=False),
    )
    found = await read_all(market, client, narrows=False)
    await client.aclose()
    by_kind = {name: [str(content["Id"]) for content in objects.values()] for name, objects in found.objects.items()}
    return {name: id_ for name, ids in by_kind.items() for id_ in ids if kind_of_id(id_) is KINDS[name]}


async def test_a_pasted_id_leads_to_its_page_from_wherever_one_is(page: Page, ids: Mapping[str, str]) -> None:
    """Of each kind whose ids tell it; from each page on to the next."""
    await visit(page, "/api-status")
    for kind, pasted in zip((kind for kind in KINDS.values() if kind.prefixes), cycle(PASTED), strict=False):
        await search_box(page).fill(pasted.format(ids[kind.name]))
        await page.keyboard.press("Enter")
        await expect_page_of(page, kind, ids[kind.name])


async def expect_page_of(page: Page, kind: Kind, object_id: str) -> None:
    await expect(page).to_have_url(href(kind, object_id))
    head = page.locator(".object-head")
    # While it is looked for, the page has what its address tells; where nothing is, it has no such line after that.
    await expect(head.locator(".skeleton")).to_have_count(0)
    await expect(head.locator(".eyebrow")).to_contain_text(kind.title)
    await expect(head.locator(".object-id")).to_contain_text(object_id[-6:])
    await expect(page.locator(".trouble:visible")).to_have_count(0)


async def test_a_fingerprint_leads_to_its_card(page: Page, market: Marketplace) -> None:
    card = await market.card(await market.payer(), NUMBER)
    await visit(page, "/")
    await search_box(page).fill(card["Fingerprint"])
    await page.keyboard.press("Enter")
    await expect_page_of(page, KINDS["card"], card["Id"])


async def test_an_idempotency_key_leads_to_what_was_created_with_it(page: Page, local: LocalMangopay) -> None:
    owner = await local.named("Atelier Bob")
    key, body = "0b9dd1f1-4a3c-4c53-9f0e-5a9d3a5d7f10", {"Owners": [owner], "Currency": "EUR", "Description": "Key"}
    answer = await local.api.post("/wallets", json=body, headers={"Idempotency-Key": key})
    assert answer.is_success, answer.text
    await visit(page, "/")
    await search_box(page).fill(key)
    await page.keyboard.press("Enter")
    await expect_page_of(page, KINDS["wallet"], answer.json()["Id"])
