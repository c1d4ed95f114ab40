"""Wallets and cards: where money is kept, and what it is paid with."""

import pytest

from tests.services.emulator.marketplace import CHALLENGED_CARD, Marketplace, created, refused


async def test_a_wallet_begins_empty_and_keeps_owner_and_currency(market: Marketplace) -> None:
    alice = await market.payer()
    wallet = await market.wallet(alice)
    assert list(wallet) == [
        *("Description", "Owners", "Id", "Balance", "Currency", "FundsType", "Tag", "CreationDate"),
    ]
    assert (wallet["Balance"], wallet["FundsType"]) == ({"Currency": "EUR", "Amount": 0}, "DEFAULT")
    body = {"Description": "Holidays", "Currency": "GBP", "Owners": []}
    changed = created(await market.put(f"/wallets/{wallet['Id']}", body))
    assert changed == wallet | {"Description": "Holidays"}
    assert (await market.get(f"/users/{alice['Id']}/wallets")).json() == [changed]


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ({"Currency": "AZN"}, "Currency", "The currency AZN is not available"),
        ({"Owners": ["a", "b"]}, "Owners", "Owners doesn't support multiple values for the moment"),
        ({"Owners": ["user_m_nobody"]}, "Owners", "The value user_m_nobody is not valid"),
        ({"Description": None}, "Description", "The Description field is required."),
    ],
)
async def test_a_wallet_is_refused_for_what_is_wrong(
    market: Marketplace, wrong: dict[str, object], field: str, message: str
) -> None:
    body = {"Owners": [(await market.payer())["Id"]], "Description": "A wallet", "Currency": "EUR"}
    assert refused(await market.post("/wallets", body | wrong))["errors"] == {field: message}


async def test_the_platform_has_wallets_for_fees_and_repudiations_of_each_currency(market: Marketplace) -> None:
    await market.wallet(await market.payer(), "GBP")
    assert [wallet["Id"] for wallet in (await market.get("/clients/wallets")).json()] == ["FEES_GBP", "CREDIT_GBP"]
    assert created(await market.get("/clients/wallets/fees/GBP"))["FundsType"] == "FEES"
    assert [wallet["Id"] for wallet in (await market.get("/clients/wallets/CREDIT")).json()] == ["CREDIT_GBP"]
    assert created(await market.get("/clients"))["ClientId"] == "local"
    refused(await market.get("/clients/wallets/FEES/JPY"), 404)


async def test_a_card_is_known_by_its_alias_and_its_fingerprint(market: Marketplace) -> None:
    alice, emma = await market.payer("Alice"), await market.payer("Emma")
    card, same, other = await market.card(alice), await market.card(emma), await market.card(emma, CHALLENGED_CARD)
    assert (card["Alias"], card["ExpirationDate"], card["Validity"]) == ("497010XXXXXX1119", "1229", "UNKNOWN")
    assert card["Active"] is True
    assert len(card["Fingerprint"]) == 32
    assert card["Fingerprint"] == same["Fingerprint"] != other["Fingerprint"]
    found = (await market.get(f"/cards/fingerprints/{card['Fingerprint']}")).json()
    assert [row["Id"] for row in found] == [card["Id"], same["Id"]]


@pytest.mark.parametrize(
    ("typed", "code", "result_code"),
    [
        (("4970", "1229", "123"), "02625", "105202"),
        (("4970107111111119", "1329", "123"), "02626", "105203"),
        (("4970107111111119", "1229", "1"), "02627", "105204"),
    ],
)
async def test_the_vault_complains_and_the_registration_fails(
    market: Marketplace, typed: tuple[str, str, str], code: str, result_code: str
) -> None:
    body = {"UserId": (await market.payer())["Id"], "Currency": "EUR"}
    registration = created(await market.post("/cardregistrations", body))
    data = await market.tokenize(registration, *typed)
    assert data == f"errorCode={code}"
    path = f"/cardregistrations/{registration['Id']}"
    failed = created(await market.put(path, {"RegistrationData": data}))
    assert (failed["Status"], failed["ResultCode"], failed["CardId"]) == ("ERROR", result_code, None)


async def test_mallory_cannot_register_with_made_up_data(market: Marketplace) -> None:
    registration = created(
        await market.post("/cardregistrations", {"UserId": (await market.payer())["Id"], "Currency": "EUR"})
    )
    forged = registration | {"PreregistrationData": "forged"}
    assert await market.tokenize(forged, "4970107111111119") == "errorCode=02628"
    path = f"/cardregistrations/{registration['Id']}"
    assert created(await market.put(path, {"RegistrationData": "data=forged"}))["ResultCode"] == "105206"


async def test_a_card_is_deactivated_once_and_for_all(market: Marketplace) -> None:
    alice = await market.payer()
    wallet, card = await market.wallet(alice), await market.card(alice)
    path = f"/cards/{card['Id']}"
    assert created(await market.put(path, {"Active": False}))["Active"] is False
    assert refused(await market.put(path, {"Active": False}))["Type"] == "card_already_not_active"
    assert (await market.get(f"/users/{alice['Id']}/cards", Active="true")).json() == []
    assert len((await market.get(f"/users/{alice['Id']}/cards", Active="False")).json()) == 1
    payin = created(await market.pay_in(card, wallet, 1260))
    assert (payin["Status"], payin["ResultCode"]) == ("FAILED", "101410")


async def test_no_answer_ever_shows_the_number_or_what_is_kept_for_ourselves(market: Marketplace) -> None:
    alice = await market.payer()
    wallet, card = await market.wallet(alice), await market.card(alice)
    payin = created(await market.pay_in(card, wallet, 1260))
    hook = await market.hook("PAYIN_NORMAL_FAILED", "http://127.0.0.1/")
    paths = [
        *("users", f"users/{alice['Id']}", f"wallets/{wallet['Id']}", f"cards/{card['Id']}", "events"),
        *(f"payins/{payin['Id']}", f"hooks/{hook['Id']}", f"wallets/{wallet['Id']}/transactions"),
    ]
    for path in paths:
        text = (await market.get(f"/{path}")).text
        assert "4970107111111119" not in text
        assert '"_' not in text
