"""The emulator behind a real port, and Mangopay's own client pointed at it."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import mangopay
import pytest
import uvicorn

from services.emulator import Emulator, EmulatorConfig


@pytest.fixture(scope="session")
def emulator_url() -> Iterator[str]:
    """Serve an emulator from a thread of its own; its socket listens before anybody can call it."""
    # With the protocol named, asyncio switches Nagle's algorithm off, which would cost 40 ms a call.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    # One server for all tests, which together may call more often than a platform may within 15 minutes.
    emulator = Emulator(EmulatorConfig(url, rate_limits=None))
    server = uvicorn.Server(uvicorn.Config(emulator, lifespan="off", log_level="warning"))

    async def serve() -> None:
        await emulator.start()
        await server.serve(sockets=[listener])
        await emulator.stop()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    yield url
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="session", autouse=True)
def _client(emulator_url: str) -> None:
    mangopay.client_id = "local"
    mangopay.apikey = "local-api-key"
    mangopay.api_sandbox_url = f"{emulator_url}/v2.01/"
