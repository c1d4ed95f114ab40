"""The platform's own people, invited to its dashboard; out of the documentation since 2025, still answered.

Source: https://docs.mangopay.com (SSOs, 2020)
Chosen: whoever names no group may read; an invitation that was accepted cannot be extended.
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
from services.emulator.routes.platform.permission_groups import load_defaults

INVITATION_LIFE_S = 1800


def create(world: World, call: Call) -> Response:
    load_defaults(world)
    fields = Fields(call.body)
    fields.require("FirstName", "LastName", "Email")
    email = fields.email()
    if email and world.store.ssos.where("Email", email):
        fields.refuse("Email", "An SSO has already been registered for this Email")
    sso = {
        "Id": new_id("sso_m_"),
        "CreationDate": world.clock.now(),
        "Tag": fields.text("Tag"),
        "FirstName": fields.text("FirstName", longest=100),
        "LastName": fields.text("LastName", longest=100),
        "Email": email,
        "Active": True,
        "InvitationStatus": "SENT",
        "LastLoginDate": None,
        "PermissionGroupId": _read_group(world, fields) or "READ",
        "ClientId": world.config.client_id,
    }
    fields.check()
    world.store.ssos.save(sso)
    _invite(world, sso)
    return Answer(wire(sso))


def view(world: World, call: Call) -> Response:
    return Answer(wire(_sso(world, call)))


def list_all(world: World, call: Call) -> Response:
    return page(world, call, world.store.ssos.all())


def update(world: World, call: Call) -> Response:
    load_defaults(world)
    sso, fields = _sso(world, call), Fields(call.body)
    email = fields.email()
    if email and email != sso["Email"]:
        fields.refuse("Email", "The Email of an SSO cannot be modified")
    said = {
        "Tag": fields.text("Tag"),
        "FirstName": fields.text("FirstName", longest=100),
        "LastName": fields.text("LastName", longest=100),
        "Active": fields.flag("Active"),
        "PermissionGroupId": _read_group(world, fields),
    }
    fields.check()
    sso |= {name: value for name, value in said.items() if value is not None}
    return Answer(wire(world.store.ssos.save(sso)))


def extend_invitation(world: World, call: Call) -> Response:
    sso = _sso(world, call)
    if sso["InvitationStatus"] == "ACCEPTED":
        raise invalid_action("The invitation has already been accepted")
    _invite(world, sso)
    return Answer(wire(sso))


def expire(world: World, sso_id: str) -> None:
    """End an invitation that nobody accepted, unless it was extended meanwhile."""
    sso = world.store.ssos.get(sso_id)
    if sso is not None and sso["InvitationStatus"] == "SENT" and world.clock.now() >= sso["_InvitedUntil"]:
        sso["InvitationStatus"] = "EXPIRED"
        world.store.ssos.save(sso)


def accept(world: World, sso_id: str, fields: Fields) -> Entity:  # noqa: ARG001  (there is nothing to say)
    """Let somebody follow their invitation and sign in."""
    sso = world.find(world.store.ssos, sso_id, "Sso")
    if sso["InvitationStatus"] == "EXPIRED":
        raise invalid_action("The invitation has expired")
    sso |= {"InvitationStatus": "ACCEPTED", "LastLoginDate": world.clock.now()}
    return wire(world.store.ssos.save(sso))


def _invite(world: World, sso: Entity) -> None:
    sso |= {"InvitationStatus": "SENT", "_InvitedUntil": world.clock.now() + INVITATION_LIFE_S}
    world.store.ssos.save(sso)
    world.later("sso.expire", sso["Id"], after_s=INVITATION_LIFE_S)


def _read_group(world: World, fields: Fields) -> str | None:
    if not fields.has("PermissionGroupId"):
        return None
    return fields.entity("PermissionGroupId", world.store.permission_groups).get("Id")


def _sso(world: World, call: Call) -> Entity:
    return world.find(world.store.ssos, call.params["SsoId"], "Sso")


ROUTES = (
    Route("POST", f"{API}/clients/ssos", create),
    Route("GET", f"{API}/clients/ssos", list_all),
    Route("GET", f"{API}/clients/ssos/{{SsoId}}", view),
    Route("PUT", f"{API}/clients/ssos/{{SsoId}}", update),
    Route("PUT", f"{API}/clients/ssos/{{SsoId}}/extendinvitation", extend_invitation),
)

ACTS = {"sso.expire": expire}
CONTROLS = {"sso.accept": accept}
