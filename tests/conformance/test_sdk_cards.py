"""Cards and card pay-ins, made by Mangopay's own client for Python."""

import time
from typing import Any

import httpx
import pytest
from mangopay.exceptions import APIError
from mangopay.resources import (
    Card,
    CardRegistration,
    CardValidation,
    CardWebPayIn,
    ClientWallet,
    DirectPayIn,
    ExtendedCardWebPayIn,
    PayIn,
    User,
    Wallet,
)

from tests.conformance.people import BROWSER, card_of, euros, paid, payer, wallet_of

# The client reads timestamps by a function that newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:.*utcfromtimestamp.*:DeprecationWarning")


def validated(user: Any, card: Any, **more: Any) -> Any:
    validation = CardValidation(
        author=user,
        secure_mode_return_url="https://example.com/back",
        ip_address="203.0.113.24",
        browser_info=BROWSER,
        **more,
    )
    return validation.validate(card.id)


def web_payin(user: Any, wallet: Any) -> Any:
    payin = CardWebPayIn(
        author=user,
        credited_wallet=wallet,
        debited_funds=euros(1000),
        fees=euros(100),
        return_url="https://example.com/back",
        card_type="CB_VISA_MASTERCARD",
        culture="FR",
    )
    payin.save()
    return payin


def test_a_card_is_registered_listed_and_deactivated() -> None:
    alice = payer()
    card = card_of(alice)
    assert (card.alias, card.card_provider, card.validity) == ("497010XXXXXX1119", "VISA", "UNKNOWN")
    assert [row.id for row in User(id=alice.id).cards.all()] == [card.id]
    assert card.id in [row.id for row in Card.get_by_fingerprint(card.fingerprint, per_page=100, Sort="Id:DESC")]
    card.active = False
    card.save()
    assert Card.get(card.id).active is False
    with pytest.raises(APIError) as caught:
        card.save()
    assert caught.value.content["Type"] == "card_already_not_active"


def test_a_registration_that_the_vault_refused_fails() -> None:
    registration = CardRegistration(user=payer(), currency="EUR")
    registration.save()
    # The client cannot read what the vault complains of, as a browser does.
    form = {"accessKeyRef": registration.access_key, "data": registration.preregistration_data}
    form |= {"cardNumber": "1", "cardExpirationDate": "1229", "cardCvx": "123"}
    data = httpx.post(registration.card_registration_url, data=form, trust_env=False).text
    assert data == "errorCode=02625"
    registration.registration_data = data
    registration.save()
    assert (registration.status, registration.result_code) == ("ERROR", "105202")
    assert CardRegistration.get(registration.id).status == "ERROR"


def test_a_card_is_validated_and_the_validation_viewed() -> None:
    alice = payer()
    card = card_of(alice)
    validation = validated(alice, card)
    assert (validation["status"], validation["validity"], validation["type"]) == (
        *("SUCCEEDED", "VALID", "CARD_VALIDATION"),
    )
    seen = CardValidation.get(validation["id"], card.id)
    assert (seen.status, seen.browser_info.language, seen.card_info.bin) == ("SUCCEEDED", "FR", "497010")
    assert seen.authentication_result.authentication_type == "FRICTIONLESS"
    assert Card.get(card.id).validity == "VALID"
    with pytest.raises(APIError, match="already VALID"):
        validated(alice, card)


def test_a_validation_may_ask_for_the_holder(emulator_url: str) -> None:
    alice = payer()
    card = card_of(alice)
    validation = validated(alice, card, secure_mode="FORCE")
    assert (validation["status"], validation["secure_mode_needed"]) == ("CREATED", True)
    assert validation["secure_mode_redirect_url"].startswith(emulator_url)
    httpx.post(validation["secure_mode_redirect_url"], data={"choice": "yes"}, trust_env=False)
    assert CardValidation.get(validation["id"], card.id).status == "SUCCEEDED"


def test_a_card_payin_fills_the_wallet() -> None:
    alice = payer()
    wallet = wallet_of(alice)
    payin = paid(alice, wallet, 1260, fees=60)
    assert (payin.status, payin.result_code, payin.result_message) == ("SUCCEEDED", "000000", "Success")
    assert payin.credited_funds == euros(1200)
    seen = PayIn.get(payin.id)
    assert isinstance(seen, DirectPayIn)
    assert (seen.execution_date.year, seen.browser_info.language) == (time.gmtime().tm_year, "FR")
    assert (seen.billing.first_name, seen.security_info.avs_result) == ("Alice", "NO_CHECK")
    assert (seen.card_info.type, seen.authentication_result.authentication_type) == ("CREDIT", "FRICTIONLESS")
    assert Wallet.get(wallet.id).balance == euros(1200)
    assert ClientWallet.get("FEES", "EUR").balance >= euros(60)
    assert Wallet.get("FEES_EUR").id == "FEES_EUR"


def test_the_payins_of_a_card_and_of_a_fingerprint_are_listed() -> None:
    alice = payer()
    payin = paid(alice, wallet_of(alice), 1000)
    card = Card.get(payin.card_id)
    assert [row.id for row in card.get_transactions(Status="SUCCEEDED")] == [payin.id]
    rows = Card.get_transactions_by_fingerprint(card.fingerprint, per_page=100, Sort="CreationDate:DESC")
    assert payin.id in [row.id for row in rows]


def test_a_magic_amount_fails_with_its_code() -> None:
    alice = payer()
    payin = paid(alice, wallet_of(alice), 33305)
    assert (payin.status, payin.result_code) == ("FAILED", "101101")


def test_a_web_payin_is_paid_on_its_page(emulator_url: str) -> None:
    alice = payer()
    wallet = wallet_of(alice)
    payin = web_payin(alice, wallet)
    assert (payin.status, payin.redirect_url) == ("CREATED", f"{emulator_url}/pay/{payin.id}")
    httpx.post(payin.redirect_url, data={"choice": "yes"}, trust_env=False)
    seen = PayIn.get(payin.id)
    assert isinstance(seen, CardWebPayIn)
    assert (seen.status, seen.culture) == ("SUCCEEDED", "FR")
    assert Wallet.get(wallet.id).balance == euros(900)


def test_the_card_of_a_web_payin_is_not_known_before_it_is_paid() -> None:
    # The client reads `ExpirationDate`, which is a month and a year, as a timestamp, and breaks on any card.
    alice = payer()
    details = ExtendedCardWebPayIn.get(web_payin(alice, wallet_of(alice)).id)
    assert (details.payment_type, details.execution_type, details.alias) == ("CARD", "WEB", None)
