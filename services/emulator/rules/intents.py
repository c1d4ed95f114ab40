"""What was paid elsewhere: intents with their line items, and the amounts that are captured, refunded or disputed.

An amount always belongs to a line item; those of the intent are sums. No money moves here: a third party holds it until
a settlement arrives.
Source: https://docs.mangopay.com/api-reference/intents/intent-object

Chosen: an intent that was partly captured, refunded or disputed says so by PARTIALLY_; one whose dispute was won is
CAPTURED again, one whose dispute was lost stays DISPUTED; before any capture all of it counts as available to split,
though it cannot be split yet.
"""

import uuid
from collections.abc import Callable

from services.emulator.engine.errors import invalid_action, not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World

EXTERNAL_TEXTS = (
    *("ExternalProviderReference", "ExternalMerchantReference"),
    *("ExternalProviderName", "ExternalProviderPaymentMethod"),
)
EXTERNAL = ("ExternalProcessingDate", *EXTERNAL_TEXTS)
NEXT_ACTIONS = {
    "AUTHORIZED": "CAPTURE, CANCEL",
    "PARTIALLY_CAPTURED": "CAPTURE, REFUND, DISPUTE",
    "CAPTURED": "REFUND, DISPUTE",
    "PARTIALLY_REFUNDED": "REFUND, REVERSE_REFUND, DISPUTE",
    "REFUNDED": "REVERSE_REFUND",
    "REFUND_REVERSED": "REFUND, DISPUTE",
    "PARTIALLY_DISPUTED": "REFUND, DEFEND, WIN_DISPUTE, LOSE_DISPUTE",
    "DISPUTED": "DEFEND, WIN_DISPUTE, LOSE_DISPUTE",
    "CANCELED": "",
}
# An amount of a line item, or what of it is left.
Amount = Callable[[Entity], int]


def new_uuid_id(prefix: str) -> str:
    return f"{prefix}{uuid.uuid4()}"


def shown(intent: Entity) -> Entity:
    """Return an intent as it is sent; the name of its provider stands in its ExternalData."""
    return {name: value for name, value in intent.items() if name[0] != "_" and name != "ExternalProviderName"}


def objects(fields: Fields, name: str) -> list[Fields]:
    """Return the objects of a list, to be read one by one; none, and a refusal, if it holds anything else."""
    rows = fields.body.get(name)
    if rows is None:
        return []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        fields.refuse(name, f"The value of {name} is not valid")
        return []
    return [Fields(row, f"{fields.path}{name}[{at}].", fields.refused) for at, row in enumerate(rows)]


def read_external(fields: Fields) -> Entity:
    """Return what was sent of ExternalData; its date may be a number or a text, as clients send both."""
    inner = fields.within("ExternalData")
    values: Entity = {name: inner.text(name) for name in EXTERNAL_TEXTS}
    date = inner.body.get("ExternalProcessingDate")
    values["ExternalProcessingDate"] = (
        inner.text("ExternalProcessingDate") if isinstance(date, str) else inner.number("ExternalProcessingDate")
    )
    return {name: values[name] for name in EXTERNAL if values[name] is not None}


def capturable(item: Entity) -> int:
    return int(item["TotalLineItemAmount"] - item["CanceledAmount"] - item["CapturedAmount"])


def refundable(item: Entity) -> int:
    return int(item["CapturedAmount"] - item["RefundedAmount"] - item["DisputedAmount"])


def read_parts(fields: Fields, intent: Entity, left: Amount) -> list[Entity]:
    """Return `{"Id", "Amount"}` of every line item an action touches: those sent, or all that is left of all.

    Raises ApiError 400 for more than is left, and if nothing is.
    """
    all_parts = _parts({item["Id"]: left(item) for item in intent["LineItems"]})
    amount, rows = fields.number("Amount"), objects(fields, "LineItems")
    fields.check()
    if not all_parts:
        raise invalid_action(f"The Status {intent['Status']} of this Intent does not allow this action")
    if not rows and amount not in (None, total(all_parts)):
        fields.refuse("LineItems", "The LineItems field is required.")
    parts = _read_rows(rows, intent, left) if rows else all_parts
    if rows and amount is not None and amount != total(parts) and not fields.refused:
        fields.refuse("Amount", "The Amount must equal the sum of the amounts of all LineItems")
    fields.check()
    return parts


