"""What may still be given back of a pay-in or a transfer, and what was given back so far.

Source: https://docs.mangopay.com/api-reference/refunds
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from models.mangopay.transactions import Refund, Transaction
from models.money import Money


@dataclass(frozen=True, slots=True)
class Refundable:
    """Refunds under way count as made."""

    # What whoever had paid has got, or will get, with those fees that were given back as well.
    given_back: Money
    # What may still be taken for it out of the wallet that the initial transaction credited.
    remains: Money
    # While it is disputed, or the dispute was lost, Mangopay refuses any refund.
    is_disputed: bool = False

    @property
    def is_possible(self) -> bool:
        """Whether a refund can be asked for at all."""
        return self.remains.amount > 0 and not self.is_disputed


def refundable(initial: Transaction, refunds: Iterable[Refund], *, is_disputed: bool = False) -> Refundable | None:
    """Return what was given back and what remains; None while nothing was credited."""
    if initial.status != "SUCCEEDED" or initial.credited_funds is None:
        return None
    credited = initial.credited_funds
    given_back = taken = Money(0, credited.currency)
    for refund in refunds:
        if refund.status == "FAILED" or refund.debited_funds is None:
            continue
        if {funds.currency for funds in (refund.debited_funds, refund.credited_funds) if funds} != {credited.currency}:
            return None
        taken += refund.debited_funds
        given_back += refund.credited_funds or refund.debited_funds
    # Fees that the platform charges on a refund may take more than was credited; below nothing nothing remains.
    return Refundable(given_back, Money(max(credited.amount - taken.amount, 0), credited.currency), is_disputed)


def hinders_refund(dispute: Mapping[str, object]) -> bool:
    """Whether a dispute keeps its pay-in from being refunded: until it is won, or was never one."""
    return dispute.get("Status") != "CLOSED" or dispute.get("ResultCode") not in ("WON", "VOID")
