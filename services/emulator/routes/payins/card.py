"""Paying in by card: with a saved one, or on a hosted page.

Source: https://docs.mangopay.com/api-reference/direct-card-payins and .../web-card-payins

Chosen: whoever pays on the hosted page does so with the frictionless test card; until then, and if they do not pay,
the card's details are null.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.rules import card_bank, cards, payer
from services.emulator.rules.payins import begin_payin, find_payin, read_parties, refusal_of
from services.emulator.rules.recurring import note_payin
from services.emulator.rules.result_codes import SUCCESS
from services.emulator.rules.transactions import check_currency, conclude

WEB_CARD_TYPES = ("CB_VISA_MASTERCARD", "AMEX", "MAESTRO", "BCMC")
WEB_SESSION_S = 900
CARD_DETAILS = ("ExpirationDate", "Alias", "CardType", "Country", "Fingerprint")


def create_direct(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    debited_funds, fees = fields.amounts()
    card = fields.entity("CardId", world.store.cards)
    author = fields.entity("AuthorId", world.store.users)
    details = _direct_details(fields, card, author)
    parties = read_parties(world, fields)
    check_currency(debited_funds, card, parties.credited_wallet)
    payin = begin_payin(world, fields, parties, debited_funds=debited_funds, fees=fees, details=details)
    return Answer(wire(pay(world, payin, card)))


def create_web(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    fields.require("ReturnURL", "CardType", "Culture")
    debited_funds, fees = fields.amounts()
    author = fields.entity("AuthorId", world.store.users)
    details = _web_details(fields, author)
    parties = read_parties(world, fields)
    check_currency(debited_funds, parties.credited_wallet)
    payin = begin_payin(world, fields, parties, debited_funds=debited_funds, fees=fees, details=details)
    payin["ReturnURL"] = card_bank.return_url(payin["ReturnURL"], "transactionId", payin["Id"])
    payin["RedirectURL"] = f"{world.config.base_url}/pay/{payin['Id']}"
    refusal = refusal_of(world, payin)
    if refusal:
        conclude(world, payin, refusal)
    else:
        world.later("payin.expire", payin["Id"], after_s=WEB_SESSION_S)
    return Answer(wire(world.store.transactions.save(payin)))


def view_card_details(world: World, call: Call) -> Response:
    """Show the card that was used on a hosted page."""
    payin = find_payin(world, call.params["PayInId"])
    if (payin["PaymentType"], payin["ExecutionType"]) != ("CARD", "WEB"):
        raise not_found("PayIn", payin["Id"])
    shown = {name: payin[name] for name in ("Id", "PaymentType", "ExecutionType")}
    return Answer(shown | {name: payin.get("_Card", {}).get(name) for name in CARD_DETAILS})


def pay(world: World, payin: Entity, card: Entity, *, refusal: str | None = None) -> Entity:
    """Ask the bank for the money of a new pay-in, or send its payer to prove who they are first."""
    payin["SecureModeReturnURL"] = card_bank.return_url(payin["SecureModeReturnURL"], "transactionId", payin["Id"])
    refused = refusal or _refusal(world, payin, card)
    if refused is None and card_bank.is_challenged(payin, card):
        card_bank.challenge(payin, f"{world.config.base_url}/pay/{payin['Id']}")
        world.later("card_payin.expire", payin["Id"], after_s=card_bank.PAGE_LIFE_S)
        return world.store.transactions.save(payin)
    settle(world, payin, refused or SUCCESS)
    return payin


def settle(world: World, payin: Entity, result_code: str) -> None:
    """Make a card pay-in final; the first one of a card also says whether the card is good."""
    if payin["ExecutionType"] == "DIRECT":
        card_bank.note_authentication(payin, result_code)
    elif result_code == SUCCESS:
        payin["_Card"] = _card_of_the_page(payin)
    conclude(world, payin, result_code)
    cards.note_outcome(world, world.store.cards.get(payin.get("CardId")), result_code)
    note_payin(world, payin)


def expire(world: World, payin_id: str) -> None:
    """Fail a pay-in whose payer never proved who they are; that says nothing about the card."""
    payin = world.store.transactions.get(payin_id)
    if payin is not None and payin["Status"] == "CREATED":
        payin["SecureModeRedirectURL"] = None
        conclude(world, payin, card_bank.AUTHENTICATION_EXPIRED)
        note_payin(world, payin)


def _refusal(world: World, payin: Entity, card: Entity) -> str | None:
    """Return why a pay-in fails, None if the bank agrees; a free one of a series need not be worth anything."""
    refused = None if payin.get("_IsFree") else refusal_of(world, payin)
    return refused or card_bank.refusal(world, card, payin["AuthorId"], amount=payin["DebitedFunds"]["Amount"])


def _direct_details(fields: Fields, card: Entity, author: Entity) -> Entity:
    payment = card_bank.read_card_payment(fields, card, author)
    return {
        "PaymentType": "CARD",
        "ExecutionType": "DIRECT",
        **payment,
        "SecurityInfo": card_bank.address_check(payment["Billing"], card.get("Currency")),
        "RecurringPayinRegistrationId": None,
        "FlowDescriptor": payer.flow_descriptor(fields),
        "AccountFunding": payer.account_funding(fields),
    }


def _web_details(fields: Fields, author: Entity) -> Entity:
    return {
        "PaymentType": "CARD",
        "ExecutionType": "WEB",
        "CardType": fields.choice("CardType", WEB_CARD_TYPES),
        "SecureMode": fields.choice("SecureMode", card_bank.SECURE_MODES) or "DEFAULT",
        "TemplateURL": None,
        "Culture": payer.culture(fields, default=None),
        "RedirectURL": None,
        "ReturnURL": fields.text("ReturnURL", longest=220),
        "StatementDescriptor": payer.statement_descriptor(fields),
        **payer.billing_and_shipping(fields, author),
        "BankName": None,
        "AuthenticationResult": {"AuthenticationType": None},
        "FlowDescriptor": payer.flow_descriptor(fields),
    }


def _card_of_the_page(payin: Entity) -> Entity:
    payin["AuthenticationResult"] = {"AuthenticationType": "FRICTIONLESS"}
    return cards.facts(cards.FRICTIONLESS_NUMBER, "1230", payin["CardType"]) | {"CardType": payin["CardType"]}


ROUTES = (
    Route("POST", f"{API}/payins/card/direct", create_direct),
    Route("POST", f"{API}/payins/card/web", create_web),
    Route("GET", f"{API}/payins/card/web/{{PayInId}}/extended", view_card_details),
)

ACTS = {"card_payin.expire": expire}
