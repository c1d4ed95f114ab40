"""An operation is said as a person would say it; who has no name is said by id."""

from collections.abc import Mapping

import pytest

from models.objects.fields import Content
from models.operations.kinds import OPERATIONS
from models.operations.requests import CURRENCY
from models.operations.sentences import account_name, act_of, card_end, details_of, fee_of, sentence_of, wallet_name
from models.operations.situation import Situation

ALICE, BOB = "user_m_alice", "user_m_bob"
PEOPLE: Mapping[str, Content] = {
    ALICE: {"FirstName": "Alice", "LastName": "Martin"},
    BOB: {"Name": "Bob Shop"},
}


def euros(amount: int, currency: str = "EUR") -> Content:
    return {"Currency": currency, "Amount": amount}


SALES = {"Id": "wlt_m_1", "Owners": [BOB], "Currency": "EUR", "Description": "Sales"}
PURSE = {"Id": "wlt_m_2", "Owners": [ALICE], "Currency": "EUR"}
FEES = {"Id": "FEES_EUR", "Currency": "EUR"}
CARD = {"Id": "card_m_1", "UserId": ALICE, "Alias": "497010XXXXXX4242"}
RECIPIENT = {
    "UserId": BOB,
    "DisplayName": "Main account",
    "LocalBankTransfer": {"EUR": {"IBAN": "FR7630004000031234567890143"}},
}
PAYIN = {"AuthorId": ALICE, "CreditedFunds": euros(1200)}
HOLD = {"AuthorId": ALICE, "DebitedFunds": euros(1000), "RemainingFunds": euros(400)}
TEN = {"DebitedFunds": "10", "Fees": "0"}
BY_ALICE, BY_BOB = {**TEN, "AuthorId": ALICE}, {**TEN, "AuthorId": BOB}
MANDATE = {"UserId": ALICE, "Status": "ACTIVE"}

