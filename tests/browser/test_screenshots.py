"""Pictures of every page, for people to look at: tests/browser/screenshots/, which git ignores."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import expect

from tests.browser.dashboard import PAGES, rows, sheet, visit, visit_notifications
from tests.browser.watch import NewContext

SCREENSHOTS = Path(__file__).parent / "screenshots"
SIZES = {1440: 900, 390: 844}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
async def test_every_page_can_be_pictured(
    new_context: NewContext, scheme: Literal["light", "dark"], width: int
) -> None:
    context = await new_context(
        color_scheme=scheme, reduced_motion="reduce", viewport={"width": width, "height": SIZES[width]}
    )
    page = await context.new_page()
    for path in PAGES:
        await visit(page, path)
        await expect(page.locator(".skeleton:visible")).to_have_count(0)
        name = path.strip("/") or "dashboard"
        await page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png")
    await visit_notifications(page, type="TRANSFER_NORMAL_SUCCEEDED")
    await rows(page).last.click()
    await expect(sheet(page).locator(".skeleton:visible")).to_have_count(0)
    await expect(sheet(page).locator("dl")).to_have_count(2)
    await page.screenshot(path=SCREENSHOTS / f"sheet-{width}-{scheme}.png")
