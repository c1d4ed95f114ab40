"""KYC documents: who may send which, what makes a user REGULAR, and which files are taken for their pages.

Source: https://docs.mangopay.com/api-reference/kyc-documents and .../guides/users/verification/requirements
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from models.documents import FileRules

# A tag that a document is created with decides, outside Production, what is found once it is submitted.
MAGIC_TAGS = (
    *("accept", "refuse_unreadable", "refuse_not_accepted", "refuse_expired", "refuse_incomplete"),
    *("refuse_missing", "refuse_no_user_data_match", "refuse_falsified", "refuse_underage", "refuse_specific_case"),
)


class DocumentType(StrEnum):
    IDENTITY_PROOF = "IDENTITY_PROOF"
    REGISTRATION_PROOF = "REGISTRATION_PROOF"
    ARTICLES_OF_ASSOCIATION = "ARTICLES_OF_ASSOCIATION"
    SHAREHOLDER_DECLARATION = "SHAREHOLDER_DECLARATION"
    ADDRESS_PROOF = "ADDRESS_PROOF"

    @property
    def purpose(self) -> str:
        """What is to be on the document, in plain words."""
        return _PURPOSES[self]


KYC_FILES = FileRules(
    largest_bytes=7_000_000,
    most_pages=5,
    smallest_bytes=1_000,
    smallest_by_type={DocumentType.IDENTITY_PROOF: 32_000},
)
_PURPOSES = {
    DocumentType.IDENTITY_PROOF: "A passport, or both sides of an identity card, of the person or of the legal "
    "representative.",
    DocumentType.REGISTRATION_PROOF: "A recent extract from the register in which the business is entered.",
    DocumentType.ARTICLES_OF_ASSOCIATION: "The statutes in force, signed or certified.",
    DocumentType.SHAREHOLDER_DECLARATION: "Who owns the company, and how much of it.",
    DocumentType.ADDRESS_PROOF: "A recent document with the person's name and address, such as a utility bill.",
}


class Demand(StrEnum):
    """How far a type of document is needed for a user to become REGULAR."""

    NEEDED = "needed"
    SOMETIMES = "sometimes needed"
    ON_REQUEST = "on request only"


_IDENTITY = {DocumentType.IDENTITY_PROOF: Demand.NEEDED}
_COMPANY = _IDENTITY | {DocumentType.REGISTRATION_PROOF: Demand.NEEDED}
_ARTICLES, _SHAREHOLDERS = DocumentType.ARTICLES_OF_ASSOCIATION, DocumentType.SHAREHOLDER_DECLARATION
_DEMANDS: Mapping[str, Mapping[DocumentType, Demand]] = MappingProxyType(
    {
        "NATURAL": _IDENTITY | {DocumentType.ADDRESS_PROOF: Demand.ON_REQUEST},
        "BUSINESS": _COMPANY | {_ARTICLES: Demand.NEEDED, _SHAREHOLDERS: Demand.ON_REQUEST},
        "PARTNERSHIP": _COMPANY | {_ARTICLES: Demand.SOMETIMES, _SHAREHOLDERS: Demand.ON_REQUEST},
        "ORGANIZATION": _COMPANY | {_ARTICLES: Demand.NEEDED, _SHAREHOLDERS: Demand.ON_REQUEST},
        "SOLETRADER": _COMPANY | {_SHAREHOLDERS: Demand.ON_REQUEST},
    }
)


def demands(person_type: object, legal_person_type: object) -> Mapping[DocumentType, Demand]:
    """Return what such a user may send, and how far it is needed, the needed first."""
    if person_type == "NATURAL":
        return _DEMANDS["NATURAL"]
    # A legal type that Mangopay adds one day is offered all that companies may send, and Mangopay decides.
    return _DEMANDS.get(str(legal_person_type), _DEMANDS["PARTNERSHIP"])


def needed(person_type: object, legal_person_type: object) -> tuple[DocumentType, ...]:
    """Return the types of which one document each must be VALIDATED before such a user becomes REGULAR.

    It may take more than documents: see `needs_declared_owners` and `needs_company_number`.
    """
    found = demands(person_type, legal_person_type)
    return tuple(document_type for document_type, demand in found.items() if demand is Demand.NEEDED)


def needs_declared_owners(person_type: object, legal_person_type: object) -> bool:
    """Whether such a user also needs a validated UBO declaration; of others Mangopay takes none."""
    return person_type == "LEGAL" and legal_person_type in ("BUSINESS", "PARTNERSHIP")


def needs_company_number(person_type: object, legal_person_type: object) -> bool:
    return person_type == "LEGAL" and legal_person_type == "BUSINESS"


@dataclass(frozen=True, slots=True)
class Gap:
    """A document that a user still lacks. `latest_status` is that of the newest one sent of its type, None for none."""

    document_type: DocumentType
    latest_status: str | None


def missing(user: Mapping[str, object], documents: Sequence[Mapping[str, object]]) -> tuple[Gap, ...]:
    """Return which documents a user still lacks to become REGULAR; none for one that is, however that came about.

    Both are Mangopay's JSON; `documents` are all of the user's, in any order.
    """
    if user.get("KYCLevel") == "REGULAR":
        return ()
    gaps = []
    for document_type in needed(user.get("PersonType"), user.get("LegalPersonType")):
        sent = [document for document in documents if document.get("Type") == document_type]
        if not any(document.get("Status") == "VALIDATED" for document in sent):
            newest = max(sent, key=_created, default=None)
            gaps.append(Gap(document_type, None if newest is None else str(newest.get("Status"))))
    return tuple(gaps)


def _created(document: Mapping[str, object]) -> int:
    at = document.get("CreationDate")
    return at if isinstance(at, int) else 0
