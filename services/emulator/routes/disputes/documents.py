"""The evidence of a dispute: documents with pages, submitted, looked at, and shown again.

Source: https://docs.mangopay.com/api-reference/dispute-documents

Chosen: documents may be added while the platform is to act, and have as many pages as one likes, none too; a submitted
document stays VALIDATION_ASKED until the control plane decides.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import invalid_action, not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.listing import page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.disputes.disputes import dispute_of
from services.emulator.rules import document_pages
from services.emulator.rules.disputes import WAITS_FOR_CLIENT

TYPES = (
    *("DELIVERY_PROOF", "INVOICE", "REFUND_PROOF", "USER_CORRESPONDANCE", "USER_ACCEPTANCE_PROOF"),
    *("PRODUCT_REPLACEMENT_PROOF", "OTHER"),
)
REFUSALS = (
    *("DOCUMENT_DO_NOT_MATCH_USER_DATA", "DOCUMENT_FALSIFIED", "DOCUMENT_HAS_EXPIRED", "DOCUMENT_INCOMPLETE"),
    *("DOCUMENT_MISSING", "DOCUMENT_NOT_ACCEPTED", "DOCUMENT_UNREADABLE", "SPECIFIC_CASE", "UNDERAGE_PERSON", "OTHER"),
)
FILTERS = ("Status", "Type")


def create(world: World, call: Call) -> Response:
    dispute, fields = dispute_of(world, call), Fields(call.body)
    fields.require("Type")
    kind, tag = fields.choice("Type", TYPES), fields.text("Tag")
    fields.check()
    if dispute["Status"] not in WAITS_FOR_CLIENT:
        raise invalid_action("The Status of this Dispute does not allow documents to be added")
    document = {
        "DisputeId": dispute["Id"],
        "Type": kind,
        "Id": new_id("dispdoc_m_"),
        "Tag": tag,
        "CreationDate": world.clock.now(),
        "ProcessedDate": None,
        "Status": "CREATED",
        "RefusedReasonType": None,
        "RefusedReasonMessage": None,
    }
    world.store.dispute_documents.save(document)
    world.emit("DISPUTE_DOCUMENT_CREATED", document["Id"])
    return Answer(wire(document))


def add_page(world: World, call: Call) -> Response:
    document = _document_of_dispute(world, call)
    if document["Status"] != "CREATED":
        raise invalid_action("Pages can only be added to a document in status CREATED")
    document_pages.keep(world, document, document_pages.read_file(Fields(call.body), least=1))
    return Response(status_code=204)


def update(world: World, call: Call) -> Response:
    """Submit a document, or change its Tag alone: clients send back the Status they have read."""
    document, fields = _document_of_dispute(world, call), Fields(call.body)
    status = fields.choice("Status", ("VALIDATION_ASKED", document["Status"]))
    tag = fields.text("Tag")
    fields.check()
    if status == "VALIDATION_ASKED":
        _submit(world, document)
    document["Tag"] = tag or document["Tag"]
    return Answer(wire(world.store.dispute_documents.save(document)))


def view(world: World, call: Call) -> Response:
    return Answer(wire(_document_of(world, call)))


def list_all(world: World, call: Call) -> Response:
    return page(world, call, world.store.dispute_documents.all(), filters=FILTERS)


def list_of_dispute(world: World, call: Call) -> Response:
    rows = world.store.dispute_documents.select("DisputeId", dispute_of(world, call)["Id"])
    return page(world, call, rows, filters=FILTERS)


def consult(world: World, call: Call) -> Response:
    return Answer(document_pages.consult(world, _document_of(world, call)))


def decide(world: World, document_id: str, fields: Fields) -> Entity:
    """Look at a submitted document: `Status` VALIDATED, or REFUSED with `RefusedReasonType` and `…Message`."""
    document = world.find(world.store.dispute_documents, document_id, "DisputeDocument")
    fields.require("Status")
    status = fields.choice("Status", ("VALIDATED", "REFUSED"))
    reason, message = fields.choice("RefusedReasonType", REFUSALS), fields.text("RefusedReasonMessage")
    fields.check()
    if document["Status"] != "VALIDATION_ASKED":
        raise invalid_action("Only a document in status VALIDATION_ASKED can be decided")
    document |= {"Status": status, "ProcessedDate": world.clock.now()}
    if status == "REFUSED":
        document |= {"RefusedReasonType": reason or "OTHER", "RefusedReasonMessage": message}
    world.store.dispute_documents.save(document)
    world.emit(f"DISPUTE_DOCUMENT_{'SUCCEEDED' if status == 'VALIDATED' else 'FAILED'}", document_id)
    return document


def _submit(world: World, document: Entity) -> None:
    if document["Status"] != "CREATED":
        raise invalid_action("Only a document in status CREATED can be submitted")
    document["Status"] = "VALIDATION_ASKED"
    world.emit("DISPUTE_DOCUMENT_VALIDATION_ASKED", document["Id"])


def _document_of(world: World, call: Call) -> Entity:
    return world.find(world.store.dispute_documents, call.params["DocumentId"], "DisputeDocument")


def _document_of_dispute(world: World, call: Call) -> Entity:
    dispute, document = dispute_of(world, call), _document_of(world, call)
    if document["DisputeId"] != dispute["Id"]:
        raise not_found("DisputeDocument", document["Id"])
    return document


OF_DISPUTE = f"{API}/disputes/{{DisputeId}}/documents"
ROUTES = (
    Route("POST", OF_DISPUTE, create),
    Route("GET", OF_DISPUTE, list_of_dispute),
    Route("PUT", f"{OF_DISPUTE}/{{DocumentId}}", update),
    Route("POST", f"{OF_DISPUTE}/{{DocumentId}}/pages", add_page),
    Route("GET", f"{API}/dispute-documents", list_all),
    Route("GET", f"{API}/dispute-documents/{{DocumentId}}", view),
    Route("POST", f"{API}/dispute-documents/{{DocumentId}}/consult", consult),
)

CONTROLS = {"dispute_document.decide": decide}
