"""Payouts by bank wire: answered as CREATED with their money set aside, handed to the bank right after the answer.

Source: https://docs.mangopay.com/api-reference/payouts and https://docs.mangopay.com/guides/payouts/integration

Chosen: a CREATED payout reserves its funds, while the wallet's balance falls only at SUCCEEDED; legacy bank accounts
can be paid out to whatever their date, and Verification of Payee refuses nobody, unless the control plane says so.
"""

from dataclasses import dataclass

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import invalid_action
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.rules import formatters, payout_modes
from services.emulator.rules.payout_dispatch import expire, find_payout, send, settle
from services.emulator.rules.payouts import (
    find_account,
    refusal_at_creation,
    refuse_account,
)
from services.emulator.rules.result_codes import MESSAGES
from services.emulator.rules.transactions import begin, check_currency
from services.emulator.rules.users import refuse_closed

MODES = ("STANDARD", "INSTANT_PAYMENT", "INSTANT_PAYMENT_ONLY", "RTGS_PAYMENT")
CHARGE_BEARERS = ("OUR", "SHA")


@dataclass(frozen=True, slots=True)
class Order:
    """Who pays out what, from which wallet, to which account."""

    author: Entity
    wallet: Entity
    account: Entity
    debited_funds: Entity
    fees: Entity


def create(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    order = _read_order(world, fields)
    mode = fields.choice("PayoutModeRequested", MODES)
    payin = _read_refunded_payin(world, fields, order)
    details, tag = _details(fields, order.account, mode), fields.text("Tag")
    if order.debited_funds:
        payout_modes.refuse(world, fields, mode, str(order.debited_funds.get("Currency")))
    fields.check()
    _check(fields, order, is_refund=payin is not None)
    payout = begin(
        world,
        "po_m_",
        "PAYOUT",
        author_id=order.author["Id"],
        debited_funds=order.debited_funds,
        fees=order.fees,
        debited_wallet=order.wallet,
        tag=tag,
        details=details,
    )
    return Answer(wire(send(world, payout, refusal_at_creation(world, payout, payin))))


def view(world: World, call: Call) -> Response:
    return Answer(formatters.payout(find_payout(world, call.params["PayOutId"])))


def view_bankwire(world: World, call: Call) -> Response:
    return Answer(wire(find_payout(world, call.params["PayOutId"])))


def reachability(world: World, call: Call) -> Response:
    """Say whether an instant payment would reach the account, without making one."""
    fields = Fields(call.body)
    fields.require("PayoutModeRequested")
    fields.choice("PayoutModeRequested", ("INSTANT_PAYMENT", "INSTANT_PAYMENT_ONLY"))
    body = fields.body if fields.has("Fees") else fields.body | {"Fees": _no_fees(fields)}
    order = _read_order(world, Fields(body, refused=fields.refused))
    reference = fields.text("BankWireRef")
    fields.check()
    check_currency(order.debited_funds, order.wallet)
    reason = payout_modes.obstacle(
        world,
        order.debited_funds,
        author=order.author,
        wallet=order.wallet,
        account=order.account,
        reference=reference,
    )
    shown = {"Code": reason, "Message": MESSAGES[reason]} if reason else None
    return Answer({"InstantPayout": {"IsReachable": reason is None, "UnreachableReason": shown}})


def _read_order(world: World, fields: Fields) -> Order:
    author = fields.entity("AuthorId", world.store.users)
    wallet = fields.entity("DebitedWalletId", world.store.wallets)
    debited_funds, fees = fields.amounts()
    return Order(author, wallet, _read_account(world, fields), debited_funds, fees)


def _read_account(world: World, fields: Fields) -> Entity:
    """Return the account that either field names; both take the ids of recipients and of legacy bank accounts."""
    name = _account_field(fields)
    fields.require(name)
    account_id = fields.text(name)
    account = find_account(world, account_id)
    if account is None:
        fields.refuse(name, f"The value {account_id} is not valid")
    return account or {}


def _account_field(fields: Fields) -> str:
    return "RecipientId" if fields.has("RecipientId") else "BankAccountId"


def _read_refunded_payin(world: World, fields: Fields, order: Order) -> Entity | None:
    """Return the pay-in that this payout gives back, if it says so."""
    reference = fields.within("PaymentRef")
    if not any(reference.has(name) for name in ("ReasonType", "ReferenceId")):
        return None
    reference.require("ReasonType")
    reference.choice("ReasonType", ("PAYIN_REFUND",))
    payin = reference.entity("ReferenceId", world.store.transactions)
    if payin and (payin["Type"], payin["Nature"], payin["Status"]) != ("PAYIN", "REGULAR", "SUCCEEDED"):
        reference.refuse("ReferenceId", "The PayIn must be in status SUCCEEDED")
    elif payin and order.account:
        refuse_account(reference, payin, order.account)
    return payin


def _check(fields: Fields, order: Order, *, is_refund: bool) -> None:
    """Raise ApiError 400 for what can be no payout, though every field of it is well formed."""
    refuse_closed(order.author)
    if order.account.get("Status") in ("PENDING", "CANCELED"):
        fields.refuse(_account_field(fields), f"The value {order.account['Id']} is not valid")
    fields.check()
    if order.account.get("RecipientScope") == "PAYIN" and not is_refund:
        raise invalid_action("Payout not allowed for RecipientScope PAYIN")
    check_currency(order.debited_funds, order.wallet)


def _details(fields: Fields, account: Entity, mode: str | None) -> Entity:
    reference, name = fields.within("PaymentRef"), _account_field(fields)
    return {
        "PaymentType": "BANK_WIRE",
        "BankAccountId": account.get("Id") if name == "BankAccountId" else None,
        "RecipientId": account.get("Id") if name == "RecipientId" else None,
        "BankWireRef": fields.text("BankWireRef"),
        "ModeRequested": mode,
        "ModeApplied": "PENDING_RESPONSE",
        "FallbackReason": None,
        "EndToEndId": None,
        "PaymentRef": {name: reference.body.get(name) for name in ("ReasonType", "ReferenceId")}
        if reference.has("ReferenceId")
        else None,
        "_GivesBack": reference.body.get("ReferenceId"),
        "RecipientVerificationOfPayee": account.get("RecipientVerificationOfPayee"),
        "ChargeBearer": fields.choice("ChargeBearer", CHARGE_BEARERS),
    }


def _no_fees(fields: Fields) -> Entity:
    return {"Currency": fields.within("DebitedFunds").body.get("Currency"), "Amount": 0}


ROUTES = (
    Route("POST", f"{API}/payouts/bankwire", create),
    Route("POST", f"{API}/payouts/reachability", reachability),
    Route("GET", f"{API}/payouts/{{PayOutId}}", view),
    Route("GET", f"{API}/payouts/bankwire/{{PayOutId}}", view_bankwire),
)

ACTS = {"payout.settle": settle, "payout.expire": expire}
