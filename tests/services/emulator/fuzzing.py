"""A pytest plugin that spoils what other tests send: `-p tests.services.emulator.fuzzing`.

After each request that an emulator under test has accepted, a copy of the emulator as it stood before is sent the same
request with parts replaced by what nobody should send. So each endpoint is tried with a body that it nearly accepts,
amid the objects that it needs. Whatever comes back must be a documented status in Mangopay's shape.
"""

import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from copy import deepcopy
from typing import Any

import httpx
import orjson
import pytest
from starlette.types import Message, Receive, Scope, Send

from services.emulator import Emulator, EmulatorConfig
from services.emulator.engine.call import is_api
from services.emulator.engine.errors import ApiError
from services.emulator.engine.router import Router
from services.emulator.routes import ROUTES
from tests.services.emulator import conftest
from tests.services.emulator.junk import JUNK, check, places, put

MUTANTS_PER_REQUEST = 4
MUTANTS_PER_ROUTE = 15
ROUTER = Router(ROUTES)
tried: Counter[str] = Counter()


class Spoiler:
    """Passes every request on to the emulator, and tries spoilt copies of it on a copy of the emulator."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._chance = random.Random(5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = _route_name(scope)
        if name is None or tried[name] >= MUTANTS_PER_ROUTE:
            await self._emulator(scope, receive, send)
            return
        before = _state(self._emulator)
        body, statuses = await _body(receive), []

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            await send(message)

        await self._emulator(scope, _replay(body), note)
        if statuses[0] < 300:
            await self._spoil(name, scope, body, before)

    async def _spoil(self, name: str, scope: Scope, body: bytes, before: list[tuple[str, bytes]]) -> None:
        for mutant in self._mutants(body):
            tried[name] += 1
            twin = _twin(before)
            transport = httpx.ASGITransport(app=twin)
            async with httpx.AsyncClient(transport=transport, base_url="http://emulator", trust_env=False) as http:
                answer = await http.request(
                    scope["method"],
                    scope["path"] + self._query(scope),
                    content=mutant,
                    headers={"Authorization": _header(scope, b"authorization")},
                )
            check(answer, f"{name} with {mutant[:500]!r}")

    def _mutants(self, body: bytes) -> Iterator[bytes]:
        try:
            sent = json.loads(body) if body else {}
        except ValueError:
            return
        spots = list(places(sent)) if isinstance(sent, dict) else []
        for _ in range(MUTANTS_PER_REQUEST):
            spoilt: dict[str, Any] = deepcopy(sent)
            for _ in range(self._chance.randint(1, 2) if spots else 0):
                put(spoilt, self._chance.choice(spots), self._chance.choice(JUNK))
            yield json.dumps(spoilt).encode() if spots else b""

    def _query(self, scope: Scope) -> str:
        asked = scope["query_string"].decode()
        names = ("page", "per_page", "Sort", "Status", "AfterDate", "BeforeDate", "Type", "Currency", "ScaContext")
        junk = self._chance.choice(("-1", "x", "", "99999999999999999999", "%00", "CREATED,", ":", "1.5"))
        return f"?{asked}&{self._chance.choice(names)}={junk}" if scope["method"] == "GET" else f"?{asked}"


@pytest.fixture(scope="session", autouse=True)
def _spoil_every_market() -> Iterator[None]:
    plain: Callable[..., Any] = conftest.open_market

    @asynccontextmanager
    async def spoiling(emulator: Any) -> AsyncIterator[Any]:
        async with plain(Spoiler(emulator)) as market:
            yield market

    conftest.open_market = spoiling
    yield
    conftest.open_market = plain


def pytest_terminal_summary(terminalreporter: Any) -> None:
    known = {_name(route) for route in ROUTES if is_api(route.path)}
    for name in sorted(known - set(tried)):
        terminalreporter.write_line(f"never accepted anything: {name}")
    terminalreporter.write_line(f"{sum(tried.values())} spoilt requests to {len(tried)} of {len(known)} endpoints")


def _route_name(scope: Scope) -> str | None:
    if not is_api(scope["path"]):
        return None
    try:
        route, _ = ROUTER.find(scope["method"], scope["path"])
    except ApiError:
        return None
    return _name(route)


def _name(route: Any) -> str:
    return f"{route.method} {route.path}"


def _state(emulator: Emulator) -> list[tuple[str, bytes]]:
    collections = emulator._world.store._collections
    return [(kind, orjson.dumps(row)) for kind, collection in collections.items() for row in collection]


def _twin(state: list[tuple[str, bytes]]) -> Emulator:
    twin = Emulator(EmulatorConfig("http://localhost:8080/emulator", rate_limits=None))
    for kind, body in state:
        twin._world.store._collections[kind].load(body)
    twin._world.resume()
    return twin


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode() for key, value in scope["headers"] if key.lower() == name), "")
