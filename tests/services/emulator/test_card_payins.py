"""Paying in by card: with a saved one, and on a hosted page."""

import pytest

from tests.services.emulator.cards import answer, payment
from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import ADDRESS, CHALLENGED_CARD, Json, Marketplace, created, refused

PARIS: Json = {"FirstName": "Emma", "LastName": "Durand", "Address": ADDRESS}
NOWHERE = dict.fromkeys(("AddressLine1", "AddressLine2", "City", "Region", "PostalCode", "Country"))


async def web(market: Marketplace, author: Json, wallet: Json, amount: int = 1000, **more: object) -> Json:
    body: Json = {
        "AuthorId": author["Id"],
        "CreditedWalletId": wallet["Id"],
        "DebitedFunds": {"Currency": wallet["Currency"], "Amount": amount},
        "Fees": {"Currency": wallet["Currency"], "Amount": 0},
        "ReturnURL": "https://example.com/thanks",
        "CardType": "CB_VISA_MASTERCARD",
        "Culture": "FR",
    }
    return created(await market.post("/payins/card/web", body | more))


async def test_a_direct_payin_shows_all_of_its_members(market: Marketplace) -> None:
    alice = await market.payer()
    flow = {"FlowId": "basket 1", "Beneficiaries": [{"UserId": alice["Id"]}]}
    payin = created(
        await market.pay_in(
            await market.card(alice),
            await market.wallet(alice),
            1000,
            StatementDescriptor="LOCAL MARKET 22 CHARS1",
            PreferredCardNetwork="VISA",
            FlowDescriptor=flow,
            Requested3DSVersion="V2_1",
            AccountFunding={"Purpose": "TOP_UP", "Sender": {"FirstName": "Alice"}},
            ProfilingAttemptReference="never echoed",
        )
    )
    assert set(payin) == {
        *("Id", "Tag", "CreationDate", "AuthorId", "CreditedUserId", "DebitedFunds", "CreditedFunds", "Fees"),
        *("Status", "ResultCode", "ResultMessage", "ExecutionDate", "Type", "Nature", "CreditedWalletId"),
        *("DebitedWalletId", "PaymentType", "ExecutionType", "SecureMode", "CardId", "SecureModeReturnURL"),
        *("SecureModeRedirectURL", "SecureModeNeeded", "Culture", "SecurityInfo", "StatementDescriptor"),
        *("BrowserInfo", "IpAddress", "Billing", "Shipping", "Requested3DSVersion", "Applied3DSVersion"),
        *("RecurringPayinRegistrationId", "PreferredCardNetwork", "PaymentCategory", "CardInfo"),
        *("AuthenticationResult", "FlowDescriptor", "AccountFunding"),
    }
    assert (payin["SecureMode"], payin["PaymentCategory"], payin["Culture"]) == ("DEFAULT", "ECommerce", "EN")
    assert (payin["Requested3DSVersion"], payin["Applied3DSVersion"]) == ("V2_1", "V2_1")
    assert payin["CardInfo"] == {
        "BIN": "497010",
        "IssuingBank": "LA BANQUE POSTALE",
        "IssuerCountryCode": "FR",
        "Type": "CREDIT",
        "Brand": "VISA",
        "SubType": None,
    }
    assert payin["AuthenticationResult"] == {"AuthenticationType": "FRICTIONLESS"}
    assert payin["FlowDescriptor"] == flow
    assert payin["AccountFunding"]["Sender"]["FirstName"] == "Alice"
    assert payin["SecureModeReturnURL"] == f"https://example.com/back?transactionId={payin['Id']}"


async def test_addresses_default_to_each_other_and_to_the_user(market: Marketplace) -> None:
    alice, bob = await market.payer(), await market.owner()
    wallet, card, of_bob = await market.wallet(alice), await market.card(alice), await market.card(bob)
    told = created(await market.pay_in(card, wallet, 100, Shipping=PARIS))
    assert told["Billing"] == told["Shipping"]
    assert (told["Billing"]["FirstName"], told["Billing"]["Address"]["City"]) == ("Emma", "Paris")
    untold = created(await market.pay_in(card, wallet, 100))
    assert untold["Billing"] == {"FirstName": "Alice", "LastName": "Martin", "Address": NOWHERE}
    at_home = created(await market.pay_in(of_bob, wallet, 100))
    assert at_home["Shipping"]["Address"]["City"] == "Paris"


