"""Olivia adds documents of users and of disputes: what a browser sends and is told, and what Mangopay has of it."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import FilePayload, Locator, Page, Request, Route, expect

from models.permissions import Role
from tests.browser.accessibility import tree, unnamed
from tests.browser.contrast import expect_contrast
from tests.browser.dashboard import PHONE, SPILLS, sign_in, visit
from tests.browser.emulator import LocalMangopay
from tests.browser.watch import NewContext
from tests.services.emulator.marketplace import company_body, owner_body
from tests.serving import Server

Json = dict[str, Any]
PASSPORT = b"%PDF-1.7" + bytes(33_000)
BACK = b"\x89PNG\r\n\x1a\n" + bytes(1_500_000)
PAYER = {"FirstName": "Alice", "LastName": "Martin", "Email": "alice@example.com", "UserCategory": "PAYER"}
LOST_ANSWER = {"Kind": "error", "Method": "POST", "Times": 1, "When": "after"}
NOT_DONE = {"Kind": "error", "Times": 1, "Status": 503}
ADD, FINISH = "Add a document", "Finish the document"


async def new_user(local: LocalMangopay, body: Json | None = None, *, kind: str = "natural") -> str:
    """Create a user, an OWNER if it is not said what else, and return the id."""
    return str((await local.post(f"/sca/users/{kind}", body or owner_body()))["Id"])


async def new_dispute(local: LocalMangopay) -> str:
    """Let a payer dispute a payment of their own, and return the id."""
    payer = await new_user(local, PAYER | {"TermsAndConditionsAccepted": True})
    wallet = await local.post("/wallets", {"Owners": [payer], "Description": "A wallet", "Currency": "EUR"})
    body = {"AuthorId": payer, "CreditedWalletId": wallet["Id"], "DeclaredDebitedFunds": euros(1000)}
    wire = await local.post("/payins/bankwire/direct", body | {"DeclaredFees": euros(0)})
    for action in ("bankwire.accept", "dispute.open"):
        answer = await local.control.post(f"/do/{action}/{wire['Id']}", json={})
        assert answer.is_success, answer.text
    return str(answer.json()["Id"])


def euros(amount: int) -> Json:
    return {"Currency": "EUR", "Amount": amount}


async def documents_of(local: LocalMangopay, user: str) -> list[Json]:
    found: list[Json] = await local.get(f"/users/{user}/kyc/documents")
    return found


async def pages_of(local: LocalMangopay, document: Json, *, at: str = "/kyc/documents") -> list[bytes]:
    links = await local.post(f"{at}/{document['Id']}/consult", {})
    return [(await local.api.get(link["Url"])).content for link in links]


async def open_panel(page: Page, user: str) -> Locator:
    await visit(page, f"/users/{user}/kyc")
    await page.get_by_role("button", name=ADD).click()
    return page.get_by_role("region", name=ADD)


async def open_evidence(page: Page, dispute: str) -> Locator:
    await visit(page, f"/objects/dispute/{dispute}")
    await page.get_by_role("button", name=ADD).click()
    return page.get_by_role("region", name=ADD)


async def open_to_finish(page: Page, document: Json, *, kind: str = "kyc-document") -> Locator:
    await visit(page, f"/objects/{kind}/{document['Id']}")
    return page.get_by_role("region", name=FINISH)


def scan(name: str = "passport.pdf", content: bytes = PASSPORT) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


async def choose(page: Page, *files: FilePayload | Path) -> None:
    """Choose files in the browser's own dialog: all by what they hold, or all by where they are."""
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose files").click()
    await (await chooser.value).set_files(files)  # type: ignore[arg-type]


def uploads_of(page: Page) -> list[Request]:
    """Return a list that fills with the requests in which a page sends files."""
    posted: list[Request] = []
    page.on("request", lambda request: posted.append(request) if "/upload/" in request.url else None)
    return posted


def listed(panel: Locator) -> Locator:
    return panel.get_by_role("listitem")


async def send(panel: Locator, *, label: str = "Send for validation") -> None:
    await panel.get_by_role("button", name=label).click()


async def expect_sent(panel: Locator, what: str) -> None:
    await expect(panel.get_by_role("status").filter(has_text=what)).to_be_visible()


