"""Paying in by everything but cards and banks: what each method asks for, and how it ends."""

import pytest

from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import BASE_URL, Json, Marketplace, created, owner_body, refused
from tests.services.emulator.payments import BILLING, DEVICE, EXTRAS, RETURN_URL, SHOES, body, payin_by

REDIRECTING = sorted(EXTRAS.keys() - {"mbway"})
# By method: its PaymentType, and how many seconds its payer has.
WINDOWS = {
    "paypal": ("PAYPAL", 10_800),
    "ideal": ("IDEAL", 1_800),
    "bancontact": ("BCMC", 3_600),
    "satispay": ("SATISPAY", 1_800),
    "klarna": ("KLARNA", 10_800),
    "mbway": ("MBWAY", 240),
    "multibanco": ("MULTIBANCO", 604_800),
    "swish": ("SWISH", 180),
    "twint": ("TWINT", 900),
    "bizum": ("BIZUM", 300),
    "openbanking": ("PAY_BY_BANK", 540),
}


async def shop(market: Marketplace) -> tuple[Json, Json]:
    alice = await market.payer()
    return alice, await market.wallet(alice)


async def settled(market: Marketplace, payin: Json) -> Json:
    return created(await market.get(f"/payins/{payin['Id']}"))


@pytest.mark.parametrize("method", REDIRECTING)
async def test_a_payer_is_redirected_pays_and_is_led_back(market: Marketplace, method: str) -> None:
    alice, wallet = await shop(market)
    payin = await payin_by(market, method, alice, wallet, fees=100)
    assert payin["Id"].startswith("wt_")
    assert (payin["Status"], payin["ExecutionType"], payin["Type"]) == ("CREATED", "WEB", "PAYIN")
    assert payin["CreditedUserId"] == alice["Id"]
    page = payin["RedirectURL"].removeprefix(BASE_URL)
    assert payin["Id"] in (await market.browser.get(page)).text
    back = await market.browser.post(page, data={"choice": "yes"})
    assert back.headers["Location"] == payin["ReturnURL"] == f"{RETURN_URL}&transactionId={payin['Id']}"
    if method != "openbanking":
        assert (await settled(market, payin))["ResultCode"] == "000000"
        assert await market.balance(wallet) == 900


@pytest.mark.parametrize(("method", "expected"), WINDOWS.items())
async def test_a_payer_who_does_not_come_lets_the_payment_expire(
    market: Marketplace, control: Controls, method: str, expected: tuple[str, int]
) -> None:
    payment_type, window_s = expected
    payin = await payin_by(market, method, *await shop(market))
    assert payin["PaymentType"] == payment_type
    await control.advance(window_s - 60)
    assert (await settled(market, payin))["Status"] == "CREATED"
    await control.advance(61)
    expired = await settled(market, payin)
    assert (expired["Status"], expired["ResultCode"]) == ("FAILED", "101109")
    assert (await market.events())[-1] == ("PAYIN_NORMAL_FAILED", payin["Id"])


@pytest.mark.parametrize(
    ("method", "choice", "code"),
    [
        ("ideal", "no", "101002"),
        ("ideal", "refused", "101199"),
        ("paypal", "no", "201004"),
        ("openbanking", "no", "206109"),
    ],
)
async def test_a_payer_who_turns_away_or_is_refused_has_not_paid(
    market: Marketplace, method: str, choice: str, code: str
) -> None:
    alice, wallet = await shop(market)
    payin = await payin_by(market, method, alice, wallet)
    await market.browser.post(f"/pay/{payin['Id']}", data={"choice": choice})
    assert (await settled(market, payin))["ResultCode"] == code
    assert await market.balance(wallet) == 0


