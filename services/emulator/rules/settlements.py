"""Settlements of a third party: its file is matched with the intents, then its money is waited for.

Source: https://docs.mangopay.com/guides/echo/reconciliation

Chosen: a total may be net of the provider's fees or gross; lines are matched by any reference an intent or one of its
actions has named, and by what the intent has captured, refunded or disputed; a settlement of nothing needs no funds.
"""

from services.emulator.engine.errors import invalid_action
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules import escrow, intents, settlement_files, splits
from services.emulator.rules.settlement_files import Line, SettlementFile, line_error

AMOUNT_OF = {"PAYMENT": "CapturedAmount", "REFUND": "RefundedAmount", "DISPUTE": "DisputedAmount"}
# From its cancellation on, and from the arrival of all its funds, nothing happens to it any more.
FINAL = ("RECONCILED", "CANCELLED")
WAITS_FOR_FUNDS = ("PENDING_FUNDS_RECEPTION", "INSUFFICIENT_FUNDS")


def set_status(world: World, settlement: Entity, status: str) -> None:
    settlement["Status"] = status
    world.store.intent_settlements.save(settlement)
    world.emit(f"SETTLEMENT_{status}", settlement["Id"])


def reconcile(world: World, settlement_id: str) -> None:
    """Read the file of a settlement and look for its intents: an act."""
    settlement = world.store.intent_settlements.get(settlement_id)
    if settlement is None or settlement["Status"] != "UPLOADED":
        return
    file = settlement_files.parse(settlement["_Content"].encode("utf-8"))
    del settlement["_Content"]
    settlement |= {
        "SettlementDate": file.date,
        "ExternalProviderName": file.provider,
        "ExternalProcessorFeesAmount": file.fees,
        "ActualSettlementAmount": max(0, file.total),
        "FundsMissingAmount": max(0, file.total),
        "_Currency": file.currency or next((line.currency for line in file.lines), "EUR"),
    }
    if file.footer_errors:
        _note_errors(settlement, file)
        set_status(world, settlement, "FAILED")
        return
    set_status(world, settlement, "CREATED")
    _match(world, settlement, file)


def receive_funds(world: World, settlement: Entity, amount: int) -> Entity:
    """Let money of a settlement arrive: its splits may be executed when all of it is there."""
    if settlement["Status"] not in WAITS_FOR_FUNDS:
        raise invalid_action("Only a Settlement that waits for its funds can receive any")
    escrow.receive(world, settlement["_Currency"], amount)
    settlement["FundsMissingAmount"] = max(0, settlement["FundsMissingAmount"] - amount)
    if settlement["FundsMissingAmount"]:
        set_status(world, settlement, "INSUFFICIENT_FUNDS")
    else:
        _finish(world, settlement)
    return settlement


def cancel(world: World, settlement: Entity) -> None:
    if settlement["Status"] in FINAL:
        message = f"The Status {settlement['Status']} of this Settlement does not allow it to be cancelled"
        raise invalid_action(message)
    for intent in world.store.intents.where("SettlementId", settlement["Id"]):
        intent["SettlementId"] = None
        world.store.intents.save(intent)
    set_status(world, settlement, "CANCELLED")


def _match(world: World, settlement: Entity, file: SettlementFile) -> None:
    matched: dict[str, Entity] = {}
    for line in file.lines:
        intent = _intent_of(world, line)
        problem = _problem(line, intent, settlement)
        if intent is None or problem:
            file.line_errors.append(line_error(line.reference, line.type, *(problem or NOT_FOUND)))
        else:
            matched[intent["Id"]] = intent
    settlement["DeclaredIntentAmount"] = sum(intents.declared(intent) for intent in matched.values())
    _check_total(settlement, file)
    _note_errors(settlement, file)
    if not matched:
        set_status(world, settlement, "UNMATCHED")
    elif file.line_errors or file.footer_errors:
        set_status(world, settlement, "PARTIALLY_MATCHED")
    else:
        _await_funds(world, settlement, list(matched.values()))


NOT_FOUND = ("MATCH_REF_NOT_FOUND", "ExternalProviderReference not found for any existing Intent in the system")


def _intent_of(world: World, line: Line) -> Entity | None:
    """Return the newest intent that knows the reference and has not been settled, or else any that knows it."""
    known = world.store.intents.where("_References", line.reference)
    free = [intent for intent in known if not intent["SettlementId"]]
    return next(reversed(free or known), None)


def _problem(line: Line, intent: Entity | None, settlement: Entity) -> tuple[str, str] | None:
    if intent is None:
        return NOT_FOUND
    if intent["SettlementId"] not in (None, settlement["Id"]):
        return "MATCH_ALREADY_SETTLED", "The Intent has already been settled"
    if intent["Currency"] != line.currency:
        return "MATCH_CURRENCY_NOT_MATCH", f"Currency {line.currency} is not that of the Intent, {intent['Currency']}"
    declared = sum(item[AMOUNT_OF[line.type]] for item in intent["LineItems"])
    parts = {action["Amount"] for name in ("Captures", "Refunds", "Disputes") for action in intent[name]}
    if line.amount != declared and line.amount not in parts:
        return "MATCH_AMOUNT_NOT_MATCH", f"Amount {line.amount} is not matching to declared amount {declared}"
    return None


def _check_total(settlement: Entity, file: SettlementFile) -> None:
    declared, currency = settlement["DeclaredIntentAmount"], settlement["_Currency"]
    if declared not in (file.total, file.total + file.fees):
        message = (
            f"TotalNetSettlement amount {file.total} {currency} is not matching to declared amount "
            f"{declared} {currency}."
        )
        name = settlement_files.TOTALS[0]
        file.footer_errors.append(settlement_files.footer_error(name, "SETTLEMENTAMOUNT_NOT_MATCH", message))


def _note_errors(settlement: Entity, file: SettlementFile) -> None:
    settlement["_Validations"] = {"FooterErrors": file.footer_errors, "LinesErrors": file.line_errors}


def _await_funds(world: World, settlement: Entity, matched: list[Entity]) -> None:
    set_status(world, settlement, "PENDING_FUNDS_RECEPTION")
    for intent in matched:
        intent["SettlementId"] = settlement["Id"]
        world.store.intents.save(intent)
        world.emit("INTENT_SETTLED_NOT_PAID", intent["Id"])
        for split in world.store.splits.where("_IntentId", intent["Id"]):
            splits.await_funds(world, split)
    if not settlement["FundsMissingAmount"]:
        _finish(world, settlement)


def _finish(world: World, settlement: Entity) -> None:
    set_status(world, settlement, "RECONCILED")
    for intent in world.store.intents.where("SettlementId", settlement["Id"]):
        world.emit("INTENT_PAID", intent["Id"])
        for split in world.store.splits.where("_IntentId", intent["Id"]):
            splits.make_available(world, split)
