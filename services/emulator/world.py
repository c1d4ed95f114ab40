"""What a route may touch: settings, clock, state, credentials, and the outbox that tells hooks of events."""

from dataclasses import dataclass

from services.emulator.access import Access
from services.emulator.clock import Clock
from services.emulator.config import EmulatorConfig
from services.emulator.errors import not_found
from services.emulator.ids import new_id
from services.emulator.outbox import Outbox
from services.emulator.store import Collection, Entity, Store


@dataclass(frozen=True, slots=True)
class World:
    config: EmulatorConfig
    clock: Clock
    store: Store
    outbox: Outbox
    access: Access
    # What the feeds count their ages from.
    started_at: int

    def emit(self, event_type: str, resource_id: str) -> None:
        """Append an event to the log, and queue its notification if somebody has subscribed."""
        event = {
            "Id": new_id("event_"),
            "ResourceId": resource_id,
            "EventType": event_type,
            "Date": self.clock.now(),
        }
        self.store.events.save(event)
        self.outbox.add(event)

    def find(self, collection: Collection, entity_id: str, kind: str) -> Entity:
        """Return the entity with this id; raises ApiError 404 in Mangopay's words."""
        entity = collection.get(entity_id)
        if entity is None:
            raise not_found(kind, entity_id)
        return entity
