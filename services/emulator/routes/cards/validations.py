"""Validations: the bank says whether a card is good, without any money being moved.

Source: https://docs.mangopay.com/api-reference/card-validations
Chosen: a validation that nobody finishes within its five minutes fails with 101304.
"""

from uuid import uuid4

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.cards.cards import card_of
from services.emulator.rules import card_bank, cards, payer
from services.emulator.rules.result_codes import MESSAGES, SUCCESS
from services.emulator.rules.users import refuse_closed

PAGE_LIFE_S = 300
VALIDATED_TYPE = "CB_VISA_MASTERCARD"
USAGES = ("MIT", "CIT")


def create(world: World, call: Call) -> Response:
    return Answer(wire(validate(world, card_of(world, call), Fields(call.body))))


def validate(world: World, card: Entity, fields: Fields) -> Entity:
    """Let the bank look at a card, as a body says who has asked for it."""
    author = fields.entity("AuthorId", world.store.users)
    details = _details(fields)
    fields.check()
    refuse_closed(author)
    _refuse_unfit(world, card)
    validation = _begin(world, card, author, details)
    refusal = card_bank.refusal(world, card, author["Id"])
    if refusal is None and card_bank.is_challenged(validation, card):
        card_bank.challenge(validation, f"{world.config.base_url}/secure/validation/{validation['Id']}")
        card["_ValidationId"] = validation["Id"]
        world.store.cards.save(card)
        world.later("card_validation.expire", validation["Id"], after_s=PAGE_LIFE_S)
    else:
        settle(world, validation, refusal or SUCCESS)
    return world.store.card_validations.save(validation)


def view(world: World, call: Call) -> Response:
    card, validation_id = card_of(world, call), call.params["ValidationId"]
    validation = world.store.card_validations.get(validation_id)
    if validation is None or validation["_CardId"] != card["Id"]:
        raise not_found("CardValidation", validation_id)
    return Answer(wire(validation))


def settle(world: World, validation: Entity, result_code: str) -> None:
    """Write down what the bank says of the card, and of its holder if they were asked."""
    has_succeeded = result_code == SUCCESS
    card_bank.note_authentication(validation, result_code)
    card = world.find(world.store.cards, validation["_CardId"], "Card")
    cards.note_outcome(world, card, result_code)
    validation |= {
        "Status": "SUCCEEDED" if has_succeeded else "FAILED",
        "Validity": card["Validity"],
        "AuthorizationDate": world.clock.now() if has_succeeded else None,
        "ResultCode": result_code,
        "ResultMessage": MESSAGES[result_code],
    }
    world.store.card_validations.save(validation)
    world.emit(f"CARD_VALIDATION_{validation['Status']}", validation["Id"])


def expire(world: World, validation_id: str) -> None:
    """Fail what nobody came to prove; the card stays as it was, and may be validated anew."""
    validation = world.store.card_validations.get(validation_id)
    if validation is not None and validation["Status"] == "CREATED":
        settle(world, validation, card_bank.AUTHENTICATION_EXPIRED)


def _begin(world: World, card: Entity, author: Entity, details: Entity) -> Entity:
    validation_id = str(uuid4())
    validation = {
        "Id": validation_id,
        "AuthorId": author["Id"],
        "Status": "CREATED",
        **details,
        "Validity": card["Validity"],
        "CreationDate": world.clock.now(),
        "AuthorizationDate": None,
        "Type": "CARD_VALIDATION",
        "Applied3DSVersion": None,
        "ResultCode": None,
        "ResultMessage": None,
        "CardInfo": cards.card_info(card),
        "AuthenticationResult": {"AuthenticationType": None},
        "_CardId": card["Id"],
    }
    url = validation["SecureModeReturnURL"]
    validation["SecureModeReturnURL"] = card_bank.return_url(url, "cardValidationId", validation_id)
    world.store.card_validations.save(validation)
    world.emit("CARD_VALIDATION_CREATED", validation_id)
    return validation


def _refuse_unfit(world: World, card: Entity) -> None:
    """Raise ApiError 400 for a card that cannot, or need not, be validated."""
    fields = Fields({})
    pending = world.store.card_validations.get(card.get("_ValidationId"))
    if card["CardType"] != VALIDATED_TYPE:
        fields.refuse(
            "CardId",
            "The underlying card type is invalid. Only card type CB_VISA_MASTERCARD is accepted on this feature.",
        )
    if card["Validity"] != "UNKNOWN":
        fields.refuse("CardId", f"This card is {'already VALID' if card['Validity'] == 'VALID' else 'INVALID'}.")
    if pending is not None and pending["Status"] == "CREATED":
        fields.refuse("CardId", "This card is already being validated.")
    fields.check()


def _details(fields: Fields) -> Entity:
    fields.require("SecureModeReturnURL")
    return {
        "SecureModeReturnURL": fields.text("SecureModeReturnURL"),
        "SecureModeRedirectURL": None,
        "SecureModeNeeded": False,
        "IpAddress": payer.ip_address(fields),
        "BrowserInfo": payer.browser(fields),
        "PreferredCardNetwork": fields.choice("PreferredCardNetwork", cards.NETWORKS),
        "SecureMode": fields.choice("SecureMode", card_bank.SECURE_MODES) or "DEFAULT",
        "PaymentCategory": fields.choice("PaymentCategory", card_bank.PAYMENT_CATEGORIES) or "ECommerce",
        "ValidationUsage": fields.choice("ValidationUsage", USAGES) or "MIT",
        "Tag": fields.text("Tag"),
    }


ROUTES = (
    Route("POST", f"{API}/cards/{{CardId}}/validation", create),
    Route("GET", f"{API}/cards/{{CardId}}/validation/{{ValidationId}}", view),
)

ACTS = {"card_validation.expire": expire}
