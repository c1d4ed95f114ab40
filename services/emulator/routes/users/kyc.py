"""KYC documents: create, add pages, submit, and the verdict, which in a sandbox the Tag decides right away.

Source: https://docs.mangopay.com/api-reference/kyc-documents
"""

import base64
import binascii

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError, invalid_action
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.listing import page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.users.users import user_of
from services.emulator.rules.users import NEEDED_DOCUMENTS, is_owner, kyc_type

COMPANY = ("BUSINESS", "PARTNERSHIP", "ORGANIZATION", "SOLETRADER")
MAY_BE_SENT_BY = {
    "IDENTITY_PROOF": ("NATURAL", *COMPANY),
    "ADDRESS_PROOF": ("NATURAL",),
    "REGISTRATION_PROOF": COMPANY,
    "ARTICLES_OF_ASSOCIATION": ("BUSINESS", "PARTNERSHIP", "ORGANIZATION"),
    "SHAREHOLDER_DECLARATION": COMPANY,
}
PROOF_FIELD = {
    "ADDRESS_PROOF": "ProofOfAddress",
    "REGISTRATION_PROOF": "ProofOfRegistration",
    "ARTICLES_OF_ASSOCIATION": "Statute",
    "SHAREHOLDER_DECLARATION": "ShareholderDeclaration",
}
# The magic tags: accepted, or refused for a reason.
ACCEPT = "accept"
REFUSALS = {
    "refuse_unreadable": "DOCUMENT_UNREADABLE",
    "refuse_not_accepted": "DOCUMENT_NOT_ACCEPTED",
    "refuse_expired": "DOCUMENT_HAS_EXPIRED",
    "refuse_incomplete": "DOCUMENT_INCOMPLETE",
    "refuse_missing": "DOCUMENT_MISSING",
    "refuse_no_user_data_match": "DOCUMENT_DO_NOT_MATCH_USER_DATA",
    "refuse_falsified": "DOCUMENT_FALSIFIED",
    "refuse_underage": "UNDERAGE_PERSON",
    "refuse_specific_case": "SPECIFIC_CASE",
}
MAX_PAGES = 5
LEAST_BYTES = 1_000
LEAST_IDENTITY_BYTES = 32_000
SIGNATURES = (b"%PDF", b"\xff\xd8\xff", b"\x89PNG")


