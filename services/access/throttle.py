"""How often a password may be tried: 5 times in 15 minutes for one access, 20 times from one address.

Kept in memory, so each process counts for itself and a restart forgets; a table shared by all processes comes with the
full access flow.
"""

from collections import deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from models.environment import Environment

WINDOW = timedelta(minutes=15)
PER_ACCESS = 5
PER_ADDRESS = 20


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who tries to sign in, and from where."""

    environment: Environment
    email: str
    address: str

    @property
    def limits(self) -> Iterable[tuple[Hashable, int]]:
        return ((self.environment, self.email), PER_ACCESS), (_network(self.address), PER_ADDRESS)


class Throttle:
    """Counts attempts. Each counts as failed from its start, so that a hundred at once are no way around the limit."""

    def __init__(self) -> None:
        self._failures: dict[Hashable, deque[datetime]] = {}
        self._swept_at: datetime | None = None

    def start(self, attempt: Attempt, *, now: datetime) -> timedelta:
        """Count an attempt and return zero, or return how long it must wait, which counts nothing."""
        self._sweep(now)
        wait = max(self._wait(key, limit, now) for key, limit in attempt.limits)
        if not wait:
            for key, _ in attempt.limits:
                self._failures.setdefault(key, deque()).append(now)
        return wait

    def succeed(self, attempt: Attempt) -> None:
        """Forget the failures of the access; of its address only this attempt: others may share it."""
        (access, _), (network, _) = attempt.limits
        self._failures.pop(access, None)
        if self._failures.get(network):
            self._failures[network].pop()

    def _wait(self, key: Hashable, limit: int, now: datetime) -> timedelta:
        failures = self._failures.get(key, deque())
        while failures and failures[0] <= now - WINDOW:
            failures.popleft()
        return failures[-limit] + WINDOW - now if len(failures) >= limit else timedelta(0)

    def _sweep(self, now: datetime) -> None:
        """Once a minute, drop what no longer counts: names made up by a guesser must not pile up."""
        if self._swept_at is not None and now - self._swept_at < timedelta(minutes=1):
            return
        self._swept_at = now
        for key in [key for key, failures in self._failures.items() if not failures or failures[-1] <= now - WINDOW]:
            del self._failures[key]


def _network(address: str) -> str:
    """An IPv6 customer has a whole /64 to come from, so that counts as one address."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return ip.exploded[:19] if isinstance(ip, IPv6Address) and not ip.ipv4_mapped else str(ip)