async def test_a_document_is_sent_with_its_pages_in_their_order(page: Page, local: LocalMangopay) -> None:
    user = await new_user(local)
    panel = await open_panel(page, user)
    await panel.get_by_label("Tag (optional)").fill("accept")
    # The second is smaller, and would arrive first by itself.
    await choose(page, scan("back.png", BACK), scan())
    await expect(listed(panel)).to_contain_text(["back.png 1.5 MB", "passport.pdf 33 kB"])
    await send(panel)
    await expect_sent(panel, "Identity proof with 2 pages is sent for validation.")
    await expect(panel).to_be_focused()
    [document] = await documents_of(local, user)
    assert (document["Type"], document["Tag"], document["Status"]) == ("IDENTITY_PROOF", "accept", "VALIDATED")
    assert await pages_of(local, document) == [BACK, PASSPORT]
    # The page around it has been told.
    await expect(page.get_by_text("Every document it needs is validated")).to_be_visible()
    await expect(panel.get_by_role("link", name="Open the document")).to_have_attribute(
        "href", f"/objects/kyc-document/{document['Id']}"
    )


async def test_another_document_is_another_one(page: Page, local: LocalMangopay) -> None:
    user = await new_user(local)
    panel = await open_panel(page, user)
    for kind in ("Identity proof", "Address proof"):
        await panel.get_by_role("radio", name=kind).check()
        await choose(page, scan())
        await expect(listed(panel)).to_have_count(1)
        await send(panel)
        await expect_sent(panel, f"{kind} with 1 page is sent for validation.")
        await panel.get_by_role("button", name="Add another document").click()
    assert {document["Type"] for document in await documents_of(local, user)} == {"IDENTITY_PROOF", "ADDRESS_PROOF"}


async def test_what_is_wrong_with_a_file_is_said_and_nothing_is_sent(page: Page, local: LocalMangopay) -> None:
    user = await new_user(local, company_body(), kind="legal")
    panel = await open_panel(page, user)
    await send(panel)
    await expect(panel.get_by_role("alert")).to_contain_text("Choose at least one file.")
    await choose(page, scan("small.pdf", PASSPORT[:2_000]), scan("fake.pdf", b"GIF89a" + bytes(40_000)), scan())
    await expect(listed(panel).nth(0)).to_contain_text("needs at least 32 kB")
    await expect(listed(panel).nth(1)).to_contain_text("“fake.pdf” is no PDF, JPEG or PNG")
    await send(panel)
    await expect(panel.get_by_role("alert")).to_contain_text("Remove the files that are marked")
    # As another type, the small one will do.
    await panel.get_by_role("radio", name="Registration proof").check()
    await expect(listed(panel).nth(0)).not_to_contain_text("needs at least")
    await panel.get_by_role("button", name="Remove page 2").click()
    await expect(panel.get_by_role("button", name="Choose files")).to_be_focused()
    await expect(listed(panel)).to_contain_text(["small.pdf", "passport.pdf"])
    await expect(panel.get_by_role("alert")).to_have_count(0)
    assert await documents_of(local, user) == []


async def test_what_cannot_be_a_page_is_not_even_received(page: Page, local: LocalMangopay, tmp_path: Path) -> None:
    posted = uploads_of(page)
    panel = await open_panel(page, await new_user(local))
    film, large = tmp_path / "film.mp4", tmp_path / "large.pdf"
    film.write_bytes(b"film")
    large.write_bytes(b"%PDF-1.7" + bytes(7_000_000))
    await choose(page, film, large)
    alert = panel.get_by_role("alert")
    await expect(alert).to_contain_text("“film.mp4” is no PDF, JPEG or PNG.")
    await expect(alert).to_contain_text("“large.pdf” is too large: Mangopay takes at most 7 MB.")
    assert posted == []
    await choose(page, scan())
    await expect(listed(panel)).to_contain_text(["passport.pdf"])
    await expect(alert).to_have_count(0)


