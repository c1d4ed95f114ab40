"""Wall time, which may be moved ahead, and which a story may tell from the past."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Clock:
    """Unix time; only what runs inside `at` sees another moment, whatever else the process does meanwhile."""

    def __init__(self) -> None:
        self._told: ContextVar[float | None] = ContextVar("told", default=None)
        # Seconds that it is ahead of the wall.
        self.lead = 0.0

    def now(self) -> int:
        """Return whole Unix seconds, as Mangopay writes every date."""
        return int(self.time())

    @property
    def is_told(self) -> bool:
        """Tell whether this is a moment of a story."""
        return self._told.get() is not None

    def time(self) -> float:
        told = self._told.get()
        return time.time() + self.lead if told is None else told

    @contextmanager
    def at(self, moment: float) -> Iterator[None]:
        token = self._told.set(moment)
        try:
            yield
        finally:
            self._told.reset(token)
