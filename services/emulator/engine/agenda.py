"""What happens by itself, now or later: a payout reaches the bank, a payment page expires, a deadline passes.

A task waits in the store until it is done, so a restart forgets none; acts go by name, because functions cannot be
stored. Each runs at the time it was due, even if nobody looked for days: what it dates is dated then.
"""

import asyncio
import heapq
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from services.emulator.engine.clock import Clock
from services.emulator.engine.ids import new_id
from services.emulator.engine.store import Store

if TYPE_CHECKING:
    from services.emulator.engine.world import World

# What is done to the entity with this id; an act finds out by itself whether there is anything left to do.
Act = Callable[["World", str], None]

log = logging.getLogger(__name__)


class Agenda:
    """Tasks by the time they are due."""

    def __init__(self, store: Store, clock: Clock, acts: Mapping[str, Act]) -> None:
        self._store = store
        self._clock = clock
        self._acts = acts
        self._due: list[tuple[float, str]] = []
        self._awake = asyncio.Event()
        self._is_led_by_story = False

    def add(self, act: str, resource_id: str, *, after_s: float = 0) -> None:
        """Let an act of ACTS happen to an entity, right after the response or some seconds later."""
        if act not in self._acts:
            raise KeyError(f"nobody knows how to {act}")
        task_id, due_at = new_id("task_"), self._clock.time() + after_s
        self._store.tasks.save({"Id": task_id, "Act": act, "ResourceId": resource_id, "DueAt": due_at})
        self._schedule(due_at, task_id)

    def resume(self) -> None:
        """Take up what a former process left; called after the store has been loaded or emptied."""
        self._due.clear()
        for task in self._store.tasks:
            self._schedule(task["DueAt"], task["Id"])

    @contextmanager
    def led_by_story(self) -> Iterator[None]:
        """Let only the told time bring things about, until all is told: today's would overtake the story."""
        self._is_led_by_story = True
        try:
            yield
        finally:
            self._is_led_by_story = False
            self._awake.set()

    def is_due(self) -> bool:
        if self._is_led_by_story and not self._clock.is_told:
            return False
        return bool(self._due) and self._due[0][0] <= self._clock.time()

    def run_due(self, world: "World") -> None:
        """Do everything that is due, in order, and what comes due by it."""
        while self.is_due():
            due_at, task_id = heapq.heappop(self._due)
            task = self._store.tasks.get(task_id)
            if task is None:
                continue
            self._store.tasks.delete(task_id)
            try:
                with self._clock.at(due_at):
                    self._acts[task["Act"]](world, task["ResourceId"])
            except Exception:
                # One bad act must not end the loop that serves all others.
                log.exception("act=%s resource=%s broke", task["Act"], task["ResourceId"])

    async def wait(self) -> None:
        """Return when something may be due: it is, something was added, or the clock was moved."""
        has_next = self._due and not self._is_led_by_story
        wait_s = max(0.0, self._due[0][0] - self._clock.time()) if has_next else None
        try:
            async with asyncio.timeout(wait_s):
                await self._awake.wait()
        except TimeoutError:
            return
        # Only now: whoever woke it while it was not waiting must not have done so in vain.
        self._awake.clear()

    def wake(self) -> None:
        self._awake.set()

    def _schedule(self, due_at: float, task_id: str) -> None:
        heapq.heappush(self._due, (due_at, task_id))
        self._awake.set()
