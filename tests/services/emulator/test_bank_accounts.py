"""The five legacy kinds of bank account, and how they are recipients too."""

import pytest

from tests.services.emulator.banking import BRITISH, LEGACY, OWNER, legacy_account
from tests.services.emulator.marketplace import Json, Marketplace, created, owner_body, refused


@pytest.mark.parametrize("kind", LEGACY)
async def test_an_account_of_each_kind_is_created_viewed_and_listed(market: Marketplace, kind: str) -> None:
    bob = await market.owner()
    account = await legacy_account(market, bob, kind, Tag="payouts")
    assert account["Id"].startswith("bankacc_m_")
    assert (account["Type"], account["UserId"], account["Active"]) == (kind.upper(), bob["Id"], True)
    assert (account["OwnerName"], account["Tag"]) == ("Bob Martin", "payouts")
    assert account["OwnerAddress"] | {"AddressLine2": None, "Region": None} == account["OwnerAddress"]
    assert account.items() >= LEGACY[kind].items()
    path = f"/users/{bob['Id']}/bankaccounts"
    assert created(await market.get(f"{path}/{account['Id']}")) == account
    assert (await market.get(path)).json() == [account]


async def test_only_its_owner_has_an_account(market: Marketplace) -> None:
    bob, mallory = await market.owner(), await market.owner("Mallory")
    account = await market.account(bob)
    for path in (f"/users/{mallory['Id']}/bankaccounts/{account['Id']}", f"/users/{bob['Id']}/bankaccounts/nothing"):
        error = refused(await market.get(path), 404)
        assert error["Type"] == "ressource_not_found"


async def test_what_is_missing_or_malformed_is_named_field_by_field(market: Marketplace) -> None:
    path = f"/users/{(await market.owner())['Id']}/bankaccounts"

    async def errors(kind: str, **more: object) -> Json:
        error = refused(await market.post(f"{path}/{kind}", OWNER | LEGACY[kind] | more))
        assert error["Type"] == "param_error"
        return dict(error["errors"])

    missing = refused(await market.post(f"{path}/gb", {}))["errors"]
    assert missing["OwnerName"] == "The OwnerName field is required."
    assert {"OwnerAddress.AddressLine1", "SortCode", "AccountNumber"} <= missing.keys()
    assert await errors("iban", IBAN="FR7630004000031234567890144") == {"IBAN": "The value is not a valid IBAN"}
    assert await errors("iban", IBAN="FR76300040000312345678901") == {"IBAN": "The value is not a valid IBAN"}
    assert await errors("iban", IBAN="CU0000000000000000000000") == {"IBAN": "The value is not a valid IBAN"}
    bic = r"The field BIC must match the regular expression '^[a-zA-Z]{6}\w{2}(\w{3})?$'."
    assert await errors("iban", BIC="12") == {"BIC": bic}
    sort_code = r"The field SortCode must match the regular expression '^\d{6}$'."
    assert await errors("gb", SortCode="20") == {"SortCode": sort_code}
    assert list(await errors("us", ABA="1", DepositAccountType="GOLD")) == ["ABA", "DepositAccountType"]
    assert list(await errors("ca", InstitutionNumber="1", BranchCode="x", AccountNumber="1")) == [
        *("AccountNumber", "InstitutionNumber", "BranchCode"),
    ]
    assert await errors("other", Country="KP") == {"Country": "The Country used is blocked"}
    assert await errors("other", Country="RU") == {"Country": "The Country used is blocked"}
    american = OWNER["OwnerAddress"] | {"Country": "US"}  # type: ignore[operator]
    assert await errors("us", OwnerAddress=american) == {
        "OwnerAddress.Region": "The Region is a required field for this Country"
    }


async def test_a_british_bank_knows_no_account_of_zeros(market: Marketplace) -> None:
    path = f"/users/{(await market.owner())['Id']}/bankaccounts/gb"
    error = refused(await market.post(path, OWNER | BRITISH | {"SortCode": "000000"}))
    assert (error["Type"], error["errors"]) == ("bankaccount_error", {"SortCode": "SortCode is invalid"})
    assert error["Message"] == "One or several required parameters are missing or incorrect"
    error = refused(await market.post(path, OWNER | BRITISH | {"AccountNumber": "00000000"}))
    assert error["errors"] == {"AccountNumber": "AccountNumber is invalid or is not applicable for this SortCode"}


async def test_a_savings_account_must_be_asked_for(market: Marketplace) -> None:
    bob = await market.owner()
    body = {name: value for name, value in (OWNER | LEGACY["us"]).items() if name != "DepositAccountType"}
    account = created(await market.post(f"/users/{bob['Id']}/bankaccounts/us", body))
    assert account["DepositAccountType"] == "CHECKING"
    assert (await legacy_account(market, bob, "us", DepositAccountType="SAVINGS"))["DepositAccountType"] == "SAVINGS"


