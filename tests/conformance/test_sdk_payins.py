"""Pay-ins by everything but cards, made by Mangopay's own client for Python."""

from typing import Any

import httpx
import pytest
from mangopay.exceptions import APIError
from mangopay.resources import (
    AcquiringApplepayPayIn,
    AcquiringCardValidation,
    AcquiringDirectPayIn,
    AcquiringGooglePayDirectPayIn,
    AcquiringIdealPayIn,
    AcquiringPayInRefund,
    AcquiringPayPalDataCollection,
    AcquiringPayPalWebPayIn,
    ApplepayPayIn,
    BancontactPayIn,
    BankAccount,
    BankWirePayIn,
    BizumPayIn,
    BlikPayIn,
    Card,
    ClientBankWireDirectPayIn,
    DirectDebitDirectPayIn,
    DirectDebitWebPayIn,
    GiropayPayIn,
    GooglePayDirectPayIn,
    IdealPayIn,
    KlarnaPayIn,
    Mandate,
    MbwayPayIn,
    MultibancoPayIn,
    PayByBankPayIn,
    PayByBankSupportedBank,
    PayIn,
    PaymentMethodMetadata,
    PayPalDataCollection,
    PayPalPayIn,
    PayPalWebPayIn,
    SatispayPayIn,
    SwishPayIn,
    TwintPayIn,
    Wallet,
)
from mangopay.utils import (
    ApplepayPaymentData,
    Billing,
    LineItem,
    Money,
    PayPalTrackingInformation,
    Shipping,
)

from tests.conformance.people import ADDRESS, BROWSER, card_of, euros, payer, wallet_of

# The client reads timestamps by a function that newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:.*utcfromtimestamp.*:DeprecationWarning")

BILLING = Billing(first_name="Alice", last_name="Martin", address=ADDRESS)
SHIPPING = Shipping(first_name="Alice", last_name="Martin", address=ADDRESS)
SHOES = LineItem(name="Shoes", quantity=2, unit_amount=400, tax_amount=100, description="Seller 1")
APPLE_TOKEN = ApplepayPaymentData(transaction_id="1", network="VISA", token_data="opaque")
GOOGLE = {
    "payment_data": '{"number": "5555555555554444"}',
    "secure_mode_return_url": "https://example.com/back",
    "ip_address": "203.0.113.24",
    "browser_info": BROWSER,
}
LINE_ITEMS = [SHOES.to_api_json()]
KLARNA = {
    "line_items": LINE_ITEMS,
    "country": "FR",
    "phone": "33#607080900",
    "email": "alice@example.com",
    "additional_data": "{}",
    "billing": BILLING,
    "shipping": SHIPPING,
    "reference": "basket 1",
    "culture": "FR",
}


def paid_by(kind: Any, **more: Any) -> Any:
    """Return a pay-in of EUR 10 of this class."""
    alice = payer()
    base = {
        "author": alice,
        "credited_wallet": wallet_of(alice),
        "debited_funds": euros(1000),
        "fees": euros(100),
        "return_url": "https://example.com/back",
    }
    payin = kind(**base | more)
    payin.save()
    return payin


def pay(emulator_url: str, payin: Any) -> None:
    """Pay on the page of a pay-in, as its payer would."""
    httpx.post(f"{emulator_url}/pay/{payin.id}", data={"choice": "yes"}, trust_env=False)


@pytest.mark.parametrize(
    ("kind", "payment_type", "more"),
    [
        (PayPalWebPayIn, "PAYPAL", {"line_items": LINE_ITEMS, "shipping": SHIPPING}),
        (IdealPayIn, "IDEAL", {"bic": "RABONL2U", "statement_descriptor": "Shop 1"}),
        (BancontactPayIn, "BCMC", {"recurring": True, "culture": "FR"}),
        (BlikPayIn, "BLIK", {}),
        (SatispayPayIn, "SATISPAY", {"country": "IT"}),
        (KlarnaPayIn, "KLARNA", KLARNA),
        (MbwayPayIn, "MBWAY", {"phone": "351#269458236"}),
        (MultibancoPayIn, "MULTIBANCO", {}),
        (SwishPayIn, "SWISH", {"payment_flow": "APP"}),
        (TwintPayIn, "TWINT", {}),
        (BizumPayIn, "BIZUM", {}),
        (GiropayPayIn, "GIROPAY", {}),
    ],
)
def test_a_payment_is_created_paid_and_viewed(emulator_url: str, kind: Any, payment_type: str, more: Any) -> None:
    payin = paid_by(kind, **more)
    assert (payin.status, payin.payment_type, payin.execution_type) == ("CREATED", payment_type, "WEB")
    if kind not in (MbwayPayIn, BizumPayIn):
        assert payin.redirect_url == f"{emulator_url}/pay/{payin.id}"
    pay(emulator_url, payin)
    seen = PayIn.get(payin.id)
    # The client knows Bancontact and Twint by other names than they come with, and reads them as any pay-in.
    assert type(seen) is (PayIn if kind in (BancontactPayIn, TwintPayIn) else kind)
    assert (seen.status, seen.credited_funds) == ("SUCCEEDED", euros(900))
    assert Wallet.get(payin.credited_wallet_id).balance == euros(900)


