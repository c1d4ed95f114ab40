"""Everything within reach of the keyboard."""

import re

from playwright.async_api import Page, expect

from tests.browser.dashboard import Mangopay, row_of, rows, search_box, sheet, visit, visit_notifications


async def test_a_slash_goes_to_the_search_from_every_page(page: Page) -> None:
    await visit(page, "/operations")
    await page.keyboard.press("/")
    search = search_box(page)
    await expect(search).to_be_focused()
    await page.keyboard.type("a/b?")
    await expect(search).to_have_value("a/b?")


async def test_arrows_move_between_rows_and_enter_opens_one(page: Page, mangopay: Mangopay) -> None:
    for number in range(3):
        await mangopay.tell(f"key_m_{number}", event_type="BY_KEYBOARD")
    await visit_notifications(page, type="BY_KEYBOARD")
    await expect(rows(page)).to_have_count(3)
    for key, focused in (("ArrowDown", 2), ("ArrowDown", 1), ("j", 0), ("j", 0), ("k", 1), ("ArrowUp", 2)):
        await page.keyboard.press(key)
        await expect(row_of(page, f"key_m_{focused}")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(sheet(page).locator("pre")).to_contain_text("key_m_2")
    await page.keyboard.press("Escape")
    await expect(sheet(page)).to_be_hidden()
    await expect(row_of(page, "key_m_2")).to_be_focused()


async def test_tab_reaches_rows_and_buttons_and_shows_where_it_is(page: Page, mangopay: Mangopay) -> None:
    await mangopay.tell("tab_m_1", event_type="BY_TAB")
    await visit_notifications(page, type="BY_TAB")
    reached = []
    for _ in range(40):
        await page.keyboard.press("Tab")
        focused = page.locator(":focus")
        reached.append(await focused.evaluate("element => element.dataset.id ? 'row' : element.getAttribute('href')"))
        outline = await focused.evaluate("element => getComputedStyle(element).outlineStyle")
        if reached[-1] == "row":
            assert outline != "none"
            break
    assert reached[-1] == "row"
    assert "/notifications" in reached


async def test_a_question_mark_shows_the_keys_and_escape_hides_them(page: Page) -> None:
    await visit(page, "/users")
    await page.keyboard.press("?")
    keys = page.get_by_role("dialog")
    await expect(keys.locator("kbd", has_text="Esc")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(keys).to_be_hidden()


async def test_a_focused_row_stays_focused_while_new_ones_slide_in(page: Page, mangopay: Mangopay) -> None:
    await mangopay.tell("payin_m_focused")
    await visit_notifications(page)
    await row_of(page, "payin_m_focused").focus()
    await mangopay.tell("payin_m_focus_must_stay")
    await expect(row_of(page, "payin_m_focus_must_stay")).to_be_visible()
    await expect(row_of(page, "payin_m_focused")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"/notifications/\d+"))
