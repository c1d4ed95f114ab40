"""The database locked from outside, and full, while hits pour in: 503, no false 200, no half row, and recovery."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from services.database import Database
from tests.services.notifications.inbox import Inbox


async def test_a_locked_database_is_503_within_a_second_and_a_half_and_recovers(inbox: Inbox) -> None:
    loop = asyncio.get_running_loop()
    with _locked(inbox.database):
        began = loop.time()
        refused = await _pour(inbox, prefix="locked", hits=100)
        took = loop.time() - began
    assert set(refused.values()) == {503}
    assert took < 2, "Mangopay counts a failure after two seconds"
    assert await inbox.notifications() == []

    stored = await _pour(inbox, prefix="free", hits=10)
    assert set(stored.values()) == {200}
    await _assert_stored_is_exactly(inbox, stored)


async def test_a_lock_shorter_than_our_patience_costs_nothing(inbox: Inbox) -> None:
    with _locked(inbox.database):
        pouring = asyncio.create_task(_pour(inbox, prefix="short", hits=20))
        await asyncio.sleep(0.1)
        assert not pouring.done()
    answers = await pouring
    assert set(answers.values()) == {200}
    await _assert_stored_is_exactly(inbox, answers)


async def test_a_full_database_is_503_and_recovers_without_a_restart(inbox: Inbox) -> None:
    answers = await _pour(inbox, prefix="first", hits=1)
    [connection] = inbox.connections
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages + 20}")
    for turn in range(40):
        answers |= await _pour(inbox, prefix=f"full{turn}", hits=50)
        if set(answers.values()) == {200, 503}:
            break
    assert set(answers.values()) == {200, 503}
    await _assert_stored_is_exactly(inbox, answers)

    connection.execute("PRAGMA max_page_count=1000000")
    answers |= await _pour(inbox, prefix="roomy", hits=50)
    assert list(answers.values())[-50:] == [200] * 50
    await _assert_stored_is_exactly(inbox, answers)


async def _pour(inbox: Inbox, *, prefix: str, hits: int) -> dict[str, int]:
    """Send hits at once and return the status of each by its resource id."""
    names = [f"{prefix}-{number}" for number in range(hits)]
    responses = await asyncio.gather(*(inbox.hit(RessourceId=name, more="x" * 1500) for name in names))
    return {name: response.status_code for name, response in zip(names, responses, strict=True)}


async def _assert_stored_is_exactly(inbox: Inbox, answers: dict[str, int]) -> None:
    acknowledged = {name for name, status in answers.items() if status == 200}
    notifications = {row.id: row.resource_id for row in await inbox.notifications()}
    told = [notifications[row.notification_id] for row in await inbox.deliveries()]
    assert sorted(notifications.values()) == sorted(told) == sorted(acknowledged)


@contextmanager
def _locked(database: Database) -> Iterator[None]:
    with closing(sqlite3.connect(Path(database.url.database or ""), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
