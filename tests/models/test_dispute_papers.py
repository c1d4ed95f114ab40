import base64

import pytest

from models.dispute_papers import DISPUTE_FILES, DisputePaper, takes_documents
from models.words import label_of
from services.emulator.routes.disputes.documents import TYPES

MANGOPAYS_MOST = 10_000_000


def test_every_type_that_mangopay_takes_is_offered_with_its_own_sentence() -> None:
    assert [str(paper) for paper in DisputePaper] == list(TYPES)
    purposes = {paper.purpose for paper in DisputePaper}
    assert len(purposes) == len(DisputePaper)
    assert all(purpose.endswith(".") and purpose.count(".") == 1 for purpose in purposes)
    assert len({label_of(paper) for paper in DisputePaper}) == len(DisputePaper)


def test_the_largest_page_is_just_what_mangopay_takes_in_base64() -> None:
    assert len(base64.b64encode(bytes(DISPUTE_FILES.largest_bytes))) == MANGOPAYS_MOST
    assert DISPUTE_FILES.refuse_size("INVOICE", DISPUTE_FILES.largest_bytes, "a.pdf") is None
    assert DISPUTE_FILES.refuse_size("INVOICE", DISPUTE_FILES.largest_bytes + 1, "a.pdf") == (
        "“a.pdf” is too large: Mangopay takes at most 7.5 MB."
    )


def test_an_empty_file_is_no_page() -> None:
    assert DISPUTE_FILES.refuse("INVOICE", b"", "a.pdf") == "“a.pdf” is no PDF, JPEG or PNG, whatever its name says."


@pytest.mark.parametrize(
    ("status", "is_waiting"),
    [
        ("CREATED", False),
        ("PENDING_CLIENT_ACTION", True),
        ("SUBMITTED", False),
        ("PENDING_BANK_ACTION", False),
        ("REOPENED_PENDING_CLIENT_ACTION", True),
        ("CLOSED", False),
        (None, False),
    ],
)
def test_evidence_is_taken_while_the_dispute_waits_for_the_platform(status: str | None, is_waiting: bool) -> None:
    assert takes_documents({"Status": status}) is is_waiting
