"""What becomes of an intent: captured, cancelled, refunded, the refund undone, disputed, the dispute decided.

Source: https://docs.mangopay.com/api-reference/intents

Chosen: each action answers with the whole intent and the id of what it has made; ExternalData may be left out, then
that of the intent holds.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import invalid_action
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes.echo.intents import INTENTS, intent_of, note_reference
from services.emulator.rules import intents as rules

# What a decision makes of a dispute, and the event that tells.
DECISIONS = {
    "DEFENDED": "INTENT_DISPUTE_DEFENDED",
    "DISPUTED_WON": "INTENT_DISPUTE_WON",
    "DISPUTED_LOST": "INTENT_DISPUTE_LOST",
}


def capture(world: World, call: Call) -> Response:
    intent, fields = intent_of(world, call), Fields(call.body)
    parts, external = rules.read_parts(fields, intent, rules.capturable), _read_external(fields, intent)
    rules.add_to_items(intent, "CapturedAmount", parts)
    made = rules.add_action(world, intent, "Captures", parts, prefix="int_capture_", status="CAPTURED")
    is_whole = not any(rules.capturable(item) for item in intent["LineItems"])
    note_reference(intent, external)
    rules.save(world, intent, "CAPTURED" if is_whole else "PARTIALLY_CAPTURED")
    world.emit("INTENT_CAPTURED", intent["Id"])
    return _answer(intent, external, "Capture", made)


def cancel(world: World, call: Call) -> Response:
    intent, fields = intent_of(world, call), Fields(call.body)
    if intent["Status"] != "AUTHORIZED":
        raise invalid_action("Only an Intent that is AUTHORIZED can be canceled")
    parts, external = rules.read_parts(fields, intent, rules.capturable), _read_external(fields, intent)
    rules.add_to_items(intent, "CanceledAmount", parts)
    is_whole = not any(rules.capturable(item) for item in intent["LineItems"])
    note_reference(intent, external)
    rules.save(world, intent, "CANCELED" if is_whole else None)
    return _answer(intent, external)


def refund(world: World, call: Call) -> Response:
    intent, fields = intent_of(world, call), Fields(call.body)
    parts, external = rules.read_parts(fields, intent, rules.refundable), _read_external(fields, intent)
    _refuse_what_is_split(intent, rules.total(parts))
    rules.add_to_items(intent, "RefundedAmount", parts)
    made = rules.add_action(world, intent, "Refunds", parts, prefix="int_refund_", status="REFUNDED")
    note_reference(intent, external)
    rules.save(world, intent, rules.settled_status(intent, "RefundedAmount", "REFUNDED"))
    world.emit("INTENT_REFUNDED", intent["Id"])
    return _answer(intent, external, "Refund", made)


def reverse_refund(world: World, call: Call) -> Response:
    intent, fields = intent_of(world, call), Fields(call.body)
    made = rules.find_action(intent, "Refunds", call.params["RefundId"])
    amount, external = fields.number("Amount"), _read_external(fields, intent)
    if amount not in (None, made["Amount"]):
        fields.refuse("Amount", "Only the amount that was refunded can be reversed")
    fields.check()
    if made["Status"] != "REFUNDED":
        raise invalid_action("The Refund has already been reversed")
    made["Status"] = "REFUND_REVERSED"
    rules.add_to_items(intent, "RefundedAmount", made["LineItems"], -1)
    note_reference(intent, external)
    rules.save(world, intent, "REFUND_REVERSED")
    world.emit("INTENT_REFUND_REVERSED", intent["Id"])
    return _answer(intent, external, "Refund", made)


def dispute(world: World, call: Call) -> Response:
    intent, fields = intent_of(world, call), Fields(call.body)
    captured = rules.find_action(intent, "Captures", call.params["CaptureId"])
    within = {part["Id"]: part["Amount"] for part in captured["LineItems"]}

    def disputable(item: Entity) -> int:
        return int(min(within.get(item["Id"], 0), rules.refundable(item)))

    parts, external = rules.read_parts(fields, intent, disputable), _read_external(fields, intent)
    _refuse_what_is_split(intent, rules.total(parts))
    rules.add_to_items(intent, "DisputedAmount", parts)
    made = rules.add_action(world, intent, "Disputes", parts, prefix="int_dispute_", status="DISPUTED")
    note_reference(intent, external)
    rules.save(world, intent, rules.settled_status(intent, "DisputedAmount", "DISPUTED"))
    world.emit("INTENT_DISPUTE_CREATED", intent["Id"])
    return _answer(intent, external, "Dispute", made)


def decide(world: World, call: Call) -> Response:
    intent, fields = intent_of(world, call), Fields(call.body)
    rules.find_action(intent, "Captures", call.params["CaptureId"])
    made = rules.find_action(intent, "Disputes", call.params["DisputeId"])
    fields.require("Decision")
    decision = str(fields.choice("Decision", DECISIONS))
    fields.check()
    if made["Status"] not in ("DISPUTED", "DEFENDED"):
        raise invalid_action(f"The Dispute has already been decided as {made['Status']}")
    made["Status"] = decision
    if decision == "DISPUTED_WON":
        rules.add_to_items(intent, "DisputedAmount", made["LineItems"], -1)
    is_disputed = any(item["DisputedAmount"] for item in intent["LineItems"])
    rules.save(world, intent, None if is_disputed else "CAPTURED")
    world.emit(DECISIONS[decision], intent["Id"])
    return _answer(intent, intent["ExternalData"], "Dispute", made)


def _read_external(fields: Fields, intent: Entity) -> Entity:
    """Return the data of an action: what was sent, and for the rest that of the intent."""
    sent = rules.read_external(fields)
    fields.check()
    return {**intent["ExternalData"], **sent}


def _refuse_what_is_split(intent: Entity, amount: int) -> None:
    if amount > rules.available(intent):
        raise invalid_action("The amount has been split among sellers: reverse the splits first")


def _answer(intent: Entity, external: Entity, name: str | None = None, made: Entity | None = None) -> Response:
    """Answer with the intent as the action sees it."""
    body = rules.shown(intent) | {"ExternalData": external}
    return Answer(body | {name: {"Id": made["Id"]}} if name and made else body)


ROUTES = (
    Route("POST", f"{INTENTS}/{{IntentId}}/captures", capture),
    Route("POST", f"{INTENTS}/{{IntentId}}/cancel", cancel),
    Route("POST", f"{INTENTS}/{{IntentId}}/refunds", refund),
    Route("POST", f"{INTENTS}/{{IntentId}}/refunds/{{RefundId}}/reverse", reverse_refund),
    # The documentation writes `capture`, the clients `captures`.
    *(
        route
        for captures in ("captures", "capture")
        for route in (
            Route("POST", f"{INTENTS}/{{IntentId}}/{captures}/{{CaptureId}}/disputes", dispute),
            Route("PUT", f"{INTENTS}/{{IntentId}}/{captures}/{{CaptureId}}/disputes/{{DisputeId}}/decision", decide),
        )
    ),
)
