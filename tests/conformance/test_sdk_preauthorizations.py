"""Pre-authorisations, deposits and their captures, made by Mangopay's own client for Python."""

from typing import Any

import httpx
import pytest
from mangopay.exceptions import APIError
from mangopay.resources import (
    CardDepositPreauthorization,
    CardExtendedPreauthorization,
    CardPreAuthorizedDepositPayIn,
    Deposit,
    DepositPreauthorization,
    ExtendedPreauthorization,
    PayIn,
    PayPalExtendedPreauthorization,
    PreAuthorization,
    PreAuthorizedDepositPayIn,
    PreAuthorizedExtendedPayIn,
    PreAuthorizedPayIn,
    Wallet,
)

from tests.conformance.people import BROWSER, card_of, euros, payer, wallet_of

# The client reads timestamps by a function that newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:.*utcfromtimestamp.*:DeprecationWarning")

LINE_ITEMS = [{"Name": "Key", "Quantity": 1, "UnitAmount": 1000, "TaxAmount": 0, "Description": "Room 7"}]


def preauthorized(user: Any, card: Any, amount: int = 1000, **more: Any) -> Any:
    held = PreAuthorization(
        author=user,
        card=card,
        debited_funds=euros(amount),
        secure_mode_return_url="https://example.com/back",
        ip_address="203.0.113.24",
        browser_info=BROWSER,
        **more,
    )
    held.save()
    return held


def deposited(kind: Any, user: Any, card: Any, amount: int = 1000) -> Any:
    deposit = kind(
        author_id=user.id,
        card_id=card.id,
        debited_funds=euros(amount),
        secure_mode_return_url="https://example.com/back",
        ip_address="203.0.113.24",
        browser_info=BROWSER,
    )
    return kind(**deposit.save())


def capture(held: Any, user: Any, wallet: Any, amount: int) -> Any:
    payin = PreAuthorizedPayIn(
        author=user, credited_wallet=wallet, preauthorization=held, debited_funds=euros(amount), fees=euros(0)
    )
    payin.save()
    return payin


def test_a_preauthorization_is_created_captured_and_listed() -> None:
    alice = payer()
    wallet, card = wallet_of(alice), card_of(alice)
    held = preauthorized(alice, card, tag="room 7")
    assert (held.status, held.payment_status, held.remaining_funds) == ("SUCCEEDED", "WAITING", euros(1000))
    assert (held.multi_capture, held.card_info.brand, held.billing.first_name) == (True, "VISA", "Alice")
    payin = capture(held, alice, wallet, 400)
    assert (payin.status, payin.payment_type) == ("SUCCEEDED", "PREAUTHORIZED")
    assert isinstance(PayIn.get(payin.id), PreAuthorizedPayIn)
    seen = PreAuthorization.get(held.id)
    assert (seen.remaining_funds, seen.payin_id) == (euros(600), payin.id)
    assert [row.id for row in seen.get_transactions()] == [payin.id]
    assert [row.id for row in alice.get_pre_authorizations(PaymentStatus="WAITING")] == [held.id]
    assert [row.id for row in card.get_pre_authorizations(per_page=1)] == [held.id]
    seen.payment_status = "VALIDATED"
    seen.save()
    assert PreAuthorization.get(held.id).payment_status == "VALIDATED"
    assert Wallet.get(wallet.id).balance == euros(400)


def test_a_preauthorization_is_cancelled_once() -> None:
    alice = payer()
    held = preauthorized(alice, card_of(alice))
    held.payment_status = "CANCELED"
    held.save()
    assert PreAuthorization.get(held.id).payment_status == "CANCELED"
    with pytest.raises(APIError) as caught:
        held.save()
    assert caught.value.content["Type"] == "preauthorization_payment_status_can_not_be_canceled"


def test_a_preauthorization_may_ask_for_the_holder(emulator_url: str) -> None:
    alice = payer()
    held = preauthorized(alice, card_of(alice), secure_mode="FORCE")
    assert (held.status, held.secure_mode_needed) == ("CREATED", True)
    assert held.secure_mode_redirect_url.startswith(emulator_url)
    httpx.post(held.secure_mode_redirect_url, data={"choice": "no"}, trust_env=False)
    seen = PreAuthorization.get(held.id)
    assert (seen.status, seen.result_code, seen.payment_status) == ("FAILED", "101301", "CANCELED")


