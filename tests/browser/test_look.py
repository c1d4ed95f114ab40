"""Narrow and wide, light and dark."""

from playwright.async_api import Locator, Page, expect

from tests.browser.contrast import expect_contrast, expect_lightness
from tests.browser.dashboard import (
    PHONE,
    SPILLS,
    Mangopay,
    row_of,
    sheet,
    sign_in,
    visit,
    visit_notifications,
)
from tests.browser.team import choose_act, question, visit_team
from tests.browser.watch import NewContext
from tests.serving import Server


async def test_on_a_phone_nothing_that_is_long_makes_a_page_scroll_sideways(page: Page, mangopay: Mangopay) -> None:
    await mangopay.tell("x" * 128, event_type="E" * 100)
    await page.set_viewport_size(PHONE)
    await visit_notifications(page, resource="x" * 128)
    assert not await page.evaluate(SPILLS)
    await row_of(page, "x" * 128).click()
    await expect(sheet(page).locator("pre")).to_be_visible()
    assert not await page.evaluate(SPILLS)
    assert await sheet(page).locator(".sheet").evaluate("sheet => sheet.scrollWidth <= innerWidth")
    await visit_team(page)
    await choose_act(page, "olivia@example.com", "Remove")
    await expect(question(page)).to_be_visible()
    assert not await page.evaluate(SPILLS)
    assert await question(page).locator(".question").evaluate("question => question.scrollWidth <= innerWidth")


async def test_on_a_phone_the_menu_is_a_drawer(page: Page) -> None:
    await page.set_viewport_size(PHONE)
    await visit(page, "/")
    menu = page.get_by_role("navigation", name="Menu")
    await expect(menu).to_be_hidden()
    await page.get_by_role("button", name="Menu").click()
    await expect(menu).to_be_in_viewport()
    await page.mouse.click(PHONE["width"] - 10, PHONE["height"] / 2)
    await expect(menu).to_be_hidden()
    await page.get_by_role("button", name="Menu").click()
    await menu.get_by_role("link", name="Users").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Users")


async def test_on_a_wide_screen_the_menu_folds_to_icons_and_stays_so(page: Page) -> None:
    await visit(page, "/users")
    menu = page.get_by_role("navigation", name="Menu")
    await expect(menu.get_by_role("link")).to_have_count(6)
    await expect(menu.locator("[aria-current=page]")).to_have_attribute("href", "/users")
    unfolded = await width_of(menu)
    await page.get_by_role("button", name="Menu", exact=True).click()
    assert await width_of(menu) < unfolded / 2
    await menu.get_by_role("link", name="Operations").click()
    await expect(menu.locator("[aria-current=page]")).to_have_attribute("href", "/operations")
    assert await width_of(menu) < unfolded / 2


async def test_light_or_dark_follows_the_system_until_a_person_chooses(new_context: NewContext, server: Server) -> None:
    victor = await sign_in(server, "victor@example.com")
    page = await (await new_context(storage_state=victor, color_scheme="dark")).new_page()
    await visit(page, "/")
    await expect_lightness(page, "dark")
    await page.emulate_media(color_scheme="light")
    await expect_lightness(page, "light")
    await page.get_by_role("button", name="Account").click()
    await page.get_by_role("menu").get_by_text("Dark", exact=True).click()
    await expect_lightness(page, "dark")
    await visit(page, "/notifications")
    await expect_lightness(page, "dark")


async def test_every_text_in_what_opens_stands_out_from_what_is_behind_it(page: Page, mangopay: Mangopay) -> None:
    for _ in range(2):
        await mangopay.tell("payin_m_contrast", event_type="PAYIN_NORMAL_FAILED", date=1_790_000_004)
    await visit_notifications(page, resource="payin_m_contrast")
    await expect_contrast(page)
    await row_of(page, "payin_m_contrast").click()
    await expect(sheet(page).get_by_role("alert")).to_be_visible()
    await expect_contrast(page, within="[role=dialog]")
    await visit_team(page)
    await choose_act(page, "olivia@example.com", "Remove")
    await expect(question(page)).to_be_visible()
    await expect_contrast(page, within="[role=dialog]")


async def width_of(locator: Locator) -> float:
    box = await locator.bounding_box()
    assert box
    return box["width"]