@pytest.mark.parametrize(
    ("postcode", "result"),
    [
        ("22000", "FULL_MATCH"),
        ("42AB1", "ADDRESS_MATCH_ONLY"),
        ("24000", "POSTAL_CODE_MATCH_ONLY"),
        ("88000", "NO_MATCH"),
        ("SW1A", "NO_CHECK"),
    ],
)
async def test_the_postcode_decides_the_address_check(market: Marketplace, postcode: str, result: str) -> None:
    alice = await market.payer()
    card, wallet = await market.card(alice, currency="GBP"), await market.wallet(alice, "GBP")
    billing = PARIS | {"Address": ADDRESS | {"PostalCode": postcode}}
    assert created(await market.pay_in(card, wallet, 100, Billing=billing))["SecurityInfo"] == {"AVSResult": result}
    euros, purse = await market.card(alice), await market.wallet(alice)
    elsewhere = created(await market.pay_in(euros, purse, 100, Billing=billing))
    assert elsewhere["SecurityInfo"] == {"AVSResult": "NO_CHECK"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"StatementDescriptor": "a" * 23}, "StatementDescriptor"),
        ({"StatementDescriptor": "50% off!"}, "StatementDescriptor"),
        ({"SecureMode": "NEVER"}, "SecureMode"),
        ({"PreferredCardNetwork": "AMEX"}, "PreferredCardNetwork"),
        ({"PaymentCategory": "Pigeon"}, "PaymentCategory"),
        ({"IpAddress": "somewhere"}, "IpAddress"),
        ({"Culture": "XX"}, "Culture"),
        ({"CardId": "card_m_none"}, "CardId"),
        ({"SecureModeReturnURL": "https://example.com/" + "a" * 255}, "SecureModeReturnURL"),
        ({"Billing": {"Address": {"City": "Paris"}}}, "Billing.Address.AddressLine1"),
        ({"Billing": {"Address": ADDRESS | {"Country": "US"}}}, "Billing.Address.Region"),
        ({"BrowserInfo": {"Language": ["FR"]}}, "BrowserInfo.Language"),
        ({"FlowDescriptor": {"Beneficiaries": "Bob"}}, "FlowDescriptor.Beneficiaries"),
    ],
)
async def test_what_is_wrong_is_named(market: Marketplace, wrong: Json, field: str) -> None:
    alice = await market.payer()
    response = await market.pay_in(await market.card(alice), await market.wallet(alice), 100, **wrong)
    assert field in refused(response)["errors"]
    assert await market.events() == []


async def test_clients_that_send_text_for_numbers_are_understood(market: Marketplace) -> None:
    alice = await market.payer()
    card, wallet = await market.card(alice), await market.wallet(alice)
    browser = payment(card)["BrowserInfo"] | {"TimeZoneOffset": "+60", "ColorDepth": "24", "JavaEnabled": 1}
    payin = created(await market.pay_in(card, wallet, 100, BrowserInfo=browser, IpAddress="2001:db8::1"))
    assert (payin["BrowserInfo"]["TimeZoneOffset"], payin["BrowserInfo"]["ColorDepth"]) == (60, 24)
    assert payin["BrowserInfo"]["JavaEnabled"] is True


@pytest.mark.parametrize(
    ("number", "mode", "is_asked"),
    [
        ("4970107111111119", "DEFAULT", False),
        ("4970107111111119", "NO_CHOICE", False),
        ("4970107111111119", "FORCE", True),
        (CHALLENGED_CARD, "DEFAULT", False),
        (CHALLENGED_CARD, "NO_CHOICE", True),
        (CHALLENGED_CARD, "FORCE", True),
    ],
)
async def test_card_and_mode_decide_whether_the_bank_asks(
    market: Marketplace, number: str, mode: str, is_asked: bool
) -> None:
    alice = await market.payer()
    payin = created(
        await market.pay_in(await market.card(alice, number), await market.wallet(alice), 100, SecureMode=mode)
    )
    assert payin["SecureModeNeeded"] is is_asked


async def test_nobody_is_asked_on_the_telephone(market: Marketplace) -> None:
    alice = await market.payer()
    more: Json = {"SecureMode": "FORCE", "PaymentCategory": "TelephoneOrder"}
    payin = created(await market.pay_in(await market.card(alice), await market.wallet(alice), 100, **more))
    assert (payin["Status"], payin["SecureModeNeeded"]) == ("SUCCEEDED", False)
    assert payin["AuthenticationResult"] == {"AuthenticationType": "DIRECT_AUTHORIZATION"}
    assert payin["Applied3DSVersion"] is None


async def test_a_payer_who_lets_the_banks_page_expire_pays_nothing(market: Marketplace, control: Controls) -> None:
    alice = await market.payer()
    wallet, card = await market.wallet(alice), await market.card(alice)
    payin = created(await market.pay_in(card, wallet, 100, SecureMode="FORCE"))
    await control.advance(901)
    seen = created(await market.get(f"/payins/{payin['Id']}"))
    assert (seen["Status"], seen["ResultCode"]) == ("FAILED", "101304")
    assert created(await market.get(f"/cards/{card['Id']}"))["Validity"] == "UNKNOWN"


