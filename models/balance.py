"""The balance of a wallet over time, told backwards from what it is now by what has moved.

Mangopay keeps no history of balances; it lists the transactions of the last 13 months.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from models.mangopay.transactions import Transaction
from models.money import Money


@dataclass(frozen=True, slots=True)
class Point:
    """What was in the wallet from this moment on."""

    at: datetime
    balance: Money


def balance_history(
    wallet_id: str, *, balance: Money, now: datetime, transactions: Iterable[Transaction]
) -> tuple[Point, ...]:
    """Return the balance after each movement, oldest first, and now; the first point is before the oldest movement.

    The transactions may come in any order. It ends early at one that was executed but says no amount in the wallet's
    currency, for nothing is known beyond it.
    """
    moved = sorted(
        ((at, transaction) for transaction in transactions if (at := _moved_at(transaction)) is not None),
        key=lambda entry: entry[0],
        reverse=True,
    )
    points = [Point(now, balance)]
    for at, transaction in moved:
        change = _change(wallet_id, transaction)
        points.append(Point(at, balance))
        if change is None or change.currency != balance.currency:
            break
        balance -= change
        points.append(Point(at, balance))
    return tuple(reversed(points))


def _moved_at(transaction: Transaction) -> datetime | None:
    return (transaction.executed_at or transaction.created_at) if transaction.status == "SUCCEEDED" else None


def _change(wallet_id: str, transaction: Transaction) -> Money | None:
    if transaction.credited_wallet_id == wallet_id:
        return transaction.credited_funds
    if transaction.debited_wallet_id == wallet_id and transaction.debited_funds is not None:
        return -transaction.debited_funds
    return None
