"""Settlements as a platform sees them: a URL to upload a file to, what came of it, and what was wrong with it.

Source: https://docs.mangopay.com/api-reference/settlements

Chosen: a new URL ends the old one and begins the settlement anew; the money of a settlement arrives by the control
plane (`settlement.fund`); an upload URL holds for an hour.
"""

import secrets
from datetime import UTC, datetime

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError, invalid_action
from services.emulator.engine.fields import Fields
from services.emulator.engine.listing import page
from services.emulator.engine.router import Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.echo.intents import INTENTS
from services.emulator.rules import intents
from services.emulator.rules import settlements as rules

URL_LIFE_S = 3_600
FILTERS = ("Status", "ExternalProviderName")


def create(world: World, call: Call) -> Response:
    name = _read_file_name(world, call)
    settlement_id = intents.new_uuid_id("int_stlmnt_")
    settlement: Entity = {
        "Id": settlement_id,
        "SettlementId": settlement_id,
        "Status": "PENDING_UPLOAD",
        "SettlementDate": None,
        "ExternalProviderName": None,
        "DeclaredIntentAmount": None,
        "ExternalProcessorFeesAmount": None,
        "ActualSettlementAmount": None,
        "FundsMissingAmount": None,
        "FileName": name,
        "CreationDate": world.clock.now(),
        "_Validations": {"FooterErrors": [], "LinesErrors": []},
    }
    return Answer(_await_upload(world, settlement))


def renew(world: World, call: Call) -> Response:
    """Answer with a new URL, for a file that replaces the former."""
    settlement, name = _settlement_of(world, call), _read_file_name(world, call)
    if settlement["Status"] in (*rules.FINAL, *rules.WAITS_FOR_FUNDS):
        raise invalid_action(f"The Status {settlement['Status']} of this Settlement does not allow a new file")
    settlement["FileName"] = name
    return Answer(_await_upload(world, settlement))


def view(world: World, call: Call) -> Response:
    return Answer(wire(_settlement_of(world, call)))


def list_all(world: World, call: Call) -> Response:
    return page(world, call, world.store.intent_settlements.all(), filters=FILTERS)


def view_validations(world: World, call: Call) -> Response:
    return Answer(_settlement_of(world, call)["_Validations"])


def cancel(world: World, call: Call) -> Response:
    settlement = _settlement_of(world, call)
    rules.cancel(world, settlement)
    return Answer(wire(settlement))


def upload(world: World, call: Call) -> Response:
    """Take in a file, by the URL alone."""
    settlement = world.store.intent_settlements.get(call.params["SettlementId"])
    secret = settlement.get("_UploadSecret") if settlement else None
    told = call.params["Secret"].encode("utf-8", "replace")
    is_known = secret is not None and secrets.compare_digest(secret.encode(), told)
    if settlement is None or not is_known or world.clock.now() > settlement["_UploadUntil"]:
        raise ApiError(403, "forbidden_ressource", "The upload URL is unknown or has expired")
    settlement["_Content"] = call.raw.decode("utf-8", "replace")
    settlement["_UploadSecret"] = None
    rules.set_status(world, settlement, "UPLOADED")
    world.later("settlement.reconcile", settlement["Id"])
    return Response(status_code=200)


def fund(world: World, settlement_id: str, fields: Fields) -> Entity:
    """Let money of a settlement arrive in escrow: `Amount`, or all that is missing."""
    settlement = world.find(world.store.intent_settlements, settlement_id, "Settlement")
    amount = fields.number("Amount")
    if amount is not None and amount < 1:
        fields.refuse("Amount", "The field Amount must be greater than or equal to 1.")
    fields.check()
    return rules.receive_funds(world, settlement, amount or settlement["FundsMissingAmount"] or 0)


def _await_upload(world: World, settlement: Entity) -> Entity:
    """Return the settlement with the URL, which is told only now."""
    secret = secrets.token_hex(24)
    settlement |= {"_UploadSecret": secret, "_UploadUntil": world.clock.now() + URL_LIFE_S}
    rules.set_status(world, settlement, "PENDING_UPLOAD")
    url = f"{world.config.base_url}/echo/settlements/{settlement['Id']}/{secret}"
    return wire(settlement) | {"UploadUrl": url}


def _read_file_name(world: World, call: Call) -> str:
    """Return the name of the file, with the moment appended as Mangopay does."""
    fields = Fields(call.body)
    fields.require("FileName")
    name = fields.text("FileName") or ""
    if name and not name.lower().endswith(".csv"):
        fields.refuse("FileName", "The file extension must be .csv")
    fields.check()
    moment = datetime.fromtimestamp(world.clock.now(), UTC)
    return f"{name[:-4]}_{moment:%Y-%m-%d_%H:%M:%S}.csv"


def _settlement_of(world: World, call: Call) -> Entity:
    return world.find(world.store.intent_settlements, call.params["SettlementId"], "Settlement")


SETTLEMENTS = f"{INTENTS}/settlements"
ROUTES = (
    Route("POST", SETTLEMENTS, create),
    Route("GET", SETTLEMENTS, list_all),
    Route("GET", f"{SETTLEMENTS}/{{SettlementId}}", view),
    Route("PUT", f"{SETTLEMENTS}/{{SettlementId}}", renew),
    Route("GET", f"{SETTLEMENTS}/{{SettlementId}}/validations", view_validations),
    # The documentation of the clients calls it PUT, the clients send POST.
    *(Route(method, f"{SETTLEMENTS}/{{SettlementId}}/cancel", cancel) for method in ("POST", "PUT")),
    Route("PUT", "/echo/settlements/{SettlementId}/{Secret}", upload, is_open=True),
)

ACTS = {"settlement.reconcile": rules.reconcile}

CONTROLS = {"settlement.fund": fund}
