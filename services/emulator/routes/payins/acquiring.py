"""Acquired payments: the platform takes them for itself, with no user, no wallet and no fees.

Source: https://docs.mangopay.com/api-reference/acquiring

Chosen: they are viewed by `/payins/{PayInId}` as well, without the members that speak of users and wallets; refunds
succeed at once, up to what was paid.
"""

from collections.abc import Callable

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError, not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Handler, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.cards import validations
from services.emulator.routes.cards.cards import card_of
from services.emulator.routes.payins import applepay, card, googlepay, paypal
from services.emulator.routes.payins.methods import collect_data, new_id, wait_for_payer
from services.emulator.rules import card_bank, given_back, payer
from services.emulator.rules.payins import find_payin, shown
from services.emulator.rules.payment_methods import IDEAL, PAYPAL, Method, read_details
from services.emulator.rules.result_codes import SUCCESS
from services.emulator.rules.transactions import begin, check_currency, conclude

# What an acquired payment adds by its method, and what is done with it once it is there.
Read = Callable[[Fields], Entity]
Act = Callable[[World, Entity], Entity]


def creator(read: Read, act: Act) -> Handler:
    """Return the handler that acquires a payment whose fields `read` reads and which `act` sets going."""

    def create(world: World, call: Call) -> Response:
        fields = Fields(call.body)
        fields.require("DebitedFunds")
        debited_funds = fields.money("DebitedFunds", least=1) or {}
        details = read(fields)
        collect_data(world, fields)
        tag = fields.text("Tag")
        fields.check()
        payin = _begin(world, "PAYIN", debited_funds, tag, details | {"Id": new_id()})
        return Answer(shown(act(world, payin)))

    return create


def create_by_card(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    fields.require("DebitedFunds")
    debited_funds = fields.money("DebitedFunds", least=1) or {}
    used = fields.entity("CardId", world.store.cards)
    payment = card_bank.read_card_payment(fields, used, {})
    security = {"SecurityInfo": card_bank.address_check(payment["Billing"], debited_funds.get("Currency"))}
    tag = fields.text("Tag")
    fields.check()
    check_currency(debited_funds, used)
    details = {"PaymentType": "CARD", "ExecutionType": "DIRECT", **payment, **security}
    # The card's holder is who pays, though no answer says so.
    payin = _begin(world, "PAYIN", debited_funds, tag, details | {"Id": new_id(), "AuthorId": used["UserId"]})
    return Answer(shown(card.pay(world, payin, used)))


def validate_card(world: World, call: Call) -> Response:
    """Validate a card in the name of its holder, whom the body does not name."""
    validated = card_of(world, call)
    fields = Fields(call.body | {"AuthorId": validated["UserId"]})
    return Answer(wire(validations.validate(world, validated, fields)))


def refund(world: World, call: Call) -> Response:
    payin = find_payin(world, call.params["PayInId"])
    if not payin.get("_IsAcquired"):
        raise not_found("PayIn", payin["Id"])
    fields = Fields(call.body)
    funds = _refunded(fields, payin)
    details = _refund_details(fields, payin)
    tag = fields.text("Tag")
    fields.check()
    if payin["Status"] != "SUCCEEDED":
        message = "The original transaction must have succeeded to be refunded"
        raise ApiError(400, "original_transaction_must_be_succeeded", message)
    before = _refunded_before(world, payin)
    made = _begin(world, "PAYOUT", funds, tag, details, nature="REFUND", prefix="refund_m_")
    return Answer(shown(conclude(world, made, _verdict(payin, funds, before))))


def _begin(
    world: World,
    kind: str,
    funds: Entity,
    tag: str | None,
    details: Entity,
    *,
    nature: str = "REGULAR",
    prefix: str = "wt_",
) -> Entity:
    return begin(
        world,
        prefix,
        kind,
        nature=nature,
        author_id=world.config.client_id,
        debited_funds=funds,
        fees=funds | {"Amount": 0},
        tag=tag,
        details=details | {"_IsAcquired": True},
    )


def _by(method: Method) -> Handler:
    return creator(
        lambda fields: read_details(fields, method), lambda world, payin: wait_for_payer(world, payin, method)
    )


def _google_pay(fields: Fields) -> Entity:
    addresses = {name: payer.address_block(fields, name) for name in ("Billing", "Shipping")}
    return googlepay.read_details(fields) | addresses


def _refunded(fields: Fields, payin: Entity) -> Entity:
    funds = (fields.money("DebitedFunds", least=1) if fields.has("DebitedFunds") else None) or payin["DebitedFunds"]
    if funds["Currency"] != payin["DebitedFunds"]["Currency"]:
        fields.refuse("DebitedFunds.Currency", "The currency must be the currency of the initial transaction")
    return dict(funds)


def _refund_details(fields: Fields, payin: Entity) -> Entity:
    return {
        "InitialTransactionId": payin["Id"],
        "InitialTransactionType": payin["Type"],
        "InitialTransactionNature": payin["Nature"],
        "RefundReason": {"RefundReasonType": "INITIALIZED_BY_CLIENT", "RefundReasonMessage": None},
        "Reference": fields.text("Reference"),
        "StatementDescriptor": payer.statement_descriptor(fields),
    }


def _refunded_before(world: World, payin: Entity) -> int:
    taken_back = world.store.transactions.where("InitialTransactionId", payin["Id"])
    earlier = {row["Id"]: row for row in [*taken_back, *given_back.all_of(world, payin)] if row["Status"] != "FAILED"}
    return given_back.amount_of(list(earlier.values()))


def _verdict(payin: Entity, funds: Entity, before: int) -> str:
    paid = payin["DebitedFunds"]["Amount"]
    if before >= paid:
        return "001401"
    return SUCCESS if before + funds["Amount"] <= paid else "005403"


AT = f"{API}/acquiring/payins"
ROUTES = (
    Route("POST", f"{AT}/card/direct", create_by_card),
    Route("POST", f"{AT}/payment-methods/ideal", _by(IDEAL)),
    Route("POST", f"{AT}/payment-methods/paypal", _by(PAYPAL)),
    Route("POST", f"{AT}/payment-methods/applepay", creator(applepay.read_details, applepay.charge)),
    Route("POST", f"{AT}/payment-methods/googlepay", creator(_google_pay, googlepay.authorise)),
    Route("POST", f"{AT}/{{PayInId}}/refunds", refund),
    Route("POST", f"{API}/acquiring/cards/{{CardId}}/validation", validate_card),
    *paypal.collection_routes(f"{AT}/payment-methods/paypal/data-collection"),
)
