"""The Dashboard and API Status as operators use them, calm and during an incident."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Locator, Page, expect
from sqlalchemy import delete
from sqlmodel import col, select

from models.environment import Environment
from models.feed import Feed, FeedEntry, FeedKind
from models.incidents import Phase
from services.database import Database
from tests.browser.contrast import expect_contrast
from tests.browser.dashboard import PHONE, SPILLS, visit
from tests.browser.pictures import picture_in_every_size
from tests.serving import Server

FIRST_ENTRY = re.compile(r"\?news=\d+$")


@pytest.fixture
async def incident(server: Server) -> AsyncIterator[None]:
    """An outage, and work that is planned for later."""
    database = Database(f"sqlite:///{server.database}")
    at = datetime.now(UTC).replace(second=0, microsecond=0)
    async with database.session() as session:
        feed = select(Feed.id).where(Feed.environment == Environment.LOCAL, Feed.kind == FeedKind.STATUS)
        feed_id = (await session.exec(feed)).one() or 0
        for number, (title, phase, summary, begins) in enumerate(
            [
                ("[Production] Payouts are down", Phase.IDENTIFIED, _history("Identified", at), at),
                ("Upgrade", Phase.SCHEDULED, _history("Scheduled", at), at + timedelta(hours=30)),
            ]
        ):
            session.add(
                FeedEntry(
                    feed_id=feed_id, uid=f"of a test {number}", title=title, summary=summary, published_at=begins,
                    first_seen_at=at, updated_at=at, content_hash="", phase=phase, starts_at=begins,
                )
            )  # fmt: skip
        await session.commit()
    yield
    async with database.session() as session:
        await session.exec(delete(FeedEntry).where(col(FeedEntry.uid).startswith("of a test")))
        await session.commit()
    await database.dispose()


def _history(label: str, at: datetime) -> str:
    window = f"{at + timedelta(hours=30):%b %d, %H:%M} - {at + timedelta(hours=31):%H:%M} UTC"
    planned = f"<p><strong>THIS IS A SCHEDULED EVENT {window}</strong></p>" if label == "Scheduled" else ""
    return (
        f"{planned}<p><small>{at:%b %d, %H:%M} UTC</small><br><strong>{label}</strong> - A certificate has run out.</p>"
        "<p>This incident affected: Payouts.</p>"
    )


def panel(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


async def test_every_figure_loads_for_itself_says_as_of_when_and_leads_to_the_work(page: Page) -> None:
    await visit(page, "/")
    tiles = page.locator(".tile")
    await expect(page.locator(".skeleton:visible")).to_have_count(0)
    for name, path in (
        ("Operations", "/operations?state="),
        ("Disputes", "/users/disputes?Status="),
        ("Payouts", "/users/events?EventType=PAYOUT_"),
        ("KYC documents", "/users/kyc-documents?Status="),
        ("Hooks", "/notifications"),
    ):
        tile = tiles.filter(has=page.get_by_role("heading", name=name, exact=True))
        await expect(tile.locator(".as-of time")).to_be_visible()
        await expect(tile.locator(".figure-link").first).to_have_attribute("href", re.compile(re.escape(path)))
    await expect(panel(page, "Platform wallets").get_by_role("row", name="EUR").get_by_role("link")).to_have_count(2)
    await expect(panel(page, "Pay-ins per day").locator("svg")).to_be_visible(timeout=20_000)
    await expect(panel(page, "Pay-ins per day")).to_contain_text("in 14 days")


async def test_amounts_of_pay_ins_come_from_a_report_that_somebody_asks_for(page: Page) -> None:
    await visit(page, "/")
    chart = panel(page, "Pay-ins per day")
    await chart.get_by_role("button", name="Ask Mangopay for the amounts").click()
    euros = chart.get_by_role("button", name="EUR")
    # They are shown as soon as they are there.
    await expect(euros).to_have_attribute("aria-pressed", "true", timeout=30_000)
    await expect(chart).to_contain_text("Amounts as of")
    await expect(chart.locator("svg")).to_contain_text("Amount, EUR")
    await chart.get_by_role("button", name="Number").click()
    await expect(euros).to_have_attribute("aria-pressed", "false")
    await expect(chart.locator("svg")).to_contain_text("Success rate")
    await chart.get_by_text("Day by day").click()
    await expect(chart.get_by_role("columnheader", name="EUR")).to_be_visible()
    await expect(chart.get_by_role("row")).to_have_count(15)
    # They are there for whoever comes next.
    await page.reload()
    await expect(euros).to_be_visible(timeout=20_000)


async def test_news_are_read_in_a_sheet_with_an_address_of_its_own_and_marked(page: Page) -> None:
    await visit(page, "/")
    news = panel(page, "Latest updates and news")
    first = news.get_by_role("article").first
    title = (await first.get_by_role("heading").inner_text()).removeprefix("Unread:").strip()
    await first.get_by_role("link").click()
    sheet = page.get_by_role("dialog", name="News")
    await expect(sheet.get_by_role("heading", name=title)).to_be_visible()
    async with page.expect_popup() as popup:
        await sheet.get_by_role("link", name="Read it at Mangopay").click()
    await expect((await popup.value).get_by_role("heading", name=title)).to_be_visible()
    await (await popup.value).close()
    await expect(page).to_have_url(FIRST_ENTRY)
    address = page.url
    await page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    await expect(first).not_to_have_class(re.compile("is-unread"))
    await expect(first.get_by_role("link")).to_be_focused()
    await first.get_by_role("link").click()
    await sheet.get_by_role("button", name="Close").click()
    await expect(sheet).to_be_hidden()
    await expect(page).to_have_url("/")
    await news.get_by_role("button", name="Mark all as read").click()
    await expect(news.locator(".is-unread")).to_have_count(0)
    await visit(page, address)
    await expect(sheet.get_by_role("heading", name=title)).to_be_visible()


async def test_an_incident_is_told_on_every_page_and_whole_on_api_status(page: Page, incident: None) -> None:
    await visit(page, "/users")
    banner = page.locator(".status-banner")
    await expect(banner).to_contain_text("Payouts are down: identified", timeout=25_000)
    await banner.get_by_role("link").click()
    now = panel(page, "Now")
    await expect(now.get_by_text("Outage")).to_be_visible()
    await expect(now.get_by_role("article")).to_contain_text("A certificate has run out.")
    await expect(now.get_by_role("article")).to_contain_text("Affected Payouts")
    planned = panel(page, "Planned maintenance").locator(".planned", has_text="Upgrade")
    await expect(planned.locator(".countdown")).to_contain_text("Begins")
    await expect_contrast(page)
    await picture_in_every_size(page, "api-status-incident")
    await visit(page, "/")
    await expect(page.locator(".tile").filter(has_text="API status")).to_contain_text("Outage")
    await picture_in_every_size(page, "dashboard-incident")
    await page.set_viewport_size(PHONE)
    assert not await page.evaluate(SPILLS)
    await visit(page, "/api-status")
    await page.set_viewport_size(PHONE)
    assert not await page.evaluate(SPILLS)


async def test_mail_about_the_status_is_begun_and_ended(page: Page) -> None:
    await visit(page, "/api-status")
    ways = panel(page, "Subscribe to updates")
    await expect(ways.get_by_role("link", name="Subscribe at Mangopay's status page")).to_be_visible()
    await ways.get_by_role("button", name="Send me mail").click()
    await expect(ways).to_contain_text("You get a mail to")
    await page.reload()
    await ways.get_by_role("button", name="Stop the mail").click()
    await expect(ways.get_by_role("button", name="Send me mail")).to_be_visible()
