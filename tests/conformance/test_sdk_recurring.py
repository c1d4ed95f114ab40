"""Recurring registrations and their pay-ins, made by Mangopay's own client for Python."""

from typing import Any

import httpx
import pytest
from mangopay.exceptions import APIError
from mangopay.resources import (
    RecurringApplePayPayIn,
    RecurringApplePayPayInRegistration,
    RecurringCardPayIn,
    RecurringGooglePayPayIn,
    RecurringGooglePayPayInRegistration,
    RecurringPayInCIT,
    RecurringPayInMIT,
    RecurringPayInRegistration,
    RecurringPayPalPayIn,
    RecurringPayPalPayInCIT,
)
from mangopay.utils import ApplepayPaymentData

from tests.conformance.people import BROWSER, card_of, euros, payer, wallet_of

# The client reads timestamps by a function that newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:.*utcfromtimestamp.*:DeprecationWarning")

LINE_ITEMS = [{"Name": "Box", "Quantity": 1, "UnitAmount": 1000, "TaxAmount": 0, "Description": "Bob"}]
ATTENDED = {
    "browser_info": BROWSER,
    "ip_address": "203.0.113.24",
    "secure_mode_return_url": "https://example.com/back",
}


def registered(kind: Any = RecurringPayInRegistration, **more: Any) -> Any:
    alice = payer()
    facts = {
        "author": alice,
        "user": alice,
        "credited_wallet": wallet_of(alice),
        "first_transaction_debited_funds": euros(1000),
        "first_transaction_fees": euros(100),
        "next_transaction_debited_funds": euros(500),
        "next_transaction_fees": euros(0),
        "frequency": "Monthly",
        "fixed_next_amount": True,
        "fractioned_payment": False,
        "migration": False,
    }
    if more.get("payment_type") is None:
        facts["card"] = card_of(alice)
    registration = kind(**facts | more)
    registration.save()
    return registration


def test_a_series_is_registered_paid_viewed_and_ended() -> None:
    registration = registered()
    assert (registration.status, registration.recurring_type, registration.current_state.payins_linked) == (
        *("CREATED", "CUSTOM", 0),
    )
    first = RecurringPayInCIT(recurring_payin_registration_id=registration.id, **ATTENDED)
    first.save()
    assert (first.status, first.debited_funds, first.card_info.bin) == ("SUCCEEDED", euros(1000), "497010")
    second = RecurringPayInMIT(recurring_payin_registration_id=registration.id)
    second.save()
    assert (second.status, second.debited_funds) == ("SUCCEEDED", euros(500))
    third = RecurringCardPayIn(
        recurring_payin_registration_id=registration.id, debited_funds=euros(700), fees=euros(70)
    )
    third.save()
    assert third.credited_funds == euros(630)
    assert RecurringCardPayIn.get(second.id).status == "SUCCEEDED"
    seen = RecurringPayInRegistration.get(registration.id)
    state = seen.current_state
    assert (seen.status, state.payins_linked, state.last_payin_id) == ("IN_PROGRESS", 3, third.id)
    assert seen.billing.first_name == "Alice"
    RecurringPayInRegistration(id=registration.id, status="ENDED").save()
    assert RecurringPayInRegistration.get(registration.id).status == "ENDED"


def test_a_payment_without_its_payer_is_refused_before_the_first() -> None:
    registration = registered()
    with pytest.raises(APIError) as caught:
        RecurringPayInMIT(recurring_payin_registration_id=registration.id).save()
    assert list(caught.value.content["errors"]) == ["SecureModeReturnUrl"]


def test_a_fixed_series_knows_its_total() -> None:
    registration = registered(end_date=1_900_000_000)
    assert registration.recurring_type == "CLASSIC_SUBSCRIPTION"
    assert registration.total_amount == euros(1000 + (registration.cycle_number - 1) * 500)


def test_another_card_takes_its_place() -> None:
    registration = registered()
    RecurringPayInCIT(recurring_payin_registration_id=registration.id, **ATTENDED).save()
    card = card_of(payer())
    RecurringPayInRegistration(id=registration.id, card=card).save()
    seen = RecurringPayInRegistration.get(registration.id)
    assert (seen.card_id, seen.status) == (card.id, "AUTHENTICATION_NEEDED")


def test_paypal_comes_again_too() -> None:
    registration = registered(payment_type="PAYPAL")
    first = RecurringPayPalPayInCIT(
        recurring_payin_registration_id=registration.id, return_url="https://example.com", line_items=LINE_ITEMS
    )
    first.save()
    assert first.status == "CREATED"
    httpx.post(first.redirect_url, data={"choice": "yes"}, trust_env=False)
    assert RecurringPayInRegistration.get(registration.id).status == "IN_PROGRESS"
    second = RecurringPayPalPayIn(
        recurring_payin_registration_id=registration.id,
        return_url="https://example.com",
        line_items=LINE_ITEMS,
        debited_funds=euros(1000),
        fees=euros(0),
    )
    second.save()
    assert (second.status, second.payment_type) == ("SUCCEEDED", "PAYPAL")


def test_apple_and_google_pay_come_again_too() -> None:
    apple = ApplepayPaymentData(transaction_id="061EB3", network="VISA", token_data="tokenData")
    registration = registered(RecurringApplePayPayInRegistration, payment_type="APPLEPAY", payment_data=apple)
    payin = RecurringApplePayPayIn(recurring_payin_registration_id=registration.id, payment_data=apple)
    payin.save()
    assert (payin.status, payin.payment_type) == ("SUCCEEDED", "APPLEPAY")
    token = '{"signature": "x"}'
    registration = registered(RecurringGooglePayPayInRegistration, payment_type="GOOGLEPAY", payment_data=token)
    payin = RecurringGooglePayPayIn(recurring_payin_registration_id=registration.id, payment_data=token, **ATTENDED)
    payin.save()
    assert (payin.status, payin.payment_type) == ("SUCCEEDED", "GOOGLE_PAY")
