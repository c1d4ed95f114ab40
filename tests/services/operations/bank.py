"""A teller before an emulated Mangopay, on whose line calls and answers can be lost; and an operator who asks."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlmodel import col, select

from models.audit import Act, AuditEntry, Outcome
from models.environment import Environment
from models.journal import Operation, State
from models.operations.kinds import OPERATIONS
from models.operations.limits import Limits, parse_limits
from models.operations.requests import CURRENCY
from models.operations.situation import currency_of, seen_of, suggested
from models.permissions import Role
from services.access.actors import Actor
from services.clock import now
from services.database import Database
from services.emulator import Emulator, EmulatorConfig
from services.mangopay.client import MangopayClient
from services.operations.journal import find, open_draft
from services.operations.reading import read_situation
from services.operations.settling import LOOKS_AT_LEAST, Settler
from services.operations.submitting import submit
from services.operations.teller import Teller
from tests.actors import make_actor
from tests.services.emulator.conftest import open_market
from tests.services.emulator.control import TOKEN, Controls
from tests.services.emulator.marketplace import BASE_URL, Marketplace

LOCAL = Environment.LOCAL
OLIVIA = make_actor(Role.OPERATOR, email="olivia@example.com")
APRIL = make_actor(Role.APPROVER, email="april@example.com", account_id=2, session_id=2)
REASON = "The customer sent it back"
WALLETS = ("wlt_m_", "FEES_", "CREDIT_")


class Line(httpx.AsyncBaseTransport):
    """The way to the emulator. `lose` breaks the next POST or PUT; whatever is sent is counted."""

    def __init__(self, emulator: Emulator) -> None:
        self._way = httpx.ASGITransport(emulator)
        self.sent: list[httpx.Request] = []
        self._lose = ""
        self._instead: httpx.Response | Exception | None = None
        # What is answered to a GET, by a part of its path.
        self.shown: dict[str, httpx.Response] = {}
        # What somebody else does in the last moment before the next call.
        self.before_sending: Callable[[], Awaitable[None]] | None = None

    def lose(self, what: str, *, instead: httpx.Response | Exception | None = None) -> None:
        """Lose the next `request`, which Mangopay never hears of, or the `answer` to one that it has carried out."""
        self._lose, self._instead = what, instead

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            shown = next((answer for part, answer in self.shown.items() if part in request.url.path), None)
            return shown or await self._way.handle_async_request(request)
        if request.url.path.endswith("/oauth/token"):
            return await self._way.handle_async_request(request)
        self.sent.append(request)
        if (meanwhile := self.before_sending) is not None:
            self.before_sending = None
            await meanwhile()
        lose, self._lose = self._lose, ""
        if lose != "request":
            answer = await self._way.handle_async_request(request)
            if not lose:
                return answer
        if isinstance(self._instead, httpx.Response):
            return self._instead
        raise self._instead or httpx.ReadTimeout("lost", request=request)


@dataclass
class Clock:
    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return now() + self.ahead

    def advance(self, **delta: float) -> None:
        self.ahead += timedelta(**delta)


@dataclass
class Bank:
    teller: Teller
    market: Marketplace
    controls: Controls
    line: Line
    clock: Clock

    @property
    def settler(self) -> Settler:
        return Settler(self.teller)

    async def draft(self, kind: str, actor: Actor = OLIVIA, **values: str) -> Operation:
        return await open_draft(actor, self.teller, OPERATIONS[kind], values)

    async def look(self, operation: Operation, values: Mapping[str, str] | None = None) -> "Looked":
        """Do what the form does: read what it meets, and fill in what that tells."""
        kind, typed = OPERATIONS[operation.kind], dict(values or operation.values)
        situation = await read_situation(
            OLIVIA, self.teller, kind, typed, operation_id=operation.operation_id, fresh=True
        )
        filled = {**suggested(kind, situation, typed), **typed, CURRENCY: currency_of(situation)}
        # What depends on the amount is read once it is known.
        situation = await read_situation(OLIVIA, self.teller, kind, filled, operation_id=operation.operation_id)
        return Looked(filled, seen_of(situation))

    async def ask(self, operation: Operation, looked: "Looked | None" = None, actor: Actor = OLIVIA) -> Operation:
        looked = looked or await self.look(operation)
        return await submit(
            actor, self.teller, operation.operation_id, values=looked.values, reason=REASON, seen=looked.seen
        )

    async def do(self, kind: str, actor: Actor = OLIVIA, **values: str) -> Operation:
        return await self.ask(await self.draft(kind, actor, **values), actor=actor)

    async def now(self, operation: Operation) -> Operation:
        return await find(self.teller.database, LOCAL, operation.operation_id)

    async def settle(self, operation: Operation, **later: float) -> Operation:
        """Let time go by, then the settler look; returns the operation as it is then."""
        await self.find_out(**later)
        return await self.now(operation)

    async def find_out(self, **later: float) -> None:
        """Let time go by, then the settler have a turn, and some more as long as something is not known."""
        self.clock.advance(**later)
        await self.settler.turn()
        for _ in range(LOOKS_AT_LEAST + 1):
            if await self.journal(State.UNKNOWN):
                self.clock.advance(seconds=10)
                await self.settler.turn()

    async def refunds(self, payin: Mapping[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.market.get(f"/payins/{payin['Id']}/refunds")).json()
        return found

    async def log(self, operation: Operation) -> list[Outcome]:
        """Return how the lines of the audit log about an operation ended, oldest first."""
        about = (AuditEntry.act == Act.MONEY_OPERATION, col(AuditEntry.detail).startswith(operation.operation_id))
        async with self.teller.database.session() as session:
            lines = await session.exec(select(AuditEntry).where(*about).order_by(col(AuditEntry.id)))
            return [line.outcome for line in lines]

    async def journal(self, *states: State) -> list[Operation]:
        async with self.teller.database.session() as session:
            rows = await session.exec(select(Operation).where(col(Operation.state).in_(states or tuple(State))))
            return list(rows)


@dataclass(frozen=True)
class Looked:
    values: dict[str, str]
    seen: dict[str, Any]


@asynccontextmanager
async def open_bank(
    database: Database, *, limits: Limits | None = None, wrap: Callable[[Line], httpx.AsyncBaseTransport] = lambda x: x
) -> AsyncIterator[Bank]:
    emulator = Emulator(EmulatorConfig(BASE_URL, control_token=TOKEN, rate_limits=None))
    await emulator.start()
    line = Line(emulator)
    client = MangopayClient(
        LOCAL,
        base_url=BASE_URL.removesuffix("/emulator"),
        client_id="local",
        api_key="local-api-key",
        transport=wrap(line),
    )
    clock = Clock()
    teller = Teller(
        database=database,
        clients={LOCAL: client},
        limits=limits or parse_limits(""),
        clock=clock,
    )
    async with open_market(emulator) as market:
        yield Bank(teller, market, Controls(market.browser), line, clock)
    await client.aclose()
    await emulator.stop()
