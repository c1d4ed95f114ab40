"""Mangopay's own client and accounts: of users, of recipients, of wallets; and the mandates to debit them."""

from typing import Any

import httpx
import pytest
from mangopay.exceptions import APIError
from mangopay.resources import (
    BankAccount,
    BankingAlias,
    BankingAliasIBAN,
    BankingAliasOther,
    Mandate,
    PayoutMethod,
    Recipient,
    RecipientSchema,
    User,
    VirtualAccount,
    VirtualAccountAvailability,
)
from mangopay.utils import BusinessRecipient, IndividualRecipient

from tests.conformance.people import ADDRESS, owner, payer, wallet_of

# The client reads timestamps by a function that newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:.*utcfromtimestamp.*:DeprecationWarning")

IBAN = "FR7630004000031234567890143"
KINDS: dict[str, dict[str, str]] = {
    "IBAN": {"iban": IBAN, "bic": "BNPAFRPP"},
    "GB": {"account_number": "55779911", "sort_code": "200000"},
    "US": {"account_number": "11696419", "aba": "071000288", "deposit_account_type": "SAVINGS"},
    "CA": {
        "account_number": "11696419",
        "institution_number": "614",
        "branch_code": "00152",
        "bank_name": "The Big Bank",
    },
    "OTHER": {"account_number": "11696419", "bic": "CRLYFRPP", "country": "SG"},
}


def account_of(user: Any, kind: str = "IBAN") -> Any:
    account = BankAccount(owner_name="Bob Lefèvre", user=user, type=kind, owner_address=ADDRESS, **KINDS[kind])
    account.save()
    return account


def recipient(**more: Any) -> Any:
    known: dict[str, Any] = {
        "display_name": "Bobs EUR account",
        "payout_method_type": "LocalBankTransfer",
        "recipient_type": "Individual",
        "currency": "EUR",
        "country": "FR",
        "individual_recipient": IndividualRecipient(first_name="Bob", last_name="Lefèvre", address=ADDRESS),
        "local_bank_transfer": {"EUR": {"IBAN": IBAN}},
    }
    return Recipient(**(known | more))


def recipient_of(user: Any, **more: Any) -> Any:
    return Recipient(**recipient(**more).create(user.id))


def mandate_of(account: Any, **named: str) -> Any:
    made = Mandate(**(named or {"bank_account_id": account.id}), culture="EN", return_url="https://example.com/back")
    made.save()
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_a_bank_account_of_each_kind_is_created_viewed_and_deactivated(kind: str) -> None:
    bob = owner()
    account = account_of(bob, kind)
    seen = BankAccount.get(account.id, user_id=bob.id)
    assert (seen.type, seen.owner_name, seen.owner_address, seen.active) == (kind, "Bob Lefèvre", ADDRESS, True)
    assert {name: getattr(seen, name) for name in KINDS[kind]} == KINDS[kind]
    assert account.deactivate()["active"] is False
    assert [row.id for row in User(id=bob.id).bankaccounts.all(Active="false")] == [account.id]
    assert BankAccount(id=account.id).get_transactions().data == []


def test_bank_accounts_are_listed_by_pages() -> None:
    bob = owner()
    ids = [account_of(bob, kind).id for kind in ("IBAN", "GB", "US")]
    assert [row.id for row in User(id=bob.id).bankaccounts.all(page=2, per_page=2)] == ids[2:]


def test_a_wrong_iban_is_refused_by_name() -> None:
    account = BankAccount(owner_name="Bob", user=owner(), type="IBAN", owner_address=ADDRESS, iban="FR1234")
    with pytest.raises(APIError) as caught:
        account.save()
    assert caught.value.content["errors"] == {"IBAN": "The value is not a valid IBAN"}


def test_a_recipient_is_created_viewed_listed_and_deactivated() -> None:
    bob = owner()
    made = recipient_of(bob)
    assert (made.status, made.recipient_scope, made.user_id) == ("ACTIVE", "PAYOUT", bob.id)
    seen = Recipient.get(made.id)
    assert seen.individual_recipient.first_name == "Bob"
    assert seen.local_bank_transfer["EUR"] == {"IBAN": IBAN, "BIC": "BNPAFRPP"}
    assert seen.recipient_verification_of_payee.recipient_verification_check == "MATCH_NOT_POSSIBLE"
    second = recipient_of(bob)
    rows = Recipient.get_user_recipients(bob.id, per_page=1)
    assert ([row.id for row in rows], rows.total_items) == ([second.id], "2")
    assert Recipient.deactivate(made.id, status="DEACTIVATED")["status"] == "DEACTIVATED"
    with pytest.raises(APIError) as caught:
        Recipient.deactivate(made.id, status="DEACTIVATED")
    assert (caught.value.content["Type"], caught.value.content["Message"]) == ("other", "Invalid State")


def test_an_owner_who_must_confirm_a_recipient_is_told_where() -> None:
    made = recipient_of(owner("bob@example.com"))
    assert made.status == "PENDING"
    assert "/sca?token=" in made.pending_user_action.redirect_url


def test_a_payer_has_a_recipient_for_payins() -> None:
    alice = payer()
    with pytest.raises(APIError) as caught:
        recipient_of(alice)
    assert caught.value.content["Errors"] == {"SCA": "2815488948686553431"}
    made = recipient_of(alice, recipient_scope="PAYIN")
    assert [row.id for row in Recipient.get_user_recipients(alice.id, RecipientScope="PAYIN")] == [made.id]


