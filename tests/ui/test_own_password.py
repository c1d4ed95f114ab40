"""Changing one's own password, while signed in."""

import re

import pytest

from models.access import Account
from models.audit import Act, Outcome
from services.database import Database
from tests.services.access.world import ADA, OLIVIA, OTHER_PASSWORD, PASSWORD
from tests.ui.door import Door, focused, in_error, open_door, sign_in, title, who

PATH = "/settings/password"
ADMIN = f"{OLIVIA}, admin in sandbox"
RIGHT = {"password": PASSWORD, "new": OTHER_PASSWORD}


@pytest.fixture
def door(database: Database) -> Door:
    return open_door(database)


@pytest.fixture
async def olivia(door: Door) -> Account:
    return await door.world.add_account()


async def test_a_new_password_ends_every_other_session_and_keeps_this_one(door: Door, olivia: Account) -> None:
    await door.world.add_account(ADA)
    async with door.browser() as browser, door.browser() as phone, door.browser() as ada:
        for mine in (browser, phone):
            await sign_in(mine)
        await sign_in(ada, ADA)
        answer = await browser.post(PATH, data=RIGHT)
        assert (answer.status_code, answer.headers["location"]) == (303, "/settings?password_changed")
        assert await who(browser) == ADMIN
        assert await who(phone) is None
        assert await who(ada) == f"{ADA}, admin in sandbox"
        assert (await phone.post("/sign-in", data={"email": OLIVIA, "password": PASSWORD})).status_code == 401
        assert await sign_in(phone, password=OTHER_PASSWORD) == "/"
    [letter] = await door.world.deliver()
    assert (letter.to, letter.subject) == (OLIVIA, "Your password was changed (Mangopay Dashboard, Sandbox)")


async def test_the_page_tells_a_password_manager_whose_passwords_they_are(door: Door, olivia: Account) -> None:
    async with door.browser() as browser:
        await sign_in(browser)
        page = await browser.get(PATH)
    assert title(page) == "Change your password · Sandbox · Mangopay Dashboard"
    assert re.search(rf'value="{OLIVIA}" autocomplete="username" hidden', page.text)
    assert page.text.count('autocomplete="current-password"') == page.text.count('autocomplete="new-password"') == 1
    assert focused(page) == ["password"]


async def test_with_a_wrong_present_password_nothing_changes(door: Door, olivia: Account) -> None:
    async with door.browser() as browser, door.browser() as phone:
        for mine in (browser, phone):
            await sign_in(mine)
        page = await browser.post(PATH, data={"password": "Mallory-guesses-7", "new": OTHER_PASSWORD})
        assert page.status_code == 400
        assert "The present password is not right." in page.text
        assert in_error(page) == focused(page) == ["password"]
        assert title(page).startswith("Error: ")
        assert "Mallory-guesses-7" not in page.text
        assert OTHER_PASSWORD not in page.text
        assert await who(phone) == ADMIN
        assert await sign_in(phone) == "/"
    assert [one.outcome for one in await door.world.log(Act.SIGN_IN)][2] is Outcome.REFUSED
    assert await door.world.log(Act.SET_PASSWORD) == []


@pytest.mark.parametrize(
    ("new", "unmet"),
    [
        ("", 5),
        ("Olivia-7", 1),
        ("Password-1234", 1),
        ("1-Olivia@example.com", 1),
    ],
    ids=["none", "short", "common", "made of the address"],
)
async def test_a_weak_new_password_is_told_what_it_lacks_and_changes_nothing(
    door: Door, olivia: Account, new: str, unmet: int
) -> None:
    async with door.browser() as browser, door.browser() as phone:
        await sign_in(browser)
        page = await browser.post(PATH, data={"password": PASSWORD, "new": new})
        assert page.status_code == 400
        assert page.text.count('data-met="no"') == unmet
        assert in_error(page) == focused(page) == ["new"]
        assert PASSWORD not in page.text
        assert not re.search(r'type="password"[^>]* value=', page.text)
        assert await sign_in(phone) == "/"


async def test_a_thief_of_a_session_guesses_no_present_password(door: Door, olivia: Account) -> None:
    async with door.browser() as thief, door.browser() as phone:
        await sign_in(thief)
        for _ in range(5):
            assert (await thief.post(PATH, data=RIGHT | {"password": "wrong"})).status_code == 400
        door.world.wait(minutes=2, seconds=30)
        page = await thief.post(PATH, data=RIGHT)
        assert (page.status_code, page.headers["retry-after"]) == (429, "780")
        assert "Too many attempts. Try again in 13 minutes." in page.text
        assert await sign_in(phone) == "/"


async def test_a_stranger_changes_no_password(door: Door, olivia: Account) -> None:
    async with door.browser() as mallory:
        assert (await mallory.post(PATH, data=RIGHT)).status_code == 401
        assert await sign_in(mallory) == "/"


async def test_another_site_changes_no_password(door: Door, olivia: Account) -> None:
    async with door.browser() as browser, door.browser() as phone:
        await sign_in(browser)
        answer = await browser.post(PATH, data=RIGHT, headers={"origin": "https://evil.example"})
        assert answer.status_code == 403
        assert await sign_in(phone) == "/"


async def test_password_managers_find_the_page_by_its_well_known_address(door: Door, olivia: Account) -> None:
    async with door.browser() as browser:
        answer = await browser.get("/.well-known/change-password")
        assert (answer.status_code, answer.headers["location"]) == (303, PATH)
        assert (await browser.get(PATH)).headers["location"] == "/sign-in?next=%2Fsettings%2Fpassword"
        assert await sign_in(browser, next=PATH) == PATH
        assert (await browser.get(PATH)).status_code == 200
