"""A local Mangopay whose users are learned by heart: the emulator, a client that tells what it reads, a learner."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import httpx
from sqlmodel import SQLModel

from models.environment import Environment
from models.known import KnownUser
from models.notification import Delivery, Notification
from services.database import Database
from services.emulator import Emulator, EmulatorConfig
from services.mangopay.client import MangopayClient
from services.mangopay.connection import RetrySchedule
from services.search.learn import Learner
from tests.services.access.world import stored_rows

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LOCAL, SANDBOX, PRODUCTION = Environment.LOCAL, Environment.SANDBOX, Environment.PRODUCTION
ROOT = "/v2.01/local"
Json = dict[str, object]


class Noting(httpx.ASGITransport):
    """Notes which GETs leave; a test may have some of them fail, or wait."""

    def __init__(self, app: Emulator) -> None:
        super().__init__(app)
        self.asked: list[str] = []
        self.failing: dict[str, int] = {}
        self.holding = asyncio.Event()
        self.holding.set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            self.asked.append(str(request.url.raw_path, "ascii").removeprefix(ROOT))
            await self.holding.wait()
            for text, status in self.failing.items():
                if text in request.url.path:
                    return httpx.Response(status, json={"Message": "no", "Type": "other"})
        return await super().handle_async_request(request)


@dataclass
class Market:
    """`now` is what the learner takes the time for."""

    database: Database
    transport: Noting
    client: MangopayClient
    learner: Learner
    now: list[datetime] = field(default_factory=lambda: [NOW])

    @property
    def asked(self) -> list[str]:
        """The GETs that have left, without what they all share."""
        return self.transport.asked

    async def create_user(self, first: str = "Alice", last: str = "Martin", email: str = "", **fields: object) -> str:
        body = {"FirstName": first, "LastName": last, "Email": email or f"{len(self.asked)}@example.com"}
        body |= {"UserCategory": "PAYER", "TermsAndConditionsAccepted": True} | fields  # type: ignore[arg-type]
        made = await self.client.post_object(f"{ROOT}/sca/users/natural", body)
        assert made
        return str(made["Id"])

    async def create_users(self, count: int) -> list[str]:
        return [await self.create_user(f"User{number}") for number in range(count)]

    async def read(self, path: str) -> Json:
        """Read an object as a page does, and have it written down."""
        found = await self.client.get_object(f"{ROOT}{path}", fresh=True)
        await self.learner.turn()
        return found

    async def list(self, path: str) -> Sequence[object]:
        """Read a list as a page does, and have it written down."""
        page = await self.client.list_objects(f"{ROOT}{path}", fresh=True)
        await self.learner.turn()
        return page.items

    async def user(self, user_id: str) -> KnownUser:
        [user] = [user for user in await stored_rows(self.database, KnownUser) if user.user_id == user_id]
        return user


@asynccontextmanager
async def open_market(database: Database, *, environment: Environment = LOCAL) -> AsyncIterator[Market]:
    emulator = Emulator(EmulatorConfig("http://mangopay.test"))
    transport, now = Noting(emulator), [NOW]
    learner = Learner(database, clock=lambda: now[0])
    client = MangopayClient(
        environment,
        base_url="http://mangopay.test",
        client_id="local",
        api_key="local-api-key",
        transport=transport,
        schedule=RetrySchedule(attempts=1),
        remembers_s=60,
        on_read=partial(learner.hear, environment),
    )
    await emulator.start()
    yield Market(database, transport, client, learner, now)
    await client.aclose()
    await emulator.stop()


async def add(database: Database, *new: SQLModel) -> None:
    async with database.session() as session:
        session.add_all(new)
        await session.commit()


async def learn(database: Database, *users: Json, environment: Environment = PRODUCTION, in_list: bool = False) -> None:
    """Have users written down as if they had been read, alone or in a list."""
    learner = Learner(database, clock=lambda: NOW)
    for user in users:
        path = "/v2.01/shop/users" if in_list else f"/v2.01/shop/sca/users/{user['Id']}"
        learner.hear(environment, path, [user])
    await learner.turn()


def person(number: int, first: str = "Alice", last: str = "Martin", **fields: object) -> Json:
    """Return a natural user as Mangopay shows one alone; a higher number was created later."""
    return {
        "Id": f"user_m_{number:026d}",
        "PersonType": "NATURAL",
        "FirstName": first,
        "LastName": last,
        "Email": f"u{number}@mail.example",
        "Tag": None,
        "UserCategory": "PAYER",
        "KYCLevel": "LIGHT",
        "UserStatus": "ACTIVE",
        "CountryOfResidence": "FR",
        "CreationDate": 1_790_000_000 + number,
    } | fields


async def told_of(database: Database, *resource_ids: str, environment: Environment = LOCAL) -> None:
    """Store a notification, with its delivery, of each object."""
    async with database.session() as session:
        for resource_id in resource_ids:
            told = Notification(
                environment=environment, event_type="USER_KYC_REGULAR", resource_id=resource_id, date=uuid4().int >> 66,
                first_received_at=NOW, last_received_at=NOW, delivery_count=1,
            )  # fmt: skip
            session.add(told)
            await session.flush()
            session.add(
                Delivery(
                    notification_id=told.id or 0, received_at=NOW, source_address="", user_agent="", waited_us=0,
                    raw_query="",
                )
            )  # fmt: skip
        await session.commit()
