"""Pictures of every page, for people to look at: tests/browser/screenshots/, which git ignores."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.dashboard import PAGES, SCHEMES, rows, sheet, visit, visit_notifications
from tests.browser.watch import NewContext

SCREENSHOTS = Path(__file__).parent / "screenshots"
SIZES = {1440: 900, 390: 844}


@pytest.mark.parametrize("width", SIZES)
async def test_every_page_can_be_pictured(new_context: NewContext, width: int) -> None:
    context = await new_context(reduced_motion="reduce", viewport={"width": width, "height": SIZES[width]})
    page = await context.new_page()
    for path in PAGES:
        await visit(page, path)
        await expect(page.locator(".skeleton:visible")).to_have_count(0)
        await picture(page, f"{path.strip('/') or 'dashboard'}-{width}")
    await visit_notifications(page, type="TRANSFER_NORMAL_SUCCEEDED")
    await rows(page).last.click()
    await expect(sheet(page).locator(".skeleton:visible")).to_have_count(0)
    await expect(sheet(page).locator("dl")).to_have_count(2)
    await picture(page, f"sheet-{width}")


async def picture(page: Page, name: str) -> None:
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        await expect(page.locator(f"body.body--{scheme}")).to_be_visible()
        await page.screenshot(path=SCREENSHOTS / f"{name}-{scheme}.png")
