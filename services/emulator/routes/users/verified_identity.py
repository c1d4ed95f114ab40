"""What Mangopay has verified of a REGULAR user, with links to the documents that proved it.

Source: https://docs.mangopay.com/api-reference/users/verified-identity
Chosen: the documents are the validated KYC documents, the persons those of the user and of the last hosted session.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import invalid_action
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes.users.users import user_of
from services.emulator.rules import document_pages, features
from services.emulator.rules.users import kyc_type

PERSON = ("FirstName", "LastName", "Birthday", "Nationality", "CountryOfResidence")
PSC = ("FirstName", "LastName", "DateOfBirth", "Nationality", "Country", "PscType", "Status", "ValidationDate")


def view(world: World, call: Call) -> Response:
    features.require_verified_identity(world)
    user = user_of(world, call)
    if user["KYCLevel"] != "REGULAR":
        raise invalid_action("The KYCLevel of the user is not REGULAR")
    is_natural = user["PersonType"] == "NATURAL"
    sessions = world.store.identity_verifications.where("UserId", user["Id"])
    validated = [session for session in sessions if session["Status"] == "VALIDATED"]
    identity = {
        "UserId": user["Id"],
        "UserType": "NATURAL" if is_natural else f"LEGAL_{kyc_type(user)}",
        "Documents": _documents(world, user),
        "LegalRepresentatives": [] if is_natural else [_only(user["LegalRepresentative"], PERSON)],
        "Pscs": [_only(psc, PSC) for psc in validated[-1]["PSCs"]] if validated else [],
    }
    return Answer(identity | (_only(user, PERSON) if is_natural else _only(user, ("Name", "CompanyNumber"))))


def _documents(world: World, user: Entity) -> list[Entity]:
    documents = world.store.kyc_documents.where("UserId", user["Id"])
    return [
        {
            "Id": document["Id"],
            "Type": document["Type"],
            "ValidationDate": document["ProcessedDate"],
            "DocumentUrls": [link["Url"] for link in document_pages.consult(world, document)],
        }
        for document in documents
        if document["Status"] == "VALIDATED"
    ]


def _only(entity: Entity, names: tuple[str, ...]) -> Entity:
    return {name: entity.get(name) for name in names}


ROUTES = (Route("GET", f"{API}/users/{{UserId}}/verified-identity", view),)
