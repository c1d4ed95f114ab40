"""KYC documents: who may send which, what makes a user REGULAR, and which files are taken for their pages.

Source: https://docs.mangopay.com/api-reference/kyc-documents and .../guides/users/verification/requirements
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

MOST_PAGES = 5
# In base64, which is what is sent, a third more.
LARGEST_BYTES = 7_000_000
SMALLEST_BYTES = 1_000
SMALLEST_IDENTITY_BYTES = 32_000
LONGEST_TAG = 255
# A tag that a document is created with decides, outside Production, what is found once it is submitted.
MAGIC_TAGS = (
    *("accept", "refuse_unreadable", "refuse_not_accepted", "refuse_expired", "refuse_incomplete"),
    *("refuse_missing", "refuse_no_user_data_match", "refuse_falsified", "refuse_underage", "refuse_specific_case"),
)
_BEGINNINGS = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


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


def refuse_file(document_type: str, content: bytes, name: str) -> str | None:
    """Return what is wrong with a file as a page of such a document, in one sentence; None when it is good.

    Its content decides; the name is only repeated.
    """
    refusal = refuse_size(document_type, len(content), name)
    if refusal is None and not content.startswith(_BEGINNINGS):
        return f"“{name}” is no PDF, JPEG or PNG, whatever its name says."
    return refusal


def refuse_size(document_type: str, size: int, name: str) -> str | None:
    """Return what is wrong with the size of a file, in bytes, as long as that is all that is known of it."""
    if size > LARGEST_BYTES:
        return f"“{name}” is too large: Mangopay takes at most {size_text(LARGEST_BYTES)}."
    least = smallest_bytes(document_type)
    if size < least:
        return f"“{name}” is too small to be readable: this type of document needs at least {size_text(least)}."
    return None


def smallest_bytes(document_type: str) -> int:
    return SMALLEST_IDENTITY_BYTES if document_type == DocumentType.IDENTITY_PROOF else SMALLEST_BYTES


def size_text(size: int) -> str:
    """Return a size in bytes, kB or MB of a thousand, cut and not rounded, so that what lacks a byte looks it."""
    for unit, bytes_ in (("MB", 1_000_000), ("kB", 1_000)):
        if size >= bytes_:
            tenths = size * 10 // bytes_
            return f"{tenths // 10}{f'.{tenths % 10}' if tenths % 10 else ''} {unit}"
    return f"{size} byte{'' if size == 1 else 's'}"


def _created(document: Mapping[str, object]) -> int:
    at = document.get("CreationDate")
    return at if isinstance(at, int) else 0
