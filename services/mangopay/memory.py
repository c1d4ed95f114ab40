"""Answers of the last seconds: a second look costs no call, and of many who look at once, one calls."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Answer = TypeVar("Answer")

# A page of a hundred rows is some 60 kB, so this is a few dozen megabytes at most.
MOST = 500


@dataclass(slots=True)
class _Kept(Generic[Answer]):
    answer: Answer
    until_s: float


@dataclass(slots=True)
class _Flight(Generic[Answer]):
    task: asyncio.Task[Answer] = field(init=False)
    waiting: int = 0
    # Something was changed since it left, so what it brings may be what was before.
    is_stale: bool = False
    is_to_be_kept: bool = False


class Memory(Generic[Answer]):
    """Keeps what GETs answered for `keeps_s` seconds; errors are not kept. Zero seconds still join who asks at once."""

    def __init__(self, *, keeps_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._keeps_s = keeps_s
        self._clock = clock
        self._kept: OrderedDict[str, _Kept[Answer]] = OrderedDict()
        self._flights: dict[tuple[str, str], _Flight[Answer]] = {}

    async def get(
        self,
        key: str,
        fetch: Callable[[], Awaitable[Answer]],
        *,
        fresh: bool = False,
        keep: bool = True,
        lane: str = "",
    ) -> Answer:
        """Return what is kept, or join the call that is under way, or make it.

        The call ends when the last of those who wait for it has gone. `fresh` asks anew, whatever is kept; without
        `keep` the answer is kept only if somebody else who waits for it wants that. Only calls of one lane are joined:
        those of another may be held back sooner.
        """
        if fresh:
            self._drop(key)
        kept = self._kept.get(key)
        if kept is not None and self._clock() < kept.until_s:
            return kept.answer
        flight = self._flights.get((lane, key))
        if flight is None or flight.is_stale:
            flight = self._flights[lane, key] = _Flight()
            flight.task = asyncio.ensure_future(self._fetch((lane, key), flight, fetch))
        flight.waiting += 1
        flight.is_to_be_kept |= keep
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if flight.waiting == 0 and not flight.task.done():
                flight.task.cancel()
                self._land((lane, key), flight)

    def forget(self, text: str | None = None) -> None:
        """Forget whatever was asked for with `text` in its address, an id; without one, everything."""
        for key in [key for key in self._kept if text is None or text in key]:
            del self._kept[key]
        for (_, key), flight in self._flights.items():
            flight.is_stale |= text is None or text in key

    def _drop(self, key: str) -> None:
        self._kept.pop(key, None)
        for (_, flown), flight in self._flights.items():
            flight.is_stale |= flown == key

    async def _fetch(
        self, place: tuple[str, str], flight: _Flight[Answer], fetch: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        _, key = place
        try:
            answer = await fetch()
        finally:
            self._land(place, flight)
        if flight.is_to_be_kept and not flight.is_stale and self._keeps_s > 0:
            self._kept[key] = _Kept(answer, self._clock() + self._keeps_s)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return answer

    def _land(self, place: tuple[str, str], flight: _Flight[Answer]) -> None:
        if self._flights.get(place) is flight:
            del self._flights[place]
