"""Mangopay's rate limits as its headers tell them: four sliding windows over all calls of a platform.

Source: https://docs.mangopay.com/api-reference/overview/rate-limiting
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

WINDOW_MINUTES = (15, 30, 60, 24 * 60)
# What a platform has unless Mangopay has raised it; the headers tell the truth.
DOCUMENTED_LIMITS = (2_300, 4_500, 8_800, 105_600)


@dataclass(frozen=True, slots=True)
class Window:
    """The calls of the last `minutes`: made, left, and when the window frees."""

    minutes: int
    used: int
    remaining: int
    reset_at: datetime

    @property
    def limit(self) -> int:
        return self.used + self.remaining


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The four windows, the shortest first."""

    windows: tuple[Window, ...]

    @property
    def retry_at(self) -> datetime | None:
        """When every used-up window is free again; None when none is used up."""
        return max((window.reset_at for window in self.windows if window.remaining <= 0), default=None)


def read_rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """Read the three headers of any answer; None unless all are there and make sense."""
    try:
        used, remaining, reset = (
            [int(value) for value in headers[name].split(",")]
            for name in ("x-ratelimit", "x-ratelimit-remaining", "x-ratelimit-reset")
        )
        windows = tuple(
            Window(minutes, window_used, window_remaining, datetime.fromtimestamp(window_reset, UTC))
            for minutes, window_used, window_remaining, window_reset in zip(
                WINDOW_MINUTES, used, remaining, reset, strict=True
            )
        )
    except (KeyError, ValueError, OverflowError, OSError):
        return None
    return RateLimit(windows)
