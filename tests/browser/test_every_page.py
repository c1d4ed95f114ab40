"""Every page: named for a screen reader, readable, fit for a phone, and kept as pictures for people to look at.

Of objects there is one of each of some kinds. The plain pages are looked at in test_plain_pages.
"""

from itertools import pairwise

import pytest
from playwright.async_api import Page, expect

from tests.browser.accessibility import count, tree, unnamed
from tests.browser.contrast import expect_contrast
from tests.browser.dashboard import PAGES, PHONE, SETTINGS_PAGES, SPILLS, USERS_PAGES, visit
from tests.browser.emulator import LocalMangopay
from tests.browser.pictures import picture_in_every_size
from ui.pages.user import TABS

OF_A_USER = tuple(f"user/{tab}".rstrip("/") for tab in TABS)
OF_OBJECTS = ("payin", "wallet", "refund", "dispute")
WITH_SECTIONS = (*SETTINGS_PAGES, *USERS_PAGES, *OF_A_USER)
WITH_VIEWS = ("/users/kyc-documents", "/users/disputes")
WITH_CRUMBS = (*OF_A_USER, *OF_OBJECTS, "/operations/refund-payin", "/operations/batches")
ONE_OF_EACH = (("heading", 1), ("banner", None), ("main", None))


@pytest.mark.parametrize("name", [*PAGES, *OF_A_USER, *OF_OBJECTS])
async def test_a_page_is_named_readable_and_fits_a_phone(page: Page, local: LocalMangopay, name: str) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await visit(page, name if name.startswith("/") else await address_of(local, name))
    await expect(page.locator(".skeleton:visible")).to_have_count(0)
    await expect(page.locator(".trouble:visible")).to_have_count(0)
    await expect(page.get_by_text("Mangopay does not know")).to_have_count(0)
    await expect_names(page, name)
    await expect_contrast(page)
    await picture_in_every_size(page, name.strip("/").replace("/", "-") or "dashboard")
    await page.set_viewport_size(PHONE)
    assert not await page.evaluate(SPILLS)


async def expect_names(page: Page, name: str) -> None:
    """Expect one title, nested headings, landmarks, and a name for every control."""
    nodes = await tree(page)
    assert unnamed(nodes) == []
    assert [count(nodes, role, level=level) for role, level in ONE_OF_EACH] == [1, 1, 1]
    levels = [node.level or 0 for node in nodes if node.role == "heading"]
    assert levels[0] == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))
    expected = {
        "Menu": True,
        "Breadcrumb": name in WITH_CRUMBS,
        "Sections": name in WITH_SECTIONS,
        "Views": name in WITH_VIEWS,
    }
    names = [node.name for node in nodes if node.role == "navigation"]
    assert names == [name for name, is_there in expected.items() if is_there]
    assert await page.locator("html").get_attribute("lang")


async def address_of(local: LocalMangopay, name: str) -> str:
    """Return where an object of the marketplace is looked at: "user/wallets" are somebody's."""
    payin = await local.card_payin()
    if name in OF_A_USER:
        return f"/users/{payin['AuthorId']}{name.removeprefix('user')}"
    event_types = {"refund": "PAYIN_REFUND_SUCCEEDED", "dispute": "DISPUTE_CREATED"}
    found = {"payin": payin["Id"], "wallet": payin["CreditedWalletId"]}
    if name in event_types:
        [event, *_] = await local.get("/events", EventType=event_types[name])
        found[name] = event["ResourceId"]
    return f"/objects/{name}/{found[name]}"
