"""Keeps the local index fresh with whatever is read from Mangopay: heard at once, written down a moment later."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy.dialects.sqlite import Insert, insert
from sqlmodel.ext.asyncio.session import AsyncSession

from models.environment import Environment
from models.known import KnownObject, KnownUser
from models.mangopay.wire import EPOCH
from services.database import Database
from services.search.heard import read_answer

# What waits is some kilobytes each; beyond this the oldest is let go, and comes again with the next walk.
MOST_WAITING = 20_000
# Short transactions: the receiver of notifications waits for no longer than half a second.
AT_ONCE = 100

Table = type[KnownUser] | type[KnownObject]
Key = tuple[Table, Environment, str]
Told = Mapping[str, object]
_ID = {KnownUser: "user_id", KnownObject: "object_id"}


class Learner:
    """One per process. What it could not write it keeps, up to MOST_WAITING rows."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._waiting: dict[Key, Told] = {}
        self._writing = asyncio.Lock()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def hear(self, environment: Environment, path: str, objects: Sequence[Mapping[str, object]]) -> None:
        """Take what was read at an API path; of what is told twice, the newer stands."""
        for heard in read_answer(environment, path, objects, now=self._clock()):
            key = (heard.table, environment, heard.object_id)
            self._waiting[key] = {**self._waiting.pop(key, {}), **heard.told}
        while len(self._waiting) > MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]

    async def turn(self) -> None:
        """Write down all that waits; to be called every second. Raises SQLAlchemyError, and then keeps it."""
        async with self._writing:
            while batch := dict(islice(self._waiting.items(), AT_ONCE)):
                async with self._database.session() as session:
                    await _write(session, batch)
                    await session.commit()
                self._let_go(batch)

    def _let_go(self, written: Mapping[Key, Told]) -> None:
        for key, told in written.items():
            # What was heard again meanwhile is another object, and waits.
            if self._waiting.get(key) is told:
                del self._waiting[key]


async def _write(session: AsyncSession, batch: Mapping[Key, Told]) -> None:
    alike: defaultdict[tuple[Table, frozenset[str]], list[dict[str, object]]] = defaultdict(list)
    for (table, environment, object_id), told in batch.items():
        alike[table, frozenset(told)].append({**_whole_row(table, environment, object_id), **told})
    connection = await session.connection()
    for (table, columns), rows in alike.items():
        await connection.execute(_statement(table, columns), rows)


def _whole_row(table: Table, environment: Environment, object_id: str) -> dict[str, object]:
    """Return a row as it begins, with nothing told yet."""
    row: KnownUser | KnownObject
    if table is KnownUser:
        row = KnownUser(environment=environment, user_id=object_id, created_at=EPOCH)
    else:
        row = KnownObject(environment=environment, object_id=object_id, kind="", seen_at=EPOCH)
    return row.model_dump(exclude={"id"})


def _statement(table: Table, columns: frozenset[str]) -> Insert:
    """Return the statement that adds a row or, where there is one, changes these columns alone."""
    new = insert(table)
    told = {name: new.excluded[name] for name in sorted(columns)}
    return new.on_conflict_do_update(index_elements=["environment", _ID[table]], set_=told)
