"""Saving a card: registration, the card vault that alone sees the number, and the card that comes of it.

Source: https://docs.mangopay.com/api-reference/card-registrations
"""

import hashlib
import re
import secrets

from starlette.responses import PlainTextResponse, Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.rules.result_codes import MESSAGES, SUCCESS

CARD_TYPES = ("CB_VISA_MASTERCARD", "AMEX", "MAESTRO", "BCMC")
PROVIDERS = {"34": "AMEX", "37": "AMEX", "50": "MAESTRO"} | {str(start): "MASTERCARD" for start in range(51, 56)}
# With this number the bank wants to see its customer; with others only if the platform insists.
CHALLENGE_NUMBER = "4970105181818183"
VAULT_HEADERS = {"Access-Control-Allow-Origin": "*"}
# What the vault complains of, and what the registration makes of it.
VAULT_ERRORS = {"02625": "105202", "02626": "105203", "02627": "105204"}


def create(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    fields.require("Currency")
    user = fields.entity("UserId", world.store.users)
    registration = {
        "Id": new_id("cardreg_m_"),
        "Tag": fields.text("Tag"),
        "CreationDate": world.clock.now(),
        "UserId": user.get("Id"),
        "AccessKey": secrets.token_urlsafe(15),
        "PreregistrationData": secrets.token_urlsafe(66),
        "RegistrationData": None,
        "CardId": None,
        "CardType": fields.choice("CardType", CARD_TYPES) or "CB_VISA_MASTERCARD",
        "CardRegistrationURL": f"{world.config.base_url}/vault/tokenize",
        "ResultCode": None,
        "ResultMessage": None,
        "Currency": fields.currency("Currency"),
        "Status": "CREATED",
    }
    fields.check()
    return Answer(wire(world.store.card_registrations.save(registration)))


def view(world: World, call: Call) -> Response:
    return Answer(wire(_registration_of(world, call)))


def tokenize(world: World, call: Call) -> Response:
    """Take the number from the payer's browser and hand back a token; what is kept of the card is no secret."""
    form = call.form
    known = world.store.card_registrations.where("AccessKey", form.get("accessKeyRef", ""))
    if not known or known[0]["PreregistrationData"] != form.get("data"):
        return PlainTextResponse("errorCode=02628", headers=VAULT_HEADERS)
    error = _complaint(form)
    if error:
        return PlainTextResponse(f"errorCode={error}", headers=VAULT_HEADERS)
    registration = known[0]
    registration["_Token"] = f"data={secrets.token_urlsafe(90)}"
    registration["_Card"] = _facts(form["cardNumber"], form["cardExpirationDate"])
    world.store.card_registrations.save(registration)
    return PlainTextResponse(registration["_Token"], headers=VAULT_HEADERS)


def refuse_get(world: World, call: Call) -> Response:  # noqa: ARG001  (the vault refuses whatever is asked)
    return PlainTextResponse("errorCode=02632", headers=VAULT_HEADERS)


def update(world: World, call: Call) -> Response:
    registration = _registration_of(world, call)
    fields = Fields(call.body)
    fields.require("RegistrationData")
    data, holder = fields.text("RegistrationData", longest=10_000) or "", fields.text("CardHolderName")
    if holder is not None and len(holder) < 2:
        fields.refuse("CardHolderName", "The field CardHolderName must be between 2 and 255 characters long.")
    fields.check()
    registration["RegistrationData"] = data
    if registration["Status"] == "CREATED" and data == registration.get("_Token"):
        card = _new_card(world, registration, holder)
        registration |= {"CardId": card["Id"], "Status": "VALIDATED"} | _result(SUCCESS)
    else:
        registration |= {"Status": "ERROR"} | _result(_error_code(data))
    return Answer(wire(world.store.card_registrations.save(registration)))


def _registration_of(world: World, call: Call) -> Entity:
    return world.find(world.store.card_registrations, call.params["CardRegistrationId"], "CardRegistration")


def _complaint(form: dict[str, str]) -> str | None:
    if not re.fullmatch(r"\d{13,19}", form.get("cardNumber", "")):
        return "02625"
    if not re.fullmatch(r"(0[1-9]|1[0-2])\d\d", form.get("cardExpirationDate", "")):
        return "02626"
    return None if re.fullmatch(r"\d{3,4}", form.get("cardCvx", "")) else "02627"


def _facts(number: str, expiration_date: str) -> Entity:
    return {
        "ExpirationDate": expiration_date,
        "Alias": f"{number[:6]}{'X' * (len(number) - 10)}{number[-4:]}",
        "CardProvider": PROVIDERS.get(number[:2], "VISA"),
        "Fingerprint": hashlib.sha256(number.encode()).hexdigest()[:32],
        "_IsChallenged": number == CHALLENGE_NUMBER,
    }


def _new_card(world: World, registration: Entity, holder: str | None) -> Entity:
    facts: Entity = registration["_Card"]
    card = {
        "ExpirationDate": facts["ExpirationDate"],
        "Alias": facts["Alias"],
        "CardType": registration["CardType"],
        "CardProvider": facts["CardProvider"],
        "Country": "FRA",
        "Product": "I",
        "BankCode": "unknown",
        "Active": True,
        "Currency": registration["Currency"],
        "Validity": "UNKNOWN",
        "UserId": registration["UserId"],
        "Id": new_id("card_m_"),
        "Tag": registration["Tag"],
        "CreationDate": world.clock.now(),
        "Fingerprint": facts["Fingerprint"],
        "CardHolderName": holder,
        "_IsChallenged": facts["_IsChallenged"],
    }
    return world.store.cards.save(card)


def _error_code(data: str) -> str:
    if data.startswith("errorCode="):
        return VAULT_ERRORS.get(data.removeprefix("errorCode="), "101699")
    return "105206"


def _result(code: str) -> Entity:
    return {"ResultCode": code, "ResultMessage": MESSAGES[code]}


ROUTES = (
    Route("POST", f"{API}/cardregistrations", create),
    Route("GET", f"{API}/cardregistrations/{{CardRegistrationId}}", view),
    Route("PUT", f"{API}/cardregistrations/{{CardRegistrationId}}", update),
    Route("POST", "/vault/tokenize", tokenize, is_open=True),
    Route("GET", "/vault/tokenize", refuse_get, is_open=True),
)
