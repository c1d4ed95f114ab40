"""What Olivia sees when something comes between her and a refund: another person, a lost answer, a refusal."""

import asyncio
import re

import pytest
from playwright.async_api import Page, expect

from models.permissions import Role
from tests.browser.dashboard import sign_in
from tests.browser.emulator import LocalMangopay
from tests.browser.operations import (
    ACT,
    SENTENCE,
    WHY,
    ask,
    ask_and_confirm,
    expect_said,
    field,
    notice,
    of_refunding,
    operation_id,
    preflight,
    question,
    refunds_of,
    said,
    submit_button,
    visit_refund,
    yes,
)
from tests.browser.stored import execute
from tests.browser.watch import NewContext
from tests.services.emulator.marketplace import created
from tests.services.operations.scenes import World
from tests.serving import PATIENCE_S, POLL_S, Server

DONE = "Done. The refund is SUCCEEDED."
OPEN = "What became of it is being found out"


async def test_of_two_who_confirm_the_same_refund_at_once_one_makes_it_and_the_other_is_told(
    page: Page, world: World, new_context: NewContext, server: Server
) -> None:
    payin = await world.paid()
    ada = await sign_in(server, "ada-refunds@example.com", Role.OPERATOR)
    other = await (await new_context(storage_state=ada)).new_page()
    for one in (page, other):
        await visit_refund(one, payin)
        await ask(one)
    await asyncio.gather(yes(page).click(), yes(other).click())
    outcome = re.compile("Done. The refund is SUCCEEDED|changed meanwhile|under way|can still be given back")
    for one in (page, other):
        await expect(question(one)).to_have_count(0)
        await expect(one.locator(".operation-notice, .operation-sheet").filter(has_text=outcome)).to_be_visible()
    assert len(await refunds_of(world, payin)) == 1
    done, told = (page, other) if await said(page, DONE).count() else (other, page)
    await expect_said(done, DONE)
    await expect(notice(told)).to_contain_text("Nothing was sent.")
    # Whoever comes back later sees that there is nothing left.
    await told.reload()
    await expect(preflight(told)).to_contain_text("All of the pay-in has been given back.")


async def test_of_two_tabs_that_confirm_the_same_operation_at_once_both_show_the_one_refund(
    page: Page, world: World
) -> None:
    payin = await world.paid()
    asked = await visit_refund(page, payin)
    second = await page.context.new_page()
    await second.goto(page.url)
    await expect(submit_button(second)).to_have_text(ACT)
    for tab in (page, second):
        await ask(tab)
    await asyncio.gather(yes(page).click(), yes(second).click())
    for tab in (page, second):
        await expect_said(tab, DONE)
    assert [refund["Tag"] for refund in await refunds_of(world, payin)] == [asked]


async def test_a_tab_that_was_left_as_a_form_follows_what_another_has_sent_while_mangopay_is_slow(
    page: Page, world: World, local: LocalMangopay
) -> None:
    payin = await world.paid()
    await visit_refund(page, payin)
    second = await page.context.new_page()
    await second.goto(page.url)
    await ask(second)
    async with local.faults(of_refunding(payin, Kind="slow", DelayS=4)):
        await yes(second).click()
        await expect_said(page, "It is on its way.")
        for tab in (page, second):
            await expect_said(tab, DONE)
    assert len(await refunds_of(world, payin)) == 1


async def test_who_may_only_look_at_a_draft_sees_what_becomes_of_it(
    page: Page, world: World, new_context: NewContext, server: Server
) -> None:
    victor = await sign_in(server, "victor-drafts@example.com", Role.VIEWER)
    payin = await world.paid()
    await visit_refund(page, payin)
    other = await (await new_context(storage_state=victor)).new_page()
    await other.goto(page.url)
    await expect(other.get_by_text("This is a draft")).to_be_visible()
    await ask_and_confirm(page)
    for tab in (page, other):
        await expect_said(tab, DONE)


async def test_an_answer_that_is_cut_off_is_found_out_without_a_second_refund(
    page: Page, world: World, local: LocalMangopay
) -> None:
    payin = await world.paid()
    await visit_refund(page, payin)
    await ask(page)
    async with local.faults(of_refunding(payin, Kind="cut", When="after")):
        await yes(page).click()
        await expect_said(page, OPEN)
    await expect_said(page, "Perhaps it was done.")
    await expect_said(page, DONE, within_s=30)
    [refund] = await refunds_of(world, payin)
    assert refund["Tag"] == operation_id(page)


