"""The world in which every one of these tests begins."""

from collections.abc import Iterator

import pytest

from services.access import passwords
from services.database import Database
from tests.services.access.world import CHEAP, World, make_door


@pytest.fixture
def world(database: Database) -> World:
    """Nobody has an access yet."""
    return World(make_door(database))


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Spend no time on argon2."""
    monkeypatch.setattr(passwords, "HASHER", CHEAP)
    passwords._hash_of_nobody.cache_clear()
    yield
    passwords._hash_of_nobody.cache_clear()
