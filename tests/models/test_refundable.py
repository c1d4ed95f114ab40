"""What may still be given back of a payment."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.mangopay.transactions import Refund, Transaction
from models.money import Money
from models.refundable import Refundable, hinders_refund, refundable

STATUSES = ("CREATED", "SUCCEEDED", "FAILED")
# A busy machine is no failure.
# Of each refund so much of the fees is given back besides.
BACK = 7
unhurried = settings(deadline=None)


def paid(amount: int, currency: str = "EUR", **more: object) -> Transaction:
    """Return a payment of which so much reached the wallet, its fees apart."""
    funds = {"debited_funds": Money(amount + 100, currency), "credited_funds": Money(amount, currency)}
    return Transaction.model_validate({"id": "payin_m_1", "status": "SUCCEEDED", **funds, **more})


def refund(amount: int | None, status: str | None = "SUCCEEDED", currency: str = "EUR") -> Refund:
    """Return a refund that takes so much out of the wallet; what the payer gets of it is another matter."""
    funds = None if amount is None else Money(amount, currency)
    back = None if amount is None else Money(amount + BACK, currency)
    return Refund.model_validate({"id": "refund_m_1", "status": status, "debited_funds": funds, "credited_funds": back})


refunds = st.lists(st.builds(refund, st.integers(0, 10**6), st.sampled_from(STATUSES)), max_size=12)


@unhurried
@given(st.integers(0, 10**7), refunds)
def test_what_was_given_back_and_what_remains_make_the_whole(credited: int, given_back: Sequence[Refund]) -> None:
    found = refundable(paid(credited), given_back)
    assert found is not None
    counted = [
        refund.debited_funds.amount for refund in given_back if refund.status != "FAILED" and refund.debited_funds
    ]
    assert found.given_back == Money(sum(counted) + BACK * len(counted), "EUR")
    assert found.remains == Money(max(credited - sum(counted), 0), "EUR")


@unhurried
@given(st.integers(0, 10**7), refunds, st.randoms(use_true_random=False))
def test_the_order_of_refunds_says_nothing(credited: int, given_back: list[Refund], chance: Random) -> None:
    shuffled = list(given_back)
    chance.shuffle(shuffled)
    assert refundable(paid(credited), shuffled) == refundable(paid(credited), given_back)


@pytest.mark.parametrize(
    ("status", "counts"), [("SUCCEEDED", True), ("CREATED", True), (None, True), ("FAILED", False)]
)
def test_what_is_under_way_counts_and_what_failed_does_not(status: str | None, counts: bool) -> None:
    found = refundable(paid(1_000), [refund(300, status)])
    taken, got = (300, 300 + BACK) if counts else (0, 0)
    assert found == Refundable(Money(got, "EUR"), Money(1_000 - taken, "EUR"))


def test_a_refund_without_an_amount_yet_counts_nothing() -> None:
    assert refundable(paid(1_000), [refund(None)]) == Refundable(Money(0, "EUR"), Money(1_000, "EUR"))


@pytest.mark.parametrize("status", ["CREATED", "FAILED", None])
def test_nothing_can_be_given_back_of_what_was_not_paid(status: str | None) -> None:
    assert refundable(paid(1_000, status=status), []) is None


@pytest.mark.parametrize("nothing", [None, {"Currency": "XXX", "Amount": 0}])
def test_nothing_can_be_given_back_of_a_wire_that_brought_nothing_yet(nothing: object) -> None:
    assert refundable(paid(1_000, credited_funds=nothing), []) is None


def test_in_two_currencies_nothing_can_be_said() -> None:
    assert refundable(paid(1_000), [refund(300), refund(300, currency="GBP")]) is None
    # One that failed moved nothing, in whatever currency.
    failed = refund(300, "FAILED", currency="GBP")
    assert refundable(paid(1_000), [failed]) == Refundable(Money(0, "EUR"), Money(1_000, "EUR"))


def test_a_currency_without_decimals_is_as_good_as_any() -> None:
    found = refundable(paid(1_000, "JPY"), [refund(1, currency="JPY")])
    assert found == Refundable(Money(1 + BACK, "JPY"), Money(999, "JPY"))


@pytest.mark.parametrize(
    ("given_back", "is_disputed", "is_possible"),
    [(0, False, True), (999, False, True), (1_000, False, False), (1_001, False, False), (0, True, False)],
)
def test_a_refund_is_possible_while_something_remains_that_nobody_disputes(
    given_back: int, is_disputed: bool, is_possible: bool
) -> None:
    found = refundable(paid(1_000), [refund(given_back)], is_disputed=is_disputed)
    assert found is not None
    assert (found.is_disputed, found.is_possible) == (is_disputed, is_possible)


@pytest.mark.parametrize(
    ("dispute", "hinders"),
    [
        ({"Status": "CREATED", "ResultCode": ""}, True),
        ({"Status": "PENDING_BANK_ACTION", "ResultCode": "WON"}, True),
        ({"Status": "CLOSED", "ResultCode": "LOST"}, True),
        ({"Status": "CLOSED", "ResultCode": "WON"}, False),
        ({"Status": "CLOSED", "ResultCode": "VOID"}, False),
        ({"Status": "CLOSED", "ResultCode": ["WON"]}, True),
        ({}, True),
    ],
)
def test_a_dispute_hinders_a_refund_until_it_is_won_or_void(dispute: dict[str, object], hinders: bool) -> None:
    assert hinders_refund(dispute) is hinders