def test_a_deposit_is_created_captured_and_listed() -> None:
    alice = payer()
    wallet, card = wallet_of(alice), card_of(alice)
    deposit = deposited(Deposit, alice, card)
    assert (deposit.status, deposit.payment_status, deposit.payins_linked.payin_capture_id) == (
        *("SUCCEEDED", "WAITING", None),
    )
    payin = CardPreAuthorizedDepositPayIn(
        author_id=alice.id,
        credited_wallet_id=wallet.id,
        deposit_id=deposit.id,
        debited_funds=euros(700),
        fees=euros(0),
    ).create_without_complement()
    assert (payin["status"], payin["deposit_id"]) == ("SUCCEEDED", deposit.id)
    seen = Deposit.get(deposit.id)
    assert (seen.payment_status, seen.payins_linked.payin_capture_id) == ("VALIDATED", payin["id"])
    assert [row.id for row in Deposit.get_all_for_user(alice.id)] == [deposit.id]
    assert [row.id for row in Deposit.get_all_for_card(card.id, Status="SUCCEEDED")] == [deposit.id]
    assert [row.id for row in Deposit.get_transactions(deposit.id)] == [payin["id"]]


def test_a_deposit_is_cancelled() -> None:
    alice = payer()
    deposit = deposited(CardDepositPreauthorization, alice, card_of(alice))
    assert isinstance(DepositPreauthorization.get(deposit.id), CardDepositPreauthorization)
    cancelled = Deposit(id=deposit.id, payment_status="CANCELED")
    cancelled.save()
    assert Deposit.get(deposit.id).payment_status == "CANCELED"


def test_a_deposit_is_captured_with_a_complement() -> None:
    alice = payer()
    wallet, deposit = wallet_of(alice), deposited(Deposit, alice, card_of(alice))
    facts = {"author_id": alice.id, "credited_wallet_id": wallet.id, "deposit_id": deposit.id, "fees": euros(0)}
    PreAuthorizedDepositPayIn(debited_funds=euros(1000), **facts).create_prior_to_complement()
    PreAuthorizedDepositPayIn(debited_funds=euros(200), **facts).create_complement()
    assert Deposit.get(deposit.id).payment_status == "VALIDATED"
    assert Wallet.get(wallet.id).balance == euros(1200)


def test_an_extended_preauthorization_is_created_captured_and_listed() -> None:
    alice = payer()
    wallet, card = wallet_of(alice), card_of(alice)
    held = deposited(CardExtendedPreauthorization, alice, card)
    payin = PreAuthorizedExtendedPayIn(
        author_id=alice.id,
        credited_wallet_id=wallet.id,
        extended_preauthorization_id=held.id,
        debited_funds=euros(1000),
        fees=euros(100),
    )
    payin.save()
    assert (payin.status, payin.credited_funds, payin.card_info.bin) == ("SUCCEEDED", euros(900), "497010")
    seen = ExtendedPreauthorization.get(held.id)
    assert isinstance(seen, CardExtendedPreauthorization)
    assert (seen.payment_status, seen.authentication_result.authentication_type) == ("VALIDATED", "FRICTIONLESS")
    assert [row.id for row in ExtendedPreauthorization.get_all_for_user(alice.id)] == [held.id]
    assert [row.id for row in ExtendedPreauthorization.get_all_for_card(card.id)] == [held.id]
    assert [row.id for row in ExtendedPreauthorization.get_transactions(held.id)] == [payin.id]


def test_paypal_holds_money_too(emulator_url: str) -> None:
    alice = payer()
    held = PayPalExtendedPreauthorization(
        author_id=alice.id, debited_funds=euros(1000), return_url="https://example.com", line_items=LINE_ITEMS
    )
    held.save()
    assert (held.status, held.redirect_url.startswith(emulator_url)) == ("CREATED", True)
    httpx.post(held.redirect_url, data={"choice": "yes"}, trust_env=False)
    seen = ExtendedPreauthorization.get(held.id)
    assert isinstance(seen, PayPalExtendedPreauthorization)
    assert (seen.status, seen.payment_status, seen.paypal_buyer_account_email) == (
        *("SUCCEEDED", "WAITING", "alice@example.com"),
    )
