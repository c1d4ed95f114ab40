"""Reads and writes a running dashboard's own database: for what no page tells, and what no page can bring about."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Any

from tests.serving import Server


def execute(server: Server, statement: str, *values: object) -> list[Any]:
    """Run one statement, commit it, and return its rows."""
    with closing(sqlite3.connect(server.database, timeout=30)) as connection, connection:
        return connection.execute(statement, values).fetchall()


def insert(server: Server, table: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Add rows, which all have the same columns, in one transaction."""
    rows = list(rows)
    names = ", ".join(rows[0])
    places = ", ".join(f":{name}" for name in rows[0])
    with closing(sqlite3.connect(server.database, timeout=30)) as connection, connection:
        connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)


def times_done(server: Server, act: str, about: str, *, by: str) -> int:
    """Return how often the audit log says that somebody did something to somebody."""
    statement = "SELECT count(*) FROM audit_entry WHERE outcome = 'done' AND act = ? AND about = ? AND who = ?"
    [(count,)] = execute(server, statement, act, about, by)
    return int(count)
