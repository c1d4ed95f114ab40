"""What a hosted verification looks at, and what it finds: one check after the other, with the data each compared.

Source: https://docs.mangopay.com/api-reference/identity-verifications
Chosen: a refusal, or a review, is that of the identity document; all other checks are passed.
"""

from services.emulator.engine.ids import new_id
from services.emulator.engine.store import Entity

PERSON_CHECKS = ("IDENTITY_DOCUMENT_VERIFICATION", "IDV_NAME_MATCH_CHECK", "IDV_AGE_CHECK")
COMPANY_CHECKS = ("BUSINESS_VERIFICATION", "BUSINESS_NAME_MATCH", "BUSINESS_INSIGHTS_MATCH")
REASONS = {
    "REFUSED": ("DOCUMENT_NOT_ACCEPTED", "The document is not accepted"),
    "REVIEW": ("FACE_MATCH_FAIL", "The face does not match the one on the document"),
}


def checks_of(user: Entity, status: str, now: int, reason: tuple[str, str] | None = None) -> list[Entity]:
    """Return the checks of a session that ended with this status."""
    checks = [_check(kind, _person_data(user), now) for kind in PERSON_CHECKS]
    if user["PersonType"] == "LEGAL":
        checks += [_check(kind, _company_data(user), now) for kind in COMPANY_CHECKS]
    if status in REASONS:
        kind, value = reason or REASONS[status]
        # A check is VALIDATED or REFUSED, also where somebody is still to look at the session.
        checks[0] |= {"CheckStatus": "REFUSED", "Reasons": [{"Type": kind, "Value": value}]}
    return checks


def _check(kind: str, data: list[Entity], now: int) -> Entity:
    return {
        "CheckId": new_id("idnchc_"),
        "Type": kind,
        "CheckStatus": "VALIDATED",
        "Reasons": [],
        "CreationDate": now,
        "LastUpdate": now,
        "Data": data,
    }


def _person_data(user: Entity) -> list[Entity]:
    is_natural = user["PersonType"] == "NATURAL"
    person, start = (user, "") if is_natural else (user["LegalRepresentative"], "LEGAL_REPRESENTATIVE_")
    names = {"FIRST_NAME": "FirstName", "LAST_NAME": "LastName", "BIRTHDATE": "Birthday"}
    return _data({f"{start}{kind}": person[name] for kind, name in names.items()})


def _company_data(user: Entity) -> list[Entity]:
    return _data({"COMPANY_NAME": user["Name"], "COMPANY_NUMBER": user["CompanyNumber"]})


def _data(values: Entity) -> list[Entity]:
    return [{"Type": kind, "Value": str(value)} for kind, value in values.items() if value is not None]
