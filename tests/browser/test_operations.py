"""Olivia gives Alice her money back: from a pasted id to what became of it."""

import asyncio
import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.dashboard import visit
from tests.browser.operations import (
    ACT,
    SENTENCE,
    WHY,
    ask,
    ask_and_confirm,
    beside,
    expect_said,
    field,
    journal_row,
    notice,
    operation_id,
    preflight,
    question,
    refunds_of,
    submit_button,
    told,
    until_looked_at,
    visit_form,
    visit_refund,
    yes,
)
from tests.browser.stored import execute
from tests.services.operations.scenes import World
from tests.serving import PATIENCE_S, POLL_S, Server

DONE = "Done. The refund is SUCCEEDED."
# Notes where the button of the question is, in each frame from the first in which it is seen.
WATCH_BUTTON = """() => {
    window.places = [];
    const look = () => {
        const place = document.querySelector(".confirm .money-button")?.getBoundingClientRect();
        if (place?.width) window.places.push(`${place.x} ${place.y} ${place.width}`);
        requestAnimationFrame(look);
    };
    look();
}"""


async def test_a_pasted_id_is_all_that_a_refund_takes_besides_a_reason(page: Page, world: World) -> None:
    payin = await world.paid()
    await visit(page, "/operations")
    await page.get_by_role("link", name="Refund a pay-in").click()
    await expect(preflight(page)).to_contain_text("Fill in the first field.")
    await field(page, "Pay-in").fill(payin["Id"])
    await expect(told(field(page, "Pay-in"))).to_have_text(re.compile("Pay-in of Alice Martin.*12.60.*SUCCEEDED"))
    await expect(told(field(page, "Author"))).to_contain_text("Alice Martin")
    await expect(field(page, "Author")).to_have_value(payin["AuthorId"])
    await expect(field(page, "Amount")).to_have_value("12.00")
    await expect(field(page, "Fees")).to_have_value("-0.60")
    for sentence in (
        SENTENCE,
        "0.60 EUR of it are fees that the platform gives back",
        "12.00 EUR can still be given back, afterwards 0.00 EUR.",
        "Balance of the wallet: 12.00 EUR, afterwards 0.00 EUR.",
    ):
        await expect(preflight(page)).to_contain_text(sentence)
    dialog = await ask(page)
    for sentence in ("In Local", f"{SENTENCE}?", WHY):
        await expect(dialog).to_contain_text(sentence)
    assert await refunds_of(world, payin) == []

    await dialog.get_by_role("button", name=ACT).click()
    await expect_said(page, SENTENCE)
    await expect_said(page, DONE)
    [refund] = await refunds_of(world, payin)
    assert refund["Tag"] == operation_id(page)
    assert (refund["DebitedFunds"]["Amount"], refund["Fees"]["Amount"]) == (1200, -60)
    await page.get_by_role("link", name="Open the refund").click()
    await expect(page).to_have_url(re.compile(f"/objects/refund/{refund['Id']}$"))


async def test_the_button_of_the_question_stands_still_from_the_moment_it_is_seen(page: Page, world: World) -> None:
    """Whoever clicks at once would miss one that grows under the pointer."""
    await visit_refund(page, await world.paid())
    await page.evaluate(WATCH_BUTTON)
    await ask(page)
    await page.wait_for_function("window.places.length > 30")
    places = await page.evaluate("window.places")
    assert len(set(places)) == 1, places


async def test_the_refund_button_of_a_pay_in_leads_to_a_form_that_is_filled_in(page: Page, world: World) -> None:
    payin = await world.paid()
    await visit(page, f"/objects/payin/{payin['Id']}")
    await page.get_by_role("link", name="Refund", exact=True).click()
    await expect(submit_button(page)).to_have_text(ACT)
    await expect(field(page, "Pay-in")).to_have_value(payin["Id"])
    await ask_and_confirm(page)
    await expect_said(page, DONE)
    assert [refund["Tag"] for refund in await refunds_of(world, payin)] == [operation_id(page)]


