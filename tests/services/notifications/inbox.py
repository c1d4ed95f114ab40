"""A receiver on a real database, asked over ASGI as Mangopay asks it."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from sqlalchemy import event
from sqlmodel import col, select

from models.environment import Environment
from models.notification import Delivery, Notification
from services.database import Database
from services.metrics import Metrics
from services.notifications.receiver import Receiver
from services.notifications.tokens import TokenBook, current_token
from services.notifications.writer import Writer
from ui.asgi import Root

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HIT = {"EventType": "PAYIN_NORMAL_SUCCEEDED", "RessourceId": "payin_m_01J6", "Date": "1790000000"}


@dataclass
class Inbox:
    """The receiver's door, and what lies behind it."""

    http: httpx.AsyncClient
    database: Database
    writer: Writer
    metrics: Metrics
    path: str
    # The raw connections of the writer: a limit such as max_page_count holds for one connection alone.
    connections: list[sqlite3.Connection]

    async def hit(self, **changed: str) -> httpx.Response:
        return await self.http.get(self.path, params=HIT | changed)

    async def notifications(self) -> list[Notification]:
        async with self.database.session() as session:
            return list(await session.exec(select(Notification).order_by(col(Notification.id))))

    async def deliveries(self) -> list[Delivery]:
        async with self.database.session() as session:
            return list(await session.exec(select(Delivery).order_by(col(Delivery.id))))


@asynccontextmanager
async def open_inbox(database: Database) -> AsyncIterator[Inbox]:
    connections: list[sqlite3.Connection] = []
    metrics = Metrics()
    writer = Writer(database.writer, on_batch=metrics.batch)
    tokens = TokenBook(database)
    token = await current_token(database, Environment.LOCAL, now=NOW)
    await tokens.reload(now=NOW)
    event.listen(database.writer, "connect", lambda connection, _: connections.append(connection))
    database.writer.dispose()
    writer.start()

    async def nobody(scope: object, receive: object, send: object) -> None:
        raise AssertionError("the receiver answers its own paths")

    root = Root(nobody, by_prefix={"hooks": Receiver(writer, tokens, metrics)})
    transport = httpx.ASGITransport(root, client=("203.0.113.7", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield Inbox(http, database, writer, metrics, f"/hooks/local/{token}", connections)
    await writer.stop()
