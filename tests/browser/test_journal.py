"""The Operations menu: who may ask for what, and the journal of all that was asked for."""

import re
from datetime import timedelta

from playwright.async_api import Page, expect

from models.environment import Environment
from models.journal import Operation, State
from models.permissions import Role
from services.clock import now
from services.database import Database
from tests.browser.dashboard import sign_in, visit
from tests.browser.door import REFUSED
from tests.browser.operations import (
    SENTENCE,
    WHY,
    ask_and_confirm,
    expect_said,
    field,
    journal,
    journal_row,
    operation_id,
    submit_button,
    visit_form,
    visit_refund,
)
from tests.browser.watch import NewContext
from tests.services.operations.scenes import World
from tests.serving import Server

OLIVIA = "olivia@example.com"


async def refunded(page: Page, world: World) -> str:
    """Refund a new pay-in; return the operation's id."""
    await visit_refund(page, await world.paid())
    await ask_and_confirm(page)
    await expect_said(page, "Done.")
    return operation_id(page)


async def victors(new_context: NewContext, server: Server, email: str) -> Page:
    """Return the page of somebody who may only look."""
    return await (await new_context(storage_state=await sign_in(server, email, Role.VIEWER))).new_page()


async def test_a_viewer_reads_the_journal_and_is_offered_no_operation(
    page: Page, world: World, new_context: NewContext, server: Server
) -> None:
    asked = await refunded(page, world)
    victor = await victors(new_context, server, "victor-journal@example.com")
    await visit(victor, "/operations")
    await expect(victor.get_by_role("main")).to_contain_text("The role viewer looks at operations, and asks for none.")
    await expect(victor.get_by_role("region", name="New operation")).to_have_count(0)
    await journal_row(victor, asked).click()
    await expect_said(victor, SENTENCE)
    await expect(victor.get_by_role("region", name="Journal")).to_contain_text(WHY)
    await expect(victor.get_by_role("link", name=re.compile("Repeat|Try again"))).to_have_count(0)


async def test_a_form_is_not_for_a_viewer_nor_is_the_draft_of_another(
    page: Page, new_context: NewContext, server: Server
) -> None:
    await visit_form(page, "refund-payin")
    victor = await victors(new_context, server, "victor-forms@example.com")
    new_context.expect(REFUSED)
    answer = await victor.goto("/operations/refund-payin")
    assert answer is not None
    assert answer.status == 403
    await expect(victor.get_by_role("heading", level=1)).to_have_text("This page is not for your role.")
    await visit(victor, page.url)
    await expect(victor.get_by_text("It was begun and not asked for. Your role cannot go on.")).to_be_visible()
    await expect(victor.locator("form button")).to_have_count(0)


async def test_filters_narrow_the_journal_and_stand_in_the_address(page: Page, world: World) -> None:
    asked = await refunded(page, world)
    await visit(page, "/operations")
    for label, option in (
        ("State", "Succeeded"),
        ("Operation", "Refund a pay-in"),
        ("Whose", "Asked for by me"),
    ):
        await page.get_by_role("combobox", name=label).click()
        await page.get_by_role("option", name=option, exact=True).click()
        await page.wait_for_url(re.compile(r"/operations\?"))
        await expect(journal(page).locator(".skeleton")).to_have_count(0)
    await expect(page).to_have_url(re.compile(r"/operations\?state=succeeded&kind=refund-payin&mine=yes#journal$"))
    await expect(journal_row(page, asked)).to_be_visible()
    # Where the journal is stays in sight: whoever narrows it wants to read it.
    await expect(journal(page)).to_be_in_viewport()
    await page.get_by_role("link", name="Clear").click()
    await expect(page).to_have_url(re.compile("/operations#journal$"))


async def test_a_link_opens_the_journal_narrowed_and_says_when_nothing_matches(page: Page, world: World) -> None:
    asked = await refunded(page, world)
    await visit(page, "/operations?state=succeeded&kind=refund-payin&mine=yes")
    row = journal_row(page, asked)
    for text in (SENTENCE, "Succeeded", "12.60", OLIVIA):
        await expect(row).to_contain_text(text)
    await visit(page, "/operations?state=expired&kind=refund-payin")
    await expect(page.get_by_text("Nothing matches")).to_be_visible()
    await expect(journal_row(page, asked)).to_have_count(0)
    # What makes no sense in an address is left out.
    await visit(page, "/operations?state=nonsense&kind=nonsense&before=nonsense")
    await expect(journal_row(page, asked)).to_be_visible()


