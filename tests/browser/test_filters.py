"""Finding notifications: filters, what their links say, pages older and newer."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.async_api import Locator, Page, expect

from tests.browser.dashboard import Mangopay, row_ids, row_of, rows, search_box, visit, visit_notifications
from tests.browser.watch import NewContext

PARIS = ZoneInfo("Europe/Paris")


def filters(page: Page) -> Locator:
    return page.get_by_role("search", name="Filter notifications")


async def choose(page: Page, filter_name: str, option: str) -> None:
    await filters(page).get_by_role("combobox", name=filter_name).click()
    await page.get_by_role("option", name=option, exact=True).click()


async def test_by_event_type(page: Page, mangopay: Mangopay) -> None:
    await mangopay.tell("mandate_m_1", event_type="MANDATE_EXPIRED")
    await visit_notifications(page)
    await filters(page).get_by_role("combobox", name="Event type").fill("mandate_exp")
    await page.get_by_role("option", name="MANDATE_EXPIRED").click()
    await expect(page).to_have_url(re.compile(r"/notifications\?type=MANDATE_EXPIRED$"))
    await expect(rows(page)).to_have_count(1)
    await expect(row_of(page, "mandate_m_1")).to_be_visible()


async def test_what_is_chosen_stands_inside_its_field(page: Page) -> None:
    await visit_notifications(page, type="PAYIN_NORMAL_SUCCEEDED", within="24h", resource="payin_m_1")
    for field in await filters(page).locator(".q-field__control").all():
        frame, text = await field.bounding_box(), await field.locator(".q-field__native").bounding_box()
        assert frame
        assert text
        assert frame["y"] <= text["y"]
        assert text["y"] + text["height"] <= frame["y"] + frame["height"]


async def test_by_group(page: Page, mangopay: Mangopay) -> None:
    # The marketplace, which goes on meanwhile, asks for no reports.
    await mangopay.tell("report_1", event_type="REPORT_GENERATED")
    await mangopay.tell("report_2", event_type="REPORT_FAILED")
    await visit_notifications(page)
    await choose(page, "Group", "Reports")
    await expect(rows(page)).to_have_count(2)
    await expect(page).to_have_url(re.compile(r"\?group=Reports$"))


async def test_by_object_id_beside_the_list_and_from_every_page(page: Page, mangopay: Mangopay) -> None:
    await mangopay.tell("payin_m_sought")
    await visit_notifications(page)
    await filters(page).get_by_role("textbox", name="Object id").fill("payin_m_sought")
    await expect(page).to_have_url(re.compile(r"\?resource=payin_m_sought$"))
    await expect(rows(page)).to_have_count(1)
    await visit(page, "/users")
    await search_box(page).fill("payin_m_sought")
    await search_box(page).press("Enter")
    await expect(page).to_have_url(re.compile(r"/objects/payin/payin_m_sought$"))
    await page.get_by_role("link", name="Notifications of this id").click()
    await expect(page).to_have_url(re.compile(r"/notifications\?resource=payin_m_sought$"))
    await expect(rows(page)).to_have_count(1)


async def test_test_pings_alone(page: Page, mangopay: Mangopay) -> None:
    await mangopay.tell("", event_type="DISPUTE_DOCUMENT_CREATED")
    await mangopay.tell("doc_m_1", event_type="DISPUTE_DOCUMENT_CREATED")
    await visit_notifications(page, type="DISPUTE_DOCUMENT_CREATED")
    await expect(rows(page)).to_have_count(2)
    await filters(page).get_by_role("button", name="Pings").click()
    await expect(rows(page)).to_have_count(1)
    await expect(filters(page).get_by_role("button", name="Pings", pressed=True)).to_be_visible()
    await expect(page).to_have_url(re.compile(r"pings=1"))


async def test_duplicates_alone_and_how_often_they_came(page: Page, mangopay: Mangopay) -> None:
    await mangopay.tell("mandate_m_once", event_type="MANDATE_REPEATED")
    for _ in range(2):
        await mangopay.tell("mandate_m_twice", event_type="MANDATE_REPEATED", date=1_790_000_002)
    await visit_notifications(page, type="MANDATE_REPEATED")
    await expect(rows(page)).to_have_count(2)
    await filters(page).get_by_role("button", name="Duplicates").click()
    await expect(rows(page)).to_have_count(1)
    await expect(row_of(page, "mandate_m_twice")).to_contain_text("2 times")


async def test_a_stretch_of_time_that_ends_now(page: Page, mangopay: Mangopay) -> None:
    await mangopay.tell("payin_m_this_hour")
    await visit_notifications(page, resource="payin_m_this_hour")
    await choose(page, "Any time", "Last hour")
    await expect(page).to_have_url(re.compile(r"within=1h"))
    await expect(rows(page)).to_have_count(1)


async def test_from_and_to_are_read_in_the_readers_zone(page: Page, mangopay: Mangopay) -> None:
    await mangopay.tell("payin_m_before_until")
    await visit_notifications(page, resource="payin_m_before_until")
    await filters(page).get_by_role("button", name="From and to").click()
    until = datetime(2020, 7, 14, 12, tzinfo=PARIS)
    await page.locator("input[data-moment=until]").fill(f"{until:%Y-%m-%dT%H:%M}")
    await page.keyboard.press("Tab")
    await expect(page).to_have_url(re.compile(rf"until={int(until.timestamp() * 1000)}\b"))
    await expect(rows(page)).to_have_count(0)
    await page.reload()
    await filters(page).get_by_role("button", name="From and to", pressed=True).click()
    await expect(page.locator("input[data-moment=until]")).to_have_value("2020-07-14T12:00")


async def test_clear_takes_all_filters_away(page: Page) -> None:
    await visit_notifications(page, resource="payin_m_of_nobody", duplicates="1", within="24h")
    clear = filters(page).locator("button[aria-label^=Clear]")
    await expect(page.locator(".empty")).to_contain_text("payin_m_of_nobody")
    await clear.click()
    await expect(page).to_have_url(re.compile(r"/notifications$"))
    await expect(rows(page).first).to_be_visible()
    await expect(filters(page).get_by_role("textbox", name="Object id")).to_have_value("")
    await expect(filters(page).get_by_role("button", name="Duplicates", pressed=False)).to_be_visible()
    await expect(clear).to_be_disabled()


async def test_a_shared_link_shows_the_same_filters(page: Page, new_context: NewContext) -> None:
    await visit_notifications(page, group="Pay-ins", within="7d", resource="payin_m_7", duplicates="1")
    for reader in (page, await (await new_context()).new_page()):
        await visit(reader, page.url)
        await expect(filters(reader).get_by_role("combobox", name="Group")).to_have_value("Pay-ins")
        await expect(filters(reader).get_by_role("combobox", name="Any time")).to_have_value("Last 7 days")
        await expect(filters(reader).get_by_role("textbox", name="Object id")).to_have_value("payin_m_7")
        await expect(filters(reader).get_by_role("button", name="Duplicates", pressed=True)).to_be_visible()


async def test_older_and_newer_turn_the_pages_without_a_gap(page: Page, mangopay: Mangopay) -> None:
    ids = [f"paged_{number}" for number in range(60)]
    await mangopay.tell_many(ids, event_type="PAGES_TO_TURN")
    await visit_notifications(page, type="PAGES_TO_TURN")
    older, newer = (page.get_by_role("button", name=name) for name in ("Older", "Newer"))
    await expect(rows(page)).to_have_count(50)
    await expect(newer).to_be_disabled()
    first_page = await row_ids(page)
    await older.click()
    await expect(rows(page)).to_have_count(10)
    await expect(older).to_be_disabled()
    second_page = await row_ids(page)
    assert len({*first_page, *second_page}) == 60
    assert max(map(int, second_page)) < min(map(int, first_page))
    await page.reload()
    await expect(rows(page)).to_have_count(10)
    assert await row_ids(page) == second_page
    await newer.click()
    await expect(rows(page)).to_have_count(50)
    assert await row_ids(page) == first_page
