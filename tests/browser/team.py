"""What an admin does on the page of the team."""

from playwright.async_api import Locator, Page, expect

from tests.browser.dashboard import visit

TEAM = "/settings/team"


async def visit_team(page: Page) -> None:
    """Open the page and wait until its members are there."""
    await visit(page, TEAM)
    await expect(members(page).locator(".skeleton")).to_have_count(0)


def members(page: Page) -> Locator:
    return page.get_by_role("region", name="Members")


def member(page: Page, email: str) -> Locator:
    return members(page).locator(".member").filter(has=page.get_by_text(email, exact=True))


async def choose_act(page: Page, email: str, act: str) -> None:
    """Choose what is to be done to a member, from the menu of their line."""
    await page.get_by_role("button", name=f"Change {email}").click()
    await page.get_by_role("menu").get_by_role("button", name=act, exact=True).click()


def question(page: Page) -> Locator:
    return page.get_by_role("dialog")


async def answer(page: Page, way: str) -> None:
    """Answer the question that is open, and wait until it is gone."""
    await question(page).get_by_role("button", name=way, exact=True).click()
    await expect(question(page)).to_have_count(0)


async def give_role(page: Page, email: str, role: str) -> None:
    """Change a member's role."""
    await choose_act(page, email, "Change role")
    await question(page).get_by_role("combobox", name="Role").click()
    await page.get_by_role("option", name=role, exact=True).click()
    await answer(page, "Change role")


def told(page: Page, sentence: str) -> Locator:
    """What is said in passing at the foot of the page."""
    return page.locator(".q-notification").filter(has_text=sentence)
