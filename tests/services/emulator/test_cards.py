"""Cards: how they are registered, what is known of them, and how long they are good."""

import pytest

from tests.services.emulator.cards import DAY_S, deposited, payment, preauthorized, registered
from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import CHALLENGED_CARD, FRICTIONLESS_CARD, Json, Marketplace, created, refused


async def registration_of(market: Marketplace, **more: object) -> Json:
    body: Json = {"UserId": (await market.payer())["Id"], "Currency": "EUR"}
    return created(await market.post("/cardregistrations", body | more))


async def test_a_registration_waits_for_its_data(market: Marketplace) -> None:
    registration = await registration_of(market, Tag="for Alice")
    assert registration["Id"].startswith("cardreg_m_")
    assert set(registration) == {
        *("Id", "Tag", "CreationDate", "UserId", "AccessKey", "PreregistrationData", "RegistrationData", "CardId"),
        *("CardType", "CardRegistrationURL", "ResultCode", "ResultMessage", "Currency", "Status"),
    }
    assert (registration["Status"], registration["CardType"]) == ("CREATED", "CB_VISA_MASTERCARD")
    assert registration["CardId"] is registration["RegistrationData"] is registration["ResultCode"] is None
    assert created(await market.get(f"/cardregistrations/{registration['Id']}")) == registration


async def test_a_registered_card_takes_holder_and_tag_with_it(market: Marketplace) -> None:
    registration = await registration_of(market, Tag="for Alice")
    data = await market.tokenize(registration, FRICTIONLESS_CARD)
    assert data.startswith("data=")
    body = {"RegistrationData": data, "CardHolderName": "Alice Martin"}
    path = f"/cardregistrations/{registration['Id']}"
    done = created(await market.put(path, body))
    assert (done["Status"], done["ResultCode"], done["ResultMessage"]) == ("VALIDATED", "000000", "Success")
    assert (done["RegistrationData"], "CardHolderName" in done) == (data, False)
    card = created(await market.get(f"/cards/{done['CardId']}"))
    assert (card["CardHolderName"], card["Tag"], card["Currency"]) == ("Alice Martin", "for Alice", "EUR")
    assert created(await market.put(path, body)) == done
    assert refused(await market.put(path, {"RegistrationData": "data=other"}))["Type"] == "invalid_action"


async def test_a_card_shows_what_the_bank_tells(market: Marketplace) -> None:
    card = await market.card(await market.payer())
    assert set(card) == {
        *("ExpirationDate", "Alias", "CardType", "CardProvider", "Country", "Product", "BankCode", "Active"),
        *("Currency", "Validity", "UserId", "Id", "Tag", "CreationDate", "Fingerprint", "CardHolderName"),
    }
    assert (card["CardType"], card["CardProvider"], card["Country"]) == ("CB_VISA_MASTERCARD", "VISA", "FRA")
    assert (card["Product"], card["BankCode"]) == ("I", "unknown")


@pytest.mark.parametrize(
    ("card_type", "number", "provider"),
    [
        ("CB_VISA_MASTERCARD", "5555555555554444", "MASTERCARD"),
        ("AMEX", "375989111111119", "AMEX"),
        ("MAESTRO", "5033951000000004", "MAESTRO"),
        ("BCMC", "5033951000000004", "BCMC"),
        ("CB_VISA_MASTERCARD", "3566002020360505", "JCB"),
        ("CB_VISA_MASTERCARD", "6011111111111117", "DISCOVER"),
    ],
)
async def test_the_number_tells_the_provider(market: Marketplace, card_type: str, number: str, provider: str) -> None:
    card = await registered(market, await market.payer(), card_type, number, cvx="1234")
    assert (card["CardProvider"], card["CardType"]) == (provider, card_type)
    assert card["Alias"] == f"{number[:6]}{'X' * (len(number) - 10)}{number[-4:]}"


async def test_a_card_is_known_by_its_alias_and_its_fingerprint(market: Marketplace) -> None:
    alice, emma = await market.payer("Alice"), await market.payer("Emma")
    card, same, other = await market.card(alice), await market.card(emma), await market.card(emma, CHALLENGED_CARD)
    assert (card["Alias"], card["ExpirationDate"], card["Validity"]) == ("497010XXXXXX1119", "1229", "UNKNOWN")
    assert card["Active"] is True
    assert len(card["Fingerprint"]) == 32
    assert card["Fingerprint"] == same["Fingerprint"] != other["Fingerprint"]
    path = f"/cards/fingerprints/{card['Fingerprint']}"
    assert [row["Id"] for row in (await market.get(path)).json()] == [card["Id"], same["Id"]]
    assert [row["Id"] for row in (await market.get(f"{path}/users")).json()] == [alice["Id"], emma["Id"]]
    created(await market.put(f"/sca/users/natural/{alice['Id']}", {"Tag": "known", "TermsAndConditionsAccepted": True}))
    assert len((await market.get(f"{path}/users")).json()) == 2
    assert (await market.get(f"/cards/fingerprints/{'0' * 32}")).json() == []


