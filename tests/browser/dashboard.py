"""What people do with the dashboard, and what Mangopay does to it."""

import asyncio
import re
import time
from dataclasses import dataclass
from typing import Literal

import httpx
from playwright.async_api import Locator, Page, StorageState, ViewportSize, expect

from models.permissions import Role
from tests.browser.access import sign_up
from tests.serving import Server

SETTINGS_PAGES = ("/settings", "/settings/api", "/settings/team", "/settings/audit")
USERS_PAGES = (
    "/users",
    "/users/transactions",
    "/users/kyc-documents",
    "/users/disputes",
    "/users/mandates",
    "/users/platform-wallets",
    "/users/events",
)
OPERATIONS_PAGES = ("/operations", "/operations/payin", "/operations/refund-payin", "/operations/batches")
PAGES = ("/", *USERS_PAGES, "/search", *OPERATIONS_PAGES, "/notifications", "/api-status", *SETTINGS_PAGES)
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
ROW = "[data-id]"
PHONE: ViewportSize = {"width": 390, "height": 844}
SPILLS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@dataclass(frozen=True, slots=True)
class Mangopay:
    """Tells the dashboard's receiver of events."""

    http: httpx.AsyncClient
    hook_url: str

    async def tell(
        self, resource_id: str, *, event_type: str = "PAYIN_NORMAL_SUCCEEDED", date: int | None = None
    ) -> None:
        hit = {"EventType": event_type, "RessourceId": resource_id, "Date": str(date or int(time.time()))}
        answer = await self.http.get(self.hook_url, params=hit)
        assert answer.status_code == 200

    async def tell_many(self, resource_ids: list[str], *, event_type: str) -> None:
        await asyncio.gather(*(self.tell(resource_id, event_type=event_type) for resource_id in resource_ids))


async def sign_in(server: Server, email: str, role: Role = Role.OPERATOR) -> StorageState:
    """Create an access and return what a browser keeps of its session."""
    name, value = await sign_up(server, email, role)
    cookie = {"name": name, "value": value, "domain": "localhost", "path": "/", "httpOnly": True, "sameSite": "Lax"}
    return {"cookies": [cookie], "origins": []}  # type: ignore[list-item]


async def visit(page: Page, path: str) -> None:
    """Open a page and wait until it can be used."""
    answer = await page.goto(path)
    assert answer is not None
    assert answer.status == 200
    await page.wait_for_function("window.did_handshake")


async def visit_notifications(page: Page, **query: str) -> None:
    """Open the list of notifications, filtered by a query, and wait until it is all there."""
    await visit(page, f"/notifications?{httpx.QueryParams(query)}")
    await expect(page.locator(".skeleton:visible")).to_have_count(0)


def search_box(page: Page) -> Locator:
    """The search at the top of every page."""
    return page.get_by_role("combobox", name="Search by id, name or e-mail")


def row_of(page: Page, resource_id: str) -> Locator:
    return page.locator(ROW).filter(has=page.get_by_title(resource_id, exact=True))


def rows(page: Page) -> Locator:
    return page.locator(ROW)


async def row_ids(page: Page) -> list[str]:
    """Return the ids of the rows shown, from the top."""
    ids: list[str] = await rows(page).evaluate_all("rows => rows.map(row => row.dataset.id)")
    return ids


def sheet(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Notification")


def news(page: Page) -> Locator:
    """The button that says how many new rows wait to be shown."""
    return page.get_by_role("button", name=re.compile(r"\d+\+? new"))
