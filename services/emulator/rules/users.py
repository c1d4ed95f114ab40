"""What makes a user: the fields of each kind, what an OWNER must bring, and what a change of them undoes.

Source: https://docs.mangopay.com/api-reference/users/natural-users and .../legal-users
"""

from services.emulator.engine.errors import ApiError, invalid_action
from services.emulator.engine.fields import Fields
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World

LEGAL_PERSON_TYPES = ("BUSINESS", "PARTNERSHIP", "ORGANIZATION", "SOLETRADER")
IDENTITY = ("FirstName", "LastName", "Birthday", "Nationality")
CONTACT = ("Email", "PhoneNumber", "PhoneNumberCountry")
# What a user must have had validated to become REGULAR; the declaration of beneficial owners is not asked for yet.
NEEDED_DOCUMENTS = {
    "NATURAL": {"IDENTITY_PROOF"},
    "BUSINESS": {"IDENTITY_PROOF", "REGISTRATION_PROOF", "ARTICLES_OF_ASSOCIATION"},
    "PARTNERSHIP": {"IDENTITY_PROOF", "REGISTRATION_PROOF"},
    "ORGANIZATION": {"IDENTITY_PROOF", "REGISTRATION_PROOF", "ARTICLES_OF_ASSOCIATION"},
    "SOLETRADER": {"IDENTITY_PROOF", "REGISTRATION_PROOF"},
}
# Which documents an altered identity or legal form makes worthless.
OUTDATED_BY_IDENTITY = {
    "IDENTITY_PROOF",
    "REGISTRATION_PROOF",
    "ARTICLES_OF_ASSOCIATION",
    "SHAREHOLDER_DECLARATION",
}
OUTDATED_BY_LEGAL_FORM = {"REGISTRATION_PROOF"}


def read_user(body: Entity, person_type: str) -> Entity:
    """Return the fields a platform may set, in the order they are sent; raises ApiError for what is wrong."""
    fields = Fields(body)
    fields.require("Email", "UserCategory")
    fields.choice("UserCategory", ("PAYER", "OWNER"))
    own = _natural(fields) if person_type == "NATURAL" else _legal(fields)
    shared = {
        "Tag": fields.text("Tag"),
        "Email": fields.email(),
        "TermsAndConditionsAccepted": bool(fields.flag("TermsAndConditionsAccepted")),
        "UserCategory": body.get("UserCategory"),
    }
    fields.check()
    if is_owner(body) and not shared["TermsAndConditionsAccepted"]:
        raise ApiError(
            403,
            "user_hasnt_accepted_terms_and_conditions",
            "User must accept the terms and conditions before account creation or modification.",
        )
    return own | shared


def nested(body: Entity) -> Entity:
    """Return a legacy legal user's body with its flat representative as an object."""
    start = "LegalRepresentative"
    flat = {name: value for name, value in body.items() if name.startswith(start) and name != f"{start}Address"}
    representative = {name.removeprefix(start): value for name, value in flat.items()}
    if body.get("PhoneNumber"):
        representative["PhoneNumber"] = body["PhoneNumber"]
    return {name: value for name, value in body.items() if name not in flat} | {start: representative}


def is_owner(user: Entity) -> bool:
    return user.get("UserCategory") == "OWNER"


def contact(user: Entity) -> Entity:
    """Return who is asked for strong authentication: the person, or a company's representative."""
    person: Entity = user if user["PersonType"] == "NATURAL" else user["LegalRepresentative"]
    return {name: person[name] for name in CONTACT}


def kyc_type(user: Entity) -> str:
    return "NATURAL" if user["PersonType"] == "NATURAL" else str(user["LegalPersonType"])


def refuse_forbidden_changes(user: Entity, changed: Entity) -> None:
    if user["UserStatus"] == "CLOSED":
        raise ApiError(400, "user_closed", "The user is closed")
    if is_owner(user) and not is_owner(changed):
        fields = Fields(changed)
        fields.refuse("UserCategory", "A User OWNER can't be modified to a user PAYER")
        fields.check()
    if user["TermsAndConditionsAccepted"] and not changed["TermsAndConditionsAccepted"]:
        raise invalid_action("The user cannot revoke the terms and conditions acceptance")


