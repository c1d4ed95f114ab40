"""Hooks as Mangopay has them, and those that must follow when we move."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest

from models.environment import Environment
from services.access.actors import SessionEnded
from services.database import Database
from services.emulator import Emulator, EmulatorConfig
from services.mangopay.client import MangopayClient
from services.notifications.hooks import KnownHook, list_hooks, point_hooks_here
from services.notifications.tokens import TokenBook, current_token, hook_url, rotate_token
from tests.actors import make_actor
from tests.services.notifications.inbox import HIT, NOW, Inbox

LOCAL, SANDBOX = Environment.LOCAL, Environment.SANDBOX
OLIVIA = make_actor(environment=LOCAL)
BASE = "http://127.0.0.1:8080"
HERE = f"{BASE}/hooks/local/token-of-today"


@asynccontextmanager
async def mangopay(environment: Environment) -> AsyncIterator[MangopayClient]:
    emulator = Emulator(EmulatorConfig("http://mangopay.test"))
    await emulator.start()
    client = MangopayClient(
        environment,
        base_url="http://mangopay.test",
        client_id="local",
        api_key="local-api-key",
        transport=httpx.ASGITransport(emulator),
    )
    yield client
    await client.aclose()
    await emulator.stop()


@pytest.fixture
async def client() -> AsyncIterator[MangopayClient]:
    async with mangopay(LOCAL) as client:
        yield client


async def test_hooks_of_an_old_port_or_token_follow_and_all_others_stay(
    client: MangopayClient, database: Database
) -> None:
    await client.create_hook("PAYIN_NORMAL_SUCCEEDED", "http://127.0.0.1:9999/hooks/local/token-of-yesterday")
    await client.create_hook("PAYIN_NORMAL_FAILED", HERE)
    await client.create_hook("PAYOUT_NORMAL_FAILED", "https://shop.example.com/mangopay")
    await client.create_hook("KYC_FAILED", "https://d.example.com/hooks/sandbox/token")

    assert await point_hooks_here(client, HERE) == 1
    assert await point_hooks_here(client, HERE) == 0
    assert {known.hook.event_type: known.hook.url for known in await _hooks(client, database)} == {
        "PAYIN_NORMAL_SUCCEEDED": HERE,
        "PAYIN_NORMAL_FAILED": HERE,
        "PAYOUT_NORMAL_FAILED": "https://shop.example.com/mangopay",
        "KYC_FAILED": "https://d.example.com/hooks/sandbox/token",
    }


async def test_without_hooks_the_list_is_empty(client: MangopayClient, database: Database) -> None:
    assert await _hooks(client, database) == []


async def test_a_hook_leads_here_by_any_token_in_force_of_its_own_environment(
    client: MangopayClient, database: Database
) -> None:
    yesterday = await current_token(database, LOCAL, now=NOW)
    today = await rotate_token(database, LOCAL, now=NOW)
    elsewhere = await current_token(database, SANDBOX, now=NOW)
    await client.create_hook("PAYIN_NORMAL_SUCCEEDED", hook_url(BASE, LOCAL, today))
    await client.create_hook("PAYIN_NORMAL_FAILED", hook_url("https://d.example.com", LOCAL, yesterday))
    await client.create_hook("PAYOUT_NORMAL_FAILED", hook_url(BASE, SANDBOX, elsewhere))
    await client.create_hook("KYC_FAILED", HERE)

    assert {known.hook.event_type: known.leads_here for known in await _hooks(client, database)} == {
        "PAYIN_NORMAL_SUCCEEDED": True,
        "PAYIN_NORMAL_FAILED": True,
        "PAYOUT_NORMAL_FAILED": False,
        "KYC_FAILED": False,
    }


async def test_a_hook_knows_when_its_event_type_last_brought_something_new(
    client: MangopayClient, inbox: Inbox
) -> None:
    await client.create_hook(HIT["EventType"], HERE)
    await client.create_hook("KYC_FAILED", HERE)
    await inbox.hit()
    await inbox.hit(RessourceId="another")
    newest = (await inbox.notifications())[-1].first_received_at

    assert {known.hook.event_type: known.last_told_at for known in await _hooks(client, inbox.database)} == {
        HIT["EventType"]: newest,
        "KYC_FAILED": None,
    }


async def test_an_environment_sees_its_own_hooks_only(client: MangopayClient, database: Database) -> None:
    await client.create_hook("KYC_FAILED", HERE)
    async with mangopay(SANDBOX) as sandbox:
        await sandbox.create_hook("KYC_SUCCEEDED", HERE)
        clients, tokens = {LOCAL: client, SANDBOX: sandbox}, TokenBook(database)
        seen = {
            environment: [
                known.hook.event_type
                for known in await list_hooks(make_actor(environment=environment), clients, database, tokens)
            ]
            for environment in clients
        }
    assert seen == {LOCAL: ["KYC_FAILED"], SANDBOX: ["KYC_SUCCEEDED"]}


async def test_whose_session_has_ended_is_told_of_no_hook(client: MangopayClient, database: Database) -> None:
    await client.create_hook("KYC_FAILED", HERE)
    gone = make_actor(environment=LOCAL, is_alive=lambda: False)
    with pytest.raises(SessionEnded):
        await list_hooks(gone, {LOCAL: client}, database, TokenBook(database))


async def _hooks(client: MangopayClient, database: Database) -> Sequence[KnownHook]:
    """Return the hooks as Olivia sees them."""
    tokens = TokenBook(database)
    await tokens.reload(now=NOW)
    return await list_hooks(OLIVIA, {LOCAL: client}, database, tokens)
