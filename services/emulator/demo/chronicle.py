"""The past, told today: many tales, each going on at its own dates, and all of them together in the order of these."""

import heapq
import itertools
from collections.abc import AsyncGenerator

from services.emulator.engine.agenda import Agenda
from services.emulator.engine.clock import Clock

HOUR_S = 3_600
DAY_S = 86_400

# Does one thing after another, and yields how many seconds pass until the next.
Tale = AsyncGenerator[float, None]


class Chronicle:
    """Tales by the moment they go on; what would be to come yet is left untold."""

    def __init__(self, clock: Clock, agenda: Agenda) -> None:
        self._clock = clock
        self._agenda = agenda
        self._today = clock.now()
        self._numbers = itertools.count()
        self._due: list[tuple[float, int, Tale]] = []

    def begin(self, tale: Tale, *, days_ago: float) -> None:
        self._go_on(tale, self._today - days_ago * DAY_S)

    async def tell(self) -> None:
        """Tell every tale up to today."""
        with self._agenda.led_by_story():
            while self._due:
                moment, _, tale = heapq.heappop(self._due)
                with self._clock.at(moment):
                    pause_s = await anext(tale, None)
                if pause_s is None:
                    continue
                if moment + pause_s < self._today:
                    self._go_on(tale, moment + pause_s)
                else:
                    await tale.aclose()

    def _go_on(self, tale: Tale, moment: float) -> None:
        heapq.heappush(self._due, (moment, next(self._numbers), tale))
