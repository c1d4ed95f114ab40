"""How a lost dispute is repaid: out of the seller's wallet, or by a wire of the platform."""

from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import Json, Marketplace, created, refused
from tests.services.emulator.test_disputes import credit, euros, paid


async def lost(market: Marketplace, control: Controls, amount: int = 1_000, fees: int = 100) -> tuple[Json, Json]:
    """Return a pay-in and its dispute, which nobody contested."""
    payin = await paid(market, amount, fees)
    dispute = await control.do("dispute.open", payin["Id"])
    return payin, created(await market.put(f"/disputes/{dispute['Id']}/close", {}))


async def settle(market: Marketplace, payin: Json, dispute: Json, amount: int, fees: int = 0) -> Json:
    body = {"AuthorId": payin["AuthorId"], "DebitedFunds": euros(amount), "Fees": euros(fees)}
    return created(await market.post(f"/repudiations/{dispute['RepudiationId']}/settlementtransfer", body))


async def pending(market: Marketplace) -> list[str]:
    return [row["Id"] for row in (await market.get("/disputes/pendingsettlement")).json()]


async def test_a_settlement_repays_out_of_the_wallet_that_was_credited(market: Marketplace, control: Controls) -> None:
    payin, dispute = await lost(market, control)
    assert await pending(market) == [dispute["Id"]]
    settlement = await settle(market, payin, dispute, 900)
    assert (settlement["Type"], settlement["Nature"], settlement["Status"]) == (
        *("TRANSFER", "SETTLEMENT", "SUCCEEDED"),
    )
    assert (settlement["DebitedWalletId"], settlement["CreditedWalletId"]) == (
        *(payin["CreditedWalletId"], "CREDIT_EUR"),
    )
    assert (settlement["RepudiationId"], settlement["CreditedUserId"]) == (dispute["RepudiationId"], None)
    assert await market.balance({"Id": payin["CreditedWalletId"]}) == 0
    assert await credit(market) == -100
    assert created(await market.get(f"/settlements/{settlement['Id']}")) == settlement
    assert await pending(market) == []
    assert (await market.events())[-2:] == [
        ("TRANSFER_SETTLEMENT_CREATED", settlement["Id"]),
        ("TRANSFER_SETTLEMENT_SUCCEEDED", settlement["Id"]),
    ]
    rows = (await market.get(f"/disputes/{dispute['Id']}/transactions", Nature="SETTLEMENT")).json()
    assert [row["Id"] for row in rows] == [settlement["Id"]]


async def test_fees_given_back_repay_all_of_it(market: Marketplace, control: Controls) -> None:
    payin, dispute = await lost(market, control)
    settlement = await settle(market, payin, dispute, 900, -100)
    assert settlement["CreditedFunds"] == euros(1_000)
    assert await credit(market) == 0
    assert created(await market.get("/clients/wallets/FEES/EUR"))["Balance"]["Amount"] == 0


async def test_a_repudiation_is_settled_in_parts_and_only_once(market: Marketplace, control: Controls) -> None:
    payin, dispute = await lost(market, control)
    codes = [(await settle(market, payin, dispute, *step))["ResultCode"] for step in ((500, 60), (401, 0), (100, 50))]
    assert codes == ["000000", "003010", "003011"]
    assert await pending(market) == [dispute["Id"]]
    codes = [(await settle(market, payin, dispute, amount))["ResultCode"] for amount in (400, 1)]
    assert codes == ["000000", "003012"]
    assert await pending(market) == []


async def test_what_a_settlement_may_not_exceed(market: Marketplace, control: Controls) -> None:
    payin, dispute = await lost(market, control)
    path = f"/repudiations/{dispute['RepudiationId']}/settlementtransfer"
    body = {"AuthorId": payin["AuthorId"], "DebitedFunds": euros(901), "Fees": euros(101)}
    assert refused(await market.post(path, body))["errors"] == {
        "DebitedFunds": "The settlement DebitedFunds cannot exceed the initial transaction DebitedFunds",
        "Fees": "The settlement Fees cannot exceed the initial transaction Fees",
    }
    assert set(refused(await market.post(path, {}))["errors"]) == {"AuthorId", "DebitedFunds", "Fees"}
    refused(await market.post("/repudiations/repud_m_none/settlementtransfer", body), 404)
    refused(await market.get("/settlements/repudstl_m_none"), 404)
    refused(await market.get(f"/repudiations/{payin['Id']}"), 404)


async def test_only_what_was_lost_is_settled(market: Marketplace, control: Controls) -> None:
    payin = await paid(market)
    dispute = await control.do("dispute.open", payin["Id"])
    body = {"AuthorId": payin["AuthorId"], "DebitedFunds": euros(10), "Fees": euros(0)}
    path = f"/repudiations/{dispute['RepudiationId']}/settlementtransfer"
    assert refused(await market.post(path, body))["Type"] == "invalid_action"


async def test_an_empty_wallet_settles_nothing(market: Marketplace, control: Controls) -> None:
    payin, dispute = await lost(market, control)
    wallet = created(await market.get(f"/wallets/{payin['CreditedWalletId']}"))
    created(await market.transfer(wallet, await market.wallet(await market.owner()), 900))
    failed = await settle(market, payin, dispute, 900)
    assert (failed["Status"], failed["ResultCode"]) == ("FAILED", "001001")
    assert await pending(market) == [dispute["Id"]]


async def test_a_wire_of_the_platform_repays_what_is_owed(market: Marketplace, control: Controls) -> None:
    _, first = await lost(market, control)
    _, second = await lost(market, control)
    body = {"CreditedWalletId": "CREDIT_EUR", "DeclaredDebitedFunds": euros(1_500)}
    wire = created(await market.post("/clients/payins/bankwire/direct", body))
    created(await market.post(f"/simulation/payins/bankwire/{wire['Id']}", {"Status": "ACCEPT"}))
    assert await pending(market) == [first["Id"], second["Id"]]
    wire = created(await market.post("/clients/payins/bankwire/direct", body | {"DeclaredDebitedFunds": euros(500)}))
    created(await market.post(f"/simulation/payins/bankwire/{wire['Id']}", {"Status": "ACCEPT"}))
    assert await credit(market) == 0
    assert await pending(market) == []
