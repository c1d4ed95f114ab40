"""Whether a user's money may come in and go out, since when they are verified, and until when that holds.

Blocking is Mangopay's own doing, so the control plane does it here.
Source: https://docs.mangopay.com/api-reference/users/regulatory
"""

from datetime import UTC, datetime

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import invalid_action
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes.users.users import user_of
from services.emulator.rules import blocks, verification


def view(world: World, call: Call) -> Response:
    return Answer(_status(user_of(world, call)))


def block(world: World, user_id: str, fields: Fields) -> Entity:
    """Block `Inflows`, `Outflows`, or both if neither is named, for the reason `ActionCode` tells."""
    user, flows = _user(world, user_id), _read_flows(fields)
    action_code = fields.matching("ActionCode", r"\d{6}")
    fields.check()
    blocks.block(world, user, flows, action_code)
    return _status(user)


def unblock(world: World, user_id: str, fields: Fields) -> Entity:
    user, flows = _user(world, user_id), _read_flows(fields)
    fields.check()
    blocks.unblock(world, user, flows)
    return _status(user)


def renew_kyc(world: World, user_id: str, fields: Fields) -> Entity:
    """Ask a REGULAR user to be verified anew (`Status` REQUIRED), or take it as done (RENEWED, if nothing is said)."""
    user, status = _user(world, user_id), fields.choice("Status", ("REQUIRED", "RENEWED"))
    fields.check()
    if user["KYCLevel"] != "REGULAR":
        raise invalid_action("Only the verification of a REGULAR user can be renewed")
    if status == "REQUIRED":
        verification.ask_to_renew(world, user)
    else:
        verification.renew(world, user)
    return _status(user)


def _status(user: Entity) -> Entity:
    return {
        "ActionCode": blocks.action_code(user),
        "ScopeBlocked": {flow: blocks.is_blocked(user, flow) for flow in blocks.FLOWS},
        "Id": user["Id"],
        "KycInformation": {
            "LastKycDate": _day(user.get("_LastKycDate")),
            "KycRenewalDeadline": _day(verification.kyc_deadline(user)),
        },
    }


def _read_flows(fields: Fields) -> tuple[str, ...]:
    said = {flow: fields.flag(flow) for flow in blocks.FLOWS}
    return tuple(flow for flow in blocks.FLOWS if said[flow]) or blocks.FLOWS


def _user(world: World, user_id: str) -> Entity:
    return world.find(world.store.users, user_id, "User")


def _day(moment: int | None) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment, UTC).date().isoformat()


ROUTES = (
    Route("GET", f"{API}/users/{{UserId}}/regulatory", view),
    # Its older name.
    Route("GET", f"{API}/users/{{UserId}}/blockStatus", view),
)

ACTS = {"user.remind_of_renewal": verification.remind_of_renewal}
CONTROLS = {"user.block": block, "user.unblock": unblock, "user.renew_kyc": renew_kyc}
