"""A Mangopay with events and hooks, which counts what it is asked."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import respx

from models.environment import Environment
from services.mangopay.client import MangopayClient

BASE_URL = "https://api.mangopay.test"
SANDBOX = Environment.SANDBOX
Clients = Mapping[Environment, MangopayClient]


@dataclass
class Told:
    """What it answers with, and which calls it was asked."""

    router: respx.MockRouter
    events: list[dict[str, Any]] = field(default_factory=list)
    hooks: list[dict[str, Any]] = field(default_factory=list)
    calls: list[httpx.Request] = field(default_factory=list)
    counts_items: bool = True

    def list_events(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request)
        asked = request.url.params
        since, until = int(asked.get("AfterDate", 0)), int(asked.get("BeforeDate", 2**40))
        found = [
            event
            for event in sorted(self.events, key=lambda event: -event["Date"])
            if since <= event["Date"] <= until and event["EventType"] == asked.get("EventType", event["EventType"])
        ]
        headers = {"X-Number-Of-Items": str(len(found))} if self.counts_items else {}
        return httpx.Response(200, json=found[: int(asked["per_page"])], headers=headers)

    def list_hooks(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request)
        return httpx.Response(200, json=self.hooks, headers={"X-Number-Of-Pages": "1"})


@pytest.fixture
def told() -> Iterator[Told]:
    with respx.mock(base_url=BASE_URL, assert_all_called=False) as router:
        told = Told(router)
        answer = {"access_token": "token", "token_type": "bearer", "expires_in": 1200}
        router.post("/v2.01/oauth/token").respond(json=answer)
        router.get("/v2.01/shop/events").mock(side_effect=told.list_events)
        router.get("/v2.01/shop/hooks").mock(side_effect=told.list_hooks)
        yield told


@pytest.fixture
async def clients(told: Told) -> AsyncIterator[Clients]:
    transport = httpx.AsyncHTTPTransport(verify=False)
    client = MangopayClient(SANDBOX, base_url=BASE_URL, client_id="shop", api_key="key", transport=transport)
    yield {SANDBOX: client}
    await client.aclose()