async def test_a_web_payin_expires_after_a_quarter_of_an_hour(market: Marketplace, control: Controls) -> None:
    alice = await market.payer()
    payin = await web(market, alice, await market.wallet(alice))
    await control.advance(890)
    assert created(await market.get(f"/payins/{payin['Id']}"))["Status"] == "CREATED"
    await control.advance(11)
    seen = created(await market.get(f"/payins/{payin['Id']}"))
    assert (seen["Status"], seen["ResultCode"]) == ("FAILED", "101109")


async def test_the_card_of_a_web_payin_is_known_once_it_is_paid(market: Marketplace) -> None:
    alice = await market.payer()
    wallet = await market.wallet(alice)
    payin = await web(market, alice, wallet)
    assert (payin["PaymentType"], payin["ExecutionType"], payin["TemplateURL"]) == ("CARD", "WEB", None)
    path = f"/payins/card/web/{payin['Id']}/extended"
    before = created(await market.get(path))
    assert (before["Id"], before["Alias"], before["Fingerprint"]) == (payin["Id"], None, None)
    await answer(market, payin["RedirectURL"])
    paid = created(await market.get(path))
    assert list(paid) == [
        *("Id", "PaymentType", "ExecutionType", "ExpirationDate", "Alias", "CardType", "Country", "Fingerprint"),
    ]
    assert (paid["Alias"], paid["Country"], paid["CardType"]) == ("497010XXXXXX1119", "FRA", "CB_VISA_MASTERCARD")
    assert await market.balance(wallet) == 1000
    # Web pay-ins are not in the lists of a fingerprint.
    assert (await market.get(f"/cards/fingerprints/{paid['Fingerprint']}/transactions")).json() == []
    direct = created(await market.pay_in(await market.card(alice), wallet, 100))
    refused(await market.get(f"/payins/card/web/{direct['Id']}/extended"), 404)


async def test_a_web_payin_names_every_field_it_misses(market: Marketplace) -> None:
    error = refused(await market.post("/payins/card/web", {"CardType": "GOLD"}))
    assert {"AuthorId", "DebitedFunds", "Fees", "CreditedWalletId", "ReturnURL", "Culture", "CardType"} <= set(
        error["errors"]
    )


@pytest.mark.parametrize(("amount", "code"), [(33312, "01902"), (33333, "02624"), (33357, "009999")])
async def test_amounts_of_the_old_documentation_fail_as_well(market: Marketplace, amount: int, code: str) -> None:
    alice = await market.payer()
    payin = created(await market.pay_in(await market.card(alice), await market.wallet(alice), amount))
    assert (payin["Status"], payin["ResultCode"]) == ("FAILED", code)
    assert payin["ResultMessage"]


async def test_a_billing_address_needs_no_city(market: Marketplace) -> None:
    alice = await market.payer()
    address = {name: value for name, value in ADDRESS.items() if name != "City"}
    response = await market.pay_in(
        await market.card(alice), await market.wallet(alice), 100, Billing={"FirstName": "Alice", "Address": address}
    )
    assert created(response)["Billing"]["Address"]["City"] is None


@pytest.mark.parametrize("at", ["card/direct", "card/web"])
async def test_another_currency_is_incompatible_whatever_that_of_the_fees(market: Marketplace, at: str) -> None:
    alice = await market.payer()
    card, wallet = await market.card(alice), await market.wallet(alice)
    body = payment(card) | {
        "CreditedWalletId": wallet["Id"],
        "DebitedFunds": {"Currency": "GBP", "Amount": 100},
        "Fees": {"Currency": "EUR", "Amount": 0},
        "ReturnURL": "https://example.com",
        "CardType": "CB_VISA_MASTERCARD",
        "Culture": "EN",
    }
    assert refused(await market.post(f"/payins/{at}", body))["Type"] == "currency_incompatibility"
    euros = body | {"DebitedFunds": body["Fees"] | {"Amount": 100}, "Fees": {"Currency": "GBP", "Amount": 0}}
    assert list(refused(await market.post(f"/payins/{at}", euros))["errors"]) == ["Fees"]


@pytest.mark.parametrize("number", ["4970105715165150", "4970105444347681"])
async def test_the_old_test_cards_ask_their_holder(market: Marketplace, number: str) -> None:
    alice = await market.payer()
    card = await market.card(alice, number)
    payin = created(await market.pay_in(card, await market.wallet(alice), 100, SecureMode="NO_CHOICE"))
    assert payin["SecureModeNeeded"] is True
