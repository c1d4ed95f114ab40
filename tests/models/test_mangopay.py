"""Wire types read what Mangopay sends and forgive what it leaves out."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from models.mangopay import (
    BankAccount,
    Card,
    Event,
    Hook,
    KycDocument,
    PayIn,
    Payout,
    Refund,
    Transaction,
    User,
    Wallet,
)
from models.money import Money

ALICE = {
    "Id": "user_m_alice",
    "PersonType": "NATURAL",
    "FirstName": "Alice",
    "LastName": "Payer",
    "Birthday": -86400,
    "KYCLevel": "LIGHT",
    "UserStatus": "ACTIVE",
    "CreationDate": 1_700_000_000,
    "Address": {"AddressLine1": "1 rue X", "City": "Paris", "PostalCode": "75001", "Country": "FR"},
    "SomethingOfNextYear": {"Deep": [1]},
}
BOB_LTD = {
    "Id": "user_m_bob",
    "PersonType": "LEGAL",
    "Name": "Bob Ltd",
    "LegalPersonType": "BUSINESS",
    "LegalRepresentative": {"FirstName": "Bob", "LastName": "Seller"},
    "HeadquartersAddress": dict.fromkeys(
        ("AddressLine1", "AddressLine2", "City", "Region", "PostalCode", "Country"), None
    ),
}
PAYIN = {
    "Id": "payin_m_1",
    "Type": "PAYIN",
    "Nature": "REGULAR",
    "Status": "SUCCEEDED",
    "AuthorId": "user_m_alice",
    "DebitedFunds": {"Currency": "EUR", "Amount": 1260},
    "Fees": {"Currency": "EUR", "Amount": 60},
    "CreditedFunds": {"Currency": "EUR", "Amount": 1200},
    "CreditedWalletId": "wlt_m_1",
    "DebitedWalletId": None,
    "ExecutionDate": 1_700_000_060,
    "SecureModeRedirectURL": "https://bank.test/3ds",
}


def test_a_natural_user_is_read() -> None:
    alice = User.model_validate(ALICE)
    assert (alice.name, alice.kyc_level, alice.is_legal) == ("Alice Payer", "LIGHT", False)
    assert alice.created_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert alice.born_on == date(1969, 12, 31)
    assert alice.address is not None
    assert (alice.address.address_line1, alice.address.postal_code) == ("1 rue X", "75001")


def test_a_legal_user_is_read_by_the_same_model() -> None:
    bob = User.model_validate(BOB_LTD)
    assert (bob.name, bob.is_legal, bob.legal_person_type) == ("Bob Ltd", True, "BUSINESS")
    assert bob.legal_representative is not None
    assert bob.legal_representative.name == "Bob Seller"


def test_an_address_of_nothing_but_nulls_is_none() -> None:
    assert User.model_validate(BOB_LTD).headquarters_address is None


def test_a_row_of_the_user_list_has_no_name() -> None:
    assert User.model_validate({"Id": "user_m_alice", "PersonType": "NATURAL"}).name is None


@pytest.mark.parametrize("model", [User, Wallet, Card, PayIn, Payout, Refund, Transaction, KycDocument, Hook])
def test_missing_fields_and_nulls_are_none(model: type[User]) -> None:
    missing = model.model_validate({"Id": "x"})
    nulls = model.model_validate(
        {name: None for field in model.model_fields.values() if (name := field.alias)} | {"Id": "x"}
    )
    assert missing == nulls
    assert missing.created_at is None


def test_an_object_without_id_is_refused() -> None:
    with pytest.raises(ValidationError):
        User.model_validate({"error": "not an object of Mangopay's"})


def test_the_three_amounts_become_money() -> None:
    payin = PayIn.model_validate(PAYIN)
    assert payin.debited_funds == Money(1260, "EUR")
    assert payin.fees == Money(60, "EUR")
    assert payin.credited_funds == Money(1200, "EUR")
    assert payin.executed_at == datetime(2023, 11, 14, 22, 14, 20, tzinfo=UTC)
    assert payin.secure_mode_redirect_url == "https://bank.test/3ds"


@pytest.mark.parametrize("amount", [12.5, 12.0, "1260", True])
def test_an_amount_that_is_no_whole_number_is_refused(amount: object) -> None:
    with pytest.raises(ValidationError):
        PayIn.model_validate(PAYIN | {"Fees": {"Currency": "EUR", "Amount": amount}})


def test_a_bank_wire_on_its_way_has_no_amount_yet() -> None:
    no_amount = {"Currency": "XXX", "Amount": 0}
    awaited = PayIn.model_validate(
        PAYIN
        | {"Status": "CREATED", "DebitedFunds": no_amount, "DeclaredDebitedFunds": {"Currency": "EUR", "Amount": 5}}
    )
    assert awaited.debited_funds is None
    assert awaited.declared_debited_funds == Money(5, "EUR")
    assert not awaited.is_final


def test_an_unknown_status_stays_what_it_is() -> None:
    assert PayIn.model_validate(PAYIN | {"Status": "HALF_DONE"}).status == "HALF_DONE"


def test_a_date_beyond_the_calendar_is_no_date() -> None:
    assert User.model_validate(ALICE | {"CreationDate": 10**15}).created_at is None


@pytest.mark.parametrize(
    "reason", [{"Code": "001999", "Message": "why"}, {"ResultCode": "001999", "ResultMessage": "why"}]
)
def test_a_fallback_reason_is_read_in_both_spellings(reason: dict[str, str]) -> None:
    payout = Payout.model_validate({"Id": "po_m_1", "FallbackReason": reason})
    assert payout.fallback_reason is not None
    assert (payout.fallback_reason.code, payout.fallback_reason.message) == ("001999", "why")


def test_a_refund_says_what_it_refunds() -> None:
    refund = Refund.model_validate(
        {
            "Id": "refund_m_1",
            "InitialTransactionId": "payin_m_1",
            "RefundReason": {"RefundReasonType": "INITIALIZED_BY_CLIENT"},
        }
    )
    assert refund.initial_transaction_id == "payin_m_1"
    assert refund.refund_reason is not None
    assert refund.refund_reason.refund_reason_type == "INITIALIZED_BY_CLIENT"


@pytest.mark.parametrize(
    ("status", "validity", "delivers"),
    [("ENABLED", "VALID", True), ("DISABLED", "VALID", False), ("ENABLED", "INVALID", False)],
)
def test_a_hook_delivers_while_it_is_enabled_and_valid(status: str, validity: str, delivers: bool) -> None:
    assert Hook.model_validate({"Id": "hook_m_1", "Status": status, "Validity": validity}).is_delivering is delivers


def test_an_event_tells_when_it_happened() -> None:
    event = Event.model_validate({"ResourceId": "payin_m_1", "EventType": "NEW_TYPE", "Date": 0})
    assert event.happened_at == datetime(1970, 1, 1, tzinfo=UTC)


def test_no_account_number_shows_in_a_repr_or_in_an_error() -> None:
    iban = "FR7630004000031234567890143"
    assert iban not in repr(BankAccount.model_validate({"IBAN": iban, "OwnerName": "Bob"}))
    with pytest.raises(ValidationError) as caught:
        BankAccount.model_validate({"IBAN": [iban]})
    assert iban not in str(caught.value)
