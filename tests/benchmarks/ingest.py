"""Durable ingest: the receiver beside an application that does nothing and beside a plain handler, by turns."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.benchmarks.load import Load, generator, keep_busy
from tests.benchmarks.report import Row, milliseconds
from tests.serving import Server, serving

ROUNDS = 3
SECONDS = 4
CONNECTIONS = (64, 256)
RIVALS = ("-m", "tests.benchmarks.rivals")


@dataclass
class Contender:
    """One of the three, and what its rounds gave."""

    name: str
    server: Server
    path: str
    table: str | None
    rates: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    good: int = 0
    failed: int = 0

    def run(self, *, connections: int, seconds: int) -> None:
        before_s = _cpu_seconds(self.server)
        load = keep_busy(self.server, self.path, connections=connections, seconds=seconds)
        self._count(load)
        self.rates.append(load.rate)
        self.cpu_us.append((_cpu_seconds(self.server) - before_s) * 1e6 / max(1, load.good))

    def warm_up(self) -> None:
        self._count(keep_busy(self.server, self.path, connections=16, seconds=1))

    def stored(self) -> int:
        """Return how many hits are in its database, once all that the generator gave up on are through."""
        time.sleep(1)
        with closing(sqlite3.connect(self.server.database)) as connection:
            [count] = connection.execute(f"SELECT count(*) FROM {self.table}").fetchone()
        return int(count)

    def _count(self, load: Load) -> None:
        self.good += load.good
        self.failed += load.others + load.errors


def measure(folder: Path) -> Iterator[Row]:
    yield Row("ingest", "load generator", generator(), f"medians of {ROUNDS} rounds of {SECONDS} s each, by turns")
    yield Row("ingest", "one durable write of 80 KB to this disk", milliseconds(_durable_write_s(folder)))
    with ExitStack() as stack:
        contenders = _start(stack, folder)
        for contender in contenders:
            contender.warm_up()
        for connections in CONNECTIONS:
            for _ in range(ROUNDS):
                for contender in contenders:
                    contender.run(connections=connections, seconds=SECONDS)
            yield from _compare(contenders, connections)
        yield from (_proof(contender) for contender in contenders)


def _durable_write_s(folder: Path) -> float:
    """Measure what every commit waits for, whatever the code."""
    folder.mkdir(parents=True, exist_ok=True)
    took_s = []
    with (folder / "durable").open("wb", buffering=0) as file:
        for _ in range(50):
            began = time.perf_counter()
            file.write(bytes(80_000))
            os.fsync(file.fileno())
            took_s.append(time.perf_counter() - began)
    return median(took_s)


def _start(stack: ExitStack, folder: Path) -> list[Contender]:
    receiver = stack.enter_context(serving(folder / "receiver", "receiver"))
    noop = stack.enter_context(serving(folder / "no-op", "no-op", program=RIVALS))
    plain = stack.enter_context(serving(folder / "plain", "plain", program=RIVALS))
    return [
        Contender("no-op ASGI", noop, "/hook", None),
        Contender("receiver", receiver, receiver.hook_path(), "delivery"),
        Contender("plain FastAPI + SQLModel", plain, "/hook", "plain_notification"),
    ]


def _compare(contenders: list[Contender], connections: int) -> Iterator[Row]:
    noop, receiver, plain = contenders
    for contender in contenders:
        yield Row(
            "ingest",
            f"{contender.name}, {connections} connections",
            f"{median(contender.rates):,.0f} hits/s",
            f"{median(contender.cpu_us):,.0f} µs of processor time a hit",
        )
    beside_noop = median(ours / theirs for ours, theirs in zip(receiver.rates, noop.rates, strict=True))
    beside_plain = median(ours / theirs for ours, theirs in zip(receiver.rates, plain.rates, strict=True))
    yield Row("ingest", f"receiver beside no-op, {connections} connections", f"{beside_noop:.2f}", "promised: 0.5")
    yield Row("ingest", f"receiver beside plain, {connections} connections", f"{beside_plain:.1f}")
    for contender in contenders:
        contender.rates.clear()
        contender.cpu_us.clear()


def _proof(contender: Contender) -> Row:
    what = f"{contender.name}: hits without a 200"
    if contender.table is None:
        return Row("ingest", what, f"{contender.failed}", f"{contender.good:,} times 200")
    stored = contender.stored()
    verdict = "none missing" if stored >= contender.good else f"{contender.good - stored:,} MISSING"
    return Row("ingest", what, f"{contender.failed}", f"{contender.good:,} times 200, {stored:,} stored: {verdict}")


def _cpu_seconds(server: Server) -> float:
    """Return the processor time a process has used so far; 0 where /proc does not tell."""
    try:
        fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
