"""What every test may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.database import Database
from tests.services.notifications.inbox import Inbox, open_inbox


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database with all its tables."""
    database = Database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    database.upgrade()
    yield database
    await database.dispose()


@pytest.fixture
async def inbox(database: Database) -> AsyncIterator[Inbox]:
    """A receiver that takes hits into `database`."""
    async with open_inbox(database) as inbox:
        yield inbox
