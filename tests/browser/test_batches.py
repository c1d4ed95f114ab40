"""Olivia uploads files of refunds: what is wrong is shown by line, a right file is confirmed, held and followed."""

import csv
import io
from collections.abc import Sequence

import pytest_asyncio
from playwright.async_api import FilePayload, Locator, Page, expect

from tests.browser.accessibility import tree, unnamed
from tests.browser.contrast import expect_contrast
from tests.browser.dashboard import PHONE, SPILLS, visit
from tests.browser.pictures import picture_in_every_size
from tests.services.emulator.marketplace import created
from tests.services.operations.scenes import World

HEADER = "PayInId,Currency,DebitedFunds,Fees"
WHY = "The fair was called off"


@pytest_asyncio.fixture(loop_scope="session")
async def payins(world: World) -> list[str]:
    """Alice has paid Bob 2 EUR five times."""
    market = world.market
    alice, bob = await market.payer(), await market.owner()
    wallet, card = await market.wallet(bob), await market.card(alice)
    return [created(await market.pay_in(card, wallet, 200))["Id"] for _ in range(5)]


def file_of(payins: Sequence[str], amount: str = "1.00") -> str:
    return "\n".join((HEADER, *(f"{payin},EUR,{amount},0" for payin in payins)))


async def upload(page: Page, text: str) -> None:
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose a CSV file").click()
    await (await chooser.value).set_files(payload("refunds.csv", text.encode()))


