"""The inbox's one writer: hits queue up, and whatever has queued up is committed as one transaction.

A hit is acknowledged after its commit and never before. The writer is a thread of its own with a synchronous
connection, and stores a batch with one set statement: so the price of a durable commit is shared by the whole batch.
"""

import asyncio
import json
import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

log = logging.getLogger(__name__)

CAPACITY = 8_000
LARGEST_BATCH = 1_000
# Mangopay counts a failure after two seconds, so nobody is kept waiting for longer than one.
PATIENCE_NS = 1_000_000_000
LOOK_FOR_IMPATIENT_S = 0.1
# Longer would keep a load balancer from sending the very hits that show the recovery.
AILMENT_LASTS_S = 10.0

# A batch is one statement, and so one transaction and one trip without the GIL: a statement of its own for each table,
# BEGIN and COMMIT would each have to win the GIL back from the busy event loop.
COLUMNS = (
    "environment",
    "event_type",
    "resource_id",
    "date",
    "received_at",
    "source_address",
    "user_agent",
    "waited_us",
    "raw_query",
)
STORE = f"""
INSERT INTO temp.hit SELECT {", ".join(f"json_extract(value, '$[{n}]')" for n in range(len(COLUMNS)))}
FROM json_each(:batch)
"""  # noqa: S608  (made of numbers)
# A view to insert into, so that SQLite itself deals each hit out to the two tables.
HIT = f"""
CREATE TEMP VIEW IF NOT EXISTS hit AS SELECT {", ".join(f"NULL AS {name}" for name in COLUMNS)}
"""
# One row per distinct notification; a hit of a known one only counts.
STORE_HIT = """
CREATE TEMP TRIGGER IF NOT EXISTS store_hit INSTEAD OF INSERT ON hit BEGIN
    INSERT INTO notification
        (environment, event_type, resource_id, date, first_received_at, last_received_at, delivery_count)
    VALUES (new.environment, new.event_type, new.resource_id, new.date, new.received_at, new.received_at, 1)
    ON CONFLICT (environment, event_type, resource_id, date) DO UPDATE SET
        last_received_at = max(last_received_at, excluded.last_received_at),
        delivery_count = delivery_count + 1;
    INSERT INTO delivery (notification_id, received_at, source_address, user_agent, waited_us, raw_query)
    SELECT id, new.received_at, new.source_address, new.user_agent, new.waited_us, new.raw_query FROM notification
    WHERE environment = new.environment AND event_type = new.event_type
      AND resource_id = new.resource_id AND date = new.date;
END
"""


class NotStored(Exception):
    """Raised to the receiver when a hit is not on disk: the inbox is full or closed, or the database refuses."""


# A part of a batch, and why it is not on disk; None when it is.
Outcome = tuple[Sequence["Hit"], NotStored | None]


@dataclass(slots=True, eq=False)
class Hit:
    """One well-formed HTTP hit, on its way to disk. Times are milliseconds since 1970; `date` is Mangopay's seconds."""

    environment: str
    event_type: str
    resource_id: str
    date: int
    received_at: int
    source_address: str
    user_agent: str
    raw_query: str
    arrived_ns: int
    # Set by the writer: done once the hit is on disk.
    stored: "asyncio.Future[None] | None" = None


