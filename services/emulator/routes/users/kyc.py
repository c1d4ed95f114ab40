"""KYC documents: create, add pages, submit, and the verdict, which in a sandbox the Tag decides right away.

Source: https://docs.mangopay.com/api-reference/kyc-documents
Chosen: a refusal by a magic Tag flags an identity document with the code that fits best; `RefusedReasonMessage` says
something where the type alone does not; a document that is not CREATED, or has no page, cannot be submitted.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError, invalid_action, not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.listing import page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.users.users import user_of
from services.emulator.rules import document_pages, verification
from services.emulator.rules.kyc_refusals import ACCEPT, BY_TAG, REASONS, Refusal
from services.emulator.rules.users import is_owner, kyc_type, refuse_closed

COMPANY = ("BUSINESS", "PARTNERSHIP", "ORGANIZATION", "SOLETRADER")
MAY_BE_SENT_BY = {
    "IDENTITY_PROOF": ("NATURAL", *COMPANY),
    "ADDRESS_PROOF": ("NATURAL",),
    "REGISTRATION_PROOF": COMPANY,
    "ARTICLES_OF_ASSOCIATION": ("BUSINESS", "PARTNERSHIP", "ORGANIZATION"),
    "SHAREHOLDER_DECLARATION": COMPANY,
}
FILTERS = ("Status", "Type")
MAX_PAGES = 5
LEAST_IDENTITY_BYTES = 32_000
PAYER_REFUSED = Refusal("SPECIFIC_CASE", "Documents of users categorised as PAYER are not accepted")
# From which statuses somebody who looks at documents may lead where.
DECISIONS = {
    "VALIDATED": ("VALIDATION_ASKED",),
    "REFUSED": ("VALIDATION_ASKED",),
    "OUT_OF_DATE": ("VALIDATION_ASKED", "VALIDATED"),
}


def create(world: World, call: Call) -> Response:
    user, fields = user_of(world, call), Fields(call.body)
    refuse_closed(user)
    document = {
        "Type": _read_type(fields, user),
        "UserId": user["Id"],
        "Flags": [],
        "Id": new_id("kyc_"),
        "Tag": fields.text("Tag"),
        "CreationDate": world.clock.now(),
        "ProcessedDate": None,
        "Status": "CREATED",
        "RefusedReasonType": None,
        "RefusedReasonMessage": None,
        "_Pages": 0,
    }
    fields.check()
    document["_MagicTag"] = document["Tag"]
    world.store.kyc_documents.save(document)
    world.emit("KYC_CREATED", str(document["Id"]))
    return Answer(wire(document))


def add_page(world: World, call: Call) -> Response:
    document = _document_of_user(world, call)
    if document["Status"] != "CREATED":
        raise invalid_action("Pages can only be added to a document in status CREATED")
    if document["_Pages"] >= MAX_PAGES:
        message = "Maximum number of pages exceeded. You can only add up to 5 pages to this document"
        raise ApiError(400, "max_page_number", message)
    is_identity = document["Type"] == "IDENTITY_PROOF"
    least = LEAST_IDENTITY_BYTES if is_identity else document_pages.LEAST_BYTES
    document_pages.keep(world, document, document_pages.read_file(Fields(call.body), least=least))
    document["_Pages"] += 1
    world.store.kyc_documents.save(document)
    return Response(status_code=204)


def update(world: World, call: Call) -> Response:
    """Submit a document, or change its Tag alone: clients send back the Status they have read."""
    document, fields = _document_of_user(world, call), Fields(call.body)
    status = fields.choice("Status", ("VALIDATION_ASKED", document["Status"]))
    tag = fields.text("Tag")
    fields.check()
    if status == "VALIDATION_ASKED":
        _submit(world, document)
    document["Tag"] = tag or document["Tag"]
    return Answer(wire(world.store.kyc_documents.save(document)))


def view(world: World, call: Call) -> Response:
    return Answer(wire(_document(world, call)))


def view_of_user(world: World, call: Call) -> Response:
    return Answer(wire(_document_of_user(world, call)))


def list_all(world: World, call: Call) -> Response:
    return page(world, call, world.store.kyc_documents.all(), filters=FILTERS)


def list_of_user(world: World, call: Call) -> Response:
    rows = world.store.kyc_documents.select("UserId", user_of(world, call)["Id"])
    return page(world, call, rows, filters=FILTERS)


def consult(world: World, call: Call) -> Response:
    return Answer(document_pages.consult(world, _document(world, call)))


def simulate(world: World, call: Call) -> Response:
    """Let somebody look at a submitted document now; an endpoint of the emulator's own, a Tag says what they find."""
    document, fields = _document(world, call), Fields(call.body)
    fields.require("Tag")
    verdict = fields.choice("Tag", (ACCEPT, *BY_TAG))
    fields.check()
    if document["Status"] == "VALIDATION_ASKED":
        _conclude(world, document, BY_TAG.get(str(verdict)))
    return Answer(wire(document))


