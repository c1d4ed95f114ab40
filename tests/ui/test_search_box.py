"""What the header's search shows for what is typed, whatever people are called and however late answers come."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from nicegui import Client, ui
from sqlalchemy.exc import OperationalError

from models.access import Account
from models.known import KnownUser, RecentObject
from models.permissions import Role
from services.access.actors import Actor
from services.bootstrap import Services, build
from services.database import Database
from services.settings import Settings
from tests.actors import make_actor
from tests.services.search.market import LOCAL, NOW, SANDBOX, add, learn, person
from ui.components import search_box
from ui.components.search_box import LONGEST, SearchBox, entries, recent_entries

HOSTILE = '"><img src=x onerror=alert(1)>'
PAYIN = "payin_m_01J6ABCDEFGHJKMNPQRSTVWXYZ"


def user(**fields: object) -> KnownUser:
    return KnownUser(environment=LOCAL, user_id="user_m_01J6ABCDEFGHJKMNPQRSTVWXYZ", created_at=NOW, **fields)  # type: ignore[arg-type]


def links(shown: object) -> list[str]:
    return re.findall(r'href="([^"]+)"', str(shown))


def words(shown: object) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", str(shown)).split())


@pytest.fixture
async def services(tmp_path: Path, database: Database) -> AsyncIterator[Services]:
    built = build(Settings(_env_file=None, data_dir=tmp_path / "other", local=True))
    yield replace(built, database=database)
    for client in built.clients.values():
        await client.aclose()
    await built.http.aclose()
    await built.database.dispose()


class Page:
    """A page with the search in its header."""

    def __init__(self, services: Services, actor: Actor | None = None) -> None:
        self.client = Client(ui.page(""))
        with self.client:
            self.box = SearchBox(services, actor or make_actor(environment=LOCAL))

    async def type(self, text: str) -> str:
        """Return the list that is shown for a text."""
        await self.box.seek(text)
        return self.shown

    @property
    def shown(self) -> str:
        [found] = [e for e in self.client.elements.values() if isinstance(e, ui.html) and "search-list" in e.classes]
        return str(found.content)


def test_a_user_is_shown_with_what_tells_people_of_one_name_apart() -> None:
    shown = entries("ali", [user(name="Alice Martin", email="a@example.com", category="OWNER", kyc_level="LIGHT")])
    said = re.sub("person|radio_button_unchecked", "", words(shown)).split()
    assert said == ["Alice", "Martin", "OWNER", "LIGHT", "a@example.com", "user_m_01J6ABCD…RSTVWXYZ"]
    assert links(shown) == ["/users/user_m_01J6ABCDEFGHJKMNPQRSTVWXYZ"]


def test_a_user_without_a_known_name_is_shown_by_the_email_once() -> None:
    assert words(entries("ali", [user(email="a@example.com")])).count("a@example.com") == 1


def test_every_option_has_an_id_of_its_own_a_role_and_a_link() -> None:
    shown = str(entries("ali", [user(), user()]))
    assert re.findall(r'id="([^"]+)"', shown) == ["search-option-0", "search-option-1"]
    assert shown.count('role="option"') == len(links(shown)) == 2


class Parts(HTMLParser):
    """Collects the elements of some HTML, and the attributes they have."""

    def __init__(self, text: object) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(str(text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.mark.parametrize("text", [HOSTILE, "<script>", "' onclick='x", "javascript:alert(1)"])
def test_hostile_texts_are_shown_as_they_are_and_nothing_more(text: str) -> None:
    hostile = KnownUser(
        environment=LOCAL, user_id=f"../{text}", name=text, email=text, category=text, kyc_level=text, created_at=NOW
    )  # fmt: skip
    recent = RecentObject(
        account_id=1, environment=LOCAL, kind="payin", object_id=text, label=text, seen_at=NOW
    )  # fmt: skip
    for shown in (entries("x", [hostile]), recent_entries([recent])):
        parts = Parts(shown)
        assert parts.elements <= {"a", "i", "span", "strong", "p"}
        assert parts.attributes <= {"id", "class", "href", "role", "tabindex", "aria-hidden", "title"}
        [link] = links(shown)
        assert re.match(r"/(users|objects/payin)/[^/]+$", link)
        assert text in html.unescape(str(shown))


@pytest.mark.parametrize(
    ("text", "title"), [(PAYIN, "Pay-in"), ("kyc_1", "KYC document"), ("FEES_EUR", "Platform wallet")]
)
async def test_an_id_comes_first_as_what_its_prefix_says(services: Services, text: str, title: str) -> None:
    shown = await Page(services).type(f"  {text} ")
    assert f"Open {title}" in words(shown)
    assert links(shown)[0].endswith(f"/{text}")


@pytest.mark.parametrize("text", ["payin_m_", "158026537", f"{PAYIN} and more", "alice"])
async def test_what_is_no_id_of_a_known_kind_is_offered_nothing_to_open(services: Services, text: str) -> None:
    shown = await Page(services).type(text)
    assert links(shown) == []
    assert "Nobody is known by this" in words(shown)


async def test_the_id_of_a_known_user_shows_the_user_once(services: Services) -> None:
    await learn(services.database, person(1), environment=LOCAL)
    shown = await Page(services).type(str(person(1)["Id"]))
    assert links(shown) == [f"/users/{person(1)['Id']}"]
    assert "Alice Martin" in words(shown)


async def test_an_empty_text_shows_what_was_looked_at_lately_and_says_when_that_is_nothing(services: Services) -> None:
    page = Page(services)
    assert words(await page.type(" ")) == "What you open will be here."
    account = Account(email="olivia@example.com", environment=LOCAL, role=Role.ADMIN, created_at=NOW)
    await add(services.database, account)
    await add(
        services.database,
        RecentObject(
            account_id=account.id or 0, environment=LOCAL, kind="payin", object_id=PAYIN, label="12 EUR", seen_at=NOW
        ),
    )
    shown = await page.type("")
    assert links(shown) == [f"/objects/payin/{PAYIN}"]
    assert "12 EUR" in words(shown)


async def test_nobody_of_another_environment_is_suggested(services: Services) -> None:
    await learn(services.database, person(1), environment=SANDBOX)
    assert links(await Page(services).type("alice")) == []


async def test_a_late_answer_takes_nothing_of_a_newer_one_away(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: dict[str, asyncio.Event] = {"a": asyncio.Event(), "al": asyncio.Event(), "ali": asyncio.Event()}

    async def answer(_actor: object, _database: object, text: str, *, limit: int) -> list[KnownUser]:
        await answers[text].wait()
        return [user(name=f"Found for {text}")]

    async def nothing(*_: object) -> list[RecentObject]:
        return []

    monkeypatch.setattr(search_box, "suggest", answer)
    monkeypatch.setattr(search_box, "recent_objects", nothing)
    page = Page(services)
    async with asyncio.TaskGroup() as asking:
        for text in answers:
            asking.create_task(page.box.seek(text))
        await asyncio.sleep(0)
        answers["al"].set()
        await asyncio.sleep(0)
        assert page.shown == ""
        answers["ali"].set()
        await asyncio.sleep(0)
        answers["a"].set()
    assert "Found for ali" in page.shown


async def test_a_database_that_refuses_is_said_in_words(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    for name in ("suggest", "recent_objects"):
        monkeypatch.setattr(search_box, name, refuse)
    page = Page(services)
    for text in ("alice", ""):
        assert words(await page.type(text)) == "This cannot be searched just now. Enter still opens an id."


async def test_of_a_text_without_end_its_beginning_is_looked_for(services: Services) -> None:
    await learn(services.database, person(1), environment=LOCAL)
    assert links(await Page(services).type("alice" + " " * LONGEST + "nobody")) != []


async def test_the_box_is_a_plain_form_that_works_without_anything_else(services: Services) -> None:
    page = Page(services)
    [form] = [e.content for e in page.client.elements.values() if isinstance(e, ui.html) and "<form" in e.content]
    assert 'action="/search"' in form
    assert 'name="q"' in form
    assert 'role="combobox"' in form
    # What is typed is the browser's alone: no value is ever sent to it.
    assert "value=" not in form