def total(parts: list[Entity]) -> int:
    return sum(part["Amount"] for part in parts)


def add_to_items(intent: Entity, name: str, parts: list[Entity], sign: int = 1) -> None:
    """Add the amounts of an action to its line items, or take them away again."""
    items = {item["Id"]: item for item in intent["LineItems"]}
    for part in parts:
        items[part["Id"]][name] += sign * part["Amount"]


def add_action(
    world: World, intent: Entity, list_name: str, parts: list[Entity], *, prefix: str, status: str
) -> Entity:
    """Append a capture, a refund or a dispute to its intent."""
    action = {
        "Id": new_uuid_id(prefix),
        "CreationDate": world.clock.now(),
        "ExecutionDate": world.clock.now(),
        "Amount": total(parts),
        "Status": status,
        "LineItems": parts,
    }
    intent[list_name].append(action)
    return action


def find_action(intent: Entity, list_name: str, action_id: str) -> Entity:
    """Return a capture, a refund, a dispute of an intent; raises ApiError 404."""
    for action in intent[list_name]:
        if action["Id"] == action_id:
            found: Entity = action
            return found
    raise not_found(list_name.removesuffix("s"), action_id)


def save(world: World, intent: Entity, status: str | None = None) -> Entity:
    """Note what an action has changed: the status, unless it stays, what comes next, and what is left to split."""
    intent["Status"] = status or intent["Status"]
    intent["NextActions"] = NEXT_ACTIONS[intent["Status"]]
    intent["AvailableAmountToSplit"] = available(intent)
    return world.store.intents.save(intent)


def available(intent: Entity) -> int:
    """Return how much may still be split among the sellers."""
    is_captured = any(item["CapturedAmount"] for item in intent["LineItems"])
    base = "CapturedAmount" if is_captured else "TotalLineItemAmount"
    taken = ("RefundedAmount", "DisputedAmount", "SplitAmount", *(() if is_captured else ("CanceledAmount",)))
    return sum(item[base] - sum(item[name] for name in taken) for item in intent["LineItems"])


def declared(intent: Entity) -> int:
    """Return what a settlement should bring for an intent: what was captured and neither refunded nor disputed."""
    return sum(refundable(item) for item in intent["LineItems"])


def settled_status(intent: Entity, name: str, whole: str) -> str:
    """Return `whole`, or that it is so for a part: refunded or disputed of what was captured."""
    captured = sum(item["CapturedAmount"] for item in intent["LineItems"])
    return whole if sum(item[name] for item in intent["LineItems"]) >= captured else f"PARTIALLY_{whole}"


def _read_rows(rows: list[Fields], intent: Entity, left: Amount) -> list[Entity]:
    items = {item["Id"]: item for item in intent["LineItems"]}
    wanted: dict[str, int] = {}
    for row in rows:
        row.require("Id", "Amount")
        item_id, amount = row.text("Id"), row.number("Amount") or 0
        if item_id is not None and item_id not in items:
            row.refuse("Id", f"The value {item_id} is not valid")
        elif item_id is not None:
            wanted[item_id] = wanted.get(item_id, 0) + amount
            if amount < 1 or wanted[item_id] > left(items[item_id]):
                row.refuse("Amount", "The Amount exceeds what is left of this line item")
    return _parts(wanted)


def _parts(amounts: dict[str, int]) -> list[Entity]:
    return [{"Id": item_id, "Amount": amount} for item_id, amount in amounts.items() if amount > 0]
