from collections.abc import Mapping

import pytest

from models.kyc import (
    KYC_FILES,
    Demand,
    DocumentType,
    Gap,
    demands,
    missing,
    needed,
    needs_company_number,
    needs_declared_owners,
)

IDENTITY, ADDRESS = DocumentType.IDENTITY_PROOF, DocumentType.ADDRESS_PROOF
REGISTRATION, ARTICLES = DocumentType.REGISTRATION_PROOF, DocumentType.ARTICLES_OF_ASSOCIATION
SHAREHOLDERS = DocumentType.SHAREHOLDER_DECLARATION
NATURAL = {"PersonType": "NATURAL", "KYCLevel": "LIGHT"}
BUSINESS = {"PersonType": "LEGAL", "LegalPersonType": "BUSINESS", "KYCLevel": "LIGHT"}


def document(type_: str, status: str, created: int = 0) -> Mapping[str, object]:
    return {"Type": type_, "Status": status, "CreationDate": created}


@pytest.mark.parametrize(
    ("person", "legal", "types"),
    [
        ("NATURAL", None, {IDENTITY, ADDRESS}),
        ("LEGAL", "BUSINESS", {IDENTITY, REGISTRATION, ARTICLES, SHAREHOLDERS}),
        ("LEGAL", "PARTNERSHIP", {IDENTITY, REGISTRATION, ARTICLES, SHAREHOLDERS}),
        ("LEGAL", "ORGANIZATION", {IDENTITY, REGISTRATION, ARTICLES, SHAREHOLDERS}),
        ("LEGAL", "SOLETRADER", {IDENTITY, REGISTRATION, SHAREHOLDERS}),
        ("LEGAL", "SOMETHING_NEW", {IDENTITY, REGISTRATION, ARTICLES, SHAREHOLDERS}),
    ],
)
def test_each_kind_of_user_may_send_what_mangopay_takes_from_it(
    person: str, legal: str | None, types: set[DocumentType]
) -> None:
    assert set(demands(person, legal)) == types


@pytest.mark.parametrize(
    ("person", "legal", "types", "owners", "number"),
    [
        ("NATURAL", None, (IDENTITY,), False, False),
        ("LEGAL", "BUSINESS", (IDENTITY, REGISTRATION, ARTICLES), True, True),
        ("LEGAL", "PARTNERSHIP", (IDENTITY, REGISTRATION), True, False),
        ("LEGAL", "ORGANIZATION", (IDENTITY, REGISTRATION, ARTICLES), False, False),
        ("LEGAL", "SOLETRADER", (IDENTITY, REGISTRATION), False, False),
    ],
)
def test_each_kind_of_user_needs_its_own_to_become_regular(
    person: str, legal: str | None, types: tuple[DocumentType, ...], owners: bool, number: bool
) -> None:
    assert needed(person, legal) == types
    assert needs_declared_owners(person, legal) is owners
    assert needs_company_number(person, legal) is number


def test_a_natural_user_is_one_whatever_legal_type_is_said_of_them() -> None:
    assert tuple(demands("NATURAL", "BUSINESS")) == (IDENTITY, ADDRESS)
    assert not needs_declared_owners("NATURAL", "BUSINESS")


def test_what_is_not_needed_says_when_it_is_sent() -> None:
    assert demands("LEGAL", "PARTNERSHIP")[ARTICLES] is Demand.SOMETIMES
    assert demands("LEGAL", "BUSINESS")[SHAREHOLDERS] is Demand.ON_REQUEST
    assert demands("NATURAL", None)[ADDRESS] is Demand.ON_REQUEST


def test_a_user_without_documents_lacks_all_that_is_needed() -> None:
    assert missing(BUSINESS, []) == (Gap(IDENTITY, None), Gap(REGISTRATION, None), Gap(ARTICLES, None))
    assert missing(NATURAL, []) == (Gap(IDENTITY, None),)


def test_only_a_validated_document_closes_a_gap_and_the_newest_tells_how_it_stands() -> None:
    documents = [
        document("IDENTITY_PROOF", "REFUSED", 3),
        document("IDENTITY_PROOF", "VALIDATED", 1),
        document("REGISTRATION_PROOF", "VALIDATION_ASKED", 9),
        document("REGISTRATION_PROOF", "REFUSED", 5),
        document("SHAREHOLDER_DECLARATION", "VALIDATED", 1),
    ]
    assert missing(BUSINESS, documents) == (Gap(REGISTRATION, "VALIDATION_ASKED"), Gap(ARTICLES, None))


def test_an_outdated_document_leaves_its_gap_open() -> None:
    assert missing(NATURAL, [document("IDENTITY_PROOF", "OUT_OF_DATE")]) == (Gap(IDENTITY, "OUT_OF_DATE"),)


def test_a_regular_user_lacks_nothing_though_a_hosted_session_left_no_documents() -> None:
    assert missing(BUSINESS | {"KYCLevel": "REGULAR"}, []) == ()


@pytest.mark.parametrize(
    ("document_type", "size", "is_good"),
    [
        (IDENTITY, 31_999, False),
        (IDENTITY, 32_000, True),
        (REGISTRATION, 0, False),
        (REGISTRATION, 999, False),
        (REGISTRATION, 1_000, True),
        (REGISTRATION, KYC_FILES.largest_bytes, True),
        (REGISTRATION, KYC_FILES.largest_bytes + 1, False),
        ("A_TYPE_OF_TOMORROW", 1_000, True),
    ],
)
def test_a_page_is_neither_too_small_to_be_read_nor_too_large_to_be_sent(
    document_type: str, size: int, is_good: bool
) -> None:
    content = b"%PDF-1.7".ljust(size, b"\0")[:size]
    assert (KYC_FILES.refuse(document_type, content, "a.pdf") is None) is is_good
    assert (KYC_FILES.refuse_size(document_type, size, "a.pdf") is None) is is_good


def test_each_type_says_what_is_to_be_on_it() -> None:
    purposes = {document_type.purpose for document_type in DocumentType}
    assert len(purposes) == len(DocumentType)
