"""A load generator of our own: keeps a rate whatever the answers, or, where there is no wrk, connections busy.

A process apart, so that it shares no interpreter with what drives the browser. Prints one line of JSON.

    python -m tests.benchmarks.hits PORT PATH --seconds S (--rate R | --connections C)
"""

import asyncio
import json
import random
import re
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.serving import HOST

EVENT_TYPES = ("PAYIN_NORMAL_CREATED", "PAYIN_NORMAL_SUCCEEDED", "TRANSFER_NORMAL_CREATED", "KYC_SUCCEEDED")


def main() -> None:
    parser = ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--connections", type=int, default=64)
    arguments = parser.parse_args()
    generator = Generator(arguments.port, arguments.path)
    began = time.perf_counter()
    if arguments.rate:
        asyncio.run(generator.keep_rate(arguments.rate, seconds=arguments.seconds))
    else:
        asyncio.run(generator.keep_busy(arguments.connections, seconds=arguments.seconds))
    print(json.dumps(generator.result(seconds=time.perf_counter() - began)))


@dataclass
class Generator:
    """Sends distinct notifications with time-ordered resource ids, and notes how each was answered."""

    port: int
    path: str
    statuses: list[int] = field(default_factory=list)
    # From the instant a hit was due until its answer; and how late we were to send it.
    took_s: list[float] = field(default_factory=list)
    late_s: list[float] = field(default_factory=list)

    async def keep_rate(self, rate: float, *, seconds: float) -> None:
        """Send at fixed instants, however long the answers take (an open loop)."""
        loop = asyncio.get_running_loop()
        free: list[Connection] = []
        began = loop.time() + 0.1
        async with asyncio.TaskGroup() as hits:
            for number, query in zip(range(int(rate * seconds)), self._queries(), strict=False):
                due = began + number / rate
                await asyncio.sleep(due - loop.time())
                hits.create_task(self._hit(free, query, due=due))

    async def keep_busy(self, connections: int, *, seconds: float) -> None:
        """Send on each connection as soon as the last hit is answered (a closed loop)."""
        until = time.perf_counter() + seconds
        queries = self._queries()

        async def stay_busy() -> None:
            connection = await Connection.open(self.port)
            while time.perf_counter() < until:
                self.statuses.append(await connection.get(f"{self.path}?{next(queries)}"))

        await asyncio.gather(*(stay_busy() for _ in range(connections)))

    def result(self, *, seconds: float) -> dict[str, object]:
        return {
            "answers": len(self.statuses),
            "others": sum(status != 200 for status in self.statuses),
            "errors": 0,
            "seconds": seconds,
            "took_s": self.took_s,
            "late_s": self.late_s,
        }

    async def _hit(self, free: "list[Connection]", query: str, *, due: float) -> None:
        loop = asyncio.get_running_loop()
        # The server closes what was idle for a while.
        while free and not free[-1].is_open:
            free.pop()
        connection = free.pop() if free else await Connection.open(self.port)
        self.late_s.append(loop.time() - due)
        self.statuses.append(await connection.get(f"{self.path}?{query}"))
        self.took_s.append(loop.time() - due)
        free.append(connection)

    def _queries(self) -> Iterator[str]:
        began = int(time.time())
        number = 0
        while True:
            number += 1
            # Like a ULID: milliseconds first, then chance.
            resource_id = f"payin_m_01J{began * 1000 + number:09X}{random.getrandbits(60):015X}"
            event_type = EVENT_TYPES[number % len(EVENT_TYPES)]
            yield f"EventType={event_type}&RessourceId={resource_id}&Date={began}"


class Connection(asyncio.Protocol):
    """One kept-alive connection that asks and reads no more than a status."""

    def __init__(self) -> None:
        self.is_open = True
        self._received = b""
        self._answered: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport

    @classmethod
    async def open(cls, port: int) -> "Connection":
        _, connection = await asyncio.get_running_loop().create_connection(cls, HOST, port)
        return connection

    def get(self, target: str) -> asyncio.Future[int]:
        """Ask, and return the status to come: 0 when the connection is closed instead."""
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(f"GET {target} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
        return self._answered

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        if end and length and len(body) >= int(length[1]):
            self._received = b""
            self._settle(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.is_open = False
        self._settle(0)

    def _settle(self, status: int) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(status)


if __name__ == "__main__":
    main()
