"""Background loops: each ends by an event and is awaited, never cancelled in the midst of a database call."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)


class Scheduler:
    """Runs async functions again and again. A failed turn is logged, and the next one comes all the same."""

    def __init__(self) -> None:
        self._ending = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def every(self, seconds: float, turn: Callable[[], Awaitable[object]], *, name: str) -> None:
        """Start a loop: a turn now, and another `seconds` after each one ended."""
        self._tasks.append(asyncio.create_task(self._loop(seconds, turn, name), name=name))

    def once(self, turn: Callable[[], Awaitable[object]], *, name: str) -> None:
        """Start one turn in the background."""
        self._tasks.append(asyncio.create_task(_safely(turn, name), name=name))

    async def stop(self) -> None:
        """Let every turn that runs come to its end, and start no other. May be called again."""
        self._ending.set()
        await asyncio.gather(*self._tasks)

    async def _loop(self, seconds: float, turn: Callable[[], Awaitable[object]], name: str) -> None:
        while not self._ending.is_set():
            await _safely(turn, name)
            try:
                await asyncio.wait_for(self._ending.wait(), seconds)
            except TimeoutError:
                continue


async def _safely(turn: Callable[[], Awaitable[object]], name: str) -> None:
    try:
        await turn()
    except Exception:
        log.exception("background turn failed name=%s", name)
