"""When Mangopay knows who a user is: what makes them REGULAR, for how long, and what undoes it.

Source: https://docs.mangopay.com/guides/users/verification/requirements and .../api-reference/users/regulatory
Chosen: a verification is to be renewed after five years, which the platform is told of ninety days before; that
nobody renews it changes neither level nor blocks.
"""

from services.emulator.engine.errors import invalid_action
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules.users import is_owner, kyc_type, refuse_closed

NEEDED_DOCUMENTS = {
    "NATURAL": {"IDENTITY_PROOF"},
    "BUSINESS": {"IDENTITY_PROOF", "REGISTRATION_PROOF", "ARTICLES_OF_ASSOCIATION"},
    "PARTNERSHIP": {"IDENTITY_PROOF", "REGISTRATION_PROOF"},
    "ORGANIZATION": {"IDENTITY_PROOF", "REGISTRATION_PROOF", "ARTICLES_OF_ASSOCIATION"},
    "SOLETRADER": {"IDENTITY_PROOF", "REGISTRATION_PROOF"},
}
WITH_BENEFICIAL_OWNERS = ("BUSINESS", "PARTNERSHIP")
# Which field of a user names the last validated document of a type; the proof of identity is the person's own.
PROOF_FIELD = {
    "ADDRESS_PROOF": "ProofOfAddress",
    "REGISTRATION_PROOF": "ProofOfRegistration",
    "ARTICLES_OF_ASSOCIATION": "Statute",
    "SHAREHOLDER_DECLARATION": "ShareholderDeclaration",
}
IDENTITY = ("FirstName", "LastName", "Birthday", "Nationality")
# What an altered identity makes worthless, and what an altered legal form does.
OUTDATED_BY_IDENTITY = {"IDENTITY_PROOF", "REGISTRATION_PROOF", "ARTICLES_OF_ASSOCIATION", "SHAREHOLDER_DECLARATION"}
OUTDATED_BY_LEGAL_FORM = {"REGISTRATION_PROOF"}
DAY_S = 86_400
KYC_LIFE_S = 5 * 365 * DAY_S
RENEWAL_NOTICE_S = 90 * DAY_S


def require_owner(user: Entity) -> None:
    """Raise ApiError 400 for whoever cannot be verified: a PAYER, or somebody whose account is closed."""
    refuse_closed(user)
    if not is_owner(user):
        raise invalid_action("This feature is only available for users categorised as Owner.")


def reconsider(world: World, user: Entity) -> None:
    """Make a user REGULAR once all that is needed is validated, or note that it was renewed."""
    if not _is_verified(world, user):
        return
    if user["KYCLevel"] != "REGULAR":
        user["KYCLevel"] = "REGULAR"
        _note_verified(world, user)
        world.emit("USER_KYC_REGULAR", user["Id"])
    elif user.get("_IsRenewalRequired"):
        renew(world, user)


def renew(world: World, user: Entity) -> None:
    """Note that a REGULAR user has proved anew who they are."""
    _note_verified(world, user)
    world.emit("USER_KYC_RENEWED", user["Id"])


def ask_to_renew(world: World, user: Entity) -> None:
    user["_IsRenewalRequired"] = True
    world.store.users.save(user)
    world.emit("USER_KYC_RENEWAL_REQUIRED", user["Id"])


def note_proof(world: World, user: Entity, kind: str, document_id: str | None) -> None:
    """Name a validated document in the user it proves something of, or no longer."""
    if kind == "IDENTITY_PROOF":
        _person(user)["ProofOfIdentity"] = document_id
    else:
        user[PROOF_FIELD[kind]] = document_id
    world.store.users.save(user)


