"""Local's mail, whose links open accesses: for browsers on this machine alone."""

import re

import pytest

from services.database import Database
from services.mail.mailers import Letter, LocalMailbox
from tests.services.access.world import LOCAL, NOW, OLIVIA, SANDBOX
from tests.ui.door import Door, open_door, title

PATH = "/local-mail"
LINK = "http://localhost:8080/link/a-token"


@pytest.fixture
def mailbox() -> LocalMailbox:
    return LocalMailbox(lambda _: None)


@pytest.fixture
async def door(database: Database, mailbox: LocalMailbox) -> Door:
    await mailbox.send(Letter(OLIVIA, "Your access", f"Choose a password here:\n\n{LINK}\n\nOnce."), now=NOW)
    return open_door(database, LOCAL, mailbox=mailbox)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.53", "::1"])
async def test_a_browser_on_this_machine_reads_it_and_follows_its_links(door: Door, address: str) -> None:
    async with door.browser(address=address) as browser:
        page = await browser.get(PATH)
    assert page.status_code == 200
    assert title(page) == "Local mail · Local · Mangopay Dashboard"
    assert "<h2>Your access</h2>" in page.text
    assert f"To {OLIVIA}" in page.text
    assert f'<a href="{LINK}">{LINK}</a>' in page.text
    assert page.headers["cache-control"] == "no-store"


async def test_the_newest_mail_comes_first(door: Door, mailbox: LocalMailbox) -> None:
    await mailbox.send(Letter(OLIVIA, "A later one", ""), now=NOW)
    async with door.browser(address="127.0.0.1") as browser:
        page = await browser.get(PATH)
    assert re.findall("<h2>(.*?)</h2>", page.text) == ["A later one", "Your access"]


@pytest.mark.parametrize("address", ["198.51.100.9", "10.0.0.1", "::ffff:198.51.100.9", "2001:db8::1", "0.0.0.0"])
async def test_nobody_else_reads_it(door: Door, address: str) -> None:
    async with door.browser(address=address) as mallory:
        page = await mallory.get(PATH)
    assert page.status_code == 403
    assert "Local mail is for this machine" in page.text
    assert "a-token" not in page.text
    assert OLIVIA not in page.text


@pytest.mark.parametrize(
    "header", [{"X-Forwarded-For": "127.0.0.1"}, {"X-Forwarded-For": ""}, {"Forwarded": "for=127.0.0.1"}], ids=str
)
async def test_who_comes_through_a_proxy_on_this_machine_is_somebody_else(door: Door, header: dict[str, str]) -> None:
    async with door.browser(address="127.0.0.1") as mallory:
        page = await mallory.get(PATH, headers=header)
    assert page.status_code == 403
    assert "a-token" not in page.text


async def test_a_page_of_another_site_that_points_its_name_here_reads_nothing(door: Door) -> None:
    async with door.browser("http://evil.example:8080", address="127.0.0.1") as browser:
        page = await browser.get(PATH)
    assert page.status_code == 400
    assert "a-token" not in page.text


async def test_nothing_in_a_letter_is_more_than_text(door: Door, mailbox: LocalMailbox) -> None:
    forged = '<script>alert(1)</script> <img src=x onerror=alert(1)> https://evil.example/"onclick="alert(1)'
    await mailbox.send(Letter(f"<i>{OLIVIA}", f"<b>{forged}", forged), now=NOW)
    async with door.browser(address="127.0.0.1") as browser:
        page = await browser.get(PATH)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "&lt;i&gt;" in page.text
    assert "&lt;b&gt;" in page.text
    assert not re.search(r"<(?:script(?! nonce)|img|i|b)[ >]", page.text)
    assert not re.search(r"<[^>]+\son\w+=", page.text)
    assert "https://evil.example/&#34;onclick=&#34;alert(1)" in page.text


async def test_no_other_kind_of_address_becomes_a_link(door: Door, mailbox: LocalMailbox) -> None:
    await mailbox.send(Letter(OLIVIA, "", "javascript:alert(1) data:text/html,x //evil.example"), now=NOW)
    async with door.browser(address="127.0.0.1") as browser:
        page = await browser.get(PATH)
    assert re.findall(r'<a href="([^"]*)"', page.text) == [LINK, "/local-mail", "/sign-in"]


async def test_an_empty_mailbox_says_so(database: Database, mailbox: LocalMailbox) -> None:
    async with open_door(database, LOCAL, mailbox=mailbox).browser(address="127.0.0.1") as browser:
        page = await browser.get(PATH)
    assert page.status_code == 200
    assert "No mail yet." in page.text


async def test_where_mail_is_really_sent_there_is_no_such_page(database: Database) -> None:
    async with open_door(database, SANDBOX).browser(address="127.0.0.1") as browser:
        page = await browser.get(PATH)
    assert page.status_code == 404
    assert "There is no local mail" in page.text


async def test_it_is_only_to_be_read(door: Door) -> None:
    async with door.browser(address="127.0.0.1") as browser:
        assert (await browser.post(PATH)).status_code == 405