@pytest.mark.parametrize("method", sorted(EXTRAS))
async def test_a_method_names_what_it_misses(market: Marketplace, method: str) -> None:
    wanted = {"AuthorId", "DebitedFunds", "Fees", "CreditedWalletId"}
    own = {
        "paypal": {"LineItems"},
        "klarna": {"LineItems", "Country", "Email", "Reference", "Billing"},
        "satispay": {"Country"},
        "mbway": {"Phone"},
        "openbanking": {"Country"},
    }
    expected = wanted | own.get(method, set()) | (set() if method == "mbway" else {"ReturnURL"})
    error = refused(await market.post(f"/payins/payment-methods/{method}", {}))
    assert (error["Type"], set(error["errors"])) == ("param_error", expected)


@pytest.mark.parametrize(
    ("method", "wrong", "field"),
    [
        ("ideal", {"Bic": "X"}, "Bic"),
        ("ideal", {"ReturnURL": "https://example.com/" + "x" * 255}, "ReturnURL"),
        ("ideal", {"StatementDescriptor": "More than ten"}, "StatementDescriptor"),
        ("ideal", {"StatementDescriptor": "No-dashes"}, "StatementDescriptor"),
        ("ideal", {"Tag": "x" * 256}, "Tag"),
        ("mbway", {"Phone": "+351269458236"}, "Phone"),
        ("bizum", {"Phone": "at home"}, "Phone"),
        ("blik", {"Code": "12345"}, "Code"),
        ("blik", {"Code": "123456"}, "BrowserInfo"),
        ("klarna", {"Country": "DE"}, "Country"),
        ("klarna", {"Billing": BILLING | {"Address": {"City": "Paris"}}}, "Billing.Address.PostalCode"),
        ("openbanking", {"Country": "US"}, "Country"),
        ("swish", {"PaymentFlow": "POST"}, "PaymentFlow"),
        ("paypal", {"LineItems": [SHOES | {"Quantity": 1}]}, "debitedAmount"),
        ("paypal", {"LineItems": [{"Quantity": 1}]}, "LineItems[0].Name"),
        ("paypal", {"LineItems": [SHOES | {"Description": None}]}, "LineItems[0].Description"),
        ("paypal", {"LineItems": "shoes"}, "LineItems"),
        ("paypal", {"DataCollectionId": "unknown"}, "DataCollectionId"),
        ("paypal", {"ShippingPreference": "BY_HAND"}, "ShippingPreference"),
    ],
)
async def test_a_method_refuses_what_it_cannot_use(market: Marketplace, method: str, wrong: Json, field: str) -> None:
    sent = body(*await shop(market), **EXTRAS[method] | wrong)
    error = refused(await market.post(f"/payins/payment-methods/{method}", sent))
    assert field in error["errors"], error
    assert await market.events() == []


async def test_an_ideal_payin_knows_the_bank_of_its_bic(market: Marketplace) -> None:
    payin = await payin_by(market, "ideal", *await shop(market))
    assert (payin["Bic"], payin["BankName"]) == ("RABONL2U", "Rabobank")


async def test_a_blik_code_is_confirmed_in_the_app_within_a_minute(market: Marketplace, control: Controls) -> None:
    alice, wallet = await shop(market)
    sent = body(alice, wallet, Code="777365", **DEVICE)
    del sent["ReturnURL"]
    payins = [created(await market.post("/payins/payment-methods/blik", sent)) for _ in range(2)]
    assert (payins[0]["RedirectURL"], payins[0]["Code"]) == (None, "777365")
    await control.do("payin.succeed", payins[0]["Id"])
    assert await market.balance(wallet) == 1000
    await control.advance(60)
    assert (await settled(market, payins[1]))["ResultCode"] == "101109"


async def test_bizum_by_phone_leads_nobody_back(market: Marketplace) -> None:
    payin = await payin_by(market, "bizum", *await shop(market), Phone="+34700000000")
    assert (payin["ReturnURL"], payin["Phone"]) == (None, "+34700000000")
    assert "may close" in (await market.browser.post(f"/pay/{payin['Id']}", data={"choice": "yes"})).text
    assert (await settled(market, payin))["Status"] == "SUCCEEDED"


