"""The search in the header: what is typed finds people, by keyboard and by touch, and never lags behind the keys."""

import re
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.async_api import Locator, Page, expect

from models.environment import Environment
from services.search.fts import name_words, other_words
from tests.browser.accessibility import tree, unnamed
from tests.browser.contrast import expect_contrast
from tests.browser.dashboard import PHONE, SPILLS, visit
from tests.browser.stored import execute, insert
from tests.browser.watch import NewContext
from tests.serving import Server

NOW = int(time.time() * 1000)
HOSTILE = '"><img src=x onerror=alert(1)>{{ alert(2) }}'


def user(name: str, email: str, **fields: object) -> dict[str, object]:
    user_id = f"user_m_{uuid4().hex}"
    return {
        "environment": "local",
        "user_id": user_id,
        "person_type": "NATURAL",
        "name": name,
        "legal_person_type": "",
        "email": email,
        "tag": "",
        "category": "OWNER",
        "kyc_level": "REGULAR",
        "status": "ACTIVE",
        "country": "FR",
        "created_at": NOW,
        "read_at": NOW,
        "is_stale": False,
        "name_words": name_words(Environment.LOCAL, name),
        "other_words": other_words(Environment.LOCAL, email=email, tag="", user_id=user_id),
    } | fields


ZOE, ZORA = (
    user("Zoé Quibble", "zoe@quibble.example"),
    user("Zora Quibble", "zora@quibble.example", person_type="LEGAL"),
)
MALLORY = user(f"Quagga {HOSTILE}", HOSTILE)


@pytest.fixture(scope="module", autouse=True)
def _known(server: Server) -> None:
    """The index knows three users whose names nobody else bears."""
    insert(server, "known_user", [ZOE, ZORA, MALLORY])


@pytest.fixture
def recent(server: Server) -> Iterator[str]:
    """The id of a pay-in that Olivia has looked at lately."""
    [(account_id,)] = execute(server, "SELECT id FROM account WHERE email = 'olivia@example.com'")
    row = {"environment": "local", "kind": "payin", "object_id": "payin_m_seen", "label": "12.60 EUR", "seen_at": NOW}
    execute(server, "DELETE FROM recent_object")
    insert(server, "recent_object", [{"account_id": account_id, **row}])
    yield "payin_m_seen"
    execute(server, "DELETE FROM recent_object")


