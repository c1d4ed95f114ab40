"""Registering a series of payments: by a saved card, or by PayPal, Apple Pay or Google Pay.

Source: https://docs.mangopay.com/api-reference/recurring-payin-registrations
Chosen: a new card asks for the payer anew only if there was a payment before; a registration that has ended refuses
every change.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import invalid_action
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.rules import payer, recurring
from services.emulator.rules.payins import Parties, read_parties
from services.emulator.rules.transactions import check_currency

CARD = "CARD_DIRECT"
PAYMENT_TYPES = (CARD, "PAYPAL", "APPLEPAY", "GOOGLEPAY", "GOOGLE_PAY")
WALLETS_OF_DEVICES = ("APPLEPAY", "GOOGLEPAY", "GOOGLE_PAY")


def create(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    payment_type = fields.choice("PaymentType", PAYMENT_TYPES) or CARD
    free_cycles = fields.number("FreeCycles")
    if free_cycles is not None and not 0 <= free_cycles <= recurring.MAX_PAYINS:
        fields.refuse("FreeCycles", f"The value {free_cycles} is not valid")
    amounts = _read_amounts(fields, has_free_cycles=bool(free_cycles))
    card = fields.entity("CardId", world.store.cards) if payment_type == CARD else {}
    if payment_type in WALLETS_OF_DEVICES:
        fields.require("PaymentData")
    terms = _read_terms(fields, payment_type) | {"FreeCycles": free_cycles or 0}
    blocks = payer.billing_and_shipping(fields, fields.entity("AuthorId", world.store.users))
    flow = payer.flow_descriptor(fields)
    parties = read_parties(world, fields)
    others = [parties.credited_wallet, *([card] if card else [])]
    check_currency(amounts["FirstTransactionDebitedFunds"], *others)
    registration = _new(world, parties, card) | blocks | terms | amounts
    registration |= {"PaymentType": payment_type, "Tag": fields.text("Tag"), "FlowDescriptor": flow}
    registration |= recurring.foresee(registration, world.clock.now())
    registration["CurrentState"] = _no_payments(amounts["FirstTransactionDebitedFunds"]["Currency"])
    world.store.recurring_registrations.save(registration)
    world.emit("RECURRING_REGISTRATION_CREATED", registration["Id"])
    return Answer(wire(registration))


def view(world: World, call: Call) -> Response:
    return Answer(wire(_registration_of(world, call)))


def update(world: World, call: Call) -> Response:
    """Charge another card, bill another address, or end the series."""
    registration, fields = _registration_of(world, call), Fields(call.body)
    status = fields.choice("Status", ("ENDED", registration["Status"]))
    card = fields.entity("CardId", world.store.cards) if fields.has("CardId") else None
    blocks = {name: payer.address_block(fields, name) for name in ("Billing", "Shipping")}
    fields.check()
    if registration["Status"] == "ENDED":
        raise invalid_action("The recurring registration has ended and can no longer be modified")
    if card is not None:
        check_currency(registration["FirstTransactionDebitedFunds"], card)
    registration |= {name: block for name, block in blocks.items() if block}
    if card is not None and card["Id"] != registration["CardId"]:
        _charge_another(world, registration, card)
    if status == "ENDED":
        recurring.move(world, registration, "ENDED")
    return Answer(wire(world.store.recurring_registrations.save(registration)))


def end(world: World, registration_id: str, fields: Fields) -> Entity:  # noqa: ARG001  (nothing more to say)
    """End a series as Mangopay does when its time is over."""
    registration = world.find(world.store.recurring_registrations, registration_id, "RecurringPayinRegistration")
    if registration["Status"] == "ENDED":
        raise invalid_action("The recurring registration has ended already")
    recurring.move(world, registration, "ENDED")
    return registration


def _charge_another(world: World, registration: Entity, card: Entity) -> None:
    registration["CardId"] = card["Id"]
    if registration["CurrentState"]["LastPayinId"]:
        recurring.move(world, registration, "AUTHENTICATION_NEEDED")


def _read_amounts(fields: Fields, *, has_free_cycles: bool) -> Entity:
    """Return the four amounts, all in the currency of the first; the first payment may cost nothing if it is free."""
    names = ("FirstTransactionDebitedFunds", "FirstTransactionFees")
    fields.require(*names)
    amounts = {names[0]: fields.money(names[0], least=0 if has_free_cycles else 1), names[1]: fields.money(names[1])}
    amounts["NextTransactionDebitedFunds"] = fields.money("NextTransactionDebitedFunds", least=1)
    amounts["NextTransactionFees"] = fields.money("NextTransactionFees")
    currencies = {name: money["Currency"] for name, money in amounts.items() if money}
    for name, currency in currencies.items():
        if currency != next(iter(currencies.values())):
            fields.refuse(name, "The currency must be the one of the FirstTransactionDebitedFunds")
    return amounts


def _read_terms(fields: Fields, payment_type: str) -> Entity:
    return {
        "EndDate": fields.number("EndDate"),
        "Frequency": fields.choice("Frequency", recurring.PERIODS),
        "FixedNextAmount": bool(fields.flag("FixedNextAmount")) and payment_type != "PAYPAL",
        "FractionedPayment": bool(fields.flag("FractionedPayment")),
        "Migration": bool(fields.flag("Migration")),
    }


def _new(world: World, parties: Parties, card: Entity) -> Entity:
    """Return what every registration begins with, in the order it is sent."""
    return {
        "Id": new_id("recpayinreg_m_"),
        "CreationDate": world.clock.now(),
        "Status": "CREATED",
        "ResultCode": None,
        "ResultMessage": None,
        "CurrentState": None,
        "RecurringType": None,
        "TotalAmount": None,
        "CycleNumber": None,
        "AuthorId": parties.author_id,
        "CardId": card.get("Id"),
        "CreditedUserId": parties.credited_user_id,
        "CreditedWalletId": parties.credited_wallet["Id"],
        # All that were asked for, whatever came of them.
        "_PayinCount": 0,
    }


def _no_payments(currency: str) -> Entity:
    return {
        "PayinsLinked": 0,
        "CumulatedDebitedAmount": {"Currency": currency, "Amount": 0},
        "CumulatedFeesAmount": {"Currency": currency, "Amount": 0},
        "LastPayinId": None,
    }


def _registration_of(world: World, call: Call) -> Entity:
    registration_id = call.params["RecurringPayinRegistrationId"]
    return world.find(world.store.recurring_registrations, registration_id, "RecurringPayinRegistration")


BY_ID = f"{API}/recurringpayinregistrations/{{RecurringPayinRegistrationId}}"
ROUTES = (
    Route("POST", f"{API}/recurringpayinregistrations", create),
    Route("GET", BY_ID, view),
    Route("PUT", BY_ID, update),
)

CONTROLS = {"recurring.end": end}
