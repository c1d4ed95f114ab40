"""Pictures of pages, for people to look at: tests/browser/screenshots/, which git ignores.

They are taken when PICTURES is set: three hundred of them take a minute.
"""

import os
from pathlib import Path

from playwright.async_api import Page

from tests.browser.dashboard import SCHEMES

SCREENSHOTS = Path(__file__).parent / "screenshots"
SIZES = {1440: 900, 390: 844}


async def picture_in_every_size(page: Page, name: str) -> None:
    """Keep how a page looks in light and in dark, on a wide screen and on a phone, if pictures are wanted."""
    if not os.environ.get("PICTURES"):
        return
    for width, height in SIZES.items():
        await page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            # A page of NiceGUI's hears of it by script; a plain page does so by itself.
            await page.locator(f"body.body--{scheme}, body.plain").wait_for()
            await page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png")
