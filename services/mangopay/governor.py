"""Keeps all features of the dashboard together inside Mangopay's four rate-limit windows.

The budget is the whole platform's: its own software needs it to take money, so the dashboard steps back first, and
further the less a call is waited for. Only what changes something may use the last of it.
Source: https://docs.mangopay.com/api-reference/overview/rate-limiting
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from services.mangopay.limits import DOCUMENTED_LIMITS, WINDOW_MINUTES, RateLimit


class Priority(StrEnum):
    """Who asks: the order in which they step back is the reverse of this one."""

    # A change that somebody has decided on.
    CHANGE = "change"
    # A page that somebody looks at.
    PERSON = "person"
    # A file, and what nobody has asked for yet: the next page of a list, the names on it.
    EXPORT = "export"
    BACKGROUND = "background"


# The part of a window that is left to others.
RESERVES = {Priority.CHANGE: 0.0, Priority.PERSON: 0.05, Priority.EXPORT: 0.15, Priority.BACKGROUND: 0.5}
# The most that the background takes of a window, however much is left.
BACKGROUND_SHARE = 0.2
# For a window that Mangopay has not told of: how soon to ask again.
ASK_AGAIN = timedelta(seconds=30)


@dataclass(slots=True)
class _Count:
    """Calls of the last so many minutes, by the minute: coarse, and small even for a day."""

    minutes: int
    total: int = 0
    _by_minute: deque[list[int]] = field(default_factory=deque)

    def add(self, now: datetime) -> None:
        minute = int(now.timestamp()) // 60
        if not self._by_minute or self._by_minute[-1][0] < minute:
            self._by_minute.append([minute, 0])
        self._by_minute[-1][1] += 1
        self.total += 1

    def at(self, now: datetime) -> int:
        oldest = int(now.timestamp()) // 60 - self.minutes
        while self._by_minute and self._by_minute[0][0] <= oldest:
            self.total -= self._by_minute.popleft()[1]
        return self.total

    def frees_at(self, now: datetime) -> datetime:
        """Return when the oldest minute of calls leaves the window."""
        self.at(now)
        minute = self._by_minute[0][0] if self._by_minute else int(now.timestamp()) // 60
        return datetime.fromtimestamp((minute + self.minutes) * 60, UTC)


@dataclass(frozen=True, slots=True)
class Gauge:
    """One window as the meter shows it; `by_us` are this process's own calls, `in_background` those of them."""

    minutes: int
    limit: int
    used: int
    by_us: int
    in_background: int
    resets_at: datetime | None


class Governor:
    """One for each environment, asked before each call and told of each answer."""

    def __init__(self, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._own = [_Count(minutes) for minutes in WINDOW_MINUTES]
        self._background = [_Count(minutes) for minutes in WINDOW_MINUTES]
        self._heard: RateLimit | None = None
        # Calls that no answer has counted yet.
        self._under_way = 0

    @property
    def heard(self) -> RateLimit | None:
        """The budget as the last answer told it; None before the first."""
        return self._heard

    def refuses(self, priority: Priority) -> datetime | None:
        """Return when such a call is welcome again, or None when it may go now."""
        now = self._clock()
        blocked = [at for window in range(len(WINDOW_MINUTES)) if (at := self._blocks(window, priority, now))]
        return max(blocked, default=None)

    def sent(self, priority: Priority) -> None:
        now = self._clock()
        self._under_way += 1
        for counts in (self._own, self._background) if priority is Priority.BACKGROUND else (self._own,):
            for count in counts:
                count.add(now)

    def hear(self, limit: RateLimit | None) -> None:
        """Take what the headers of a call's answer tell, which ends it; None when it had none, or they tell nothing."""
        self._under_way = max(self._under_way - 1, 0)
        if limit is not None:
            self._heard = limit

    def meter(self) -> list[Gauge]:
        """Return the four windows, the shortest first."""
        now = self._clock()
        gauges = []
        for window, minutes in enumerate(WINDOW_MINUTES):
            limit, remaining, resets_at = self._left(window, now)
            own, background = self._own[window].at(now), self._background[window].at(now)
            # Ours are counted by the minute, Mangopay's by the moment: what we know of is used in any case.
            used = max(limit - remaining, min(own, limit))
            gauges.append(Gauge(minutes, limit, used, own, background, resets_at))
        return gauges

    def _blocks(self, window: int, priority: Priority, now: datetime) -> datetime | None:
        limit, remaining, resets_at = self._left(window, now)
        if remaining <= limit * RESERVES[priority]:
            return resets_at or now + ASK_AGAIN
        background = self._background[window]
        if priority is Priority.BACKGROUND and background.at(now) >= limit * BACKGROUND_SHARE:
            return background.frees_at(now)
        return None

    def _left(self, window: int, now: datetime) -> tuple[int, int, datetime | None]:
        """Return the limit, what is left of it, and when that was told to change."""
        own = self._own[window].at(now)
        heard = self._heard.windows[window] if self._heard else None
        if heard is None or now >= heard.reset_at:
            # What was told is over; until the next answer, only our own calls are known.
            limit = heard.limit if heard else DOCUMENTED_LIMITS[window]
            return limit, max(limit - own, 0), None
        return heard.limit, max(heard.remaining - self._under_way, 0), heard.reset_at