async def test_a_payment_repeats_whom_it_is_meant_for(market: Marketplace) -> None:
    alice, wallet = await shop(market)
    flow = {"FlowId": "basket 1", "Beneficiaries": [{"UserId": alice["Id"]}]}
    assert (await payin_by(market, "ideal", alice, wallet, FlowDescriptor=flow))["FlowDescriptor"] == flow
    assert (await payin_by(market, "ideal", alice, wallet))["FlowDescriptor"] is None
    wrong = body(alice, wallet, FlowDescriptor={"Beneficiaries": "Bob"})
    refused(await market.post("/payins/payment-methods/ideal", wrong))


async def test_app_methods_offer_links_to_the_app(market: Marketplace) -> None:
    alice, wallet = await shop(market)
    swish = await payin_by(market, "swish", alice, wallet, PaymentFlow="APP")
    bancontact = await payin_by(market, "bancontact", alice, wallet)
    links = (swish["DeepLinkURL"], swish["QRCodeURL"], bancontact["DeepLinkURL"])
    assert all(link.startswith(BASE_URL) for link in links)
    assert (swish["PaymentFlow"], bancontact["Recurring"]) == ("APP", True)


async def test_klarna_wants_json_for_additional_data(market: Marketplace) -> None:
    alice, wallet = await shop(market)
    payin = await payin_by(market, "klarna", alice, wallet, AdditionalData="no json")
    assert (payin["Status"], payin["ResultCode"]) == ("FAILED", "202001")
    good = await payin_by(market, "klarna", alice, wallet, AdditionalData='{"shop": 1}')
    assert (good["Status"], good["Shipping"]) == ("CREATED", good["Billing"])


async def test_pay_by_bank_is_begun_before_it_arrives(market: Marketplace, control: Controls) -> None:
    alice, wallet = await shop(market)
    payin = await payin_by(market, "openbanking", alice, wallet)
    assert payin["ProcessingStatus"] is None
    await market.browser.post(f"/pay/{payin['Id']}", data={"choice": "yes"})
    begun = await settled(market, payin)
    assert (begun["Status"], begun["ProcessingStatus"]) == ("CREATED", "PENDING_SUCCEEDED")
    assert ("PAYIN_NORMAL_PROCESSING_STATUS_PENDING_SUCCEEDED", payin["Id"]) in await market.events()
    await control.advance(3_600)
    assert (await settled(market, payin))["Status"] == "SUCCEEDED"
    assert await market.balance(wallet) == 1000


async def test_the_banks_of_pay_by_bank_are_paged_across_countries(market: Marketplace) -> None:
    path = "/payment-methods/openbanking/metadata/supported-banks"
    seen = []
    for number in ("1", "2"):
        response = await market.get(path, CountryCodes="DE,FR", per_page="4", page=number)
        assert response.headers["x-number-of-items"] == "6"
        for country in created(response)["SupportedBanks"]["Countries"]:
            seen += [(country["Country"], bank["BankName"]) for bank in country["Banks"]]
    assert [country for country, _ in seen] == ["DE"] * 3 + ["FR"] * 3
    assert len(set(seen)) == 6
    assert len(created(await market.get(path, per_page="100"))["SupportedBanks"]["Countries"]) == 16
    assert "CountryCodes" in refused(await market.get(path, CountryCodes="US"))["errors"]


async def test_paypal_tells_who_has_paid_and_takes_a_tracking_number(market: Marketplace) -> None:
    alice, wallet = await shop(market)
    data = created(await market.post("/payins/payment-methods/paypal/data-collection", {"sender_account_id": "A1"}))
    kept = created(await market.get(f"/payins/payment-methods/paypal/data-collection/{data['DataCollectionId']}"))
    assert kept == {"DataCollectionId": data["DataCollectionId"], "sender_account_id": "A1"}
    payin = await payin_by(market, "paypal", alice, wallet, DataCollectionId=data["DataCollectionId"])
    assert (payin["PaypalOrderID"], payin["Trackings"], "DataCollectionId" in payin) == (None, [], False)
    await market.browser.post(f"/pay/{payin['Id']}", data={"choice": "yes"})
    paid = await settled(market, payin)
    assert (paid["PaypalBuyerAccountEmail"], paid["BuyerFirstname"]) == (alice["Email"], "Alice")
    tracking = {"TrackingNumber": "1Z999", "Carrier": "UPS", "NotifyBuyer": True}
    assert created(await market.put(f"/payins/{payin['Id']}/trackings", tracking))["Trackings"] == [tracking]
    assert set(refused(await market.put(f"/payins/{payin['Id']}/trackings", {}))["errors"]) == {
        "TrackingNumber",
        "Carrier",
    }
    other = await payin_by(market, "ideal", alice, wallet)
    refused(await market.put(f"/payins/{other['Id']}/trackings", tracking))


