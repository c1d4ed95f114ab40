"""Transfers: who may send to whom, and what an OWNER confirms before it leaves."""

import pytest

from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import Json, Marketplace, created, refused

MUCH = 50_001


async def two_owners(market: Marketplace) -> tuple[Json, Json]:
    """Return a full wallet of one enrolled OWNER and an empty one of another."""
    bob, carla = await market.enrolled_owner("Bob"), await market.enrolled_owner("Carla")
    return await market.funded(bob, 100_000), await market.wallet(carla)


async def seen(market: Marketplace, transfer: Json) -> Json:
    return created(await market.get(f"/transfers/{transfer['Id']}"))


async def code_of(market: Marketplace, debited: Json, credited: Json, amount: int = 100, fees: int = 0) -> str:
    return str(created(await market.transfer(debited, credited, amount, fees))["ResultCode"])


async def test_much_money_between_owners_waits_for_a_confirmation(market: Marketplace) -> None:
    till, shelf = await two_owners(market)
    transfer = created(await market.transfer(till, shelf, MUCH))
    assert (transfer["Status"], transfer["ResultCode"], transfer["ScaContext"]) == ("CREATED", None, "USER_PRESENT")
    back = await market.answer_page(transfer["PendingUserAction"], back_to="https://example.com/done")
    assert back.headers["Location"] == "https://example.com/done?controlStatus=VALIDATED"
    done = await seen(market, transfer)
    assert (done["Status"], done["ResultCode"], done["PendingUserAction"]) == ("SUCCEEDED", "000000", None)
    told = [event for event, resource_id in await market.events() if resource_id == transfer["Id"]]
    assert told == ["TRANSFER_NORMAL_CREATED", "TRANSFER_NORMAL_SUCCEEDED"]


async def test_a_refused_confirmation_fails_the_transfer(market: Marketplace) -> None:
    till, shelf = await two_owners(market)
    transfer = created(await market.transfer(till, shelf, MUCH))
    await market.answer_page(transfer["PendingUserAction"], "no")
    failed = await seen(market, transfer)
    assert (failed["Status"], failed["ResultCode"]) == ("FAILED", "007101")
    assert failed["ResultMessage"] == "Transfer authentication failed. Please retry with a new request."


async def test_a_forgotten_confirmation_expires_after_ten_minutes(market: Marketplace, control: Controls) -> None:
    till, shelf = await two_owners(market)
    transfer = created(await market.transfer(till, shelf, MUCH))
    await control.advance(540)
    assert (await seen(market, transfer))["Status"] == "CREATED"
    await control.advance(61)
    failed = await seen(market, transfer)
    assert (failed["ResultCode"], failed["ExecutionDate"]) == ("007102", None)
    await market.answer_page(transfer["PendingUserAction"])
    assert (await seen(market, transfer))["Status"] == "FAILED"


async def test_a_confirmed_transfer_still_needs_its_money(market: Marketplace) -> None:
    till, shelf = await two_owners(market)
    first, second = [created(await market.transfer(till, shelf, 60_000)) for _ in range(2)]
    for transfer in (first, second):
        await market.answer_page(transfer["PendingUserAction"])
    assert [(await seen(market, transfer))["ResultCode"] for transfer in (first, second)] == ["000000", "001001"]


async def test_little_money_and_ones_own_wallets_need_no_confirmation(market: Marketplace) -> None:
    till, shelf = await two_owners(market)
    little = created(await market.transfer(till, shelf, MUCH - 1))
    bob = {"Id": till["Owners"][0]}
    own = created(await market.transfer(till, await market.wallet(bob), 49_999))
    assert [(row["Status"], row["PendingUserAction"]) for row in (little, own)] == [("SUCCEEDED", None)] * 2


@pytest.mark.parametrize(("currency", "amount"), [("JPY", 88_500), ("GBP", 42_900), ("PLN", 212_500)])
async def test_what_is_much_depends_on_the_currency(market: Marketplace, currency: str, amount: int) -> None:
    bob, carla = await market.enrolled_owner("Bob"), await market.enrolled_owner("Carla")
    till, shelf = await market.funded(bob, 2 * amount, currency), await market.wallet(carla, currency)
    assert created(await market.transfer(till, shelf, amount))["Status"] == "CREATED"
    less = amount * 99 // 100
    assert created(await market.transfer(till, shelf, less))["Status"] == "SUCCEEDED"


async def test_an_owner_with_accept_in_the_email_sends_at_once(market: Marketplace) -> None:
    bob, carla = await market.owner("Bob"), await market.enrolled_owner("Carla")
    till = await market.funded(bob, 100_000)
    assert created(await market.transfer(till, await market.wallet(carla), MUCH))["Status"] == "SUCCEEDED"


