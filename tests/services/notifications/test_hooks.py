"""Hooks as Mangopay has them, and those that must follow when we move."""

from collections.abc import AsyncIterator

import httpx
import pytest

from models.environment import Environment
from services.emulator import Emulator, EmulatorConfig
from services.mangopay.client import MangopayClient
from services.notifications.hooks import list_hooks, point_hooks_here

HERE = "http://127.0.0.1:8080/hooks/local/token-of-today"


@pytest.fixture
async def client() -> AsyncIterator[MangopayClient]:
    emulator = Emulator(EmulatorConfig("http://mangopay.test"))
    await emulator.start()
    client = MangopayClient(
        Environment.LOCAL,
        base_url="http://mangopay.test",
        client_id="local",
        api_key="local-api-key",
        transport=httpx.ASGITransport(emulator),
    )
    yield client
    await client.aclose()
    await emulator.stop()


async def test_hooks_of_an_old_port_or_token_follow_and_all_others_stay(client: MangopayClient) -> None:
    await client.create_hook("PAYIN_NORMAL_SUCCEEDED", "http://127.0.0.1:9999/hooks/local/token-of-yesterday")
    await client.create_hook("PAYIN_NORMAL_FAILED", HERE)
    await client.create_hook("PAYOUT_NORMAL_FAILED", "https://shop.example.com/mangopay")
    await client.create_hook("KYC_FAILED", "https://d.example.com/hooks/sandbox/token")

    assert await point_hooks_here(client, HERE) == 1
    assert await point_hooks_here(client, HERE) == 0
    assert {hook.event_type: hook.url for hook in await list_hooks(client)} == {
        "PAYIN_NORMAL_SUCCEEDED": HERE,
        "PAYIN_NORMAL_FAILED": HERE,
        "PAYOUT_NORMAL_FAILED": "https://shop.example.com/mangopay",
        "KYC_FAILED": "https://d.example.com/hooks/sandbox/token",
    }


async def test_without_hooks_the_list_is_empty(client: MangopayClient) -> None:
    assert await list_hooks(client) == []