async def test_an_account_is_deactivated_for_good_and_filtered_by_it(market: Marketplace) -> None:
    bob = await market.owner()
    kept, gone = await market.account(bob), await legacy_account(market, bob, "gb")
    path = f"/users/{bob['Id']}/bankaccounts"
    assert created(await market.put(f"{path}/{gone['Id']}", {"Active": False})) == gone | {"Active": False}
    assert "Active" in refused(await market.put(f"{path}/{gone['Id']}", {"Active": True}))["errors"]
    assert [row["Id"] for row in (await market.get(path, Active="true")).json()] == [kept["Id"]]
    assert [row["Id"] for row in (await market.get(path, Active="false")).json()] == [gone["Id"]]
    assert created(await market.get(f"/recipients/{gone['Id']}"))["Status"] == "DEACTIVATED"


async def test_a_closed_user_opens_no_account(market: Marketplace) -> None:
    bob = await market.owner()
    assert (await market.close(bob)).status_code == 204
    error = refused(await market.post(f"/users/{bob['Id']}/bankaccounts/iban", OWNER | LEGACY["iban"]))
    assert error["Type"] == "user_closed"


async def test_an_account_lists_the_payouts_that_name_it_either_way(market: Marketplace) -> None:
    bob = await market.owner()
    till, account = await market.funded(bob, 10_000), await market.account(bob)
    await market.document(bob)
    first = created(await market.pay_out(till, account, 1_000))
    second = created(await market.pay_out(till, {"Id": None}, 2_000, RecipientId=account["Id"]))
    path = f"/bankaccounts/{account['Id']}/transactions"
    assert [row["Id"] for row in (await market.get(path)).json()] == [first["Id"], second["Id"]]
    assert (await market.get(path, Status="FAILED")).json() == []
    assert refused(await market.get("/bankaccounts/nothing/transactions"), 404)["Type"] == "ressource_not_found"


async def test_an_account_is_a_recipient_under_the_same_id(market: Marketplace) -> None:
    bob = await market.owner()
    account = await market.account(bob)
    seen = created(await market.get(f"/recipients/{account['Id']}"))
    assert (seen["Id"], seen["DisplayName"], seen["Status"]) == (account["Id"], None, "ACTIVE")
    assert (seen["PayoutMethodType"], seen["Currency"], seen["Country"]) == ("LocalBankTransfer", "EUR", "FR")
    assert seen["LocalBankTransfer"] == {"EUR": {"IBAN": account["IBAN"], "BIC": "BNPAFRPP"}}
    assert seen["IndividualRecipient"]["FirstName"] == "Bob"
    assert [row["Id"] for row in (await market.get(f"/users/{bob['Id']}/recipients")).json()] == [account["Id"]]
    created(await market.put(f"/recipients/{account['Id']}", {"Status": "DEACTIVATED"}))
    assert created(await market.get(f"/users/{bob['Id']}/bankaccounts/{account['Id']}"))["Active"] is False


@pytest.mark.parametrize(
    ("kind", "method", "currency", "country"),
    [
        ("gb", "LocalBankTransfer", "GBP", "GB"),
        ("us", "LocalBankTransfer", "USD", "US"),
        ("ca", "LocalBankTransfer", "CAD", "CA"),
        ("other", "InternationalBankTransfer", "USD", "SG"),
    ],
)
async def test_accounts_of_other_kinds_are_recipients_too(
    market: Marketplace, kind: str, method: str, currency: str, country: str
) -> None:
    account = await legacy_account(market, await market.owner(), kind)
    seen = created(await market.get(f"/recipients/{account['Id']}"))
    assert (seen["PayoutMethodType"], seen["Currency"], seen["Country"]) == (method, currency, country)
    details = seen[method] if method == "InternationalBankTransfer" else seen[method][currency]
    assert details["AccountNumber"] == account["AccountNumber"]


async def test_the_platform_has_an_account_of_its_own(market: Marketplace) -> None:
    account = created(await market.post("/clients/bankaccounts/iban", OWNER | LEGACY["iban"]))
    assert (account["UserId"], account["Type"], account["Active"]) == ("local", "IBAN", True)
    assert "IBAN" in refused(await market.post("/clients/bankaccounts/iban", OWNER))["errors"]


async def test_a_user_of_the_legacy_endpoints_opens_accounts_too(market: Marketplace) -> None:
    bob = created(await market.post("/users/natural", owner_body()))
    assert (await market.account(bob))["UserId"] == bob["Id"]


async def test_an_account_opened_today_is_paid_out_to(market: Marketplace) -> None:
    bob = await market.owner()
    till, account = await market.funded(bob, 10_000), await market.account(bob)
    await market.document(bob)
    payout = created(await market.pay_out(till, account, 1_000))
    assert created(await market.get(f"/payouts/{payout['Id']}"))["Status"] == "SUCCEEDED"
