"""Banking aliases: one for a wallet, in a name that Mangopay chooses."""

import pytest

from services.emulator.rules.ibans import is_iban
from tests.services.emulator.marketplace import Json, Marketplace, company_body, created, refused


async def alias(market: Marketplace, wallet: Json, country: str = "FR", **more: object) -> Json:
    body: Json = {"OwnerName": "Whoever", "Country": country}
    return created(await market.post(f"/wallets/{wallet['Id']}/bankingaliases/iban", body | more))


@pytest.mark.parametrize(
    ("currency", "country"),
    [("EUR", "LU"), ("EUR", "FR"), ("EUR", "ES"), ("EUR", "DE"), ("DKK", "DK"), ("PLN", "PL")],
)
async def test_an_alias_is_an_iban_of_the_wallets_own(market: Marketplace, currency: str, country: str) -> None:
    alice = await market.payer()
    wallet = await market.wallet(alice, currency)
    made = await alias(market, wallet, country, Tag="shop")
    assert made["Id"].startswith("wltbank_m_")
    assert is_iban(made["IBAN"])
    assert made["IBAN"].startswith(country)
    assert (made["Type"], made["Country"], made["Active"], made["Tag"]) == ("IBAN", country, True, "shop")
    assert (made["WalletId"], made["CreditedUserId"]) == (wallet["Id"], alice["Id"])
    assert (made["LocalAccountDetails"], bool(made["BIC"])) == (None, True)
    assert created(await market.get(f"/bankingaliases/{made['Id']}")) == made
    assert (await market.get(f"/wallets/{wallet['Id']}/bankingaliases")).json() == [made]


async def test_a_british_alias_has_a_sort_code_too(market: Marketplace) -> None:
    made = await alias(market, await market.wallet(await market.payer(), "GBP"), "GB")
    assert made["Type"] == "GB"
    assert set(made["LocalAccountDetails"]) == {"SortCode", "AccountNumber"}
    assert made["IBAN"].endswith("".join(made["LocalAccountDetails"].values()))


async def test_mangopay_chooses_the_owners_name(market: Marketplace) -> None:
    bob, company = await market.owner(), created(await market.post("/sca/users/legal", company_body()))
    unverified = await alias(market, await market.wallet(bob))
    assert (unverified["OwnerName"], unverified["VirtualAccountPurpose"]) == ("MGP local", "COLLECTION")
    await market.document(bob)
    verified = await alias(market, await market.wallet(bob))
    assert (verified["OwnerName"], verified["VirtualAccountPurpose"]) == ("Bob Martin", "USER_OWNED")
    assert verified["VirtualAccountPurposeResponse"] == "USER_OWNED"
    assert (await alias(market, await market.wallet(company)))["OwnerName"] == "MGP local"


async def test_a_wallet_has_one_alias_and_then_no_virtual_account(market: Marketplace) -> None:
    wallet = await market.wallet(await market.payer())
    await alias(market, wallet)
    for path, body in (
        ("bankingaliases/iban", {"OwnerName": "Alice", "Country": "FR"}),
        ("bankingaliases/accountNumber", {"OwnerName": "Alice", "Country": "FR"}),
        ("virtual-accounts", {"Country": "FR", "VirtualAccountPurpose": "COLLECTION"}),
    ):
        error = refused(await market.post(f"/wallets/{wallet['Id']}/{path}", body))
        assert error["Type"] == "wallet_banking_alias_already_exists"
        assert error["Message"] == "There is already a banking alias existing for this wallet"


async def test_what_cannot_be_an_alias_is_refused(market: Marketplace) -> None:
    alice = await market.payer()
    path = f"/wallets/{(await market.wallet(alice))['Id']}/bankingaliases/iban"
    assert sorted(refused(await market.post(path, {}))["errors"]) == ["Country", "OwnerName"]
    assert list(refused(await market.post(path, {"OwnerName": "A", "Country": "US"}))["errors"]) == ["Country"]
    error = refused(await market.post(path, {"OwnerName": "A", "Country": "GB"}))
    assert error["Type"] == "country_not_associated_to_wallet_currency"
    dollars = await market.wallet(alice, "USD")
    body = {"OwnerName": "A", "Country": "FR"}
    error = refused(await market.post(f"/wallets/{dollars['Id']}/bankingaliases/iban", body))
    assert error["Type"] == "wallet_currency_not_supported"
    assert refused(await market.get("/bankingaliases/wltbank_m_nothing"), 404)["Type"] == "ressource_not_found"


async def test_an_alias_is_deactivated_for_good(market: Marketplace) -> None:
    made = await alias(market, await market.wallet(await market.payer()))
    path = f"/bankingaliases/{made['Id']}"
    assert list(refused(await market.put(path, {"Active": True}))["errors"]) == ["Active"]
    assert created(await market.put(path, {"Active": False})) == made | {"Active": False}
    assert created(await market.get(path))["Active"] is False


async def test_an_account_number_is_an_alias_for_old_clients(market: Marketplace) -> None:
    wallet = await market.wallet(await market.payer())
    body = {"OwnerName": "Alice", "Country": "FR", "Tag": "old"}
    made = created(await market.post(f"/wallets/{wallet['Id']}/bankingaliases/accountNumber", body))
    assert (made["Type"], made["Country"], made["Tag"], "IBAN" in made) == ("OTHER", "FR", "old", False)
    assert made["AccountNumber"].isdigit()


@pytest.mark.parametrize(("currency", "country"), [("EUR", "FR"), ("DKK", "DK"), ("GBP", "GB")])
async def test_an_alias_can_be_called_as_a_virtual_account(market: Marketplace, currency: str, country: str) -> None:
    wallet = await market.wallet(await market.payer(), currency)
    made = await alias(market, wallet, country)
    path = f"/wallets/{wallet['Id']}/virtual-accounts/{made['Id']}"
    seen = created(await market.get(path))
    assert (seen["Id"], seen["Status"], seen["AccountOwner"]) == (made["Id"], "ACTIVE", made["OwnerName"])
    assert seen["InternationalAccountDetails"][0]["Account"] == {"Iban": made["IBAN"], "Bic": made["BIC"]}
    assert created(await market.put(path, {"Active": False}))["Status"] == "CLOSED"
    assert created(await market.get(f"/bankingaliases/{made['Id']}"))["Active"] is False


async def test_a_wire_to_an_alias_is_paid_in(market: Marketplace) -> None:
    wallet = await market.wallet(await market.payer())
    made = await alias(market, wallet)
    wire = {"CreditedFunds": {"Currency": "EUR", "Amount": 700}, "Creditor": {"IBAN": made["IBAN"]}}
    payin = created(await market.post("/simulation/payins/bankwire/funding", wire))
    assert payin["BankingAliasId"] == made["Id"]
    assert await market.balance(wallet) == 700
