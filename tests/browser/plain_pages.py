"""A walk through every plain page, the way a person comes to it."""

import time
from collections.abc import AsyncIterator

import pyotp
from playwright.async_api import Page, StorageState

from models.permissions import Role
from tests.browser.access import PASSWORD
from tests.browser.dashboard import sign_in
from tests.browser.door import choose_password, follow_mailed_link, give_password
from tests.serving import Server

OLIVIA, VICTOR, ALICE = "olivia@example.com", "victor@example.com", "alice@example.com"


async def plain_pages(page: Page, server: Server) -> AsyncIterator[str]:
    """Lead through the plain pages of a dashboard of two environments; yield the name of each while it is open."""
    await sign_in(server, OLIVIA, Role.ADMIN)
    async for name in _before_the_door(page):
        yield name
    async for name in _links(page):
        yield name
    async for name in _second_factor(page):
        yield name
    await _become(page, await sign_in(server, VICTOR, Role.VIEWER))
    await page.goto("/nowhere")
    yield "not-found"
    await page.goto("/settings/team")
    yield "forbidden"


async def _before_the_door(page: Page) -> AsyncIterator[str]:
    await page.goto("/sign-in")
    yield "doors"
    await page.goto("/sign-in?environment=local")
    yield "sign-in"
    await page.get_by_role("button", name="Sign in").click()
    await page.locator(".plain-error").first.wait_for()
    yield "sign-in-empty"
    await give_password(page, OLIVIA, "not her password")
    await page.get_by_role("alert").wait_for()
    yield "sign-in-refused"
    await page.goto("/create-access?environment=local")
    yield "create-access"
    await page.goto("/create-access?environment=sandbox")
    await page.get_by_role("heading", name="cannot send mail").wait_for()
    yield "no-mail"
    await page.goto("/forgotten-password?environment=local")
    yield "forgotten-password"
    await page.get_by_label("E-mail address").fill(OLIVIA)
    await page.get_by_role("button", name="Send me a link").click()
    await page.get_by_role("heading", name="Look into your mail").wait_for()
    yield "look-into-your-mail"


async def _links(page: Page) -> AsyncIterator[str]:
    await page.goto("/link/nobody-knows")
    yield "link-unknown"
    await follow_mailed_link(page, OLIVIA, "Choose a new password")
    await page.go_back()
    yield "local-mail"
    await page.go_forward()
    yield "link"
    await page.get_by_label("New password").fill("Half-way")
    yield "link-while-typing"
    await page.get_by_role("button", name="Set password").click()
    await page.locator(".plain-error").wait_for()
    yield "link-weak-password"
    link = page.url
    await choose_password(page)
    await page.wait_for_function("window.did_handshake")
    await page.goto(link)
    yield "link-used"


async def _second_factor(page: Page) -> AsyncIterator[str]:
    await page.goto("/settings/password")
    yield "change-password"
    await page.goto("/settings/two-factor")
    yield "second-factor-set-up"
    await page.get_by_text("It cannot be scanned?").click()
    yield "second-factor-key"
    totp = pyotp.TOTP((await page.locator(".plain-command").inner_text()).replace(" ", ""))
    await page.get_by_label("Six digits").fill(totp.at(int(time.time())))
    await page.get_by_label("Your password").fill(PASSWORD)
    await page.get_by_role("button", name="Set up").click()
    await page.get_by_role("heading", name="Keep your recovery codes").wait_for()
    yield "recovery-codes"
    await page.goto("/settings/two-factor/remove")
    yield "second-factor-remove"
    await page.goto("/settings/recovery-codes")
    yield "recovery-codes-renew"
    await page.context.clear_cookies()
    await page.goto("/sign-in?environment=local")
    await give_password(page, OLIVIA)
    await page.get_by_label("Six digits").wait_for()
    yield "second-factor"
    await page.get_by_label("Six digits").fill("nonsense")
    await page.get_by_role("button", name="Sign in").click()
    await page.locator(".plain-error").wait_for()
    yield "second-factor-refused"
    await page.get_by_role("link", name="Use a recovery code").click()
    await page.get_by_label("Recovery code").wait_for()
    yield "second-factor-recovery"


async def _become(page: Page, state: StorageState) -> None:
    await page.context.clear_cookies()
    await page.context.add_cookies(state["cookies"])  # type: ignore[arg-type]
