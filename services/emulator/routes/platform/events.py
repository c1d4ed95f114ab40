"""The event log of the last 45 days, whether anybody has subscribed or not.

Source: https://docs.mangopay.com/api-reference/events
"""

from starlette.responses import Response

from services.emulator.engine.call import Call
from services.emulator.engine.fields import Fields
from services.emulator.engine.listing import page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World

SEARCHABLE_S = 45 * 86_400


def list_all(world: World, call: Call) -> Response:
    _refuse_the_distant_past(world, call)
    return page(world, call, world.store.events.all(), filters=("EventType",), shape=_event)


def _event(event: Entity) -> Entity:
    """Return an event as it is sent: it has no id, and spells ResourceId with one s."""
    return {name: event[name] for name in ("ResourceId", "EventType", "Date")}


def _refuse_the_distant_past(world: World, call: Call) -> None:
    oldest, fields = world.clock.now() - SEARCHABLE_S, Fields({})
    for name in ("AfterDate", "BeforeDate"):
        text = call.query.get(name, "")
        if text.isdecimal() and 0 < int(text) < oldest:
            fields.refuse(name, "Events older than 45 days can not be searched")
    fields.check()


ROUTES = (Route("GET", f"{API}/events", list_all),)
