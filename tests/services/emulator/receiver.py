"""Somebody who is notified: a tiny HTTP server that notes every request and answers what it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit


@dataclass
class Receiver:
    port: int = 0
    status: int = 200
    # While cleared, requests are taken and not answered.
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    request_lines: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    has_come: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    @property
    def notified(self) -> list[tuple[str, str]]:
        """Event type and resource id of every notification, in order of arrival."""
        queries = (parse_qs(urlsplit(line.split()[1]).query) for line in self.request_lines)
        return [(query["EventType"][0], query["RessourceId"][0]) for query in queries]

    async def wait_for(self, number: int) -> None:
        """Return when this many requests have come."""
        async with asyncio.timeout(5), self.has_come:
            await self.has_come.wait_for(lambda: len(self.headers) >= number)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.request_lines.append((await reader.readline()).decode().strip())
        headers = {}
        while line := (await reader.readline()).decode().strip():
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        self.headers.append(headers)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        async with self.has_come:
            self.has_come.notify_all()
        await self.may_answer.wait()
        self.at_once -= 1
        writer.write(f"HTTP/1.1 {self.status} X\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def open_receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    receiver.may_answer.set()
    server = await asyncio.start_server(receiver.answer, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver
