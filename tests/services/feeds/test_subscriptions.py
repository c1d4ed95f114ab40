"""Mail about Mangopay's status: to those who want it, once per change, and never about the past."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import respx
from sqlmodel import col, select

from models.access import Account
from models.environment import Environment
from models.mail import Mail, MailKind
from models.permissions import Role
from services.access.actors import Actor
from services.access.letters import status
from services.database import Database
from services.feeds.store import configure
from services.feeds.subscriptions import choose_status_mail, gets_status_mail
from tests.actors import make_actor
from tests.services.feeds.stored import refresh

STATUS = "https://status.shop.test/history.atom"
SANDBOX, PRODUCTION = Environment.SANDBOX, Environment.PRODUCTION
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
Story = Sequence[bytes]


def update(label: str, hour: int, text: str = "Words &amp; more.") -> str:
    return (
        f"&lt;p&gt;&lt;small&gt;Nov 22, {hour:02d}:00 UTC&lt;/small&gt;&lt;br&gt;&lt;strong&gt;{label}&lt;/strong&gt; "
        f"- {text}&lt;/p&gt;"
    )


def feed(*entries: str) -> bytes:
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Status</title>{"".join(entries)}</feed>'.encode()


def entry(*updates: str, title: str = "Slow pay-ins", number: int = 1) -> str:
    return (
        f"<entry><id>{number}</id><title>{title}</title><published>2026-11-22T09:00:00Z</published>"
        f'<link rel="alternate" href="https://status.shop.test/{number}"/>'
        f'<content type="html">{"".join(updates)}</content></entry>'
    )


CALM = feed(entry(update("Resolved", 5), title="Long ago", number=9))


@pytest.fixture
async def olivia(database: Database) -> Account:
    return await member(database, "olivia@example.com")


async def member(database: Database, email: str, *, environment: Environment = SANDBOX) -> Account:
    """Return an active access, which has asked for mail."""
    account = Account(
        environment=environment, email=email, role=Role.VIEWER, created_at=NOW, password_hash="x"
    )  # fmt: skip
    async with database.session() as session:
        session.add(account)
        await session.commit()
    await choose_status_mail(actor_of(account), database, wants_it=True, now=NOW)
    return account


def actor_of(account: Account) -> Actor:
    return make_actor(account.role, account.environment, account_id=account.id or 0, email=account.email)


async def tell(database: Database, router: respx.MockRouter, *story: bytes) -> None:
    """Have the feed say one thing after another."""
    router.get(STATUS).mock(side_effect=[httpx.Response(200, content=content) for content in story])
    await configure(database, environment=SANDBOX, news=[], status=[STATUS], now=NOW)
    async with httpx.AsyncClient() as http:
        for hour in range(len(story)):
            await refresh(database, http, NOW + timedelta(hours=hour), environments=[SANDBOX])


async def mails(database: Database) -> list[Mail]:
    async with database.session() as session:
        return list((await session.exec(select(Mail).order_by(col(Mail.id)))).all())


async def subjects(database: Database) -> list[tuple[str, str]]:
    return [(mail.email, mail.detail.partition("\n")[0]) for mail in await mails(database)]


async def test_an_incident_is_told_as_it_opens_moves_on_and_ends(
    database: Database, respx_mock: respx.MockRouter, olivia: Account
) -> None:
    first = update("Investigating", 6)
    second = update("Monitoring", 7, "A fix is out.") + first
    third = update("Resolved", 8) + second
    story = [CALM, *(feed(entry(updates)) for updates in (first, second, second, third))]
    await tell(database, respx_mock, *story)
    assert await subjects(database) == [
        (olivia.email, "Investigating: Slow pay-ins"),
        (olivia.email, "Monitoring: Slow pay-ins"),
        (olivia.email, "Resolved: Slow pay-ins"),
    ]
    moved_on = (await mails(database))[1]
    assert moved_on.kind is MailKind.STATUS
    assert "Monitoring, 22 November 2026, 07:00 UTC\nA fix is out." in moved_on.detail
    # What was told before is not told again.
    assert "Words & more." not in moved_on.detail
    assert "https://status.shop.test/1" in moved_on.detail


async def test_what_was_there_when_the_feed_was_first_read_is_history(
    database: Database, respx_mock: respx.MockRouter, olivia: Account
) -> None:
    await tell(database, respx_mock, feed(entry(update("Investigating", 6))))
    assert await subjects(database) == []


async def test_what_was_written_down_once_it_was_over_is_not_told(
    database: Database, respx_mock: respx.MockRouter, olivia: Account
) -> None:
    await tell(database, respx_mock, CALM, feed(entry(update("Resolved", 6))))
    assert await subjects(database) == []


async def test_a_slip_of_the_pen_that_is_mended_in_the_title_is_not_told(
    database: Database, respx_mock: respx.MockRouter, olivia: Account
) -> None:
    updates = update("Investigating", 6)
    await tell(database, respx_mock, CALM, feed(entry(updates)), feed(entry(updates, title="Slow pay-ins (cards)")))
    assert len(await subjects(database)) == 1


async def test_mended_words_of_an_update_are_not_told(
    database: Database, respx_mock: respx.MockRouter, olivia: Account
) -> None:
    first = update("Monitoring", 7)
    over = [update("Resolved", 8, text) + first for text in ("Wrods.", "Words.")]
    await tell(database, respx_mock, CALM, *(feed(entry(updates)) for updates in (first, *over)))
    assert [subject for _, subject in await subjects(database)] == [
        "Monitoring: Slow pay-ins",
        "Resolved: Slow pay-ins",
    ]


async def test_a_postmortem_is_no_change(database: Database, respx_mock: respx.MockRouter, olivia: Account) -> None:
    over = update("Resolved", 8) + update("Investigating", 7)
    story = [feed(entry(updates)) for updates in (over, update("Postmortem", 9) + over)]
    await tell(database, respx_mock, *story)
    assert await subjects(database) == []


async def test_two_feeds_of_one_history_are_told_once(
    database: Database, respx_mock: respx.MockRouter, olivia: Account
) -> None:
    other = STATUS.replace("atom", "rss")
    first = update("Investigating", 6)
    story = [CALM, *(feed(entry(updates)) for updates in (first, update("Resolved", 8) + first))]
    for url in (STATUS, other):
        respx_mock.get(url).mock(side_effect=[httpx.Response(200, content=content) for content in story])
    await configure(database, environment=SANDBOX, news=[], status=[STATUS, other], now=NOW)
    async with httpx.AsyncClient() as http:
        for hour in range(len(story)):
            await refresh(database, http, NOW + timedelta(hours=hour), environments=[SANDBOX])
    assert [subject for _, subject in await subjects(database)] == [
        "Investigating: Slow pay-ins",
        "Resolved: Slow pay-ins",
    ]


async def test_planned_work_that_is_moved_is_told(
    database: Database, respx_mock: respx.MockRouter, olivia: Account
) -> None:
    def planned(day: int) -> bytes:
        window = f"&lt;strong&gt;THIS IS A SCHEDULED EVENT Dec {day}, 12:00 - 14:00 UTC&lt;/strong&gt;"
        return feed(entry(f"&lt;p&gt;{window}&lt;/p&gt;", update("Scheduled", 6)))

    await tell(database, respx_mock, CALM, planned(1), planned(2))
    first, second = await mails(database)
    assert "Planned: 01 December 2026, 12:00 UTC to 01 December 2026, 14:00 UTC" in first.detail
    assert "Planned: 02 December 2026" in second.detail


async def test_only_those_who_want_it_are_active_and_are_concerned_get_it(
    database: Database, respx_mock: respx.MockRouter, olivia: Account
) -> None:
    suspended = await member(database, "sue@example.com")
    async with database.session() as session:
        suspended.suspended_at = NOW
        session.add(suspended)
        await session.commit()
    ended = await member(database, "bob@example.com")
    await choose_status_mail(actor_of(ended), database, wants_it=False, now=NOW)
    await member(database, "pia@example.com", environment=PRODUCTION)
    opened = update("Investigating", 6)
    about_production = entry(opened, title="[Production] Slow", number=2)
    about_sandbox = entry(opened, title="[Sandbox] Slow", number=3)
    await tell(database, respx_mock, CALM, feed(about_production, about_sandbox))
    assert await subjects(database) == [(olivia.email, "Investigating: Slow")]
    assert "Concerns: Sandbox" in (await mails(database))[0].detail


async def test_saying_it_twice_changes_nothing(database: Database, olivia: Account) -> None:
    for wants_it in (True, True, False, False):
        await choose_status_mail(actor_of(olivia), database, wants_it=wants_it, now=NOW)
        assert await gets_status_mail(actor_of(olivia), database) is wants_it


def test_the_letter_says_where_to_end_it() -> None:
    mail = Mail(
        environment=SANDBOX, kind=MailKind.STATUS, email="olivia@example.com", created_at=NOW, next_try_at=NOW,
        detail="Resolved: Slow pay-ins\n\nResolved, now\nAll is well.",
    )  # fmt: skip
    letter = status(mail, url="https://dashboard.example.com")
    assert letter.subject == "Resolved: Slow pay-ins (Mangopay, Sandbox)"
    assert letter.text.startswith("Resolved: Slow pay-ins\n\nResolved, now\nAll is well.")
    assert "https://dashboard.example.com/api-status" in letter.text
