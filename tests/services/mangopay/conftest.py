"""A Mangopay that answers what a test says, and a client that does not dawdle between tries."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import respx

from models.environment import Environment
from services.mangopay.client import MangopayClient
from services.mangopay.connection import RetrySchedule

BASE_URL = "https://api.mangopay.test"
AT_ONCE = RetrySchedule(first_wait_s=0.0, longest_wait_s=0.05, jitter_s=0.0)


@pytest.fixture
def api() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=BASE_URL, assert_all_called=False) as router:
        yield router


@pytest.fixture
def token(api: respx.MockRouter) -> respx.Route:
    """The token call; every token differs and lives for 20 minutes."""
    numbers = itertools.count(1)

    async def answer(_: httpx.Request) -> httpx.Response:
        token = {"access_token": f"token-{next(numbers)}", "token_type": "bearer", "expires_in": 1200}
        # The answer takes a few turns of the loop, so that calls made meanwhile find no token yet.
        for _turn in range(5):
            await asyncio.sleep(0)
        return httpx.Response(200, json=token)

    return api.post("/v2.01/oauth/token").mock(side_effect=answer)


@pytest.fixture
async def client(token: respx.Route) -> AsyncIterator[MangopayClient]:
    client = MangopayClient(
        Environment.SANDBOX,
        base_url=BASE_URL,
        client_id="shop",
        api_key="s3cret-key",
        # Reading the machine's certificates for every test would take longer than the tests.
        transport=httpx.AsyncHTTPTransport(verify=False),
        schedule=AT_ONCE,
    )
    yield client
    await client.aclose()