async def test_what_was_refused_and_removed_can_be_chosen_beside_others(
    page: Page, local: LocalMangopay, tmp_path: Path
) -> None:
    panel = await open_panel(page, await new_user(local))
    passport, film = tmp_path / "passport.pdf", tmp_path / "film.mp4"
    passport.write_bytes(PASSPORT)
    film.write_bytes(b"film")
    for _ in range(2):
        await choose(page, passport, film)
        await expect(listed(panel)).to_contain_text(["passport.pdf"])
        await expect(panel.get_by_role("alert")).to_contain_text("“film.mp4” is no PDF, JPEG or PNG.")
        await panel.get_by_role("button", name="Remove page 1").click()
        await expect(listed(panel)).to_have_count(0)


async def test_five_pages_are_enough(page: Page, local: LocalMangopay) -> None:
    panel = await open_panel(page, await new_user(local))
    await choose(page, *(scan(f"{number}.pdf") for number in range(6)))
    await expect(listed(panel)).to_have_count(5)
    await expect(panel.get_by_role("alert")).to_contain_text("“5.pdf” was not added: a document has at most 5 pages.")
    pick = panel.get_by_role("button", name="Choose files")
    await expect(pick).to_be_disabled()
    await panel.get_by_role("button", name="Remove page 1").click()
    await expect(pick).to_be_enabled()
    await choose(page, scan("6.pdf"))
    await expect(listed(panel)).to_contain_text([f"{number}.pdf" for number in (1, 2, 3, 4, 6)])


async def test_more_than_may_arrive_at_once_is_said_with_what_may(
    page: Page, new_context: NewContext, local: LocalMangopay, tmp_path: Path
) -> None:
    new_context.expect("413")
    panel = await open_panel(page, await new_user(local))
    files = [tmp_path / f"{number}.pdf" for number in range(6)]
    for file in files:
        file.write_bytes(b"%PDF-1.7" + bytes(6_900_000))
    await choose(page, *files)
    await expect(panel.get_by_role("alert")).to_contain_text(
        "Choose them again, at most 5 at once, of at most 7 MB each"
    )
    await choose(page, *files[:5])
    await expect(listed(panel)).to_have_count(5)


async def test_nothing_is_sent_while_files_are_still_arriving(page: Page, local: LocalMangopay) -> None:
    arrive = asyncio.Event()

    async def hold(route: Route) -> None:
        await arrive.wait()
        await route.continue_()

    await page.route("**/upload/*", hold)
    user = await new_user(local)
    panel = await open_panel(page, user)
    await choose(page, scan())
    await expect(panel.get_by_text("Receiving the files", exact=True).first).to_be_visible()
    await send(panel)
    await expect(panel.get_by_role("alert")).to_contain_text("Wait until the files have arrived.")
    assert await documents_of(local, user) == []
    arrive.set()
    await expect(listed(panel)).to_contain_text(["passport.pdf"])
    await send(panel)
    await expect_sent(panel, "Identity proof with 1 page is sent for validation.")


async def test_files_that_do_not_arrive_are_chosen_again(
    page: Page, new_context: NewContext, local: LocalMangopay
) -> None:
    new_context.expect("404")
    await page.route("**/upload/*", lambda route: route.fulfill(status=404), times=1)
    panel = await open_panel(page, await new_user(local))
    await choose(page, scan())
    await expect(panel.get_by_role("alert")).to_contain_text("The files did not arrive.")
    await choose(page, scan())
    await expect(listed(panel)).to_contain_text(["passport.pdf"])
    await expect(panel.get_by_role("alert")).to_have_count(0)


async def test_two_files_of_one_name_are_two_pages(page: Page, local: LocalMangopay) -> None:
    panel = await open_panel(page, await new_user(local))
    await choose(page, scan("scan.pdf"), scan("scan.pdf", PASSPORT + b"2"))
    await expect(listed(panel)).to_contain_text(["scan.pdf", "scan.pdf"])


async def test_a_file_with_a_hostile_name_is_text(page: Page, local: LocalMangopay) -> None:
    name = "\" onclick='alert(1)' <img src=x onerror=alert(2)>.pdf"
    panel = await open_panel(page, await new_user(local))
    await choose(page, scan(name), scan("<b>small.pdf", b"%PDF-"))
    await expect(listed(panel).nth(0)).to_contain_text("<img src=x onerror=alert(2)>.pdf")
    await expect(listed(panel).nth(1)).to_contain_text("“<b>small.pdf” is too small")
    await expect(panel.locator("img, b")).to_have_count(0)


