"""The emulator behind a real port, and Mangopay's own client pointed at it."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import mangopay
import pytest
import uvicorn

from services.emulator import Emulator, EmulatorConfig

CONTROL_TOKEN = "let-me-in"


@pytest.fixture(scope="session")
def emulator_url() -> Iterator[str]:
    """Serve an emulator from a thread of its own; its socket listens before anybody can call it."""
    # With the protocol named, asyncio switches Nagle's algorithm off, which would cost 40 ms a call.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    # One server for all tests, which together may call more often than a platform may within 15 minutes.
    emulator = Emulator(EmulatorConfig(url, rate_limits=None, control_token=CONTROL_TOKEN))
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


@pytest.fixture
def bank(emulator_url: str) -> Callable[..., dict[str, Any]]:
    """Return what does what no platform can: `bank("dispute.open", payin_id, ...)`."""

    def do(action: str, entity_id: str, **body: Any) -> dict[str, Any]:
        url, headers = f"{emulator_url}/_control/do/{action}/{entity_id}", {"Authorization": f"Bearer {CONTROL_TOKEN}"}
        response = httpx.post(url, json=body, headers=headers, trust_env=False)
        assert response.status_code == 200, response.text
        done: dict[str, Any] = response.json()
        return done

    return do
