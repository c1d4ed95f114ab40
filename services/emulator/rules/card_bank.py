"""The card's bank: what it is told of a payment, whether it wants to see its customer, and what it answers.

The same for pay-ins, pre-authorisations, deposits and validations.
Source: https://docs.mangopay.com/guides/payment-methods/card and https://docs.mangopay.com/errors/codes
Chosen: a 3-D Secure page that nobody finishes fails after 15 minutes with 101304, the one of a validation after 5.
"""

from services.emulator.engine.fields import Fields
from services.emulator.engine.store import Entity
from services.emulator.engine.urls import with_query
from services.emulator.engine.world import World
from services.emulator.rules import payer
from services.emulator.rules.cards import NETWORKS, card_info, has_expired, is_invalid
from services.emulator.rules.result_codes import REFUSED_AMOUNTS, SUCCESS

SECURE_MODES = ("DEFAULT", "FORCE", "NO_CHOICE")
VERSIONS_3DS = ("V1", "V2_1")
APPLIED_3DS = "V2_1"
PAYMENT_CATEGORIES = ("ECommerce", "TelephoneOrder")
AUTHENTICATION_FAILED = "101301"
AUTHENTICATION_EXPIRED = "101304"
PAGE_LIFE_S = 900
# How the two first digits of a British postcode decide the address check in the sandbox.
POSTCODES = {
    "22": "FULL_MATCH",
    **dict.fromkeys(("12", "42", "82"), "ADDRESS_MATCH_ONLY"),
    **dict.fromkeys(("21", "24", "28"), "POSTAL_CODE_MATCH_ONLY"),
    **dict.fromkeys(("14", "18", "41", "44", "48", "81", "84", "88"), "NO_MATCH"),
}


def read_card_payment(
    fields: Fields, card: Entity, author: Entity, *, default_mode: str | None = "DEFAULT", has_payer: bool = True
) -> Entity:
    """Return what every payment with a saved card keeps; of a payer who is there, also where they are."""
    if has_payer:
        fields.require("SecureModeReturnURL")
    blocks = payer.billing_and_shipping(fields, author)
    return {
        "SecureMode": fields.choice("SecureMode", SECURE_MODES) or default_mode,
        "CardId": card.get("Id"),
        "SecureModeReturnURL": fields.text("SecureModeReturnURL"),
        "SecureModeRedirectURL": None,
        "SecureModeNeeded": False,
        "Culture": payer.culture(fields),
        "StatementDescriptor": payer.statement_descriptor(fields),
        "BrowserInfo": payer.browser(fields, is_required=has_payer),
        "IpAddress": payer.ip_address(fields, is_required=has_payer),
        **blocks,
        "Requested3DSVersion": fields.choice("Requested3DSVersion", VERSIONS_3DS),
        "Applied3DSVersion": None,
        "PreferredCardNetwork": fields.choice("PreferredCardNetwork", NETWORKS),
        "PaymentCategory": fields.choice("PaymentCategory", PAYMENT_CATEGORIES) or "ECommerce",
        "CardInfo": card_info(card) if card else None,
        "AuthenticationResult": {"AuthenticationType": None},
        # What lists of transactions find it by; a capture, which names no card, has these too.
        "_CardId": card.get("Id"),
        "_Fingerprint": card.get("Fingerprint"),
        "_HasPayer": has_payer,
    }


def address_check(billing: Entity | None, currency: object) -> Entity:
    """Return `SecurityInfo`: whether the postcode is the one the bank knows, which only British banks tell."""
    postcode = str(billing["Address"]["PostalCode"] or "") if billing and currency == "GBP" else ""
    return {"AVSResult": POSTCODES.get(postcode[:2], "NO_CHECK")}


def refusal(world: World, card: Entity, author_id: str, *, amount: int = 0) -> str | None:
    """Return why a payment with this card fails, None if the bank agrees."""
    now = world.clock.now()
    if card["UserId"] != author_id:
        return "001023"
    if not card["Active"]:
        return "101410"
    if has_expired(card["ExpirationDate"], now):
        return "101105"
    if card.get("_IsRefused"):
        return "101101"
    if amount in REFUSED_AMOUNTS:
        return REFUSED_AMOUNTS[amount]
    return "101106" if is_invalid(card, now) else None


def is_challenged(payment: Entity, card: Entity) -> bool:
    """Tell whether the payer must prove who they are; by mail or telephone nobody can."""
    if not _may_be_asked(payment):
        return False
    mode = payment["SecureMode"]
    return bool(mode == "FORCE" or (mode in ("NO_CHOICE", None) and card.get("_IsChallenged")))


def return_url(url: str | None, name: str, payment_id: str) -> str | None:
    """Return where a payer is led back to, as it is answered: with the id of the payment in the query."""
    return with_query(url, f"{name}={payment_id}") if url else url


def challenge(payment: Entity, url: str) -> None:
    """Send the payer to a page, and leave the payment CREATED until they are back."""
    payment |= {"SecureModeNeeded": True, "SecureModeRedirectURL": url, "Applied3DSVersion": APPLIED_3DS}


def note_authentication(payment: Entity, result_code: str) -> None:
    """Write down how the payer was authenticated, once the bank has answered; the page is of no more use."""
    payment["SecureModeRedirectURL"] = None
    if payment["SecureModeNeeded"]:
        payment["AuthenticationResult"] = {"AuthenticationType": "CHALLENGE"}
    elif result_code == SUCCESS and _may_be_asked(payment):
        payment["AuthenticationResult"] = {"AuthenticationType": "FRICTIONLESS"}
        payment["Applied3DSVersion"] = APPLIED_3DS
    elif result_code == SUCCESS:
        payment["AuthenticationResult"] = {"AuthenticationType": "DIRECT_AUTHORIZATION"}


def _may_be_asked(payment: Entity) -> bool:
    return bool(payment.get("_HasPayer", True) and payment.get("PaymentCategory") != "TelephoneOrder")