async def test_the_lists_of_a_fingerprint_hold_what_was_done_with_any_of_its_cards(market: Marketplace) -> None:
    alice, emma = await market.payer("Alice"), await market.payer("Emma")
    wallet, card, same = await market.wallet(alice), await market.card(alice), await market.card(emma)
    paid, failed = created(await market.pay_in(card, wallet, 100)), created(await market.pay_in(same, wallet, 33305))
    held, deposit = await preauthorized(market, card, 200), await deposited(market, card, 300)
    path = f"/cards/fingerprints/{card['Fingerprint']}"
    rows = (await market.get(f"{path}/transactions")).json()
    assert [row["Id"] for row in rows] == [paid["Id"], failed["Id"]]
    assert [row["Id"] for row in (await market.get(f"{path}/transactions", Status="FAILED")).json()] == [failed["Id"]]
    assert [row["Id"] for row in (await market.get(f"{path}/preauthorizations")).json()] == [held["Id"]]
    assert [row["Id"] for row in (await market.get(f"{path}/deposit-preauthorizations")).json()] == [deposit["Id"]]
    mine = (await market.get(f"/cards/{card['Id']}/transactions", Type="PAYIN")).json()
    assert [row["Id"] for row in mine] == [paid["Id"]]


@pytest.mark.parametrize(
    ("typed", "code", "result_code"),
    [
        (("4970", "1229", "123"), "02625", "105202"),
        (("4970107111111119", "1329", "123"), "02626", "105203"),
        (("4970107111111119", "1220", "123"), "02624", "105203"),
        (("4970107111111119", "1229", "1"), "02627", "105204"),
    ],
)
async def test_the_vault_complains_and_the_registration_fails(
    market: Marketplace, typed: tuple[str, str, str], code: str, result_code: str
) -> None:
    registration = await registration_of(market)
    data = await market.tokenize(registration, *typed)
    assert data == f"errorCode={code}"
    path = f"/cardregistrations/{registration['Id']}"
    failed = created(await market.put(path, {"RegistrationData": data}))
    assert (failed["Status"], failed["ResultCode"], failed["CardId"]) == ("ERROR", result_code, None)


async def test_mallory_cannot_register_with_made_up_data(market: Marketplace) -> None:
    registration = await registration_of(market)
    forged = registration | {"PreregistrationData": "forged"}
    assert await market.tokenize(forged, FRICTIONLESS_CARD) == "errorCode=09201"
    assert await market.tokenize(registration | {"AccessKey": "guessed"}, FRICTIONLESS_CARD) == "errorCode=09101"
    path = f"/cardregistrations/{registration['Id']}"
    assert created(await market.put(path, {"RegistrationData": "data=forged"}))["ResultCode"] == "105206"
    assert await market.tokenize(registration, FRICTIONLESS_CARD) == "errorCode=02631"
    assert (await market.browser.get("/vault/tokenize")).text == "errorCode=02632"


async def test_the_vault_leads_a_form_with_a_return_url_back(market: Marketplace) -> None:
    registration = await registration_of(market)
    form = {"accessKeyRef": registration["AccessKey"], "data": registration["PreregistrationData"]}
    form |= {"cardNumber": "1", "cardExpirationDate": "1229", "cardCvx": "123", "returnURL": "https://example.com/x"}
    led = await market.browser.post("/vault/tokenize", data=form)
    assert led.headers["Location"] == "https://example.com/x?errorCode=02625"
    led = await market.browser.post("/vault/tokenize", data=form | {"returnURL": "https://example.com/#/x"})
    assert led.headers["Location"] == "https://example.com/?errorCode=02625#/x"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"UserId": "user_m_nobody"}, "UserId"), ({"Currency": "XXX"}, "Currency"), ({"CardType": "GOLD"}, "CardType")],
)
async def test_a_registration_is_refused_for_what_is_wrong(market: Marketplace, wrong: Json, field: str) -> None:
    body = {"UserId": (await market.payer())["Id"], "Currency": "EUR"} | wrong
    assert list(refused(await market.post("/cardregistrations", body))["errors"]) == [field]
    refused(await market.get("/cardregistrations/cardreg_m_none"), 404)


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


