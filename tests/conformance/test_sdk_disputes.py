"""Disputes, their evidence and their settlement, as Mangopay's own client reads and answers them."""

import base64
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from mangopay.exceptions import APIError
from mangopay.resources import (
    Dispute,
    DisputeDocument,
    DisputeDocumentPage,
    DocumentConsult,
    Repudiation,
    SettlementTransfer,
    User,
    Wallet,
)

from tests.conformance.people import euros, paid, payer, wallet_of

# The client reads timestamps by a function that newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:.*utcfromtimestamp.*:DeprecationWarning")

Bank = Callable[..., dict[str, Any]]
SCAN = base64.b64encode(b"%PDF-1.7" + bytes(2_000)).decode()


def disputed(bank: Bank, **how: object) -> tuple[Any, Any]:
    """Return a pay-in and its dispute."""
    alice = payer()
    payin = paid(alice, wallet_of(alice), 1000, fees=100)
    return payin, Dispute.get(bank("dispute.open", payin.id, **how)["Id"])


def test_a_dispute_is_read_and_found_where_it_belongs(bank: Bank) -> None:
    payin, dispute = disputed(bank, DisputeReasonType="FRAUD", DisputeReasonMessage="Not me")
    assert (dispute.status, dispute.dispute_type) == ("PENDING_CLIENT_ACTION", "CONTESTABLE")
    assert (dispute.disputed_funds, dispute.contested_funds) == (euros(1000), None)
    assert (dispute.dispute_reason.type, dispute.dispute_reason.message) == ("FRAUD", "Not me")
    assert dispute.initial_transaction_id == payin.id
    assert dispute.contest_deadline_date > dispute.creation_date
    assert [row.id for row in payin.disputes.all()] == [dispute.id]
    assert [row.id for row in User(id=payin.author_id).disputes.all()] == [dispute.id]
    assert [row.id for row in Wallet(id=payin.credited_wallet_id).disputes.all(Status="CREATED")] == []
    listed = Dispute.all(Sort="CreationDate:DESC", DisputeType="CONTESTABLE", page=1, per_page=1)
    assert [row.id for row in listed] == [dispute.id]
    with pytest.raises(Dispute.DoesNotExist):
        Dispute.get("dispute_m_none")


def test_a_dispute_is_tagged_contested_asked_again_resubmitted_and_won(bank: Bank) -> None:
    _, dispute = disputed(bank)
    dispute.tag = "ask Bob"
    dispute.save()
    assert Dispute.get(dispute.id).tag == "ask Bob"
    assert dispute.contest(euros(1000))["status"] == "SUBMITTED"
    bank("dispute.ask_again", dispute.id, StatusMessage="More, please")
    assert Dispute.get(dispute.id).status_message == "More, please"
    assert dispute.resubmit()["status"] == "SUBMITTED"
    bank("dispute.decide", dispute.id, ResultCode="WON")
    seen = Dispute.get(dispute.id)
    assert (seen.status, seen.result_code, seen.contested_funds) == ("CLOSED", "WON", euros(1000))
    (back,) = Repudiation.get(seen.repudiation_id).get_refunds()
    assert (back.nature, back.type, back.credited_wallet_id) == ("REFUND", "PAYIN", "CREDIT_EUR")
    assert [row.nature for row in Dispute.get_transactions(seen.id)] == ["REPUDIATION", "REFUND"]


def test_more_than_was_disputed_cannot_be_contested(bank: Bank) -> None:
    _, dispute = disputed(bank)
    with pytest.raises(APIError) as caught:
        dispute.contest(euros(1001))
    assert list(caught.value.content["errors"]) == ["ContestedFunds"]


def test_a_closed_dispute_is_lost_and_settled_by_transfer(bank: Bank) -> None:
    payin, dispute = disputed(bank)
    dispute.close()
    seen = Dispute.get(dispute.id)
    assert (seen.status, seen.result_code) == ("CLOSED", "LOST")
    assert dispute.id in [row.id for row in Dispute.get_pending_settlement(per_page=100)]
    repudiation = Repudiation.get(seen.repudiation_id)
    assert (repudiation.nature, repudiation.debited_wallet_id) == ("REPUDIATION", "CREDIT_EUR")
    settlement = SettlementTransfer(
        author=User(id=payin.author_id),
        # The client insists on it; Mangopay does not read it.
        credited_user=User(id=payin.author_id),
        repudiation=repudiation,
        debited_funds=euros(900),
        fees=euros(0),
    )
    settlement.save()
    read = SettlementTransfer.get(settlement.id)
    assert (read.status, read.nature, read.type) == ("SUCCEEDED", "SETTLEMENT", "TRANSFER")
    assert (read.repudiation_id, read.credited_wallet_id) == (repudiation.id, "CREDIT_EUR")
    assert Wallet.get(payin.credited_wallet_id).balance == euros(0)
    assert dispute.id not in [row.id for row in Dispute.get_pending_settlement(per_page=100)]


def test_evidence_is_uploaded_submitted_and_looked_at(bank: Bank, emulator_url: str) -> None:
    _, dispute = disputed(bank)
    # The client cannot create or submit such a document: it forgets a slash in one address, and the id in the other.
    path = f"{emulator_url}/v2.01/local/disputes/{dispute.id}/documents"
    key = ("local", "local-api-key")
    made = httpx.post(path, json={"Type": "REFUND_PROOF", "Tag": "June"}, auth=key, trust_env=False).json()
    document = DisputeDocument.get(made["Id"])
    assert (document.status, document.type, document.tag) == ("CREATED", "REFUND_PROOF", "June")
    DisputeDocumentPage(document=document, dispute=dispute, file=SCAN).save()
    httpx.put(f"{path}/{document.id}", json={"Status": "VALIDATION_ASKED"}, auth=key, trust_env=False)
    assert DisputeDocument.get(document.id).status == "VALIDATION_ASKED"
    (link,) = DocumentConsult.get_dispute_document_consult(document.id)
    assert httpx.get(dict(link)["url"], trust_env=False).content == base64.b64decode(SCAN)
    bank("dispute_document.decide", document.id, Status="REFUSED", RefusedReasonType="DOCUMENT_UNREADABLE")
    seen = DisputeDocument.get(document.id)
    assert (seen.status, seen.refused_reason_type) == ("REFUSED", "DOCUMENT_UNREADABLE")
    assert document.id in [row.id for row in DisputeDocument.all(Status="REFUSED", per_page=100)]
    assert [row.id for row in dispute.documents.all()] == [document.id]
