"""Splits: which seller is to get how much of an intent, and when.

Source: https://docs.mangopay.com/api-reference/intents/create-intent-split

Chosen: the FeesAmount of a split is at most its SplitAmount; several splits of one call are made all or none.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import invalid_action, not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.listing import page
from services.emulator.engine.router import Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes.echo.intents import INTENTS, intent_of
from services.emulator.rules import intents, splits

FILTERS = ("Status", "ExternalProviderName", "Currency")


def create(world: World, call: Call) -> Response:
    intent, fields = intent_of(world, call), Fields(call.body)
    rows = intents.objects(fields, "Splits")
    if not rows:
        fields.refuse("Splits", "The Splits field is required.")
    made = [_read(world, row, intent) for row in rows]
    fields.check()
    if not any(item["CapturedAmount"] for item in intent["LineItems"]):
        raise invalid_action("Only an Intent that is PARTIALLY_CAPTURED or CAPTURED can be split")
    _refuse_too_much(fields, intent, made)
    for split in made:
        _take(intent, split)
        splits.begin(world, intent, split)
    return Answer({"Splits": [splits.shown(split) for split in made]})


def view(world: World, call: Call) -> Response:
    return Answer(splits.shown(_split_of(world, call)))


def list_all(world: World, call: Call) -> Response:
    return page(world, call, world.store.splits.all(), filters=FILTERS, shape=splits.shown)


def update(world: World, call: Call) -> Response:
    split, intent = _split_of(world, call), intent_of(world, call)
    if split["Status"] not in splits.OPEN:
        raise invalid_action(f"The Status {split['Status']} of this Split does not allow it to be updated")
    fields = Fields(call.body)
    changed = split | _read_changes(world, fields, intent, split)
    fields.check()
    _refuse_too_much(fields, intent, [changed], spared=split)
    _give_back(intent, split)
    split |= changed
    _take(intent, split)
    world.store.splits.save(split)
    splits.note_in_intent(world, intent, split)
    splits.schedule(world, split)
    return Answer(splits.shown(split))


def execute(world: World, call: Call) -> Response:
    split = _split_of(world, call)
    splits.execute(world, split)
    return Answer(splits.shown(split))


def reverse(world: World, call: Call) -> Response:
    split = _split_of(world, call)
    splits.reverse(world, split)
    return Answer(splits.shown(split))


def _split_of(world: World, call: Call) -> Entity:
    intent, split_id = intent_of(world, call), call.params["SplitId"]
    split = world.store.splits.get(split_id)
    if split is None or split["_IntentId"] != intent["Id"]:
        raise not_found("Split", split_id)
    return split


def _read(world: World, row: Fields, intent: Entity) -> Entity:
    row.require("LineItemId", "SplitAmount")
    item = _item(row, intent)
    now, amounts = world.clock.now(), _read_amounts(row)
    return {
        "Id": intents.new_uuid_id("int_split_"),
        "LineItemId": item.get("Id"),
        "SellerId": item.get("Seller", {}).get("AuthorId"),
        "WalletId": _wallet(world, row, "WalletId", intent) or item.get("Seller", {}).get("WalletId"),
        "SplitAmount": amounts.get("SplitAmount", 0),
        "FeesAmount": amounts.get("FeesAmount", 0),
        "TransferDate": row.number("TransferDate"),
        "Description": row.text("Description"),
        "Status": "CREATED",
        "SplitOriginWalletId": _wallet(world, row, "SplitOriginWalletId", intent) or item.get("SplitOriginWalletId"),
        "UnfundedSellerAmount": 0,
        "CreationDate": now,
        "ExternalProviderName": intent["ExternalProviderName"],
        "Currency": intent["Currency"],
        "_IntentId": intent["Id"],
        "_CreatedAt": now,
        "_ExecutedAt": None,
        "_DatedAt": now,
    }


def _read_changes(world: World, fields: Fields, intent: Entity, split: Entity) -> Entity:
    """Return what is to be changed of a split; its line item leads to its seller."""
    changes = _read_amounts(fields, split)
    if fields.has("LineItemId"):
        item = _item(fields, intent)
        seller = item.get("Seller", {})
        changes |= {"LineItemId": item.get("Id"), "SellerId": seller.get("AuthorId")}
        if item.get("Id") != split["LineItemId"]:
            changes["WalletId"] = seller.get("WalletId")
    if fields.has("TransferDate"):
        changes |= {"TransferDate": fields.number("TransferDate"), "_DatedAt": world.clock.now()}
    if fields.has("Description"):
        changes["Description"] = fields.text("Description")
    for name in ("WalletId", "SplitOriginWalletId"):
        if fields.has(name):
            changes[name] = _wallet(world, fields, name, intent)
    return changes


def _read_amounts(fields: Fields, known: Entity | None = None) -> Entity:
    """Return the amounts that were sent, refusing what makes no split together with those known."""
    sent: Entity = {name: fields.number(name) for name in ("SplitAmount", "FeesAmount") if fields.has(name)}
    both = {"SplitAmount": 0, "FeesAmount": 0} | (known or {}) | {k: v for k, v in sent.items() if v is not None}
    if both["SplitAmount"] < 1:
        fields.refuse("SplitAmount", "The field SplitAmount must be greater than or equal to 1.")
    if not 0 <= both["FeesAmount"] <= both["SplitAmount"]:
        fields.refuse("FeesAmount", "The FeesAmount must be between 0 and the SplitAmount")
    return sent


def _item(fields: Fields, intent: Entity) -> Entity:
    item_id = fields.text("LineItemId")
    found: Entity = next((item for item in intent["LineItems"] if item["Id"] == item_id), {})
    if item_id is not None and not found:
        fields.refuse("LineItemId", f"The value {item_id} is not valid")
    return found


def _wallet(world: World, fields: Fields, name: str, intent: Entity) -> str | None:
    wallet = fields.entity(name, world.store.wallets) if fields.has(name) else {}
    if wallet and wallet["Currency"] != intent["Currency"]:
        fields.refuse(name, f"The currency of the wallet must be {intent['Currency']}")
    return wallet.get("Id")


def _refuse_too_much(fields: Fields, intent: Entity, made: list[Entity], spared: Entity | None = None) -> None:
    """Refuse splits of more than is left of the intent or of a line item, if `spared` were not there."""
    if _sum(made) > intents.available(intent) + (spared["SplitAmount"] if spared else 0):
        message = "The sum of the SplitAmount must be lower than or equal to the AvailableAmountToSplit of the Intent"
        fields.refuse("SplitAmount", message)
    for item in intent["LineItems"]:
        left = intents.refundable(item) - item["SplitAmount"] + _sum([spared] if spared else [], item["Id"])
        if _sum(made, item["Id"]) > left:
            fields.refuse("SplitAmount", "The SplitAmount exceeds what is left of the line item")
    fields.check()


def _sum(made: list[Entity], item_id: str | None = None) -> int:
    return sum(split["SplitAmount"] for split in made if item_id in (None, split["LineItemId"]))


def _take(intent: Entity, split: Entity) -> None:
    parts = [{"Id": split["LineItemId"], "Amount": split["SplitAmount"]}]
    intents.add_to_items(intent, "SplitAmount", parts)


def _give_back(intent: Entity, split: Entity) -> None:
    parts = [{"Id": split["LineItemId"], "Amount": split["SplitAmount"]}]
    intents.add_to_items(intent, "SplitAmount", parts, -1)


OF_INTENT = f"{INTENTS}/{{IntentId}}/splits"
ROUTES = (
    Route("POST", OF_INTENT, create),
    Route("GET", f"{INTENTS}/splits", list_all),
    Route("GET", f"{OF_INTENT}/{{SplitId}}", view),
    Route("PUT", f"{OF_INTENT}/{{SplitId}}", update),
    Route("POST", f"{OF_INTENT}/{{SplitId}}/execute", execute),
    Route("POST", f"{OF_INTENT}/{{SplitId}}/reverse", reverse),
)

ACTS = {"split.execute": splits.execute_by_date, "split.complete": splits.complete}
