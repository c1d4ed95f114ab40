"""The database: one synchronous engine for the receiver's writer and migrations, one asynchronous for the rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

PROJECT = Path(__file__).parent.parent
# Longer than any transaction of ours, shorter than the second after which the receiver refuses.
BUSY_TIMEOUT_MS = 500
# A page can wait longer than Mangopay, and goes after the receiver anyway.
PAGES_BUSY_TIMEOUT_MS = 2_000


class Database:
    """Both engines on one URL, and sessions that load what they return and hold nothing afterwards."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        if self.url.drivername != "sqlite" or self.url.database in (None, "", ":memory:"):
            raise ValueError("DASHBOARD_DATABASE_URL must name a SQLite file: sqlite:////path/to/dashboard.sqlite3")
        # Nobody else's: it holds the receiver's tokens and password hashes.
        Path(str(self.url.database)).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # What failed is told without its values: among them are hashes and sealed secrets.
        self.writer: Engine = create_engine(self.url, hide_parameters=True)
        self.engine: AsyncEngine = create_async_engine(
            self.url.set(drivername="sqlite+aiosqlite"), hide_parameters=True
        )
        event.listen(self.writer, "connect", _set_pragmas)
        event.listen(self.writer, "connect", _set_writer_pragmas)
        event.listen(self.engine.sync_engine, "connect", _set_pragmas)
        event.listen(self.engine.sync_engine, "connect", _be_patient)
        self.session = async_sessionmaker(self.engine, class_=AsyncSession, expire_on_commit=False)

    def upgrade(self) -> None:
        """Bring the tables to the newest migration; a second process that starts meanwhile waits its turn."""
        with self.migrating() as connection:
            config = Config(toml_file=PROJECT / "pyproject.toml")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Hold the database alone, in one transaction; a migration may rebuild tables that others refer to."""
        with self.writer.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=30000")
            # SQLite changes this outside a transaction only; what refers to nothing is looked for before the commit.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
                lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if lost:
                    raise RuntimeError(f"the migration leaves rows that refer to nothing: {lost[:5]}")
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            finally:
                connection.exec_driver_sql("PRAGMA foreign_keys=ON")
                connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")

    def checkpoint(self) -> None:
        """Move what the write-ahead log holds into the database file, without holding up anybody.

        SQLite would do so by itself, in the midst of a commit, and the hits of that commit would wait for it.
        """
        with self.writer.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    def can_be_written(self) -> None:
        """Begin to write and think better of it. Raises SQLAlchemyError when the database refuses."""
        with self.writer.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.rollback()

    async def dispose(self) -> None:
        await self.engine.dispose()
        self.writer.dispose()


def _set_pragmas(connection: Any, _record: object) -> None:  # noqa: ANN401  (sqlite3's own or aiosqlite's stand-in)
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _be_patient(connection: Any, _record: object) -> None:  # noqa: ANN401
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={PAGES_BUSY_TIMEOUT_MS}")
    cursor.close()


def _set_writer_pragmas(connection: Any, _record: object) -> None:  # noqa: ANN401
    # Room for the leaves of every index that a busy day writes to; and a log that only a long rush lets grow to 64 MB.
    connection.execute("PRAGMA cache_size=-65536")
    connection.execute("PRAGMA wal_autocheckpoint=16384")
