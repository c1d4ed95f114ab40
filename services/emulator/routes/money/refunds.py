"""Refunds of pay-ins and of transfers, and the lists of refunds of whatever can be given back.

Source: https://docs.mangopay.com/api-reference/refunds

Chosen: a refund is final at once, unless the control plane has told the bank to take its time (`payin.hold_refunds`);
one that waits has not been debited yet, and is looked at anew when it is settled (`refund.settle`).
"""

from dataclasses import dataclass

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
from services.emulator.rules import given_back
from services.emulator.rules import refunds as rules
from services.emulator.rules.payins import find_payin
from services.emulator.rules.result_codes import MESSAGES, SUCCESS
from services.emulator.rules.transactions import begin, conclude

FILTERS = ("Status", "ResultCode")
# What has no way back but a payout: nobody's card or account is known to whom it could be reversed.
ONLY_BY_PAYOUT = ("BANK_WIRE", "PAY_BY_BANK")
DESCRIPTOR = "[A-Za-z0-9 ]{0,10}"


@dataclass(frozen=True, slots=True)
class Kind:
    """What differs between refunds of pay-ins and of transfers: where the money goes, and the words."""

    type: str
    wrong_author: str
    too_much: str


OF_PAYIN = Kind(
    "PAYOUT",
    "Author of the refund is not the author of the initial payin",
    "DebitedFunds cannot be superior the CreditedFunds of the initial PayIn",
)
OF_TRANSFER = Kind(
    "TRANSFER",
    "Author of the refund is not the author of the initial transfer",
    "DebitedFunds cannot be higher than CreditedFunds of the initial transfer",
)


def refund_payin(world: World, call: Call) -> Response:
    payin = find_payin(world, call.params["PayInId"])
    if payin["PaymentType"] in ONLY_BY_PAYOUT or payin["CreditedWalletId"] is None:
        raise invalid_action("This pay-in cannot be refunded here: a bank wire goes back by a payout with a PaymentRef")
    return Answer(wire(_refund(world, call, payin, OF_PAYIN)))


def refund_transfer(world: World, call: Call) -> Response:
    transfer = find_transfer(world, call.params["TransferId"])
    return Answer(wire(_refund(world, call, transfer, OF_TRANSFER)))


def list_of_payin(world: World, call: Call) -> Response:
    return _list(world, call, find_payin(world, call.params["PayInId"]))


def list_of_transfer(world: World, call: Call) -> Response:
    return _list(world, call, find_transfer(world, call.params["TransferId"]))


def list_of_payout(world: World, call: Call) -> Response:
    payout_id = call.params["PayOutId"]
    payout = world.store.transactions.get(payout_id)
    if payout is None or (payout["Type"], payout["Nature"]) != ("PAYOUT", "REGULAR"):
        raise not_found("PayOut", payout_id)
    return _list(world, call, payout)


def view(world: World, call: Call) -> Response:
    return Answer(wire(_find_refund(world, call.params["RefundId"])))


def hold_refunds(world: World, payin_id: str, fields: Fields) -> Entity:  # noqa: ARG001  (all controls are called alike)
    """Let the bank take its time with refunds of this pay-in: they stay CREATED until `refund.settle`."""
    payin = find_payin(world, payin_id)
    payin["_HoldsRefunds"] = True
    return world.store.transactions.save(payin)


def settle(world: World, refund_id: str, fields: Fields) -> Entity:
    """Let a refund that waits succeed, or fail with `ResultCode`."""
    refund = _find_refund(world, refund_id)
    code = fields.choice("ResultCode", MESSAGES)
    fields.check()
    if refund["Status"] != "CREATED":
        raise invalid_action("Only a refund in status CREATED can be settled")
    initial = world.find(world.store.transactions, refund["InitialTransactionId"], "PayIn")
    return conclude(world, refund, code or rules.verdict(world, refund, initial))