# By kind, in each of the ways that it is said.
SAID: list[tuple[str, Mapping[str, str], Situation, str]] = [
    (
        "refund-payin",
        {**BY_ALICE, "DebitedFunds": "12", "Fees": "-0.60"},
        Situation(objects={"PayInId": PAYIN}, card=CARD, people=PEOPLE),
        "Refund 12.60 EUR to Alice Martin, card …4242",
    ),
    (
        "refund-payin",
        BY_ALICE,
        Situation(objects={"PayInId": PAYIN}, people=PEOPLE),
        "Refund 10.00 EUR to Alice Martin",
    ),
    (
        "refund-transfer",
        BY_ALICE,
        Situation(objects={"TransferId": PAYIN}, wallet=SALES, into=PURSE, people=PEOPLE),
        "Refund 10.00 EUR from Bob Shop's wallet “Sales” to Alice Martin's wallet",
    ),
    (
        "payout",
        BY_BOB,
        Situation(objects={"RecipientId": RECIPIENT}, wallet=SALES, people=PEOPLE),
        "Pay out 10.00 EUR from Bob Shop's wallet “Sales” to Bob Shop, bank account Main account …0143",
    ),
    (
        "transfer",
        BY_ALICE,
        Situation(wallet=PURSE, into=SALES, people=PEOPLE),
        "Transfer 10.00 EUR from Alice Martin's wallet to Bob Shop's wallet “Sales”",
    ),
    (
        "convert",
        BY_BOB,
        Situation(wallet=SALES, quote={"CreditedFunds": euros(850, "GBP")}, people=PEOPLE),
        "Convert 10.00 EUR into 8.50 GBP for Bob Shop",
    ),
    (
        "convert",
        BY_BOB,
        Situation(wallet=SALES, into={**SALES, "Currency": "GBP"}, people=PEOPLE),
        "Convert 10.00 EUR into GBP for Bob Shop",
    ),
    (
        "payin-bankwire",
        {"DeclaredDebitedFunds": "10"},
        Situation(into=SALES, people=PEOPLE),
        "Expect 10.00 EUR for Bob Shop's wallet “Sales”",
    ),
    (
        "payin-card",
        BY_ALICE,
        Situation(objects={"CardId": CARD}, into=SALES, people=PEOPLE),
        "Charge 10.00 EUR from Alice Martin, card …4242, into Bob Shop's wallet “Sales”",
    ),
    (
        "payin-web",
        BY_ALICE,
        Situation(into=SALES, people=PEOPLE),
        "Make a link for 10.00 EUR from Alice Martin into Bob Shop's wallet “Sales”",
    ),
    (
        "payin-directdebit",
        {**BY_ALICE, "MandateId": "mdt_m_1"},
        Situation(objects={"MandateId": MANDATE}, into=SALES, people=PEOPLE),
        "Debit 10.00 EUR from Alice Martin, by mandate, into Bob Shop's wallet “Sales”",
    ),
    (
        "capture",
        {**BY_ALICE, "PreauthorizationId": "preauth_m_1"},
        Situation(objects={"PreauthorizationId": HOLD}, into=SALES, people=PEOPLE),
        "Capture 10.00 EUR from Alice Martin, by a hold, into Bob Shop's wallet “Sales”",
    ),
    (
        "cancel-preauthorization",
        {},
        Situation(objects={"DepositId": {**HOLD, "RemainingFunds": None}}, people=PEOPLE),
        "Cancel a hold of 10.00 EUR of Alice Martin",
    ),
    (
        "release-preauthorization",
        {},
        Situation(objects={"PreauthorizationId": HOLD}, people=PEOPLE),
        "Release what is left of a hold of 4.00 EUR of Alice Martin",
    ),
    (
        "contest-dispute",
        {"ContestedFunds": "10"},
        Situation(objects={"DisputeId": {"DisputedFunds": euros(1260)}}),
        "Contest 10.00 EUR of 12.60 EUR",
    ),
    (
        "close-dispute",
        {},
        Situation(objects={"DisputeId": {"DisputedFunds": euros(1260)}}),
        "Give up a dispute of 12.60 EUR",
    ),
    (
        "settle",
        BY_BOB,
        Situation(wallet=SALES, people=PEOPLE),
        "Settle 10.00 EUR out of Bob Shop's wallet “Sales”",
    ),
    (
        "payout-platform",
        {**TEN, "BankAccountId": "bankacc_m_1"},
        Situation(wallet=FEES),
        "Pay out 10.00 EUR from the platform's FEES_EUR to bank account bankacc_m_1",
    ),
    (
        "payin-platform",
        {"DeclaredDebitedFunds": "10"},
        Situation(into={"Id": "CREDIT_EUR"}),
        "Expect 10.00 EUR for the platform's CREDIT_EUR",
    ),
    (
        "deactivate-card",
        {},
        Situation(objects={"CardId": CARD}, people=PEOPLE),
        "Deactivate a card …4242 of Alice Martin",
    ),
    (
        "deactivate-recipient",
        {},
        Situation(objects={"RecipientId": RECIPIENT}, people=PEOPLE),
        "Deactivate a recipient …0143 of Bob Shop",
    ),
    (
        "deactivate-bank-account",
        {"UserId": BOB},
        Situation(objects={"BankAccountId": {"IBAN": "FR7630004000031234567890143"}}, people=PEOPLE),
        "Deactivate a bank account …0143 of Bob Shop",
    ),
    (
        "cancel-mandate",
        {},
        Situation(objects={"MandateId": MANDATE}, people=PEOPLE),
        "Cancel a mandate of Alice Martin",
    ),
]


@pytest.mark.parametrize(("kind", "values", "situation", "said"), SAID)
def test_it_is_said_with_how_much_and_whom_it_reaches(
    kind: str, values: Mapping[str, str], situation: Situation, said: str
) -> None:
    assert sentence_of(OPERATIONS[kind], {CURRENCY: "EUR", **values}, situation) == said


def test_every_kind_is_said() -> None:
    assert {kind for kind, *_ in SAID} == set(OPERATIONS)


@pytest.mark.parametrize("kind", OPERATIONS)
def test_of_what_is_not_known_yet_the_kind_alone_is_said(kind: str) -> None:
    said = sentence_of(OPERATIONS[kind], {}, Situation())
    assert said.startswith(OPERATIONS[kind].title)
    assert "None" not in said


def test_a_user_whose_name_is_not_known_is_said_by_id() -> None:
    situation = Situation(objects={"RecipientId": RECIPIENT}, wallet=SALES)
    said = sentence_of(OPERATIONS["payout"], {CURRENCY: "EUR", **BY_BOB}, situation)
    assert said.startswith("Pay out 10.00 EUR from user_m_bob's wallet “Sales” to user_m_bob, ")


