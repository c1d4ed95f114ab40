import re

import pytest

from models.access import Account, Session
from models.audit import Act
from models.permissions import Role
from services.database import Database
from tests.services.access.world import (
    LOCAL,
    MALLORY,
    OLIVIA,
    OTHER_PASSWORD,
    PASSWORD,
    PRODUCTION,
    SANDBOX,
    VICTOR,
)
from tests.ui.door import (
    Door,
    cookies_of,
    focused,
    hidden,
    in_error,
    links,
    open_door,
    same,
    sign_in,
    title,
    who,
)
from tests.ui.guarded import HTTP, HTTPS, SHELL

ALL = (PRODUCTION, SANDBOX, LOCAL)
ADMIN = f"{OLIVIA}, admin in sandbox"
ELSEWHERE = [
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    " //evil.example",
]


@pytest.fixture
def door(database: Database) -> Door:
    return open_door(database)


@pytest.fixture
async def olivia(door: Door) -> Account:
    return await door.world.add_account()


async def test_signing_in_leads_where_one_wanted_to_go(door: Door, olivia: Account) -> None:
    async with door.browser() as browser:
        page = await browser.get((await browser.get("/users?page=2")).headers["location"])
        given = hidden(page) | {"email": " Olivia@Example.com", "password": PASSWORD}
        answer = await browser.post("/sign-in", data=given)
        assert (answer.status_code, answer.headers["location"]) == (303, "/users?page=2")
        assert await who(browser) == ADMIN
        assert (await browser.get("/sign-in?next=/users")).headers["location"] == "/users"


@pytest.mark.parametrize("place", ELSEWHERE)
async def test_signing_in_never_leads_to_another_site(door: Door, olivia: Account, place: str) -> None:
    async with door.browser() as browser:
        page = await browser.get("/sign-in", params={"next": place})
        assert hidden(page)["next"] == "/"
        assert "evil" not in page.text
        assert await sign_in(browser, next=place) == "/"
        assert (await browser.get("/sign-in", params={"next": place})).headers["location"] == "/"


@pytest.mark.parametrize("place", ELSEWHERE)
async def test_a_refused_sign_in_forgets_where_another_site_wanted_it_to_lead(
    door: Door, olivia: Account, place: str
) -> None:
    async with door.browser() as browser:
        page = await browser.post("/sign-in", data={"email": OLIVIA, "password": "wrong", "next": place})
    assert page.status_code == 401
    assert hidden(page)["next"] == "/"


async def test_a_wrong_password_and_who_has_no_access_get_the_same_answer(door: Door, olivia: Account) -> None:
    await door.world.add_account(VICTOR, suspended_at=door.world.now)
    await door.world.add_account("ada@example.com", password=None)
    async with door.browser() as browser:
        wrong = await browser.post("/sign-in", data={"email": OLIVIA, "password": OTHER_PASSWORD})
        for email in (MALLORY, VICTOR, "ada@example.com"):
            other = await browser.post("/sign-in", data={"email": email, "password": PASSWORD})
            assert same(other, but=email) == same(wrong, but=OLIVIA)
    assert wrong.status_code == 401
    assert "The e-mail address or the password is not right." in wrong.text
    assert 'role="alert"' in wrong.text
    assert "set-cookie" not in wrong.headers
    assert focused(wrong) == ["password"]
    assert OTHER_PASSWORD not in wrong.text


@pytest.mark.parametrize(
    ("given", "first", "sentence"),
    [
        ({"email": "olivia", "password": "x"}, "email", "Enter your e-mail address"),
        ({"email": OLIVIA}, "password", "Enter your password."),
        ({}, "email", "Enter your e-mail address"),
    ],
)
async def test_a_form_that_is_not_filled_in_says_what_is_missing(
    door: Door, given: dict[str, str], first: str, sentence: str
) -> None:
    async with door.browser() as browser:
        page = await browser.post("/sign-in", data=given)
    assert page.status_code == 400
    assert sentence in page.text
    assert f'aria-describedby="{first}-error"' in page.text
    assert focused(page) == [first]
    assert in_error(page)[0] == first
    assert title(page).startswith("Error: ")


async def test_after_five_failures_even_the_right_password_waits(door: Door, olivia: Account) -> None:
    async with door.browser() as browser:
        for _ in range(5):
            assert (await browser.post("/sign-in", data=_pair(password="wrong"))).status_code == 401
        door.world.wait(minutes=2, seconds=30)
        page = await browser.post("/sign-in", data=_pair())
        assert (page.status_code, page.headers["retry-after"]) == (429, "780")
        assert "Too many attempts. Try again in 13 minutes." in page.text
        assert "“Forgotten password” takes you in by mail in the meantime." in page.text
        door.world.wait(minutes=12, seconds=30)
        assert await sign_in(browser) == "/"


