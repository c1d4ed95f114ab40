"""Virtual accounts: who may have which, what they look like, and what arrives there."""

import pytest

from services.emulator.rules.ibans import is_iban
from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import Json, Marketplace, created, owner_body, refused

PLACES = [
    *(("EUR", "LU"), ("EUR", "FR"), ("EUR", "ES"), ("EUR", "DE"), ("GBP", "GB"), ("DKK", "DK"), ("PLN", "PL")),
    *(("AUD", "AU"), ("USD", "US"), ("CAD", "CA")),
]
LOCAL_FIELDS = {
    "GB": {"SortCode", "AccountNumber"},
    "DK": {"BankCode", "AccountNumber"},
    "AU": {"BSBCode", "AccountNumber"},
    "US": {"AccountNumber", "AchNumber", "FedWireNumber", "AccountType"},
    "CA": {"BranchCode", "InstitutionNumber", "AccountNumber"},
}
EUROPEAN = {"IBAN", "BIC", "Iban", "Bic"}


def body(country: str = "FR", purpose: str = "COLLECTION", **more: object) -> Json:
    return {"Country": country, "VirtualAccountPurpose": purpose} | more


async def virtual_account(market: Marketplace, wallet: Json, country: str = "FR", tag: str | None = None) -> Json:
    return created(await market.post(f"/wallets/{wallet['Id']}/virtual-accounts", body(country, Tag=tag)))


@pytest.mark.parametrize(("currency", "country"), PLACES)
async def test_an_account_has_the_numbers_of_its_country(market: Marketplace, currency: str, country: str) -> None:
    alice = await market.payer()
    wallet = await market.wallet(alice, currency)
    made = await virtual_account(market, wallet, country, tag="shop")
    assert made["Id"].startswith("wltbank_m_")
    assert (made["Status"], made["Active"], made["ResultCode"]) == ("ACTIVE", True, "000000")
    assert (made["WalletId"], made["CreditedUserId"], made["Tag"]) == (wallet["Id"], alice["Id"], "shop")
    assert (made["VirtualAccountPurpose"], made["AccountOwner"]) == ("COLLECTION", "MGP local")
    assert set(made["LocalAccountDetails"]["Account"]) == LOCAL_FIELDS.get(country, EUROPEAN)
    assert {"StreetName", "PostCode", "TownName", "CountrySubDivision", "Country"} == set(
        made["LocalAccountDetails"]["Address"]
    )
    is_abroad = country not in ("AU", "US", "CA")
    assert made["Capabilities"] == {
        "LocalPayinAvailable": True,
        "InternationalPayinAvailable": is_abroad,
        "Currencies": [currency],
    }
    if is_abroad:
        (abroad,) = made["InternationalAccountDetails"]
        assert is_iban(abroad["Account"]["Iban"])
        assert abroad["Account"]["Iban"].startswith(country)
    else:
        assert made["InternationalAccountDetails"] is None
    path = f"/wallets/{wallet['Id']}/virtual-accounts"
    assert created(await market.get(f"{path}/{made['Id']}")) == made
    assert (await market.get(path)).json() == [made]
    assert (await market.events())[-1] == ("VIRTUAL_ACCOUNT_ACTIVE", made["Id"])


async def test_a_wallet_has_several_accounts_of_one_purpose(market: Marketplace) -> None:
    bob = await market.owner()
    await market.document(bob)
    wallet = await market.wallet(bob)
    path = f"/wallets/{wallet['Id']}/virtual-accounts"
    first, second = await virtual_account(market, wallet), await virtual_account(market, wallet, "DE")
    assert [row["Id"] for row in (await market.get(path, Sort="CreationDate:DESC")).json()] == [
        *(second["Id"], first["Id"]),
    ]
    error = refused(await market.post(path, body(purpose="USER_OWNED")))
    assert error["Type"] == "incorrect_account_purpose_for_wallet"
    assert error["Message"] == "The wallet already has an associated Collection Virtual Account"
    for made in (first, second):
        created(await market.put(f"{path}/{made['Id']}", {"Active": False}))
    owned = created(await market.post(path, body(purpose="USER_OWNED")))
    assert owned["AccountOwner"] == "Bob Martin"
    error = refused(await market.post(path, body()))
    assert error["Message"] == "The wallet already has an associated User Owned Virtual Account"


async def test_an_account_in_ones_own_name_takes_a_verified_owner_with_an_address(market: Marketplace) -> None:
    async def attempt(user: Json) -> Json:
        wallet = await market.wallet(user)
        answer = await market.post(f"/wallets/{wallet['Id']}/virtual-accounts", body(purpose="USER_OWNED"))
        return {"Status": answer.status_code, "Type": answer.json().get("Type")}

    forbidden = {"Status": 403, "Type": "forbidden_ressource"}
    assert await attempt(await market.payer()) == forbidden
    assert await attempt(await market.owner()) == forbidden
    homeless = created(await market.post("/sca/users/natural", owner_body() | {"Address": None}))
    await market.document(homeless)
    assert await attempt(homeless) == {"Status": 400, "Type": "user_error"}