def test_the_schema_of_a_recipient_and_the_methods_to_pay_it_are_told() -> None:
    schema = RecipientSchema.get("LocalBankTransfer", "Business", "GBP", "GB")
    assert (schema.display_name.required, schema.display_name.max_length) == (True, 50)
    assert schema.currency.allowed_values == ["GBP"]
    assert schema.business_recipient.business_name["MaxLength"] == 255
    assert set(schema.local_bank_transfer["GBP"]) == {"SortCode", "AccountNumber"}
    methods = PayoutMethod.get("DE", "EUR")
    assert methods.available_payout_methods == ["LocalBankTransfer", "InternationalBankTransfer"]


def test_a_recipients_data_are_validated_without_creating_one() -> None:
    bob = owner()
    business = BusinessRecipient(business_name="Atelier Bob", address=ADDRESS)
    recipient(recipient_type="Business", individual_recipient=None, business_recipient=business).validate(bob.id)
    with pytest.raises(APIError) as caught:
        recipient(local_bank_transfer={"EUR": {"IBAN": "FR7630004000031234567890144"}}).validate(bob.id)
    assert caught.value.content["Errors"] == {"LocalBankTransfer.EUR.IBAN": "INVALID_IBAN"}
    assert Recipient.get_user_recipients(bob.id).data == []


def test_a_legacy_account_is_a_recipient() -> None:
    account = account_of(owner())
    assert (Recipient.get(account.id).display_name, Recipient.get(account.id).status) == (None, "ACTIVE")


def test_a_mandate_is_created_confirmed_listed_and_cancelled() -> None:
    bob = owner()
    account = account_of(bob)
    made = mandate_of(account)
    assert (made.status, made.scheme, made.return_url) == (
        *("CREATED", None, f"https://example.com/back?MandateId={made.id}"),
    )
    with pytest.raises(TypeError, match="SUBMITTED or ACTIVE"):
        made.cancel()
    httpx.post(made.redirect_url, data={"choice": "yes"})
    seen = Mandate.get(made.id)
    assert (seen.status, seen.scheme, seen.culture) == ("SUBMITTED", "SEPA", "EN")
    assert httpx.get(seen.document_url).content.startswith(b"%PDF")
    assert made.id in [row.id for row in Mandate.all(per_page=100, Status="SUBMITTED")]
    assert [row.id for row in User(id=bob.id).mandates.all()] == [made.id]
    assert [row.id for row in account.get_mandates()] == [made.id]
    assert seen.get_transactions().data == []
    seen.cancel()
    failed = Mandate.get(made.id)
    assert (failed.status, failed.result_code) == ("FAILED", "001806")


def test_a_mandate_may_be_of_a_recipient() -> None:
    alice = payer()
    account = recipient_of(alice, recipient_scope="PAYIN")
    made = mandate_of(account, recipient_id=account.id)
    assert (made.recipient_id, made.bank_account_id) == (account.id, None)
    assert [row.id for row in account.get_mandates()] == [made.id]


def test_a_mandate_for_no_account_is_refused() -> None:
    with pytest.raises(APIError) as caught:
        mandate_of(None, bank_account_id="bankacc_m_nobody")
    assert list(caught.value.content["errors"]) == ["BankAccountId"]


def test_a_banking_alias_is_created_viewed_listed_and_deactivated() -> None:
    alice = payer()
    wallet = wallet_of(alice)
    made = BankingAliasIBAN(wallet=wallet, credited_user=alice, owner_name="Alice", country="FR", tag="shop")
    made.save()
    seen = BankingAlias(wallet=wallet, id=made.id)
    (row,) = seen.all()
    assert isinstance(row, BankingAlias)
    assert (row.id, row.active, row.virtual_account_purpose) == (made.id, True, "COLLECTION")
    assert made.iban.startswith("FR")
    with pytest.raises(APIError) as caught:
        BankingAliasOther(wallet=wallet, credited_user=alice, owner_name="Alice", country="FR").save()
    assert caught.value.content["Type"] == "wallet_banking_alias_already_exists"


def test_a_virtual_account_is_created_and_listed() -> None:
    wallet = wallet_of(payer())
    made = VirtualAccount(wallet_id=wallet.id, country="FR", virtual_account_purpose="COLLECTION")
    made.save()
    assert (made.status, made.active, made.result_code) == ("ACTIVE", True, "000000")
    seen = VirtualAccount.get(made.id, wallet_id=wallet.id)
    assert seen.local_account_details.account["Iban"].startswith("FR")
    assert seen.capabilities.currencies == ["EUR"]
    assert [row.id for row in VirtualAccount.all(wallet_id=wallet.id)] == [made.id]
    closed = VirtualAccount.update(made.id, wallet_id=wallet.id, active=False).execute()
    assert (closed["status"], closed["active"]) == ("CLOSED", False)


def test_the_virtual_accounts_that_can_be_had_are_told() -> None:
    found = VirtualAccountAvailability.get("")
    assert {"Country": "GB", "Available": True, "Currencies": ["GBP"]} in found.collection
    assert found.user_owned


def test_a_virtual_account_follows_the_wallets_currency() -> None:
    wallet = wallet_of(payer())
    with pytest.raises(APIError) as caught:
        VirtualAccount(wallet_id=wallet.id, country="GB", virtual_account_purpose="COLLECTION").save()
    assert caught.value.content["Type"] == "country_not_associated_to_wallet_currency"