def create(world: World, call: Call) -> Response:
    user, fields = user_of(world, call), Fields(call.body)
    fields.require("Type")
    kind = fields.choice("Type", MAY_BE_SENT_BY)
    if kind in MAY_BE_SENT_BY and kyc_type(user) not in MAY_BE_SENT_BY[kind]:
        sender = "NATURAL_PERSON" if kyc_type(user) == "NATURAL" else kyc_type(user)
        fields.refuse("Type", f"{kind} cannot be submitted for {sender} user")
    document = {
        "Type": kind,
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
    world.store.kyc_documents.save(document)
    world.emit("KYC_CREATED", document["Id"])
    return Answer(wire(document))


def add_page(world: World, call: Call) -> Response:
    """Check a page and count it; its content is not kept."""
    document, fields = _document_of_user(world, call), Fields(call.body)
    if document["Status"] != "CREATED":
        raise invalid_action("Pages can only be added to a document in status CREATED")
    if document["_Pages"] == MAX_PAGES:
        message = "Maximum number of pages exceeded. You can only add up to 5 pages to this document"
        raise ApiError(400, "max_page_number", message)
    fields.require("File")
    content = _decoded(fields)
    if len(content) < (LEAST_IDENTITY_BYTES if document["Type"] == "IDENTITY_PROOF" else LEAST_BYTES):
        fields.refuse("File", "The file is too small to be readable")
    fields.check()
    if not content.startswith(SIGNATURES):
        raise ApiError(415, "unsupported_media_type", "The file must be a PDF, JPEG, JPG or PNG")
    document["_Pages"] += 1
    world.store.kyc_documents.save(document)
    return Response(status_code=204)


def submit(world: World, call: Call) -> Response:
    document, fields = _document_of_user(world, call), Fields(call.body)
    fields.require("Status")
    fields.choice("Status", ("VALIDATION_ASKED",))
    tag = fields.text("Tag")
    fields.check()
    if document["Status"] != "CREATED" or not document["_Pages"]:
        raise invalid_action("Only a document in status CREATED that has a page can be submitted")
    document["Status"] = "VALIDATION_ASKED"
    world.emit("KYC_VALIDATION_ASKED", document["Id"])
    verdict = _verdict(user_of(world, call), document)
    document["Tag"] = tag or document["Tag"]
    if verdict is not None:
        document["_Verdict"] = verdict
        world.later("kyc_document.decide", document["Id"])
    world.store.kyc_documents.save(document)
    return Answer(wire(document))


def view(world: World, call: Call) -> Response:
    return Answer(wire(world.find(world.store.kyc_documents, call.params["KycDocumentId"], "KycDocument")))


def view_of_user(world: World, call: Call) -> Response:
    return Answer(wire(_document_of_user(world, call)))


def list_all(world: World, call: Call) -> Response:
    return page(world, call, world.store.kyc_documents.all(), filters=("Status", "Type"))


def simulate(world: World, call: Call) -> Response:
    """Let somebody look at a submitted document now; an endpoint of the emulator's own, a Tag says what they find."""
    document = world.find(world.store.kyc_documents, call.params["KycDocumentId"], "KycDocument")
    fields = Fields(call.body)
    fields.require("Tag")
    verdict = fields.choice("Tag", (ACCEPT, *REFUSALS))
    fields.check()
    decide(world, document, str(verdict))
    return Answer(wire(document))


def decide(world: World, document: Entity, verdict: str) -> None:
    """Validate a submitted document (`accept`), or refuse it for one of the reasons of REFUSALS."""
    if document["Status"] != "VALIDATION_ASKED":
        return
    document["ProcessedDate"] = world.clock.now()
    if verdict == ACCEPT:
        document["Status"] = "VALIDATED"
    else:
        document |= {"Status": "REFUSED", "RefusedReasonType": REFUSALS[verdict]}
    world.store.kyc_documents.save(document)
    world.emit("KYC_SUCCEEDED" if verdict == ACCEPT else "KYC_FAILED", document["Id"])
    if verdict == ACCEPT:
        _note_proof(world, document)


def decide_by_tag(world: World, document_id: str) -> None:
    """Look at a document whose Tag says what will be found."""
    document = world.store.kyc_documents.get(document_id)
    if document is not None:
        decide(world, document, document.pop("_Verdict"))


def _verdict(user: Entity, document: Entity) -> str | None:
    """Return what the document's Tag asks for; None leaves it to whoever looks at documents."""
    if not is_owner(user):
        return "refuse_specific_case"
    tag = document["Tag"]
    return tag if tag == ACCEPT or tag in REFUSALS else None


def _note_proof(world: World, document: Entity) -> None:
    user = world.find(world.store.users, document["UserId"], "User")
    if document["Type"] == "IDENTITY_PROOF":
        person = user if user["PersonType"] == "NATURAL" else user["LegalRepresentative"]
        person["ProofOfIdentity"] = document["Id"]
    else:
        user[PROOF_FIELD[document["Type"]]] = document["Id"]
    validated = {
        other["Type"]
        for other in world.store.kyc_documents.where("UserId", user["Id"])
        if other["Status"] == "VALIDATED"
    }
    if user["KYCLevel"] == "LIGHT" and validated >= NEEDED_DOCUMENTS[kyc_type(user)]:
        user["KYCLevel"] = "REGULAR"
        world.emit("USER_KYC_REGULAR", user["Id"])
    world.store.users.save(user)


def _decoded(fields: Fields) -> bytes:
    try:
        return base64.b64decode(fields.text("File", longest=10_000_000) or "", validate=True)
    except (binascii.Error, ValueError):
        fields.refuse("File", "Invalid length for a Base-64 char array or string.")
        return b""


def _document_of_user(world: World, call: Call) -> Entity:
    user = user_of(world, call)
    document = world.find(world.store.kyc_documents, call.params["KycDocumentId"], "KycDocument")
    return document if document["UserId"] == user["Id"] else world.find(world.store.kyc_documents, "", "KycDocument")


OF_USER = f"{API}/users/{{UserId}}/kyc/documents"
ROUTES = (
    Route("POST", OF_USER, create),
    Route("GET", f"{OF_USER}/{{KycDocumentId}}", view_of_user),
    Route("PUT", f"{OF_USER}/{{KycDocumentId}}", submit),
    Route("POST", f"{OF_USER}/{{KycDocumentId}}/pages", add_page),
    Route("GET", f"{API}/kyc/documents", list_all),
    Route("GET", f"{API}/kyc/documents/{{KycDocumentId}}", view),
    Route("POST", f"{API}/simulation/kyc/documents/{{KycDocumentId}}", simulate),
)

ACTS = {"kyc_document.decide": decide_by_tag}
