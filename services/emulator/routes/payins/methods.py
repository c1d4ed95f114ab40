"""Paying in by the methods of the table: one handler for all, and what each of them leaves when it has been paid.

Source: https://docs.mangopay.com/guides/payment-methods

Chosen: what is confirmed in an app (MB WAY, a BLIK code) has no `RedirectURL`, but the page of the pay-in decides it
all the same; a Pay by Bank payment that its payer has begun arrives five seconds later.
"""

from uuid import uuid4

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Handler, Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules import card_bank, payer
from services.emulator.rules.payins import begin_payin, read_parties, refusal_of, shown
from services.emulator.rules.payment_methods import METHODS, PAYCONIQ, Method, read_details, refusal_at_creation
from services.emulator.rules.result_codes import SUCCESS
from services.emulator.rules.transactions import check_currency, conclude
from services.emulator.rules.users import contact

BANK_DELAY_S = 5


def creator(method: Method) -> Handler:
    """Return the handler that creates a pay-in by this method."""

    def create(world: World, call: Call) -> Response:
        fields = Fields(call.body)
        debited_funds, fees = fields.amounts()
        details = read_details(fields, method)
        if method.has_addresses:
            details |= payer.billing_and_shipping(fields, fields.entity("AuthorId", world.store.users))
        collect_data(world, fields)
        parties = read_parties(world, fields)
        check_currency(debited_funds, parties.credited_wallet)
        details |= {"Id": new_id()}
        payin = begin_payin(world, fields, parties, debited_funds=debited_funds, fees=fees, details=details)
        return Answer(shown(wait_for_payer(world, payin, method)))

    return create


def new_id() -> str:
    """Return an id of the kind that other methods than cards and banks have."""
    return f"wt_{uuid4()}"


def wait_for_payer(world: World, payin: Entity, method: Method) -> Entity:
    """Give a new pay-in its page, and its time; fail it at once if nothing can come of it."""
    if not payin.get("_IsPageless"):
        payin |= dict.fromkeys(method.links, f"{world.config.base_url}/pay/{payin['Id']}")
    if "ReturnURL" in payin:
        payin["ReturnURL"] = card_bank.return_url(payin["ReturnURL"], "transactionId", payin["Id"])
    refusal = refusal_of(world, payin) or refusal_at_creation(payin)
    if refusal is not None:
        return conclude(world, payin, refusal)
    world.later("payin.expire", payin["Id"], after_s=method.window_s)
    return world.store.transactions.save(payin)


def collect_data(world: World, fields: Fields) -> None:
    """Refuse a `DataCollectionId` that nobody was given; no answer repeats it."""
    if fields.has("DataCollectionId"):
        fields.entity("DataCollectionId", world.store.data_collections)


def note_payer(world: World, payin: Entity) -> None:
    """Write down what a provider tells of who has just paid."""
    if payin["PaymentType"] == "KLARNA":
        payin["PaymentMethod"] = "PAY_LATER"
    user = world.store.users.get(payin["AuthorId"])
    if payin["PaymentType"] != "PAYPAL" or "PaypalOrderID" not in payin:
        return
    payin |= {"PaypalPayerID": payin["Id"][-13:].upper(), "PaypalOrderID": uuid4().hex[:17].upper()}
    if user is not None:
        person = user if user["PersonType"] == "NATURAL" else user["LegalRepresentative"]
        payin |= {
            "PaypalBuyerAccountEmail": user["Email"],
            "BuyerCountry": person.get("CountryOfResidence"),
            "BuyerFirstname": person["FirstName"],
            "BuyerLastname": person["LastName"],
            "BuyerPhone": contact(user)["PhoneNumber"],
        }


def begin_bank_payment(world: World, payin: Entity) -> None:
    """Note that a Pay by Bank payer has ordered the wire; the money is still to come."""
    payin["ProcessingStatus"] = "PENDING_SUCCEEDED"
    world.store.transactions.save(payin)
    world.emit("PAYIN_NORMAL_PROCESSING_STATUS_PENDING_SUCCEEDED", payin["Id"])
    world.later("payin.arrive", payin["Id"], after_s=BANK_DELAY_S)


def arrive(world: World, payin_id: str) -> None:
    """Let the wire of a Pay by Bank payment arrive."""
    payin = world.store.transactions.get(payin_id)
    if payin is not None and payin["Status"] == "CREATED":
        conclude(world, payin, refusal_of(world, payin) or SUCCESS)


AT = f"{API}/payins/payment-methods"
ROUTES = (
    *(Route("POST", f"{AT}/{path}", creator(method)) for path, method in METHODS.items()),
    Route("POST", f"{API}/payins/payconiq/web", creator(PAYCONIQ)),
)

ACTS = {"payin.arrive": arrive}