async def test_the_country_follows_the_wallets_currency(market: Marketplace) -> None:
    alice = await market.payer()
    path = f"/wallets/{(await market.wallet(alice))['Id']}/virtual-accounts"
    error = refused(await market.post(path, body("GB")))
    assert error["Type"] == "country_not_associated_to_wallet_currency"
    assert error["Message"] == "Invalid country GB for EUR wallet. Possible value(s): LU/FR/ES/DE."
    swiss = await market.wallet(alice, "CHF")
    error = refused(await market.post(f"/wallets/{swiss['Id']}/virtual-accounts", body("CH")))
    assert error["Type"] == "wallet_currency_not_supported"
    assert error["Message"] == "Wallet currency not supported. Supported values: EUR/GBP/AUD/DKK/PLN."
    assert sorted(refused(await market.post(path, {}))["errors"]) == ["Country", "VirtualAccountPurpose"]
    assert list(refused(await market.post(path, body(purpose="FUN")))["errors"]) == ["VirtualAccountPurpose"]
    assert refused(await market.post("/wallets/wlt_m_nothing/virtual-accounts", body()), 404)


async def test_an_account_is_closed_for_good(market: Marketplace) -> None:
    wallet = await market.wallet(await market.payer())
    made = await virtual_account(market, wallet)
    path = f"/wallets/{wallet['Id']}/virtual-accounts/{made['Id']}"
    assert list(refused(await market.put(path, {"Active": True}))["errors"]) == ["Active"]
    closed = created(await market.put(path, {"Active": False}))
    assert closed == made | {"Status": "CLOSED", "Active": False}
    assert (await market.events())[-1] == ("VIRTUAL_ACCOUNT_CLOSED", made["Id"])
    before = len(await market.events())
    assert created(await market.put(path, {"Active": False})) == closed
    assert len(await market.events()) == before


async def test_an_account_belongs_to_its_wallet(market: Marketplace) -> None:
    alice = await market.payer()
    made, other = await virtual_account(market, await market.wallet(alice)), await market.wallet(alice)
    error = refused(await market.get(f"/wallets/{other['Id']}/virtual-accounts/{made['Id']}"), 404)
    assert error["Type"] == "ressource_not_found"


async def test_what_can_be_had_is_listed_by_purpose(market: Marketplace) -> None:
    found = created(await market.get("/virtual-accounts/availability"))
    assert set(found) == {"Collection", "UserOwned"}
    assert {"Country": "FR", "Available": True, "Currencies": ["EUR"]} in found["Collection"]
    assert {row["Country"] for row in found["UserOwned"] if row["Available"]} == {country for _, country in PLACES}


async def test_a_wire_to_an_account_is_paid_in(market: Marketplace) -> None:
    wallet = await market.wallet(await market.payer())
    made = await virtual_account(market, wallet)
    iban = made["LocalAccountDetails"]["Account"]["IBAN"]
    wire = {"CreditedFunds": {"Currency": "EUR", "Amount": 1_234}, "Creditor": {"IBAN": f"{iban[:4]} {iban[4:]}"}}
    payin = created(await market.post("/simulation/payins/bankwire/funding", wire))
    assert (payin["ExecutionType"], payin["BankingAliasId"]) == ("EXTERNAL_INSTRUCTION", made["Id"])
    assert await market.balance(wallet) == 1_234
    created(await market.put(f"/wallets/{wallet['Id']}/virtual-accounts/{made['Id']}", {"Active": False}))
    payin = created(await market.post("/simulation/payins/bankwire/funding", wire))
    assert (payin["Status"], payin["ResultCode"]) == ("FAILED", "101025")
    assert await market.balance(wallet) == 1_234


async def test_a_british_account_is_reached_by_its_number(market: Marketplace) -> None:
    wallet = await market.wallet(await market.payer(), "GBP")
    made = await virtual_account(market, wallet, "GB")
    creditor = {"AccountNumber": made["LocalAccountDetails"]["Account"]["AccountNumber"]}
    wire = {"CreditedFunds": {"Currency": "GBP", "Amount": 500}, "Creditor": creditor}
    created(await market.post("/simulation/payins/bankwire/funding", wire))
    assert await market.balance(wallet) == 500


async def test_the_control_plane_blocks_closes_and_fails_accounts(market: Marketplace, control: Controls) -> None:
    wallet = await market.wallet(await market.payer())
    made, other = await virtual_account(market, wallet), await virtual_account(market, wallet)
    steps = [("block", "BLOCKED"), ("unblock", "ACTIVE"), ("block", "BLOCKED"), ("close", "CLOSED")]
    for verb, status in steps:
        seen = await control.do(f"virtual_account.{verb}", made["Id"])
        assert (seen["Status"], seen["Active"]) == (status, status == "ACTIVE")
        assert (await market.events())[-1] == (f"VIRTUAL_ACCOUNT_{status}", made["Id"])
    refused(await control.post(f"/do/virtual_account.block/{made['Id']}"))
    failed = await control.do("virtual_account.fail", other["Id"])
    assert (failed["Status"], failed["ResultCode"]) == ("FAILED", "001999")
    path = f"/wallets/{wallet['Id']}/virtual-accounts"
    assert [row["Id"] for row in (await market.get(path, Status="FAILED")).json()] == [other["Id"]]
