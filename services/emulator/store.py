"""All state: entities as dicts in the shape they are sent, in memory, and written through to one SQLite file.

Memory is the truth; the file is read once, at start. A field that begins with an underscore is the emulator's own and
never sent (see `wire`).
"""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

Entity = dict[str, Any]
# Older ones disappear, as they do at Mangopay after 13 months (transactions) or 45 days (events).
MAX_TRANSACTIONS = 20_000
MAX_EVENTS = 20_000
MAX_RESPONSES = 5_000
MAX_SCA_SESSIONS = 1_000

SCHEMA = """
CREATE TABLE IF NOT EXISTS entity (
    position INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT, UNIQUE (kind, id)
)
"""
SAVE = "INSERT INTO entity (kind, id, body) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body"
DELETE = "DELETE FROM entity WHERE kind = ? AND id = ?"


def wire(entity: Entity) -> Entity:
    return {name: value for name, value in entity.items() if not name.startswith("_")}


class Collection:
    """Entities of one kind by `Id`, in order of creation, with an index for each field that is asked for often."""

    def __init__(
        self, kind: str, changed: Callable[[str, str], None], *, indexed: tuple[str, ...] = (), limit: int | None = None
    ) -> None:
        self.kind = kind
        self._changed = changed
        self._indexed = indexed
        self._limit = limit
        self._last_position = 0
        self._rows: dict[str, Entity] = {}
        self._index: dict[tuple[str, str], dict[str, Entity]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Entity]:
        return iter(self._rows.values())

    def get(self, entity_id: str | None) -> Entity | None:
        return self._rows.get(entity_id) if entity_id else None

    def where(self, field: str, value: str) -> list[Entity]:
        """Return, oldest first, the entities whose indexed field holds the value."""
        return list(self._index.get((field, value), {}).values())

    def save(self, entity: Entity) -> Entity:
        """Take in a new entity, or note that a known one has changed."""
        entity.setdefault("_Position", self._last_position + 1)
        self.load(entity)
        self._changed(self.kind, entity["Id"])
        if self._limit is not None and len(self._rows) > self._limit:
            self.delete(next(iter(self._rows)))
        return entity

    def load(self, entity: Entity) -> None:
        self._last_position = max(self._last_position, entity["_Position"])
        self._rows[entity["Id"]] = entity
        for key in self._keys(entity):
            self._index.setdefault(key, {})[entity["Id"]] = entity

    def delete(self, entity_id: str) -> None:
        entity = self._rows.pop(entity_id, None)
        if entity is None:
            return
        for key in self._keys(entity):
            self._index[key].pop(entity_id, None)
        self._changed(self.kind, entity_id)

    def _keys(self, entity: Entity) -> list[tuple[str, str]]:
        return [(field, entity[field]) for field in self._indexed if entity.get(field)]


class Store:
    """Every collection, and the one writer of the state file."""

    def __init__(self, state_file: Path | None) -> None:
        self._file = StateFile(state_file) if state_file else None
        self._dirty: dict[tuple[str, str], None] = {}
        self._writing = asyncio.Lock()
        self._collections: dict[str, Collection] = {}
        self.users = self._collection("user")
        self.wallets = self._collection("wallet", "_OwnerId")
        self.card_registrations = self._collection("card_registration", "AccessKey")
        self.cards = self._collection("card", "UserId", "Fingerprint")
        self.bank_accounts = self._collection("bank_account", "UserId")
        self.transactions = self._collection(
            "transaction",
            *("AuthorId", "DebitedWalletId", "CreditedWalletId", "_FeesWalletId"),
            *("CardId", "BankAccountId", "InitialTransactionId"),
            limit=MAX_TRANSACTIONS,
        )
        self.sca_sessions = self._collection("sca_session", limit=MAX_SCA_SESSIONS)
        self.kyc_documents = self._collection("kyc_document", "UserId")
        self.hooks = self._collection("hook", "EventType")
        self.events = self._collection("event", "EventType", limit=MAX_EVENTS)
        self.responses = self._collection("response", limit=MAX_RESPONSES)
        self.deliveries = self._collection("delivery", "HookId")

    def load(self) -> None:
        for kind, body in self._file.open() if self._file else ():
            if kind in self._collections:
                self._collections[kind].load(json.loads(body))

    async def flush(self) -> None:
        """Return when every change made so far is in the state file; costs nothing without one."""
        if self._file is None:
            return
        async with self._writing:
            dirty, self._dirty = self._dirty, {}
            if not dirty:
                return
            try:
                await self._file.write([self._row(kind, entity_id) for kind, entity_id in dirty])
            except BaseException:
                self._dirty = dirty | self._dirty
                raise

    async def close(self) -> None:
        await self.flush()
        if self._file:
            await self._file.close()

    def _collection(self, kind: str, *indexed: str, limit: int | None = None) -> Collection:
        self._collections[kind] = Collection(kind, self._note, indexed=indexed, limit=limit)
        return self._collections[kind]

    def _note(self, kind: str, entity_id: str) -> None:
        if self._file is not None:
            self._dirty[kind, entity_id] = None

    def _row(self, kind: str, entity_id: str) -> tuple[str, str, str | None]:
        entity = self._collections[kind].get(entity_id)
        return kind, entity_id, None if entity is None else json.dumps(entity)


class StateFile:
    """Rows of JSON in SQLite, written by one thread of its own so that the event loop never waits for the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="emulator-state")
        self._connection: sqlite3.Connection | None = None

    def open(self) -> list[tuple[str, str]]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(SCHEMA)
        return self._connection.execute("SELECT kind, body FROM entity ORDER BY position").fetchall()

    async def write(self, rows: list[tuple[str, str, str | None]]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._write, rows)

    async def close(self) -> None:
        if self._connection is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
        self._thread.shutdown()

    def _write(self, rows: list[tuple[str, str, str | None]]) -> None:
        if self._connection is None:
            raise RuntimeError("the emulator's state file is written to before Emulator.start()")
        self._connection.execute("BEGIN")
        try:
            for kind, entity_id, body in rows:
                if body is None:
                    self._connection.execute(DELETE, (kind, entity_id))
                else:
                    self._connection.execute(SAVE, (kind, entity_id, body))
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