def outdate_documents(world: World, user: Entity, before: Entity) -> None:
    """Undo the verification of a user whose verified facts have changed."""
    outdated = set()
    if _identity(user) != _identity(before):
        outdated |= OUTDATED_BY_IDENTITY
    if user.get("LegalPersonType") != before.get("LegalPersonType"):
        outdated |= OUTDATED_BY_LEGAL_FORM
    for document in world.store.kyc_documents.where("UserId", user["Id"]):
        is_pending_identity = document["Type"] == "IDENTITY_PROOF" and document["Status"] == "VALIDATION_ASKED"
        if document["Type"] in outdated and (document["Status"] == "VALIDATED" or is_pending_identity):
            document["Status"] = "OUT_OF_DATE"
            world.store.kyc_documents.save(document)
            world.emit("KYC_OUTDATED", document["Id"])
    if outdated and user["KYCLevel"] == "REGULAR":
        user["KYCLevel"] = "LIGHT"
        world.emit("USER_KYC_LIGHT", user["Id"])


def _natural(fields: Fields) -> Entity:
    fields.require("FirstName", "LastName")
    if is_owner(fields.body):
        fields.require("Birthday", "Nationality", "CountryOfResidence")
    values = {
        "Address": fields.address("Address"),
        "FirstName": fields.text("FirstName", longest=100),
        "LastName": fields.text("LastName", longest=100),
        "Birthday": fields.number("Birthday"),
        "Nationality": fields.country("Nationality"),
        "CountryOfResidence": fields.country("CountryOfResidence"),
        "Occupation": fields.text("Occupation"),
        "IncomeRange": fields.number("IncomeRange"),
    }
    if not is_owner(fields.body):
        values |= dict.fromkeys(("Birthday", "Nationality", "CountryOfResidence", "Occupation", "IncomeRange"))
    return values | {name: fields.text(name) for name in ("PhoneNumber", "PhoneNumberCountry")}


def _legal(fields: Fields) -> Entity:
    fields.require("Name", "LegalPersonType", "LegalRepresentative")
    if is_owner(fields.body):
        fields.require("HeadquartersAddress")
        if fields.body.get("LegalPersonType") == "BUSINESS":
            fields.require("CompanyNumber")
    return {
        "HeadquartersAddress": fields.address("HeadquartersAddress"),
        "LegalRepresentativeAddress": fields.address("LegalRepresentativeAddress"),
        "Name": fields.text("Name"),
        "LegalPersonType": fields.choice("LegalPersonType", LEGAL_PERSON_TYPES),
        "LegalRepresentative": _representative(fields.within("LegalRepresentative"), is_required=is_owner(fields.body)),
        "CompanyNumber": fields.text("CompanyNumber"),
    }


def _representative(fields: Fields, *, is_required: bool) -> Entity:
    fields.require("FirstName", "LastName")
    if is_required:
        fields.require("Birthday", "Nationality", "CountryOfResidence")
        if not fields.has("Email"):
            fields.refuse("Email", "'Email' must not be empty.")
    return {
        "FirstName": fields.text("FirstName", longest=100),
        "LastName": fields.text("LastName", longest=100),
        "Email": fields.email(),
        "Birthday": fields.number("Birthday"),
        "Nationality": fields.country("Nationality"),
        "CountryOfResidence": fields.country("CountryOfResidence"),
        "PhoneNumber": fields.text("PhoneNumber"),
        "PhoneNumberCountry": fields.text("PhoneNumberCountry"),
        "ProofOfIdentity": fields.body.get("ProofOfIdentity"),
    }


def _identity(user: Entity) -> list[object]:
    person = user if user["PersonType"] == "NATURAL" else user["LegalRepresentative"]
    return [person[name] for name in IDENTITY]
