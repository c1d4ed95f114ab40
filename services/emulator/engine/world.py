"""What a route may touch: settings, clock, state, credentials, what comes later, and the outbox that tells hooks."""

from dataclasses import dataclass

from services.emulator.engine.access import Access
from services.emulator.engine.agenda import Agenda
from services.emulator.engine.clock import Clock
from services.emulator.engine.config import EmulatorConfig
from services.emulator.engine.errors import not_found
from services.emulator.engine.faults import Switchboard
from services.emulator.engine.ids import new_id
from services.emulator.engine.outbox import Outbox
from services.emulator.engine.store import Collection, Entity, Store

# The setting that holds how far the clock is ahead.
CLOCK = "clock"
# The setting that holds the feeds' story still.
STORY = "story"
# The task that comes every day.
DAILY = "past.forget"


@dataclass(frozen=True, slots=True)
class World:
    config: EmulatorConfig
    clock: Clock
    store: Store
    outbox: Outbox
    faults: Switchboard
    access: Access
    agenda: Agenda
    # What the feeds count their ages from.
    started_at: int

    @property
    def story_s(self) -> int:
        """How far the story of the feeds is, in seconds since the start, unless somebody holds it still."""
        held = self.store.settings.get(STORY)
        return held["At"] if held else max(0, self.clock.now() - self.started_at)

    @property
    def story_began_at(self) -> int:
        """When the story of the feeds began; while it is held, so early that what it has come to has happened."""
        held = self.store.settings.get(STORY)
        return held["BeganAt"] if held else self.started_at

    def hold_story(self, at: int | None) -> None:
        """Hold the story of the feeds at a moment; None lets it go on."""
        if at is None:
            self.store.settings.delete(STORY)
        else:
            self.store.settings.save({"Id": STORY, "At": at, "BeganAt": min(self.started_at, self.clock.now() - at)})

    def emit(self, event_type: str, resource_id: str) -> None:
        """Append an event to the log, and queue its notification if somebody has subscribed."""
        self._log(event_type, resource_id)
        if self.faults.is_doubled(event_type):
            self._log(event_type, resource_id)

    def advance(self, seconds: float) -> None:
        """Let time pass at once; what comes due meanwhile is done by whoever runs the agenda and the outbox."""
        self.clock.lead += seconds
        self.store.settings.save({"Id": CLOCK, "Lead": self.clock.lead})
        self.agenda.wake()
        self.outbox.wake()

    def load(self) -> None:
        """Take up what a former process left in the state file."""
        self.store.load()
        self.resume()

    def reset(self) -> None:
        """Forget everything: what was, what was to come, who was let in or locked out, what shall go wrong."""
        self.store.clear()
        self.outbox.attempts.clear()
        self.access.reset()
        self.faults.set(seed=0, notifications=(), api=())
        self.resume()

    def later(self, act: str, resource_id: str, *, after_s: float = 0) -> None:
        """Let one of ACTS happen to an entity by itself: right after the response, or some seconds later."""
        self.agenda.add(act, resource_id, after_s=after_s)

    async def settle(self) -> None:
        """Do what is due by now; once all of it is in the state file, let its notifications go."""
        self.agenda.run_due(self)
        deliveries = self.outbox.collect()
        try:
            await self.store.flush()
        finally:
            self.outbox.release(deliveries)

    def find(self, collection: Collection, entity_id: str, kind: str) -> Entity:
        """Return the entity with this id; raises ApiError 404 in Mangopay's words."""
        entity = collection.get(entity_id)
        if entity is None:
            raise not_found(kind, entity_id)
        return entity

    def _log(self, event_type: str, resource_id: str) -> None:
        event = {
            "Id": new_id("event_"),
            "ResourceId": resource_id,
            "EventType": event_type,
            "Date": self.clock.now(),
        }
        self.store.events.save(event)
        self.outbox.add(event)

    def resume(self) -> None:
        """Take up what the store holds: the clock's lead, deliveries and tasks."""
        self.clock.lead = (self.store.settings.get(CLOCK) or {}).get("Lead", 0.0)
        self.outbox.resume()
        self.agenda.resume()
        if not any(task["Act"] == DAILY for task in self.store.tasks):
            self.later(DAILY, "daily")
