"""Pre-authorisations: money held on a card for six and a half days, to be captured in one or several pay-ins.

Source: https://docs.mangopay.com/api-reference/preauthorizations
Chosen: what nobody proved on the 3-D Secure page cannot be cancelled either; one whose authorisation failed is
CANCELED; cards that know no multiple capture are done after the first one.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError, invalid_action
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.listing import TRANSACTION_FILTERS, page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.cards.cards import card_of
from services.emulator.rules import authorisations, card_bank, cards, payer
from services.emulator.rules.result_codes import SUCCESS
from services.emulator.rules.transactions import check_currency, row
from services.emulator.rules.users import refuse_closed

HOLD_S = 561_600
MULTI_CAPTURE = ("CB_VISA_MASTERCARD", "AMEX")


def create(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    author = fields.entity("AuthorId", world.store.users)
    card = fields.entity("CardId", world.store.cards)
    debited_funds = authorisations.read_funds(fields)
    details = _details(fields, card, author)
    fields.check()
    refuse_closed(author)
    check_currency(debited_funds, card)
    preauthorization = _begin(world, author, debited_funds, details)
    authorisations.ask_bank(world, preauthorization, card, "preauthorization", settle)
    return Answer(wire(preauthorization))


def view(world: World, call: Call) -> Response:
    return Answer(wire(_preauthorization_of(world, call)))


def update(world: World, call: Call) -> Response:
    """Cancel what was never captured, or release the rest of what was."""
    preauthorization, fields = _preauthorization_of(world, call), Fields(call.body)
    # Clients that change something else send the status along as it is.
    wanted = fields.choice("PaymentStatus", ("CANCELED", "VALIDATED", preauthorization["PaymentStatus"]))
    tag = fields.text("Tag")
    fields.check()
    if wanted == "CANCELED":
        _refuse_cancelling(preauthorization)
        close(world, preauthorization, "CANCELED")
    elif wanted == "VALIDATED":
        _refuse_validating(preauthorization)
        close(world, preauthorization, "VALIDATED")
    preauthorization["Tag"] = tag or preauthorization["Tag"]
    return Answer(wire(world.store.preauthorizations.save(preauthorization)))


def transactions(world: World, call: Call) -> Response:
    rows = world.store.transactions.select("PreauthorizationId", _preauthorization_of(world, call)["Id"])
    return page(world, call, rows, filters=TRANSACTION_FILTERS, shape=row)


def list_of_user(world: World, call: Call) -> Response:
    user = world.find(world.store.users, call.params["UserId"], "User")
    rows = world.store.preauthorizations.select("AuthorId", user["Id"])
    return page(world, call, rows, filters=authorisations.FILTERS)


def list_of_card(world: World, call: Call) -> Response:
    rows = world.store.preauthorizations.select("CardId", card_of(world, call)["Id"])
    return page(world, call, rows, filters=authorisations.FILTERS)


def list_of_fingerprint(world: World, call: Call) -> Response:
    rows = world.store.preauthorizations.select("_Fingerprint", call.params["Fingerprint"])
    return page(world, call, rows, filters=authorisations.FILTERS)


def settle(world: World, preauthorization: Entity, result_code: str) -> None:
    """Write down what the bank has answered; a success holds the money for a while."""
    card_bank.note_authentication(preauthorization, result_code)
    authorisations.answer(world, preauthorization, result_code, hold_s=HOLD_S)
    if result_code == SUCCESS:
        world.store.preauthorizations.save(preauthorization)
        world.emit("PREAUTHORIZATION_SUCCEEDED", preauthorization["Id"])
        world.emit("PREAUTHORIZATION_PAYMENT_WAITING", preauthorization["Id"])
        world.later("preauthorization.expire", preauthorization["Id"], after_s=HOLD_S)
    else:
        preauthorization |= {"PaymentStatus": "CANCELED", "RemainingFunds": _nothing_of(preauthorization)}
        world.store.preauthorizations.save(preauthorization)
        world.emit("PREAUTHORIZATION_FAILED", preauthorization["Id"])
    cards.note_outcome(world, world.store.cards.get(preauthorization["CardId"]), result_code)


def note_capture(world: World, preauthorization: Entity, payin: Entity) -> None:
    """Take a succeeded capture off what is held."""
    remaining = preauthorization["RemainingFunds"]
    remaining["Amount"] -= payin["DebitedFunds"]["Amount"]
    preauthorization["PayInId"] = payin["Id"]
    if remaining["Amount"] == 0 or not preauthorization["MultiCapture"]:
        close(world, preauthorization, "VALIDATED")
    world.store.preauthorizations.save(preauthorization)


def close(world: World, preauthorization: Entity, payment_status: str) -> None:
    """Release what is still held, for good."""
    preauthorization |= {"PaymentStatus": payment_status, "RemainingFunds": _nothing_of(preauthorization)}
    world.store.preauthorizations.save(preauthorization)
    world.emit(f"PREAUTHORIZATION_PAYMENT_{payment_status}", preauthorization["Id"])


def expire(world: World, preauthorization_id: str) -> None:
    """End the hold, if it still lasts: VALIDATED if anything was captured, EXPIRED if not."""
    preauthorization = world.store.preauthorizations.get(preauthorization_id)
    if preauthorization is not None and _is_held(preauthorization):
        close(world, preauthorization, "VALIDATED" if preauthorization["PayInId"] else "EXPIRED")


def expire_page(world: World, preauthorization_id: str) -> None:
    """Fail what nobody came to prove; that says nothing about the card."""
    preauthorization = world.store.preauthorizations.get(preauthorization_id)
    if preauthorization is not None and preauthorization["Status"] == "CREATED":
        settle(world, preauthorization, card_bank.AUTHENTICATION_EXPIRED)


def expire_now(world: World, preauthorization_id: str, fields: Fields) -> Entity:  # noqa: ARG001
    """Let the hold, or the page before it, end today."""
    preauthorization = world.find(world.store.preauthorizations, preauthorization_id, "PreAuthorization")
    if preauthorization["Status"] == "CREATED":
        expire_page(world, preauthorization_id)
    elif _is_held(preauthorization):
        expire(world, preauthorization_id)
    else:
        raise invalid_action("The preauthorization no longer holds anything")
    return preauthorization


def _begin(world: World, author: Entity, debited_funds: Entity, details: Entity) -> Entity:
    preauthorization = {
        "Id": new_id("preauth_m_"),
        "Tag": None,
        "CreationDate": world.clock.now(),
        "AuthorId": author["Id"],
        "DebitedFunds": debited_funds,
        "RemainingFunds": dict(debited_funds),
        "AuthorizationDate": None,
        "Status": "CREATED",
        "PaymentStatus": "WAITING",
        "ExpirationDate": world.clock.now() + HOLD_S,
        "PayInId": None,
        "ResultCode": None,
        "ResultMessage": None,
    } | details
    preauthorization["SecureModeReturnURL"] = card_bank.return_url(
        preauthorization["SecureModeReturnURL"], "preAuthorizationId", preauthorization["Id"]
    )
    world.store.preauthorizations.save(preauthorization)
    world.emit("PREAUTHORIZATION_CREATED", preauthorization["Id"])
    return preauthorization


def _details(fields: Fields, card: Entity, author: Entity) -> Entity:
    payment = card_bank.read_card_payment(fields, card, author)
    return payment | {
        "Tag": fields.text("Tag"),
        "PaymentType": "CARD",
        "ExecutionType": "DIRECT",
        "SecurityInfo": card_bank.address_check(payment["Billing"], card.get("Currency")),
        "MultiCapture": card.get("CardType") in MULTI_CAPTURE,
        "FlowDescriptor": payer.flow_descriptor(fields),
    }


def _refuse_cancelling(preauthorization: Entity) -> None:
    if not _is_held(preauthorization) or preauthorization["PayInId"]:
        message = "The PaymentStatus of the preauthorization can not be canceled"
        raise ApiError(400, "preauthorization_payment_status_can_not_be_canceled", message)


def _refuse_validating(preauthorization: Entity) -> None:
    if not preauthorization["PayInId"]:
        raise invalid_action("Can't validate a preauthorization with no successful payin.")
    if not _is_held(preauthorization):
        raise invalid_action("The PaymentStatus of the preauthorization must be WAITING to be validated.")


def _is_held(preauthorization: Entity) -> bool:
    return (preauthorization["Status"], preauthorization["PaymentStatus"]) == ("SUCCEEDED", "WAITING")


def _nothing_of(preauthorization: Entity) -> Entity:
    return {"Currency": preauthorization["DebitedFunds"]["Currency"], "Amount": 0}


def _preauthorization_of(world: World, call: Call) -> Entity:
    return world.find(world.store.preauthorizations, call.params["PreauthorizationId"], "PreAuthorization")


BY_ID = f"{API}/preauthorizations/{{PreauthorizationId}}"
ROUTES = (
    Route("POST", f"{API}/preauthorizations/card/direct", create),
    Route("GET", BY_ID, view),
    Route("PUT", BY_ID, update),
    Route("GET", f"{BY_ID}/transactions", transactions),
    Route("GET", f"{API}/users/{{UserId}}/preauthorizations", list_of_user),
    Route("GET", f"{API}/cards/{{CardId}}/preauthorizations", list_of_card),
    Route("GET", f"{API}/cards/fingerprints/{{Fingerprint}}/preauthorizations", list_of_fingerprint),
)

ACTS = {"preauthorization.expire": expire, "preauthorization.expire_page": expire_page}

CONTROLS = {"preauthorization.expire": expire_now}