async def test_where_no_mail_is_sent_nobody_is_told_to_wait_for_any(database: Database) -> None:
    async with open_door(database, sends_mail=()).browser() as browser:
        for _ in range(5):
            await browser.post("/sign-in", data=_pair())
        page = await browser.post("/sign-in", data=_pair())
    assert page.status_code == 429
    assert "by mail" not in page.text


async def test_whether_somebody_has_an_access_is_not_told_by_the_wait_either(door: Door, olivia: Account) -> None:
    async with door.browser() as browser:
        for email in (OLIVIA, MALLORY):
            for _ in range(5):
                await browser.post("/sign-in", data=_pair(email, "wrong"))
        known, unknown = [await browser.post("/sign-in", data=_pair(email)) for email in (OLIVIA, MALLORY)]
    assert known.status_code == 429
    assert same(known, but=OLIVIA) == same(unknown, but=MALLORY)


async def test_a_guesser_from_one_address_waits_whoever_it_tries(door: Door, olivia: Account) -> None:
    async with door.browser(address="198.51.100.9") as mallory, door.browser() as browser:
        for number in range(20):
            await mallory.post("/sign-in", data=_pair(f"person{number}@example.com", "wrong"))
        assert (await mallory.post("/sign-in", data=_pair())).status_code == 429
        assert await sign_in(browser) == "/"


async def test_each_sign_in_has_a_new_token_and_ends_the_session_before_it(door: Door, olivia: Account) -> None:
    async with door.browser() as browser, door.browser() as earlier:
        await sign_in(browser)
        before = browser.cookies["session"]
        earlier.cookies.set("session", before)
        await sign_in(browser)
        assert browser.cookies["session"] != before
        assert await who(earlier) is None
        assert await who(browser) == ADMIN


async def test_a_cookie_planted_before_the_sign_in_is_never_the_session_after_it(door: Door, olivia: Account) -> None:
    await door.world.add_account(MALLORY, role=Role.VIEWER)
    async with door.browser() as mallory, door.browser() as browser:
        await sign_in(mallory, MALLORY)
        for planted in ("mallory-made-this-up", mallory.cookies["session"]):
            browser.cookies.clear()
            browser.cookies.set("session", planted, domain="localhost.local")
            browser.cookies.set("challenge", planted, domain="localhost.local")
            answer = await browser.post("/sign-in", data=_pair())
            assert cookies_of(answer)["session"].partition(";")[0] != planted
            assert planted not in str(answer.headers.get_list("set-cookie"))
            assert await who(browser) == ADMIN
            mallory.cookies.clear()
            mallory.cookies.set("session", planted)
            assert await who(mallory) is None


