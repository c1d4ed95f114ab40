"""What opens over a page as people see it, kept for them to look at."""

from playwright.async_api import Page, expect

from tests.browser.dashboard import rows, sheet, visit_notifications
from tests.browser.pictures import picture_in_every_size
from tests.browser.team import choose_act, question, visit_team


async def test_what_opens_over_a_page_can_be_pictured(page: Page) -> None:
    await visit_notifications(page, type="TRANSFER_NORMAL_SUCCEEDED")
    await rows(page).last.click()
    await expect(sheet(page).locator(".skeleton:visible")).to_have_count(0)
    await expect(sheet(page).locator("dl")).to_have_count(2)
    await picture_in_every_size(page, "sheet")
    await open_question(page)
    await picture_in_every_size(page, "question")


async def open_question(page: Page) -> None:
    await visit_team(page)
    await choose_act(page, "olivia@example.com", "Remove")
    await expect(question(page)).to_be_visible()