async def test_a_cards_holder_is_named_once(market: Marketplace) -> None:
    path = f"/cards/{(await market.card(await market.payer()))['Id']}"
    assert "CardHolderName" in refused(await market.put(path, {"CardHolderName": "A"}))["errors"]
    assert created(await market.put(path, {"CardHolderName": "Alice Martin"}))["CardHolderName"] == "Alice Martin"
    error = refused(await market.put(path, {"CardHolderName": "Alice Durand"}))
    assert error["errors"] == {"cardHolderName": "card holder name already exists"}
    # A client that sends back all of a card may still deactivate it.
    assert created(await market.put(path, {"CardHolderName": "Alice Martin", "Active": False}))["Active"] is False


async def test_a_card_that_nobody_uses_for_a_day_becomes_invalid(market: Marketplace, control: Controls) -> None:
    alice = await market.payer()
    wallet, idle, used = await market.wallet(alice), await market.card(alice), await market.card(alice)
    created(await market.pay_in(used, wallet, 100))
    await control.advance(DAY_S + 1)
    assert created(await market.get(f"/cards/{idle['Id']}"))["Validity"] == "INVALID"
    assert created(await market.get(f"/cards/{used['Id']}"))["Validity"] == "VALID"
    assert created(await market.pay_in(idle, wallet, 100))["ResultCode"] == "101106"
    assert created(await market.pay_in(used, wallet, 100))["Status"] == "SUCCEEDED"


async def test_mallory_does_not_spoil_alices_card_by_trying_it(market: Marketplace) -> None:
    alice, mallory = await market.payer("Alice"), await market.payer("Mallory")
    card = await market.card(alice)
    stolen = card | {"UserId": mallory["Id"]}
    assert created(await market.pay_in(stolen, await market.wallet(mallory), 100))["ResultCode"] == "001023"
    assert created(await market.get(f"/cards/{card['Id']}"))["Validity"] == "UNKNOWN"


async def test_an_expired_card_pays_nothing(market: Marketplace, control: Controls) -> None:
    alice = await market.payer()
    wallet, card = await market.wallet(alice), await market.card(alice)
    await control.do("card.expire", card["Id"])
    assert created(await market.pay_in(card, wallet, 100))["ResultCode"] == "101105"
    assert (await preauthorized(market, card, 100))["ResultCode"] == "101105"


async def test_the_bank_refuses_a_card_with_the_code_999(market: Marketplace) -> None:
    alice = await market.payer()
    card = await registered(market, alice, "CB_VISA_MASTERCARD", FRICTIONLESS_CARD, cvx="999")
    assert created(await market.pay_in(card, await market.wallet(alice), 100))["ResultCode"] == "101101"


async def test_no_answer_ever_shows_the_number_or_what_is_kept_for_ourselves(market: Marketplace) -> None:
    alice = await market.payer()
    wallet, card = await market.wallet(alice), await market.card(alice)
    payin = created(await market.pay_in(card, wallet, 1260))
    held, deposit = await preauthorized(market, card, 100), await deposited(market, card, 100)
    fresh = await market.card(alice)
    validation = created(await market.post(f"/cards/{fresh['Id']}/validation", payment(fresh)))
    hook = await market.hook("PAYIN_NORMAL_FAILED", "http://127.0.0.1/")
    paths = [
        *("users", f"users/{alice['Id']}", f"wallets/{wallet['Id']}", f"cards/{card['Id']}", "events"),
        *(f"payins/{payin['Id']}", f"hooks/{hook['Id']}", f"wallets/{wallet['Id']}/transactions"),
        *(f"preauthorizations/{held['Id']}", f"deposit-preauthorizations/{deposit['Id']}"),
        *(f"cards/{fresh['Id']}/validation/{validation['Id']}", f"users/{alice['Id']}/preauthorizations"),
    ]
    for path in paths:
        text = (await market.get(f"/{path}")).text
        assert FRICTIONLESS_CARD not in text
        assert '"_' not in text


async def test_a_filter_by_activity_takes_one_and_zero_as_some_clients_send_them(market: Marketplace) -> None:
    alice = await market.payer()
    active, given_up = await market.card(alice), await market.card(alice)
    created(await market.put(f"/cards/{given_up['Id']}", {"Active": False}))
    for value, card in (("1", active), ("0", given_up)):
        rows = (await market.get(f"/users/{alice['Id']}/cards", Active=value)).json()
        assert [row["Id"] for row in rows] == [card["Id"]]


async def test_a_closed_user_registers_and_validates_no_card(market: Marketplace) -> None:
    alice = await market.payer()
    card = await market.card(alice)
    await market.close(alice)
    body = {"UserId": alice["Id"], "Currency": "EUR"}
    assert refused(await market.post("/cardregistrations", body))["Type"] == "user_closed"
    assert refused(await market.post(f"/cards/{card['Id']}/validation", payment(card)))["Type"] == "user_closed"
