"""Environments with a host name of their own: what is shown there, who is let in, where the other doors lead."""

import httpx
import pytest

from models.environment import Environment
from models.permissions import Role
from services.database import Database
from tests.services.access.world import LOCAL, OLIVIA, OTHER_PASSWORD, PASSWORD, PRODUCTION, SANDBOX, VICTOR
from tests.ui.door import Door, hidden, links, open_door, sign_in, title, who

OWN = "https://dashboard.example.com"
MONEY, TRY = "https://money.example.com", "https://try.example.com"
SESSION = "__Host-session"


@pytest.fixture
def door(database: Database) -> Door:
    """Production and Sandbox each have a host name; Local is at the dashboard's own."""
    return open_door(database, PRODUCTION, SANDBOX, LOCAL, url=OWN, urls={PRODUCTION: MONEY, SANDBOX: TRY})


@pytest.mark.parametrize("asked", ["", "?environment=production", "?environment=local", "?environment=nonsense"])
async def test_a_host_of_its_own_shows_its_own_door_whatever_is_asked_or_remembered(door: Door, asked: str) -> None:
    async with door.browser(TRY) as browser:
        browser.cookies.set("__Host-door", "production")
        for path in ("/sign-in", "/create-access", "/forgotten-password"):
            page = await browser.get(path + asked)
            assert hidden(page)["environment"] == "sandbox"
            assert title(page).endswith(" · Sandbox · Mangopay Dashboard")


async def test_the_other_doors_lead_to_their_own_hosts(door: Door) -> None:
    for url in (OWN, MONEY, TRY):
        async with door.browser(url) as browser:
            page = await browser.get("/sign-in?next=/users")
            doors = [link for link in links(page) if "/sign-in?" in link]
            assert [httpx.URL(url).join(link) for link in doors] == [
                f"{MONEY}/sign-in?environment=production&next=%2Fusers",
                f"{TRY}/sign-in?environment=sandbox&next=%2Fusers",
                f"{OWN}/sign-in?environment=local&next=%2Fusers",
            ]


async def test_following_a_door_shows_the_form_of_its_environment(door: Door) -> None:
    async with door.browser(MONEY) as browser:
        doors = [link for link in links(await browser.get("/sign-in")) if "/sign-in?" in link]
        shown = [hidden(await browser.get(link))["environment"] for link in doors]
    assert shown == ["production", "sandbox", "local"]


async def test_without_hosts_of_their_own_doors_stay_on_the_host_that_was_asked(database: Database) -> None:
    async with open_door(database, SANDBOX, LOCAL).browser("http://127.0.0.1:8080") as browser:
        assert "/sign-in?environment=local&next=%2F" in links(await browser.get("/sign-in"))


@pytest.mark.parametrize(
    ("environment", "own", "other"), [(SANDBOX, TRY, MONEY), (PRODUCTION, MONEY, TRY)], ids=["sandbox", "production"]
)
async def test_a_session_of_one_environment_is_nobody_at_the_host_of_another(
    door: Door, environment: Environment, own: str, other: str
) -> None:
    await door.world.add_account(VICTOR, role=Role.VIEWER, environment=environment)
    async with door.browser(own) as browser, door.browser(other) as elsewhere:
        await sign_in(browser, VICTOR)
        assert await who(browser) == f"{VICTOR}, viewer in {environment}"
        elsewhere.cookies.set(SESSION, browser.cookies[SESSION])
        assert await who(elsewhere) is None
        assert (await elsewhere.get("/settings/password")).status_code == 303
        assert (await elsewhere.post("/sign-out-everywhere")).status_code == 401
        assert await who(browser) == f"{VICTOR}, viewer in {environment}"


async def test_a_host_of_its_own_lets_nobody_in_with_an_access_to_another_environment(door: Door) -> None:
    await door.world.add_account(VICTOR, role=Role.VIEWER, environment=SANDBOX)
    await door.world.add_account(OLIVIA, role=Role.VIEWER, environment=PRODUCTION, password=OTHER_PASSWORD)
    await door.world.add_account(OLIVIA, role=Role.ADMIN, environment=SANDBOX)
    async with door.browser(MONEY) as browser:
        for email in (VICTOR, OLIVIA):
            given = {"email": email, "password": PASSWORD, "environment": "sandbox"}
            assert (await browser.post("/sign-in", data=given)).status_code == 401
        await sign_in(browser, password=OTHER_PASSWORD, environment="sandbox")
        assert await who(browser) == f"{OLIVIA}, viewer in production"


async def test_a_link_works_at_the_host_of_its_environment_alone(door: Door) -> None:
    victor = await door.world.add_account(VICTOR, role=Role.VIEWER, password=None)
    link = await door.link(victor)
    async with door.browser(MONEY) as money, door.browser(TRY) as browser:
        for page in (await money.get(link), await money.post(link, data={"new": PASSWORD})):
            assert page.status_code == 404
            assert "This link is not known" in page.text
            assert VICTOR not in page.text
        assert await who(money) is None
        assert (await browser.post(link, data={"new": PASSWORD})).status_code == 303
        assert await who(browser) == f"{VICTOR}, viewer in sandbox"


async def test_a_second_factor_owed_to_one_environment_is_none_at_the_host_of_another(door: Door) -> None:
    await door.world.give_second_factor(await door.world.add_account())
    async with door.browser(TRY) as browser, door.browser(MONEY) as money:
        assert await sign_in(browser) == "/two-factor?next=%2F"
        for method, path in (("GET", "/two-factor"), ("POST", "/two-factor"), ("GET", "/two-factor/enrol")):
            money.cookies.set("__Host-challenge", browser.cookies["__Host-challenge"])
            answer = await money.request(method, path, data={"code": door.world.code()})
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?too_late")
        assert (await browser.post("/two-factor", data={"code": door.world.code()})).status_code == 303
        assert await who(browser) == f"{OLIVIA}, admin in sandbox"


async def test_mail_leads_to_the_host_of_its_environment(door: Door) -> None:
    await door.world.add_account()
    async with door.browser(TRY) as browser:
        await browser.post("/forgotten-password", data={"email": OLIVIA, "environment": "production"})
        [letter] = await door.world.deliver()
        assert f"\n{TRY}/link/" in letter.text
        link = await door.link(None, environment=LOCAL)
    async with door.browser() as browser:
        assert (await browser.get(link)).status_code == 200


@pytest.mark.parametrize("origin", [OWN, TRY, "http://money.example.com", "https://evil.example"])
async def test_a_page_of_one_environment_does_nothing_at_the_host_of_another(door: Door, origin: str) -> None:
    await door.world.add_account(VICTOR, role=Role.VIEWER, environment=PRODUCTION)
    async with door.browser(MONEY) as browser:
        await sign_in(browser, VICTOR)
        answer = await browser.post("/sign-out-everywhere", headers={"origin": origin})
        assert answer.status_code == 403
        assert await who(browser) == f"{VICTOR}, viewer in production"
