"""Recipients: accounts that users are paid out to, and pay in from, each confirmed by its owner.

Source: https://docs.mangopay.com/api-reference/recipients
Chosen: a recipient of an OWNER who has yet to enrol waits for the hosted page like any other; one that needs no page
is ACTIVE in the answer to its creation.
"""

from dataclasses import replace

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import invalid_action, not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.listing import page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.users.users import user_of
from services.emulator.rules import recipients, sca
from services.emulator.rules.recipient_checks import RecipientError, read
from services.emulator.rules.recipient_fields import SCOPES
from services.emulator.rules.users import contact, is_owner, refuse_closed

# The code of Mangopay's service for strong authentication when it may not be asked about a PAYER.
NOT_AN_OWNER = "2815488948686553431"
NO_EMAIL = "KAR_0042"


def validate(world: World, call: Call) -> Response:
    """Say nothing if a recipient could be made of this, and what is wrong with it if not."""
    _owner_of(world, call)
    read(world, call.body)
    return Response(status_code=200)


def create(world: World, call: Call) -> Response:
    user = _owner_of(world, call)
    context = _read_context(call.body)
    data = read(world, call.body)
    recipient_id, action = new_id("rec_"), None
    if data.get("RecipientScope", "PAYOUT") == "PAYOUT":
        _check_owner(user)
        action = sca.challenge(
            world,
            user,
            context=context,
            scope="RecipientRegistration",
            resource_id=recipient_id,
            on_success="recipient.activate",
            on_failure="recipient.cancel",
            on_expiry="recipient.cancel",
        )
    recipient = recipients.new(
        data, recipient_id=recipient_id, user_id=user["Id"], status="PENDING", created_at=world.clock.now()
    )
    world.store.recipients.save(recipient)
    if action is not None:
        return Answer(wire(recipient) | {"PendingUserAction": action}, status_code=201)
    recipients.activate(world, recipient_id)
    return Answer(wire(recipient), status_code=201)


def view(world: World, call: Call) -> Response:
    return Answer(wire(_recipient_of(world, call)))


def list_of_user(world: World, call: Call) -> Response:
    """List those of one scope, to be paid out to unless another is asked for."""
    query = {name: value for name, value in call.query.items() if name.lower() != "recipientscope"}
    asked = next((value for name, value in call.query.items() if name.lower() == "recipientscope"), "") or "PAYOUT"
    if asked.upper() not in (*SCOPES, "ALL"):
        raise RecipientError({"RecipientScope": "NOT_IN_ALLOWED_VALUES"})
    if asked.upper() != "ALL":
        query["RecipientScope"] = asked
    rows = world.store.recipients.select("UserId", user_of(world, call)["Id"])
    return page(
        world,
        replace(call, query=query),
        rows,
        filters=("RecipientScope", "Status"),
        shape=recipients.row,
        newest_first=True,
    )


def update(world: World, call: Call) -> Response:
    recipient, status = _recipient_of(world, call), call.body.get("Status")
    if status in (None, ""):
        raise RecipientError({"Status": "REQUIRED"})
    if status != "DEACTIVATED":
        raise RecipientError({"Status": "NOT_IN_ALLOWED_VALUES"})
    return Answer(wire(recipients.deactivate(world, recipient)))


def decide(world: World, recipient_id: str, fields: Fields) -> Entity:
    """Confirm a PENDING recipient as its owner would on the hosted page (`VALIDATE`), or not (`CANCEL`)."""
    fields.require("Decision")
    decision = fields.choice("Decision", ("VALIDATE", "CANCEL"))
    fields.check()
    recipient = world.find(world.store.recipients, recipient_id, "Recipient")
    if recipient["Status"] != "PENDING":
        raise invalid_action(f"The recipient is {recipient['Status']} already")
    if decision == "VALIDATE":
        recipients.activate(world, recipient_id)
    else:
        recipients.cancel(world, recipient_id)
    return recipient


def _owner_of(world: World, call: Call) -> Entity:
    user = world.store.users.get(call.params["UserId"])
    if user is None:
        raise RecipientError({"UserId": "USER_NOT_FOUND"})
    refuse_closed(user)
    return user


def _check_owner(user: Entity) -> None:
    if not is_owner(user):
        raise RecipientError({"SCA": NOT_AN_OWNER})
    if user["PersonType"] == "LEGAL" and not contact(user)["Email"]:
        raise RecipientError({"SCA": NO_EMAIL})


def _read_context(body: Entity) -> str | None:
    context = body.get("ScaContext")
    if context in (None, ""):
        return None
    if context not in sca.CONTEXTS:
        raise RecipientError({"ScaContext": "NOT_IN_ALLOWED_VALUES"})
    return str(context)


def _recipient_of(world: World, call: Call) -> Entity:
    recipient = world.store.recipients.get(call.params["RecipientId"])
    if recipient is None:
        raise not_found("Recipient", call.params["RecipientId"])
    return recipient


OF_USER = f"{API}/users/{{UserId}}/recipients"
ROUTES = (
    Route("POST", OF_USER, create),
    Route("GET", OF_USER, list_of_user),
    Route("POST", f"{OF_USER}/validate", validate),
    Route("GET", f"{API}/recipients/{{RecipientId}}", view),
    Route("PUT", f"{API}/recipients/{{RecipientId}}", update),
)

ACTS = {"recipient.activate": recipients.activate, "recipient.cancel": recipients.cancel}

CONTROLS = {"recipient.decide": decide}