async def test_a_reload_and_a_second_tab_show_the_same_operation(page: Page, world: World, server: Server) -> None:
    payin = await world.paid()
    asked = await visit_refund(page, payin)
    await field(page, "Reason").fill(WHY)
    await field(page, "Reason").press("Tab")
    await until_kept(server, asked, WHY)
    await page.reload()
    await expect(field(page, "Reason")).to_have_value(WHY)
    assert operation_id(page) == asked
    second = await page.context.new_page()
    await second.goto(page.url)
    await until_looked_at(second)
    await expect(field(second, "Reason")).to_have_value(WHY)
    await submit_button(second).click()
    await yes(second).click()
    await expect_said(second, DONE)
    # The first was left as a form, and says by itself what has become of it.
    await expect_said(page, DONE)
    assert len(await refunds_of(world, payin)) == 1
    await visit(page, "/operations?kind=refund-payin")
    await expect(journal_row(page, asked)).to_have_count(1)


async def test_a_question_that_is_closed_gives_the_focus_back_to_where_it_was_asked_from(
    page: Page, world: World
) -> None:
    await visit_refund(page, await world.paid())
    await field(page, "Reason").fill(WHY)
    await submit_button(page).focus()
    await page.keyboard.press("Enter")
    await expect(yes(page)).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(question(page)).to_have_count(0)
    await expect(submit_button(page)).to_be_focused()


async def test_what_is_stopped_says_why_before_it_says_who_would_approve(page: Page, world: World) -> None:
    await visit_refund(page, await world.paid())
    await field(page, "Amount").fill("999999")
    await field(page, "Reason").fill(WHY)
    await expect(submit_button(page)).to_contain_text("999,999.00 EUR")
    await submit_button(page).click()
    await expect(notice(page)).to_contain_text("can still be given back.")
    await expect(notice(page)).not_to_contain_text("has to approve it")


async def until_kept(server: Server, asked: str, why: str) -> None:
    """Wait until a draft has its reason, which the page does not tell."""
    async with asyncio.timeout(PATIENCE_S):
        while execute(server, "SELECT reason FROM operation WHERE operation_id = ?", asked) != [(why,)]:  # noqa: ASYNC110  (another process)
            await asyncio.sleep(POLL_S)


async def test_back_to_the_form_shows_what_became_of_it_and_sends_nothing(page: Page, world: World) -> None:
    payin = await world.paid()
    await visit_refund(page, payin)
    form = page.url
    await ask_and_confirm(page)
    await expect_said(page, DONE)
    await page.get_by_role("link", name="Open the refund").click()
    await expect(page).to_have_url(re.compile("/objects/refund/"))
    await page.go_back()
    await expect_said(page, DONE)
    await page.goto(form)
    await expect_said(page, DONE)
    await expect(submit_button(page)).to_have_count(0)
    # Nor is there anything left to give back.
    await expect(page.get_by_role("link", name="Repeat")).to_have_count(0)
    assert len(await refunds_of(world, payin)) == 1


async def test_a_double_click_on_yes_makes_one_refund(page: Page, world: World) -> None:
    payin = await world.paid()
    await visit_refund(page, payin)
    await ask(page)
    await yes(page).dblclick()
    await expect_said(page, DONE)
    assert len(await refunds_of(world, payin)) == 1


async def test_enter_asks_and_enter_twice_makes_one_refund(page: Page, world: World) -> None:
    payin = await world.paid()
    await visit_refund(page, payin)
    await field(page, "Reason").press_sequentially(WHY)
    await page.keyboard.press("Enter")
    await expect(question(page)).to_contain_text(WHY)
    await yes(page).focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await expect_said(page, DONE)
    assert len(await refunds_of(world, payin)) == 1


async def test_enter_right_behind_an_amount_asks_about_what_was_typed_last(page: Page, world: World) -> None:
    payin = await world.paid()
    await visit_refund(page, payin)
    await field(page, "Reason").fill(WHY)
    await field(page, "Amount").select_text()
    await page.keyboard.type("3")
    await page.keyboard.press("Enter")
    await expect(question(page).get_by_role("heading")).to_contain_text("Refund 3.00 EUR to Alice Martin")
    await yes(page).click()
    await expect_said(page, DONE)
    assert [refund["DebitedFunds"]["Amount"] for refund in await refunds_of(world, payin)] == [300]


