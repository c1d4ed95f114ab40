"""What every test may ask for."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.database import Database
from tests.services.notifications.inbox import Inbox, open_inbox


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a database with all its tables, migrated once for all tests that copy it."""
    path = tmp_path_factory.mktemp("database") / "empty.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.writer.dispose()
    return path


@pytest.fixture
async def database(tmp_path: Path, empty_database: Path) -> AsyncIterator[Database]:
    """An empty database with all its tables."""
    path = shutil.copy(empty_database, tmp_path / "test.sqlite3")
    database = Database(f"sqlite:///{path}")
    yield database
    await database.dispose()


@pytest.fixture
async def inbox(database: Database) -> AsyncIterator[Inbox]:
    """A receiver that takes hits into `database`."""
    async with open_inbox(database) as inbox:
        yield inbox
