"""Notifications on their way: one GET each, after the response and never before it, again and again until 200.

A delivery waits in the state file until it is done with, so a restart forgets none. Every attempt is recorded.
Source: https://docs.mangopay.com/webhooks/overview
"""

import asyncio
import heapq
import ipaddress
import logging
import time
from collections import deque
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx

from services.emulator.engine.clock import Clock
from services.emulator.engine.faults import Dispatch, Switchboard
from services.emulator.engine.ids import new_id
from services.emulator.engine.store import Entity, Store

DAY_S = 86_400
TIMEOUT_S = 2.0
# Every ten minutes during the first hour, every eight hours during the next three days, then never again.
RETRY_DELAYS_S = (600.0,) * 6 + (28_800.0,) * 9
WARN_AT = (25, 50, 75)
INVALID_AT = 100
PARALLEL = 10
# What is due this soon is as good as due: with a fast clock whole retry schedules pass in it.
NEXT_MOMENT_S = 0.01
REMEMBERED_ATTEMPTS = 10_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One GET of one notification, as it went."""

    hook_id: str
    url: str
    event_type: str
    resource_id: str
    date: int
    # 1 for the first try, 2 for its first repetition.
    number: int
    started_at: float
    duration_ms: float
    status: int | None
    # Why there is no status, None if there is one.
    reason: str | None

    @property
    def is_success(self) -> bool:
        return self.status == 200


class Outbox:
    """Deliveries by the time they are due, up to ten at once."""

    def __init__(
        self, store: Store, clock: Clock, faults: Switchboard, *, speed: float, deliver_anywhere: bool
    ) -> None:
        self.attempts: deque[Attempt] = deque(maxlen=REMEMBERED_ATTEMPTS)
        self._store = store
        self._clock = clock
        self._faults = faults
        self._speed = speed
        self._deliver_anywhere = deliver_anywhere
        self._due: list[tuple[float, str]] = []
        # Added by a request whose response is not out yet.
        self._fresh: list[Entity] = []
        self._held = 0
        self._in_flight = 0
        self._stopping = False
        self._awake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def add(self, event: Entity) -> None:
        """Queue the notification of an event for the hook of its type, if that hook is enabled and valid."""
        for hook in self._store.hooks.where("EventType", event["EventType"]):
            if _is_listening(hook):
                for dispatch in self._faults.dispatches(event["EventType"], event["ResourceId"]):
                    self._queue(hook, event, dispatch)

    def ping(self, hook: Entity) -> None:
        """Queue the test notification of Mangopay's dashboard: about nothing, dated midnight of today."""
        midnight = self._clock.now() // DAY_S * DAY_S
        self._queue(hook, {"EventType": hook["EventType"], "Date": midnight}, Dispatch(""))

    def call(self, url: str, event: Entity) -> None:
        """Queue a GET of a URL that is no hook, as a report's CallbackURL; it is tried as often as a hook's."""
        self._queue({"Id": "", "Url": url}, event, Dispatch(event["ResourceId"]))

    def _queue(self, hook: Entity, event: Entity, dispatch: Dispatch) -> None:
        delivery = {
            "Id": new_id("delivery_"),
            "HookId": hook["Id"],
            "EventType": event["EventType"],
            "ResourceId": dispatch.resource_id,
            "Date": event["Date"],
            "Attempts": 0,
            "DueAt": self._clock.time() + dispatch.delay_s,
        }
        if not hook["Id"]:
            delivery["Url"] = hook["Url"]
        self._fresh.append(self._store.deliveries.save(delivery))
        self._held += 1
        self._idle.clear()

    def resume(self) -> None:
        """Take up what a former process left, before anything is added."""
        self._due.clear()
        for delivery in self._store.deliveries:
            self._schedule(delivery)

    def collect(self) -> list[Entity]:
        """Return what was added since the last call: all of it by the handler that has just run."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def release(self, deliveries: list[Entity]) -> None:
        """Let these go, now that the response is out."""
        self._held -= len(deliveries)
        for delivery in deliveries:
            self._schedule(delivery)
        self._awake.set()

    async def idle(self) -> None:
        """Return when no delivery is due, about to be, or under way."""
        await self._idle.wait()

    async def run(self) -> None:
        """Deliver until stopped; what is under way then is finished, what waits stays in the state file."""
        async with _client(verify=self._deliver_anywhere) as client, asyncio.TaskGroup() as under_way:
            while not self._stopping:
                self._awake.clear()
                while (delivery := self._take()) is not None:
                    self._in_flight += 1
                    self._idle.clear()
                    under_way.create_task(self._deliver(client, delivery))
                await self._wait()

    def stop(self) -> None:
        self._stopping = True
        self._awake.set()

    def wake(self) -> None:
        """Look again at what is due, now that the clock was moved."""
        self._awake.set()

    def waiting(self) -> list[Entity]:
        """Return the deliveries that are still to be made, the next one first."""
        return sorted(self._store.deliveries, key=lambda delivery: float(delivery["DueAt"]))

    def forget(self, hook: Entity) -> None:
        """Drop everything that waits for a hook."""
        for delivery in self._store.deliveries.where("HookId", hook["Id"]):
            self._store.deliveries.delete(delivery["Id"])

    def _schedule(self, delivery: Entity) -> None:
        heapq.heappush(self._due, (delivery["DueAt"], delivery["Id"]))
        self._idle.clear()

    def _take(self) -> Entity | None:
        """Return the next delivery that is due, unless ten are under way; one that was dropped is passed over."""
        while self._due and self._in_flight < PARALLEL and self._due[0][0] <= self._clock.time():
            _, delivery_id = heapq.heappop(self._due)
            delivery = self._store.deliveries.get(delivery_id)
            if delivery is not None:
                return delivery
        return None

    async def _wait(self) -> None:
        """Sleep until something is added, something is finished, or the next one is due."""
        wait_s = self._due[0][0] - self._clock.time() if self._due else None
        if not self._in_flight and not self._held and (wait_s is None or wait_s > NEXT_MOMENT_S):
            self._idle.set()
        try:
            async with asyncio.timeout(wait_s if self._in_flight < PARALLEL else None):
                await self._awake.wait()
        except TimeoutError:
            pass

    async def _deliver(self, client: httpx.AsyncClient, delivery: Entity) -> None:
        try:
            hook = _callback(delivery) or self._store.hooks.get(delivery["HookId"])
            if hook is None or not _is_listening(hook):
                self._store.deliveries.delete(delivery["Id"])
                return
            attempt = await self._attempt(client, hook, delivery)
            self.attempts.append(attempt)
            self._conclude(hook, delivery, attempt)
            await self._store.flush()
        except Exception:
            # One bad delivery must not end the loop that serves all others.
            log.exception("delivery=%s broke", delivery["Id"])
        finally:
            self._in_flight -= 1
            self._awake.set()

    async def _attempt(self, client: httpx.AsyncClient, hook: Entity, delivery: Entity) -> Attempt:
        url = notification_url(hook["Url"], delivery)
        started_at, clock = self._clock.time(), time.perf_counter()
        status, reason = None, None
        try:
            async with asyncio.timeout(TIMEOUT_S):
                target = httpx.URL(url) if self._deliver_anywhere else await _on_loopback(httpx.URL(url))
                if target is None:
                    reason = "the host is not a loopback address, and this emulator delivers to no other"
                else:
                    host = {"Host": httpx.URL(url).netloc.decode()}
                    status = (await client.get(target, headers=host)).status_code
        except TimeoutError:
            reason = f"no answer within {TIMEOUT_S:g} seconds"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            reason = f"{type(error).__name__}: {error}"
        return Attempt(
            hook_id=hook["Id"],
            url=url,
            event_type=delivery["EventType"],
            resource_id=delivery["ResourceId"],
            date=delivery["Date"],
            number=delivery["Attempts"] + 1,
            started_at=started_at,
            duration_ms=(time.perf_counter() - clock) * 1000,
            status=status,
            reason=reason,
        )

    def _conclude(self, hook: Entity, delivery: Entity, attempt: Attempt) -> None:
        if self._store.deliveries.get(delivery["Id"]) is None:
            # It was dropped, or everything was forgotten, while it was under way.
            return
        if attempt.is_success:
            self._store.deliveries.delete(delivery["Id"])
        else:
            self._retry(delivery)
        if "Url" not in delivery:
            self._count(hook, attempt)

    def _count(self, hook: Entity, attempt: Attempt) -> None:
        """Count the failures in a row of a hook, and give it up at the hundredth."""
        if attempt.is_success:
            if hook["_Failures"]:
                hook["_Failures"] = 0
                self._store.hooks.save(hook)
            return
        hook["_Failures"] += 1
        self._warn(hook, attempt)
        if hook["_Failures"] >= INVALID_AT:
            hook["Validity"] = "INVALID"
            self.forget(hook)
        self._store.hooks.save(hook)

    def _retry(self, delivery: Entity) -> None:
        if delivery["Attempts"] == len(RETRY_DELAYS_S):
            self._store.deliveries.delete(delivery["Id"])
            return
        delivery["DueAt"] = self._clock.time() + RETRY_DELAYS_S[delivery["Attempts"]] / self._speed
        delivery["Attempts"] += 1
        self._schedule(self._store.deliveries.save(delivery))

    def _warn(self, hook: Entity, attempt: Attempt) -> None:
        failures = hook["_Failures"]
        if failures in WARN_AT or failures == INVALID_AT:
            log.warning(
                "hook=%s event_type=%s failures=%d mail_to=%s last=%s",
                *(hook["Id"], hook["EventType"], failures, hook["Email"], attempt.status or attempt.reason),
            )


def notification_url(url: str, delivery: Entity) -> str:
    """Return the hook's URL with what Mangopay appends; `RessourceId` is their spelling."""
    query = urlencode(
        {"EventType": delivery["EventType"], "RessourceId": delivery["ResourceId"], "Date": delivery["Date"]}
    )
    return f"{url}{'&' if '?' in url else '?'}{query}"