async def test_a_platform_sends_for_an_absent_owner_only_by_consent(market: Marketplace) -> None:
    till, shelf = await two_owners(market)
    error = refused(await market.transfer(till, shelf, MUCH, ScaContext="USER_NOT_PRESENT"), 403)
    assert error["Type"] == "sca_proxy_missing"
    asked = created(await market.post(f"/sca/users/{till['Owners'][0]}/consent", {}))
    await market.answer_page(asked["PendingUserAction"])
    sent = created(await market.transfer(till, shelf, MUCH, ScaContext="USER_NOT_PRESENT"))
    assert (sent["Status"], sent["ScaContext"]) == ("SUCCEEDED", "USER_NOT_PRESENT")


async def test_categories_decide_who_sends_to_whom(market: Marketplace) -> None:
    alice, emma = await market.payer("Alice"), await market.payer("Emma")
    bob, carla = await market.owner("Bob"), await market.owner("Carla")
    purse, till = await market.funded(alice, 1_000), await market.funded(bob, 1_000)
    assert await code_of(market, purse, await market.wallet(emma)) == "002701"
    assert await code_of(market, till, purse) == "002702"
    assert await code_of(market, purse, till) == "000000"
    assert await code_of(market, till, await market.wallet(carla)) == "000000"
    assert await code_of(market, purse, await market.wallet(alice)) == "000000"


async def test_what_a_transfer_fails_for(market: Marketplace) -> None:
    alice, bob = await market.payer(), await market.owner()
    purse, till = await market.funded(alice, 1_000), await market.wallet(bob)
    assert await code_of(market, purse, purse) == "101108"
    assert await code_of(market, purse, till, 100, fees=100) == "001014"
    failed = created(await market.transfer(purse, till, 1_001))
    assert (failed["ResultCode"], failed["ResultMessage"]) == ("001001", "Unsufficient wallet balance")
    assert await market.balance(purse) == 1_000


async def test_nothing_goes_to_or_from_a_closed_user(market: Marketplace) -> None:
    alice, bob, carla = await market.payer(), await market.owner("Bob"), await market.owner("Carla")
    purse, till, shelf = await market.funded(alice, 500), await market.wallet(bob), await market.wallet(carla)
    assert (await market.close(bob)).status_code == 204
    assert await code_of(market, purse, till) == "002602"
    assert await code_of(market, till, shelf) == "002601"


async def test_an_owner_who_has_not_enrolled_sends_little_but_not_much(market: Marketplace) -> None:
    bob, carla = await market.owner("Bob", "bob@example.com"), await market.owner("Carla")
    till, shelf = await market.funded(bob, 100_000), await market.wallet(carla)
    assert await code_of(market, till, shelf, MUCH) == "002704"
    assert await code_of(market, till, shelf, 1_000) == "000000"


async def test_the_platform_is_paid_and_pays_by_transfer(market: Marketplace) -> None:
    alice = await market.payer()
    purse = await market.funded(alice, 1_000)
    fees = {"Id": "FEES_EUR", "Currency": "EUR", "Owners": ["local"]}
    paid = created(await market.transfer(purse, fees, 400))
    assert (paid["Status"], paid["CreditedUserId"]) == ("SUCCEEDED", "local")
    returned = created(await market.transfer(fees, purse, 100))
    assert (returned["Status"], returned["AuthorId"]) == ("SUCCEEDED", "local")
    assert await market.balance(purse) == 700


async def test_a_transfer_names_what_is_wrong_with_it(market: Marketplace) -> None:
    error = refused(await market.post("/transfers", {"ScaContext": "PRESENT", "DebitedFunds": {"Currency": "XXX"}}))
    assert error["errors"] == {
        "DebitedWalletId": "The DebitedWalletId field is required.",
        "CreditedWalletId": "The CreditedWalletId field is required.",
        "AuthorId": "The AuthorId field is required.",
        "Fees": "The Fees field is required.",
        "DebitedFunds.Amount": "The Amount field is required.",
        "DebitedFunds.Currency": "The currency XXX is not available",
        "ScaContext": "The requested value 'PRESENT' was not found.",
    }


async def test_the_funds_are_in_the_currency_of_the_wallets(market: Marketplace) -> None:
    alice = await market.payer()
    purse, other = await market.funded(alice, 1_000), await market.wallet(alice)
    funds, fees = {"Currency": "GBP", "Amount": 100}, {"Currency": "GBP", "Amount": 0}
    error = refused(await market.transfer(purse, other, 100, DebitedFunds=funds, Fees=fees))
    assert error["Type"] == "currency_incompatibility"


async def test_an_unknown_transfer_is_404(market: Marketplace) -> None:
    error = refused(await market.get("/transfers/xfer_m_nothing"), 404)
    assert error["errors"] == {"RessourceNotFound": "Cannot found the ressource Transfer with the id=xfer_m_nothing"}


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


async def test_an_empty_wallet_makes_a_failed_transfer_not_an_error(market: Marketplace) -> None:
    alice, bob = await market.payer(), await market.owner()
    moved = created(await market.transfer(await market.wallet(alice), await market.wallet(bob), 100))
    assert (moved["Status"], moved["ResultCode"]) == ("FAILED", "001001")
    assert (await market.events())[-2:] == [
        *(("TRANSFER_NORMAL_CREATED", moved["Id"]), ("TRANSFER_NORMAL_FAILED", moved["Id"])),
    ]
