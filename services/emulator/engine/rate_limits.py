"""One budget for all calls of the platform, over four sliding windows, and the headers that tell what is left of it.

Source: https://docs.mangopay.com/api-reference/overview/rate-limiting
"""

from collections import deque
from collections.abc import Sequence

from services.emulator.engine.errors import ApiError

MINUTE = 60
WINDOWS_S = (15 * MINUTE, 30 * MINUTE, 60 * MINUTE, 24 * 60 * MINUTE)
DOCUMENTED = (2_300, 4_500, 8_800, 105_600)


class Window:
    """The calls of the last so many seconds, counted by the second."""

    def __init__(self, seconds: int, limit: int) -> None:
        self.seconds = seconds
        self.limit = limit
        self.made = 0
        self._by_second: deque[list[int]] = deque()

    def forget(self, now: int) -> None:
        while self._by_second and self._by_second[0][0] <= now - self.seconds:
            self.made -= self._by_second.popleft()[1]

    def count(self, now: int) -> None:
        self.made += 1
        if self._by_second and self._by_second[-1][0] >= now:
            self._by_second[-1][1] += 1
        else:
            self._by_second.append([now, 1])

    def frees_at(self, now: int) -> int:
        """Return when the oldest of its calls leaves it."""
        return (self._by_second[0][0] if self._by_second else now) + self.seconds


class RateLimits:
    """Counts every call; refuses those over the budget, unless it only counts."""

    def __init__(self, limits: Sequence[int] | None) -> None:
        self._limits = limits
        self.reset()

    def set(self, limits: Sequence[int] | None) -> None:
        """Allow so many calls in 15, 30 and 60 minutes and in 24 hours from now on; None counts and refuses none."""
        self._limits = limits
        for window, limit in zip(self._windows, limits or DOCUMENTED, strict=True):
            window.limit = limit

    def reset(self) -> None:
        """Forget the calls that were made."""
        self._windows = [
            Window(seconds, limit) for seconds, limit in zip(WINDOWS_S, self._limits or DOCUMENTED, strict=True)
        ]

    def count(self, now: int) -> bool:
        """Count one call and return whether it is within the budget; one that is not costs nothing."""
        for window in self._windows:
            window.forget(now)
        if self._limits is not None and any(window.made >= window.limit for window in self._windows):
            return False
        for window in self._windows:
            window.count(now)
        return True

    def headers(self, now: int) -> dict[str, str]:
        return {
            "x-ratelimit": ",".join(str(window.made) for window in self._windows),
            "x-ratelimit-remaining": ",".join(str(max(0, window.limit - window.made)) for window in self._windows),
            "x-ratelimit-reset": ",".join(str(window.frees_at(now)) for window in self._windows),
        }


def spent() -> ApiError:
    return ApiError(429, "rate_limit", "Rate limit exceeded. Please contact support for more assistance")
