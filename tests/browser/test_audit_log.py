"""The audit log: what was done is in it, is found again, and leaves as CSV."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
from playwright.async_api import Locator, Page, expect

from tests.browser.dashboard import visit
from tests.browser.stored import insert
from tests.browser.team import choose_act, member, visit_team
from tests.serving import Server

AUDIT = "/settings/audit"
PARIS = ZoneInfo("Europe/Paris")
# Whoever tries to sign in chooses this, as far as it may be an address at all.
HOSTILE_EMAILS = (
    "{{alert`0`}}@example.com",
    "'onmouseover='alert`1`'@example.com",
    "${alert`2`}@example.com",
    "=hyperlink|'alert'!3@example.com",
)
HOSTILE = "<img src=x onerror=alert(5)><script>alert(6)</script>"


async def visit_audit_log(page: Page, **query: str | int) -> None:
    """Open the log, filtered by a query, and wait until it is all there."""
    await visit(page, f"{AUDIT}?{httpx.QueryParams(query)}")
    await expect(page.locator(".skeleton:visible")).to_have_count(0)


def filters(page: Page) -> Locator:
    return page.get_by_role("search", name="Filter the audit log")


def entries(page: Page) -> Locator:
    return page.get_by_role("table", name="Audit log").locator(".list-row")


async def choose(page: Page, filter_name: str, option: str) -> None:
    await filters(page).get_by_role("combobox", name=filter_name).click()
    await page.get_by_role("option", name=option, exact=True).click()


async def try_to_sign_in(server: Server, email: str) -> None:
    """Give a password that is not right, as anybody may."""
    form = {"environment": "local", "email": email, "password": "a guess"}
    async with httpx.AsyncClient(base_url=server.base_url, headers={"Origin": server.base_url}, verify=False) as http:
        assert (await http.post("/sign-in", data=form)).status_code == 401


def entries_of(who: str, count: int, *, since: datetime) -> Iterator[dict[str, object]]:
    """Yield lines of the log, one a second, as the dashboard would write them."""
    for number in range(count):
        yield {
            "environment": "local",
            "at": int(since.timestamp() * 1000) + number * 1000,
            "act": "sign in",
            "outcome": "refused",
            "who": who,
            "address": "192.0.2.7",
            "about": f"try {number}",
            "detail": "",
        }


async def test_what_an_admin_does_to_the_team_is_written_down(page: Page) -> None:
    email = "written-down@example.com"
    await visit_team(page)
    await page.get_by_role("textbox", name="E-mail address").fill(email)
    await page.get_by_role("button", name="Invite", exact=True).click()
    await expect(member(page, email)).to_be_visible()
    await choose_act(page, email, "Suspend")
    await page.get_by_role("dialog").get_by_role("button", name="Suspend").click()
    await expect(member(page, email)).to_contain_text("Suspended")
    await visit_audit_log(page, text=email)
    for act in ("Invite", "Suspend"):
        entry = entries(page).filter(has_text="olivia@example.com").filter(has_text=act)
        await expect(entry).to_have_count(1)
        for cell in ("Done", email, "127.0.0.1"):
            await expect(entry.get_by_role("cell").filter(has_text=cell)).to_have_count(1)
        await expect(entry.locator("time")).to_have_attribute("title", re.compile("UTC"))


async def test_what_is_looked_for_stands_in_the_address_and_survives_a_reload(page: Page, server: Server) -> None:
    who = "looked-for@example.com"
    insert(server, "audit_entry", entries_of(who, 3, since=datetime(2026, 7, 14, 12, tzinfo=PARIS)))
    await visit_audit_log(page)
    search = filters(page).get_by_role("textbox", name="Search the audit log")
    await search.fill(who)
    await expect(page).to_have_url(re.compile(r"\?text=looked-for%40example\.com$"))
    await expect(entries(page)).to_have_count(3)
    await choose(page, "Act", "Sign out")
    await expect(page.locator(".empty")).to_contain_text("Nothing matches")
    await choose(page, "Act", "Sign in")
    await choose(page, "Outcome", "Refused")
    await expect(page).to_have_url(re.compile(r"act=sign\+in&outcome=refused&text=looked-for"))
    await expect(entries(page)).to_have_count(3)
    await fill_in_moment(page, "since", "2026-07-14T12:00")
    await fill_in_moment(page, "until", "2026-07-14T12:01")
    await expect(page).to_have_url(re.compile(r"since=1784023200000&until=1784023260000$"))
    await expect(entries(page)).to_have_count(3)

    await page.reload()
    await expect(entries(page)).to_have_count(3)
    await expect(search).to_have_value(who)
    await expect(filters(page).get_by_role("combobox", name="Act")).to_have_value("Sign in")
    await expect(filters(page).get_by_role("combobox", name="Outcome")).to_have_value("Refused")
    await expect(page.locator("input[data-moment=since]")).to_have_value("2026-07-14T12:00")
    await expect(page.locator("input[data-moment=until]")).to_have_value("2026-07-14T12:01")
    await fill_in_moment(page, "since", "2026-07-14T12:01")
    await expect(page.locator(".empty")).to_contain_text("Nothing matches")

    await filters(page).get_by_role("button", name="Clear all filters").click()
    await expect(page).to_have_url(re.compile(rf"{AUDIT}$"))
    await expect(search).to_have_value("")
    await expect(page.locator("input[data-moment=since]")).to_have_value("")
    await expect(entries(page).first).to_be_visible()
    await expect(filters(page).get_by_role("button", name="Clear all filters")).to_be_disabled()


async def fill_in_moment(page: Page, name: str, value: str) -> None:
    await page.locator(f"input[data-moment={name}]").fill(value)
    await page.keyboard.press("Tab")


async def test_older_and_newer_turn_the_pages_without_a_gap(page: Page, server: Server) -> None:
    who = "many@example.com"
    insert(server, "audit_entry", entries_of(who, 60, since=datetime(2026, 7, 15, tzinfo=PARIS)))
    await visit_audit_log(page, text=who)
    older, newer = (page.get_by_role("button", name=name) for name in ("Older", "Newer"))
    await expect(entries(page)).to_have_count(50)
    await expect(newer).to_be_disabled()
    first_page = await tries(page)
    await older.click()
    await expect(entries(page)).to_have_count(10)
    await expect(older).to_be_disabled()
    assert first_page + await tries(page) == list(range(59, -1, -1))
    await page.reload()
    await expect(entries(page)).to_have_count(10)
    await newer.click()
    await expect(entries(page)).to_have_count(50)
    assert await tries(page) == first_page
    await expect(newer).to_be_disabled()


async def tries(page: Page) -> list[int]:
    """Return the numbers of the entries shown, from the top."""
    return [int(text.removeprefix("try ")) for text in await entries(page).locator(".about").all_inner_texts()]


async def test_what_is_shown_leaves_as_csv_and_that_is_written_down_too(page: Page, server: Server) -> None:
    who = "=exported@example.com"
    insert(server, "audit_entry", entries_of(who, 60, since=datetime(2026, 7, 16, tzinfo=PARIS)))
    await visit_audit_log(page, text=who)
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Export CSV").click()
    file = await download.value
    assert re.fullmatch(r"audit-local-\d{4}-\d\d-\d\d\.csv", file.suggested_filename)
    # The newest line tells of this very export, because it names what was looked for.
    header, newest, *lines = csv.reader(io.StringIO(Path(await file.path()).read_text()))
    assert header == ["at", "act", "outcome", "who", "role", "address", "about", "detail"]
    assert newest[1:4] == ["export", "done", "olivia@example.com"]
    assert [line[6] for line in lines] == [f"try {number}" for number in range(59, -1, -1)]
    # A spreadsheet would take what begins with "=" for a formula.
    assert lines[-1] == [
        *("2026-07-15T22:00:00.000+00:00", "sign in", "refused", f"'{who}", "", "192.0.2.7", "try 0", "")
    ]
    await visit_audit_log(page, act="export")
    await expect(entries(page).first).to_contain_text("olivia@example.com")
    await expect(entries(page).first).to_contain_text(who)


async def test_whatever_a_stranger_types_at_the_door_is_shown_as_text(page: Page, server: Server) -> None:
    for email in HOSTILE_EMAILS:
        await try_to_sign_in(server, email)
    hostile = {"about": f"to {HOSTILE}", "detail": HOSTILE, "address": HOSTILE}
    [line] = entries_of(HOSTILE, 1, since=datetime(2026, 7, 17, tzinfo=PARIS))
    insert(server, "audit_entry", [line | hostile])
    await visit_audit_log(page, text="alert")
    for who in (HOSTILE, *HOSTILE_EMAILS):
        await expect(entries(page).locator(".who").get_by_text(who, exact=True)).to_have_count(1)
    await entries(page).locator(".who").get_by_text(HOSTILE_EMAILS[1], exact=True).hover()
    await expect(page.locator("main :is(img, svg, script), [onerror], [onmouseover], [onclick]")).to_have_count(0)
    await visit_audit_log(page, text=HOSTILE)
    await expect(entries(page)).to_have_count(1)
