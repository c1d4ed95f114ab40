"""A wallet's past, told backwards, is the past that there was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.balance import Point, balance_history
from models.mangopay.transactions import Transaction
from models.mangopay.wire import EPOCH
from models.money import Money

WALLET, OTHER = "wlt_m_own", "wlt_m_other"
BEGIN = 1_790_000_000
NOW = EPOCH + timedelta(seconds=BEGIN + 10**7)
ODD: list[dict[str, object]] = [
    {"credited_wallet_id": WALLET, "credited_funds": Money(5, "GBP")},
    {"credited_wallet_id": WALLET, "credited_funds": None},
    {"credited_wallet_id": OTHER, "debited_wallet_id": WALLET, "debited_funds": Money(5, "GBP")},
    {"credited_wallet_id": OTHER, "debited_wallet_id": WALLET, "debited_funds": None},
    # Neither side is this wallet, so that nobody knows what it is doing here.
    {"credited_wallet_id": OTHER, "debited_wallet_id": OTHER},
    {"credited_wallet_id": None, "debited_wallet_id": None},
]
# A busy machine is no failure.
unhurried = settings(deadline=None)


@dataclass(frozen=True)
class Ledger:
    """What moved, oldest first, and what was in the wallet before the first and after each."""

    transactions: Sequence[Transaction]
    balances: Sequence[Money]

    @property
    def points(self) -> list[Point]:
        """Return what is to be told: before and after each movement, and now."""
        steps = zip(self.transactions, self.balances, self.balances[1:], strict=False)
        told = [Point(moment_of(moved), balance) for moved, before, after in steps for balance in (before, after)]
        return [*told, Point(NOW, self.balances[-1])]


def moment_of(transaction: Transaction) -> datetime:
    moment = transaction.executed_at or transaction.created_at
    assert moment is not None
    return moment


def euros(amount: int) -> Money:
    return Money(amount, "EUR")


def moved(seconds: int, change: int, fees: int = 0, **more: object) -> Transaction:
    """Return a movement that adds to the wallet, or takes from it, whatever its fees are."""
    funds: dict[str, object] = {"debited_funds": euros(change + fees), "credited_funds": euros(change)}
    wallets: dict[str, object] = {"credited_wallet_id": WALLET}
    if change < 0:
        funds = {"debited_funds": euros(-change), "credited_funds": euros(-change - fees)}
        # Some go to another wallet, some out of Mangopay.
        wallets = {"debited_wallet_id": WALLET, "credited_wallet_id": OTHER if fees % 2 else None}
    values = {"id": f"t{seconds}", "creation_date": seconds - 60, "execution_date": seconds, "status": "SUCCEEDED"}
    return Transaction.model_validate({**values, "fees": euros(fees), **funds, **wallets, **more})


@st.composite
def ledgers(draw: st.DrawFn, *, may_tie: bool = False) -> Ledger:
    """Draw credits, debits and refunds as they came; a refund may give fees back, which are negative then."""
    steps = draw(
        st.lists(
            st.tuples(st.integers(0 if may_tie else 1, 9_999), st.integers(-(10**9), 10**9), st.integers(-500, 500)),
            max_size=25,
        )
    )
    seconds, balances, transactions = BEGIN, [euros(draw(st.integers(-(10**9), 10**9)))], []
    for gap, change, fees in steps:
        seconds += gap
        transactions.append(moved(seconds, change, fees))
        balances.append(balances[-1] + euros(change))
    return Ledger(transactions, balances)


def told(ledger: Ledger, transactions: Sequence[Transaction]) -> list[Point]:
    return list(balance_history(WALLET, balance=ledger.balances[-1], now=NOW, transactions=transactions))


@unhurried
@given(ledgers(), st.randoms(use_true_random=False))
def test_the_past_is_told_as_it_was_in_whatever_order_its_movements_come(ledger: Ledger, chance: Random) -> None:
    shuffled = list(ledger.transactions)
    chance.shuffle(shuffled)
    assert told(ledger, shuffled) == ledger.points


@unhurried
@given(ledgers(may_tie=True))
def test_what_moved_in_the_same_second_is_right_before_and_after_that_second(ledger: Ledger) -> None:
    points, expected = told(ledger, ledger.transactions), ledger.points
    for at in {point.at for point in expected}:
        here, there = ([point for point in found if point.at == at] for found in (points, expected))
        assert (here[0], here[-1], len(here)) == (there[0], there[-1], len(there))


@unhurried
@given(ledgers(), st.lists(st.tuples(st.sampled_from(["CREATED", "FAILED", None]), st.integers(-500, 500))))
def test_what_has_not_succeeded_moved_nothing(ledger: Ledger, others: list[tuple[str | None, int]]) -> None:
    idle = [moved(BEGIN + at, change, status=status) for at, (status, change) in enumerate(others)]
    assert told(ledger, [*idle, *ledger.transactions]) == ledger.points


@unhurried
@given(ledgers().filter(lambda ledger: len(ledger.transactions) > 0), st.data())
def test_it_ends_at_what_cannot_be_reckoned_with(ledger: Ledger, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(ledger.transactions) - 1))
    odd = data.draw(st.sampled_from(ODD))
    transactions = list(ledger.transactions)
    transactions[at] = transactions[at].model_copy(update=odd)
    # Nothing before it is told, and after it all is right.
    assert told(ledger, transactions) == ledger.points[2 * at + 1 :]


def test_without_a_movement_there_is_only_now() -> None:
    assert balance_history(WALLET, balance=euros(5), now=NOW, transactions=()) == (Point(NOW, euros(5)),)


def test_a_movement_without_a_time_of_execution_counts_from_its_creation() -> None:
    transaction = moved(BEGIN, 5, execution_date=None)
    first, second, _ = balance_history(WALLET, balance=euros(7), now=NOW, transactions=[transaction])
    created = EPOCH + timedelta(seconds=BEGIN - 60)
    assert (first, second) == (Point(created, euros(2)), Point(created, euros(7)))


def test_a_movement_without_any_time_is_left_out() -> None:
    nowhen = moved(BEGIN, 5, execution_date=None, creation_date=None)
    assert len(balance_history(WALLET, balance=euros(7), now=NOW, transactions=[nowhen])) == 1


@pytest.mark.parametrize(
    ("change", "fees", "before"), [(1_000, 100, 0), (-1_000, 100, 2_000), (-500, -50, 1_500), (0, 0, 1_000)]
)
def test_fees_are_no_business_of_the_wallet_that_pays_them(change: int, fees: int, before: int) -> None:
    first, *_ = balance_history(WALLET, balance=euros(1_000), now=NOW, transactions=[moved(BEGIN, change, fees)])
    assert first.balance == euros(before)
