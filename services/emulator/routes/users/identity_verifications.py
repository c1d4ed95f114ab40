"""Hosted verification: a session to begin, to look at, and to send a person with significant control to once more.

Source: https://docs.mangopay.com/api-reference/identity-verifications
Chosen: an ORGANIZATION may be verified; only what begins a session asks whether the feature is active; a session
begun while another is open is one more.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError, invalid_action, not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.listing import page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.users.users import user_of
from services.emulator.rules import features, identity_sessions, verification
from services.emulator.rules.identity_checks import checks_of
from services.emulator.rules.users import kyc_type

ROW = ("Id", "Status", "CreationDate", "LastUpdate")
UNSUPPORTED = ("PARTNERSHIP",)
PSC_TEXTS = ("FirstName", "LastName", "PscType")


def create(world: World, call: Call) -> Response:
    features.require_hosted_verification(world)
    fields = Fields(call.body)
    user = world.store.users.get(call.params["UserId"])
    if user is None:
        fields.refuse("UserId", "UserId is not valid")
    fields.require("ReturnUrl")
    return_url, tag = fields.text("ReturnUrl", longest=500), fields.text("Tag")
    if fields.refused:
        raise ApiError(400, "param_error", "Missing or incorrect required parameter", fields.refused)
    _refuse_who_cannot_be_verified(user or {})
    return Answer(wire(identity_sessions.begin(world, user or {}, str(return_url), tag)))


def view(world: World, call: Call) -> Response:
    return Answer(wire(_session(world, call.params["SessionId"])))


def list_of_user(world: World, call: Call) -> Response:
    rows = world.store.identity_verifications.select("UserId", user_of(world, call)["Id"])
    return page(world, call, rows, shape=_row)


def retry_psc(world: World, call: Call) -> Response:
    session = _session(world, call.params["SessionId"])
    psc = identity_sessions.find_psc(session, call.params["PscId"])
    if psc is None:
        raise not_found("Psc", call.params["PscId"])
    told = _read_psc(Fields(call.body))
    if session["Status"] != "PENDING" or psc["Status"] == "VALIDATED":
        raise invalid_action("The verification of this person with significant control cannot be retried")
    identity_sessions.retry_psc(world, session, psc, told)
    return Answer(psc)


def decide(world: World, session_id: str, fields: Fields) -> Entity:
    """End a session by hand: `Status`, for a refusal or a review `ReasonType` and `ReasonValue`, or all the `Checks`.

    With `PscId`, `Status` is what becomes of that person.
    """
    session = _session(world, session_id)
    fields.require("Status")
    if fields.has("PscId"):
        return _decide_psc(world, session, fields)
    status = str(fields.choice("Status", (*identity_sessions.TRANSITIONS, "PENDING_PSC_ACTION")))
    reason, value = fields.text("ReasonType"), fields.text("ReasonValue")
    checks = _read_checks(fields)
    fields.check()
    if status == "PENDING_PSC_ACTION":
        _ask_pscs(world, session)
        return wire(session)
    if not identity_sessions.may_become(session, status):
        raise invalid_action(f"A session in status {session['Status']} cannot become {status}")
    if checks is None and reason is not None:
        user = world.find(world.store.users, session["UserId"], "User")
        checks = checks_of(user, status, world.clock.now(), (reason, value or reason))
    identity_sessions.conclude(world, session, status, checks)
    return wire(session)


def _decide_psc(world: World, session: Entity, fields: Fields) -> Entity:
    psc_id, status = fields.text("PscId"), fields.choice("Status", identity_sessions.PSC_STATUSES)
    fields.check()
    psc = identity_sessions.find_psc(session, str(psc_id))
    if psc is None:
        raise not_found("Psc", str(psc_id))
    if psc["Status"] == "VALIDATED" or session["Status"] != "PENDING":
        raise invalid_action("This person with significant control cannot be decided on any more")
    identity_sessions.conclude_psc(world, session, psc, str(status))
    return wire(session)


def _ask_pscs(world: World, session: Entity) -> None:
    user = world.find(world.store.users, session["UserId"], "User")
    if session["Status"] != "PENDING" or session["PSCs"] or user["PersonType"] != "LEGAL":
        raise invalid_action("Only a pending session of a company asks persons with significant control, and once")
    identity_sessions.ask_pscs(world, session)


def _refuse_who_cannot_be_verified(user: Entity) -> None:
    verification.require_owner(user)
    if kyc_type(user) in UNSUPPORTED:
        raise invalid_action(f"This feature is not available for Legal Users of type {kyc_type(user)}.")


def _read_psc(fields: Fields) -> Entity:
    told: Entity = {name: fields.text(name, longest=100) for name in PSC_TEXTS}
    told |= {"Email": fields.email(), "DateOfBirth": fields.number("DateOfBirth")}
    told |= {name: fields.country(name) for name in ("Country", "Nationality")}
    fields.check()
    return {name: value for name, value in told.items() if value is not None}


def _read_checks(fields: Fields) -> list[Entity] | None:
    checks = fields.body.get("Checks")
    if checks is None:
        return None
    if not isinstance(checks, list) or not all(isinstance(check, dict) for check in checks):
        fields.refuse("Checks", f"The value {checks} is not valid")
        return None
    return checks


def _row(session: Entity) -> Entity:
    return {name: session[name] for name in ROW}


def _session(world: World, session_id: str) -> Entity:
    return world.find(world.store.identity_verifications, session_id, "IdentityVerification")


ROUTES = (
    Route("POST", f"{API}/users/{{UserId}}/identity-verifications", create),
    Route("GET", f"{API}/users/{{UserId}}/identity-verifications", list_of_user),
    Route("GET", f"{API}/identity-verifications/{{SessionId}}", view),
    Route("PUT", f"{API}/identity-verifications/{{SessionId}}/pscs/{{PscId}}/retry", retry_psc),
)

ACTS = {"identity_verification.expire": identity_sessions.expire}
CONTROLS = {"identity_verification.decide": decide}
