"""The line between a browser and a dashboard, which can be cut, mended, or led to another process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.serving import HOST, free_port


class Cable:
    """A loopback port of its own that passes every byte on to the port of a server."""

    def __init__(self) -> None:
        self.port = free_port()
        self._listener: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._leads_to = 0

    @property
    def base_url(self) -> str:
        return f"http://localhost:{self.port}"

    async def lead_to(self, port: int) -> None:
        """Connect the line, anew if it was cut."""
        self._leads_to = port
        self._listener = await asyncio.start_server(self._pass_on, HOST, self.port)

    async def cut(self) -> None:
        """End every connection at once, and take no new one."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for end in self._ends:
            end.transport.abort()
        # Every connection notices by itself that it is over.
        while self._ends:  # noqa: ASYNC110
            await asyncio.sleep(0.001)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            there_reader, there_writer = await asyncio.open_connection(HOST, self._leads_to)
            ends = {writer, there_writer}
            self._ends |= ends
            try:
                await asyncio.gather(_pump(reader, there_writer), _pump(there_reader, writer))
            finally:
                for end in ends:
                    end.close()
                self._ends -= ends


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def cable_to(port: int) -> AsyncIterator[Cable]:
    cable = Cable()
    await cable.lead_to(port)
    yield cable
    await cable.cut()
