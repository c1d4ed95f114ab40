"""Money that goes on, goes out, and comes back; and none is ever made or lost."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.emulator import Emulator, EmulatorConfig
from tests.services.emulator.conftest import open_market
from tests.services.emulator.marketplace import Json, Marketplace, created, refused


async def test_a_transfer_takes_the_platforms_fee_on_its_way(market: Marketplace) -> None:
    alice, bob = await market.payer(), await market.owner()
    purse, till = await market.funded(alice, 10_000), await market.wallet(bob)
    moved = created(await market.transfer(purse, till, 10_000, fees=1_000))
    assert (moved["Status"], moved["CreditedUserId"]) == ("SUCCEEDED", bob["Id"])
    assert (await market.balance(purse), await market.balance(till)) == (0, 9_000)
    (fee,) = (await market.get("/clients/wallets/FEES/EUR/transactions")).json()
    assert fee["Id"] == moved["Id"]
    assert [row["Type"] for row in (await market.get(f"/wallets/{purse['Id']}/transactions")).json()] == [
        *("PAYIN", "TRANSFER"),
    ]


async def test_an_empty_wallet_makes_a_failed_transfer_not_an_error(market: Marketplace) -> None:
    alice, bob = await market.payer(), await market.owner()
    moved = created(await market.transfer(await market.wallet(alice), await market.wallet(bob), 100))
    assert (moved["Status"], moved["ResultCode"]) == ("FAILED", "001001")
    assert moved["ResultMessage"] == "Unsufficient wallet balance"
    assert (await market.events())[-2:] == [
        *(("TRANSFER_NORMAL_CREATED", moved["Id"]), ("TRANSFER_NORMAL_FAILED", moved["Id"])),
    ]


async def test_who_may_send_money_to_whom(market: Marketplace) -> None:
    alice, emma = await market.payer("Alice"), await market.payer("Emma")
    bob, carla = await market.owner("Bob"), await market.owner("Carla", "carla@example.com")
    purse, till = await market.funded(alice, 500), await market.funded(bob, 500)
    pending = await market.funded(carla, 500)
    codes = [
        created(await market.transfer(purse, await market.wallet(emma), 100))["ResultCode"],
        created(await market.transfer(till, purse, 100))["ResultCode"],
        created(await market.transfer(pending, till, 100))["ResultCode"],
        created(await market.transfer(purse, purse, 100))["ResultCode"],
        created(await market.transfer(purse, await market.wallet(alice), 100))["ResultCode"],
    ]
    assert codes == ["002701", "002702", "002704", "101108", "000000"]


async def test_mallory_cannot_empty_alices_wallet(market: Marketplace) -> None:
    alice, mallory = await market.payer("Alice"), await market.payer("Mallory")
    purse = await market.funded(alice, 10_000)
    forged = purse | {"Owners": [mallory["Id"]]}
    error = refused(await market.transfer(forged, await market.wallet(mallory), 10_000))
    assert error["errors"] == {"AuthorId": "Author should be the Debited wallet owner"}


async def test_a_transfer_stays_within_its_currency(market: Marketplace) -> None:
    alice = await market.payer()
    purse, pounds = await market.funded(alice, 100), await market.wallet(alice, "GBP")
    error = refused(await market.transfer(purse, pounds, 100))
    assert error["errors"]["currency"] == (
        "The Debited Wallet's currency EUR and the Credited Wallet's currency GBP must be the same"
    )


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


async def test_a_full_refund_gives_back_the_fees_too(market: Marketplace) -> None:
    alice = await market.payer()
    wallet, card = await market.wallet(alice), await market.card(alice)
    payin = created(await market.pay_in(card, wallet, 1_000, fees=100))
    refund = created(await market.post(f"/payins/{payin['Id']}/refunds", {"AuthorId": alice["Id"]}))
    assert (refund["Type"], refund["Nature"], refund["Status"]) == ("PAYOUT", "REFUND", "SUCCEEDED")
    amounts = [refund[name]["Amount"] for name in ("DebitedFunds", "Fees", "CreditedFunds")]
    assert amounts == [900, -100, 1_000]
    assert (refund["InitialTransactionId"], refund["InitialTransactionType"]) == (payin["Id"], "PAYIN")
    assert (refund["CreditedUserId"], refund["CreditedWalletId"]) == (None, None)
    assert await market.balance(wallet) == 0
    assert created(await market.get("/clients/wallets/FEES/EUR"))["Balance"]["Amount"] == 0
    assert created(await market.get(f"/refunds/{refund['Id']}")) == refund
    assert (await market.get(f"/payins/{payin['Id']}/refunds")).json() == [refund]
    assert (await market.events())[-1] == ("PAYIN_REFUND_SUCCEEDED", refund["Id"])


async def test_a_refunded_transfer_goes_back_where_it_came_from(market: Marketplace) -> None:
    alice, bob = await market.payer(), await market.owner()
    purse, till = await market.funded(alice, 1_000), await market.wallet(bob)
    moved = created(await market.transfer(purse, till, 1_000, fees=100))
    refund = created(await market.post(f"/transfers/{moved['Id']}/refunds", {"AuthorId": alice["Id"]}))
    assert (refund["Type"], refund["DebitedWalletId"], refund["CreditedWalletId"]) == (
        *("TRANSFER", till["Id"], purse["Id"]),
    )
    assert (await market.balance(purse), await market.balance(till)) == (1_000, 0)
    assert (await market.events())[-1] == ("TRANSFER_REFUND_SUCCEEDED", refund["Id"])


def partial(author: Json, debited: int, fees: int | None = 0) -> dict[str, Any]:
    body: dict[str, Any] = {"AuthorId": author["Id"], "DebitedFunds": {"Currency": "EUR", "Amount": debited}}
    return body if fees is None else body | {"Fees": {"Currency": "EUR", "Amount": fees}}


async def test_a_payin_is_refunded_in_parts_until_nothing_is_left(market: Marketplace) -> None:
    alice = await market.payer()
    payin = created(await market.pay_in(await market.card(alice), await market.wallet(alice), 1_000, fees=100))
    path = f"/payins/{payin['Id']}/refunds"
    steps = [(500, -50), (500, 0), (300, -60), (401, 0), (400, -50), (1, 0)]
    codes = [created(await market.post(path, partial(alice, *step)))["ResultCode"] for step in steps]
    assert codes == ["000000", "005407", "005404", "005403", "000000", "001401"]


async def test_what_makes_no_refund_at_all(market: Marketplace) -> None:
    alice, mallory = await market.payer("Alice"), await market.payer("Mallory")
    wallet, card = await market.wallet(alice), await market.card(alice)
    payin = created(await market.pay_in(card, wallet, 1_000))
    failed = created(await market.pay_in(card, wallet, 33305))
    path = f"/payins/{payin['Id']}/refunds"
    assert "Fees" in refused(await market.post(path, partial(alice, 500, None)))["errors"]
    assert "DebitedFunds" in refused(await market.post(path, partial(alice, 1_001)))["errors"]
    assert refused(await market.post(path, {"AuthorId": mallory["Id"]}))["errors"] == {
        "AuthorId": "Author of the refund is not the author of the initial payin"
    }
    error = refused(await market.post(f"/payins/{failed['Id']}/refunds", {"AuthorId": alice["Id"]}))
    assert error["Type"] == "original_transaction_must_be_succeeded"
    refused(await market.post("/payins/payin_m_none/refunds", {"AuthorId": alice["Id"]}), 404)


async def test_a_spent_payin_cannot_be_refunded(market: Marketplace) -> None:
    alice, bob = await market.payer(), await market.owner()
    purse, card = await market.wallet(alice), await market.card(alice)
    payin = created(await market.pay_in(card, purse, 1_000))
    created(await market.transfer(purse, await market.wallet(bob), 1_000))
    refund = created(await market.post(f"/payins/{payin['Id']}/refunds", {"AuthorId": alice["Id"]}))
    assert (refund["Status"], refund["ResultCode"]) == ("FAILED", "001001")


@pytest.mark.parametrize("amount", [0, -5, "12.60", 12.6, True, None])
async def test_an_amount_is_a_whole_number_of_minor_units_above_zero(market: Marketplace, amount: object) -> None:
    alice, bob = await market.payer(), await market.owner()
    purse, till = await market.wallet(alice), await market.wallet(bob)
    refused(await market.transfer(purse, till, amount))  # type: ignore[arg-type]


actions = st.lists(
    st.tuples(
        st.sampled_from(["pay in", "wire", "transfer", "pay out", "refund"]),
        st.integers(0, 9),
        st.integers(1, 40_000),
        st.integers(0, 5_000),
    ),
    max_size=25,
)


@given(actions)
@settings(max_examples=25, deadline=None)
def test_money_is_conserved_whatever_happens(story: list[tuple[str, int, int, int]]) -> None:
    asyncio.run(_tell(story))


async def _tell(story: list[tuple[str, int, int, int]]) -> None:
    async with open_market(Emulator(EmulatorConfig("http://localhost"))) as market:
        alice, bob = await market.payer(), await market.owner()
        purse, till = await market.wallet(alice), await market.wallet(bob)
        card, account = await market.card(alice), await market.account(bob)
        await market.document(bob)
        for action, pick, amount, fees in story:
            rows = (await market.get(f"/users/{alice['Id']}/transactions", per_page="100")).json()
            if action == "pay in":
                await market.pay_in(card, purse, amount, fees)
            elif action == "wire":
                wire = await market.wire(purse, amount, fees)
                await market.post(f"/simulation/payins/bankwire/{wire['Id']}", {"Status": "ACCEPT"})
            elif action == "transfer":
                await market.transfer(purse, till, amount, fees)
            elif action == "pay out":
                await market.pay_out(till, account, amount)
            elif rows:
                row = rows[pick % len(rows)]
                kind = "payins" if row["Type"] == "PAYIN" else "transfers"
                await market.post(f"/{kind}/{row['Id']}/refunds", _refund_body(alice, pick, amount, fees))
        await _check_books(market, alice, bob, [purse, till])


def _refund_body(author: Json, pick: int, amount: int, fees: int) -> Json:
    return {"AuthorId": author["Id"]} if pick % 2 else partial(author, amount, -fees)


async def _check_books(market: Marketplace, alice: Json, bob: Json, wallets: list[Json]) -> None:
    balances = [await market.balance(wallet) for wallet in wallets]
    fees = created(await market.get("/clients/wallets/FEES/EUR"))["Balance"]["Amount"]
    moved = [
        row
        for user in (alice, bob)
        for row in (await market.get(f"/users/{user['Id']}/transactions", Status="SUCCEEDED", per_page="100")).json()
    ]
    came_in = sum(row["DebitedFunds"]["Amount"] for row in moved if row["Type"] == "PAYIN")
    went_out = sum(row["CreditedFunds"]["Amount"] for row in moved if row["Type"] == "PAYOUT")
    assert sum(balances) + fees == came_in - went_out
    assert min(*balances, fees) >= 0
