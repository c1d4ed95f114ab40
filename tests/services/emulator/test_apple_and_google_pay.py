"""Apple Pay and Google Pay, and what is known of a card before it is used."""

import pytest

from tests.services.emulator.marketplace import BASE_URL, Json, Marketplace, created, refused
from tests.services.emulator.payments import DEVICE, body


async def shop(market: Marketplace) -> tuple[Json, Json]:
    alice = await market.payer()
    return alice, await market.wallet(alice)


async def test_apple_pay_is_final_at_once(market: Marketplace) -> None:
    alice, wallet = await shop(market)
    token = {"transactionId": "1", "network": "MASTERCARD", "tokenData": "opaque"}
    payin = created(await market.post("/payins/applepay/direct", body(alice, wallet, PaymentData=token)))
    assert (payin["Status"], payin["PaymentType"], payin["ExecutionType"]) == ("SUCCEEDED", "APPLEPAY", "DIRECT")
    assert (payin["PaymentData"]["TransactionId"], payin["CardInfo"]["Brand"]) == ("1", "MASTERCARD")
    magic = created(await market.post("/payins/applepay/direct", body(alice, wallet, 33305, PaymentData=token)))
    assert magic["ResultCode"] == "101101"
    error = refused(await market.post("/payins/applepay/direct", body(alice, wallet, PaymentData={})))
    assert "PaymentData.TokenData" in error["errors"]


@pytest.mark.parametrize(
    ("token", "mode", "status"),
    [
        ('{"number": "5555555555554444"}', "DEFAULT", "SUCCEEDED"),
        ('{"number": "5555555555554444"}', "FORCE", "CREATED"),
        ('{"number": "4111111111111111"}', "DEFAULT", "CREATED"),
        ("no token", "DEFAULT", "FAILED"),
    ],
)
async def test_google_pay_asks_the_bank_as_a_card_does(market: Marketplace, token: str, mode: str, status: str) -> None:
    alice, wallet = await shop(market)
    more = DEVICE | {"PaymentData": token, "SecureMode": mode, "SecureModeReturnURL": "https://example.com/back"}
    payin = created(await market.post("/payins/payment-methods/googlepay", body(alice, wallet, **more)))
    assert (payin["PaymentType"], payin["Status"]) == ("GOOGLE_PAY", status)
    assert payin["SecureModeNeeded"] is (status == "CREATED")
    if status == "FAILED":
        assert payin["ResultCode"] == "105207"
    if status == "CREATED":
        page = payin["SecureModeRedirectURL"].removeprefix(BASE_URL)
        back = await market.browser.post(page, data={"choice": "yes"})
        assert back.headers["Location"] == f"https://example.com/back?transactionId={payin['Id']}"
        assert (created(await market.get(f"/payins/{payin['Id']}")))["Status"] == "SUCCEEDED"


async def test_google_pay_as_it_was_takes_three_members(market: Marketplace) -> None:
    token = {"TransactionId": "1", "Network": "VISA", "TokenData": "opaque"}
    payin = created(await market.post("/payins/googlepay/direct", body(*await shop(market), PaymentData=token)))
    assert (payin["Status"], payin["PaymentType"]) == ("SUCCEEDED", "GOOGLEPAY")


async def test_metadata_knows_the_issuer_of_a_card(market: Marketplace) -> None:
    known = created(await market.post("/payment-methods/metadata", {"Type": "BIN", "Bin": "497010"}))
    assert (known["Bin"], known["IssuerCountryCode"], known["BinData"][0]["Brand"]) == ("497010", "FR", "VISA")
    sent = {"Type": "GOOGLE_PAY", "Token": '{"number": "4111111111111111"}'}
    assert created(await market.post("/payment-methods/metadata", sent))["TokenFormat"] == "PAN_ONLY"
    for wrong in ({}, {"Type": "BIN"}, {"Type": "BIN", "Bin": "1234567"}, {"Type": "IBAN"}, {"Type": "GOOGLE_PAY"}):
        refused(await market.post("/payment-methods/metadata", wrong))
