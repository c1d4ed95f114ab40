"""The world in which the tests of the guard and of the door begin."""

from collections.abc import Iterator

import pytest

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
