"""The three rate-limit headers; calls are counted and never refused.

Source: https://docs.mangopay.com/api-reference/overview/rate-limiting
"""

import time
from dataclasses import dataclass


@dataclass(slots=True)
class Window:
    seconds: int
    limit: int
    made: int = 0
    ends_at: int = 0

    def count(self, now: int) -> None:
        if now >= self.ends_at:
            self.made, self.ends_at = 0, now + self.seconds
        self.made += 1


class RateLimits:
    """Four windows that begin with their first call, where Mangopay's slide."""

    def __init__(self) -> None:
        minute = 60
        self._windows = (
            Window(15 * minute, 2_300),
            Window(30 * minute, 4_500),
            Window(60 * minute, 8_800),
            Window(24 * 60 * minute, 105_600),
        )

    def count(self) -> dict[str, str]:
        """Count one call, and return the headers that go with its response."""
        now = int(time.time())
        for window in self._windows:
            window.count(now)
        return {
            "x-ratelimit": ",".join(str(window.made) for window in self._windows),
            "x-ratelimit-remaining": ",".join(str(max(0, window.limit - window.made)) for window in self._windows),
            "x-ratelimit-reset": ",".join(str(window.ends_at) for window in self._windows),
        }