async def test_after_a_lost_answer_trying_again_makes_no_second_document(page: Page, local: LocalMangopay) -> None:
    user = await new_user(local)
    panel = await open_panel(page, user)
    await choose(page, scan())
    await expect(listed(panel)).to_have_count(1)
    async with local.faults(LOST_ANSWER | {"Path": "/users/*/kyc/documents"}):
        await send(panel)
        await expect(panel.get_by_role("alert")).to_contain_text("Whether the document exists is not known.")
    # Another type or tag would ask for another document.
    await expect(panel.get_by_role("radio")).to_have_count(0)
    await send(panel, label="Try again")
    await expect_sent(panel, "Identity proof with 1 page is sent for validation.")
    [document] = await documents_of(local, user)
    assert await pages_of(local, document) == [PASSPORT]


async def test_when_a_page_fails_the_rest_goes_on_from_there(page: Page, local: LocalMangopay) -> None:
    user = await new_user(local)
    panel = await open_panel(page, user)
    await choose(page, scan(), scan("back.png", BACK))
    await expect(listed(panel)).to_have_count(2)
    alert = panel.get_by_role("alert")
    async with local.faults(NOT_DONE | {"Method": "POST", "Path": "/users/*/pages", "Status": 403}):
        await send(panel)
        await expect(alert).to_contain_text("The document exists with no pages but is not submitted.")
    [document] = await documents_of(local, user)
    await expect(panel).to_contain_text(document["Id"])
    await expect(panel.get_by_role("button", name=re.compile("^Remove"))).to_have_count(2)

    async with local.faults(LOST_ANSWER | {"Path": "/users/*/pages"}):
        await send(panel, label="Try again")
        await expect(alert).to_contain_text("exists with no pages, perhaps one, but is not submitted.")
    assert await pages_of(local, document) == [PASSPORT]
    # What may be a page already cannot be taken away.
    await expect(listed(panel).nth(0)).to_contain_text("Perhaps sent")
    await expect(panel.get_by_role("button", name=re.compile("^Remove"))).to_have_accessible_name("Remove page 2")

    async with local.faults(NOT_DONE | {"Method": "PUT", "Path": "/users/*/kyc/documents/*"}):
        await send(panel, label="Try again")
        await expect(alert).to_contain_text("The document exists with 2 pages; whether it is submitted is not known.")
    await expect(listed(panel).get_by_text("Sent")).to_have_count(2)
    await expect(panel.get_by_role("button", name=re.compile("^Remove"))).to_have_count(0)

    await send(panel, label="Try again")
    await expect_sent(panel, "Identity proof with 2 pages is sent for validation.")
    assert [found["Status"] for found in await documents_of(local, user)] == ["VALIDATION_ASKED"]
    assert await pages_of(local, document) == [PASSPORT, BACK]


async def test_a_page_that_mangopay_refuses_can_be_replaced(page: Page, local: LocalMangopay) -> None:
    user = await new_user(local)
    panel = await open_panel(page, user)
    await choose(page, scan("bad.pdf"))
    await expect(listed(panel)).to_have_count(1)
    async with local.faults(NOT_DONE | {"Method": "POST", "Path": "/users/*/pages", "Status": 415}):
        await send(panel)
        alert = panel.get_by_role("alert")
        await expect(alert).to_contain_text("The document exists with no pages but is not submitted.")
    await expect(listed(panel)).to_contain_text(["Mangopay refused the request"])
    await send(panel, label="Try again")
    await expect(panel.get_by_role("alert")).to_contain_text("Remove the files that are marked")
    await panel.get_by_role("button", name="Remove page 1").click()
    await choose(page, scan())
    await expect(listed(panel)).to_contain_text(["passport.pdf"])
    await send(panel, label="Try again")
    await expect_sent(panel, "Identity proof with 1 page is sent for validation.")
    assert len(await documents_of(local, user)) == 1