async def test_arrows_move_between_rows_enter_opens_one_and_back_finds_it(page: Page, world: World) -> None:
    older, newer = await refunded(page, world), await refunded(page, world)
    await visit(page, "/operations?kind=refund-payin&mine=yes")
    await expect(journal_row(page, newer)).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await expect(journal_row(page, newer)).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(journal_row(page, older)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect_said(page, SENTENCE)
    assert operation_id(page) == older
    await page.go_back()
    await expect(journal_row(page, older)).to_be_focused()


async def test_a_draft_is_nobodys_business_and_in_no_journal(page: Page, world: World) -> None:
    payin = await world.paid()
    asked = await visit_refund(page, payin)
    await visit(page, "/operations")
    await expect(journal(page).locator(".skeleton")).to_have_count(0)
    await expect(journal_row(page, asked)).to_have_count(0)


async def test_older_operations_follow_page_by_page(page: Page, server: Server) -> None:
    await write_many(server, 51)
    await visit(page, "/operations?state=cancelled&kind=release-preauthorization")
    await expect(page.locator(".journal .list-row")).to_have_count(50)
    await page.get_by_role("link", name="Older").click()
    await expect(page.locator(".journal .list-row")).to_have_count(1)
    await expect(page.locator(".journal .list-row")).to_contain_text("Release 1")
    await page.get_by_role("link", name="Newest").click()
    await expect(page.locator(".journal .list-row")).to_have_count(50)
    await expect(page.locator(".journal .list-row").first).to_contain_text("Release 51")


async def write_many(server: Server, count: int) -> None:
    """Write down operations that came to nothing."""
    database, then = Database(f"sqlite:///{server.database}"), now() - timedelta(days=2)
    async with database.session() as session:
        for number in range(1, count + 1):
            session.add(
                Operation(
                    operation_id=f"op_many_{number}",
                    idempotency_key=f"many-{number}",
                    environment=Environment.LOCAL,
                    kind="release-preauthorization",
                    state=State.CANCELLED,
                    sentence=f"Release {number}",
                    asked_by="bob@example.com",
                    created_at=then,
                    changed_at=then,
                    asked_at=then,
                )
            )
        await session.commit()
    await database.dispose()


async def test_an_operation_that_is_not_there_is_explained(page: Page) -> None:
    await visit(page, "/operations/refund-payin/op_nobody")
    await expect(page.get_by_text("There is no such operation in this environment")).to_be_visible()
    await visit(page, "/operations/nonsense")
    await expect(page.get_by_text("There is no such operation")).to_be_visible()


async def test_a_form_can_be_filled_in_and_sent_by_the_keyboard_alone(page: Page, world: World) -> None:
    payin = await world.paid()
    await visit(page, "/operations")
    await page.get_by_role("link", name="Refund a pay-in").focus()
    await page.keyboard.press("Enter")
    await field(page, "Pay-in").focus()
    await page.keyboard.type(payin["Id"])
    await expect(submit_button(page)).to_have_text("Refund 12.60 EUR")
    for label in ("Author", "Amount", "Fees", "Statement descriptor", "Tag", "Reason"):
        await tab_to(page, label)
    await page.keyboard.type(WHY)
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Confirm")
    await expect(dialog).to_be_visible()
    # It takes the focus once it has come in.
    await page.wait_for_function("document.activeElement.closest('.q-dialog') !== null")
    for _ in range(4):
        await page.keyboard.press("Tab")
        if await dialog.locator(".money-button").evaluate("button => button === document.activeElement"):
            break
    await page.keyboard.press("Enter")
    await expect_said(page, "Done.")


async def tab_to(page: Page, label: str) -> None:
    """Press Tab until a field is reached, past the links between: to what an id stands for."""
    for _ in range(3):
        await page.keyboard.press("Tab")
        if await field(page, label).evaluate("input => input === document.activeElement"):
            return
    await expect(field(page, label)).to_be_focused()
