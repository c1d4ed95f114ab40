"""What stands beside the list: hooks and feeds. And what no page ever shows: the receiver's secret address."""

import httpx
import pytest
from playwright.async_api import Page, WebSocket, expect

from services.settings import LOCAL_API_KEY, LOCAL_CLIENT_ID
from tests.browser.dashboard import PAGES, Mangopay, row_of, sheet, visit, visit_notifications
from tests.serving import Server

LEADING_ELSEWHERE = "DISPUTE_SENT_TO_BANK"
SECRET_OF_BOBS = "bobs-own-secret"


@pytest.fixture
def hook_to_bob(server: Server) -> None:
    """A hook that leads to a program of Bob's, whose address holds a secret."""
    url = f"{server.base_url}/emulator/v2.01/{LOCAL_CLIENT_ID}/hooks"
    hook = {"EventType": LEADING_ELSEWHERE, "Url": f"https://bob.example/hook?key={SECRET_OF_BOBS}"}
    httpx.post(url, json=hook, auth=(LOCAL_CLIENT_ID, LOCAL_API_KEY))


async def test_hooks_are_listed_and_those_that_lead_here_are_told_apart(page: Page, hook_to_bob: None) -> None:
    await visit_notifications(page)
    panel = page.get_by_role("region", name="Hooks")
    here = panel.locator(".hook", has_text="This dashboard")
    elsewhere = panel.locator(".hook", has_text=LEADING_ELSEWHERE)
    await expect(elsewhere).to_contain_text("bob.example/hook")
    await expect(elsewhere.get_by_text("This dashboard")).to_have_count(0)
    await expect(here.filter(has_text="PAYIN_NORMAL_SUCCEEDED")).to_be_visible()
    assert await here.count() > 10
    await expect(panel.get_by_role("status").first).to_be_visible()
    await panel.get_by_role("button", name="Reload").click()
    await expect(elsewhere).to_be_visible()


async def test_no_page_ever_holds_the_secret_of_a_receiver(
    page: Page, server: Server, mangopay: Mangopay, hook_to_bob: None
) -> None:
    told: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: told.append(str(frame)))

    page.on("websocket", listen)
    await mangopay.tell("payin_m_secret")
    for path in PAGES:
        await visit_notifications(page) if path == "/notifications" else await visit(page, path)
        await expect(page.locator(".skeleton:visible")).to_have_count(0)
        told.append(await page.content())
    await visit_notifications(page, resource="payin_m_secret")
    await row_of(page, "payin_m_secret").click()
    await expect(sheet(page).locator("pre")).to_be_visible()
    told.append(await page.content())
    page.remove_listener("websocket", listen)
    everything = "".join(told)
    assert "payin_m_secret" in everything
    assert server.hook_path().rpartition("/")[2] not in everything
    assert LOCAL_API_KEY not in everything
    assert SECRET_OF_BOBS not in everything
