import re
from dataclasses import dataclass
from datetime import timedelta
from html import unescape

import httpx
import pytest
from sqlmodel import select
from starlette.applications import Starlette

from models.access import Account, Role, Session
from models.environment import Environment
from services.access.links import issue_link
from services.access.passwords import hash_password
from services.access.sessions import SessionRegistry
from services.access.throttle import Throttle
from services.database import Database
from tests.ui.door import HTTP, HTTPS, Clock
from ui.guard import Guard
from ui.html import Shell
from ui.pages.access import Access, routes

OLIVIA = "olivia@example.com"
PASSWORD = "Olivia-keeps-7-wallets"
ALL = (Environment.PRODUCTION, Environment.SANDBOX, Environment.LOCAL)
SANDBOX = (Environment.SANDBOX,)
SHELL = Shell(stylesheets=["/assets/dashboard.css?v=1"])


@dataclass(frozen=True, slots=True)
class Door:
    """The plain pages behind their guard, and browsers that come to it."""

    database: Database
    clock: Clock
    guard: Guard
    url: str

    def browser(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.guard), base_url=self.url, headers={"origin": self.url}
        )

    async def link(self, *, email: str | None = OLIVIA, environment: Environment = Environment.SANDBOX) -> str:
        now = self.clock()
        token = await issue_link(self.database, environment=environment, role=Role.ADMIN, email=email, now=now)
        return f"/link/{token}"


@pytest.fixture
def door(database: Database) -> Door:
    return _door(database, SANDBOX)


@pytest.fixture
async def olivia(database: Database) -> Account:
    account = Account(
        environment=Environment.SANDBOX,
        email=OLIVIA,
        role=Role.ADMIN,
        password_hash=await hash_password(PASSWORD),
        created_at=Clock()(),
    )
    async with database.session() as session:
        session.add(account)
        await session.commit()
    return account