async def test_what_perhaps_never_arrived_stays_open_and_waits_in_the_journal(
    page: Page, world: World, local: LocalMangopay, server: Server
) -> None:
    payin = await world.paid()
    asked = await visit_refund(page, payin)
    async with local.faults(of_refunding(payin, Kind="error", Status=500)):
        await ask_and_confirm(page)
        await expect_said(page, OPEN)
    await until_looked_for(server, asked)
    await expect_said(page, OPEN)
    await expect(page.get_by_role("link", name="Try again")).to_have_count(0)
    assert await refunds_of(world, payin) == []
    await page.goto("/operations")
    waiting = page.get_by_role("region", name="Waiting").get_by_role("listitem")
    await expect(waiting.filter(has=page.locator(f"[href$='{asked}']"))).to_contain_text("Its answer was lost.")
    # As long as it is not known, nobody refunds the same pay-in.
    await visit_refund(page, payin)
    await expect(preflight(page)).to_contain_text("Another operation on the same money is under way")
    await field(page, "Reason").fill(WHY)
    await submit_button(page).click()
    await expect(notice(page)).to_contain_text("Another operation on the same money is under way")
    await expect(question(page)).to_have_count(0)


async def until_looked_for(server: Server, asked: str) -> None:
    """Wait until it was looked once what became of an operation."""
    async with asyncio.timeout(PATIENCE_S):
        while not execute(server, "SELECT 1 FROM operation WHERE operation_id = ? AND looks > 0", asked):  # noqa: ASYNC110
            await asyncio.sleep(POLL_S)


async def test_what_is_sent_too_often_was_not_taken_and_goes_through_the_second_time(
    page: Page, world: World, local: LocalMangopay
) -> None:
    payin = await world.paid()
    asked = await visit_refund(page, payin)
    async with local.faults(of_refunding(payin, Kind="rate_limit")):
        await ask_and_confirm(page)
        await expect(notice(page)).to_contain_text("Nothing was sent.")
    await expect(notice(page)).to_contain_text("rate limit")
    assert await refunds_of(world, payin) == []
    # Whoever comes back to it reads why it was not sent.
    await page.reload()
    await expect(notice(page)).to_contain_text("Look at it again, and try once more.")
    await expect(submit_button(page)).to_have_text(ACT)
    await submit_button(page).click()
    await yes(page).click()
    await expect_said(page, DONE)
    assert [refund["Tag"] for refund in await refunds_of(world, payin)] == [asked]


async def test_what_is_refused_has_failed_and_can_be_tried_again_with_the_same_values(
    page: Page, world: World, local: LocalMangopay
) -> None:
    payin = await world.paid()
    asked = await visit_refund(page, payin)
    await field(page, "Amount").fill("3")
    await expect(submit_button(page)).to_have_text("Refund 3.00 EUR")
    async with local.faults(of_refunding(payin, Kind="error", Status=400)):
        await ask_and_confirm(page)
        await expect_said(page, "Mangopay refused the request")
    await expect_said(page, "Nothing has moved.")
    await page.get_by_role("link", name="Try again").click()
    await expect(submit_button(page)).to_have_text("Refund 3.00 EUR")
    assert operation_id(page) != asked
    await ask_and_confirm(page)
    await expect_said(page, DONE)
    assert [refund["DebitedFunds"]["Amount"] for refund in await refunds_of(world, payin)] == [300]


async def test_a_wallet_that_is_emptied_meanwhile_keeps_the_refund_from_being_sent(page: Page, world: World) -> None:
    payin = await world.paid()
    await visit_refund(page, payin)
    await ask(page)
    shop = created(await world.market.get(f"/wallets/{payin['CreditedWalletId']}"))
    created(await world.market.transfer(shop, await world.market.wallet({"Id": shop["Owners"][0]}), 1200))
    await yes(page).click()
    await expect(notice(page)).to_contain_text("It has changed meanwhile. The wallet's balance went from 12.00 EUR to")
    await expect(notice(page)).to_contain_text("Nothing was sent. Look at it as it is now, and decide again.")
    await expect(preflight(page)).to_contain_text("There are only 0.00 EUR in the wallet.")
    assert await refunds_of(world, payin) == []


async def test_thinking_it_over_sends_nothing_and_loses_nothing(page: Page, world: World) -> None:
    payin = await world.paid()
    await visit_refund(page, payin)
    await ask(page)
    await question(page).get_by_role("button", name="Back").click()
    await expect(question(page)).to_have_count(0)
    await expect(field(page, "Reason")).to_have_value(WHY)
    await ask(page)
    await page.keyboard.press("Escape")
    await expect(question(page)).to_have_count(0)
    await expect(preflight(page)).to_contain_text(SENTENCE)
    assert await refunds_of(world, payin) == []


@pytest.mark.parametrize("moment", ["asked", "confirmed"])
async def test_a_page_that_is_left_in_the_midst_comes_back_to_the_same_operation(
    page: Page, world: World, moment: str
) -> None:
    payin = await world.paid()
    asked = await visit_refund(page, payin)
    await ask(page)
    form = page.url
    if moment == "confirmed":
        await yes(page).click(no_wait_after=True)
    await page.goto("/operations")
    await page.goto(form)
    assert operation_id(page) == asked
    if moment == "confirmed":
        await expect_said(page, DONE, within_s=30)
    else:
        await expect(submit_button(page)).to_be_visible()
    assert len(await refunds_of(world, payin)) == (moment == "confirmed")
