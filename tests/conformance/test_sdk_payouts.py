"""Mangopay's own client pays out: every mode, who is refused, and the platform's own money."""

import base64
from typing import Any

import pytest
from mangopay.exceptions import APIError
from mangopay.resources import (
    BankAccount,
    BankWirePayOut,
    ClientWallet,
    Document,
    Page,
    PayOutEligibility,
    User,
    Wallet,
)
from mangopay.utils import PaymentRef

from tests.conformance.people import ADDRESS, euros, owner, paid, payer, wallet_of

# The client reads timestamps by a function that newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:.*utcfromtimestamp.*:DeprecationWarning")

IBAN = "FR7630004000031234567890143"
SCAN = base64.b64encode(b"%PDF-1.7" + bytes(33_000)).decode()
FALLBACK_IBAN = "FR541558929750ZZZZZZAC01915"


def verify(user: Any) -> None:
    document = Document(user=user, type="IDENTITY_PROOF", tag="accept")
    document.save()
    Page(document=document, file=SCAN, user=user).save()
    document.status = "VALIDATION_ASKED"
    document.save()


def account_of(user: Any, iban: str = IBAN) -> Any:
    account = BankAccount(owner_name="Bob Lefèvre", user=user, type="IBAN", owner_address=ADDRESS, iban=iban)
    account.save()
    return account


def seller(iban: str = IBAN) -> tuple[Any, Any, Any]:
    """Return Bob, who is verified, his wallet with 1,000 in it, and his account."""
    bob = owner()
    till = wallet_of(bob)
    paid(bob, till, 1000)
    verify(bob)
    return bob, till, account_of(bob, iban)


def paid_out(bob: Any, till: Any, account: Any, amount: int = 1000, **more: Any) -> Any:
    payout = BankWirePayOut(
        author=bob, debited_wallet=till, bank_account=account, debited_funds=euros(amount), fees=euros(0), **more
    )
    payout.save()
    return payout


def test_a_payout_leaves_for_the_bank() -> None:
    bob, till, account = seller()
    assert [row.iban for row in User(id=bob.id).bankaccounts.all()] == [IBAN]
    payout = paid_out(bob, till, account, bank_wire_ref="WEEK 7", tag="week 7")
    assert (payout.status, payout.payment_type, payout.bank_wire_ref) == ("CREATED", "BANK_WIRE", "WEEK 7")
    assert BankWirePayOut.get_bankwire(payout.id).mode_applied == "STANDARD"
    seen = BankWirePayOut.get(payout.id)
    assert (seen.status, seen.bank_account_id, seen.recipient_id) == ("SUCCEEDED", account.id, None)
    assert Wallet.get(till.id).balance == euros(0)
    assert list(payout.get_refunds()) == []


def test_an_instant_payment_and_its_fallback() -> None:
    bob, till, account = seller()
    payout = paid_out(bob, till, account, 400, payout_mode_requested="INSTANT_PAYMENT")
    seen = BankWirePayOut.get_bankwire(payout.id)
    assert (seen.mode_requested, seen.mode_applied, seen.fallback_reason) == (
        *("INSTANT_PAYMENT", "INSTANT_PAYMENT", None),
    )
    payout = paid_out(bob, till, account_of(bob, FALLBACK_IBAN), 400, payout_mode_requested="INSTANT_PAYMENT")
    seen = BankWirePayOut.get_bankwire(payout.id)
    assert (seen.mode_applied, seen.fallback_reason.code) == ("STANDARD", "001999")


def test_reachability_is_asked_for() -> None:
    bob, till, account = seller()

    def asked(**more: Any) -> Any:
        question = PayOutEligibility(
            author=bob,
            debited_funds=euros(10),
            bank_account=account,
            debited_wallet=till,
            payout_mode_requested="INSTANT_PAYMENT",
            **more,
        )
        return question.check_eligibility()["instant_payout"]

    assert asked(fees=euros(0)).is_reachable is True
    refusal = asked(bank_wire_ref="IP1070")
    assert (refusal.is_reachable, refusal.unreachable_reason["Code"]) == (False, "130010")


def test_a_payin_goes_back_to_its_payer() -> None:
    alice = payer()
    purse = wallet_of(alice)
    payin = paid(alice, purse, 500)
    account = account_of(alice)
    assert paid_out(alice, purse, account, 100).result_code == "002701"
    reference = PaymentRef(reason_type="PAYIN_REFUND", reference_id=payin.id)
    payout = paid_out(alice, purse, account, 500, payment_ref=reference)
    assert payout.payment_ref.reference_id == payin.id
    assert BankWirePayOut.get(payout.id).status == "SUCCEEDED"


def test_more_than_there_is_fails_and_no_account_is_an_error() -> None:
    bob, till, account = seller()
    payout = paid_out(bob, till, account, 1001)
    assert (payout.status, payout.result_code, payout.result_message) == (
        *("FAILED", "121003", "Insufficient wallet balance"),
    )
    with pytest.raises(APIError) as caught:
        paid_out(bob, till, BankAccount(id="bankacc_m_nobody"))
    assert (caught.value.code, caught.value.content["Type"]) == (400, "param_error")
    assert list(caught.value.content["errors"]) == ["BankAccountId"]
    with pytest.raises(BankWirePayOut.DoesNotExist):
        BankWirePayOut.get("po_m_nothing")


def test_payouts_of_a_wallet_are_listed_page_by_page() -> None:
    bob, till, account = seller()
    payouts = [paid_out(bob, till, account, amount).id for amount in (1, 2, 3)]
    sort = {"Type": "PAYOUT", "per_page": 2, "Sort": "CreationDate:DESC"}
    assert [row.id for row in till.transactions.all(**sort)] == payouts[:0:-1]
    assert [row.id for row in till.transactions.all(**sort, page=2)] == payouts[:1]


def test_the_platform_pays_itself_out() -> None:
    alice = payer()
    paid(alice, wallet_of(alice), 1000, fees=300)
    account = BankAccount(owner_name="Local Market", owner_address=ADDRESS, type="IBAN", iban=IBAN)
    made = account.create_client_bank_account()
    before = ClientWallet.get("FEES", "EUR").balance
    payout = BankWirePayOut(
        debited_funds=euros(200),
        debited_wallet=Wallet(id="FEES_EUR"),
        bank_account=BankAccount(id=made["id"]),
        bank_wire_ref="EARNED",
    ).create_client_payout()
    assert (payout["status"], payout["author_id"]) == ("CREATED", "local")
    assert BankWirePayOut.get(payout["id"]).status == "SUCCEEDED"
    assert before - ClientWallet.get("FEES", "EUR").balance == euros(200)
