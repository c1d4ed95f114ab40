"""The receiver killed, or asked to end, while hits pour in: what it acknowledged is on disk, and counted once."""

import asyncio
import random
import re
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.serving import HOST, Server, serving

KILLS = 12
CONNECTIONS = 48
LONGEST_LIFE_S = 0.3


@pytest.mark.slow
async def test_no_acknowledged_hit_is_lost_however_often_the_receiver_is_killed(tmp_path: Path) -> None:
    load = Load.seeded()
    for _ in range(KILLS):
        with serving(tmp_path, "receiver") as receiver:
            _assert_all_is_stored(receiver.database, load)
            await load.pour_until(receiver, receiver.kill)
    with serving(tmp_path, "receiver") as receiver:
        _assert_all_is_stored(receiver.database, load)
        assert _ask(receiver.database, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.slow
async def test_a_receiver_asked_to_end_stores_what_it_acknowledged_and_ends_well(tmp_path: Path) -> None:
    load = Load.seeded()
    with serving(tmp_path, "receiver") as receiver:
        await load.pour_until(receiver, receiver.process.terminate)
        with suppress(subprocess.TimeoutExpired):
            receiver.process.wait(10)
        assert receiver.process.returncode == 0
        assert "Traceback" not in receiver.output
        _assert_all_is_stored(receiver.database, load)


@dataclass
class Load:
    """Hits over many connections at once: mostly new notifications, some that were told before."""

    random: random.Random
    sent: int = 0
    # The queries that were answered with 200; each hit's is its own.
    acknowledged: set[str] = field(default_factory=set)

    @classmethod
    def seeded(cls) -> "Load":
        seed = random.SystemRandom().getrandbits(32)
        # pytest shows it with a failure.
        print(f"{seed=}")  # noqa: T201
        return cls(random.Random(seed))

    async def pour_until(self, receiver: Server, end: Callable[[], None]) -> None:
        """Send hits, end the receiver at a random moment after its first 200, and come back when nobody is left."""
        path = receiver.hook_path()
        before = len(self.acknowledged)
        pouring = [asyncio.create_task(self._pour(receiver.port, path)) for _ in range(CONNECTIONS)]
        while len(self.acknowledged) == before:
            assert not all(task.done() for task in pouring), receiver.output
            await asyncio.sleep(0.001)
        await asyncio.sleep(self.random.uniform(0, LONGEST_LIFE_S))
        end()
        async with asyncio.timeout(20):
            await asyncio.gather(*pouring)

    async def _pour(self, port: int, path: str) -> None:
        """Send one hit after another, until the receiver is gone."""
        reader, writer = await asyncio.open_connection(HOST, port)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                query = self._next_query()
                writer.write(f"GET {path}?{query} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
                if await _read_status(reader) == 200:
                    self.acknowledged.add(query)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    def _next_query(self) -> str:
        self.sent += 1
        told_before = self.random.random() < 0.2
        number = max(0, self.sent - self.random.randrange(200)) if told_before else self.sent
        return f"EventType=PAYIN_NORMAL_SUCCEEDED&RessourceId=payin_m_{number}&Date=1790000000&hit={self.sent}"


async def _read_status(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    status = re.match(rb"HTTP/1.1 (\d{3}) ", head)
    length = re.search(rb"content-length: (\d+)", head)
    assert status
    assert length
    await reader.readexactly(int(length[1]))
    return int(status[1])


def _assert_all_is_stored(database: Path, load: Load) -> None:
    stored = _ask(
        database,
        "SELECT raw_query, resource_id FROM delivery LEFT JOIN notification ON notification.id = notification_id",
    )
    told = {query for query, _ in stored}
    assert load.acknowledged <= told
    assert len(stored) == len(told)
    assert all(f"&RessourceId={resource_id}&" in query for query, resource_id in stored)
    assert _ask(database, MISCOUNTED) == []


MISCOUNTED = """
SELECT notification.id, delivery_count, count(delivery.id)
FROM notification LEFT JOIN delivery ON delivery.notification_id = notification.id
GROUP BY notification.id HAVING delivery_count <> count(delivery.id)
"""


def _ask(database: Path, query: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()