async def test_a_link_makes_an_access_and_signs_in(door: Door) -> None:
    link = await door.link(email=None)
    async with door.browser() as browser:
        page = await browser.get(link)
        assert page.status_code == 200
        assert "Sandbox" in _title(page)
        answer = await browser.post(link, data={"email": " Olivia@example.com", "password": PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert await _is_signed_in(browser)
        assert (await browser.get(link)).status_code == 410


async def test_a_link_page_names_what_is_missing_and_forgets_the_password(door: Door) -> None:
    link = await door.link(email=None)
    async with door.browser() as browser:
        page = await browser.post(link, data={"email": 'oli"via<', "password": "Olivia-7"})
    assert page.status_code == 400
    assert 'value="oli&#34;via&lt;"' in page.text
    assert "Olivia-7" not in page.text
    assert _focused(page) == ["email"]
    assert 'data-met="no"><span class="visually-hidden">Not met: </span>12 to 128 characters' in page.text
    assert page.text.count('data-met="no"') == 1
    assert page.text.count('aria-invalid="true"') == 2
    assert _title(page).startswith("Error: ")


async def test_a_link_for_an_address_shows_it_and_asks_for_the_password_alone(door: Door) -> None:
    async with door.browser() as browser:
        page = await browser.get(await door.link())
    assert re.search(rf'value="{OLIVIA}"[^>]* readonly', page.text)
    assert _focused(page) == ["password"]


async def test_a_link_that_expired_says_how_to_get_another(door: Door) -> None:
    link = await door.link()
    door.clock.now += timedelta(minutes=30)
    async with door.browser() as browser:
        for page in (await browser.get(link), await browser.post(link, data={"password": PASSWORD})):
            assert page.status_code == 410
            assert "This link has expired" in page.text
            assert "uv run main.py invite EMAIL --role admin --environment sandbox" in page.text
            assert "restart the dashboard" in page.text
        assert not await _is_signed_in(browser)


@pytest.mark.parametrize("environment", [None, Environment.PRODUCTION])
async def test_a_link_nobody_issued_or_of_an_environment_that_is_off_is_unknown(
    door: Door, environment: Environment | None
) -> None:
    link = await door.link(environment=environment) if environment else "/link/mallory-made-this-up"
    async with door.browser() as browser:
        page = await browser.get(link)
    assert page.status_code == 404
    assert "This link is not known" in page.text


@pytest.mark.usefixtures("olivia")
async def test_signing_in_leads_where_one_wanted_to_go(door: Door) -> None:
    async with door.browser() as browser:
        page = await browser.get((await browser.get("/users?page=2")).headers["location"])
        answer = await browser.post("/sign-in", data=_hidden(page) | {"email": OLIVIA, "password": PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, "/users?page=2")
        assert await _is_signed_in(browser)
        assert (await browser.get("/sign-in?next=/users")).headers["location"] == "/users"


@pytest.mark.usefixtures("olivia")
async def test_signing_in_never_leads_to_another_site(door: Door) -> None:
    async with door.browser() as browser:
        page = await browser.get("/sign-in?next=//evil.example")
        assert _hidden(page)["next"] == "/"
        answer = await browser.post("/sign-in", data=_pair() | {"next": "https://evil.example"})
        assert answer.headers["location"] == "/"
        assert (await browser.get("/sign-in?next=//evil.example")).headers["location"] == "/"


@pytest.mark.usefixtures("olivia")
async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(door: Door) -> None:
    async with door.browser() as browser:
        wrong = await browser.post("/sign-in", data=_pair(password="wrong"))
        unknown = await browser.post("/sign-in", data=_pair("mallory@example.com", "wrong"))
    assert wrong.status_code == unknown.status_code == 401
    assert "The e-mail address or the password is not right." in wrong.text
    assert 'role="alert"' in wrong.text
    assert _without_nonce(wrong) == _without_nonce(unknown).replace("mallory@example.com", OLIVIA)
    assert "set-cookie" not in wrong.headers
    assert _focused(wrong) == ["password"]


@pytest.mark.parametrize(
    ("given", "focused", "sentence"),
    [
        ({"email": "olivia", "password": "x"}, "email", "Enter your e-mail address"),
        ({"email": OLIVIA}, "password", "Enter your password."),
        ({}, "email", "Enter your e-mail address"),
    ],
)
async def test_a_form_that_is_not_filled_in_says_what_is_missing(
    door: Door, given: dict[str, str], focused: str, sentence: str
) -> None:
    async with door.browser() as browser:
        page = await browser.post("/sign-in", data=given)
    assert page.status_code == 400
    assert sentence in page.text
    assert f'aria-describedby="{focused}-error"' in page.text
    assert _focused(page) == [focused]


@pytest.mark.usefixtures("olivia")
async def test_after_five_failures_even_the_right_password_waits(door: Door) -> None:
    async with door.browser() as browser:
        for _ in range(5):
            assert (await browser.post("/sign-in", data=_pair(password="wrong"))).status_code == 401
        door.clock.now += timedelta(minutes=2, seconds=30)
        page = await browser.post("/sign-in", data=_pair())
        assert (page.status_code, page.headers["retry-after"]) == (429, "780")
        assert "Too many attempts. Try again in 13 minutes." in page.text
        door.clock.now += timedelta(minutes=12, seconds=30)
        assert (await browser.post("/sign-in", data=_pair())).status_code == 303


@pytest.mark.usefixtures("olivia")
async def test_each_sign_in_has_a_new_token_and_ends_the_session_before_it(door: Door) -> None:
    async with door.browser() as browser, door.browser() as earlier:
        await browser.post("/sign-in", data=_pair())
        before = browser.cookies["session"]
        earlier.cookies.set("session", before)
        await browser.post("/sign-in", data=_pair())
        assert browser.cookies["session"] != before
        assert not await _is_signed_in(earlier)
        assert await _is_signed_in(browser)


@pytest.mark.usefixtures("olivia")
async def test_signing_out_ends_the_session_for_good(door: Door) -> None:
    async with door.browser() as browser, door.browser() as thief:
        await browser.post("/sign-in", data=_pair())
        thief.cookies.set("session", browser.cookies["session"])
        answer = await browser.post("/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?signed_out")
        assert "session" not in browser.cookies
        assert "You are signed out." in (await browser.get(answer.headers["location"])).text
        assert not await _is_signed_in(thief)
        assert (await browser.post("/sign-out")).status_code == 303
    async with door.database.session() as session:
        assert (await session.exec(select(Session))).one().revoked_at == door.clock()


@pytest.mark.usefixtures("olivia")
async def test_signing_out_is_not_done_by_following_a_link(door: Door) -> None:
    async with door.browser() as browser:
        await browser.post("/sign-in", data=_pair())
        assert (await browser.get("/sign-out")).status_code == 405
        assert await _is_signed_in(browser)


@pytest.mark.usefixtures("olivia")
async def test_a_session_that_ended_is_mentioned_once(door: Door) -> None:
    async with door.browser() as browser:
        await browser.post("/sign-in", data=_pair())
        door.clock.now += timedelta(hours=9)
        assert "Your session has ended." in (await browser.get("/sign-in")).text
        assert "Your session has ended." not in (await browser.get("/sign-in")).text


@pytest.mark.usefixtures("olivia")
@pytest.mark.parametrize(
    ("url", "flags"),
    [
        (HTTP, {"httponly", "samesite=lax", "path=/", "max-age=604800"}),
        (HTTPS, {"httponly", "samesite=lax", "path=/", "max-age=604800", "secure"}),
    ],
)
async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    database: Database, url: str, flags: set[str]
) -> None:
    async with _door(database, SANDBOX, url=url).browser() as browser:
        cookie = (await browser.post("/sign-in", data=_pair())).headers["set-cookie"]
        gone = (await browser.post("/sign-out")).headers["set-cookie"]
    pair, *given = cookie.split("; ")
    assert pair.split("=")[0] == ("__Host-session" if url == HTTPS else "session")
    assert {flag.lower() for flag in given} == flags
    assert gone.startswith(pair.split("=")[0] + '="";')
    assert ("Secure" in gone) == (url == HTTPS)


async def test_one_environment_shows_unmistakably_and_offers_no_doors(door: Door) -> None:
    async with door.browser() as browser:
        page = await browser.get("/sign-in")
    assert _title(page) == "Sign in · Sandbox · Mangopay Dashboard"
    assert '<body class="plain" data-environment="sandbox">' in page.text
    assert "<strong>Sandbox</strong>" in page.text
    assert "<nav" not in page.text


async def test_several_environments_have_a_door_each(database: Database) -> None:
    async with _door(database, ALL).browser() as browser:
        default = await browser.get("/sign-in?next=/users")
        local = await browser.get("/sign-in?environment=local&next=/users")
        nonsense = await browser.get("/sign-in?environment=nonsense")
    assert _hidden(default) == {"environment": "production", "next": "/users"}
    assert 'href="/sign-in?environment=local&amp;next=%2Fusers"' in default.text
    assert _hidden(local)["environment"] == "local"
    assert _hidden(nonsense)["environment"] == "production"


@pytest.mark.usefixtures("olivia")
async def test_an_access_to_one_environment_opens_no_other_door(database: Database) -> None:
    async with _door(database, ALL).browser() as browser:
        assert (await browser.post("/sign-in", data=_pair() | {"environment": "local"})).status_code == 401
        assert (await browser.post("/sign-in", data=_pair() | {"environment": "sandbox"})).status_code == 303
        assert (await browser.get("/sign-in?environment=local")).status_code == 200


async def test_the_only_scripts_of_a_plain_page_carry_the_nonce_of_its_policy(door: Door) -> None:
    async with door.browser() as browser:
        for page in (await browser.get("/sign-in"), await browser.get(await door.link())):
            nonce = re.search(r"script-src 'nonce-([^']+)' 'strict-dynamic';", page.headers["content-security-policy"])
            assert nonce
            assert re.findall(r"<script[^>]*>", page.text) == [f'<script nonce="{nonce[1]}">']
            assert not re.search(r"<[^>]+\son\w+=", page.text)


async def test_a_form_too_large_or_of_too_many_fields_is_not_read(door: Door) -> None:
    async with door.browser() as mallory:
        assert (await mallory.post("/sign-in", data={"email": "x" * 20_000})).status_code == 413
        assert (await mallory.post("/sign-in", content=b"a=1&" * 30)).status_code == 400


def test_an_error_page_says_what_happened_what_to_do_and_what_to_quote() -> None:
    page = SHELL.error_page(404, "There is no such user.", "Check the id <again>.", "7F3A")
    assert page.startswith('<!doctype html><html lang="en">')
    assert "Error 404" in page
    assert "<h1>There is no such user.</h1>" in page
    assert "Check the id &lt;again&gt;." in page
    assert "<code>7F3A</code>" in page
    assert '<link rel="stylesheet" href="/assets/dashboard.css?v=1">' in page
    assert "<script" not in page


def _door(database: Database, environments: tuple[Environment, ...], *, url: str = HTTP) -> Door:
    clock = Clock()
    sessions = SessionRegistry(database, environments=environments)
    access = Access(
        database=database,
        sessions=sessions,
        throttle=Throttle(),
        environments=environments,
        public_url=url,
        shell=SHELL,
        clock=clock,
    )
    pages = Starlette(routes=[*routes(access)])
    return Door(database, clock, Guard(pages, sessions=sessions, public_url=url, clock=clock), url)


def _pair(email: str = OLIVIA, password: str = PASSWORD) -> dict[str, str]:
    return {"email": email, "password": password}


async def _is_signed_in(browser: httpx.AsyncClient) -> bool:
    """Whether the guard lets this browser further than the door, where these pages have nothing."""
    return (await browser.get("/somewhere")).status_code == 404


def _title(page: httpx.Response) -> str:
    found = re.search("<title>(.*)</title>", page.text)
    assert found
    return unescape(found[1])


def _hidden(page: httpx.Response) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
    return {name: unescape(value) for name, value in found}


def _focused(page: httpx.Response) -> list[str]:
    return re.findall(r'<input id="(\w+)"[^>]* autofocus', page.text)


def _without_nonce(page: httpx.Response) -> str:
    return re.sub('nonce="[^"]+"', "", page.text)
