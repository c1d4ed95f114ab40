"""Operations as people see them, from the form to what became of it: named, readable, fit for a phone, and pictured."""

from collections.abc import AsyncIterator

from playwright.async_api import Page, expect

from tests.browser.accessibility import tree, unnamed
from tests.browser.contrast import weak_texts
from tests.browser.dashboard import PHONE, SCHEMES, SPILLS, visit
from tests.browser.emulator import LocalMangopay
from tests.browser.operations import (
    WHY,
    ask,
    ask_and_confirm,
    expect_said,
    field,
    notice,
    of_refunding,
    preflight,
    submit_button,
    visit_form,
    visit_refund,
    yes,
)
from tests.browser.pictures import picture_in_every_size
from tests.browser.watch import VIEWPORT
from tests.services.emulator.banking import recipient
from tests.services.operations.scenes import World

# A bank account that Mangopay does not know.
NOBODYS = "bankacc_m_01J6ZX3V6Q8H7B5N2K4M9P0R1S"


async def operation_pages(page: Page, world: World, local: LocalMangopay) -> AsyncIterator[str]:
    """Lead through what can become of an operation; yield the name of each page while it is open."""
    bob = await world.verified_owner()
    await world.market.funded(bob, 123_456)
    await recipient(world.market, bob)
    await visit_form(page, "payout", {"AuthorId": bob["Id"]})
    await expect(page.get_by_role("button", name="1,234.56 EUR")).to_be_visible()
    yield "offers"
    payin = await world.paid()
    await visit_refund(page, payin)
    yield "form"
    await field(page, "Amount").fill("13")
    await field(page, "Reason").fill(WHY)
    await expect(preflight(page)).to_contain_text("Only 12.00 EUR can still be given back.")
    await submit_button(page).click()
    await expect(notice(page)).to_contain_text("Nothing was sent.")
    yield "stopped"
    await visit_refund(page, payin)
    await ask(page)
    yield "question"
    async with local.faults(of_refunding(payin, Kind="error", Status=400)):
        await yes(page).click()
        await expect_said(page, "Mangopay refused the request")
    yield "failed"
    await visit_form(page, "payout-platform", {"DebitedWalletId": "FEES_EUR", "BankAccountId": NOBODYS})
    await field(page, "Amount").fill("2.50")
    await ask_and_confirm(page)
    await expect_said(page, NOBODYS)
    yield "failed-for-an-id"
    await visit_refund(page, payin)
    await ask_and_confirm(page)
    await expect_said(page, "Done.")
    yield "done"
    payin = await world.paid()
    await visit_refund(page, payin)
    async with local.faults(of_refunding(payin, Kind="error", Status=500)):
        await ask_and_confirm(page)
        await expect_said(page, "Perhaps it was done.")
    yield "unknown"
    await visit(page, "/operations")
    await expect(page.get_by_role("region", name="Waiting")).to_be_visible()
    yield "waiting"


async def test_each_page_of_an_operation_is_named_readable_and_fits_a_phone(
    page: Page, world: World, local: LocalMangopay
) -> None:
    await page.emulate_media(reduced_motion="reduce")
    found: list[str] = []
    async for name in operation_pages(page, world, local):
        found.extend(f"{name}: {fault}" for fault in await faults(page, name))
        await page.set_viewport_size(VIEWPORT)
    assert found == []


async def faults(page: Page, name: str) -> list[str]:
    """Return what is wrong with the page that is open, in words."""
    found = [f"no name for {node.role}" for node in unnamed(await tree(page))]
    await picture_in_every_size(page, f"operation-{name}")
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        await page.locator(f"body.body--{scheme}").wait_for()
        found += [f"weak in {scheme}: {text}" for text in await weak_texts(page)]
    await page.set_viewport_size(PHONE)
    return found + ["scrolls sideways on a phone"] * await page.evaluate(SPILLS)
