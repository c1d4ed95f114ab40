"""Refunds of pay-ins and of transfers.

Source: https://docs.mangopay.com/api-reference/refunds
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
from services.emulator.routes.money.transfers import find_transfer
from services.emulator.routes.payins.payins import find_payin
from services.emulator.rules.result_codes import SUCCESS
from services.emulator.rules.transactions import begin, client_wallet, conclude, covers

DAY_S = 86_400
FILTERS = ("Status", "ResultCode")


def refund_payin(world: World, call: Call) -> Response:
    payin = find_payin(world, call.params["PayInId"])
    if payin["PaymentType"] == "BANK_WIRE":
        raise invalid_action("A bank wire pay-in cannot be refunded: pay out to the payer with a PaymentRef instead")
    return _refund(world, call, payin, "PAYOUT", "Author of the refund is not the author of the initial payin")


def refund_transfer(world: World, call: Call) -> Response:
    transfer = find_transfer(world, call.params["TransferId"])
    return _refund(world, call, transfer, "TRANSFER", "Author of the refund is not the author of the initial transfer")


def list_of_payin(world: World, call: Call) -> Response:
    return _list(world, call, find_payin(world, call.params["PayInId"]))


def list_of_transfer(world: World, call: Call) -> Response:
    return _list(world, call, find_transfer(world, call.params["TransferId"]))


def list_of_payout(world: World, call: Call) -> Response:
    return _list(world, call, world.find(world.store.transactions, call.params["PayOutId"], "PayOut"))


def view(world: World, call: Call) -> Response:
    refund_id = call.params["RefundId"]
    refund = world.store.transactions.get(refund_id)
    if refund is None or refund["Nature"] != "REFUND":
        raise not_found("Refund", refund_id)
    return Answer(wire(refund))


def _refund(world: World, call: Call, initial: Entity, kind: str, wrong_author: str) -> Response:
    fields = Fields(call.body)
    fields.require("AuthorId")
    if fields.text("AuthorId") != initial["AuthorId"]:
        fields.refuse("AuthorId", wrong_author)
    debited_funds, fees = _amounts(fields, initial)
    fields.check()
    if initial["Status"] != "SUCCEEDED":
        message = "The original transaction must have succeeded to be refunded"
        raise ApiError(400, "original_transaction_must_be_succeeded", message)
    earlier = _earlier(world, initial)
    wallet = world.find(world.store.wallets, initial["CreditedWalletId"], "Wallet")
    refund = begin(
        world,
        "refund_m_",
        kind,
        nature="REFUND",
        author_id=initial["AuthorId"],
        debited_funds=debited_funds,
        fees=fees,
        debited_wallet=wallet,
        credited_wallet=world.store.wallets.get(initial["DebitedWalletId"]),
        tag=fields.text("Tag"),
        details={
            "InitialTransactionId": initial["Id"],
            "InitialTransactionType": initial["Type"],
            "InitialTransactionNature": initial["Nature"],
            "RefundReason": {"RefundReasonType": "INITIALIZED_BY_CLIENT", "RefundReasonMessage": None},
            "StatementDescriptor": fields.text("StatementDescriptor", longest=10),
        },
    )
    return Answer(wire(conclude(world, refund, _verdict(world, refund, initial, earlier))))


def _amounts(fields: Fields, initial: Entity) -> tuple[Entity, Entity]:
    """Return what leaves the wallet and the fees: below zero they are given back. Without amounts, all of both."""
    if not fields.has("DebitedFunds"):
        currency, paid = initial["Fees"]["Currency"], initial["Fees"]["Amount"]
        return initial["CreditedFunds"], {"Currency": currency, "Amount": -paid}
    if not fields.has("Fees"):
        fields.refuse("Fees", "if DebitedFunds are defined, Fees must be defined")
    debited_funds, fees = fields.money("DebitedFunds", least=1) or {}, fields.money("Fees", least=None) or {}
    fields.check()
    for name, money in (("DebitedFunds", debited_funds), ("Fees", fees)):
        if money["Currency"] != initial["CreditedFunds"]["Currency"]:
            fields.refuse(name, "The currency must be the one of the initial transaction")
    if debited_funds["Amount"] > initial["CreditedFunds"]["Amount"]:
        limit = "superior the CreditedFunds of the initial PayIn"
        if initial["Type"] == "TRANSFER":
            limit = "higher than CreditedFunds of the initial transfer"
        fields.refuse("DebitedFunds", f"DebitedFunds cannot be {limit}")
    return debited_funds, fees


def _verdict(world: World, refund: Entity, initial: Entity, earlier: list[Entity]) -> str:
    debited, fees = refund["DebitedFunds"]["Amount"], refund["Fees"]["Amount"]
    refunded = sum(other["DebitedFunds"]["Amount"] for other in earlier)
    fees_back = -sum(other["Fees"]["Amount"] for other in earlier)
    if refunded >= initial["CreditedFunds"]["Amount"]:
        return "001401"
    if any(_is_same_again(refund, other) for other in earlier):
        return "005407"
    if refunded + debited > initial["CreditedFunds"]["Amount"]:
        return "005403"
    if fees_back - fees > initial["Fees"]["Amount"]:
        return "005404"
    if refund["CreditedFunds"]["Amount"] <= 0:
        return "001014"
    return _balance_verdict(world, refund)


def _balance_verdict(world: World, refund: Entity) -> str:
    wallet, fees = world.store.wallets.get(refund["DebitedWalletId"]), refund["Fees"]
    if wallet is None or not covers(wallet, refund["DebitedFunds"]):
        return "001001"
    if client_wallet(world, "FEES", fees["Currency"])["Balance"]["Amount"] < -fees["Amount"]:
        return "005405"
    return SUCCESS


def _is_same_again(refund: Entity, other: Entity) -> bool:
    is_recent = refund["CreationDate"] - other["CreationDate"] < DAY_S
    return bool(is_recent and refund["DebitedFunds"] == other["DebitedFunds"])


def _earlier(world: World, initial: Entity) -> list[Entity]:
    refunds = world.store.transactions.where("InitialTransactionId", initial["Id"])
    return [refund for refund in refunds if refund["Status"] == "SUCCEEDED"]


def _list(world: World, call: Call, initial: Entity) -> Response:
    rows = world.store.transactions.select("InitialTransactionId", initial["Id"])
    return page(world, call, rows, filters=FILTERS)


ROUTES = (
    Route("POST", f"{API}/payins/{{PayInId}}/refunds", refund_payin),
    Route("POST", f"{API}/transfers/{{TransferId}}/refunds", refund_transfer),
    Route("GET", f"{API}/payins/{{PayInId}}/refunds", list_of_payin),
    Route("GET", f"{API}/transfers/{{TransferId}}/refunds", list_of_transfer),
    Route("GET", f"{API}/payouts/{{PayOutId}}/refunds", list_of_payout),
    Route("GET", f"{API}/refunds/{{RefundId}}", view),
)
