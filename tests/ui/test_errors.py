"""What somebody sees when we fail, and what is written down of it."""

import logging
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlencode

import pytest
from starlette.types import Message

from models.permissions import Role
from services import database as database_module
from services.database import Database
from tests.services.access.world import OLIVIA, OTHER_PASSWORD, PASSWORD, VICTOR
from tests.ui.door import TEAM, Door, open_door, sign_in, title, who
from tests.ui.guarded import scope_of


@pytest.fixture
def door(database: Database, monkeypatch: pytest.MonkeyPatch) -> Door:
    """A door whose database gives up at once when another holds it."""
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_MS", 1)
    return open_door(database)


@pytest.mark.parametrize("path", ["/sign-in", "/create-access", "/forgotten-password"])
async def test_while_the_database_is_locked_the_page_says_to_try_again(door: Door, path: str) -> None:
    await door.world.add_account()
    given = {"email": OLIVIA, "password": PASSWORD, "client_id": "acme"}
    async with door.browser() as browser:
        with _locked(door):
            page = await browser.post(path, data=given)
        assert (page.status_code, page.headers["retry-after"]) == (503, "5")
        assert title(page).startswith("The database does not answer just now")
        assert "Nothing was changed." in page.text
        assert "content-security-policy" in page.headers
        assert "set-cookie" not in page.headers
        assert (await browser.post(path, data=given)).status_code in (200, 303)


async def test_a_locked_database_is_a_warning_in_one_line_without_a_token(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    link = await door.link(await door.world.add_account())
    async with door.browser() as browser:
        with _locked(door):
            page = await browser.post(link, data={"new": PASSWORD})
        assert page.status_code == 503
        [record] = caplog.records
        assert (record.levelname, record.exc_info) == ("WARNING", None)
        assert "path=/link/…" in record.getMessage()
        assert link.removeprefix("/link/") not in caplog.text
        assert (await browser.post(link, data={"new": PASSWORD})).status_code == 303


async def test_a_locked_database_keeps_nobody_from_hearing_that_a_page_is_not_for_them(door: Door) -> None:
    await door.world.add_account(VICTOR, role=Role.VIEWER)
    async with door.browser() as victor:
        await sign_in(victor, VICTOR)
        with _locked(door):
            page = await victor.get(TEAM)
        assert (page.status_code, page.headers["retry-after"]) == (503, "5")
        assert "content-security-policy" in page.headers


async def test_a_crash_is_a_page_with_a_reference_that_the_log_knows(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    link = await door.link(await door.world.add_account())
    _spoil(door, "UPDATE one_time_link SET environment = 'the dark side of the moon'")
    async with door.browser(is_answered=True) as browser:
        page = await browser.get(link)
    assert page.status_code == 500
    assert "This page could not be shown." in page.text
    assert "dark side" not in page.text
    assert "Traceback" not in page.text
    assert "content-security-policy" in page.headers
    found = re.search(r"Reference to quote: <code>([0-9a-f]{8})</code>", page.text)
    assert found
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert f"path=/link/… reference={found[1]}" in record.getMessage()
    assert record.exc_info
    assert "dark side" in caplog.text


@pytest.mark.parametrize(("method", "suffix"), [("GET", ""), ("POST", ""), ("POST", "/renew")])
async def test_a_crash_writes_no_token_of_a_link_into_the_log(
    door: Door, caplog: pytest.LogCaptureFixture, method: str, suffix: str
) -> None:
    link = await door.link(await door.world.add_account())
    _spoil(door, "UPDATE account SET role = 'emperor'")
    with caplog.at_level(logging.DEBUG):
        async with door.browser(is_answered=True) as browser:
            page = await browser.request(method, link + suffix, data={"new": PASSWORD})
    assert page.status_code == 500
    ours = [record for record in caplog.records if record.name.partition(".")[0] in ("ui", "services", "models")]
    text = "".join(logging.Formatter().format(record) for record in ours)
    assert "emperor" in text
    assert link.removeprefix("/link/") not in text
    assert PASSWORD not in text


async def test_each_crash_has_a_reference_of_its_own(door: Door) -> None:
    await door.world.add_account()
    _spoil(door, "UPDATE account SET role = 'emperor'")
    async with door.browser(is_answered=True) as browser:
        pages = [await browser.post("/sign-in", data={"email": OLIVIA, "password": PASSWORD}) for _ in range(2)]
    references = {found for page in pages for found in re.findall("<code>([0-9a-f]{8})</code>", page.text)}
    assert len(references) == 2


async def test_a_session_that_ends_while_its_form_is_on_the_way_is_no_crash_of_ours(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    await door.world.add_account()
    async with door.browser() as browser, door.browser() as phone:
        await sign_in(browser)
        phone.cookies.set("session", browser.cookies["session"])

        filled = urlencode({"password": PASSWORD, "new": OTHER_PASSWORD}).encode()

        async def form() -> AsyncIterator[bytes]:
            await phone.post("/sign-out")
            yield filled

        length = {"Content-Length": str(len(filled))}
        answer = await browser.post("/settings/password", content=form(), headers=length)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        assert await sign_in(browser) == "/"
    assert [record for record in caplog.records if record.levelno == logging.ERROR] == []


async def test_a_browser_that_goes_in_the_midst_of_its_form_is_no_crash_of_ours(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {**scope_of("/sign-in"), "type": "http", "method": "POST", "scheme": "http", "client": ("127.0.0.1", 1)}
    await door.guard(scope, receive, send)
    assert sent[0]["status"] == 400
    assert [record for record in caplog.records if record.levelno == logging.ERROR] == []


async def test_after_a_crash_the_session_goes_on(door: Door) -> None:
    await door.world.add_account()
    link = await door.link(None)
    async with door.browser(is_answered=True) as browser:
        await sign_in(browser)
        _spoil(door, "UPDATE one_time_link SET environment = 'the dark side of the moon'")
        assert (await browser.get(link)).status_code == 500
        assert await who(browser) == f"{OLIVIA}, admin in sandbox"


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence"),
    [
        ("GET", "/sign-out", 405, "There is no such page."),
        ("DELETE", "/sign-in", 405, "There is no such page."),
        ("POST", "/sign-in", 413, "That form is too large."),
    ],
)
async def test_what_is_refused_has_a_page_of_ours(
    door: Door, method: str, path: str, status: int, sentence: str
) -> None:
    async with door.browser() as browser:
        page = await browser.request(method, path, data={"email": "x" * 20_000} if status == 413 else None)
    assert page.status_code == status
    assert f"<h1>{sentence}</h1>" in page.text
    assert 'href="/"' in page.text


@contextmanager
def _locked(door: Door) -> Iterator[None]:
    """Hold the database as another process does in the midst of a long write."""
    with closing(sqlite3.connect(_file(door), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def _spoil(door: Door, statement: str) -> None:
    with closing(sqlite3.connect(_file(door))) as other:
        assert other.execute(statement).rowcount
        other.commit()


def _file(door: Door) -> str:
    return str(door.world.door.database.url.database)