async def test_what_is_refused_twice_is_told_in_the_same_words(page: Page, local: LocalMangopay) -> None:
    user = await new_user(local)
    panel = await open_panel(page, user)
    alert = panel.get_by_role("alert")
    assert (await local.api.delete(f"/users/natural/{user}")).is_success
    for label in ("Send for validation", "Try again"):
        await choose(page, scan())
        await expect(listed(panel)).to_have_count(1)
        await send(panel, label=label)
        await expect(alert).to_contain_text("Mangopay refused the request: The user is closed")
        await expect(alert).to_contain_text("Nothing is at Mangopay yet.")
        await expect(alert).not_to_contain_text("An earlier try")
        await panel.get_by_role("button", name="Remove page 1").click()
        await expect(alert).to_have_count(0)
    assert await documents_of(local, user) == []


async def test_a_double_click_sends_one_document(page: Page, local: LocalMangopay) -> None:
    user = await new_user(local)
    panel = await open_panel(page, user)
    await choose(page, scan())
    await expect(listed(panel)).to_have_count(1)
    await panel.get_by_role("button", name="Send for validation").dblclick()
    await expect_sent(panel, "Identity proof with 1 page is sent for validation.")
    assert len(await documents_of(local, user)) == 1


async def test_a_document_that_was_begun_is_finished_from_its_own_page(page: Page, local: LocalMangopay) -> None:
    user = await new_user(local)
    begun = await local.post(f"/users/{user}/kyc/documents", {"Type": "ADDRESS_PROOF", "Tag": "accept"})
    panel = await open_to_finish(page, begun)
    await expect(panel).to_contain_text("Address proof")
    await expect(panel.get_by_role("radio")).to_have_count(0)
    await send(panel)
    await expect(panel.get_by_role("alert")).to_contain_text("has the pages it had and no pages more but is not")
    await choose(page, scan())
    await expect(listed(panel)).to_have_count(1)
    await send(panel, label="Try again")
    # The page shows the document as it is now, which takes no more pages.
    await expect(panel).to_have_count(0)
    await expect(page.get_by_text("VALIDATED").first).to_be_visible()
    [document] = await documents_of(local, user)
    assert (document["Id"], document["Status"]) == (begun["Id"], "VALIDATED")


async def test_whose_documents_lead_to_nothing_is_said_beforehand(page: Page, local: LocalMangopay) -> None:
    payer, closed = [await new_user(local, PAYER | {"TermsAndConditionsAccepted": True}) for _ in range(2)]
    begun = await local.post(f"/users/{closed}/kyc/documents", {"Type": "IDENTITY_PROOF"})
    assert (await local.api.delete(f"/users/natural/{closed}")).is_success
    panel = await open_panel(page, payer)
    await expect(panel).to_contain_text("This user is a PAYER: whatever is sent here ends REFUSED.")
    panel = await open_to_finish(page, begun)
    await expect(panel).to_contain_text("This user is closed, and takes no documents any more.")
    await expect(panel.get_by_role("button")).to_have_count(0)


async def test_everything_is_done_from_the_keyboard(page: Page, local: LocalMangopay) -> None:
    user = await new_user(local)
    panel = await open_panel(page, user)
    # From the beginning, for Playwright takes a while to be ready for one.
    async with page.expect_file_chooser() as chooser:
        await panel.get_by_role("radio", name="Identity proof").focus()
        await page.keyboard.press("ArrowDown")
        await expect(panel.get_by_role("radio", name="Address proof")).to_be_checked()
        await page.keyboard.press("Tab")
        await page.keyboard.type("by hand")
        for key in ("Tab", "Tab", "Enter"):
            await page.keyboard.press(key)
    await (await chooser.value).set_files([scan()])
    await expect(listed(panel)).to_have_count(1)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect_sent(panel, "Address proof with 1 page is sent for validation.")
    [document] = await documents_of(local, user)
    assert (document["Type"], document["Tag"]) == ("ADDRESS_PROOF", "by hand")


async def test_the_panel_is_named_readable_and_fits_a_phone(page: Page, local: LocalMangopay) -> None:
    panel = await open_panel(page, await new_user(local))
    await choose(page, scan("a-name-as-long-as-scanners-make-them-" * 4 + ".pdf"), scan("small.pdf", b"%PDF-"))
    await expect(listed(panel)).to_have_count(2)
    await send(panel)
    await panel.get_by_text("Tags that decide the outcome in Local").click()
    assert unnamed(await tree(page)) == []
    await expect_contrast(page, within=".document-upload")
    await page.set_viewport_size(PHONE)
    assert not await page.evaluate(SPILLS)


