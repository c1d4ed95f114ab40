"""The evidence of a dispute: which documents help to contest it, when they are taken, which files are their pages.

Source: https://docs.mangopay.com/api-reference/dispute-documents

Chosen: files as for KYC documents, PDF, JPEG or PNG, and five at most with one document, which is what may arrive at
once; Mangopay sets no number, and takes as many documents as there are.
"""

from collections.abc import Mapping
from enum import StrEnum

from models.documents import FileRules

# In base64 that is 10 MB, the most that Mangopay takes; a least it does not name.
DISPUTE_FILES = FileRules(largest_bytes=7_500_000, most_pages=5, smallest_bytes=0, smallest_by_type={})


class DisputePaper(StrEnum):
    """A type of document, spelt as Mangopay spells it."""

    DELIVERY_PROOF = "DELIVERY_PROOF"
    INVOICE = "INVOICE"
    REFUND_PROOF = "REFUND_PROOF"
    USER_CORRESPONDANCE = "USER_CORRESPONDANCE"
    USER_ACCEPTANCE_PROOF = "USER_ACCEPTANCE_PROOF"
    PRODUCT_REPLACEMENT_PROOF = "PRODUCT_REPLACEMENT_PROOF"
    OTHER = "OTHER"

    @property
    def purpose(self) -> str:
        """What is to be on the document, in plain words."""
        return _PURPOSES[self]


_PURPOSES = {
    DisputePaper.DELIVERY_PROOF: "The carrier's receipt, or what else shows that the goods or the service arrived.",
    DisputePaper.INVOICE: "The invoice or the order that the payment was for.",
    DisputePaper.REFUND_PROOF: "What shows that the payer has already been given the money back.",
    DisputePaper.USER_CORRESPONDANCE: "Messages exchanged with the payer about the purchase.",
    DisputePaper.USER_ACCEPTANCE_PROOF: "What shows that the payer agreed to the purchase and its terms.",
    DisputePaper.PRODUCT_REPLACEMENT_PROOF: "What shows that the payer was sent something in its place.",
    DisputePaper.OTHER: "Anything else that helps to show that the payment was right.",
}


def takes_documents(dispute: Mapping[str, object]) -> bool:
    """Whether a dispute, Mangopay's JSON, waits for the platform, and so for its evidence."""
    return dispute.get("Status") in ("PENDING_CLIENT_ACTION", "REOPENED_PENDING_CLIENT_ACTION")
