"""The world in which the tests of the guard and of the door begin, and a page for parts of pages."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from nicegui import Client, core, ui

from services.access import passwords
from services.database import Database
from tests.services.access.world import CHEAP, World, make_door


@pytest.fixture
def world(database: Database) -> World:
    """All three environments; nobody has an access yet."""
    return World(make_door(database))


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Spend no time on argon2."""
    monkeypatch.setattr(passwords, "HASHER", CHEAP)
    passwords._hash_of_nobody.cache_clear()
    yield
    passwords._hash_of_nobody.cache_clear()


@pytest.fixture
async def client(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    """A page that no browser shows, to build parts of pages in."""
    # NiceGUI learns its loop when it is served, which it is not here.
    monkeypatch.setattr(core, "loop", asyncio.get_running_loop())
    client = Client(ui.page(""))
    yield client
    client.delete()
