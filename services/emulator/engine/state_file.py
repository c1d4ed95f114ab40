"""Rows of JSON in one SQLite file, so that a demo survives a restart."""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS entity (
    position INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB, UNIQUE (kind, id)
)
"""
SAVE = "INSERT INTO entity (kind, id, body) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body"
DELETE = "DELETE FROM entity WHERE kind = ? AND id = ?"


class StateFile:
    """Written by one thread of its own, so that the event loop never waits for the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="emulator-state")
        self._connection: sqlite3.Connection | None = None

    def open(self) -> list[tuple[str, bytes]]:
        """Return what it holds, by kind, in the order in which it was first saved."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(SCHEMA)
        # Bodies were text once.
        return self._connection.execute("SELECT kind, CAST(body AS BLOB) FROM entity ORDER BY position").fetchall()

    async def write(self, rows: list[tuple[str, str, bytes | None]]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._write, rows)

    async def close(self) -> None:
        if self._connection is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
        self._thread.shutdown()

    def _write(self, rows: list[tuple[str, str, bytes | None]]) -> None:
        if self._connection is None:
            raise RuntimeError("the emulator's state file is written to before Emulator.start()")
        self._connection.execute("BEGIN")
        try:
            for kind, entity_id, body in rows:
                if body is None:
                    self._connection.execute(DELETE, (kind, entity_id))
                else:
                    self._connection.execute(SAVE, (kind, entity_id, body))
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
