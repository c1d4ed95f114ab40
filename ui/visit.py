"""The time that a page is looked at. The calls to Mangopay that it makes end with it; its database queries do not."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import TypeVar

from nicegui import Client, background_tasks

T = TypeVar("T")


class Left(Exception):
    """Raised out of a call whose page was left; it is loaded anew should somebody come back to it."""


class Visit:
    """One for each page that reads from Mangopay."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._calls: set[asyncio.Task[object]] = set()
        self._cut_short: set[asyncio.Task[object]] = set()
        self._unfinished: list[Callable[[], Awaitable[object]]] = []
        self._is_left = False
        client.on_disconnect(self._leave)
        client.on_connect(self._return)

    async def call(self, call: Coroutine[object, object, T]) -> T:
        """Wait for a call to Mangopay. Raises Left when the page is left meanwhile, or was before."""
        if self._is_left:
            call.close()
            raise Left
        task = asyncio.create_task(call)
        self._calls.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            task.cancel()
            if task in self._cut_short:
                raise Left from None
            raise
        finally:
            self._calls.discard(task)
            self._cut_short.discard(task)

    async def load(self, *loads: Callable[[], Awaitable[object]]) -> None:
        """Load parts of the page side by side; those that the reader's leaving cut short come again on return."""
        await asyncio.gather(*(self._load(load) for load in loads))

    async def _load(self, load: Callable[[], Awaitable[object]]) -> None:
        try:
            await load()
        except Left:
            self._unfinished.append(load)
            # The reader may have come back before the call had ended.
            if not self._is_left:
                self._return()

    def _leave(self) -> None:
        # An old connection may also be given up after a new one was made.
        self._is_left = not self._client.has_socket_connection
        if self._is_left:
            for call in self._calls:
                self._cut_short.add(call)
                call.cancel()

    def _return(self) -> None:
        self._is_left = False
        unfinished, self._unfinished = self._unfinished, []
        if unfinished:
            background_tasks.create(self.load(*unfinished), name="load again", context=self._client.content)
