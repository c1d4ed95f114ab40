"""Saving a card: registration, the card vault that alone sees the number, and the card that comes of it.

Source: https://docs.mangopay.com/api-reference/card-registrations
Chosen: the vault answers 09101 to an unknown access key, 09201 to data of another, and 02631 once the registration is
a day old or decided; a decided registration answers its data again unchanged, and refuses any other.
"""

import re
import secrets

from starlette.responses import PlainTextResponse, RedirectResponse, Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import invalid_action
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.urls import with_query
from services.emulator.engine.world import World
from services.emulator.rules import cards
from services.emulator.rules.result_codes import MESSAGES, SUCCESS
from services.emulator.rules.users import refuse_closed

VAULT_HEADERS = {"Access-Control-Allow-Origin": "*"}
SESSION_S = 86_400
# What the vault complains of, and what the registration makes of it.
NUMBER, DATE, CVC, EXPIRED = "02625", "02626", "02627", "02624"
UNKNOWN_KEY, WRONG_DATA, TOO_LATE, NO_GET = "09101", "09201", "02631", "02632"
VAULT_ERRORS = {NUMBER: "105202", DATE: "105203", EXPIRED: "105203", CVC: "105204", WRONG_DATA: "105206"}


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
        "CardType": fields.choice("CardType", cards.CARD_TYPES) or "CB_VISA_MASTERCARD",
        "CardRegistrationURL": f"{world.config.base_url}/vault/tokenize",
        "ResultCode": None,
        "ResultMessage": None,
        "Currency": fields.currency("Currency"),
        "Status": "CREATED",
    }
    fields.check()
    refuse_closed(user)
    return Answer(wire(world.store.card_registrations.save(registration)))


def view(world: World, call: Call) -> Response:
    return Answer(wire(_registration_of(world, call)))


def tokenize(world: World, call: Call) -> Response:
    """Take the number from the payer's browser and hand back a token; what is kept of the card is no secret.

    A form with a `returnURL` leads the browser on to it with the answer in the query, any other reads it as text.
    """
    form = call.form
    error = _complaint(world, form)
    text = f"errorCode={error}" if error else _token(world, form)
    url = form.get("returnURL", "")
    if url.startswith(("http://", "https://")):
        return RedirectResponse(with_query(url, text), status_code=303)
    return PlainTextResponse(text, headers=VAULT_HEADERS)


def refuse_get(world: World, call: Call) -> Response:  # noqa: ARG001  (the vault refuses whatever is asked)
    return PlainTextResponse(f"errorCode={NO_GET}", headers=VAULT_HEADERS)


def update(world: World, call: Call) -> Response:
    registration = _registration_of(world, call)
    fields = Fields(call.body)
    fields.require("RegistrationData")
    data = fields.text("RegistrationData", longest=10_000) or ""
    holder, tag = card_holder(fields), fields.text("Tag")
    fields.check()
    if registration["Status"] == "CREATED":
        registration |= {"RegistrationData": data, "Tag": tag or registration["Tag"]}
        _decide(world, registration, data, holder)
    elif data != registration["RegistrationData"]:
        raise invalid_action("The card registration has already been processed")
    return Answer(wire(world.store.card_registrations.save(registration)))


def card_holder(fields: Fields) -> str | None:
    holder = fields.text("CardHolderName", longest=10_000)
    if holder is not None and not 2 <= len(holder) <= 255:
        fields.refuse("CardHolderName", "The field CardHolderName must be between 2 and 255 characters long.")
    return holder


def _decide(world: World, registration: Entity, data: str, holder: str | None) -> None:
    token = registration.get("_Token")
    if token is not None and data in (token, token.removeprefix("data=")):
        card = _new_card(world, registration, holder)
        registration |= {"CardId": card["Id"], "Status": "VALIDATED"} | _result(SUCCESS)
    else:
        registration |= {"Status": "ERROR"} | _result(_error_code(data))


def _registration_of(world: World, call: Call) -> Entity:
    return world.find(world.store.card_registrations, call.params["CardRegistrationId"], "CardRegistration")


def _complaint(world: World, form: dict[str, str]) -> str | None:
    """Return what is wrong with a form, None if nothing is."""
    registration = _registration_by_key(world, form)
    if registration is None:
        return UNKNOWN_KEY
    if registration["PreregistrationData"] != form.get("data"):
        return WRONG_DATA
    if registration["Status"] != "CREATED" or world.clock.now() - registration["CreationDate"] > SESSION_S:
        return TOO_LATE
    if not re.fullmatch(r"[0-9]{13,19}", form.get("cardNumber", "")):
        return NUMBER
    if not re.fullmatch(r"(0[1-9]|1[0-2])[0-9]{2}", form.get("cardExpirationDate", "")):
        return DATE
    if cards.has_expired(form["cardExpirationDate"], world.clock.now()):
        return EXPIRED
    return None if re.fullmatch(r"[0-9]{3,4}", form.get("cardCvx", "")) else CVC


def _token(world: World, form: dict[str, str]) -> str:
    registration = _registration_by_key(world, form) or {}
    token = f"data={secrets.token_urlsafe(90)}"
    registration["_Token"] = token
    registration["_Card"] = cards.facts(
        form["cardNumber"], form["cardExpirationDate"], registration["CardType"], form["cardCvx"]
    )
    world.store.card_registrations.save(registration)
    return token


def _registration_by_key(world: World, form: dict[str, str]) -> Entity | None:
    known = world.store.card_registrations.where("AccessKey", form.get("accessKeyRef", ""))
    return known[0] if known else None


def _new_card(world: World, registration: Entity, holder: str | None) -> Entity:
    facts: Entity = registration.pop("_Card")
    card = {
        "ExpirationDate": facts["ExpirationDate"],
        "Alias": facts["Alias"],
        "CardType": registration["CardType"],
        "CardProvider": facts["CardProvider"],
        "Country": facts["Country"],
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
        "_IsRefused": facts["_IsRefused"],
    }
    _note_holder(world, card)
    world.later("card.lapse", card["Id"], after_s=cards.LAPSE_S)
    return world.store.cards.save(card)


def _note_holder(world: World, card: Entity) -> None:
    """Let a user be found by the fingerprints of their cards."""
    user = world.store.users.get(card["UserId"])
    if user is not None and card["Fingerprint"] not in user.get("_Fingerprints", ()):
        user["_Fingerprints"] = [*user.get("_Fingerprints", ()), card["Fingerprint"]]
        world.store.users.save(user)


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

ACTS = {"card.lapse": cards.lapse}
