"""Each kind of operation, done once: a link fills in what is known, Olivia types the rest, confirms it and sees what
became of it.
"""

import re
from collections.abc import Mapping

import pytest
from playwright.async_api import Page, expect

from models.operations.kinds import OPERATIONS, OperationKind
from models.operations.parameters import Form
from tests.browser.operations import (
    ask,
    expect_said,
    field,
    submit_button,
    told,
    visit_form,
    yes,
)
from tests.services.emulator.banking import recipient
from tests.services.operations.scenes import SCENES, Ledger, Scene, World, kind_of
from ui.components.operation_parts import ONLY_MADE

# The market of the demo goes on meanwhile, pays fees, and has them paid out.
MOVED_BY_OTHERS = {"fees", "credit"}
BY_LINK = (Form.ID, Form.CHOICE, Form.TEXT, Form.URL)


@pytest.mark.parametrize("name", SCENES)
async def test_an_operation_of_each_kind_is_done_from_its_form(page: Page, world: World, name: str) -> None:
    kind, scene = OPERATIONS[kind_of(name)], await SCENES[name](world)
    before = await read(kind, scene)
    await visit_form(page, kind.name, by_link(kind, scene.values))
    await expect(told(field(page, first_id(kind, scene.values)))).not_to_be_empty()
    await type_amounts(page, kind, scene.values)
    dialog = await ask(page)
    sentence = (await dialog.get_by_role("heading").inner_text()).removesuffix("?")
    assert sentence.startswith(kind.verb)
    assert await read(kind, scene) == before
    await yes(page).click()
    await expect_said(page, sentence)
    if scene.finish is not None:
        await expect_said(page, "Mangopay has it and has not finished")
        await scene.finish()
    # What somebody else pays later is only made by it.
    await expect_said(page, "Done." if kind.name not in ONLY_MADE else "is made.", within_s=30)
    ways = page.locator(".operation-ways")
    await expect(ways.get_by_role("link", name=re.compile("^Open the "))).to_be_visible()
    done = {entry: number + scene.change.get(entry, 0) for entry, number in before.items()}
    assert await read(kind, scene) == done


async def read(kind: OperationKind, scene: Scene) -> Ledger:
    """Return what of the ledger nobody else moves: nothing of what is the platform's own."""
    if kind.group == "Platform":
        return {}
    return {name: number for name, number in (await scene.read()).items() if name not in MOVED_BY_OTHERS}


def by_link(kind: OperationKind, values: Mapping[str, str]) -> dict[str, str]:
    """Return what an object's page would fill in: all but amounts."""
    return {p.name: values[p.name] for p in kind.parameters if p.form in BY_LINK and p.name in values}


def first_id(kind: OperationKind, values: Mapping[str, str]) -> str:
    """Return the label of the first field that a link fills in with an id."""
    return next(p.label for p in kind.parameters if p.form is Form.ID and p.name in values)


async def type_amounts(page: Page, kind: OperationKind, values: Mapping[str, str]) -> None:
    for parameter in kind.parameters:
        if parameter.is_amount and parameter.name in values:
            await field(page, parameter.label).fill(values[parameter.name])


async def test_what_a_user_has_is_offered_to_be_filled_in_by_a_click(page: Page, world: World) -> None:
    bob = await world.verified_owner()
    wallet, account = await world.market.funded(bob, 1000), await recipient(world.market, bob)
    await visit_form(page, "payout")
    await field(page, "Author").fill(bob["Id"])
    await page.get_by_role("button", name="Bob Martin's wallet “A wallet”, 10.00 EUR").click()
    await expect(field(page, "From wallet")).to_have_value(wallet["Id"])
    await page.get_by_role("button", name="Bank account Bobs EUR account of Bob Martin").click()
    await expect(field(page, "Recipient")).to_have_value(account["Id"])
    await field(page, "Amount").fill("2,50")
    await expect(submit_button(page)).to_have_text("Pay out 2.50 EUR")
    await ask(page)
    await yes(page).click()
    await expect_said(page, "Done. The payout is SUCCEEDED.")
    assert await world.market.balance(wallet) == 750


async def test_what_a_payer_has_to_know_is_there_to_be_passed_on(page: Page, world: World) -> None:
    wallet = await world.market.wallet(await world.market.payer())
    await visit_form(page, "payin-bankwire", {"CreditedWalletId": wallet["Id"]})
    await field(page, "Amount").fill("50")
    await ask(page)
    await yes(page).click()
    await expect_said(page, "The reference is made.")
    [payin] = (await world.market.get(f"/wallets/{wallet['Id']}/transactions")).json()
    passed_on = page.get_by_role("region", name="To pass on to the payer")
    wire = (await world.market.get(f"/payins/{payin['Id']}")).json()
    for told_to_payer in (wire["WireReference"], wire["BankAccount"]["IBAN"]):
        await expect(passed_on).to_contain_text(told_to_payer)


async def test_the_page_that_a_payer_pays_on_is_there_to_be_passed_on(page: Page, world: World) -> None:
    alice = await world.market.payer()
    wallet = await world.market.wallet(await world.market.owner())
    link = {"CreditedWalletId": wallet["Id"], "AuthorId": alice["Id"], "ReturnURL": "https://example.com/thanks"}
    await visit_form(page, "payin-web", link)
    await field(page, "Amount").fill("50")
    await ask(page)
    await yes(page).click()
    await expect_said(page, "The payer pays on this page:")
    [payin] = (await world.market.get(f"/wallets/{wallet['Id']}/transactions")).json()
    shown = (await world.market.get(f"/payins/{payin['Id']}")).json()["RedirectURL"]
    await expect(page.get_by_role("link", name="Open the page")).to_have_attribute("href", shown)
