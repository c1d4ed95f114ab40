"""Four eyes: Olivia asks for more than the limit, Ada decides, and each sees what the other did."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from models.permissions import Role
from tests.browser.dashboard import sign_in, visit
from tests.browser.emulator import CONTROL_TOKEN
from tests.browser.operations import (
    SENTENCE,
    WHY,
    ask_and_confirm,
    expect_said,
    question,
    refunds_of,
    submit_button,
    visit_refund,
    world_of,
    yes,
)
from tests.browser.watch import watched_contexts
from tests.services.emulator.marketplace import Json
from tests.services.operations.scenes import World
from tests.serving import serving

OLIVIA, ADA, VICTOR = "olivia@example.com", "ada@example.com", "victor@example.com"
ROLES = {OLIVIA: Role.OPERATOR, ADA: Role.APPROVER, VICTOR: Role.VIEWER}
WAITS = "More than 10.00 EUR to the same place within 24 hours takes another person's approval."


@dataclass(frozen=True, slots=True)
class Desk:
    """Olivia, who asks, Ada, who approves, and Victor, who looks on, each before a browser of their own."""

    olivia: Page
    ada: Page
    victor: Page
    world: World


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    folder = tmp_path_factory.mktemp("limits")
    with serving(folder, DASHBOARD_EMULATOR_CONTROL=CONTROL_TOKEN, DASHBOARD_APPROVAL_LIMITS="EUR:10") as server:
        async with watched_contexts(chromium, base_url=server.base_url) as new_context, world_of(server) as world:
            states = [await sign_in(server, email, role) for email, role in ROLES.items()]
            olivia, ada, victor = [await (await new_context(storage_state=state)).new_page() for state in states]
            yield Desk(olivia, ada, victor, world)
        assert "Traceback" not in server.output, server.output


async def asked_by(page: Page, desk: Desk) -> Json:
    """Ask for the refund of a new pay-in, which waits for approval then; return the pay-in."""
    payin = await desk.world.paid()
    await visit_refund(page, payin)
    await ask_and_confirm(page)
    await expect_said(page, WAITS)
    assert await refunds_of(desk.world, payin) == []
    return payin


def decision(page: Page) -> Locator:
    return page.get_by_role("region", name="Your decision")


def waiting(page: Page, operation: Page) -> Locator:
    """The line of what waits, of the operation that another page shows."""
    path = operation.url.rpartition("/")[2]
    return (
        page.get_by_role("region", name="Waiting").get_by_role("listitem").filter(has=page.locator(f"[href$='{path}']"))
    )


async def test_what_is_above_the_limit_is_done_once_another_person_approves_it(desk: Desk) -> None:
    olivia, ada = desk.olivia, desk.ada
    payin = await asked_by(olivia, desk)
    await visit(ada, "/operations")
    await expect(waiting(ada, olivia)).to_contain_text(f"Asked for by {OLIVIA}. It waits for your decision.")
    await waiting(ada, olivia).get_by_role("link").click()
    await expect(decision(ada)).to_contain_text(SENTENCE)
    await expect(decision(ada)).to_contain_text("Balance of the wallet: 12.00 EUR, afterwards 0.00 EUR.")
    await decision(ada).get_by_role("button", name="Approve: Refund 12.60 EUR").click()
    await expect(question(ada)).to_contain_text(f"{SENTENCE}?")
    await expect(question(ada)).to_contain_text(WHY)
    await yes(ada).click()
    for page in (ada, olivia):
        await expect_said(page, "Done. The refund is SUCCEEDED.")
        await expect(page.get_by_role("region", name="Journal")).to_contain_text(ADA)
    await expect(decision(ada)).to_have_count(0)
    assert len(await refunds_of(desk.world, payin)) == 1


async def test_what_is_not_above_the_limit_is_done_at_once(desk: Desk) -> None:
    payin = await desk.world.paid(1000, 0)
    await desk.olivia.goto(f"/operations/refund-payin?PayInId={payin['Id']}")
    await ask_and_confirm(desk.olivia)
    await expect_said(desk.olivia, "Done.")
    assert len(await refunds_of(desk.world, payin)) == 1


async def test_whoever_asked_cannot_decide_whatever_their_role(desk: Desk) -> None:
    await asked_by(desk.ada, desk)
    await expect(desk.ada.get_by_role("button", name="Take it back")).to_be_visible()
    await expect(decision(desk.ada)).to_have_count(0)
    await visit(desk.olivia, "/operations")
    await expect(waiting(desk.olivia, desk.ada)).to_contain_text(f"Asked for by {ADA}. It waits for another person")
    for page in (desk.olivia, desk.victor):
        await visit(page, desk.ada.url)
        await expect_said(page, WAITS)
        await expect(decision(page)).to_have_count(0)
        await expect(page.get_by_role("button", name="Take it back")).to_have_count(0)


async def test_a_refusal_takes_a_reason_that_whoever_asked_reads(desk: Desk) -> None:
    olivia, ada = desk.olivia, desk.ada
    payin = await asked_by(olivia, desk)
    await visit(ada, olivia.url)
    # Too short a reason is said beside its field, like none.
    for typed in ("", "no"):
        await decision(ada).get_by_role("textbox", name="Reason for refusing").fill(typed)
        await decision(ada).get_by_role("button", name="Refuse").click()
        await expect(decision(ada).get_by_role("alert")).to_contain_text("Say why, in 3 characters or more")
    await decision(ada).get_by_role("textbox", name="Reason for refusing").fill("The parcel was signed for.")
    await decision(ada).get_by_role("button", name="Refuse").click()
    for page in (ada, olivia):
        await expect_said(page, f"{ADA} has refused it.")
        await expect_said(page, "“The parcel was signed for.”")
    await expect(olivia.get_by_role("button", name="Take it back")).to_have_count(0)
    await olivia.get_by_role("link", name="Try again").click()
    await expect(submit_button(olivia)).to_have_text("Ask to refund 12.60 EUR")
    assert await refunds_of(desk.world, payin) == []


async def test_what_waits_can_be_taken_back_by_whoever_asked_and_is_decided_no_more(desk: Desk) -> None:
    olivia, ada = desk.olivia, desk.ada
    payin = await asked_by(olivia, desk)
    await visit(ada, olivia.url)
    await expect(decision(ada)).to_be_visible()
    await olivia.get_by_role("button", name="Take it back").click()
    await olivia.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    for page in (olivia, ada):
        await expect_said(page, "Taken back by whoever asked for it.")
    await expect(decision(ada)).to_have_count(0)
    assert await refunds_of(desk.world, payin) == []


async def test_what_was_emptied_meanwhile_is_not_approved(desk: Desk) -> None:
    payin = await asked_by(desk.olivia, desk)
    await visit(desk.ada, desk.olivia.url)
    await expect(decision(desk.ada)).to_contain_text("afterwards 0.00 EUR")
    market = desk.world.market
    shop = (await market.get(f"/wallets/{payin['CreditedWalletId']}")).json()
    assert (await market.transfer(shop, await market.wallet({"Id": shop["Owners"][0]}), 1200)).status_code == 200
    await decision(desk.ada).get_by_role("button", name="Approve: Refund 12.60 EUR").click()
    await expect(decision(desk.ada)).to_contain_text("It cannot be approved as it stands.")
    await expect(decision(desk.ada)).to_contain_text("There are only 0.00 EUR in the wallet.")
    assert await refunds_of(desk.world, payin) == []