class Writer:
    """Queues hits on the event loop and hands them, a batch at a time, to the one thread that commits them.

    While a batch is being committed the next one gathers, so batches grow with the load. Only `_run` and what it calls
    happen in the thread.
    """

    def __init__(
        self, engine: Engine, *, capacity: int = CAPACITY, on_batch: Callable[[int], None] = lambda _size: None
    ) -> None:
        self._engine = engine
        self._capacity = capacity
        self._on_batch = on_batch
        self._gathering: list[Hit] = []
        self._committing: list[Hit] = []
        self._batches: SimpleQueue[list[Hit] | None] = SimpleQueue()
        self._is_busy = False
        self._is_watching = False
        self._is_open = False
        self._thread: threading.Thread | None = None
        self._last_error = ""
        self._last_error_at = -math.inf

    @property
    def ailment(self) -> str | None:
        """Why the last hits were refused, for as long as that is news."""
        return self._last_error if time.monotonic() - self._last_error_at < AILMENT_LASTS_S else None

    @property
    def waiting(self) -> int:
        return len(self._gathering)

    @property
    def is_running(self) -> bool:
        return self._is_open and self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._idle = asyncio.Event()
        self._idle.set()
        # A daemon, so that a forced exit ends it: what is not on disk was not acknowledged.
        self._thread = threading.Thread(target=self._run, name="inbox-writer", daemon=True)
        self._thread.start()
        self._is_open = True

    async def stop(self) -> None:
        """Take no more hits, commit what has queued up, and end the thread."""
        self._is_open = False
        if self._thread is not None:
            await self._idle.wait()
            self._batches.put(None)
            await asyncio.to_thread(self._thread.join)

    def store(self, hit: Hit) -> "asyncio.Future[None]":
        """Queue a hit; the future is done once it is on disk, and raises NotStored when it will not be.

        Raises NotStored at once when the inbox is full or closed.
        """
        if not self._is_open:
            raise NotStored("the inbox is closed")
        if len(self._gathering) >= self._capacity:
            raise NotStored("the inbox is full")
        stored = hit.stored = self._loop.create_future()
        self._gathering.append(hit)
        if not self._is_busy:
            # Not now but after this turn of the loop, so that everything that has just arrived goes along.
            self._is_busy = True
            self._idle.clear()
            self._loop.call_soon(self._hand_over)
            if not self._is_watching:
                self._watch()
        return stored

    def _hand_over(self) -> None:
        self._committing = self._gathering[:LARGEST_BATCH]
        del self._gathering[:LARGEST_BATCH]
        self._batches.put(self._committing)

    def _watch(self) -> None:
        self._is_watching = True
        self._loop.call_later(LOOK_FOR_IMPATIENT_S, self._release_the_impatient)

    def _release_the_impatient(self) -> None:
        """Answer who has waited too long; a hit that is being committed may still be stored, which does no harm."""
        latest = time.perf_counter_ns() - PATIENCE_NS
        gave_up = [hit for hit in (*self._committing, *self._gathering) if hit.arrived_ns < latest]
        _answer(gave_up, NotStored("a second has passed"))
        self._gathering = [hit for hit in self._gathering if hit.arrived_ns >= latest]
        self._is_watching = False
        if self._is_busy:
            self._watch()

    def _settle(self, outcomes: Sequence[Outcome]) -> None:
        for batch, error in outcomes:
            _answer(batch, error)
            if error is None:
                self._on_batch(len(batch))
            else:
                self._last_error, self._last_error_at = str(error), time.monotonic()
        if self._gathering:
            self._hand_over()
        else:
            self._committing = []
            self._is_busy = False
            self._idle.set()

    def _run(self) -> None:
        connection: Connection | None = None
        while (batch := self._batches.get()) is not None:
            try:
                if connection is None:
                    connection = connect(self._engine)
                outcomes = commit(connection, batch)
            except Exception as error:
                log.exception("inbox writer failed hits=%d", len(batch))
                outcomes = [(batch, NotStored(f"the writer failed: {error}"))]
                if connection is not None:
                    connection.invalidate()
                    connection = None
            self._loop.call_soon_threadsafe(self._settle, outcomes)
        if connection is not None:
            connection.close()


def connect(engine: Engine) -> Connection:
    """Open the connection that `commit` needs: each statement its own transaction, and the view that deals hits out."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    connection.exec_driver_sql(HIT)
    connection.exec_driver_sql(STORE_HIT)
    return connection


def commit(connection: Connection, batch: Sequence[Hit]) -> list[Outcome]:
    """Store a batch, or as much of it as can be stored, and say what became of each part.

    A database that refuses (locked, full, gone) refuses all of it: no smaller batch would fare better. A batch that
    fails for what is in it is split, so that one bad hit never costs its neighbours.
    """
    if not batch:
        return []
    try:
        _store(connection, batch)
    except OperationalError as error:
        log.warning("inbox refused hits=%d reason=%s", len(batch), error.orig)
        return [(batch, NotStored(str(error.orig)))]
    except (SQLAlchemyError, ValueError, TypeError):
        if len(batch) == 1:
            log.exception("inbox rejects event_type=%s resource_id=%s", batch[0].event_type, batch[0].resource_id)
            return [(batch, NotStored("this hit cannot be stored"))]
        middle = len(batch) // 2
        return commit(connection, batch[:middle]) + commit(connection, batch[middle:])
    return [(batch, None)]


def _store(connection: Connection, batch: Sequence[Hit]) -> None:
    now_ns = time.perf_counter_ns()
    rows = json.dumps([
        (hit.environment, hit.event_type, hit.resource_id, hit.date, hit.received_at, hit.source_address,
         hit.user_agent, (now_ns - hit.arrived_ns) // 1_000, hit.raw_query)
        for hit in batch
    ])  # fmt: skip
    connection.exec_driver_sql(STORE, {"batch": rows})


def _answer(batch: Sequence[Hit], error: NotStored | None) -> None:
    for hit in batch:
        if hit.stored is None or hit.stored.done():
            continue
        if error is None:
            hit.stored.set_result(None)
        else:
            hit.stored.set_exception(error)
