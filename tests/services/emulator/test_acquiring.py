"""Payments that a platform acquires for itself, without users and wallets."""

import pytest

from tests.services.emulator.marketplace import Json, Marketplace, created, refused
from tests.services.emulator.payments import DEVICE, RETURN_URL, SHOES, payin_by


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("card/direct", {"SecureModeReturnURL": "https://example.com", **DEVICE}),
        ("payment-methods/ideal", {"ReturnURL": RETURN_URL}),
        ("payment-methods/paypal", {"ReturnURL": RETURN_URL, "LineItems": [SHOES]}),
        ("payment-methods/applepay", {"PaymentData": {"TransactionId": "1", "Network": "VISA", "TokenData": "x"}}),
        ("payment-methods/googlepay", {"SecureModeReturnURL": "https://example.com", "PaymentData": "{}", **DEVICE}),
    ],
)
async def test_an_acquired_payment_knows_no_wallet_and_is_refunded_once(
    market: Marketplace, path: str, more: Json
) -> None:
    card = await market.card(await market.payer())
    sent = {"DebitedFunds": {"Currency": "EUR", "Amount": 1000}, "CardId": card["Id"], "Tag": "acquired"} | more
    payin = created(await market.post(f"/acquiring/payins/{path}", sent))
    assert payin["Tag"] == "acquired"
    assert payin.keys().isdisjoint({"AuthorId", "CreditedUserId", "CreditedWalletId", "Fees", "CreditedFunds"})
    if payin["Status"] == "CREATED":
        await market.browser.post(f"/pay/{payin['Id']}", data={"choice": "yes"})
    paid = created(await market.get(f"/payins/{payin['Id']}"))
    assert (paid["Status"], paid.keys()) == ("SUCCEEDED", payin.keys())
    refunds = f"/acquiring/payins/{payin['Id']}/refunds"
    part = created(await market.post(refunds, {"DebitedFunds": {"Currency": "EUR", "Amount": 400}}))
    assert (part["Status"], part["Nature"], part["InitialTransactionId"]) == ("SUCCEEDED", "REFUND", payin["Id"])
    assert created(await market.post(refunds, {}))["ResultCode"] == "005403"
    rest = {"DebitedFunds": {"Currency": "EUR", "Amount": 600}}
    assert [created(await market.post(refunds, rest))["ResultCode"] for _ in range(2)] == ["000000", "001401"]


async def test_only_an_acquired_payment_is_refunded_as_one(market: Marketplace) -> None:
    alice = await market.payer()
    payin = await payin_by(market, "ideal", alice, await market.wallet(alice))
    refused(await market.post(f"/acquiring/payins/{payin['Id']}/refunds", {}), 404)
    sent = {"DebitedFunds": {"Currency": "EUR", "Amount": 1000}, "ReturnURL": RETURN_URL}
    acquired = created(await market.post("/acquiring/payins/payment-methods/ideal", sent))
    error = refused(await market.post(f"/acquiring/payins/{acquired['Id']}/refunds", {}))
    assert error["Type"] == "original_transaction_must_be_succeeded"


async def test_a_card_is_validated_for_an_acquired_payment(market: Marketplace) -> None:
    alice = await market.payer()
    card = await market.card(alice)
    sent = {"SecureModeReturnURL": "https://example.com/back", **DEVICE}
    validation = created(await market.post(f"/acquiring/cards/{card['Id']}/validation", sent))
    assert (validation["Type"], validation["Status"], validation["Validity"]) == (
        "CARD_VALIDATION",
        "SUCCEEDED",
        "VALID",
    )
    assert created(await market.get(f"/cards/{card['Id']}"))["Validity"] == "VALID"
    refused(await market.post("/acquiring/cards/card_m_nobody/validation", sent), 404)
