"""Disputes as a platform sees and answers them; what banks do is among the controls.

Source: https://docs.mangopay.com/api-reference/disputes

Chosen: the transactions of a dispute are its repudiation, that one's return and its settlement transfers; a dispute
may be submitted without documents; it stays SUBMITTED until the control plane sends it to the bank or decides it.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError, invalid_action
from services.emulator.engine.fields import Fields
from services.emulator.engine.listing import TRANSACTION_FILTERS, page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.rules import disputes as rules
from services.emulator.rules.payins import find_payin
from services.emulator.rules.transactions import row

FILTERS = ("Status", "DisputeType")


def list_all(world: World, call: Call) -> Response:
    return page(world, call, world.store.disputes.all(), filters=FILTERS)


def list_of_user(world: World, call: Call) -> Response:
    user = world.find(world.store.users, call.params["UserId"], "User")
    return page(world, call, world.store.disputes.select("_UserIds", user["Id"]), filters=FILTERS)


def list_of_wallet(world: World, call: Call) -> Response:
    wallet = world.find(world.store.wallets, call.params["WalletId"], "Wallet")
    return page(world, call, world.store.disputes.select("_WalletId", wallet["Id"]), filters=FILTERS)


def list_of_payin(world: World, call: Call) -> Response:
    payin = find_payin(world, call.params["PayInId"])
    return page(world, call, world.store.disputes.select("InitialTransactionId", payin["Id"]), filters=FILTERS)


def list_pending_settlement(world: World, call: Call) -> Response:
    return page(world, call, world.store.disputes.select("_Unsettled", rules.PENDING), filters=FILTERS)


def view(world: World, call: Call) -> Response:
    return Answer(wire(dispute_of(world, call)))


def transactions(world: World, call: Call) -> Response:
    rows = world.store.transactions.select("_DisputeId", dispute_of(world, call)["Id"])
    return page(world, call, rows, filters=TRANSACTION_FILTERS, shape=row)


def update(world: World, call: Call) -> Response:
    dispute, fields = dispute_of(world, call), Fields(call.body)
    tag = fields.text("Tag")
    fields.check()
    if "Tag" in call.body:
        dispute["Tag"] = tag
    return Answer(wire(world.store.disputes.save(dispute)))


def submit(world: World, call: Call) -> Response:
    """Contest a dispute, or contest it again after more was asked for."""
    dispute = dispute_of(world, call)
    _refuse_unless_client_acts(world, dispute)
    contested_funds = _read_contested_funds(Fields(call.body), dispute)
    dispute |= {"ContestedFunds": contested_funds, "Status": "SUBMITTED", "StatusMessage": None}
    world.store.disputes.save(dispute)
    world.emit("DISPUTE_SUBMITTED", dispute["Id"])
    return Answer(wire(dispute))


def close(world: World, call: Call) -> Response:
    dispute = dispute_of(world, call)
    if dispute["Status"] not in rules.WAITS_FOR_CLIENT:
        raise invalid_action("The Status of this Dispute does not allow it to be closed")
    return Answer(wire(rules.close(world, dispute, "LOST")))


def dispute_of(world: World, call: Call) -> Entity:
    return world.find(world.store.disputes, call.params["DisputeId"], "Dispute")


def _refuse_unless_client_acts(world: World, dispute: Entity) -> None:
    if rules.has_passed_deadline(world, dispute):
        message = "The ContestDeadlineDate has now passed and this Dispute is no longer contestable"
        raise ApiError(400, "dispute_contest_deadline_passed", message)
    if dispute["Status"] not in rules.WAITS_FOR_CLIENT:
        raise invalid_action("The Status of this Dispute does not allow it to be submitted")


def _read_contested_funds(fields: Fields, dispute: Entity) -> Entity:
    """Return what is contested: it must be told at first, and may be told anew."""
    if not fields.has("ContestedFunds") and dispute["ContestedFunds"] is None:
        fields.refuse("ContestedFunds", "This field is required")
    funds = fields.money("ContestedFunds", least=1)
    fields.check()
    disputed = dispute["DisputedFunds"]
    if funds and funds["Currency"] != disputed["Currency"]:
        fields.refuse("ContestedFunds", "The currency of the ContestedFunds must be the currency of the DisputedFunds")
    elif funds and funds["Amount"] > disputed["Amount"]:
        message = "The ContestedFunds amount must be less than or equal to the DisputedFunds amount"
        fields.refuse("ContestedFunds", message)
    fields.check()
    return funds or dispute["ContestedFunds"]


def open_of_payin(world: World, payin_id: str, fields: Fields) -> Entity:
    """Open a dispute: `DisputeType`, `DisputeReasonType`, `DisputeReasonMessage` and `DisputedFunds` may be told."""
    payin = find_payin(world, payin_id)
    dispute_type = fields.choice("DisputeType", rules.TYPES) or "CONTESTABLE"
    reason_type = fields.choice("DisputeReasonType", rules.REASONS) or "UNKNOWN"
    funds, paid = fields.money("DisputedFunds", least=1), payin["DebitedFunds"]
    message = fields.text("DisputeReasonMessage")
    fields.check()
    if funds and (funds["Currency"] != paid["Currency"] or funds["Amount"] > paid["Amount"]):
        fields.refuse("DisputedFunds", "The DisputedFunds cannot exceed the DebitedFunds of the initial PayIn")
        fields.check()
    return rules.open_dispute(
        world,
        payin,
        dispute_type=dispute_type,
        reason_type=reason_type,
        reason_message=message,
        disputed_funds=funds,
    )


def decide(world: World, dispute_id: str, fields: Fields) -> Entity:
    """Let the bank decide: `ResultCode` WON, LOST or VOID, and a `ResultMessage`."""
    fields.require("ResultCode")
    result_code = fields.choice("ResultCode", ("WON", "LOST", "VOID"))
    message = fields.text("ResultMessage")
    fields.check()
    return rules.decide(world, _named(world, dispute_id), str(result_code), message)


def ask_again(world: World, dispute_id: str, fields: Fields) -> Entity:
    """Want more documents; `StatusMessage` may say which."""
    message = fields.text("StatusMessage")
    fields.check()
    return rules.ask_again(world, _named(world, dispute_id), message)


def send_to_bank(world: World, dispute_id: str, fields: Fields) -> Entity:  # noqa: ARG001  (all controls are called alike)
    return rules.send_to_bank(world, _named(world, dispute_id))


def _named(world: World, dispute_id: str) -> Entity:
    return world.find(world.store.disputes, dispute_id, "Dispute")


ROUTES = (
    Route("GET", f"{API}/disputes", list_all),
    Route("GET", f"{API}/disputes/pendingsettlement", list_pending_settlement),
    Route("GET", f"{API}/disputes/{{DisputeId}}", view),
    Route("PUT", f"{API}/disputes/{{DisputeId}}", update),
    Route("PUT", f"{API}/disputes/{{DisputeId}}/submit", submit),
    Route("PUT", f"{API}/disputes/{{DisputeId}}/close", close),
    Route("GET", f"{API}/disputes/{{DisputeId}}/transactions", transactions),
    Route("GET", f"{API}/users/{{UserId}}/disputes", list_of_user),
    Route("GET", f"{API}/wallets/{{WalletId}}/disputes", list_of_wallet),
    Route("GET", f"{API}/payins/{{PayInId}}/disputes", list_of_payin),
)

ACTS = {
    "payin.charge_back": rules.charge_back,
    "dispute.expire": rules.expire,
    "dispute.repaid": rules.note_repaid,
}

CONTROLS = {
    "dispute.open": open_of_payin,
    "dispute.decide": decide,
    "dispute.ask_again": ask_again,
    "dispute.send_to_bank": send_to_bank,
}
