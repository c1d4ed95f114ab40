"""Olivia adds KYC documents: what a browser chooses, sends and is told, and what Mangopay has of it in the end."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import FilePayload, Locator, Page, Request, StorageState, expect

from models.permissions import Role
from tests.browser.accessibility import tree, unnamed
from tests.browser.contrast import expect_contrast
from tests.browser.dashboard import PHONE, SPILLS, sign_in, visit
from tests.browser.watch import NewContext
from tests.services.emulator.control import TOKEN, Controls
from tests.services.emulator.marketplace import company_body, owner_body
from tests.serving import Server, serving

PROGRAM = Path(__file__).parent / "upload_page.py"
Json = dict[str, Any]
PASSPORT = b"%PDF-1.7" + bytes(33_000)
BACK = b"\x89PNG\r\n\x1a\n" + bytes(1_500_000)


@dataclass(frozen=True, slots=True)
class Local:
    """The emulator of a dashboard, as Mangopay's other clients see it."""

    http: httpx.AsyncClient
    controls: Controls

    async def user(self, path: str, body: Json) -> str:
        return str((await self.http.post(f"/sca/users/{path}", json=body)).json()["Id"])

    async def owner(self) -> str:
        return await self.user("natural", owner_body())

    async def documents(self, user_id: str) -> list[Json]:
        found: list[Json] = (await self.http.get(f"/users/{user_id}/kyc/documents")).json()
        return found

    async def pages(self, document: Json) -> list[bytes]:
        links = (await self.http.post(f"/kyc/documents/{document['Id']}/consult", json={})).json()
        return [(await self.http.get(link["Url"])).content for link in links]

    async def lose_answer(self, path: str, **rule: Any) -> None:
        """Have the next POST to a path done, and its caller told of a fault."""
        await self.controls.break_api("error", Method="POST", Path=path, Times=1, When="after", **rule)


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("documents")
    with serving(folder, program=(str(PROGRAM),), DASHBOARD_EMULATOR_CONTROL=TOKEN) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def local(dashboard: Server) -> AsyncIterator[Local]:
    api = f"{dashboard.base_url}/emulator/v2.01/local/"
    async with (
        httpx.AsyncClient(base_url=api, auth=("local", "local-api-key"), verify=False) as http,
        httpx.AsyncClient(base_url=dashboard.base_url, verify=False) as plain,
    ):
        yield Local(http, Controls(plain, prefix="/emulator/_control"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def session(dashboard: Server) -> StorageState:
    return await sign_in(dashboard, "olivia@example.com", Role.OPERATOR)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(new_context: NewContext, dashboard: Server, session: StorageState) -> AsyncIterator[Page]:
    said_before = len(dashboard.output)
    yield await (await new_context(base_url=dashboard.base_url, storage_state=session)).new_page()
    assert "Traceback" not in dashboard.output[said_before:], dashboard.output[said_before:]


async def open_panel(page: Page, user_id: str, *, document: str = "") -> Locator:
    await visit(page, f"/add-document/{user_id}?{httpx.QueryParams({'document': document})}")
    return page.get_by_role("region", name="Finish the document" if document else "Add a document")


def scan(name: str = "passport.pdf", content: bytes = PASSPORT) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


async def choose(page: Page, *files: FilePayload) -> None:
    """Choose files in the browser's own dialog."""
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose files").click()
    await (await chooser.value).set_files(list(files))


def listed(panel: Locator) -> Locator:
    return panel.get_by_role("listitem")


async def send(panel: Locator, *, label: str = "Send for validation") -> None:
    await panel.get_by_role("button", name=label).click()


async def expect_sent(panel: Locator, what: str) -> None:
    await expect(panel.get_by_role("status").filter(has_text=what)).to_be_visible()


async def test_a_document_is_sent_with_its_pages_in_the_order_they_are_listed_in(desk: Page, local: Local) -> None:
    user = await local.owner()
    panel = await open_panel(desk, user)
    await panel.get_by_label("Tag (optional)").fill("accept")
    # The second is smaller, and would arrive first by itself.
    await choose(desk, scan("back.png", BACK), scan())
    await expect(listed(panel)).to_contain_text(["back.png 1.5 MB", "passport.pdf 33 kB"])
    await send(panel)
    await expect_sent(panel, "Identity proof with 2 pages is sent for validation.")
    await expect(panel).to_be_focused()
    [document] = await local.documents(user)
    assert (document["Type"], document["Tag"], document["Status"]) == ("IDENTITY_PROOF", "accept", "VALIDATED")
    assert await local.pages(document) == [BACK, PASSPORT]
    await expect(panel.get_by_role("link", name="Open the document")).to_have_attribute(
        "href", f"/objects/kyc-document/{document['Id']}"
    )


async def test_another_document_is_another_one(desk: Page, local: Local) -> None:
    user = await local.owner()
    panel = await open_panel(desk, user)
    for kind in ("Identity proof", "Address proof"):
        await panel.get_by_role("radio", name=kind).check()
        await choose(desk, scan())
        await expect(listed(panel)).to_have_count(1)
        await send(panel)
        await expect_sent(panel, f"{kind} with 1 page is sent for validation.")
        await panel.get_by_role("button", name="Add another document").click()
    assert {document["Type"] for document in await local.documents(user)} == {"IDENTITY_PROOF", "ADDRESS_PROOF"}


async def test_what_is_wrong_with_a_file_is_said_and_nothing_is_sent(desk: Page, local: Local) -> None:
    user = await local.user("legal", company_body())
    panel = await open_panel(desk, user)
    await send(panel)
    await expect(panel.get_by_role("alert")).to_contain_text("Choose at least one file.")
    await choose(desk, scan("small.pdf", PASSPORT[:2_000]), scan("fake.pdf", b"GIF89a" + bytes(40_000)), scan())
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
    assert await local.documents(user) == []


async def test_what_cannot_be_a_page_is_not_even_received(desk: Page, local: Local) -> None:
    panel = await open_panel(desk, await local.owner())
    await choose(desk, scan("film.mp4"), scan("large.pdf", b"%PDF-1.7" + bytes(7_000_000)), scan())
    alert = panel.get_by_role("alert")
    await expect(alert).to_contain_text("“film.mp4” is no PDF, JPEG or PNG.")
    await expect(alert).to_contain_text("“large.pdf” is too large: Mangopay takes at most 7 MB.")
    await expect(listed(panel)).to_contain_text(["passport.pdf"])


async def test_five_pages_are_enough(desk: Page, local: Local) -> None:
    panel = await open_panel(desk, await local.owner())
    await choose(desk, *(scan(f"{number}.pdf") for number in range(6)))
    await expect(listed(panel)).to_have_count(5)
    await expect(panel.get_by_role("alert")).to_contain_text("“5.pdf” was not added: a document has at most 5 pages.")
    pick = panel.get_by_role("button", name="Choose files")
    await expect(pick).to_be_disabled()
    await panel.get_by_role("button", name="Remove page 1").click()
    await expect(pick).to_be_enabled()
    # What was removed can be chosen again.
    await choose(desk, scan("0.pdf"))
    await expect(listed(panel)).to_contain_text([f"{number}.pdf" for number in (1, 2, 3, 4, 0)])


async def test_two_files_of_one_name_are_two_pages(desk: Page, local: Local) -> None:
    panel = await open_panel(desk, await local.owner())
    await choose(desk, scan("scan.pdf"), scan("scan.pdf", PASSPORT + b"2"))
    await expect(listed(panel)).to_contain_text(["scan.pdf", "scan.pdf"])


async def test_a_file_with_a_hostile_name_is_text(desk: Page, local: Local) -> None:
    name = "\" onclick='alert(1)' <img src=x onerror=alert(2)>.pdf"
    panel = await open_panel(desk, await local.owner())
    await choose(desk, scan(name), scan("<b>small.pdf", b"%PDF-"))
    await expect(listed(panel).nth(0)).to_contain_text("<img src=x onerror=alert(2)>.pdf")
    await expect(listed(panel).nth(1)).to_contain_text("“<b>small.pdf” is too small")
    await expect(panel.locator("img, b")).to_have_count(0)


async def test_after_a_lost_answer_trying_again_makes_no_second_document(desk: Page, local: Local) -> None:
    user = await local.owner()
    panel = await open_panel(desk, user)
    await choose(desk, scan())
    await expect(listed(panel)).to_have_count(1)
    await local.lose_answer("/users/*/kyc/documents")
    await send(panel)
    await expect(panel.get_by_role("alert")).to_contain_text("Whether the document exists is not known.")
    await send(panel, label="Try again")
    await expect_sent(panel, "Identity proof with 1 page is sent for validation.")
    [document] = await local.documents(user)
    assert await local.pages(document) == [PASSPORT]


async def test_when_a_page_fails_the_rest_goes_on_from_there(desk: Page, local: Local) -> None:
    user = await local.owner()
    panel = await open_panel(desk, user)
    await choose(desk, scan(), scan("back.png", BACK))
    await expect(listed(panel)).to_have_count(2)
    await local.controls.break_api("error", Method="POST", Path="/users/*/pages", Times=1, Status=503)
    await send(panel)
    alert = panel.get_by_role("alert")
    await expect(alert).to_contain_text("The document exists with no pages, perhaps one more, but is not submitted.")
    [document] = await local.documents(user)
    await expect(panel).to_contain_text(document["Id"])

    await local.lose_answer("/users/*/pages")
    await send(panel, label="Try again")
    await expect(alert).to_contain_text("Mangopay has a fault of its own.")
    assert await local.pages(document) == [PASSPORT]

    await local.controls.break_api("error", Method="PUT", Path="/users/*/kyc/documents/*", Times=1, Status=503)
    await send(panel, label="Try again")
    await expect(alert).to_contain_text("The document exists with 2 pages; whether it is submitted is not known.")
    await expect(listed(panel).get_by_text("Sent")).to_have_count(2)
    await expect(panel.get_by_role("button", name=re.compile("^Remove"))).to_have_count(0)

    await send(panel, label="Try again")
    await expect_sent(panel, "Identity proof with 2 pages is sent for validation.")
    assert [found["Status"] for found in await local.documents(user)] == ["VALIDATION_ASKED"]
    assert await local.pages(document) == [PASSPORT, BACK]


async def test_a_refusal_of_mangopays_stands_with_its_page_and_another_can_be_sent(desk: Page, local: Local) -> None:
    user = await local.owner()
    panel = await open_panel(desk, user)
    await choose(desk, scan("bad.pdf"))
    await expect(listed(panel)).to_have_count(1)
    await local.controls.break_api("error", Method="POST", Path="/users/*/pages", Times=1, Status=415)
    await send(panel)
    await expect(panel.get_by_role("alert")).to_contain_text("The document exists with no pages but is not submitted.")
    await expect(listed(panel)).to_contain_text(["Mangopay refused the request"])
    await send(panel, label="Try again")
    await expect(panel.get_by_role("alert")).to_contain_text("Remove the files that are marked")
    await panel.get_by_role("button", name="Remove page 1").click()
    await choose(desk, scan())
    await expect(listed(panel)).to_contain_text(["passport.pdf"])
    await send(panel, label="Try again")
    await expect_sent(panel, "Identity proof with 1 page is sent for validation.")
    assert len(await local.documents(user)) == 1


async def test_a_double_click_sends_one_document(desk: Page, local: Local) -> None:
    user = await local.owner()
    panel = await open_panel(desk, user)
    await choose(desk, scan())
    await expect(listed(panel)).to_have_count(1)
    await panel.get_by_role("button", name="Send for validation").dblclick()
    await expect_sent(panel, "Identity proof with 1 page is sent for validation.")
    assert len(await local.documents(user)) == 1


async def test_a_document_that_was_begun_can_be_finished(desk: Page, local: Local) -> None:
    user = await local.owner()
    path = f"/users/{user}/kyc/documents"
    begun = (await local.http.post(path, json={"Type": "ADDRESS_PROOF", "Tag": "accept"})).json()
    panel = await open_panel(desk, user, document=begun["Id"])
    await expect(panel).to_contain_text("Address proof")
    await expect(panel.get_by_role("radio")).to_have_count(0)
    await send(panel)
    alert = panel.get_by_role("alert")
    await expect(alert).to_contain_text("The document has the pages it had and no pages more but is not submitted.")
    await choose(desk, scan())
    await expect(listed(panel)).to_have_count(1)
    await send(panel, label="Try again")
    await expect_sent(panel, "Address proof with 1 page is sent for validation.")
    [document] = await local.documents(user)
    assert (document["Id"], document["Status"]) == (begun["Id"], "VALIDATED")

    panel = await open_panel(desk, user, document=begun["Id"])
    await expect(panel).to_contain_text("This document is VALIDATED, and takes no pages any more.")
    await expect(panel.get_by_role("button")).to_have_count(0)


async def test_who_cannot_be_verified_is_warned_of(desk: Page, local: Local) -> None:
    payer = {"FirstName": "Alice", "LastName": "Martin", "Email": "alice@example.com", "UserCategory": "PAYER"}
    user, closed = [await local.user("natural", payer | {"TermsAndConditionsAccepted": True}) for _ in range(2)]
    await local.http.delete(f"/users/natural/{closed}")
    panel = await open_panel(desk, user)
    await expect(panel).to_contain_text("This user is a PAYER: whatever is sent here ends REFUSED.")
    panel = await open_panel(desk, closed)
    await expect(panel).to_contain_text("This user is closed, and takes no documents any more.")
    await expect(panel.get_by_role("button")).to_have_count(0)


async def test_everything_is_done_from_the_keyboard(desk: Page, local: Local) -> None:
    user = await local.owner()
    panel = await open_panel(desk, user)
    await panel.get_by_role("radio", name="Identity proof").focus()
    await desk.keyboard.press("ArrowDown")
    await expect(panel.get_by_role("radio", name="Address proof")).to_be_checked()
    await desk.keyboard.press("Tab")
    await desk.keyboard.type("by hand")
    await desk.keyboard.press("Tab")
    await desk.keyboard.press("Tab")
    async with desk.expect_file_chooser() as chooser:
        await desk.keyboard.press("Enter")
    await (await chooser.value).set_files([scan()])
    await expect(listed(panel)).to_have_count(1)
    await desk.keyboard.press("Tab")
    await desk.keyboard.press("Enter")
    await expect_sent(panel, "Address proof with 1 page is sent for validation.")
    [document] = await local.documents(user)
    assert (document["Type"], document["Tag"]) == ("ADDRESS_PROOF", "by hand")


async def test_the_panel_is_named_readable_and_fits_a_phone(desk: Page, local: Local) -> None:
    panel = await open_panel(desk, await local.owner())
    await choose(desk, scan("a-name-as-long-as-scanners-make-them-" * 4 + ".pdf"), scan("small.pdf", b"%PDF-"))
    await expect(listed(panel)).to_have_count(2)
    await send(panel)
    await panel.get_by_text("Tags that decide the outcome in Local").click()
    assert unnamed(await tree(desk)) == []
    await expect_contrast(desk, within=".document-upload")
    await desk.set_viewport_size(PHONE)
    assert not await desk.evaluate(SPILLS)


async def test_a_file_is_taken_from_the_session_whose_page_it_is_and_no_other(
    desk: Page, local: Local, dashboard: Server
) -> None:
    posted: list[Request] = []
    desk.on("request", lambda request: posted.append(request) if "/upload/" in request.url else None)
    panel = await open_panel(desk, await local.owner())
    await choose(desk, scan())
    await expect(listed(panel)).to_have_count(1)
    mallory = await sign_in(dashboard, "mallory@example.com", Role.OPERATOR)
    cookies = {cookie["name"]: cookie["value"] for cookie in mallory["cookies"]}
    async with httpx.AsyncClient(cookies=cookies, headers={"Origin": dashboard.base_url}, verify=False) as http:
        answer = await http.post(posted[0].url, files={"a": ("forged.pdf", PASSPORT)})
    assert answer.status_code == 404
    await choose(desk, scan("back.png", BACK))
    await expect(listed(panel)).to_contain_text(["passport.pdf", "back.png"])