def test_bizum_by_phone_leads_nowhere() -> None:
    alice = payer()
    payin = BizumPayIn(
        author=alice,
        credited_wallet=wallet_of(alice),
        debited_funds=euros(1000),
        fees=euros(0),
        phone="+34700000000",
    )
    payin.save()
    assert (payin.status, payin.phone, payin.return_url) == ("CREATED", "+34700000000", None)


def test_a_blik_code_needs_no_page() -> None:
    payin = paid_by(BlikPayIn, code="777365", ip_address="203.0.113.24", browser_info=BROWSER)
    assert (payin.code, payin.redirect_url, payin.browser_info.language) == ("777365", None, "FR")


def test_paypal_takes_risk_data_before_and_a_tracking_number_after() -> None:
    data = PayPalDataCollection.create(sender_account_id="A12345N343", sender_first_name="Jane")
    assert PayPalDataCollection.get(data["DataCollectionId"])["sender_first_name"] == "Jane"
    payin = paid_by(PayPalWebPayIn, line_items=LINE_ITEMS, data_collection_id=data["DataCollectionId"])
    tracking = PayPalTrackingInformation(tracking_number="1Z999", carrier="UPS", notify_buyer=True)
    PayPalWebPayIn.add_tracking_information(payin.id, tracking)
    seen = PayIn.get(payin.id)
    assert (seen.trackings[0]["TrackingNumber"], seen.line_items[0]["Name"]) == ("1Z999", "Shoes")


def test_paypal_refuses_items_that_do_not_add_up() -> None:
    with pytest.raises(APIError) as caught:
        paid_by(PayPalWebPayIn, line_items=[SHOES.to_api_json() | {"Quantity": 3}])
    assert caught.value.code == 400
    assert "debitedAmount" in caught.value.content["errors"]


def test_paypal_as_it_was_still_works(emulator_url: str) -> None:
    payin = paid_by(PayPalPayIn)
    pay(emulator_url, payin)
    assert PayIn.get(payin.id).status == "SUCCEEDED"


def test_apple_and_google_pay_are_final_at_once() -> None:
    apple = paid_by(ApplepayPayIn, payment_data=APPLE_TOKEN)
    assert (apple.status, apple.payment_data.network, apple.card_info.brand) == ("SUCCEEDED", "VISA", "VISA")
    assert isinstance(PayIn.get(apple.id), ApplepayPayIn)
    google = paid_by(GooglePayDirectPayIn, **GOOGLE)
    assert (google.status, google.secure_mode, google.browser_info.user_agent) == ("SUCCEEDED", "DEFAULT", "Firefox")
    assert isinstance(PayIn.get(google.id), GooglePayDirectPayIn)


def test_google_pay_may_ask_for_three_d_secure(emulator_url: str) -> None:
    payin = paid_by(GooglePayDirectPayIn, **GOOGLE | {"secure_mode": "FORCE"})
    assert payin.secure_mode_redirect_url == f"{emulator_url}/pay/{payin.id}"
    pay(emulator_url, payin)
    assert PayIn.get(payin.id).status == "SUCCEEDED"


def test_pay_by_bank_is_begun_and_its_banks_are_listed(emulator_url: str) -> None:
    payin = paid_by(PayByBankPayIn, country="DE", iban="DE03500105177564668331", bic="AACSDE33")
    assert (payin.payment_type, payin.payment_flow, payin.processing_status) == ("PAY_BY_BANK", "WEB", None)
    pay(emulator_url, payin)
    assert PayByBankPayIn.get(payin.id).processing_status == "PENDING_SUCCEEDED"
    banks = PayByBankSupportedBank.get(CountryCodes="DE,FR", per_page=2, page=2).supported_banks.countries
    assert [(country["Country"], len(country["Banks"])) for country in banks] == [("DE", 1), ("FR", 1)]


