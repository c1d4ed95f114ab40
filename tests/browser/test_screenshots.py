"""Every page as people see it, kept for them to look at. The plain pages are pictured in test_plain_pages."""

from playwright.async_api import Page, expect

from tests.browser.dashboard import PAGES, rows, sheet, visit, visit_notifications
from tests.browser.pictures import picture_in_every_size
from tests.browser.team import choose_act, question, visit_team
from tests.browser.watch import NewContext


async def test_every_page_can_be_pictured(new_context: NewContext) -> None:
    page = await (await new_context(reduced_motion="reduce")).new_page()
    for path in PAGES:
        await visit(page, path)
        await expect(page.locator(".skeleton:visible")).to_have_count(0)
        await picture_in_every_size(page, path.strip("/").replace("/", "-") or "dashboard")
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