@pytest.mark.parametrize(
    ("label", "typed", "sentence"),
    [
        ("Amount", "a lot", "Write an amount such as 12.60."),
        ("Amount", "0", "An amount is more than nothing."),
        ("Amount", "1.234,5,6", "It is not clear which sign stands before the decimals"),
        ("Fees", "-0.605", "EUR has 2 decimals, not 3."),
        ("Pay-in", "wlt_m_01J3Y5D0000000000000000001", "This is the id of a wallet; that of a pay-in is needed."),
        ("Pay-in", "payin_m_nobody", "Mangopay does not know the pay-in payin_m_nobody in this environment."),
        ("Pay-in", "what is this?", "This is no id."),
        ("Author", "", "Author is missing."),
        ("Reason", "no", "Say why, in 3 characters or more: it stays in the audit log."),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_sent(
    page: Page, world: World, label: str, typed: str, sentence: str
) -> None:
    payin = await world.paid()
    await visit_refund(page, payin)
    await field(page, "Reason").fill(WHY)
    await field(page, label).fill(typed)
    await submit_button(page).click()
    await expect(beside(field(page, label))).to_contain_text(sentence)
    await expect(question(page)).to_have_count(0)
    assert await refunds_of(world, payin) == []


async def test_more_than_remains_is_stopped_before_anything_is_sent(page: Page, world: World) -> None:
    payin = await world.paid()
    await visit_refund(page, payin)
    await field(page, "Amount").fill("12.01")
    await field(page, "Reason").fill(WHY)
    await expect(preflight(page)).to_contain_text("Only 12.00 EUR can still be given back.")
    await submit_button(page).click()
    await expect(page.get_by_role("alert").filter(has_text="Nothing was sent.")).to_contain_text(
        "Only 12.00 EUR can still be given back."
    )
    await expect(question(page)).to_have_count(0)
    assert await refunds_of(world, payin) == []


@pytest.mark.parametrize("typed", ["1 234,56", "1,234.56", "1.234,56", "EUR 1234.56"])
async def test_an_amount_is_read_however_it_is_written_and_stays_as_it_was_typed(
    page: Page, world: World, typed: str
) -> None:
    wallet = await world.market.wallet(await world.market.payer())
    await visit_form(page, "payin-bankwire", {"CreditedWalletId": wallet["Id"]})
    await expect(field(page, "Author")).not_to_have_value("")
    await field(page, "Amount").fill(typed)
    await expect(told(field(page, "Amount"))).to_have_text("Read as 1,234.56 EUR")
    await expect(submit_button(page)).to_have_text("Expect 1,234.56 EUR")
    await page.reload()
    await expect(told(field(page, "Amount"))).to_have_text("Read as 1,234.56 EUR")
    await expect(field(page, "Amount")).to_have_value(typed)


async def test_a_first_refund_leaves_the_rest_to_a_second(page: Page, world: World) -> None:
    payin = await world.paid()
    await visit_refund(page, payin)
    await field(page, "Amount").fill("5")
    # The fees are given back with the whole.
    await expect(field(page, "Fees")).to_have_value("0.00")
    await expect(preflight(page)).to_contain_text("12.00 EUR can still be given back, afterwards 7.00 EUR.")
    await expect(preflight(page)).to_contain_text("The platform keeps its fees of 0.60 EUR.")
    await ask_and_confirm(page)
    await expect_said(page, DONE)
    await visit_form(page, "refund-payin", {"PayInId": payin["Id"]})
    await expect(field(page, "Amount")).to_have_value("7.00")
    await expect(field(page, "Fees")).to_have_value("-0.60")


async def test_what_was_emptied_stays_empty_until_something_else_is_typed(page: Page, world: World) -> None:
    payin = await world.paid()
    await visit_refund(page, payin)
    await field(page, "Amount").fill("")
    await expect(submit_button(page)).to_have_text("Refund a pay-in")
    await field(page, "Amount").press_sequentially("5")
    await expect(submit_button(page)).to_have_text("Refund 5.00 EUR")
    await expect(field(page, "Amount")).to_have_value("5")
    await expect(field(page, "Fees")).to_have_value("0.00")
