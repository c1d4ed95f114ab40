"""A real browser before a real dashboard: one Chromium and one server for all tests, a browser context for each.

Where there is no Chromium, every test of this folder is left out, and says so.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, StorageState, async_playwright, expect
from playwright.async_api import Error as PlaywrightError

from models.permissions import Role
from tests.browser.dashboard import Mangopay, sign_in
from tests.browser.emulator import CONTROL_TOKEN, LocalMangopay, local_mangopay
from tests.browser.operations import world_of
from tests.browser.watch import PATIENCE_MS, NewContext, empty, watched_contexts
from tests.services.operations.scenes import World
from tests.serving import Server, serving

HERE = Path(__file__).parent
CHROMIUM = Path("/usr/bin/chromium")
LEFT_OUT = f"browser tests left out: no Chromium at {CHROMIUM}; install Debian's chromium"
ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

expect.set_options(timeout=PATIENCE_MS)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser, and let it run on the one event loop that the browser lives on."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            if not CHROMIUM.exists():
                item.add_marker(pytest.mark.skip(LEFT_OUT))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A dashboard with its emulator, whose market keeps telling it of something every few seconds."""
    with serving(tmp_path_factory.mktemp("dashboard"), DASHBOARD_EMULATOR_CONTROL=CONTROL_TOKEN) as server:
        asyncio.run(_lift_limits(server))
        yield server


async def _lift_limits(server: Server) -> None:
    async with local_mangopay(server) as local:
        await local.lift_limits()
        await local.until_seeded()
        # Mangopay's status is calm unless a test says otherwise: a banner that comes by itself would move every page.
        await local.hold_feeds(0)


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Server]:
    """A dashboard that nobody has an access to yet."""
    with serving(tmp_path / "dashboard") as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def olivia(server: Server) -> StorageState:
    """The session Olivia, an admin, is signed in with."""
    return await sign_in(server, "olivia@example.com", Role.ADMIN)


@pytest_asyncio.fixture(loop_scope="session")
async def new_context(chromium: Browser, server: Server, olivia: StorageState) -> AsyncIterator[NewContext]:
    """Opens browser contexts, in which Olivia is signed in; neither they nor the server may complain of anything."""
    said_before = len(server.output)
    async with watched_contexts(chromium, base_url=server.base_url, storage_state=olivia) as new_context:
        yield new_context
    assert "Traceback" not in server.output[said_before:], server.output[said_before:]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def olivias_context(chromium: Browser, server: Server, olivia: StorageState) -> AsyncIterator[BrowserContext]:
    """A browser context that lasts: to open one, and a page in it, takes longer than most tests do."""
    async with watched_contexts(chromium, base_url=server.base_url, storage_state=olivia) as new_context:
        context = await new_context()
        new_context.unwatch(context)
        yield context


@pytest_asyncio.fixture(loop_scope="session")
async def page(olivias_context: BrowserContext, new_context: NewContext, olivia: StorageState) -> AsyncIterator[Page]:
    """Olivia's browser, with an empty page, as if it was new."""
    page, *_ = olivias_context.pages or [await olivias_context.new_page()]
    new_context.watch(olivias_context)
    yield page
    new_context.is_emptying = True
    try:
        # What the test's last act led to is heard as well.
        await empty(olivias_context, olivia)
    except PlaywrightError:
        await page.close()
        raise
    finally:
        new_context.unwatch(olivias_context)


@pytest_asyncio.fixture(loop_scope="session")
async def local(server: Server) -> AsyncIterator[LocalMangopay]:
    async with local_mangopay(server) as local:
        yield local


@pytest_asyncio.fixture(loop_scope="session")
async def world(server: Server) -> AsyncIterator[World]:
    async with world_of(server) as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def mangopay(server: Server) -> AsyncIterator[Mangopay]:
    async with httpx.AsyncClient(verify=False) as http:
        yield Mangopay(http, server.base_url + server.hook_path())
