"""Money that goes on and goes out."""

import pytest

from tests.services.emulator.marketplace import Json, Marketplace, created, refused


async def test_a_payout_is_created_and_reaches_the_bank_right_after(market: Marketplace) -> None:
    bob = await market.owner()
    till, account = await market.funded(bob, 10_000), await market.account(bob)
    await market.document(bob)
    payout = created(await market.pay_out(till, account, 9_000, BankWireRef="WEEK 7"))
    assert (payout["Status"], payout["ResultCode"], payout["CreditedWalletId"]) == ("CREATED", None, None)
    seen = created(await market.get(f"/payouts/bankwire/{payout['Id']}"))
    assert (seen["Status"], seen["ModeApplied"], seen["BankWireRef"]) == ("SUCCEEDED", "STANDARD", "WEEK 7")
    assert "ModeApplied" not in created(await market.get(f"/payouts/{payout['Id']}"))
    assert await market.balance(till) == 1_000
    assert [row["Id"] for row in (await market.get(f"/bankaccounts/{account['Id']}/transactions")).json()] == [
        payout["Id"]
    ]


async def test_what_a_payout_is_refused_for(market: Marketplace) -> None:
    alice, bob = await market.payer(), await market.owner()
    purse, till = await market.funded(alice, 10_000), await market.funded(bob, 10_000)
    hers, his = await market.account(alice), await market.account(bob)

    async def code(wallet: Json, account: Json, amount: int = 100) -> str:
        return str(created(await market.pay_out(wallet, account, amount))["ResultCode"])

    assert await code(till, his) == "002999"
    await market.document(bob)
    assert await code(purse, hers) == "002701"
    assert await code(till, hers) == "121007"
    assert await code(till, his, 10_001) == "121003"
    created(await market.put(f"/users/{bob['Id']}/bankaccounts/{his['Id']}", {"Active": False}))
    assert await code(till, his) == "121006"


async def test_a_payer_gets_a_wire_back_by_payout(market: Marketplace) -> None:
    alice = await market.payer()
    purse, account = await market.wallet(alice), await market.account(alice)
    wire = await market.wire(purse, 5_000)
    created(await market.post(f"/simulation/payins/bankwire/{wire['Id']}", {"Status": "ACCEPT"}))
    refused(await market.post(f"/payins/{wire['Id']}/refunds", {"AuthorId": alice["Id"]}))
    reference = {"ReasonType": "PAYIN_REFUND", "ReferenceId": wire["Id"]}
    payout = created(await market.pay_out(purse, account, 5_000, PaymentRef=reference))
    assert created(await market.get(f"/payouts/{payout['Id']}"))["Status"] == "SUCCEEDED"


async def test_an_iban_with_a_wrong_digit_is_no_account(market: Marketplace) -> None:
    bob = await market.owner()
    body = {"OwnerName": "Bob", "OwnerAddress": bob["Address"], "IBAN": "FR7630004000031234567890144"}
    error = refused(await market.post(f"/users/{bob['Id']}/bankaccounts/iban", body))
    assert error["errors"] == {"IBAN": "The value is not a valid IBAN"}


@pytest.mark.parametrize("amount", [0, -5, "12.60", 12.6, True, None])
async def test_an_amount_is_a_whole_number_of_minor_units_above_zero(market: Marketplace, amount: object) -> None:
    alice, bob = await market.payer(), await market.owner()
    purse, till = await market.wallet(alice), await market.wallet(bob)
    refused(await market.transfer(purse, till, amount))  # type: ignore[arg-type]