@pytest.mark.parametrize(
    ("kind", "values", "act"),
    [
        ("refund-payin", {"DebitedFunds": "12", "Fees": "-0.6", CURRENCY: "EUR"}, "Refund 12.60 EUR"),
        ("refund-payin", {"DebitedFunds": "1200", CURRENCY: "JPY"}, "Refund 1,200 JPY"),
        ("refund-payin", {"DebitedFunds": "12"}, "Refund a pay-in"),
        ("deactivate-card", {}, "Deactivate a card"),
    ],
)
def test_the_button_says_what_it_does(kind: str, values: Mapping[str, str], act: str) -> None:
    assert act_of(OPERATIONS[kind], values) == act


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        (
            "refund-payin",
            {"DebitedFunds": "12", "Fees": "-0.60"},
            "0.60 EUR of it are fees that the platform gives back, out of its fees wallet.",
        ),
        (
            "refund-payin",
            {"DebitedFunds": "12", "Fees": "0.60"},
            "The platform keeps 0.60 EUR as a fee; 11.40 EUR are given back.",
        ),
        (
            "transfer",
            {"DebitedFunds": "12", "Fees": "0.60"},
            "The platform keeps 0.60 EUR of it as a fee; 11.40 EUR arrive.",
        ),
        (
            "payin-bankwire",
            {"DeclaredDebitedFunds": "12", "DeclaredFees": "0.60"},
            "The platform keeps 0.60 EUR of it as a fee; 11.40 EUR arrive.",
        ),
        ("refund-payin", {"DebitedFunds": "12", "Fees": "0"}, ""),
        ("transfer", {"DebitedFunds": "12"}, ""),
        ("transfer", {"Fees": "1"}, ""),
        ("deactivate-card", {}, ""),
    ],
)
def test_what_becomes_of_the_fees_is_said_where_there_are_any(kind: str, values: Mapping[str, str], said: str) -> None:
    assert fee_of(OPERATIONS[kind], {CURRENCY: "EUR", **values}) == said


@pytest.mark.parametrize(
    ("account", "said"),
    [
        (RECIPIENT, "bank account Main account …0143"),
        ({"OwnerName": "Bob", "AccountNumber": "11696419"}, "bank account Bob …6419"),
        ({"OwnerName": "Bob", "InternationalBankTransfer": {"AccountNumber": "87654321"}}, "bank account Bob …4321"),
        ({}, "bank account"),
        (None, "a bank account"),
    ],
)  # fmt: skip
def test_an_account_is_said_by_its_name_and_the_end_of_its_number(account: Content | None, said: str) -> None:
    assert account_name(account) == said


@pytest.mark.parametrize(
    ("wallet", "said"),
    [
        (SALES, "Bob Shop's wallet “Sales”"),
        (PURSE, "Alice Martin's wallet"),
        ({"Owners": ["user_m_carol"]}, "user_m_carol's wallet"),
        (FEES, "the platform's FEES_EUR"),
        (None, "a wallet"),
    ],
)
def test_a_wallet_is_said_by_whose_it_is_and_what_for(wallet: Content | None, said: str) -> None:
    assert wallet_name(wallet, Situation(people=PEOPLE)) == said


def test_of_a_card_only_its_end_is_said() -> None:
    assert [card_end(card) for card in (CARD, {}, None)] == ["card …4242", "", ""]


def test_what_the_sentence_leaves_out_is_told_beside_it() -> None:
    values = {
        CURRENCY: "EUR",
        "DebitedWalletId": "wlt_m_1",
        "DebitedFunds": "5",
        "PayoutModeRequested": "INSTANT_PAYMENT_ONLY",
        "BankWireRef": "Rent",
        "PaymentRef.ReferenceId": "payin_m_1",
    }
    assert details_of(OPERATIONS["payout"], values) == (
        ("Mode", "Instant or not at all (INSTANT_PAYMENT_ONLY)"),
        ("Bank wire reference", "Rent"),
        ("Pay-in given back", "payin_m_1"),
    )
    assert details_of(OPERATIONS["payout"], values | {"PayoutModeRequested": "STANDARD", "BankWireRef": ""}) == (
        ("Pay-in given back", "payin_m_1"),
    )
