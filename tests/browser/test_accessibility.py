"""What a screen reader is told of what opens over a page, and of what changes on it."""

from playwright.async_api import Page, expect

from tests.browser.accessibility import tree, unnamed
from tests.browser.dashboard import (
    Mangopay,
    row_of,
    sheet,
    visit,
    visit_notifications,
)
from tests.browser.team import answer, choose_act, question, visit_team

HOLDS_FOCUS = "document.activeElement === document.body || document.activeElement.closest('[role=dialog]') !== null"
OLIVIA = "olivia@example.com"


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
