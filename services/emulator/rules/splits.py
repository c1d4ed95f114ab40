"""The life of a split: CREATED, waiting for funds with its intent, AVAILABLE, then PENDING and COMPLETED, or REVERSED.

Source: https://docs.mangopay.com/api-reference/intents/create-intent-split

Chosen: a split that is executed is PENDING until right after the answer; a TransferDate to come executes it by itself,
at once if its funds arrive later; one of a payment that Mangopay acquired, out of a wallet, waits for no settlement.
"""

from services.emulator.engine.errors import invalid_action
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules import escrow, intents

# Who needs no settlement: the money is in a wallet already.
MANGOPAY = "MANGOPAY"
# Before its execution.
OPEN = ("CREATED", "PENDING_FUNDS_RECEPTION", "AVAILABLE", "FAILED")


def shown(split: Entity) -> Entity:
    hidden = ("ExternalProviderName", "Currency")
    return {name: value for name, value in split.items() if name[0] != "_" and name not in hidden}


def begin(world: World, intent: Entity, split: Entity) -> None:
    """Store a new split, and let it know what its intent knows of the funds."""
    world.store.splits.save(split)
    world.emit("SPLIT_CREATED", split["Id"])
    note_in_intent(world, intent, split)
    if split["SplitOriginWalletId"] and str(intent["ExternalProviderName"]).upper() == MANGOPAY:
        make_available(world, split)
        return
    settlement = world.store.intent_settlements.get(intent["SettlementId"])
    if settlement is not None and settlement["Status"] == "RECONCILED":
        make_available(world, split)
    elif settlement is not None:
        await_funds(world, split)


def await_funds(world: World, split: Entity) -> None:
    if split["Status"] == "CREATED":
        _set(world, split, "PENDING_FUNDS_RECEPTION", "SPLIT_PENDING_FUNDS_RECEPTION")


def make_available(world: World, split: Entity) -> None:
    if split["Status"] not in ("CREATED", "PENDING_FUNDS_RECEPTION"):
        return
    _set(world, split, "AVAILABLE", "SPLIT_AVAILABLE")
    schedule(world, split)


def schedule(world: World, split: Entity) -> None:
    """Let a split whose date was to come when it was told execute itself then, or now if that has passed."""
    date = split["TransferDate"]
    if date and split["Status"] == "AVAILABLE" and date > split["_DatedAt"]:
        world.later("split.execute", split["Id"], after_s=max(0, date - world.clock.now()))


def execute(world: World, split: Entity) -> None:
    if split["Status"] != "AVAILABLE":
        raise invalid_action(f"The Status {split['Status']} of this Split does not allow it to be executed")
    _set(world, split, "PENDING")
    world.later("split.complete", split["Id"])


def execute_by_date(world: World, split_id: str) -> None:
    """Execute a split whose date has come, unless it was changed or executed meanwhile: an act."""
    split = world.store.splits.get(split_id)
    is_due = split is not None and bool(split["TransferDate"]) and split["TransferDate"] <= world.clock.now()
    if split is not None and is_due and split["Status"] == "AVAILABLE":
        execute(world, split)


def complete(world: World, split_id: str) -> None:
    """Move the money of a PENDING split: an act."""
    split = world.store.splits.get(split_id)
    if split is None or split["Status"] != "PENDING":
        return
    if escrow.pay_seller(world, split, split["Currency"]):
        _set(world, split, "COMPLETED")
    else:
        _set(world, split, "REJECTED", "SPLIT_REJECTED")
        _free(world, split)


def reverse(world: World, split: Entity) -> None:
    if split["Status"] not in OPEN:
        raise invalid_action(f"The Status {split['Status']} of this Split does not allow it to be reversed")
    _set(world, split, "REVERSED", "SPLIT_REVERSED")
    _free(world, split)


def note_in_intent(world: World, intent: Entity, split: Entity) -> None:
    """Show a split in its intent as it stands."""
    seen = {
        "Id": split["Id"],
        "CreationDate": split["_CreatedAt"],
        "ExecutionDate": split["_ExecutedAt"],
        "Amount": split["SplitAmount"],
        "Status": split["Status"],
        "LineItems": [{"Id": split["LineItemId"], "Amount": split["SplitAmount"]}],
    }
    others = [other for other in intent["Splits"] if other["Id"] != split["Id"]]
    intent["Splits"] = [*others, seen]
    intents.save(world, intent)


def _set(world: World, split: Entity, status: str, event_type: str | None = None) -> None:
    split["Status"] = status
    if status == "COMPLETED":
        split["_ExecutedAt"] = world.clock.now()
    world.store.splits.save(split)
    if event_type:
        world.emit(event_type, split["Id"])
    note_in_intent(world, world.find(world.store.intents, split["_IntentId"], "Intent"), split)


def _free(world: World, split: Entity) -> None:
    """Let the amount of a split that will never be paid be split anew."""
    intent = world.find(world.store.intents, split["_IntentId"], "Intent")
    intents.add_to_items(intent, "SplitAmount", [{"Id": split["LineItemId"], "Amount": split["SplitAmount"]}], -1)
    intents.save(world, intent)