def search(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Search by id, name or e-mail")


def suggestions(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Suggestions")


def options(page: Page) -> Locator:
    return suggestions(page).get_by_role("option")


async def test_a_name_is_typed_and_the_arrows_and_enter_open_the_user(page: Page) -> None:
    await visit(page, "/api-status")
    await page.keyboard.press("/")
    await page.keyboard.type("quib")
    await expect(options(page)).to_have_count(2)
    await expect(search(page)).to_have_attribute("aria-expanded", "true")
    first, second = options(page).first, options(page).last
    await expect(first).to_contain_text("Zora Quibble")
    for text in ("Zoé Quibble", "zoe@quibble.example", "OWNER", "REGULAR", "user_m_"):
        await expect(second).to_contain_text(text)
    for key, chosen in (("ArrowDown", 0), ("ArrowDown", 1), ("ArrowDown", None), ("ArrowUp", 1)):
        await page.keyboard.press(key)
        await expect_chosen(page, chosen)
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"/users/{ZOE['user_id']}")


async def expect_chosen(page: Page, number: int | None) -> None:
    """Expect one option, or none, to be chosen, by the look of it and as a screen reader is told."""
    chosen = suggestions(page).locator("[aria-selected=true]")
    await expect(chosen).to_have_count(0 if number is None else 1)
    active = await search(page).get_attribute("aria-activedescendant")
    assert active == (None if number is None else await options(page).nth(number).get_attribute("id"))
    await expect(search(page)).to_be_focused()


async def test_control_k_goes_to_the_search_from_anywhere_and_selects_what_is_there(page: Page) -> None:
    await visit(page, "/notifications")
    await page.get_by_role("textbox", name="Object id").click()
    await page.keyboard.press("Control+k")
    await expect(search(page)).to_be_focused()
    await page.keyboard.type("first")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("second")
    await expect(search(page)).to_have_value("second")


async def test_escape_closes_the_list_and_keeps_what_was_typed(page: Page) -> None:
    await visit(page, "/")
    await search(page).fill("quibble")
    await expect(options(page)).to_have_count(2)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Escape")
    await expect(suggestions(page)).to_be_hidden()
    await expect(search(page)).to_have_value("quibble")
    await expect(search(page)).to_have_attribute("aria-expanded", "false")
    assert await search(page).get_attribute("aria-activedescendant") is None
    await page.keyboard.press("ArrowDown")
    await expect(options(page)).to_have_count(2)
    await page.keyboard.press("Tab")
    await expect(suggestions(page)).to_be_hidden()


async def test_enter_with_nothing_chosen_searches_for_what_was_typed(page: Page) -> None:
    await visit(page, "/")
    await search(page).fill("158026537 & more")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url("/search?q=158026537+%26+more")


async def test_what_is_typed_after_a_choice_takes_the_choice_back(page: Page) -> None:
    await visit(page, "/")
    await search(page).fill("quibble")
    await expect(options(page)).to_have_count(2)
    await page.keyboard.press("ArrowDown")
    await expect_chosen(page, 0)
    await page.keyboard.type(" z")
    await expect(options(page)).to_have_count(2)
    await expect_chosen(page, None)


async def test_an_id_leads_to_its_object_before_anything_was_asked_for(page: Page) -> None:
    await visit(page, "/")
    await search(page).fill(" payin_m_01J6QUIBBLE ")
    await expect(options(page)).to_have_count(1)
    await expect(options(page)).to_contain_text("Open Pay-in")
    await expect(options(page)).to_have_attribute("href", "/objects/payin/payin_m_01J6QUIBBLE")


async def test_an_id_of_a_user_who_is_known_shows_the_name(page: Page) -> None:
    await visit(page, "/")
    await search(page).fill(str(ZOE["user_id"]))
    await expect(options(page)).to_have_count(1)
    await expect(options(page)).to_contain_text("Zoé Quibble")


async def test_the_empty_box_shows_what_was_looked_at_lately(page: Page, recent: str) -> None:
    await visit(page, "/")
    await search(page).focus()
    await expect(options(page)).to_have_count(1)
    await expect(options(page)).to_contain_text("12.60 EUR")
    await options(page).click()
    await expect(page).to_have_url(f"/objects/payin/{recent}")


async def test_nobody_found_says_so_and_what_enter_does(page: Page) -> None:
    await visit(page, "/")
    await search(page).fill("nobody-is-called-this")
    await expect(suggestions(page)).to_contain_text("Enter looks for an id")
    await expect(options(page)).to_have_count(0)


async def test_hostile_names_are_shown_as_text(page: Page) -> None:
    await visit(page, "/")
    await search(page).fill("quagga")
    await expect(options(page).locator("strong")).to_have_text(f"Quagga {HOSTILE}")
    await expect(suggestions(page).locator("img, script")).to_have_count(0)


async def test_fast_typing_is_never_changed_by_an_answer(page: Page) -> None:
    await visit(page, "/")
    await search(page).focus()
    typed = "quibble zora and more"
    # Slower than the pause after which the page is asked, so that answers come while somebody types.
    await search(page).press_sequentially(typed, delay=170)
    await expect(search(page)).to_have_value(typed)
    await expect(options(page)).to_have_count(0)
    for _ in range(len(" and more")):
        await page.keyboard.press("Backspace")
    await expect(options(page)).to_have_count(1)
    await expect(options(page)).to_contain_text("Zora Quibble")


async def test_on_a_phone_the_list_is_as_wide_as_the_screen_and_a_touch_opens_an_entry(new_context: NewContext) -> None:
    page = await (await new_context(viewport=PHONE, has_touch=True, is_mobile=True)).new_page()
    await visit(page, "/operations")
    await search(page).tap()
    await search(page).fill("quibble")
    await expect(options(page)).to_have_count(2)
    assert not await page.evaluate(SPILLS)
    box = await suggestions(page).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert PHONE["width"] - 32 <= box["width"] <= PHONE["width"]
    await options(page).first.tap()
    await expect(page).to_have_url(re.compile(f"/users/{ZORA['user_id']}$"))


async def test_the_list_can_be_read_and_every_part_of_it_has_a_name(new_context: NewContext) -> None:
    for scheme in ("light", "dark"):
        page = await (await new_context(color_scheme=scheme, reduced_motion="reduce")).new_page()
        await visit(page, "/operations")
        await search(page).fill("quibble")
        await page.keyboard.press("ArrowDown")
        await expect(options(page)).to_have_count(2)
        await expect_contrast(page)
        assert unnamed(await tree(page)) == []
