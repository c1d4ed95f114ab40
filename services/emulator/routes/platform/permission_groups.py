"""Permission groups: what the platform's own people may do; out of the documentation since 2025, still answered.

Source: https://docs.mangopay.com (permission groups, 2020)
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import invalid_action
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.listing import page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.rules.scopes import DEFAULT_GROUPS, read_scopes


def create(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    fields.require("Name")
    group = {
        "Id": new_id("permissiongroup_m_"),
        "Name": fields.text("Name"),
        "Tag": fields.text("Tag"),
        "Type": "CUSTOM",
        "CreationDate": world.clock.now(),
        "Scopes": read_scopes(fields, {}),
    }
    fields.check()
    load_defaults(world)
    return Answer(wire(world.store.permission_groups.save(group)))


def view(world: World, call: Call) -> Response:
    return Answer(wire(_group(world, call)))


def list_all(world: World, call: Call) -> Response:
    load_defaults(world)
    return page(world, call, world.store.permission_groups.all())


def list_ssos(world: World, call: Call) -> Response:
    return page(world, call, world.store.ssos.select("PermissionGroupId", _group(world, call)["Id"]))


def update(world: World, call: Call) -> Response:
    group, fields = _group(world, call), Fields(call.body)
    said = {"Name": fields.text("Name"), "Tag": fields.text("Tag"), "Scopes": read_scopes(fields, group["Scopes"])}
    fields.check()
    if group["Type"] == "DEFAULT":
        raise invalid_action("A default permission group cannot be modified")
    group |= {name: value for name, value in said.items() if value is not None}
    return Answer(wire(world.store.permission_groups.save(group)))


def load_defaults(world: World) -> None:
    """Put the groups of the first day into the store, unless they are there."""
    for group_id, scopes in DEFAULT_GROUPS.items():
        if world.store.permission_groups.get(group_id) is None:
            group = {"Id": group_id, "Name": group_id.capitalize(), "Tag": None, "Type": "DEFAULT"}
            world.store.permission_groups.save({**group, "CreationDate": world.started_at, "Scopes": scopes})


def _group(world: World, call: Call) -> Entity:
    load_defaults(world)
    return world.find(world.store.permission_groups, call.params["PermissionGroupId"], "PermissionGroup")


ROUTES = (
    Route("POST", f"{API}/clients/permissiongroups", create),
    Route("GET", f"{API}/clients/permissiongroups", list_all),
    Route("GET", f"{API}/clients/permissiongroups/{{PermissionGroupId}}", view),
    Route("PUT", f"{API}/clients/permissiongroups/{{PermissionGroupId}}", update),
    Route("GET", f"{API}/clients/permissiongroups/{{PermissionGroupId}}/ssos", list_ssos),
)
