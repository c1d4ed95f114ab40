"""Hooks: one per event type, never deleted, and brought back to life in either of the two documented ways.

Source: https://docs.mangopay.com/api-reference/hooks
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.listing import page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.rules.event_types import EVENT_TYPES


def create(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    fields.require("EventType", "Url")
    event_type = fields.choice("EventType", EVENT_TYPES)
    if event_type and world.store.hooks.where("EventType", event_type):
        fields.refuse("EventType", "A hook has already been registered for this EventType")
    hook = {
        "Url": fields.http_url("Url"),
        "Status": "ENABLED",
        "Validity": "VALID",
        "EventType": event_type,
        "Email": fields.email(),
        "Id": new_id("hook_m_"),
        "Tag": fields.text("Tag"),
        "CreationDate": world.clock.now(),
        "_Failures": 0,
    }
    fields.check()
    return Answer(wire(world.store.hooks.save(hook)))


def view(world: World, call: Call) -> Response:
    return Answer(wire(_hook_of(world, call)))


def list_all(world: World, call: Call) -> Response:
    return page(world, call, world.store.hooks.all())


def update(world: World, call: Call) -> Response:
    hook, fields = _hook_of(world, call), Fields(call.body)
    url, tag, email = fields.http_url("Url"), fields.text("Tag"), fields.email()
    status = fields.choice("Status", ("ENABLED", "DISABLED"))
    # Clients send back all they have read, and a broken hook reads INVALID.
    validity = fields.choice("Validity", ("VALID", "INVALID"))
    fields.check()
    is_switched_on = status == "ENABLED" and hook["Status"] == "DISABLED"
    said = {"Url": url, "Status": status, "Tag": tag, "Email": email}
    hook |= {name: value for name, value in said.items() if value is not None}
    if validity == "VALID" or is_switched_on:
        hook |= {"Validity": "VALID", "_Failures": 0}
    if status == "DISABLED":
        world.outbox.forget(hook)
    return Answer(wire(world.store.hooks.save(hook)))


def _hook_of(world: World, call: Call) -> Entity:
    return world.find(world.store.hooks, call.params["HookId"], "Hook")


ROUTES = (
    Route("POST", f"{API}/hooks", create),
    Route("GET", f"{API}/hooks", list_all),
    Route("GET", f"{API}/hooks/{{HookId}}", view),
    Route("PUT", f"{API}/hooks/{{HookId}}", update),
)
