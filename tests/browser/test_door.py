"""From no access at all into the dashboard, out of it, and back in after losing password and authenticator."""

import time
from pathlib import Path

import pyotp
from playwright.async_api import Page, expect

from tests.browser.access import PASSWORD
from tests.browser.dashboard import PAGES, rows, sign_in, visit, visit_notifications
from tests.browser.door import (
    NOBODY,
    REFUSED,
    SIGN_IN,
    SIGNED_OUT,
    choose_password,
    follow_mailed_link,
    give_password,
    sign_out,
)
from tests.browser.watch import NewContext
from tests.serving import Server

OLIVIA = "olivia@example.com"
NEW_PASSWORD = "Another-staple-8-engine"


async def test_from_no_access_to_two_factors_and_back_in_after_losing_both(
    fresh_server: Server, new_context: NewContext
) -> None:
    new_context.expect(REFUSED)
    page = await (await new_context(base_url=fresh_server.base_url, storage_state=NOBODY)).new_page()
    await create_first_access(page)
    totp, used, recovery_codes = await set_up_second_factor(page)

    await sign_out(page)
    await give_password(page, OLIVIA)
    await give_code(page, used)
    await expect(page.locator(".plain-error")).to_contain_text("was used before")
    # The server takes the code of the next half minute, too.
    await give_code(page, totp.at(time.time(), counter_offset=1))
    await expect(page).to_have_url(f"{fresh_server.base_url}/")

    await sign_out(page)
    await page.get_by_role("link", name="Forgotten password").click()
    await page.get_by_label("E-mail address").fill(OLIVIA)
    await page.get_by_role("button", name="Send me a link").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    await follow_mailed_link(page, OLIVIA, "Choose a new password")
    await choose_password(page, NEW_PASSWORD)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Second factor: Local")
    await page.get_by_role("link", name="Use a recovery code").click()
    await page.get_by_label("Recovery code").fill(recovery_codes[0].lower())
    await page.get_by_role("button", name="Sign in").click()
    await expect(page).to_have_url(f"{fresh_server.base_url}/settings?password_changed")
    await expect(page.get_by_text("9 recovery codes left")).to_be_visible()


async def create_first_access(page: Page) -> None:
    """Ask for an access by mail, as whoever comes first, and come in as an admin."""
    await page.goto("/")
    await page.get_by_role("link", name="Create an access").click()
    await page.get_by_label("ClientId").fill("local")
    await page.get_by_label("E-mail address").fill(OLIVIA)
    await page.get_by_role("button", name="Send me a link").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    await page.get_by_role("link", name="Open Local mail").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Local mail")
    await follow_mailed_link(page, OLIVIA, "Your access to the Mangopay Dashboard")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Create your access: Local")

    met = page.locator(".plain-rule li[data-met=yes]")
    for typed, lines in (("short", 2), (PASSWORD[:12], 5), (PASSWORD, 6), ("", 0)):
        await page.get_by_label("New password").fill(typed)
        await expect(met).to_have_count(lines)
    await choose_password(page)
    await page.get_by_role("button", name="Account").click()
    await expect(page.get_by_role("menu")).to_contain_text("Admin in Local")
    await page.keyboard.press("Escape")


async def set_up_second_factor(page: Page) -> tuple[pyotp.TOTP, str, list[str]]:
    """Set one up in Settings; return what the authenticator app has by then, its code that was used, and the recovery
    codes.
    """
    await page.get_by_role("link", name="Settings").click()
    await page.get_by_role("link", name="Set up a second factor").click()
    await page.get_by_text("It cannot be scanned?").click()
    totp = pyotp.TOTP((await page.locator(".plain-command").inner_text()).replace(" ", ""))
    used = totp.at(time.time())
    await page.get_by_label("Six digits").fill(used)
    await page.get_by_label("Your password").fill(PASSWORD)
    await page.get_by_role("button", name="Set up").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Keep your recovery codes")
    codes = (await page.locator("#codes").inner_text()).split()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download").click()
    assert Path(await (await download.value).path()).read_text().split() == codes
    await page.get_by_role("link", name="I have kept them").click()
    await expect(page.get_by_text("10 recovery codes left")).to_be_visible()
    return totp, used, codes


async def give_code(page: Page, code: str) -> None:
    await page.get_by_label("Six digits").fill(code)
    await page.get_by_role("button", name="Sign in").click()


async def test_a_sign_out_everywhere_closes_the_pages_of_every_browser(server: Server, new_context: NewContext) -> None:
    email = "everywhere@example.com"
    here = await (await new_context(storage_state=await sign_in(server, email))).new_page()
    there = await (await new_context(storage_state=NOBODY)).new_page()
    await there.goto("/notifications")
    await give_password(there, email)
    await expect(rows(there).first).to_be_visible()
    await visit(here, "/settings")
    new_context.expect(SIGNED_OUT)
    await here.get_by_role("button", name="Sign out everywhere").click()
    await expect(here.get_by_role("status")).to_contain_text("You are signed out everywhere")
    await expect(there).to_have_url(SIGN_IN)
    await expect_closed(there)


async def test_the_first_link_leads_in_and_a_sign_out_closes_every_page(
    fresh_server: Server, new_context: NewContext
) -> None:
    context = await new_context(base_url=fresh_server.base_url, storage_state=NOBODY)
    page = await context.new_page()
    await page.goto(fresh_server.first_link())
    await page.get_by_label("E-mail").fill(OLIVIA)
    await choose_password(page)
    await expect(page).to_have_url(f"{fresh_server.base_url}/")
    await visit_notifications(page)
    await expect(rows(page).first).to_be_visible()

    other_tab = await context.new_page()
    await visit(other_tab, "/notifications")
    await expect(rows(other_tab).first).to_be_visible()
    new_context.expect(SIGNED_OUT)
    await sign_out(page)
    await expect(other_tab).to_have_url(SIGN_IN)
    await expect_closed(page)

    await page.goto("/notifications?duplicates=1")
    await give_password(page, OLIVIA)
    await expect(page).to_have_url(f"{fresh_server.base_url}/notifications?duplicates=1")


async def expect_closed(page: Page) -> None:
    """Whatever page a browser asks for, it is led to the sign-in."""
    for path in PAGES:
        answer = await page.request.get(path, max_redirects=0)
        assert answer.status == 303
        assert SIGN_IN.search(answer.headers["location"])