def decide(world: World, document_id: str, fields: Fields) -> Entity:
    """Validate, refuse or outdate a document by hand; a refusal has a reason, and may have a message and flags."""
    document = world.find(world.store.kyc_documents, document_id, "KycDocument")
    fields.require("Status")
    status = str(fields.choice("Status", DECISIONS))
    refusal = Refusal(
        fields.choice("RefusedReasonType", REASONS) or "DOCUMENT_NOT_ACCEPTED",
        fields.text("RefusedReasonMessage"),
        tuple(fields.texts("Flags")),
    )
    fields.check()
    if document["Status"] not in DECISIONS[status]:
        raise invalid_action(f"A document in status {document['Status']} cannot become {status}")
    if status == "OUT_OF_DATE":
        user = world.find(world.store.users, document["UserId"], "User")
        verification.outdate_document(world, user, document)
        verification.degrade_unless_verified(world, user)
    else:
        _conclude(world, document, refusal if status == "REFUSED" else None)
    return wire(document)


def decide_by_tag(world: World, document_id: str) -> None:
    """Look at a document whose Tag says what will be found, or whose user may have none."""
    document = world.store.kyc_documents.get(document_id)
    if document is None or document["Status"] != "VALIDATION_ASKED":
        return
    # State files of former versions hold documents that kept no second tag.
    user, tag = world.store.users.get(document["UserId"]), document.get("_MagicTag", document["Tag"])
    if user is None or not is_owner(user):
        _conclude(world, document, PAYER_REFUSED)
    elif tag == ACCEPT or tag in BY_TAG:
        _conclude(world, document, BY_TAG.get(tag))


def _submit(world: World, document: Entity) -> None:
    if document["Status"] != "CREATED" or not document["_Pages"]:
        raise invalid_action("Only a document in status CREATED that has a page can be submitted")
    document["Status"] = "VALIDATION_ASKED"
    world.emit("KYC_VALIDATION_ASKED", document["Id"])
    world.later("kyc_document.decide", document["Id"])


def _conclude(world: World, document: Entity, refusal: Refusal | None) -> None:
    """Refuse a submitted document, or validate it, which may be all that its user still lacked."""
    document["ProcessedDate"] = world.clock.now()
    if refusal is not None:
        document |= {"Status": "REFUSED", "RefusedReasonType": refusal.reason, "RefusedReasonMessage": refusal.message}
        document["Flags"] = list(refusal.flags) if document["Type"] == "IDENTITY_PROOF" else []
    else:
        document["Status"] = "VALIDATED"
    world.store.kyc_documents.save(document)
    world.emit("KYC_FAILED" if refusal else "KYC_SUCCEEDED", document["Id"])
    user = world.store.users.get(document["UserId"])
    if refusal is None and user is not None:
        verification.note_proof(world, user, document["Type"], document["Id"])
        verification.reconsider(world, user)


def _read_type(fields: Fields, user: Entity) -> str | None:
    fields.require("Type")
    kind = fields.choice("Type", MAY_BE_SENT_BY)
    if kind in MAY_BE_SENT_BY and kyc_type(user) not in MAY_BE_SENT_BY[kind]:
        sender = "NATURAL_PERSON" if kyc_type(user) == "NATURAL" else kyc_type(user)
        fields.refuse("Type", f"{kind} cannot be submitted for {sender} user")
    return kind


def _document(world: World, call: Call) -> Entity:
    return world.find(world.store.kyc_documents, call.params["KycDocumentId"], "KycDocument")


def _document_of_user(world: World, call: Call) -> Entity:
    user, document = user_of(world, call), _document(world, call)
    if document["UserId"] != user["Id"]:
        raise not_found("KycDocument", document["Id"])
    return document


OF_USER = f"{API}/users/{{UserId}}/kyc/documents"
ROUTES = (
    Route("POST", OF_USER, create),
    Route("GET", OF_USER, list_of_user),
    Route("GET", f"{OF_USER}/{{KycDocumentId}}", view_of_user),
    Route("PUT", f"{OF_USER}/{{KycDocumentId}}", update),
    Route("POST", f"{OF_USER}/{{KycDocumentId}}/pages", add_page),
    Route("GET", f"{API}/kyc/documents", list_all),
    Route("GET", f"{API}/kyc/documents/{{KycDocumentId}}", view),
    Route("POST", f"{API}/kyc/documents/{{KycDocumentId}}/consult", consult),
    Route("POST", f"{API}/simulation/kyc/documents/{{KycDocumentId}}", simulate),
)

ACTS = {"kyc_document.decide": decide_by_tag}
CONTROLS = {"kyc_document.decide": decide}
