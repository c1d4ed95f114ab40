"""Capturing what was authorised before: pre-authorisations in parts, deposits once.

Source: https://docs.mangopay.com/api-reference/preauthorizations/create-preauthorized-payin and
https://docs.mangopay.com/api-reference/extended-preauthorizations/create-extended-preauthorized-payin
Chosen: a capture is authored by whoever authorised it, whoever is named; a deposit captured for more than it holds
fails with 001505, as a pre-authorisation does; neither must the capture before a complement be of all
that is held, nor is the complement bounded by it; a second capture of the same amount within a day is taken without
an Idempotency-Key too, because nothing tells what becomes of one that lacks it.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import param_error
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.cards.preauthorizations import note_capture
from services.emulator.rules import deposits
from services.emulator.rules.payins import Parties, begin_payin, read_parties, refusal_of
from services.emulator.rules.result_codes import REFUSED_AMOUNTS, SUCCESS
from services.emulator.rules.transactions import check_currency, conclude

TOO_MUCH = "001505"


def capture_preauthorization(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    preauthorization = fields.entity("PreauthorizationId", world.store.preauthorizations)
    fields.amounts()
    parties = _parties(world, fields, preauthorization)
    _refuse_unless(preauthorization, "WAITING")
    details = {"PreauthorizationId": preauthorization["Id"]}
    payin = _begin(world, fields, parties, preauthorization, details)
    is_too_much = payin["DebitedFunds"]["Amount"] > preauthorization["RemainingFunds"]["Amount"]
    _conclude(world, payin, TOO_MUCH if is_too_much else None)
    if payin["Status"] == "SUCCEEDED":
        note_capture(world, preauthorization, payin)
    return Answer(wire(payin))


def capture_deposit(world: World, call: Call) -> Response:
    """Capture a deposit, in whole or in part, and close it."""
    return _capture(world, call, deposits.OPEN, link="PayinCaptureId", leads_to="VALIDATED")


def capture_before_complement(world: World, call: Call) -> Response:
    """Capture a deposit, and leave it open for more than it held."""
    return _capture(world, call, deposits.OPEN, link="PayinCaptureId", leads_to="TO_BE_COMPLETED")


def capture_complement(world: World, call: Call) -> Response:
    """Take more than a deposit held, once it has been captured."""
    return _capture(world, call, ("TO_BE_COMPLETED",), link="PayinComplementId", leads_to="VALIDATED")


def _capture(world: World, call: Call, allowed: tuple[str, ...], *, link: str, leads_to: str) -> Response:
    """Capture the deposit of a body if its payment status is an allowed one, and link the pay-in that did."""
    fields = Fields(call.body)
    deposit = fields.entity(_name_of_id(call, fields), world.store.deposits)
    debited_funds, _ = fields.amounts()
    parties = _parties(world, fields, deposit)
    _refuse_unless(deposit, *allowed)
    details = {"DepositId": deposit["Id"], "ExtendedPreauthorizationId": deposit["Id"], "_DepositId": deposit["Id"]}
    payin = _begin(world, fields, parties, deposit, details)
    is_too_much = allowed == deposits.OPEN and debited_funds["Amount"] > deposit["DebitedFunds"]["Amount"]
    _conclude(world, payin, TOO_MUCH if is_too_much else None)
    if payin["Status"] == "SUCCEEDED":
        deposit["PayinsLinked"][link] = payin["Id"]
        deposits.move(world, deposit, leads_to)
    elif allowed == deposits.OPEN:
        deposits.move(world, deposit, "FAILED")
    return Answer(wire(payin))


def _name_of_id(call: Call, fields: Fields) -> str:
    """Return what the id of the deposit is called: either name will do, the one of the path if there is none."""
    new, old = "ExtendedPreauthorizationId", "DepositId"
    if fields.has(new) or (deposits.is_asked_by_new_name(call) and not fields.has(old)):
        return new
    return old


def _parties(world: World, fields: Fields, authorisation: Entity) -> Parties:
    """Return who pays and who is paid; a body without an author means the one who authorised."""
    if fields.has("AuthorId"):
        fields.entity("AuthorId", world.store.users)
    author = {"AuthorId": authorisation.get("AuthorId") or fields.text("AuthorId")}
    return read_parties(world, Fields(fields.body | author, fields.path, fields.refused))


def _refuse_unless(authorisation: Entity, *payment_statuses: str) -> None:
    errors = {}
    if authorisation["Status"] != "SUCCEEDED":
        errors["Status"] = "The Status of the preauthorization must be SUCCEEDED"
    if authorisation["PaymentStatus"] not in payment_statuses:
        errors["PaymentStatus"] = f"The PaymentStatus of the preauthorization must be {payment_statuses[0]}"
    if errors:
        raise param_error(errors)


def _begin(world: World, fields: Fields, parties: Parties, authorisation: Entity, details: Entity) -> Entity:
    debited_funds, fees = fields.amounts()
    check_currency(debited_funds, authorisation["DebitedFunds"], parties.credited_wallet)
    of_card = {
        "CardInfo": authorisation.get("CardInfo"),
        "AuthenticationResult": authorisation.get("AuthenticationResult"),
        "StatementDescriptor": authorisation["StatementDescriptor"],
        "_CardId": authorisation.get("CardId"),
        "_Fingerprint": authorisation.get("_Fingerprint"),
    }
    kind = {"PaymentType": "PREAUTHORIZED", "ExecutionType": "DIRECT"}
    return begin_payin(world, fields, parties, debited_funds=debited_funds, fees=fees, details=kind | details | of_card)


def _conclude(world: World, payin: Entity, refusal: str | None) -> Entity:
    """Make a capture final at once: there is nobody left to ask but the bank."""
    refused = refusal_of(world, payin) or refusal or REFUSED_AMOUNTS.get(payin["DebitedFunds"]["Amount"])
    return conclude(world, payin, refused or SUCCESS)


DEPOSIT = f"{API}/payins/deposit-preauthorized/direct"
ROUTES = (
    Route("POST", f"{API}/payins/preauthorized/direct", capture_preauthorization),
    Route("POST", f"{API}/payins/extended-preauthorized/direct/full-capture", capture_deposit),
    Route("POST", f"{DEPOSIT}/full-capture", capture_deposit),
    Route("POST", f"{DEPOSIT}/capture-with-complement", capture_before_complement),
    Route("POST", f"{DEPOSIT}/complement", capture_complement),
)
