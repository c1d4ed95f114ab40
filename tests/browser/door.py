"""What people do at the door: sign in and out, read the mail that Local keeps, choose a password."""

import asyncio
import re

from playwright.async_api import Locator, Page, StorageState, expect

from tests.browser.access import PASSWORD

SIGN_IN = re.compile(r"/sign-in")
NOBODY: StorageState = {"cookies": [], "origins": []}
# What a page says in the console when it finds its session ended, and what the door answers with 4xx.
SIGNED_OUT = r"WebSocket|400|401"
REFUSED = r"Failed to load resource: the server responded with a status of (4\d\d|503)"
POSTMAN_PATIENCE_S = 10


async def give_password(page: Page, email: str, password: str = PASSWORD) -> None:
    """Fill in the sign-in page that is open, and send it."""
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign in").click()


async def sign_out(page: Page) -> None:
    await page.get_by_role("button", name="Account").click()
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await expect(page).to_have_url(SIGN_IN)


async def follow_mailed_link(page: Page, email: str, subject: str) -> None:
    """Read Local's mail until a letter is there, and follow the link in it."""
    await page.goto("/local-mail")
    letter = letters(page, email, subject).first
    async with asyncio.timeout(POSTMAN_PATIENCE_S):
        while not await letter.is_visible():
            await page.reload()
    await letter.get_by_role("link").click()
    await expect(page).to_have_url(re.compile("/link/"))


def letters(page: Page, email: str, subject: str) -> Locator:
    """The letters to an address on the page of Local's mail, newest first."""
    headed = page.get_by_role("article").filter(has=page.get_by_role("heading", name=subject))
    return headed.filter(has_text=f"To {email} ")


async def choose_password(page: Page, password: str = PASSWORD) -> None:
    """Fill in the page of a link that is open, and send it."""
    await page.get_by_label("New password").fill(password)
    await page.get_by_role("button", name=re.compile("and sign in$")).click()
