"""Paying in by card: with a saved one, or on a hosted page.

Source: https://docs.mangopay.com/api-reference/card-payins
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.payins.payins import begin_payin, check_currency, read_parties
from services.emulator.rules.result_codes import REFUSED_AMOUNTS, SUCCESS
from services.emulator.rules.transactions import conclude

SECURE_MODES = ("DEFAULT", "FORCE", "NO_CHOICE")
CULTURES = ("CS", "DA", "DE", "EL", "EN", "ES", "FI", "FR", "HU", "IT", "NL", "NO", "PL", "PT", "SK", "SV")
CARD_TYPES = ("CB_VISA_MASTERCARD", "AMEX", "MAESTRO", "BCMC")
BROWSER = (
    *("AcceptHeader", "JavaEnabled", "Language", "ColorDepth", "ScreenHeight", "ScreenWidth"),
    *("TimeZoneOffset", "UserAgent", "JavascriptEnabled"),
)
# How the two first digits of a British postcode decide the address check in the sandbox.
POSTCODES = {
    "22": "FULL_MATCH",
    **dict.fromkeys(("12", "42", "82"), "ADDRESS_MATCH_ONLY"),
    **dict.fromkeys(("21", "24", "28"), "POSTAL_CODE_MATCH_ONLY"),
    **dict.fromkeys(("14", "18", "41", "44", "48", "81", "84", "88"), "NO_MATCH"),
}


def create_direct(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    fields.require("SecureModeReturnURL", "IpAddress", "BrowserInfo")
    fields.within("BrowserInfo").require(*BROWSER)
    debited_funds, fees = fields.amounts()
    card = fields.entity("CardId", world.store.cards)
    details = _direct_details(fields, card)
    parties = read_parties(world, fields)
    check_currency(debited_funds, card, parties.credited_wallet)
    payin = begin_payin(world, fields, parties, debited_funds=debited_funds, fees=fees, details=details)
    refusal = _refusal(payin, card)
    if refusal is None and _is_challenged(payin, card):
        payin["SecureModeNeeded"] = True
        payin["SecureModeRedirectURL"] = f"{world.config.base_url}/pay/{payin['Id']}"
    else:
        settle(world, payin, refusal or SUCCESS)
    return Answer(wire(world.store.transactions.save(payin)))


def create_web(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    fields.require("ReturnURL", "CardType", "Culture")
    debited_funds, fees = fields.amounts()
    details = _web_details(fields)
    parties = read_parties(world, fields)
    check_currency(debited_funds, parties.credited_wallet)
    payin = begin_payin(world, fields, parties, debited_funds=debited_funds, fees=fees, details=details)
    payin["RedirectURL"] = f"{world.config.base_url}/pay/{payin['Id']}"
    if payin["CreditedFunds"]["Amount"] <= 0:
        conclude(world, payin, "001014")
    return Answer(wire(world.store.transactions.save(payin)))


def settle(world: World, payin: Entity, result_code: str) -> None:
    """Make a card pay-in final; the first one of a card also says whether the card is good."""
    conclude(world, payin, result_code)
    card = world.store.cards.get(payin.get("CardId"))
    if card is not None and card["Validity"] == "UNKNOWN":
        card["Validity"] = "VALID" if result_code == SUCCESS else "INVALID"
        world.store.cards.save(card)


def bank_verdict(payin: Entity) -> str:
    """Return what the sandbox's bank says to an amount: yes, except to the magic ones."""
    return REFUSED_AMOUNTS.get(payin["DebitedFunds"]["Amount"], SUCCESS)


def _refusal(payin: Entity, card: Entity) -> str | None:
    if payin["CreditedFunds"]["Amount"] <= 0:
        return "001014"
    if card["UserId"] != payin["AuthorId"]:
        return "001023"
    if not card["Active"]:
        return "101410"
    verdict = bank_verdict(payin)
    return None if verdict == SUCCESS else verdict


def _is_challenged(payin: Entity, card: Entity) -> bool:
    mode = payin["SecureMode"]
    return bool(mode == "FORCE" or (mode == "NO_CHOICE" and card["_IsChallenged"]))


def _direct_details(fields: Fields, card: Entity) -> Entity:
    billing = fields.body.get("Billing")
    return {
        "PaymentType": "CARD",
        "ExecutionType": "DIRECT",
        "SecureMode": fields.choice("SecureMode", SECURE_MODES) or "DEFAULT",
        "CardId": card.get("Id"),
        "SecureModeReturnURL": fields.text("SecureModeReturnURL"),
        "SecureModeRedirectURL": None,
        "SecureModeNeeded": False,
        "Culture": fields.choice("Culture", CULTURES) or "EN",
        "SecurityInfo": {"AVSResult": _address_check(billing)},
        "StatementDescriptor": fields.text("StatementDescriptor", longest=22),
        "BrowserInfo": fields.body.get("BrowserInfo"),
        "IpAddress": fields.text("IpAddress"),
        "Billing": billing,
        "Shipping": fields.body.get("Shipping") or billing,
        "Requested3DSVersion": "V2_1",
        "Applied3DSVersion": "V2_1",
        "RecurringPayinRegistrationId": None,
        "PreferredCardNetwork": fields.choice("PreferredCardNetwork", ("VISA", "MASTERCARD", "CB", "MAESTRO")),
        "PaymentCategory": fields.choice("PaymentCategory", ("ECommerce", "TelephoneOrder")) or "ECommerce",
        "CardInfo": _card_info(card),
    }


def _web_details(fields: Fields) -> Entity:
    billing = fields.body.get("Billing")
    return {
        "PaymentType": "CARD",
        "ExecutionType": "WEB",
        "CardType": fields.choice("CardType", CARD_TYPES),
        "SecureMode": fields.choice("SecureMode", SECURE_MODES) or "DEFAULT",
        "TemplateURL": None,
        "Culture": fields.choice("Culture", CULTURES),
        "RedirectURL": None,
        "ReturnURL": fields.text("ReturnURL", longest=220),
        "StatementDescriptor": fields.text("StatementDescriptor", longest=22),
        "Billing": billing,
        "Shipping": fields.body.get("Shipping") or billing,
        "BankName": None,
    }


def _address_check(billing: Entity | None) -> str:
    postcode = str(((billing or {}).get("Address") or {}).get("PostalCode") or "")
    return POSTCODES.get(postcode[:2], "NO_CHECK")


def _card_info(card: Entity) -> Entity:
    return {
        "BIN": card.get("Alias", "")[:6],
        "IssuingBank": "BANQUE D'EXEMPLE",
        "IssuerCountryCode": "FR",
        "Type": "CREDIT",
        "Brand": card.get("CardProvider"),
        "SubType": None,
    }


ROUTES = (
    Route("POST", f"{API}/payins/card/direct", create_direct),
    Route("POST", f"{API}/payins/card/web", create_web),
)