async def test_paypal_leads_to_the_cancel_url_whoever_turns_away(market: Marketplace) -> None:
    payin = await payin_by(market, "paypal", *await shop(market), CancelURL="https://example.com/cancelled")
    back = await market.browser.post(f"/pay/{payin['Id']}", data={"choice": "no"})
    assert back.headers["Location"].startswith("https://example.com/cancelled?")


async def test_paypal_as_it_was_shows_where_it_ships_to(market: Marketplace) -> None:
    alice, wallet = await shop(market)
    shipping = {"RecipientName": "Alice Martin", "Address": BILLING["Address"]}
    payin = created(await market.post("/payins/paypal/web", body(alice, wallet, ShippingAddress=shipping)))
    assert payin["Id"].startswith("payin_m_")
    assert payin["ShippingAddress"]["RecipientName"] == "Alice Martin"
    await market.browser.post(f"/pay/{payin['Id']}", data={"choice": "yes"})
    assert await market.balance(wallet) == 1000


@pytest.mark.parametrize(("fees", "code"), [(1000, "001014"), (1200, "001014")])
async def test_fees_may_not_eat_all_of_a_payment(market: Marketplace, fees: int, code: str) -> None:
    payin = await payin_by(market, "ideal", *await shop(market), fees=fees)
    assert (payin["Status"], payin["ResultCode"]) == ("FAILED", code)


async def test_another_currency_than_the_wallets_makes_no_payment(market: Marketplace) -> None:
    alice, wallet = await shop(market)
    sent = body(alice, wallet) | {name: {"Currency": "GBP", "Amount": 10} for name in ("DebitedFunds", "Fees")}
    error = refused(await market.post("/payins/payment-methods/ideal", sent))
    assert error["Type"] == "currency_incompatibility"


async def test_nothing_is_paid_into_the_platforms_own_wallets(market: Marketplace) -> None:
    alice, wallet = await shop(market)
    error = refused(await market.post("/payins/payment-methods/ideal", body(alice, wallet | {"Id": "FEES_EUR"})))
    assert "CreditedWalletId" in error["errors"]


async def test_a_user_who_was_closed_meanwhile_receives_nothing(market: Marketplace) -> None:
    alice, bob = await market.payer(), await market.payer("Bob")
    wallet = await market.wallet(bob)
    payin = await payin_by(market, "ideal", alice, wallet)
    assert (await market.close(bob)).status_code == 204
    await market.browser.post(f"/pay/{payin['Id']}", data={"choice": "yes"})
    assert (await settled(market, payin))["ResultCode"] == "002602"
    error = refused(await market.post("/payins/payment-methods/ideal", body(alice, wallet)))
    assert error["Type"] == "user_closed"


async def test_a_company_pays_by_paypal_in_its_representatives_name(market: Marketplace) -> None:
    person = owner_body("Bob")
    sent = {
        "Name": "Atelier Bob",
        "LegalPersonType": "BUSINESS",
        "Email": "atelier@example.com",
        "UserCategory": "PAYER",
        "TermsAndConditionsAccepted": True,
        "LegalRepresentative": {name: person[name] for name in ("FirstName", "LastName", "Email")},
    }
    company = created(await market.post("/sca/users/legal", sent))
    payin = await payin_by(market, "paypal", company, await market.wallet(company))
    await market.browser.post(f"/pay/{payin['Id']}", data={"choice": "yes"})
    assert (await settled(market, payin))["BuyerFirstname"] == "Bob"
