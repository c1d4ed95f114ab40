"""What a screen reader is told: names, landmarks, headings."""

from itertools import pairwise

from playwright.async_api import Page, expect

from tests.browser.accessibility import count, tree, unnamed
from tests.browser.dashboard import (
    PAGES,
    SETTINGS_PAGES,
    USERS_PAGES,
    Mangopay,
    row_of,
    sheet,
    visit,
    visit_notifications,
)
from tests.browser.team import answer, choose_act, question, visit_team

HOLDS_FOCUS = "document.activeElement === document.body || document.activeElement.closest('[role=dialog]') !== null"
OLIVIA = "olivia@example.com"
SECTIONED = (*SETTINGS_PAGES, *USERS_PAGES)
WITH_VIEWS = ("/users/kyc-documents", "/users/disputes")
ONE_OF_EACH = (("heading", 1), ("banner", None), ("main", None))


async def test_every_page_has_one_title_nested_headings_landmarks_and_a_name_for_every_control(page: Page) -> None:
    for path in PAGES:
        await visit(page, path)
        await expect(page.locator(".skeleton:visible")).to_have_count(0)
        nodes = await tree(page)
        assert unnamed(nodes) == [], path
        assert [count(nodes, role, level=level) for role, level in ONE_OF_EACH] == [1, 1, 1], path
        levels = [node.level or 0 for node in nodes if node.role == "heading"]
        assert levels[0] == 1, path
        assert all(below <= above + 1 for above, below in pairwise(levels)), path
        names = [node.name for node in nodes if node.role == "navigation"]
        expected = {"Menu": True, "Sections": path in SECTIONED, "Views": path in WITH_VIEWS}
        assert names == [name for name, is_there in expected.items() if is_there], path
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


async def test_a_question_is_a_named_dialog_that_takes_the_focus_and_gives_it_back(page: Page) -> None:
    await visit_team(page)
    await choose_act(page, OLIVIA, "Remove")
    await expect(question(page)).to_have_accessible_name(f"Remove {OLIVIA}?")
    assert unnamed(await tree(page)) == []
    await expect(question(page).locator(":focus")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(question(page)).to_have_count(0)
    await choose_act(page, OLIVIA, "Change role")
    await expect(question(page)).to_have_accessible_name("Change role")
    assert unnamed(await tree(page)) == []
    await answer(page, "Cancel")


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
