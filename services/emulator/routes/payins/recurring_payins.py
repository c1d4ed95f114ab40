"""The payments of a series: the first with the payer (CIT), the following without (MIT), until the bank asks for them.

Source: https://docs.mangopay.com/api-reference/recurring-card-payins/create-recurring-card-payin and
https://docs.mangopay.com/api-reference/paypal/create-recurring-paypal-payin
Chosen: a card pay-in is a CIT if it brings a `SecureModeReturnURL`, a browser or an address of one; a CIT with the
frictionless test card needs no page; with PayPal, Apple Pay and Google Pay the status of the registration decides
which of both it is; a pay-in for a registration that has ended is an invalid action.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import invalid_action, param_error
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes.payins import applepay, card, googlepay
from services.emulator.routes.payins.methods import collect_data, new_id, wait_for_payer
from services.emulator.rules import card_bank, payer, payment_methods, recurring
from services.emulator.rules.issuers import card_info
from services.emulator.rules.payins import begin_payin, read_parties, refusal_of, shown
from services.emulator.rules.result_codes import REFUSED_AMOUNTS, SUCCESS
from services.emulator.rules.transactions import conclude

OF_PAYER = ("SecureModeReturnURL", "BrowserInfo", "IpAddress")


def create_by_card(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    registration = _registration(world, fields, "CARD_DIRECT")
    is_cit = _is_cit(fields, registration)
    saved = world.find(world.store.cards, registration["CardId"], "Card")
    payment = card_bank.read_card_payment(fields, saved, {}, default_mode=None, has_payer=is_cit)
    details = {
        "PaymentType": "CARD",
        "ExecutionType": "DIRECT",
        **payment,
        **_addresses(registration),
        "FlowDescriptor": registration["FlowDescriptor"],
    }
    payin = _begin(world, fields, registration, details, is_cit=is_cit)
    payin["_IsFree"] = bool(registration["FreeCycles"]) and payin["DebitedFunds"]["Amount"] == 0
    card.pay(world, payin, saved, refusal=_refusal(world, registration, payin, is_cit=is_cit))
    _wait(world, registration, payin)
    return Answer(shown(payin))


def create_by_paypal(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    registration = _registration(world, fields, "PAYPAL")
    is_cit = registration["Status"] != "IN_PROGRESS"
    debited_funds, fees = _amounts(fields, registration, is_cit=is_cit)
    # The items must add up to what is debited, be that said here or in the registration.
    fields.body = fields.body | {"DebitedFunds": debited_funds, "Fees": fees}
    details = payment_methods.read_details(fields, payment_methods.PAYPAL) | {"Id": new_id()}
    details["Shipping"] = details["Shipping"] or registration["Shipping"]
    collect_data(world, fields)
    payin = _begin(world, fields, registration, details, is_cit=is_cit)
    if is_cit:
        wait_for_payer(world, payin, payment_methods.PAYPAL)
        recurring.note_payin(world, payin)
        _wait(world, registration, payin)
    else:
        payin["ReturnURL"] = card_bank.return_url(payin["ReturnURL"], "transactionId", payin["Id"])
        _charge(world, registration, payin, is_cit=False)
    return Answer(shown(payin))


def create_by_applepay(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    registration = _registration(world, fields, "APPLEPAY")
    is_cit = registration["Status"] != "IN_PROGRESS"
    details = applepay.read_details(fields) | _addresses(registration) | {"Id": new_id()}
    payin = _begin(world, fields, registration, details, is_cit=is_cit)
    return Answer(shown(_charge(world, registration, payin, is_cit=is_cit)))


def create_by_googlepay(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    registration = _registration(world, fields, "GOOGLEPAY", "GOOGLE_PAY")
    is_cit = _is_cit(fields, registration)
    details = googlepay.read_details(fields) if is_cit else _token_alone(fields)
    details |= _addresses(registration) | {"Id": new_id()}
    payin = _begin(world, fields, registration, details, is_cit=is_cit)
    if not is_cit:
        return Answer(shown(_charge(world, registration, payin, is_cit=False)))
    googlepay.authorise(world, payin)
    recurring.note_payin(world, payin)
    _wait(world, registration, payin)
    return Answer(shown(payin))


def _registration(world: World, fields: Fields, *payment_types: str) -> Entity:
    """Return the registration of a body, if it is for this method and has not ended."""
    registration = fields.entity("RecurringPayinRegistrationId", world.store.recurring_registrations)
    if registration and registration["PaymentType"] not in payment_types:
        fields.refuse("RecurringPayinRegistrationId", f"The value {registration['Id']} is not valid")
    fields.check()
    if registration["Status"] == "ENDED":
        raise invalid_action("The recurring registration has ended and can no longer be used")
    return registration


def _is_cit(fields: Fields, registration: Entity) -> bool:
    """Tell whether the payer is there; raises ApiError 400 if they must be and are not."""
    if any(fields.has(name) for name in OF_PAYER):
        return True
    if registration["Status"] != "IN_PROGRESS":
        message = "The SecureModeReturnUrl is required: the user must authenticate before the next recurring pay-in"
        raise param_error({"SecureModeReturnUrl": message})
    return False


def _amounts(fields: Fields, registration: Entity, *, is_cit: bool) -> tuple[Entity, Entity]:
    """Return what the body asks for, or else what was registered for the first payment or the following ones."""
    is_first = is_cit and not registration["CurrentState"]["PayinsLinked"]
    funds, fees = registration["NextTransactionDebitedFunds"], registration["NextTransactionFees"]
    if is_first or (is_cit and funds is None):
        funds, fees = registration["FirstTransactionDebitedFunds"], registration["FirstTransactionFees"]
    for name, registered in (("DebitedFunds", funds), ("Fees", fees)):
        if registered is None:
            fields.require(name)
    asked = fields.money("DebitedFunds") if fields.has("DebitedFunds") else funds
    charged = fields.money("Fees") if fields.has("Fees") else fees
    fields.check()
    if asked is None:
        raise param_error({"DebitedFunds": "The DebitedFunds field is required."})
    nothing = {"Currency": asked["Currency"], "Amount": 0}
    for name, money in (("DebitedFunds", asked), ("Fees", charged or nothing)):
        if money["Currency"] != registration["FirstTransactionDebitedFunds"]["Currency"]:
            raise param_error({name: "The currency must be the one of the recurring registration"})
    return dict(asked), dict(charged or nothing)


def _begin(world: World, fields: Fields, registration: Entity, details: Entity, *, is_cit: bool) -> Entity:
    debited_funds, fees = _amounts(fields, registration, is_cit=is_cit)
    parties = {name: registration[name] for name in ("AuthorId", "CreditedWalletId")}
    named = Fields(fields.body | parties | {"CreditedUserId": None}, fields.path, fields.refused)
    return begin_payin(
        world,
        fields,
        read_parties(world, named),
        debited_funds=debited_funds,
        fees=fees,
        details=details | {"RecurringPayinRegistrationId": registration["Id"]},
    )


def _refusal(world: World, registration: Entity, payin: Entity, *, is_cit: bool) -> str | None:
    """Return why a payment of this series fails before the bank is asked."""
    if registration["_PayinCount"] >= recurring.MAX_PAYINS:
        return recurring.TOO_MANY
    registration["_PayinCount"] += 1
    world.store.recurring_registrations.save(registration)
    return recurring.magic_refusal(registration, payin["DebitedFunds"]["Amount"], is_cit=is_cit)


def _charge(world: World, registration: Entity, payin: Entity, *, is_cit: bool) -> Entity:
    """Ask for the money without anybody being sent anywhere."""
    amount = payin["DebitedFunds"]["Amount"]
    refusal = _refusal(world, registration, payin, is_cit=is_cit) or refusal_of(world, payin)
    conclude(world, payin, refusal or REFUSED_AMOUNTS.get(amount, SUCCESS))
    recurring.note_payin(world, payin)
    return payin


def _wait(world: World, registration: Entity, payin: Entity) -> None:
    """Let the series wait for a payer who has been sent to a page."""
    if payin["Status"] == "CREATED":
        recurring.move(world, registration, "AUTHENTICATION_NEEDED")


def _addresses(registration: Entity) -> Entity:
    blocks = {name: registration[name] for name in ("Billing", "Shipping")}
    currency = registration["FirstTransactionDebitedFunds"]["Currency"]
    return blocks | {"SecurityInfo": card_bank.address_check(registration["Billing"], currency)}


def _token_alone(fields: Fields) -> Entity:
    """Return what Google Pay adds to a pay-in that nobody is there for."""
    fields.require("PaymentData")
    token = fields.text("PaymentData", longest=100_000) or ""
    return {
        "PaymentType": "GOOGLE_PAY",
        "ExecutionType": "DIRECT",
        **dict.fromkeys(("CardId", "SecureMode", "SecureModeReturnURL", "SecureModeRedirectURL")),
        "SecureModeNeeded": False,
        **dict.fromkeys(("ReturnURL", "IpAddress", "BrowserInfo", "Requested3DSVersion", "Applied3DSVersion")),
        "StatementDescriptor": payer.statement_descriptor(fields),
        "CardInfo": card_info(googlepay.bin_of(token)),
        "AuthenticationResult": {"AuthenticationType": "DIRECT_AUTHORIZATION"},
    }


ROUTES = (
    Route("POST", f"{API}/payins/recurring/card/direct", create_by_card),
    Route("POST", f"{API}/payins/payment-methods/paypal/recurring", create_by_paypal),
    Route("POST", f"{API}/payins/payment-methods/applepay/recurring", create_by_applepay),
    Route("POST", f"{API}/payins/payment-methods/googlepay/recurring", create_by_googlepay),
)