def _refund(world: World, call: Call, initial: Entity, kind: Kind) -> Entity:
    fields = Fields(call.body)
    debited_funds, fees, details = _read(fields, initial, kind)
    tag = fields.text("Tag")
    fields.check()
    if initial["Status"] != "SUCCEEDED":
        message = "The original transaction must have succeeded to be refunded"
        raise ApiError(400, "original_transaction_must_be_succeeded", message)
    _refuse_impossible(world, fields, initial)
    refund = begin(
        world,
        "refund_m_",
        kind.type,
        nature="REFUND",
        author_id=initial["AuthorId"],
        debited_funds=debited_funds,
        fees=fees,
        debited_wallet=world.find(world.store.wallets, initial["CreditedWalletId"], "Wallet"),
        credited_wallet=world.store.wallets.get(initial["DebitedWalletId"]),
        tag=tag,
        details=details,
    )
    verdict = rules.verdict(world, refund, initial)
    if initial.get("_HoldsRefunds") and verdict == SUCCESS:
        return refund
    return conclude(world, refund, verdict)


def _refuse_impossible(world: World, fields: Fields, initial: Entity) -> None:
    """Raise ApiError 400 where no refund comes into being at all."""
    if initial["Type"] == "TRANSFER" and rules.is_used_up(initial, given_back.refunds_of(world, initial)):
        fields.refuse("TransferId", "Original transaction has already been successfully refunded")
    if rules.repudiated(world, initial) and not rules.was_disputed_before(world, initial):
        message = "Due to repudiations against this transaction, you can not refund this amount"
        fields.refuse("DebitedFunds", message)
    fields.check()


def _read(fields: Fields, initial: Entity, kind: Kind) -> tuple[Entity, Entity, Entity]:
    """Return what leaves the wallet, the fees, and the details; what is wrong stands in the fields."""
    fields.require("AuthorId")
    if fields.text("AuthorId") != initial["AuthorId"]:
        fields.refuse("AuthorId", kind.wrong_author)
    details = {
        "InitialTransactionId": initial["Id"],
        "InitialTransactionType": initial["Type"],
        "InitialTransactionNature": initial["Nature"],
        "RefundReason": {"RefundReasonType": "INITIALIZED_BY_CLIENT", "RefundReasonMessage": None},
        "StatementDescriptor": fields.matching("StatementDescriptor", DESCRIPTOR),
        "Reference": fields.text("Reference"),
    }
    return *_amounts(fields, initial, kind), details


def _amounts(fields: Fields, initial: Entity, kind: Kind) -> tuple[Entity, Entity]:
    """Return both amounts: fees below zero are given back. Without amounts, all of both."""
    if not fields.has("DebitedFunds") and not fields.has("Fees"):
        currency, paid = initial["Fees"]["Currency"], initial["Fees"]["Amount"]
        return initial["CreditedFunds"], {"Currency": currency, "Amount": -paid}
    if not fields.has("Fees"):
        fields.refuse("Fees", "if DebitedFunds are defined, Fees must be defined")
    if not fields.has("DebitedFunds"):
        fields.refuse("DebitedFunds", "if Fees are defined, DebitedFunds must be defined")
    debited_funds, fees = fields.money("DebitedFunds", least=1) or {}, fields.money("Fees", least=None) or {}
    fields.check()
    for name, money in (("DebitedFunds", debited_funds), ("Fees", fees)):
        if money["Currency"] != initial["CreditedFunds"]["Currency"]:
            fields.refuse(name, "The currency must be the one of the initial transaction")
    if debited_funds["Amount"] > initial["CreditedFunds"]["Amount"]:
        fields.refuse("DebitedFunds", kind.too_much)
    return debited_funds, fees


def _find_refund(world: World, refund_id: str) -> Entity:
    refund = world.store.transactions.get(refund_id)
    if refund is None or refund["Nature"] != "REFUND":
        raise not_found("Refund", refund_id)
    return refund


def _list(world: World, call: Call, initial: Entity) -> Response:
    return page(world, call, world.store.transactions.select("_RefundOf", initial["Id"]), filters=FILTERS)


ROUTES = (
    Route("POST", f"{API}/payins/{{PayInId}}/refunds", refund_payin),
    Route("POST", f"{API}/transfers/{{TransferId}}/refunds", refund_transfer),
    Route("GET", f"{API}/payins/{{PayInId}}/refunds", list_of_payin),
    Route("GET", f"{API}/transfers/{{TransferId}}/refunds", list_of_transfer),
    Route("GET", f"{API}/payouts/{{PayOutId}}/refunds", list_of_payout),
    Route("GET", f"{API}/refunds/{{RefundId}}", view),
)

CONTROLS = {"payin.hold_refunds": hold_refunds, "refund.settle": settle}
