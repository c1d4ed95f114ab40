"""An emulator, a marketplace that calls it, and somebody who is notified."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from services.emulator import Emulator, EmulatorConfig
from tests.services.emulator.control import TOKEN, Controls
from tests.services.emulator.marketplace import BASE_URL, Marketplace
from tests.services.emulator.receiver import Receiver, open_receiver


@asynccontextmanager
async def open_market(emulator: Emulator) -> AsyncIterator[Marketplace]:
    transport, base_url = httpx.ASGITransport(app=emulator), "http://emulator"
    key = ("local", "local-api-key")
    async with (
        httpx.AsyncClient(transport=transport, base_url=base_url, auth=key, trust_env=False) as http,
        httpx.AsyncClient(transport=transport, base_url=base_url, trust_env=False) as browser,
    ):
        yield Marketplace(http, browser)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """A running emulator that keeps nothing, and whose retries come a billion times sooner."""
    emulator = Emulator(EmulatorConfig(BASE_URL, clock_speed=1e9, control_token=TOKEN))
    await emulator.start()
    yield emulator
    await emulator.stop()


@pytest.fixture
async def market(emulator: Emulator) -> AsyncIterator[Marketplace]:
    async with open_market(emulator) as market:
        yield market


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with open_receiver() as receiver:
        yield receiver


@pytest.fixture
def control(market: Marketplace) -> Controls:
    return Controls(market.browser)
