"""From the first link to the sign-out, in a dashboard that nobody has an access to yet."""

import re

from playwright.async_api import Page, StorageState, expect

from tests.browser.access import PASSWORD
from tests.browser.dashboard import PAGES, rows, visit, visit_notifications
from tests.browser.watch import NewContext
from tests.serving import Server

SIGN_IN = re.compile(r"/sign-in")
NOBODY: StorageState = {"cookies": [], "origins": []}


async def sign_out(page: Page) -> None:
    await page.get_by_role("button", name="Account").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page).to_have_url(SIGN_IN)


async def test_the_first_link_leads_in_and_a_sign_out_closes_every_page(
    fresh_server: Server, new_context: NewContext
) -> None:
    context = await new_context(base_url=fresh_server.base_url, storage_state=NOBODY)
    page = await context.new_page()
    await page.goto(fresh_server.first_link())
    await page.get_by_label("E-mail").fill("olivia@example.com")
    await page.get_by_label("password", exact=False).first.fill(PASSWORD)
    await page.locator("form button[type=submit]").click()
    await expect(page).to_have_url(f"{fresh_server.base_url}/")
    await visit_notifications(page)
    await expect(rows(page).first).to_be_visible()

    other_tab = await context.new_page()
    await visit(other_tab, "/notifications")
    await expect(rows(other_tab).first).to_be_visible()
    new_context.expect("WebSocket|400|401")
    await sign_out(page)
    await expect(other_tab).to_have_url(SIGN_IN)
    for path in PAGES:
        await page.goto(path)
        await expect(page).to_have_url(SIGN_IN)

    await page.goto("/notifications?duplicates=1")
    await page.get_by_label("E-mail").fill("olivia@example.com")
    await page.get_by_label("password", exact=False).first.fill(PASSWORD)
    await page.locator("form button[type=submit]").click()
    await expect(page).to_have_url(f"{fresh_server.base_url}/notifications?duplicates=1")