def _callback(delivery: Entity) -> Entity | None:
    """Return what stands for the hook of a delivery that goes to a URL of its own."""
    return {"Id": "", "Url": delivery["Url"], "Status": "ENABLED", "Validity": "VALID"} if "Url" in delivery else None


def _is_listening(hook: Entity) -> bool:
    return bool(hook["Status"] == "ENABLED" and hook["Validity"] == "VALID")


def _client(*, verify: bool) -> httpx.AsyncClient:
    """Return a client that checks certificates, for which there is no need and no way on loopback."""
    # A connection each: one kept alive may be closed under a notification, which would count as a failure.
    limits = httpx.Limits(max_connections=PARALLEL, max_keepalive_connections=0)
    client = httpx.AsyncClient(timeout=TIMEOUT_S, limits=limits, verify=verify, follow_redirects=False, trust_env=False)
    # Mangopay's notifications name no user agent.
    del client.headers["User-Agent"]
    return client


async def _on_loopback(url: httpx.URL) -> httpx.URL | None:
    """Return a URL by the loopback address that its host stands for, so that it cannot stand for another by then."""
    if url.host == "localhost":
        return url
    try:
        return url if ipaddress.ip_address(url.host).is_loopback else None
    except ValueError:
        found = await asyncio.get_running_loop().getaddrinfo(url.host, None)
        addresses = sorted({str(address[4][0]) for address in found}, key=len)
        is_loopback = all(ipaddress.ip_address(address).is_loopback for address in addresses)
        return url.copy_with(host=addresses[0]) if is_loopback and addresses else None