def outdate(world: World, user: Entity, before: Entity) -> None:
    """Undo the verification of a user whose verified facts are others than before; declarations stay as they are."""
    has_other_identity = _identity(user) != _identity(before)
    has_other_form = user.get("LegalPersonType") != before.get("LegalPersonType")
    if not has_other_identity and not has_other_form:
        return
    kinds = OUTDATED_BY_IDENTITY if has_other_identity else OUTDATED_BY_LEGAL_FORM
    for document in world.store.kyc_documents.where("UserId", user["Id"]):
        is_pending_identity = document["Type"] == "IDENTITY_PROOF" and document["Status"] == "VALIDATION_ASKED"
        if document["Type"] in kinds and (document["Status"] == "VALIDATED" or is_pending_identity):
            outdate_document(world, user, document)
    for session in world.store.identity_verifications.where("UserId", user["Id"]):
        if session["Status"] == "VALIDATED":
            outdate_session(world, session)
    degrade(world, user)


def outdate_document(world: World, user: Entity, document: Entity) -> None:
    document["Status"] = "OUT_OF_DATE"
    world.store.kyc_documents.save(document)
    world.emit("KYC_OUTDATED", document["Id"])
    if document["Id"] in (_person(user)["ProofOfIdentity"], user.get(PROOF_FIELD.get(document["Type"], ""))):
        note_proof(world, user, document["Type"], None)


def outdate_session(world: World, session: Entity) -> None:
    session |= {"Status": "OUT_OF_DATE", "LastUpdate": world.clock.now()}
    world.store.identity_verifications.save(session)
    world.emit("IDENTITY_VERIFICATION_OUTDATED", session["Id"])


def degrade(world: World, user: Entity) -> None:
    """Let a REGULAR user be LIGHT again."""
    if user["KYCLevel"] == "REGULAR":
        user |= {"KYCLevel": "LIGHT", "_IsRenewalRequired": False}
        world.store.users.save(user)
        world.emit("USER_KYC_LIGHT", user["Id"])


def degrade_unless_verified(world: World, user: Entity) -> None:
    if not _is_verified(world, user):
        degrade(world, user)


def kyc_deadline(user: Entity) -> int | None:
    """Return when the verification of a REGULAR user has to be renewed by."""
    verified_at = user.get("_LastKycDate")
    return None if verified_at is None or user["KYCLevel"] != "REGULAR" else int(verified_at) + KYC_LIFE_S


def remind_of_renewal(world: World, user_id: str) -> None:
    """Ask for a renewal unless there was one, or there is nothing left to renew."""
    user = world.store.users.get(user_id)
    deadline = kyc_deadline(user) if user and user["UserStatus"] != "CLOSED" else None
    if user is not None and deadline is not None and world.clock.now() >= deadline - RENEWAL_NOTICE_S:
        ask_to_renew(world, user)


def _is_verified(world: World, user: Entity) -> bool:
    """Tell whether a hosted session has verified all, or every single document and declaration that is needed."""
    if any(one["Status"] == "VALIDATED" for one in world.store.identity_verifications.where("UserId", user["Id"])):
        return True
    documents = world.store.kyc_documents.where("UserId", user["Id"])
    validated = {document["Type"] for document in documents if document["Status"] == "VALIDATED"}
    return validated >= NEEDED_DOCUMENTS[kyc_type(user)] and _has_declared_owners(world, user)


def _has_declared_owners(world: World, user: Entity) -> bool:
    if kyc_type(user) not in WITH_BENEFICIAL_OWNERS:
        return True
    return any(one["Status"] == "VALIDATED" for one in world.store.ubo_declarations.where("UserId", user["Id"]))


def _note_verified(world: World, user: Entity) -> None:
    user |= {"_LastKycDate": world.clock.now(), "_IsRenewalRequired": False}
    world.store.users.save(user)
    world.later("user.remind_of_renewal", user["Id"], after_s=KYC_LIFE_S - RENEWAL_NOTICE_S)


def _person(user: Entity) -> Entity:
    person: Entity = user if user["PersonType"] == "NATURAL" else user["LegalRepresentative"]
    return person


def _identity(user: Entity) -> list[object]:
    return [_person(user)[name] for name in IDENTITY]
