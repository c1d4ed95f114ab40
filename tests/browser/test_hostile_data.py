"""Anybody who knows the receiver's address may send any text: it is shown as text, and nothing of it runs."""

from playwright.async_api import Page, expect

from tests.browser.dashboard import Mangopay, rows, sheet, visit, visit_notifications
from ui.components.parts import middle_cut

FOREIGN = "main :is(img, svg, script), [onerror], [onclick], [onload]"
HOSTILE = (
    '"><img src=x onerror=alert(1)>',
    "<script>alert(2)</script>",
    "' onclick='alert(3)",
    "{{ constructor.constructor('alert(4)')() }}",
    "javascript:alert(5)//",
    "</textarea></pre><svg/onload=alert(6)>",
    ":onclick=alert(7)",
    "__proto__",
    "&lt;b&gt;%3Cb%3E&#60;b>",
    "a b\\c`${alert(8)}`",
)


async def test_a_hostile_object_id_is_shown_as_text(page: Page, mangopay: Mangopay) -> None:
    await mangopay.tell_many([*HOSTILE], event_type="UNHEARD_OF")
    await visit_notifications(page, type="UNHEARD_OF")
    ids = rows(page).locator(".id > span")
    await expect(ids).to_have_count(len(HOSTILE))
    assert sorted(await ids.all_text_contents()) == sorted(map(middle_cut, HOSTILE))
    for text in HOSTILE:
        await ids.get_by_text(middle_cut(text), exact=True).click()
        await expect(sheet(page).locator(".id > span").first).to_have_text(text)
        await page.keyboard.press("Escape")
        await expect(sheet(page)).to_be_hidden()
    await expect(page.locator(FOREIGN)).to_have_count(0)


async def test_a_hostile_search_finds_nothing_and_says_so(page: Page) -> None:
    search = HOSTILE[0] + " of nobody"
    await visit(page, "/")
    await page.get_by_role("searchbox").first.fill(search)
    await page.keyboard.press("Enter")
    await expect(page.locator(".empty")).to_contain_text("Nothing")
    await expect(rows(page)).to_have_count(0)
    await expect(page.get_by_role("textbox", name="Object id")).to_have_value(search)
    await visit_notifications(page, type=search, group=search)
    await expect(page.locator(FOREIGN)).to_have_count(0)
