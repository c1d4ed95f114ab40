"""Mangopay as batches read it: after everybody else, and knowing a failure that says nothing of the object."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from services.clock import now
from services.mangopay.client import MangopayClient
from services.mangopay.errors import Invalid, MangopayError, NotFound, RateLimited, ScaRequired
from services.mangopay.governor import Governor
from services.mangopay.paging import PER_PAGE, Page
from services.operations.reading import quiet

T = TypeVar("T")
SHORTEST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=5)
# Mangopay has answered, and the answer is about what was asked for.
TELLING = (NotFound, ScaRequired, Invalid)


class Watched(MangopayClient):
    """Another client, looked at: `trouble` is why something could not be read, though it may well be right.

    It passes on what operations call. Anything else fails at once, for it would be neither watched nor quiet.
    """

    def __init__(self, client: MangopayClient) -> None:
        self.environment = client.environment
        self.client_id = client.client_id
        self.trouble: MangopayError | None = None
        self._watched = quiet(client)

    @property
    def governor(self) -> Governor:
        return self._watched.governor

    async def get_object(
        self, path: str, *, query: Mapping[str, str] | None = None, fresh: bool = False
    ) -> dict[str, object]:
        read = partial(self._watched.get_object, path, query=query, fresh=fresh)
        return await self._read(f"{path} {query}", read)

    async def list_objects(
        self,
        path: str,
        *,
        page: int = 1,
        per_page: int = PER_PAGE,
        query: Mapping[str, str] | None = None,
        fresh: bool = False,
    ) -> Page[Mapping[str, object]]:
        read = partial(self._watched.list_objects, path, page=page, per_page=per_page, query=query, fresh=fresh)
        return await self._read(f"{path} {page} {per_page} {query}", read)

    async def post_object(
        self, path: str, body: Mapping[str, object], *, idempotency_key: str | None = None
    ) -> dict[str, object] | None:
        return await self._watched.post_object(path, body, idempotency_key=idempotency_key)

    async def put_object(self, path: str, body: Mapping[str, object]) -> dict[str, object] | None:
        return await self._watched.put_object(path, body)

    async def _read(self, _what: str, read: Callable[[], Awaitable[T]]) -> T:
        try:
            return await read()
        except TELLING:
            raise
        except MangopayError as error:
            self.trouble = error
            raise


class Patient(Watched):
    """The client of a whole file: it reads nothing twice, and waits where the rate limit is reached.

    `tell` hears until when it waits, and None once it goes on.
    """

    def __init__(self, client: MangopayClient, *, tell: Callable[[datetime | None], None]) -> None:
        super().__init__(client)
        self._tell = tell
        self._known: dict[str, asyncio.Task[Any]] = {}

    async def _read(self, what: str, read: Callable[[], Awaitable[T]]) -> T:
        if what not in self._known:
            self._known[what] = asyncio.create_task(self._read_once(what, read))
        found: T = await self._known[what]
        return found

    async def _read_once(self, what: str, read: Callable[[], Awaitable[T]]) -> T:
        return await super()._read(what, partial(self._patiently, read))

    async def _patiently(self, read: Callable[[], Awaitable[T]]) -> T:
        shortest = SHORTEST_WAIT
        while True:
            try:
                return await read()
            except RateLimited as error:
                moment = now()
                retry_at = max(error.retry_at or moment, moment + shortest)
            # Clocks differ, and a limit that does not free is not to be asked every moment.
            shortest = min(2 * shortest, LONGEST_WAIT)
            self._tell(retry_at)
            await asyncio.sleep((retry_at - moment).total_seconds())
            self._tell(None)
