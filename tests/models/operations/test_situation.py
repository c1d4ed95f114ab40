"""What is read of a situation: whose and in which currency, what is left, and whether it is as it was seen."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from models.money import Money
from models.objects.fields import Content
from models.operations.kinds import OPERATIONS
from models.operations.situation import (
    Earlier,
    Situation,
    author_of,
    balance_of,
    currency_of,
    moved_since,
    remaining,
    remaining_fees,
    seen_of,
    suggested,
    to_settle,
)

ALICE, BOB = "user_m_alice", "user_m_bob"
NOW = datetime(2026, 11, 27, tzinfo=UTC)


def euros(amount: int, currency: str = "EUR") -> Content:
    return {"Currency": currency, "Amount": amount}


PAYIN = {
    "Id": "payin_m_1",
    "AuthorId": ALICE,
    "Status": "SUCCEEDED",
    "DebitedFunds": euros(1260),
    "CreditedFunds": euros(1200),
    "Fees": euros(60),
}
WALLET = {"Id": "wlt_m_1", "Owners": [BOB], "Currency": "EUR", "Balance": euros(5000)}
HOLD = {
    "AuthorId": ALICE,
    "PaymentStatus": "WAITING",
    "DebitedFunds": euros(1000),
    "RemainingFunds": euros(400),
}
DISPUTE = {"Status": "PENDING_CLIENT_ACTION", "DisputedFunds": euros(1260)}
REPUDIATION = {"AuthorId": ALICE, "DebitedFunds": euros(1260)}


def refunded(amount: int, fees: int = 0, status: str = "SUCCEEDED") -> Content:
    return {
        "Id": "refund_m_1",
        "Status": status,
        "DebitedFunds": euros(amount),
        "CreditedFunds": euros(amount - fees),
        "Fees": euros(fees),
    }


def about(name: str, content: Content) -> Situation:
    return Situation(objects={name: content})


@pytest.mark.parametrize(
    ("situation", "currency"),
    [
        (about("PayInId", {"CreditedFunds": euros(1, "GBP"), "DebitedFunds": euros(1)}), "GBP"),
        (about("TransferId", {"CreditedFunds": euros(1, "GBP")}), "GBP"),
        (about("DisputeId", {"DisputedFunds": euros(1, "GBP")}), "GBP"),
        (about("RepudiationId", {"DebitedFunds": euros(1, "GBP")}), "GBP"),
        (about("DepositId", {"DebitedFunds": euros(1, "GBP")}), "GBP"),
        (about("CardId", {"Currency": "GBP"}), "GBP"),
        (Situation(wallet={"Currency": "GBP"}, into={"Currency": "EUR"}), "GBP"),
        (Situation(objects={"CardId": {"Currency": "EUR"}}, into={"Currency": "GBP"}), "GBP"),
        (Situation(objects={"RecipientId": {"Currency": "EUR"}}, wallet={"Currency": "GBP"}), "GBP"),
        (about("RecipientId", {"Currency": "GBP"}), "GBP"),
        (Situation(), ""),
    ],
)
def test_the_currency_is_that_of_what_the_money_leaves(situation: Situation, currency: str) -> None:
    assert currency_of(situation) == currency


@pytest.mark.parametrize(
    ("situation", "author"),
    [
        (Situation(objects={"PayInId": PAYIN}, wallet=WALLET), ALICE),
        (Situation(objects={"PreauthorizationId": HOLD}, into=WALLET), ALICE),
        (Situation(objects={"CardId": {"UserId": ALICE}}, into=WALLET), ALICE),
        (Situation(objects={"MandateId": {"UserId": ALICE}}, into=WALLET), ALICE),
        (Situation(objects={"RecipientId": {"UserId": ALICE}}, wallet=WALLET), BOB),
        (Situation(objects={"RecipientId": {"UserId": ALICE}}), ALICE),
        (Situation(into=WALLET), BOB),
        # The platform itself is nobody's user.
        (Situation(wallet={"Id": "FEES_EUR", "Owners": ["ourshop"]}), ""),
        (Situation(), ""),
    ],
)
def test_the_author_is_whose_money_it_is(situation: Situation, author: str) -> None:
    assert author_of(situation) == author


def test_what_remains_is_what_was_credited_less_what_was_given_back() -> None:
    situation = Situation(objects={"PayInId": PAYIN}, refunds=[refunded(500, -20), refunded(300, status="FAILED")])
    left = remaining(situation)
    assert left is not None
    assert (left.remains, left.given_back, left.is_disputed) == (Money(700, "EUR"), Money(520, "EUR"), False)


@pytest.mark.parametrize("situation", [Situation(), about("PayInId", {**PAYIN, "Status": "CREATED"})])
def test_of_what_was_not_paid_nothing_is_known_to_remain(situation: Situation) -> None:
    assert remaining(situation) is None


def test_a_dispute_hinders_what_remains() -> None:
    left = remaining(replace(about("PayInId", PAYIN), disputes=[DISPUTE]))
    assert left is not None
    assert left.is_disputed


@pytest.mark.parametrize(
    ("refunds", "kept"),
    [
        ([], 60),
        ([refunded(500, -20), refunded(100, -10)], 30),
        ([refunded(500, -20, "FAILED")], 60),
        ([refunded(500, -20, "CREATED")], 40),
        # Fees that are charged for a refund are none of the pay-in's.
        ([refunded(500, 20)], 60),
        ([refunded(500, -70)], 0),
    ],
)
def test_the_fees_that_are_kept_are_those_not_given_back(refunds: list[Content], kept: int) -> None:
    assert remaining_fees(replace(about("PayInId", PAYIN), refunds=refunds)) == Money(kept, "EUR")


def test_without_fees_none_are_known_to_be_kept() -> None:
    assert remaining_fees(about("PayInId", {"Status": "SUCCEEDED"})) is None
    assert remaining_fees(Situation()) is None


@pytest.mark.parametrize(
    ("lost", "payin", "settled", "left"),
    [
        (1260, PAYIN, [], 1200),
        (500, PAYIN, [], 500),
        (1260, None, [], 1260),
        (1260, PAYIN, [{"Status": "SUCCEEDED", "DebitedFunds": euros(700)}], 500),
        (1260, PAYIN, [{"Status": "FAILED", "DebitedFunds": euros(700)}], 1200),
        (1260, PAYIN, [{"Status": "CREATED", "DebitedFunds": euros(1300)}], 0),
    ],
)
def test_what_is_to_be_settled_is_what_the_user_got_of_what_was_lost(
    lost: int, payin: Content | None, settled: list[Content], left: int
) -> None:
    situation = about("RepudiationId", {"DebitedFunds": euros(lost)})
    assert to_settle(replace(situation, disputed=payin, settled=settled)) == Money(left, "EUR")


def test_what_was_lost_in_another_currency_is_not_known_to_be_settled() -> None:
    situation = about("RepudiationId", {"DebitedFunds": euros(1260, "GBP")})
    assert to_settle(replace(situation, disputed=PAYIN)) is None


def test_a_wallet_that_cannot_be_looked_at_has_no_balance() -> None:
    assert balance_of(WALLET) == Money(5000, "EUR")
    assert balance_of(None) is None


YEN = {**PAYIN, "DebitedFunds": euros(1260, "JPY"), "CreditedFunds": euros(1200, "JPY"), "Fees": euros(60, "JPY")}


@pytest.mark.parametrize(
    ("kind", "situation", "filled"),
    [
        (
            "refund-payin",
            Situation(objects={"PayInId": PAYIN}, refunds=[refunded(500, -20)]),
            {"DebitedFunds": "7.00", "Fees": "-0.40", "AuthorId": ALICE},
        ),
        ("refund-payin", about("PayInId", YEN), {"DebitedFunds": "1200", "Fees": "-60", "AuthorId": ALICE}),
        (
            "refund-transfer",
            about("TransferId", {**PAYIN, "Fees": euros(0)}),
            {"DebitedFunds": "12.00", "Fees": "0.00", "AuthorId": ALICE},
        ),
        ("capture", about("PreauthorizationId", HOLD), {"DebitedFunds": "4.00", "AuthorId": ALICE}),
        (
            "capture",
            about("DepositId", {**HOLD, "RemainingFunds": None}),
            {"DebitedFunds": "10.00", "AuthorId": ALICE},
        ),
        # Only what a kind takes is filled in.
        ("cancel-preauthorization", about("PreauthorizationId", HOLD), {}),
        ("contest-dispute", about("DisputeId", DISPUTE), {"ContestedFunds": "12.60"}),
        (
            "settle",
            Situation(objects={"RepudiationId": REPUDIATION}, disputed=PAYIN, wallet=WALLET),
            {"DebitedFunds": "12.00", "AuthorId": BOB},
        ),
        ("payout", Situation(wallet=WALLET), {"AuthorId": BOB}),
    ],
)
def test_a_form_is_filled_with_all_that_is_left(kind: str, situation: Situation, filled: dict[str, str]) -> None:
    assert suggested(OPERATIONS[kind], situation, {}) == filled


@pytest.mark.parametrize(
    ("typed", "fees"), [("12.00", "-0.60"), ("12", "-0.60"), ("11.99", "0.00"), ("twelve", "0.00")]
)
def test_fees_are_given_back_with_the_whole_and_kept_of_a_part(typed: str, fees: str) -> None:
    filled = suggested(OPERATIONS["refund-payin"], about("PayInId", PAYIN), {"DebitedFunds": typed})
    assert filled["Fees"] == fees


def with_balance(amount: int) -> Situation:
    return Situation(wallet={**WALLET, "Balance": euros(amount)})


def platform_with(amount: int) -> Situation:
    return Situation(wallet={"Id": "FEES_EUR", "FundsType": "FEES", "Currency": "EUR", "Balance": euros(amount)})


def earlier(*ids: str) -> Situation:
    return Situation(lately=[Earlier(name, "Refund", "olivia@example.com", NOW) for name in ids])


REFUNDABLE = about("PayInId", PAYIN)
HELD, DISPUTED, LOST = (
    about("PreauthorizationId", HOLD),
    about("DisputeId", DISPUTE),
    about("RepudiationId", REPUDIATION),
)


@pytest.mark.parametrize(
    ("seen", "now", "told"),
    [
        (
            REFUNDABLE,
            replace(REFUNDABLE, refunds=[refunded(500)]),
            "What can still be given back went from 12.00 EUR to 7.00 EUR.",
        ),
        (
            replace(REFUNDABLE, refunds=[refunded(500, status="CREATED")]),
            replace(REFUNDABLE, refunds=[refunded(500, status="FAILED")]),
            "What can still be given back went from 7.00 EUR to 12.00 EUR.",
        ),
        (
            HELD,
            about("PreauthorizationId", {**HOLD, "RemainingFunds": euros(300)}),
            "What is held went from 4.00 EUR to 3.00 EUR.",
        ),
        (
            HELD,
            about("PreauthorizationId", {**HOLD, "PaymentStatus": "CANCELED"}),
            "Its status went from WAITING to CANCELED.",
        ),
        (
            DISPUTED,
            about("DisputeId", {**DISPUTE, "Status": "CLOSED"}),
            "Its status went from PENDING_CLIENT_ACTION to CLOSED.",
        ),
        (
            LOST,
            replace(LOST, settled=[{"Status": "SUCCEEDED", "DebitedFunds": euros(60)}]),
            "What is to be settled went from 12.60 EUR to 12.00 EUR.",
        ),
        (with_balance(5000), with_balance(4999), "The wallet's balance went from 50.00 EUR to 49.99 EUR."),
        (
            replace(REFUNDABLE, wallet=WALLET),
            REFUNDABLE,
            "The wallet's balance went from 50.00 EUR to nothing known.",
        ),
        (
            earlier("op_1"),
            earlier("op_2", "op_1"),
            "Somebody has asked for the same amount to the same place meanwhile.",
        ),
    ],
)
def test_what_has_changed_since_it_was_seen_is_told(seen: Situation, now: Situation, told: str) -> None:
    assert moved_since(seen_of(seen), now) == told


@pytest.mark.parametrize(
    ("seen", "now"),
    [
        (REFUNDABLE, REFUNDABLE),
        (with_balance(5000), with_balance(5001)),
        # One who could not look at the wallet has not relied on it.
        (Situation(), with_balance(0)),
        # The fees of the platform move with every payment of anybody.
        (platform_with(5000), platform_with(4900)),
        # What lies a day back by now is not told any more.
        (earlier("op_2", "op_1"), earlier("op_2")),
        (REFUNDABLE, replace(REFUNDABLE, refunds=[refunded(500, status="FAILED")])),
    ],
)
def test_what_is_as_it_was_or_better_is_no_change(seen: Situation, now: Situation) -> None:
    assert moved_since(seen_of(seen), now) == ""


def test_a_user_without_a_name_is_told_by_id() -> None:
    situation = Situation(people={BOB: {"FirstName": "Bob", "LastName": "Martin"}, ALICE: {}})
    assert [situation.name_of(user_id) for user_id in (BOB, ALICE, None)] == ["Bob Martin", ALICE, "somebody"]
