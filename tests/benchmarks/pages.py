"""A page of the inbox and each of its filters, at a thousand, a hundred thousand and a million stored notifications."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from models.columns import to_milliseconds
from models.cursor import Cursor
from models.environment import Environment
from models.event_types import EVENT_TYPES
from models.notification_filter import NotificationFilter
from services.database import Database
from services.notifications.inbox import InboxPage, read_page
from tests.actors import make_actor
from tests.benchmarks.report import Row, milliseconds

SIZES = (1_000, 100_000, 1_000_000)
CALLS = 30
PAGE = 50
OLDEST = datetime(2026, 1, 1, tzinfo=UTC)
BETWEEN_TWO = timedelta(seconds=20)
OLIVIA = make_actor(environment=Environment.LOCAL)

# Thirty types, the first ones a hundred times as frequent as the last, spread over a table of picks.
TYPES = sorted(EVENT_TYPES, key=lambda name: (not name.startswith(("PAYIN_", "TRANSFER_", "PAYOUT_")), name))[:30]
PICKS = [name for number, name in enumerate(TYPES, 1) for _ in range(300 // number)]

# Three events in a row share a resource; one in a thousand was delivered twice.
FILL = """
WITH RECURSIVE number(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM number WHERE n < :last)
INSERT INTO notification
    (environment, event_type, resource_id, date, first_received_at, last_received_at, delivery_count)
SELECT 'local', event_type, printf('payin_m_01J%010X%010X', n / 3, (n / 3) * 2654435761 % 1099511627776),
       (:begin + n * :step) / 1000, :begin + n * :step, :begin + n * :step, CASE n % 1000 WHEN 0 THEN 2 ELSE 1 END
FROM number JOIN pick ON pick.number = (n * 7919) % :picks
"""

Read = Callable[[], Awaitable[InboxPage]]


def measure(folder: Path) -> Iterator[Row]:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pages.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.writer.dispose()
    stored = 0
    for size in SIZES:
        _fill(path, first=stored, last=size - 1)
        stored = size
        yield from asyncio.run(_measure_all(path, size))


async def _measure_all(path: Path, size: int) -> list[Row]:
    database = Database(f"sqlite:///{path}")
    try:
        return [await _measure(what, size, read) async for what, read in _reads(database, size)]
    finally:
        await database.dispose()


async def _reads(database: Database, size: int) -> AsyncIterator[tuple[str, Read]]:
    """Yield every kind of page by its name."""
    middle = OLDEST + BETWEEN_TWO * (size // 2)
    an_hour = NotificationFilter(since=middle, until=middle + timedelta(hours=1))
    last_page = await _turn_older(database, times=min(49, size // PAGE - 1))
    seen = (await read_page(OLIVIA, database, NotificationFilter(), before=last_page)).notifications

    def first_page(wanted: NotificationFilter, before: Cursor | None = None) -> Read:
        return lambda: read_page(OLIVIA, database, wanted, before=before, limit=PAGE)

    yield "first page", first_page(NotificationFilter())
    yield "older: page 50, or the last", first_page(NotificationFilter(), last_page)
    yield "frequent event type", first_page(NotificationFilter(event_type=TYPES[0]))
    yield "rare event type", first_page(NotificationFilter(event_type=TYPES[-1]))
    yield "resource id", first_page(NotificationFilter(resource_id=seen[0].resource_id))
    yield "range of time", first_page(an_hour)
    yield "event type and time", first_page(replace(an_hour, event_type=TYPES[0]))
    yield (
        "resource id and time",
        first_page(NotificationFilter(resource_id=seen[0].resource_id, since=seen[0].first_received_at)),
    )
    yield "duplicates, not indexed", first_page(NotificationFilter(duplicates=True))


async def _measure(what: str, size: int, read: Read) -> Row:
    page = await read()
    took_s = []
    for _ in range(CALLS):
        began = time.perf_counter()
        await read()
        took_s.append(time.perf_counter() - began)
    note = f"{len(page.notifications)} rows"
    if page.looked_back_to is not None:
        note += f"; looked back to {page.looked_back_to:%Y-%m-%d %H:%M}"
    return Row("pages", f"{what}, {size:,} stored", milliseconds(median(took_s)), note)


async def _turn_older(database: Database, *, times: int) -> Cursor | None:
    cursor = None
    for _ in range(times):
        page = await read_page(OLIVIA, database, NotificationFilter(), before=cursor, limit=PAGE)
        cursor = page.older
    return cursor


def _fill(path: Path, *, first: int, last: int) -> None:
    step = BETWEEN_TWO // timedelta(milliseconds=1)
    numbers = {"first": first, "last": last, "begin": to_milliseconds(OLDEST), "step": step, "picks": len(PICKS)}
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-262144")
        connection.execute("CREATE TEMP TABLE pick (number INTEGER PRIMARY KEY, event_type TEXT)")
        connection.executemany("INSERT INTO pick VALUES (?, ?)", enumerate(PICKS))
        connection.execute(FILL, numbers)