def payload(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


async def upload_right_one(page: Page, payins: Sequence[str], act: str) -> None:
    await visit(page, "/operations/batches")
    await upload(page, file_of(payins))
    await expect(page.get_by_role("heading", name=act)).to_be_visible()


async def confirm(page: Page, act: str) -> None:
    await decision(page).get_by_label("Reason").fill(WHY)
    await decision(page).get_by_role("button", name=act).click()
    await page.get_by_role("dialog", name=f"{act}?").get_by_role("button", name=act).click()


def decision(page: Page) -> Locator:
    return page.get_by_role("region", name="Your decision")


def lines(page: Page) -> Locator:
    return page.get_by_role("table", name="Lines").locator("[data-href]")


async def refunds(world: World, payins: Sequence[str]) -> list[int]:
    answers = [await world.market.get(f"/payins/{payin}/refunds") for payin in payins]
    return [len(answer.json()) for answer in answers]


async def test_a_file_with_faults_is_corrected_confirmed_and_done(page: Page, world: World, payins: list[str]) -> None:
    await visit(page, "/operations/batches")
    text = file_of(payins).splitlines()
    text[2], text[4] = text[2].replace("1.00", "9.00"), text[4].replace(payins[3], "payin_m_nobody")
    await upload(page, "\n".join(text))
    faults = page.get_by_role("region", name="New batch").get_by_role("table")
    await expect(faults.get_by_role("row")).to_have_count(3)
    await expect(faults.get_by_role("row").nth(1)).to_contain_text("Only 2.00 EUR can still be given back.")
    await expect(faults.get_by_role("row").nth(2).get_by_role("cell").nth(1)).to_have_text("PayInId")
    await expect(page.get_by_role("alert")).to_contain_text("2 faults in 5 lines. Nothing was kept")
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Download the faults as CSV").click()
    saved = (await (await download.value).path()).read_text()
    assert [row["Line"] for row in csv.DictReader(io.StringIO(saved))] == ["3", "5"]
    await picture_in_every_size(page, "batch-faults")
    await expect_contrast(page, within=".content")
    assert unnamed(await tree(page)) == []

    await upload(page, file_of(payins))
    act = "Refund 5 pay-ins, 5.00 EUR"
    await expect(page.get_by_role("heading", name=act)).to_be_visible()
    assert await refunds(world, payins) == [0] * 5
    await picture_in_every_size(page, "batch-decision")
    await expect_contrast(page, within=".content")
    assert unnamed(await tree(page)) == []
    await decision(page).get_by_role("button", name=act).click()
    await expect(decision(page).get_by_role("alert")).to_contain_text("Say why")
    await confirm(page, act)
    await expect(page.get_by_text("5 of 5 done")).to_be_visible()
    await expect(page.locator(".page-head .chip")).to_have_text("check_circleFinished")
    assert await refunds(world, payins) == [1] * 5
    await expect(lines(page)).to_have_count(5)
    await picture_in_every_size(page, "batch-finished")

    async with page.expect_download() as download:
        await page.get_by_role("link", name="Results as CSV").click()
    rows = list(csv.DictReader(io.StringIO((await (await download.value).path()).read_text())))
    assert [(row["PayInId"], row["State"], row["Reason"]) for row in rows] == [
        (payin, "succeeded", WHY) for payin in payins
    ]
    await lines(page).first.get_by_role("link").click()
    await page.wait_for_url(f"**/operations/refund-payin/{rows[0]['OperationId']}")


async def test_a_batch_that_waits_is_paused_resumed_and_its_rest_cancelled(
    page: Page, world: World, payins: list[str]
) -> None:
    act = "Refund 5 pay-ins, 5.00 EUR"
    await upload_right_one(page, payins, act)
    # One line whose answer is lost, and what became of it cannot be found out for a while.
    lost = {"Kind": "error", "When": "after", "Status": 503, "Method": "POST", "Times": 1}
    untold = {"Kind": "error", "Status": 503, "Method": "GET", "Path": "/responses/*"}
    rules = [lost | {"Path": f"/payins/{payins[1].lower()}/refunds"}, untold]
    assert (await world.control.put("/faults", {"Api": rules})).is_success
    await confirm(page, act)
    await expect(page.get_by_text("Waiting until it is known what became of line 3.")).to_be_visible()
    await page.get_by_role("button", name="Pause").click()
    await expect(page.locator(".page-head .chip")).to_contain_text("Paused")
    assert (await world.control.delete("/faults")).is_success
    await expect(page.get_by_text("2 of 5 done")).to_be_visible(timeout=60_000)
    assert await refunds(world, payins) == [1, 1, 0, 0, 0]
    await picture_in_every_size(page, "batch-half-way")
    await page.reload()
    await page.get_by_role("navigation", name="Views").get_by_role("link", name="Queued 3").click()
    await expect(lines(page)).to_have_count(3)
    await page.get_by_role("button", name="Cancel the rest").click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel the rest").click()
    await expect(page.get_by_text("2 of 5 done, 3 cancelled")).to_be_visible()
    assert await refunds(world, payins) == [1, 1, 0, 0, 0]
    await visit(page, "/operations/batches")
    await expect(
        page.get_by_role("table", name="Batches").get_by_text("2 of 5 done, 3 cancelled").first
    ).to_be_visible()
    await picture_in_every_size(page, "batches")
    await expect_contrast(page, within=".content")
    await page.set_viewport_size(PHONE)
    assert not await page.evaluate(SPILLS)


async def test_somebody_else_s_yes_to_the_same_file_is_told_while_one_decides(page: Page, payins: list[str]) -> None:
    act = "Refund 5 pay-ins, 5.00 EUR"
    await upload_right_one(page, payins, act)
    await decision(page).get_by_label("Reason").fill(WHY)
    other = await page.context.new_page()
    await upload_right_one(other, payins, act)
    await confirm(other, act)
    await expect(other.get_by_text("5 of 5 done")).to_be_visible()
    await expect(page.get_by_text("A batch with exactly these lines is finished already, asked for by")).to_be_visible()
    # What was typed meanwhile stays.
    await expect(decision(page).get_by_label("Reason")).to_have_value(WHY)
    await other.close()


async def test_a_line_that_waits_says_for_which_batch_and_how_that_stands(page: Page, payins: list[str]) -> None:
    await upload_right_one(page, payins, "Refund 5 pay-ins, 5.00 EUR")
    address = page.url
    await lines(page).first.get_by_role("link").click()
    await expect(page.get_by_text("It waits for its turn in a batch, which is checked.")).to_be_visible()
    # A link in a message opens beside the page.
    async with page.expect_popup() as popup:
        await page.get_by_role("link", name="Look at the batch").click()
    beside = await popup.value
    await beside.wait_for_url(address)
    await beside.get_by_role("button", name="Discard").click()
    await beside.get_by_role("dialog").get_by_role("button", name="Discard").click()
    await expect(page.locator(".operation-sheet").get_by_text("Cancelled by")).to_be_visible()
    await beside.close()


async def test_a_file_that_is_no_csv_and_a_batch_that_is_not_there_are_said_to_be(page: Page) -> None:
    await visit(page, "/operations/batches")
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose a CSV file").click()
    await (await chooser.value).set_files(payload("refunds.xlsx", b"PK"))
    await expect(page.get_by_text("“refunds.xlsx” is no CSV file.")).to_be_visible()
    await page.goto("/operations/batches/batch_of_nobody")
    await expect(page.get_by_text("There is no such batch in this environment.")).to_be_visible()


async def test_fifty_bad_lines_of_a_thousand_are_each_told_by_line_and_column(page: Page) -> None:
    lines = [f"payin_m_{number:026},1.00,0,EUR" for number in range(1_000)]
    bad = range(10, 1_000, 20)
    for number in bad:
        lines[number] = lines[number].replace("1.00", "1.000.5")
    await visit(page, "/operations/batches")
    await upload(page, "\n".join(["PayInId,DebitedFunds,Fees,Currency", *lines]))
    await expect(page.get_by_role("alert")).to_contain_text("50 faults in 1,000 lines. Nothing was kept")
    faults = page.get_by_role("region", name="New batch").get_by_role("table").get_by_role("row")
    await expect(faults).to_have_count(1 + len(bad))
    cells = faults.nth(1).get_by_role("cell")
    # The first line of the file has the names of the columns.
    await expect(cells.nth(0)).to_have_text(str(bad[0] + 2))
    await expect(cells.nth(1)).to_have_text("DebitedFunds")
