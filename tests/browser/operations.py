"""What people do on the pages of operations, and the world that they do it in: users of their own, whom nobody else
pays or is paid by.
"""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
from playwright.async_api import Locator, Page, expect

from tests.browser.dashboard import visit
from tests.browser.emulator import KEY
from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import Json, Marketplace
from tests.services.operations.scenes import World
from tests.serving import Server

WHY = "The parcel never arrived"
# What is asked about a pay-in of 12.60 EUR by Alice, with fees of 0.60 EUR.
SENTENCE = "Refund 12.60 EUR to Alice Martin, card …1119"
ACT = "Refund 12.60 EUR"


@asynccontextmanager
async def world_of(server: Server) -> AsyncIterator[World]:
    base_url = f"{server.base_url}/emulator"
    async with (
        httpx.AsyncClient(base_url=base_url, auth=KEY, verify=False) as http,
        httpx.AsyncClient(base_url=base_url, verify=False) as browser,
    ):
        yield World(Marketplace(http, browser), Controls(browser, "/_control"))


async def refunds_of(world: World, payin: Json) -> list[Json]:
    """Return the refunds of a pay-in, those that failed included."""
    found: list[Json] = (await world.market.get(f"/payins/{payin['Id']}/refunds")).json()
    return found


async def visit_form(page: Page, kind: str, values: Mapping[str, str] | None = None) -> str:
    """Open the form of a new operation, filled in by a link; return the operation's id."""
    query = f"?{urlencode(values)}" if values else ""
    await visit(page, f"/operations/{kind}{query}")
    await until_looked_at(page)
    return operation_id(page)


async def visit_refund(page: Page, payin: Json) -> str:
    """Open the form of a refund, and wait until it is filled in as far as it can be."""
    asked = await visit_form(page, "refund-payin", {"PayInId": payin["Id"]})
    # Above the limit it is only asked for.
    await expect(submit_button(page)).to_have_text(re.compile(f"^({ACT}|Ask to r{ACT[1:]})$"))
    return asked


def operation_id(page: Page) -> str:
    """Return the id of the operation that a page shows: it is the end of its address."""
    found = re.search(r"/operations/[a-z-]+/([^/?#]+)$", page.url)
    assert found, page.url
    return found[1]


async def until_looked_at(page: Page) -> None:
    """Wait until the form has said what is filled in."""
    await expect(preflight(page)).to_be_visible()
    await expect(preflight(page).locator(".skeleton")).to_have_count(0)


def field(page: Page, label: str) -> Locator:
    """A field by its label, which may go on with "(optional)" and the currency behind the value."""
    name = re.compile(rf"^{re.escape(label)}( \(optional\))?( [A-Z]{{3}})?$")
    return page.get_by_role("region", name="Fields").get_by_role("textbox", name=name)


def beside(control: Locator) -> Locator:
    """What is said to be wrong beside a field."""
    return control.locator("xpath=ancestor::div[contains(@class, 'form-field')]").get_by_role("alert")


def told(control: Locator) -> Locator:
    """What is said below a field: what its id stands for, or how its amount was read."""
    whole = "xpath=ancestor::div[contains(@class, 'form-field')]/following-sibling::*[contains(@class, 'told')][1]"
    return control.locator(whole)


def preflight(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Before it is sent")


def notice(page: Page) -> Locator:
    """What is said above the fields."""
    return page.locator(".operation-notice")


def submit_button(page: Page) -> Locator:
    return page.locator("form button[type=submit]")


def question(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Confirm")


async def ask(page: Page, why: str = WHY) -> Locator:
    """Give a reason and ask for it; return the question that comes."""
    await field(page, "Reason").fill(why)
    await submit_button(page).click()
    await expect(question(page)).to_be_visible()
    return question(page)


def yes(page: Page) -> Locator:
    """The button that has it done."""
    return question(page).locator(".money-button")


async def ask_and_confirm(page: Page, why: str = WHY) -> None:
    await ask(page, why)
    await yes(page).click()


def said(page: Page, text: str) -> Locator:
    """What the page says has become of an operation."""
    return page.locator(".operation-said").filter(has_text=text).first


async def expect_said(page: Page, text: str, *, within_s: float = 10) -> None:
    await expect(said(page, text)).to_be_visible(timeout=within_s * 1000)


def journal(page: Page) -> Locator:
    return page.get_by_role("table", name="Journal")


def journal_row(page: Page, asked: str) -> Locator:
    """The row of an operation in the journal."""
    return page.locator(f'.list-row[data-href$="/{asked}"]')


def on_path(path: str, **rule: Any) -> Json:
    """Return a fault of the next call with POST to a path."""
    return {"Method": "POST", "Times": 1, "Path": path.lower(), **rule}


def of_refunding(payin: Json, **rule: Any) -> Json:
    """Return a fault of the next call that would refund a pay-in."""
    return on_path(f"/payins/{payin['Id']}/refunds", **rule)
