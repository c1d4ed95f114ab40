"""What a screen reader is told: names, landmarks, headings. Read from Chromium's own accessibility tree."""

from dataclasses import dataclass
from itertools import pairwise

from playwright.async_api import Page, expect

from tests.browser.dashboard import PAGES, Mangopay, row_of, sheet, visit, visit_notifications

HOLDS_FOCUS = "document.activeElement === document.body || document.activeElement.closest('[role=dialog]') !== null"
ONE_OF_EACH = (("heading", 1), ("banner", None), ("navigation", None), ("main", None))
CONTROLS = {"button", "link", "textbox", "searchbox", "combobox", "checkbox", "menuitem", "dialog", "region", "option"}


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the tree."""

    role: str
    name: str
    level: int | None


async def tree(page: Page) -> list[Node]:
    session = await page.context.new_cdp_session(page)
    nodes = (await session.send("Accessibility.getFullAXTree"))["nodes"]
    return [
        Node(
            node["role"]["value"],
            node.get("name", {}).get("value", ""),
            next((known["value"]["value"] for known in node.get("properties", []) if known["name"] == "level"), None),
        )
        for node in nodes
        if not node["ignored"]
    ]


def unnamed(nodes: list[Node]) -> list[Node]:
    return [node for node in nodes if node.role in CONTROLS and not node.name.strip()]


async def test_every_page_has_one_title_its_landmarks_and_a_name_for_every_control(page: Page) -> None:
    for path in PAGES:
        await visit(page, path)
        await expect(page.locator(".skeleton:visible")).to_have_count(0)
        nodes = await tree(page)
        assert unnamed(nodes) == [], path
        roles = [(node.role, node.level) for node in nodes]
        found = {role: roles.count(role) for role in ONE_OF_EACH}
        assert found == dict.fromkeys(ONE_OF_EACH, 1), path
        assert await page.locator("html").get_attribute("lang")


async def test_what_opens_over_a_page_is_named(page: Page) -> None:
    await visit(page, "/users")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert unnamed(await tree(page)) == []
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await page.get_by_role("button", name="Account").click()
    await expect(page.get_by_role("menu")).to_be_visible()
    assert unnamed(await tree(page)) == []


async def test_headings_nest(page: Page) -> None:
    await visit(page, "/notifications")
    await expect(page.get_by_role("article").first).to_be_visible()
    levels = [node.level or 0 for node in await tree(page) if node.role == "heading"]
    assert levels[0] == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


async def test_an_open_notification_is_a_named_dialog_that_holds_the_focus(page: Page, mangopay: Mangopay) -> None:
    await mangopay.tell("payin_m_dialog")
    await visit_notifications(page, resource="payin_m_dialog")
    await row_of(page, "payin_m_dialog").click()
    await expect(sheet(page).locator("pre")).to_be_visible()
    assert unnamed(await tree(page)) == []
    await expect(sheet(page).locator(":focus")).to_have_count(1)
    for _ in range(12):
        await page.keyboard.press("Tab")
        # After the last control the browser's own buttons have their turn, and nothing of the page.
        assert await page.evaluate(HOLDS_FOCUS), await page.evaluate("document.activeElement.outerHTML")
