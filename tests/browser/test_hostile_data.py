"""Texts of strangers: ids that anybody may send who knows the receiver's address, what a platform's users call
themselves, what a feed says. They are shown as text, and nothing of them runs.
"""

import json
import time
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from services.settings import LOCAL_API_KEY, LOCAL_CLIENT_ID
from tests.browser.dashboard import Mangopay, rows, search_box, sheet, visit, visit_notifications
from tests.browser.stored import execute, insert
from tests.browser.watch import NewContext
from tests.serving import Server
from ui.components.parts import middle_cut

FOREIGN = "main :is(img, svg, script), [onerror], [onclick], [onload]"
MAY_RUN = (
    "[onerror], [onclick], [onload], "
    ":is(main, [role=dialog]) :is(script, iframe, [href^=javascript], [action^=javascript])"
)
HOSTILE = (
    '"><img src=x onerror=alert(1)>',
    "<script>alert(2)</script>",
    "' onclick='alert(3)",
    "{{ constructor.constructor('alert(4)')() }}",
    "javascript:alert(5)//",
    "</textarea></pre><svg/onload=alert(6)>",
    ":onclick=alert(7)",
    "__proto__",
    "&lt;b&gt;%3Cb%3E&#60;b>",
    "a b\\c`${alert(8)}`",
)


async def test_a_hostile_object_id_is_shown_as_text(page: Page, mangopay: Mangopay) -> None:
    await mangopay.tell_many([*HOSTILE], event_type="UNHEARD_OF")
    await visit_notifications(page, type="UNHEARD_OF")
    ids = rows(page).locator(".id > span")
    await expect(ids).to_have_count(len(HOSTILE))
    assert sorted(await ids.all_text_contents()) == sorted(map(middle_cut, HOSTILE))
    for text in HOSTILE:
        await ids.get_by_text(middle_cut(text), exact=True).click()
        await expect(sheet(page).locator(".id > span").first).to_have_text(text)
        await page.keyboard.press("Escape")
        await expect(sheet(page)).to_be_hidden()
    await expect(page.locator(FOREIGN)).to_have_count(0)


async def test_a_hostile_search_finds_nothing_and_says_so(page: Page) -> None:
    search = HOSTILE[0] + " of nobody"
    await visit(page, "/")
    await search_box(page).fill(search)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text(f"Nothing was found for “{search}”.")).to_be_visible()
    await expect(search_box(page)).to_have_value(search)
    await visit_notifications(page, type=search, group=search)
    await expect(page.locator(FOREIGN)).to_have_count(0)


NAME, TAG = "<script>alert(9)</script>", "<img src=x onerror=alert(10)>"


@pytest.fixture
def mallory(server: Server) -> str:
    """The id of a user of the local marketplace whose name and tag are script."""
    url = f"{server.base_url}/emulator/v2.01/{LOCAL_CLIENT_ID}/users/natural"
    user = {
        "FirstName": NAME,
        "LastName": TAG,
        "Email": "mallory@example.com",
        "Tag": TAG,
        "UserCategory": "PAYER",
        "TermsAndConditionsAccepted": True,
    }
    answer = httpx.post(url, json=user, auth=(LOCAL_CLIENT_ID, LOCAL_API_KEY))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["Id"])


async def test_what_a_user_calls_themselves_is_shown_as_text(page: Page, mangopay: Mangopay, mallory: str) -> None:
    await mangopay.tell(mallory, event_type="USER_KYC_REGULAR")
    await visit_notifications(page, resource=mallory, type="USER_KYC_REGULAR")
    await rows(page).first.click()
    facts = sheet(page).locator("dl", has_text=mallory)
    for text in (NAME, TAG):
        await expect(facts.get_by_text(text, exact=True).first).to_be_visible()
    await sheet(page).get_by_text("Raw JSON").click()
    shown = json.loads(await sheet(page).locator("details pre").evaluate("pre => pre.firstChild.data"))
    assert (shown["FirstName"], shown["Tag"]) == (NAME, TAG)
    await expect(page.locator(f"{FOREIGN}, [role=dialog] :is(img, svg, script)")).to_have_count(0)


@pytest.fixture
def hostile_entries(server: Server) -> Iterator[list[str]]:
    """The titles of entries that stand first in their feeds, news and status, as no parser of ours would store them."""
    feeds = execute(server, "SELECT id, kind FROM feed WHERE environment = 'local' ORDER BY kind")
    tomorrow = int((time.time() + timedelta(days=1).total_seconds()) * 1000)
    summary = (
        "<p onclick=alert(11)>words</p><svg onload=alert(12)></svg><a href=javascript:alert(13)>link</a>"
        "<iframe src=javascript:alert(14)></iframe><form action=javascript:alert(15)><button>send</button></form>"
    )
    titles = [f"{kind} <script>alert(16)</script>" for _, kind in feeds]
    common: dict[str, object] = {"uid": "hostile", "link": "javascript:alert(17)", "content_hash": ""}
    common |= {"summary": summary} | dict.fromkeys(("published_at", "first_seen_at", "updated_at"), tomorrow)
    named = zip(feeds, titles, strict=True)
    insert(server, "feed_entry", [{"feed_id": feed_id, "title": title, **common} for (feed_id, _), title in named])
    yield titles
    execute(server, "DELETE FROM feed_entry WHERE uid = 'hostile'")


async def test_what_a_feed_says_is_shown_as_text(
    page: Page, new_context: NewContext, hostile_entries: list[str]
) -> None:
    # The browser tells of each handler that it takes out.
    new_context.expect("Executing inline event handler|script-src-attr inline")
    status, news = sorted(hostile_entries, key=lambda title: title.startswith("news"))
    for path in ("/", "/notifications"):
        await visit(page, path)
        await page.get_by_role("article").filter(has_text=news).get_by_role("link").click()
        entry = page.get_by_role("dialog", name="News")
        await expect(entry.get_by_role("heading", name=news)).to_be_visible()
        await _click_about(page, entry)
        await expect(entry.get_by_role("link", name="Read it at Mangopay")).to_have_count(0)
    await visit(page, "/api-status")
    entry = page.locator("details.incident").filter(has_text=status)
    await entry.get_by_role("heading", name=status).click()
    await _click_about(page, entry)
    await expect(page).to_have_url("/api-status")


async def _click_about(page: Page, entry: Locator) -> None:
    await entry.get_by_text("words").click()
    await entry.get_by_text("link", exact=True).click()
    await expect(page.locator(MAY_RUN)).to_have_count(0)
