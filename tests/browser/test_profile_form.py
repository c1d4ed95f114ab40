"""An operator edits a user's profile: what they type, what they see before it is sent, and what comes of it."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from services.settings import LOCAL_API_KEY, LOCAL_CLIENT_ID
from tests.browser.accessibility import tree, unnamed
from tests.browser.contrast import expect_contrast
from tests.browser.dashboard import PHONE, SPILLS, visit
from tests.browser.pictures import picture_in_every_size
from tests.browser.watch import NewContext
from tests.services.emulator.marketplace import ADDRESS, company_body, owner_body
from tests.serving import Server

TERMS = {"TermsAndConditionsAccepted": True}
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Users:
    """The users of the emulator behind the dashboard, as their platform sees them."""

    http: httpx.AsyncClient

    async def create(self, kind: str, body: Json) -> str:
        answer = await self.http.post(f"/sca/users/{kind}", json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["Id"])

    async def read(self, user_id: str) -> Json:
        user: Json = (await self.http.get(f"/sca/users/{user_id}")).json()
        return user

    async def change(self, user_id: str, **values: object) -> None:
        answer = await self.http.put(f"/sca/users/natural/{user_id}", json=values | TERMS)
        assert answer.status_code == 200, answer.text


@pytest_asyncio.fixture(loop_scope="session")
async def users(server: Server) -> AsyncIterator[Users]:
    url = f"{server.base_url}/emulator/v2.01/{LOCAL_CLIENT_ID}"
    async with httpx.AsyncClient(base_url=url, auth=(LOCAL_CLIENT_ID, LOCAL_API_KEY), verify=False) as http:
        yield Users(http)


@pytest_asyncio.fixture(loop_scope="session")
async def bob(users: Users) -> str:
    return await users.create("natural", owner_body() | {"Address": ADDRESS, "Tag": "since 2019"})


async def visit_form(page: Page, user_id: str) -> None:
    await visit(page, f"/users/{user_id}/edit")
    await expect(field(page, "Tag")).to_be_visible()


def field(page: Page, label: str) -> Locator:
    return page.get_by_role("textbox", name=re.compile(f"^{label}"))


def country(page: Page, label: str) -> Locator:
    return field(page, label)


async def choose_country(page: Page, label: str, typed: str, name: str) -> None:
    await country(page, label).fill(typed)
    await country(page, label).press("Tab")
    await expect(country(page, label)).to_have_value(re.compile(re.escape(name), re.IGNORECASE))


def beside(control: Locator) -> Locator:
    """What is said to be wrong beside a field."""
    return control.locator("xpath=ancestor::div[contains(@class, 'form-field')]").get_by_role("alert")


async def ask_for_review(page: Page) -> None:
    await page.get_by_role("button", name="Review changes").click()


def review(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Review changes")


async def send(page: Page, count: str) -> None:
    await ask_for_review(page)
    await review(page).get_by_role("button", name=f"Send {count}").click()
    await expect(review(page)).to_have_count(0)


async def test_a_tag_and_a_city_are_reviewed_sent_and_seen_on_the_user(page: Page, users: Users, bob: str) -> None:
    await visit_form(page, bob)
    await field(page, "Tag").fill("trusted 🦊\nsince 2019")
    await field(page, "City").fill("Lyon")
    await expect(page.get_by_text("2 changes")).to_be_visible()
    await ask_for_review(page)
    await expect(review(page).get_by_role("listitem")).to_have_count(2)
    await expect(review(page).get_by_role("listitem").first).to_contain_text("Address · City")
    await expect(review(page).get_by_role("listitem").first).to_contain_text("from Paris")
    await expect(review(page).get_by_role("listitem").first).to_contain_text("to Lyon")
    assert (await users.read(bob))["Tag"] == "since 2019"

    await review(page).get_by_role("button", name="Send 2 changes").click()
    await expect(page.get_by_role("status").filter(has_text="Mangopay has taken 2 changes.")).to_be_visible()
    await expect(page.get_by_role("link", name="Back to the user")).to_have_attribute("href", f"/users/{bob}")
    user = await users.read(bob)
    assert (user["Tag"], user["Address"]["City"]) == ("trusted 🦊\nsince 2019", "Lyon")
    assert user["Address"]["PostalCode"] == ADDRESS["PostalCode"]
    await page.get_by_role("button", name="Edit again").click()
    await expect(field(page, "City")).to_have_value("Lyon")
    await expect(field(page, "Tag")).to_have_value("trusted 🦊\nsince 2019")


async def test_what_is_mended_in_another_field_is_wrong_no_more(page: Page, bob: str) -> None:
    await visit_form(page, bob)
    await field(page, "Phone number").fill("0000000")
    await ask_for_review(page)
    wrong = page.get_by_text("Choose the country of the local number.")
    await expect(wrong).to_be_visible()
    await field(page, "Phone number").fill("+39055999999")
    await ask_for_review(page)
    await expect(review(page)).to_be_visible()
    await expect(wrong).to_have_count(0)


async def test_a_wrong_e_mail_is_said_beside_the_field_and_goes_there(page: Page, bob: str) -> None:
    await visit_form(page, bob)
    await field(page, "Phone number").fill("call me")
    await field(page, "E-mail").fill("nonsense")
    await ask_for_review(page)
    await expect(beside(field(page, "E-mail"))).to_have_text("Enter an e-mail address, such as alice@example.com.")
    await expect(beside(field(page, "Phone number"))).to_contain_text("Enter a phone number")
    await expect(field(page, "E-mail")).to_be_focused()
    await expect(review(page)).to_have_count(0)
    await field(page, "E-mail").fill("bob+accept@example.org")
    await expect(beside(field(page, "E-mail"))).to_have_count(0)


async def test_what_is_no_country_is_said_and_not_passed_over(page: Page, bob: str) -> None:
    await visit_form(page, bob)
    for typed in ("zzz", "united"):
        await country(page, "Nationality").fill(typed)
        await ask_for_review(page)
        await expect(beside(country(page, "Nationality"))).to_have_text("Choose a country of the list.")
        await expect(country(page, "Nationality")).to_have_value(typed)


async def test_what_mangopay_refuses_is_said_beside_the_field_and_nothing_typed_is_lost(
    page: Page, users: Users, bob: str
) -> None:
    await visit_form(page, bob)
    await choose_country(page, "Nationality", "north k", "North Korea (KP)")
    await field(page, "City").fill("Lyon")
    await send(page, "2 changes")
    await expect(beside(country(page, "Nationality"))).to_have_text("The Nationality used is blocked")
    await expect(country(page, "Nationality")).to_be_focused()
    await expect(country(page, "Nationality")).to_be_in_viewport()
    await expect(page.get_by_role("alert").first).to_contain_text("Mangopay has refused the change")
    await expect(field(page, "City")).to_have_value("Lyon")
    assert (await users.read(bob))["Address"]["City"] == "Paris"
    await choose_country(page, "Nationality", "jp", "Japan (JP)")
    await send(page, "2 changes")
    await expect(page.get_by_text("Mangopay has taken 2 changes.")).to_be_visible()
    assert (await users.read(bob))["Nationality"] == "JP"


async def test_an_owner_with_another_e_mail_is_warned_of_and_sent_to_authenticate(page: Page, bob: str) -> None:
    await visit_form(page, bob)
    await field(page, "E-mail").fill("bob@example.org")
    await ask_for_review(page)
    await expect(review(page)).to_contain_text("Mangopay asks the user to authenticate again")
    await review(page).get_by_role("button", name="Back to editing").click()
    await expect(review(page)).to_have_count(0)
    await expect(field(page, "E-mail")).to_have_value("bob@example.org")
    await send(page, "1 change")
    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="Open it here").click()
    await expect(await opened.value).to_have_url(re.compile(r"/emulator/sca\?token="))
    await expect(page.get_by_text("Mangopay has taken 1 change.")).to_be_visible()


async def test_what_somebody_else_changed_meanwhile_is_shown_and_what_was_typed_elsewhere_stays(
    page: Page, users: Users, bob: str
) -> None:
    await visit_form(page, bob)
    await field(page, "Tag").fill("mine")
    await field(page, "City").fill("Lyon")
    await users.change(bob, Tag="theirs")
    await send(page, "2 changes")
    await expect(page.get_by_role("alert").first).to_contain_text("Somebody has changed this user")
    assert (await users.read(bob))["Address"]["City"] == "Paris"
    await page.get_by_role("button", name="Load the user as they are now").click()
    await expect(beside(field(page, "Tag"))).to_have_text("Mangopay has another value by now. You had typed: mine")
    await expect(field(page, "Tag")).to_have_value("theirs")
    await expect(field(page, "City")).to_have_value("Lyon")
    await send(page, "1 change")
    await expect(page.get_by_text("Mangopay has taken 1 change.")).to_be_visible()
    user = await users.read(bob)
    assert (user["Tag"], user["Address"]["City"]) == ("theirs", "Lyon")


async def test_the_browser_asks_before_what_was_typed_is_lost(page: Page, new_context: NewContext, bob: str) -> None:
    await visit_form(page, bob)
    await field(page, "City").fill("Lyon")
    await field(page, "City").fill("Paris")
    await expect(page.get_by_text("Nothing changed yet")).to_be_visible()
    await page.reload()
    await field(page, "City").fill("Lyon")
    await expect(page.get_by_text("1 change", exact=True)).to_be_visible()
    new_context.expect("dialog: ")
    await page.get_by_role("link", name="Cancel").click()
    # The watch of these tests says no to every question of the browser.
    await expect(field(page, "City")).to_have_value("Lyon")
    assert new_context.complaints == ["dialog: "]
    assert page.url.endswith(f"/users/{bob}/edit")


async def test_without_a_change_there_is_nothing_to_review(page: Page, bob: str) -> None:
    await visit_form(page, bob)
    await ask_for_review(page)
    await expect(page.get_by_text("Nothing is changed yet.")).to_be_visible()
    await expect(review(page)).to_have_count(0)


async def test_a_user_who_is_not_there_is_said_not_to_be_with_a_way_to_try_again(page: Page) -> None:
    await visit(page, "/users/user_m_nobody/edit")
    await expect(page.get_by_role("alert")).to_contain_text("Mangopay does not know this object.")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("alert")).to_contain_text("Mangopay does not know this object.")
    await expect(page.get_by_role("form")).to_have_count(0)


async def test_a_closed_account_cannot_be_edited(page: Page, users: Users, bob: str) -> None:
    assert (await users.http.delete(f"/users/natural/{bob}")).status_code == 204
    await visit(page, f"/users/{bob}/edit")
    await expect(page.get_by_text("This account is closed.")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Tag")).to_have_count(0)


async def test_any_script_is_shown_as_it_is_and_none_is_run(page: Page, users: Users) -> None:
    names = {"FirstName": "شهرزاد", "LastName": "<img src=x onerror=alert(1)>", "Tag": "🦊" * 255}
    user_id = await users.create("natural", owner_body() | names)
    await visit_form(page, user_id)
    await expect(field(page, "First name")).to_have_value(names["FirstName"])
    await expect(field(page, "Tag")).to_have_value(names["Tag"])
    await expect(page.get_by_role("heading", name="<img src=x onerror=alert(1)>")).to_be_visible()
    await field(page, "First name").fill("<b>Ali</b>")
    await ask_for_review(page)
    await expect(review(page)).to_contain_text("to <b>Ali</b>")
    await expect(review(page)).to_contain_text(f"from {names['FirstName']}")


async def test_the_form_of_a_company_is_readable_named_and_spills_nowhere(page: Page, users: Users) -> None:
    user_id = await users.create("legal", company_body("BUSINESS"))
    await visit_form(page, user_id)
    await expect(page.get_by_role("region", name="Legal representative's address")).to_be_visible()
    assert unnamed(await tree(page)) == []
    await expect_contrast(page, within=".content")
    await picture_in_every_size(page, "profile-form")
    await page.set_viewport_size(PHONE)
    assert not await page.evaluate(SPILLS)
    await page.get_by_role("region", name="Legal representative", exact=True).get_by_label("Last name").fill("Grey")
    await ask_for_review(page)
    await expect(review(page)).to_be_visible()
    assert not await page.evaluate(SPILLS)
    assert unnamed(await tree(page)) == []
    await expect_contrast(page, within=".review")
    await picture_in_every_size(page, "profile-review")