async def test_a_file_is_taken_from_the_session_whose_page_it_is_and_no_other(
    page: Page, local: LocalMangopay, server: Server
) -> None:
    posted = uploads_of(page)
    panel = await open_panel(page, await new_user(local))
    await choose(page, scan())
    await expect(listed(panel)).to_have_count(1)
    mallory = await sign_in(server, "mallory@example.com", Role.OPERATOR)
    cookies = {cookie["name"]: cookie["value"] for cookie in mallory["cookies"]}
    async with httpx.AsyncClient(cookies=cookies, headers={"Origin": server.base_url}, verify=False) as http:
        answer = await http.post(posted[0].url, files={"a": ("forged.pdf", PASSPORT)})
    assert answer.status_code == 404
    await choose(page, scan("back.png", BACK))
    await expect(listed(panel)).to_contain_text(["passport.pdf", "back.png"])


async def test_evidence_is_added_to_a_dispute_which_is_contested_then(page: Page, local: LocalMangopay) -> None:
    dispute = await new_dispute(local)
    panel = await open_evidence(page, dispute)
    await panel.get_by_role("radio", name="Invoice").check()
    await choose(page, scan("invoice.pdf"), scan("small.png", BACK[:8]))
    await expect(listed(panel)).to_contain_text(["invoice.pdf 33 kB", "small.png 8 bytes"])
    async with local.faults(LOST_ANSWER | {"Path": "/disputes/*/documents"}):
        await send(panel)
        await expect(panel.get_by_role("alert")).to_contain_text("Whether the document exists is not known.")
    await send(panel, label="Try again")
    await expect_sent(panel, "Invoice with 2 pages is sent for validation.")
    [document] = await local.get(f"/disputes/{dispute}/documents")
    assert (document["Type"], document["Status"]) == ("INVOICE", "VALIDATION_ASKED")
    assert await pages_of(local, document, at="/dispute-documents") == [PASSPORT, BACK[:8]]
    # The list beside it has been told.
    documents = page.get_by_role("table", name="Documents")
    await expect(documents).to_contain_text("Invoice")
    await expect(panel.get_by_role("link", name="Open the document")).to_have_attribute(
        "href", f"/objects/dispute-document/{document['Id']}"
    )
    await panel.get_by_role("link", name="Contest the dispute").click()
    await expect(page).to_have_url(re.compile("/operations/contest-dispute"))
    await expect(page.get_by_label("Dispute", exact=True)).to_have_value(dispute)


async def test_evidence_that_was_begun_is_finished_from_its_own_page(page: Page, local: LocalMangopay) -> None:
    dispute = await new_dispute(local)
    begun = await local.post(f"/disputes/{dispute}/documents", {"Type": "DELIVERY_PROOF"})
    panel = await open_to_finish(page, begun, kind="dispute-document")
    await expect(panel).to_contain_text("Delivery proof")
    await choose(page, scan())
    await expect(listed(panel)).to_have_count(1)
    await send(panel)
    await expect(panel).to_have_count(0)
    [document] = await local.get(f"/disputes/{dispute}/documents")
    assert (document["Id"], document["Status"]) == (begun["Id"], "VALIDATION_ASKED")


async def test_a_dispute_that_is_over_takes_no_evidence(page: Page, local: LocalMangopay) -> None:
    dispute = await new_dispute(local)
    begun = await local.post(f"/disputes/{dispute}/documents", {"Type": "DELIVERY_PROOF"})
    assert (await local.api.put(f"/disputes/{dispute}/close", json={})).is_success
    await visit(page, f"/objects/dispute/{dispute}")
    await expect(page.get_by_role("table", name="Documents")).to_contain_text("Delivery proof")
    await expect(page.get_by_role("button", name=ADD)).to_have_count(0)
    panel = await open_to_finish(page, begun, kind="dispute-document")
    await expect(panel).to_contain_text("This dispute does not wait for you")
    await expect(panel.get_by_role("button")).to_have_count(0)
