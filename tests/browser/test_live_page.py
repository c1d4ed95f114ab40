"""A page that is open while things happen, and while its connection comes and goes."""

from dataclasses import replace

from playwright.async_api import Locator, Page, expect

from tests.browser.cable import cable_to
from tests.browser.dashboard import Mangopay, news, row_ids, row_of, rows, sign_in, visit_notifications
from tests.browser.watch import NewContext
from tests.serving import Server, serving

CONNECTION_LOST = r"WebSocket|ERR_CONNECTION|ERR_EMPTY_RESPONSE|Failed to load resource"


async def test_new_rows_slide_in_at_the_top(page: Page, mangopay: Mangopay) -> None:
    await visit_notifications(page)
    top = (await row_ids(page))[0]
    await mangopay.tell("payin_m_sliding_in")
    row = row_of(page, "payin_m_sliding_in")
    await expect(row).to_be_in_viewport()
    await expect(news(page)).to_be_hidden()
    ids = await row_ids(page)
    assert ids.index(await row.get_attribute("data-id") or "") < ids.index(top)


async def test_while_the_reader_is_further_down_new_rows_wait_to_be_shown(page: Page, mangopay: Mangopay) -> None:
    await visit_notifications(page)
    await page.mouse.wheel(0, 600)
    await expect(page.get_by_role("heading", level=1)).not_to_be_in_viewport()
    await page.evaluate("new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))")
    await mangopay.tell("payin_m_waiting")
    await expect(news(page)).to_be_visible()
    await expect(row_of(page, "payin_m_waiting")).to_have_count(0)
    await news(page).click()
    await expect(row_of(page, "payin_m_waiting")).to_be_in_viewport()


async def test_in_a_filtered_list_new_rows_that_match_wait_to_be_shown(page: Page, mangopay: Mangopay) -> None:
    # Of a type that nothing else in these tests brings.
    await visit_notifications(page, type="MANDATE_LOST")
    await mangopay.tell("mandate_m_other", event_type="MANDATE_ACTIVATED")
    await mangopay.tell("mandate_m_wanted", event_type="MANDATE_LOST")
    await expect(news(page)).to_contain_text("1 new")
    await expect(rows(page)).to_have_count(0)
    await news(page).click()
    await expect(row_of(page, "mandate_m_wanted")).to_be_visible()
    await expect(rows(page)).to_have_count(1)
    await expect(news(page)).to_be_hidden()


async def test_a_repeated_delivery_changes_its_row_in_place(page: Page, mangopay: Mangopay) -> None:
    for resource_id in ("payin_m_repeated", "payin_m_later"):
        await mangopay.tell(resource_id, event_type="REPEATED", date=1_790_000_003)
    await visit_notifications(page, type="REPEATED")
    before = await row_ids(page)
    await mangopay.tell("payin_m_repeated", event_type="REPEATED", date=1_790_000_003)
    await expect(row_of(page, "payin_m_repeated")).to_contain_text("2 times")
    assert await row_ids(page) == before
    await expect(news(page)).to_be_hidden()


async def test_a_lost_connection_is_said_and_what_was_missed_comes_with_the_next(
    new_context: NewContext, server: Server, mangopay: Mangopay
) -> None:
    new_context.expect(CONNECTION_LOST)
    async with cable_to(server.port) as cable:
        page = await (await new_context(base_url=cable.base_url)).new_page()
        await visit_notifications(page)
        await expect(not_live(page)).to_be_hidden()
        await cable.cut()
        await expect(not_live(page)).to_be_visible()
        await mangopay.tell("payin_m_missed")
        await cable.lead_to(server.port)
        await expect(row_of(page, "payin_m_missed")).to_be_visible()
        await expect(not_live(page)).to_be_hidden()


async def test_after_a_restart_of_the_dashboard_the_page_is_live_again_by_itself(
    new_context: NewContext, fresh_server: Server, mangopay: Mangopay
) -> None:
    new_context.expect(CONNECTION_LOST)
    state = await sign_in(fresh_server, "olivia@example.com")
    async with cable_to(fresh_server.port) as cable:
        page = await (await new_context(base_url=cable.base_url, storage_state=state)).new_page()
        await visit_notifications(page)
        await cable.cut()
        await expect(not_live(page)).to_be_visible()
        fresh_server.stop()
        with serving(fresh_server.data_dir) as restarted:
            await cable.lead_to(restarted.port)
            market = replace(mangopay, hook_url=restarted.base_url + restarted.hook_path())
            # By now the page may still be on its way back; the second one finds it there.
            for resource_id in ("payin_m_after_the_restart", "payin_m_live_again"):
                await market.tell(resource_id)
                await expect(row_of(page, resource_id)).to_be_visible()
            await expect(not_live(page)).to_be_hidden()
            await cable.cut()


def not_live(page: Page) -> Locator:
    """What the mark beside the title says without a connection."""
    return page.locator(".live .offline")