async def test_while_the_second_factor_is_owed_no_page_opens(door: Door, olivia: Account) -> None:
    await door.world.give_second_factor(olivia)
    async with door.browser() as browser:
        answer = await browser.post("/sign-in", data=_pair() | {"next": "/users"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/two-factor?next=%2Fusers")
        assert set(cookies_of(answer)) == {"challenge"}
        challenge = browser.cookies["challenge"]
        assert await who(browser) is None
        browser.cookies.set("session", challenge)
        assert await who(browser) is None
        assert (await browser.get("/settings/password")).status_code == 303
    assert await door.world.rows(Session) == []


async def test_signing_out_ends_the_session_for_good(door: Door, olivia: Account) -> None:
    async with door.browser() as browser, door.browser() as thief:
        await sign_in(browser)
        thief.cookies.set("session", browser.cookies["session"])
        answer = await browser.post("/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?signed_out")
        assert "session" not in browser.cookies
        assert "You are signed out." in (await browser.get(answer.headers["location"])).text
        assert await who(thief) is None
        assert (await browser.post("/sign-out")).status_code == 303
    [session] = await door.world.rows(Session)
    assert session.revoked_at == door.world.now


async def test_signing_out_is_not_done_by_following_a_link(door: Door, olivia: Account) -> None:
    async with door.browser() as browser:
        await sign_in(browser)
        for path in ("/sign-out", "/sign-out-everywhere"):
            assert (await browser.get(path)).status_code == 405
        assert await who(browser) == ADMIN


async def test_signing_out_everywhere_ends_every_session_of_ones_own_and_nobody_elses(
    door: Door, olivia: Account
) -> None:
    await door.world.add_account(VICTOR, role=Role.VIEWER)
    async with door.browser() as browser, door.browser() as phone, door.browser() as victor:
        for mine in (browser, phone):
            await sign_in(mine)
        await sign_in(victor, VICTOR)
        answer = await browser.post("/sign-out-everywhere")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?signed_out_everywhere")
        assert "session" not in browser.cookies
        assert "You are signed out everywhere" in (await browser.get(answer.headers["location"])).text
        assert await who(browser) is None
        assert await who(phone) is None
        assert await who(victor) == f"{VICTOR}, viewer in sandbox"
    [entry] = await door.world.log(Act.SIGN_OUT_EVERYWHERE)
    assert (entry.who, entry.address) == (OLIVIA, "203.0.113.7")


async def test_a_stranger_signs_nobody_out_everywhere(door: Door, olivia: Account) -> None:
    async with door.browser() as browser, door.browser() as mallory:
        await sign_in(browser)
        assert (await mallory.post("/sign-out-everywhere")).status_code == 401
        assert await who(browser) == ADMIN


async def test_a_session_that_ended_is_mentioned_once(door: Door, olivia: Account) -> None:
    async with door.browser() as browser:
        await sign_in(browser)
        door.world.wait(hours=9)
        assert "Your session has ended" in (await browser.get("/sign-in")).text
        assert "Your session has ended" not in (await browser.get("/sign-in")).text


@pytest.mark.parametrize(("url", "prefix", "secure"), [(HTTP, "", set()), (HTTPS, "__Host-", {"secure"})])
async def test_cookies_are_out_of_reach_of_scripts_and_other_sites(
    database: Database, url: str, prefix: str, secure: set[str]
) -> None:
    door = open_door(database, url=url)
    await door.world.give_second_factor(await door.world.add_account())
    async with door.browser() as browser:
        owed = cookies_of(await browser.post("/sign-in", data=_pair()))
        let_in = cookies_of(await browser.post("/two-factor", data={"code": door.world.code()}))
        gone = cookies_of(await browser.post("/sign-out"))
    common = {"httponly", "samesite=lax", "path=/"} | secure
    assert _flags(owed, f"{prefix}challenge") == common | {"max-age=600"}
    assert _flags(let_in, f"{prefix}session") == common | {"max-age=604800"}
    assert _flags(let_in, f"{prefix}door") == common | {"max-age=31536000"}
    for cookies, name in ((let_in, f"{prefix}challenge"), (gone, f"{prefix}session")):
        assert cookies[name].startswith('"";')
        assert {"max-age=0"} | common <= _flags(cookies, name)
    assert {*owed, *let_in, *gone} == {f"{prefix}{name}" for name in ("challenge", "session", "door")}


async def test_one_environment_shows_unmistakably_and_offers_no_doors(door: Door) -> None:
    async with door.browser() as browser:
        page = await browser.get("/sign-in")
    assert title(page) == "Sign in · Sandbox · Mangopay Dashboard"
    assert '<body class="plain" data-environment="sandbox">' in page.text
    assert "<strong>Sandbox</strong>" in page.text
    assert "<nav" not in page.text
    assert hidden(page)["environment"] == "sandbox"


@pytest.mark.parametrize("query", ["", "&environment=nonsense", "&environment="])
async def test_of_several_environments_one_must_be_chosen_before_there_is_a_form(
    database: Database, query: str
) -> None:
    async with open_door(database, *ALL).browser() as browser:
        page = await browser.get(f"/sign-in?next=/users{query}")
    assert (page.status_code, title(page)) == (200, "Sign in · Mangopay Dashboard")
    assert '<body class="plain">' in page.text
    assert "<form" not in page.text
    assert "<input" not in page.text
    assert 'aria-current="true"' not in page.text
    assert links(page)[:3] == [
        f"/sign-in?environment={environment}&next=%2Fusers" for environment in ("production", "sandbox", "local")
    ]
    assert "<strong>Production</strong><span>Real money</span>" in page.text


async def test_a_chosen_environment_has_its_own_form_and_the_other_doors_stay_near(database: Database) -> None:
    async with open_door(database, *ALL).browser() as browser:
        page = await browser.get("/sign-in?environment=local&next=/users")
    assert hidden(page) == {"environment": "local", "next": "/users"}
    assert title(page) == "Sign in · Local · Mangopay Dashboard"
    assert '<body class="plain" data-environment="local">' in page.text
    assert re.findall(r'data-environment="(\w+)" aria-current="true"', page.text) == ["local"]
    assert "/sign-in?environment=production&next=%2Fusers" in links(page)
    assert {"/create-access?environment=local", "/forgotten-password?environment=local"} <= set(links(page))


@pytest.mark.parametrize("environment", [{}, {"environment": "nonsense"}])
async def test_a_sign_in_to_no_environment_in_particular_is_none(
    database: Database, environment: dict[str, str]
) -> None:
    door = open_door(database, *ALL)
    await door.world.add_account()
    async with door.browser() as browser:
        page = await browser.post("/sign-in", data=_pair() | environment)
        assert page.status_code == 400
        assert "Choose an environment." in page.text
        assert PASSWORD not in page.text
        assert await who(browser) is None


async def test_an_environment_that_is_off_has_no_door(database: Database) -> None:
    door = open_door(database, SANDBOX, LOCAL)
    await door.world.add_account(environment=PRODUCTION, role=Role.VIEWER)
    async with door.browser() as browser:
        assert (await browser.post("/sign-in", data=_pair() | {"environment": "production"})).status_code == 400
        assert "Production" not in (await browser.get("/sign-in?environment=production")).text


async def test_the_door_one_came_in_by_is_remembered(database: Database) -> None:
    door = open_door(database, *ALL)
    await door.world.add_account()
    async with door.browser() as browser:
        await sign_in(browser, environment="sandbox")
        await browser.post("/sign-out")
        assert hidden(await browser.get("/sign-in"))["environment"] == "sandbox"
        assert hidden(await browser.get("/sign-in?environment=local"))["environment"] == "local"
        browser.cookies.clear()
        browser.cookies.set("door", "nonsense")
        assert hidden(await browser.get("/sign-in")) == {}


async def test_an_access_to_one_environment_opens_no_other_door(database: Database) -> None:
    door = open_door(database, *ALL)
    await door.world.add_account()
    async with door.browser() as browser:
        assert (await browser.post("/sign-in", data=_pair() | {"environment": "local"})).status_code == 401
        assert await sign_in(browser, environment="sandbox") == "/"
        assert await who(browser) == ADMIN
        assert hidden(await browser.get("/sign-in?environment=local"))["environment"] == "local"


async def test_whoever_switches_the_environment_finds_their_own_address_filled_in(database: Database) -> None:
    door = open_door(database, *ALL)
    await door.world.add_account()
    async with door.browser() as browser:
        await sign_in(browser, environment="sandbox")
        page = await browser.get("/sign-in?environment=local")
    assert f'value="{OLIVIA}"' in page.text
    assert focused(page) == ["password"]


async def test_a_link_from_elsewhere_fills_nothing_in(door: Door) -> None:
    async with door.browser() as browser:
        page = await browser.get("/sign-in", params={"email": MALLORY, "password": PASSWORD, "notice": "Call us"})
    assert MALLORY not in page.text
    assert PASSWORD not in page.text
    assert "Call us" not in page.text
    assert focused(page) == ["email"]


async def test_the_only_scripts_of_a_plain_page_carry_the_nonce_of_its_policy(door: Door) -> None:
    async with door.browser() as browser:
        paths = ("/sign-in", "/create-access", "/forgotten-password", "/link/x", await door.link(None))
        for page in [await browser.get(path) for path in paths]:
            nonce = re.search(r"script-src 'nonce-([^']+)' 'strict-dynamic';", page.headers["content-security-policy"])
            assert nonce
            assert re.findall(r"<script[^>]*>", page.text) == [f'<script nonce="{nonce[1]}">']
            assert not re.search(r"<[^>]+\son\w+=", page.text)


@pytest.mark.parametrize("path", ["/sign-in", "/create-access", "/forgotten-password", "/link/x", "/two-factor"])
async def test_a_form_too_large_or_of_too_many_fields_is_not_read(door: Door, path: str) -> None:
    async with door.browser() as mallory:
        if path == "/link/x":
            path = await door.link(None)
        assert (await mallory.post(path, data={"email": "x" * 20_000})).status_code == 413
        assert (await mallory.post(path, content=b"a=1&" * 30)).status_code == 400


def test_an_error_page_says_what_happened_what_to_do_and_what_to_quote() -> None:
    page = SHELL.error_page(404, "There is no such user.", "Check the id <again>.", "7F3A")
    assert page.startswith('<!doctype html><html lang="en">')
    assert "Error 404" in page
    assert "<h1>There is no such user.</h1>" in page
    assert "Check the id &lt;again&gt;." in page
    assert "<code>7F3A</code>" in page
    assert '<link rel="stylesheet" href="/assets/dashboard.css?v=1">' in page
    assert "<script" not in page


def _pair(email: str = OLIVIA, password: str = PASSWORD) -> dict[str, str]:
    return {"email": email, "password": password}


def _flags(cookies: dict[str, str], name: str) -> set[str]:
    return {flag.lower() for flag in cookies[name].split("; ")[1:] if not flag.startswith("expires")}