def test_metadata_of_a_card_is_looked_up() -> None:
    metadata = PaymentMethodMetadata(type="BIN", bin="497010")
    metadata.save()
    assert (metadata.issuer_country_code, metadata.bin_data[0]["Brand"]) == ("FR", "VISA")


def test_a_bank_wire_says_where_to_send_the_money() -> None:
    alice = payer()
    wire = BankWirePayIn(
        author=alice,
        credited_wallet=wallet_of(alice),
        declared_debited_funds=euros(62000),
        declared_fees=euros(0),
    )
    wire.save()
    seen = PayIn.get(wire.id)
    assert isinstance(seen, BankWirePayIn)
    assert (seen.status, seen.declared_debited_funds, seen.bank_account["Type"]) == ("CREATED", euros(62000), "IBAN")
    assert seen.wire_reference
    assert seen.debited_funds == Money(amount=0, currency="XXX")


def test_the_platform_wires_to_its_repudiation_wallet() -> None:
    wire = ClientBankWireDirectPayIn(credited_wallet_id="CREDIT_EUR", declared_debited_funds=euros(1000))
    wire.save()
    assert (wire.status, wire.author_id, wire.declared_debited_funds) == ("CREATED", "local", euros(1000))


def test_a_direct_debit_is_collected_by_its_mandate(emulator_url: str) -> None:
    alice = payer()
    account = BankAccount(
        owner_name="Alice Martin", user=alice, type="IBAN", owner_address=ADDRESS, iban="FR7630004000031234567890143"
    )
    account.save()
    mandate = Mandate(bank_account_id=account.id, culture="FR", return_url="https://example.com/back")
    mandate.save()
    httpx.post(f"{emulator_url}/mandates/{mandate.id}/confirmation", data={"choice": "yes"}, trust_env=False)
    payin = paid_by(DirectDebitDirectPayIn, author=alice, mandate=mandate)
    assert (payin.status, payin.mandate_id) == ("CREATED", mandate.id)
    seen = PayIn.get(payin.id)
    assert isinstance(seen, DirectDebitDirectPayIn)
    assert (seen.status, Mandate.get(mandate.id).status) == ("SUCCEEDED", "ACTIVE")


def test_a_direct_debit_on_a_page_is_created(emulator_url: str) -> None:
    payin = paid_by(DirectDebitWebPayIn, direct_debit_type="SOFORT", culture="FR")
    assert payin.redirect_url == f"{emulator_url}/pay/{payin.id}"
    assert isinstance(PayIn.get(payin.id), DirectDebitWebPayIn)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (AcquiringIdealPayIn, {"return_url": "https://example.com/back"}),
        (AcquiringPayPalWebPayIn, {"return_url": "https://example.com/back", "line_items": LINE_ITEMS}),
        (AcquiringApplepayPayIn, {"payment_data": APPLE_TOKEN}),
        (AcquiringGooglePayDirectPayIn, GOOGLE),
    ],
)
def test_an_acquired_payment_is_created_paid_and_viewed(emulator_url: str, kind: Any, more: Any) -> None:
    payin = kind(debited_funds=euros(1000), **more)
    payin.save()
    pay(emulator_url, payin)
    assert (PayIn.get(payin.id).status, payin.credited_wallet_id) == ("SUCCEEDED", None)


def test_an_acquired_card_payment_is_refunded() -> None:
    payin = AcquiringDirectPayIn(
        debited_funds=euros(1000),
        card=card_of(payer()),
        secure_mode="DEFAULT",
        secure_mode_return_url="https://example.com/back",
        ip_address="203.0.113.24",
        browser_info=BROWSER,
    )
    payin.save()
    assert payin.status == "SUCCEEDED"
    refund = AcquiringPayInRefund(payin=payin, payin_id=payin.id, debited_funds=euros(400))
    refund.save()
    assert (refund.status, refund.nature, refund.debited_funds) == ("SUCCEEDED", "REFUND", euros(400))


def test_a_card_is_validated_for_an_acquired_payment() -> None:
    validation = AcquiringCardValidation(
        secure_mode_return_url="https://example.com/back", ip_address="203.0.113.24", browser_info=BROWSER
    )
    card = card_of(payer())
    validation.validate(card.id)
    assert Card.get(card.id).validity == "VALID"


def test_risk_data_of_an_acquired_payment_is_kept() -> None:
    data = AcquiringPayPalDataCollection.create(sender_account_id="A12345N343")
    assert AcquiringPayPalDataCollection.get(data["DataCollectionId"])["sender_account_id"] == "A12345N343"


def test_an_unknown_payin_does_not_exist() -> None:
    with pytest.raises(PayIn.DoesNotExist):
        PayIn.get("payin_m_nobody")
