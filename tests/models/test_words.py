"""Codes of Mangopay's JSON become words that an operator reads."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models import words_labels
from models.words import MEANINGS, blocks_in_words, kyc_limit_in_words, label_of, meaning_of


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("RefusedReasonType", "DOCUMENT_UNREADABLE", "The document cannot be read: blurred, cut or too dark"),
        ("Flags", "009004", "The picture is blurred"),
        ("ActionCode", "008714", "A proof of address is needed"),
        ("RefundReasonType", "OWNER_DOT_NOT_MATCH_BANKACCOUNT", "The bank account belongs to somebody else"),
        ("IncomeRange", "1", "Below 18,000 EUR a year"),
        ("IncomeRange", "6", "Above 120,000 EUR a year"),
        ("InitialTransactionNature", "REFUND", "Money given back"),
        ("PayoutModeRequested", "INSTANT_PAYMENT_ONLY", "Within seconds or not at all"),
        ("DisputeResult", "LOST", "Lost: the payer keeps the money, and the platform has to settle it"),
        ("CardType", "AMEX", "An American Express card"),
    ],
)
def test_a_value_becomes_words(field: str, value: str, words: str) -> None:
    assert meaning_of(field, value) == words


@pytest.mark.parametrize(
    "field", ["RefundReasonType", "RefundReason.RefundReasonType", "Refunds[3].RefundReason.RefundReasonType"]
)
def test_a_field_counts_by_the_last_of_its_names(field: str) -> None:
    assert meaning_of(field, "MS03_NOT_SPECIFIED") == "The bank gave no reason"


@pytest.mark.parametrize("field", ["Flags", "Flags[0]", "Flags.12"])
def test_the_place_in_a_list_is_no_name(field: str) -> None:
    assert meaning_of(field, "009010") == "There is no document in the picture"


@pytest.mark.parametrize(
    ("field", "value"), [("", "ACTIVE"), ("[0]", "ACTIVE"), ("Status", ""), ("Status", "active"), ("Tag", "ACTIVE")]
)
def test_what_is_not_known_has_no_meaning(field: str, value: str) -> None:
    assert meaning_of(field, value) is None
    assert meaning_of(field, value, kind="mandate") is None


def test_a_status_means_what_it_means_for_its_kind() -> None:
    assert meaning_of("Status", "CREATED") == "Created, and not finished yet"
    assert meaning_of("Status", "CREATED", kind="payout") == "Asked for: the money has not been sent yet"
    assert meaning_of("Status", "CREATED", kind="mandate") == "Waits for the user to confirm it, for an hour"


def test_a_kind_without_words_of_its_own_uses_the_general_ones() -> None:
    assert meaning_of("Status", "CREATED", kind="wallet") == meaning_of("Status", "CREATED")
    assert meaning_of("KYCLevel", "REGULAR", kind="user") == "Verified"
    assert meaning_of("Status", "CREATED", kind="no such kind") == meaning_of("Status", "CREATED")


def test_validity_is_that_of_a_card_or_of_a_hook() -> None:
    assert "registered again" in (meaning_of("Validity", "INVALID", kind="card") or "")
    assert "100 failures" in (meaning_of("Validity", "INVALID", kind="hook") or "")
    assert meaning_of("Validity", "INVALID") == "No longer usable as it is"


def test_another_document_is_not_another_bank_account() -> None:
    assert meaning_of("Type", "OTHER") is None
    assert meaning_of("Type", "OTHER", kind="dispute-document") == "Another document that helps the case"
    assert meaning_of("Type", "OTHER", kind="bank-account") == "An account elsewhere: account number and BIC"


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("BANK_WIRE", "Bank wire"),
        ("CB_VISA_MASTERCARD", "CB, Visa or Mastercard"),
        ("MBWAY", "MB WAY"),
        ("IDENTITY_PROOF", "Identity proof"),
        ("PAYPAL", "PayPal"),
        ("APPLEPAY", "Apple Pay"),
        ("GOOGLE_PAY", "Google Pay"),
        ("IDEAL", "iDEAL"),
        ("BCMC", "Bancontact"),
        ("SEPA", "SEPA"),
        ("BACS", "BACS"),
        ("IBAN", "IBAN"),
        ("SOLETRADER", "Sole trader"),
        ("UBO_IDENTITY_NEEDED", "UBO identity needed"),
        ("KYC_RENEWAL_DEADLINE", "KYC renewal deadline"),
        ("PAYIN", "Pay-in"),
        ("PAYIN_REFUND", "Pay-in refund"),
        ("CANCELED", "Cancelled"),
        ("ORGANIZATION", "Organisation"),
        ("BANKACCOUNT_INCORRECT", "Bank account incorrect"),
        ("AC06_BLOCKED_BANKACCOUNT", "AC06 blocked bank account"),
        ("LocalBankTransfer", "Local bank transfer"),
        ("TwiceAMonth", "Twice a month"),
        ("ECommerce", "E-commerce"),
        ("CHARGE CARD", "Charge card"),
        ("WON", "Won"),
    ],
)
def test_a_value_has_a_readable_name(value: str, label: str) -> None:
    assert label_of(value) == label


@pytest.mark.parametrize(
    "text", ["", "EUR", "CB", "US", "009004", "3", "unknown", "Hello World", "olivia@shop.test", "é"]
)
def test_what_is_no_enum_value_keeps_its_name(text: str) -> None:
    assert label_of(text) == text


@given(st.from_regex(r"[A-Z]{2,9}(_[A-Z]{2,9}){1,3}", fullmatch=True))
def test_a_readable_name_has_the_words_of_the_value(value: str) -> None:
    names = words_labels.LABELS + words_labels.SPELLINGS
    assume(not any(word in names.split() for word in (value, *value.split("_"))))
    assert label_of(value) == value.replace("_", " ").capitalize()


@given(st.from_regex(r"[A-Z][a-z]{1,7}([A-Z][a-z]{0,7}){0,4}", fullmatch=True))
def test_a_readable_name_parts_at_capitals_and_loses_no_letter(value: str) -> None:
    assume(
        not any(name.casefold() in value.casefold() for name in (words_labels.LABELS + words_labels.SPELLINGS).split())
    )
    assert label_of(value).replace(" ", "").casefold() == value.casefold()


@given(st.text(), st.text(), st.none() | st.text())
def test_any_text_may_be_asked_for(field: str, value: str, kind: str | None) -> None:
    meaning = meaning_of(field, value, kind=kind)
    assert meaning is None or meaning in MEANINGS.values()
    assert bool(label_of(value)) == bool(value)


@given(st.sampled_from(sorted({field for field, _, _ in MEANINGS})), st.text(), st.none() | st.text())
def test_any_value_of_a_known_field_may_be_asked_for(field: str, value: str, kind: str | None) -> None:
    assert meaning_of(field, value, kind=kind) == MEANINGS.get((field, kind, value), MEANINGS.get((field, None, value)))


@pytest.mark.parametrize(
    ("inflows", "outflows", "blocked"),
    [
        (True, False, "pay-ins and transfers"),
        (False, True, "payouts and transfers"),
        (True, True, "pay-ins, transfers and payouts"),
    ],
)
def test_a_block_is_told_in_a_sentence(inflows: bool, outflows: bool, blocked: str) -> None:
    sentence = blocks_in_words(inflows=inflows, outflows=outflows, action_code="008714")
    assert sentence == f"Mangopay has blocked {blocked} for this user: a proof of address is needed."


def test_a_block_without_a_reason_says_so() -> None:
    sentence = blocks_in_words(inflows=True, outflows=False, action_code="")
    assert sentence == "Mangopay has blocked pay-ins and transfers for this user and gives no reason."


def test_a_reason_that_is_new_is_told_by_its_code() -> None:
    sentence = blocks_in_words(inflows=False, outflows=True, action_code="008799")
    assert sentence == (
        "Mangopay has blocked payouts and transfers for this user, for a reason that is new to this dashboard (008799)."
    )


@given(st.booleans(), st.booleans(), st.text())
def test_a_block_is_told_only_when_there_is_one(inflows: bool, outflows: bool, action_code: str) -> None:
    assert bool(blocks_in_words(inflows=inflows, outflows=outflows, action_code=action_code)) == (inflows or outflows)


@pytest.mark.parametrize("category", ["OWNER", None, "NEW_CATEGORY"])
def test_the_limits_of_an_unverified_user_depend_on_the_contract(category: str | None) -> None:
    words = kyc_limit_in_words(kyc_level="LIGHT", category=category)
    assert "not verified" in words
    assert "150 EUR" in words
    assert "100 EUR" in words
    assert "depending on the platform's contract" in words


def test_a_verified_owner_has_no_limits_of_that_kind() -> None:
    words = kyc_limit_in_words(kyc_level="REGULAR", category="OWNER")
    assert words == "The user is verified: their KYC level limits neither payouts nor the balance."


@pytest.mark.parametrize("kyc_level", ["LIGHT", None])
def test_a_payer_is_paid_out_only_to_give_a_payin_back(kyc_level: str | None) -> None:
    assert "only to give a pay-in back" in kyc_limit_in_words(kyc_level=kyc_level, category="PAYER")


def test_the_platform_itself_is_not_limited() -> None:
    assert "the platform itself" in kyc_limit_in_words(kyc_level="LIGHT", category="PLATFORM")


@pytest.mark.parametrize("kyc_level", [None, "", "STRONG"])
def test_a_level_that_is_not_known_allows_no_statement(kyc_level: str | None) -> None:
    assert kyc_limit_in_words(kyc_level=kyc_level, category="OWNER") == ""


@given(st.none() | st.sampled_from(["LIGHT", "REGULAR"]), st.none() | st.sampled_from(["PAYER", "OWNER", "PLATFORM"]))
def test_a_limit_is_told_in_at_most_two_sentences(kyc_level: str | None, category: str | None) -> None:
    assert len(re.findall(r"\.(?: |$)", kyc_limit_in_words(kyc_level=kyc_level, category=category))) <= 2
