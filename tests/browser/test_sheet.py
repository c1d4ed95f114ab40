"""One notification, opened out of the list."""

import re

from playwright.async_api import Page, expect

from tests.browser.dashboard import Mangopay, row_of, rows, sheet, visit, visit_notifications
from tests.browser.watch import NewContext

OPENED = re.compile(r"/notifications/\d+")


async def test_a_click_on_a_row_opens_its_deliveries_and_the_raw_query(page: Page, mangopay: Mangopay) -> None:
    for _ in range(2):
        await mangopay.tell("payin_m_opened", date=1_790_000_001)
    await visit_notifications(page, resource="payin_m_opened")
    await row_of(page, "payin_m_opened").click()
    await expect(sheet(page)).to_be_visible()
    await expect(sheet(page).get_by_role("heading", name="PAYIN_NORMAL_SUCCEEDED")).to_be_visible()
    await expect(sheet(page).get_by_role("table").locator("tbody tr")).to_have_count(2)
    await expect(sheet(page).locator("pre", has_text="RessourceId=payin_m_opened&Date=1790000001")).to_be_visible()
    await expect(page).to_have_url(OPENED)


async def test_the_object_is_read_from_mangopay_with_its_facts_and_its_json(page: Page) -> None:
    await visit_notifications(page, type="PAYIN_NORMAL_SUCCEEDED", within="1h")
    payin_id = await rows(page).filter(has_text="payin_m_01").first.locator(".id").get_attribute("title")
    assert payin_id is not None
    await row_of(page, payin_id).click()
    now = page.get_by_role("heading", name="The object now, read from Mangopay")
    facts = sheet(page).locator("section").filter(has=now).locator("dl")
    await expect(facts).to_contain_text(payin_id)
    await expect(facts.locator(".chip.positive")).to_contain_text("SUCCEEDED")
    await sheet(page).locator("summary").click()
    await expect(sheet(page).locator("details pre")).to_contain_text(f'"Id": "{payin_id}"')


async def test_an_object_that_cannot_be_read_is_said_so_and_may_be_tried_again(page: Page, mangopay: Mangopay) -> None:
    await mangopay.tell("payin_m_nobody_knows")
    await visit_notifications(page, resource="payin_m_nobody_knows")
    await row_of(page, "payin_m_nobody_knows").click()
    await expect(sheet(page).get_by_role("alert")).to_be_visible()
    await sheet(page).get_by_role("button", name="Try again").click()
    await expect(sheet(page).get_by_role("alert")).to_be_visible()


async def test_a_test_ping_has_no_object_to_read(page: Page, mangopay: Mangopay) -> None:
    await mangopay.tell("", event_type="MANDATE_CREATED")
    await visit_notifications(page, type="MANDATE_CREATED", pings="1")
    await rows(page).first.click()
    await expect(sheet(page).locator("pre")).to_contain_text("EventType=MANDATE_CREATED&RessourceId=&Date=")
    await expect(sheet(page).get_by_role("alert")).to_have_count(0)


async def test_a_link_to_a_notification_that_is_not_there_says_so(page: Page) -> None:
    for nowhere in ("999999", "abc", str(2**64)):
        await visit(page, f"/notifications/{nowhere}")
        await expect(sheet(page).locator(".empty")).to_be_visible()
        await expect(sheet(page).locator(".skeleton:visible")).to_have_count(0)
        await expect(sheet(page).get_by_role("button", name="Try again")).to_be_hidden()


async def test_its_link_shows_the_same_to_whoever_opens_it(
    page: Page, mangopay: Mangopay, new_context: NewContext
) -> None:
    await mangopay.tell("payin_m_shared")
    await visit_notifications(page, resource="payin_m_shared")
    await row_of(page, "payin_m_shared").click()
    await expect(page).to_have_url(OPENED)
    await page.reload()
    await expect(sheet(page).locator("pre")).to_contain_text("payin_m_shared")
    elsewhere = await (await new_context()).new_page()
    await visit(elsewhere, page.url)
    await expect(sheet(elsewhere).locator("pre")).to_contain_text("payin_m_shared")
    await expect(rows(elsewhere)).to_have_count(1)


async def test_escape_closes_it_and_leaves_the_list_as_it_was(page: Page, mangopay: Mangopay) -> None:
    await mangopay.tell("payin_m_closed")
    await visit_notifications(page, resource="payin_m_closed")
    await row_of(page, "payin_m_closed").click()
    await expect(page).to_have_url(OPENED)
    await page.keyboard.press("Escape")
    await expect(sheet(page)).to_be_hidden()
    await expect(page).to_have_url(re.compile(r"/notifications\?resource=payin_m_closed$"))
    await expect(row_of(page, "payin_m_closed")).to_be_visible()


async def test_back_returns_to_the_list(page: Page, mangopay: Mangopay) -> None:
    await mangopay.tell("payin_m_back")
    await visit_notifications(page, resource="payin_m_back")
    await row_of(page, "payin_m_back").click()
    await expect(page).to_have_url(OPENED)
    await page.go_back()
    await expect(page).to_have_url(re.compile(r"/notifications\?resource=payin_m_back$"))
    await expect(sheet(page)).to_be_hidden()
    await expect(row_of(page, "payin_m_back")).to_be_visible()


async def test_back_after_closing_returns_to_what_was_looked_at_before(page: Page, mangopay: Mangopay) -> None:
    await mangopay.tell("payin_m_back_twice")
    await visit(page, "/")
    await visit_notifications(page, resource="payin_m_back_twice")
    await row_of(page, "payin_m_back_twice").click()
    await expect(page).to_have_url(OPENED)
    await page.keyboard.press("Escape")
    await expect(page).to_have_url(re.compile(r"resource=payin_m_back_twice$"))
    await page.go_back()
    await expect(sheet(page)).to_be_hidden()
