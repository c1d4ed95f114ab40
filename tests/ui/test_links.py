"""One-time links as their page shows them: the password that is chosen, and what a link that lapsed offers instead."""

import re
from datetime import timedelta

import pytest

from models.access import Account, LinkState, Session
from models.permissions import Role
from services.access.links import find_link
from services.database import Database
from tests.services.access.world import (
    AUTHENTICATOR,
    MALLORY,
    OLIVIA,
    OTHER_PASSWORD,
    PASSWORD,
    PRODUCTION,
    SANDBOX,
    VICTOR,
    token_in,
)
from tests.ui.door import Door, cookies_of, focused, in_error, open_door, same, sign_in, title, who
from tests.ui.guarded import HTTPS

MOMENT = timedelta(milliseconds=1)
UNKNOWN = "/link/mallory-made-this-up"


@pytest.fixture
def door(database: Database) -> Door:
    return open_door(database)


@pytest.fixture
async def victor(door: Door) -> Account:
    """Victor, who was invited and has chosen no password yet."""
    return await door.world.add_account(VICTOR, role=Role.VIEWER, password=None)


async def test_the_first_link_makes_an_admins_access_and_signs_in(door: Door) -> None:
    link = await door.link(None)
    async with door.browser() as browser:
        page = await browser.get(link)
        assert page.status_code == 200
        assert title(page) == "Create your access · Sandbox · Mangopay Dashboard"
        assert '<body class="plain" data-environment="sandbox">' in page.text
        assert "<dd>Admin</dd>" in page.text
        assert focused(page) == ["email"]
        answer = await browser.post(link, data={"email": " Olivia@example.com", "new": PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert await who(browser) == f"{OLIVIA}, admin in sandbox"
        assert (await browser.get(link)).status_code == 410


async def test_the_page_of_a_first_link_names_what_is_not_an_email_and_forgets_the_password(door: Door) -> None:
    link = await door.link(None)
    async with door.browser() as browser:
        page = await browser.post(link, data={"email": 'oli"via<', "new": PASSWORD})
        assert page.status_code == 400
        assert 'value="oli&#34;via&lt;"' in page.text
        assert PASSWORD not in page.text
        assert in_error(page) == focused(page) == ["email"]
        assert title(page).startswith("Error: ")
        assert (await browser.post(link, data={"email": OLIVIA, "new": PASSWORD})).status_code == 303


async def test_a_link_for_an_address_shows_it_and_asks_for_the_password_alone(door: Door, victor: Account) -> None:
    async with door.browser() as browser:
        page = await browser.get(await door.link(victor))
    assert re.search(rf'value="{VICTOR}"[^>]* readonly', page.text)
    assert "<dd>Viewer</dd>" in page.text
    assert "09:30 UTC</time>, once</dd>" in page.text
    assert focused(page) == ["new"]
    assert 'autocomplete="new-password"' in page.text


async def test_a_link_for_an_address_keeps_to_it_whatever_the_form_says(door: Door, victor: Account) -> None:
    async with door.browser() as browser:
        await browser.post(await door.link(victor), data={"email": MALLORY, "role": "admin", "new": PASSWORD})
        assert await who(browser) == f"{VICTOR}, viewer in sandbox"
    assert [account.email for account in await door.world.rows(Account)] == [VICTOR]


async def test_looking_at_a_link_signs_nobody_in_and_does_not_use_it_up(door: Door, victor: Account) -> None:
    link = await door.link(victor)
    async with door.browser() as scanner, door.browser() as browser:
        for method in ("GET", "HEAD", "GET"):
            answer = await scanner.request(method, link)
            assert answer.status_code == 200
            assert "set-cookie" not in answer.headers
        assert await who(scanner) is None
        assert (await browser.post(link, data={"new": PASSWORD})).status_code == 303


@pytest.mark.parametrize(
    ("password", "unmet"),
    [
        ("Victor-7", ["12 to 128 characters"]),
        ("victor-keeps-wallets", ["An uppercase letter, A to Z", "A digit, 0 to 9"]),
        ("Password-1234", ["No common word, name or row of keys with digits and symbols around it"]),
        ("1-Victor@example.com", ["No common word, name or row of keys with digits and symbols around it"]),
    ],
    ids=["short", "of one kind", "common", "made of the address"],
)
async def test_a_weak_password_is_told_what_it_lacks_is_forgotten_and_leaves_the_link_good(
    door: Door, victor: Account, password: str, unmet: list[str]
) -> None:
    link = await door.link(victor)
    async with door.browser() as browser:
        page = await browser.post(link, data={"new": password})
        assert page.status_code == 400
        assert title(page).startswith("Error: ")
        assert re.findall(r'data-met="no"><span class="visually-hidden">Not met: </span>([^<]+)', page.text) == unmet
        assert in_error(page) == focused(page) == ["new"]
        assert 'aria-describedby="new-error rule"' in page.text
        assert f'"{password}"' not in page.text
        assert not re.search(r'type="password"[^>]* value=', page.text)
        assert await who(browser) is None
        assert (await browser.post(link, data={"new": PASSWORD})).status_code == 303


async def test_a_link_is_good_until_its_last_moment(door: Door, victor: Account) -> None:
    link, begin = await door.link(victor), door.world.now
    async with door.browser() as browser:
        door.world.now = begin + timedelta(minutes=30) - MOMENT
        assert (await browser.get(link)).status_code == 200
        door.world.now = begin + timedelta(minutes=30)
        for page in (await browser.get(link), await browser.post(link, data={"new": PASSWORD})):
            assert page.status_code == 410
            assert title(page) == "This link has expired · Sandbox · Mangopay Dashboard"
            assert "A link is good for 30 minutes." in page.text
            assert f'<form method="post" action="{link}/renew">' in page.text
            assert VICTOR not in page.text
        assert await who(browser) is None


async def test_an_expired_link_is_renewed_to_its_old_address_whoever_asks(door: Door, victor: Account) -> None:
    link = await door.link(victor)
    door.world.wait(minutes=30)
    async with door.browser(address="198.51.100.9") as mallory, door.browser() as browser:
        answer = await mallory.post(f"{link}/renew", data={"email": MALLORY})
        assert answer.status_code == 200
        assert title(answer) == "Look into your mail · Sandbox · Mangopay Dashboard"
        assert VICTOR not in answer.text
        assert "set-cookie" not in answer.headers
        [letter] = await door.world.deliver()
        assert letter.to == VICTOR
        assert token_in(letter) not in answer.text
        assert (await browser.post(f"/link/{token_in(letter)}", data={"new": PASSWORD})).status_code == 303
        assert await who(browser) == f"{VICTOR}, viewer in sandbox"


async def test_the_renewal_of_a_forged_link_looks_the_same_and_sends_nothing(door: Door, victor: Account) -> None:
    link = await door.link(victor)
    async with door.browser() as mallory:
        known, forged = [await mallory.post(f"{path}/renew") for path in (link, UNKNOWN)]
    assert same(known) == same(forged)
    assert [letter.to for letter in await door.world.deliver()] == [VICTOR]


async def test_a_link_is_renewed_by_no_mere_look_at_it(door: Door, victor: Account) -> None:
    async with door.browser() as scanner:
        assert (await scanner.get(f"{await door.link(victor)}/renew")).status_code == 405
    assert await door.world.ordered() == []


async def test_renewals_fill_nobodys_mailbox(door: Door, victor: Account) -> None:
    link = await door.link(victor)
    async with door.browser() as mallory:
        for _ in range(3):
            assert (await mallory.post(f"{link}/renew")).status_code == 200
        door.world.wait(seconds=30)
        page = await mallory.post(f"{link}/renew")
    assert (page.status_code, page.headers["retry-after"]) == (429, "900")
    assert "Too many attempts. Try again in 15 minutes." in page.text
    assert len(await door.world.deliver()) == 3


async def test_without_a_mail_server_a_renewal_says_which_command_helps(database: Database) -> None:
    door = open_door(database, sends_mail=())
    link = await door.link(await door.world.add_account(VICTOR, password=None))
    async with door.browser() as browser:
        page = await browser.post(f"{link}/renew")
    assert page.status_code == 503
    assert "uv run main.py invite EMAIL --environment sandbox" in page.text


async def test_a_first_link_that_expired_is_printed_anew_at_the_next_start(door: Door) -> None:
    link = await door.link(None)
    door.world.wait(minutes=30)
    async with door.browser() as browser:
        page = await browser.get(link)
    assert page.status_code == 410
    assert "restart the dashboard: it prints another first link" in page.text
    assert "<form" not in page.text


async def test_a_used_link_says_so_and_opens_nothing_again(door: Door, victor: Account) -> None:
    link = await door.link(victor)
    async with door.browser() as browser, door.browser() as mallory:
        await browser.post(link, data={"new": PASSWORD})
        for page in (await mallory.get(link), await mallory.post(link, data={"new": OTHER_PASSWORD})):
            assert page.status_code == 410
            assert title(page).startswith("This link was already used")
            assert "If it was you who used it, sign in." in page.text
        assert await who(mallory) is None
        assert await sign_in(mallory, VICTOR, PASSWORD) == "/"


async def test_a_link_nobody_issued_is_unknown(door: Door) -> None:
    async with door.browser() as mallory:
        for page in (await mallory.get(UNKNOWN), await mallory.post(UNKNOWN, data={"new": PASSWORD})):
            assert page.status_code == 404
            assert title(page) == "This link is not known · Mangopay Dashboard"
            assert 'href="/sign-in"' in page.text
        assert await who(mallory) is None


async def test_a_link_of_an_environment_that_is_off_is_unknown(door: Door) -> None:
    link = await door.link(None, environment=PRODUCTION)
    async with door.browser() as browser:
        for page in (await browser.get(link), await browser.post(link, data={"email": OLIVIA, "new": PASSWORD})):
            assert page.status_code == 404
            assert "This link is not known" in page.text
    assert await door.world.rows(Account) == []


async def test_of_the_page_of_a_link_no_copy_is_kept_and_its_address_is_told_to_nobody(
    door: Door, victor: Account
) -> None:
    async with door.browser() as browser:
        page = await browser.get(await door.link(victor))
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "strict-origin"
    assert '<meta name="robots" content="noindex">' in page.text
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page.text)


async def test_a_new_password_by_link_leads_to_the_second_factor_and_opens_nothing_before(door: Door) -> None:
    olivia = await door.world.add_account()
    await door.world.give_second_factor(olivia)
    async with door.browser() as browser:
        answer = await browser.post(await door.link(olivia), data={"new": OTHER_PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            "/two-factor?next=%2Fsettings%3Fpassword_changed",
        )
        assert set(cookies_of(answer)) == {"challenge"}
        assert await who(browser) is None
        assert await door.world.rows(Session) == []
        await browser.post("/two-factor", data={"code": door.world.code(secret=AUTHENTICATOR)})
        assert await who(browser) == f"{OLIVIA}, admin in sandbox"


async def test_in_production_an_operators_first_link_leads_to_a_second_factor_to_set_up(database: Database) -> None:
    door = open_door(database, PRODUCTION, url=HTTPS)
    invited = await door.world.add_account(OLIVIA, role=Role.OPERATOR, environment=PRODUCTION, password=None)
    async with door.browser() as browser:
        link = await door.link(invited, environment=PRODUCTION)
        answer = await browser.post(link, data={"new": PASSWORD})
        assert set(cookies_of(answer)) == {"__Host-challenge"}
        answer = await browser.get(answer.headers["location"])
        assert (answer.status_code, answer.headers["location"]) == (303, "/two-factor/enrol?next=%2F")
        assert await who(browser) is None


async def test_a_link_ends_the_session_that_the_browser_came_with(door: Door, victor: Account) -> None:
    await door.world.add_account()
    async with door.browser() as browser, door.browser() as earlier:
        await sign_in(browser)
        earlier.cookies.set("session", browser.cookies["session"])
        await browser.post(await door.link(victor), data={"new": PASSWORD})
        assert await who(browser) == f"{VICTOR}, viewer in sandbox"
        assert await who(earlier) is None


async def test_a_suspended_access_is_not_entered_by_link(door: Door) -> None:
    link = await door.link(await door.world.add_account(VICTOR, suspended_at=door.world.now))
    async with door.browser() as browser:
        answer = await browser.post(link, data={"new": OTHER_PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?not_let_in")
        assert "set-cookie" not in answer.headers
        assert await who(browser) is None


async def test_another_site_uses_no_link_up(door: Door, victor: Account) -> None:
    link = await door.link(victor)
    async with door.browser() as mallory:
        mallory.headers["origin"] = "https://evil.example"
        for path in (link, f"{link}/renew"):
            assert (await mallory.post(path, data={"new": PASSWORD})).status_code == 403
    known = await find_link(door.world.door, link.removeprefix("/link/"), now=door.world.now)
    assert known
    assert (known.state, known.environment) == (LinkState.VALID, SANDBOX)
    assert await door.world.ordered() == []
