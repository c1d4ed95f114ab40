"""Payments that come again: the payer is there for the first, and for any that the bank wants them for."""

import pytest

from tests.services.emulator.cards import DAY_S, answer
from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import (
    ADDRESS,
    BROWSER,
    CHALLENGED_CARD,
    FRICTIONLESS_CARD,
    Json,
    Marketplace,
    created,
    refused,
)

ATTENDED: Json = {
    "SecureModeReturnURL": "https://example.com/back",
    "IpAddress": "203.0.113.24",
    "BrowserInfo": BROWSER,
}
APPLE: Json = {"TransactionId": "061EB32181A2D9CA42AD16031B476EEBAA62A9A095AD660E2759FBA52B51A61", "Network": "VISA"}
APPLE |= {"TokenData": "tokenData"}
ITEM: Json = {"Name": "Box", "Quantity": 1, "UnitAmount": 1000, "TaxAmount": 0, "Description": "Bob"}
REGISTRATIONS = "/recurringpayinregistrations"


def euros(amount: int) -> Json:
    return {"Currency": "EUR", "Amount": amount}


class Series:
    """A registration, and the payments of it."""

    def __init__(self, market: Marketplace, user: Json, wallet: Json, registration: Json) -> None:
        self.market, self.user, self.wallet, self.registration = market, user, wallet, registration

    async def seen(self) -> Json:
        return created(await self.market.get(f"{REGISTRATIONS}/{self.registration['Id']}"))

    async def status(self) -> object:
        return (await self.seen())["Status"]

    async def pay(self, method: str = "recurring/card/direct", **more: object) -> Json:
        body = {"RecurringPayinRegistrationId": self.registration["Id"]}
        return created(await self.market.post(f"/payins/{method}", body | more))

    async def events(self) -> list[str]:
        events = await self.market.events()
        return [name.removeprefix("RECURRING_REGISTRATION_") for name, _ in events if name.startswith("RECURRING")]


async def begun(market: Marketplace, number: str = FRICTIONLESS_CARD, **more: object) -> Series:
    alice = await market.payer()
    wallet = await market.wallet(alice)
    body: Json = {
        "AuthorId": alice["Id"],
        "CreditedWalletId": wallet["Id"],
        "FirstTransactionDebitedFunds": euros(1000),
        "FirstTransactionFees": euros(100),
        "NextTransactionDebitedFunds": euros(500),
        "NextTransactionFees": euros(0),
    }
    if more.get("PaymentType", "CARD_DIRECT") == "CARD_DIRECT":
        body["CardId"] = (await market.card(alice, number))["Id"]
    return Series(market, alice, wallet, created(await market.post(REGISTRATIONS, body | more)))


async def test_a_registration_waits_for_its_first_payment(market: Marketplace) -> None:
    series = await begun(market, Frequency="Monthly", FixedNextAmount=True)
    registration = series.registration
    assert registration["Id"].startswith("recpayinreg_m_")
    assert {
        *("Id", "Status", "ResultCode", "ResultMessage", "CurrentState", "RecurringType", "TotalAmount"),
        *("CycleNumber", "AuthorId", "CardId", "CreditedUserId", "CreditedWalletId", "Billing", "Shipping"),
        *("EndDate", "Frequency", "FixedNextAmount", "FractionedPayment", "FreeCycles"),
        *("FirstTransactionDebitedFunds", "FirstTransactionFees", "NextTransactionDebitedFunds"),
        *("NextTransactionFees", "Migration", "PaymentType"),
    } <= set(registration)
    assert registration["CurrentState"] == {
        "PayinsLinked": 0,
        "CumulatedDebitedAmount": euros(0),
        "CumulatedFeesAmount": euros(0),
        "LastPayinId": None,
    }
    assert (registration["Status"], registration["RecurringType"], registration["TotalAmount"]) == (
        *("CREATED", "CUSTOM", None),
    )
    assert (registration["PaymentType"], registration["FreeCycles"], registration["Migration"]) == (
        *("CARD_DIRECT", 0, False),
    )
    assert await series.seen() == registration
    assert await series.events() == ["CREATED"]


@pytest.mark.parametrize(("is_fractioned", "kind"), [(False, "CLASSIC_SUBSCRIPTION"), (True, "FRACTIONED_PAYMENT")])
async def test_what_is_known_of_a_series_is_added_up(market: Marketplace, is_fractioned: bool, kind: str) -> None:
    series = await begun(market)
    end = series.registration["CreationDate"] + 3 * 7 * DAY_S + 100
    terms: Json = {"Frequency": "Weekly", "FixedNextAmount": not is_fractioned, "FractionedPayment": is_fractioned}
    foreseen = (await begun(market, EndDate=end, **terms)).registration
    assert (foreseen["RecurringType"], foreseen["CycleNumber"]) == (kind, 4)
    assert foreseen["TotalAmount"] == euros(1000 + 3 * 500)


async def test_the_first_payment_opens_the_way_for_the_next(market: Marketplace) -> None:
    series = await begun(market)
    first = await series.pay(**ATTENDED)
    assert (first["Status"], first["DebitedFunds"], first["Fees"]) == ("SUCCEEDED", euros(1000), euros(100))
    assert first["RecurringPayinRegistrationId"] == series.registration["Id"]
    assert (first["SecureMode"], first["BrowserInfo"]) == (None, BROWSER)
    assert await series.status() == "IN_PROGRESS"
    second = await series.pay(Tag="July")
    assert (second["Status"], second["DebitedFunds"], second["BrowserInfo"]) == ("SUCCEEDED", euros(500), None)
    assert second["AuthenticationResult"] == {"AuthenticationType": "DIRECT_AUTHORIZATION"}
    third = await series.pay(DebitedFunds=euros(700), Fees=euros(70))
    assert third["CreditedFunds"] == euros(630)
    state = (await series.seen())["CurrentState"]
    assert state == {
        "PayinsLinked": 3,
        "CumulatedDebitedAmount": euros(2200),
        "CumulatedFeesAmount": euros(170),
        "LastPayinId": third["Id"],
    }
    assert await market.balance(series.wallet) == 900 + 500 + 630
    assert created(await market.get(f"/payins/{second['Id']}")) == second
    assert await series.events() == ["CREATED", "IN_PROGRESS"]
    rows = (await market.get(f"/cards/{series.registration['CardId']}/transactions")).json()
    assert [row["Id"] for row in rows] == [first["Id"], second["Id"], third["Id"]]


@pytest.mark.parametrize(("choice", "status"), [("yes", "IN_PROGRESS"), ("no", "AUTHENTICATION_NEEDED")])
async def test_the_bank_may_ask_for_the_payer(market: Marketplace, choice: str, status: str) -> None:
    series = await begun(market, CHALLENGED_CARD)
    first = await series.pay(**ATTENDED)
    assert (first["Status"], first["SecureModeNeeded"]) == ("CREATED", True)
    assert await series.status() == "AUTHENTICATION_NEEDED"
    body = {"RecurringPayinRegistrationId": series.registration["Id"]}
    error = refused(await market.post("/payins/recurring/card/direct", body))
    assert list(error["errors"]) == ["SecureModeReturnUrl"]
    await answer(market, first["SecureModeRedirectURL"], choice)
    assert await series.status() == status
    if choice == "yes":
        assert (await series.pay())["Status"] == "SUCCEEDED"
        assert await series.events() == ["CREATED", "AUTH_NEEDED", "IN_PROGRESS"]


@pytest.mark.parametrize(
    ("line", "code", "is_cit"),
    [
        ("01100", "101101", False),
        ("01116", "101199", False),
        ("01125", "101106", False),
        ("01131", "101305", False),
        ("03022", "000000", False),
        ("01100", "101101", True),
        ("03022", "101301", True),
        ("01131", "000000", True),
    ],
)
async def test_a_magic_address_decides_a_magic_amount(market: Marketplace, line: str, code: str, is_cit: bool) -> None:
    billing = {"FirstName": "Alice", "LastName": "Martin", "Address": ADDRESS | {"AddressLine2": line}}
    name = "FirstTransactionDebitedFunds" if is_cit else "NextTransactionDebitedFunds"
    amount: Json = {name: euros(33501)}
    series = await begun(market, Billing=billing, **amount)
    payin = await series.pay(**ATTENDED)
    if not is_cit:
        payin = await series.pay()
    assert payin["ResultCode"] == code
    assert await series.status() == ("IN_PROGRESS" if code == "000000" else "AUTHENTICATION_NEEDED")


async def test_a_payment_that_fails_asks_for_the_payer_again(market: Marketplace) -> None:
    series = await begun(market)
    await series.pay(**ATTENDED)
    failed = await series.pay(DebitedFunds=euros(33305), Fees=euros(0))
    assert (failed["Status"], failed["ResultCode"]) == ("FAILED", "101101")
    state = (await series.seen())["CurrentState"]
    assert (state["PayinsLinked"], state["LastPayinId"]) == (1, failed["Id"])
    again = await series.pay(**ATTENDED)
    assert again["DebitedFunds"] == euros(500)
    assert await series.events() == ["CREATED", "IN_PROGRESS", "AUTH_NEEDED", "IN_PROGRESS"]


async def test_another_card_needs_its_payer(market: Marketplace) -> None:
    series = await begun(market)
    await series.pay(**ATTENDED)
    card, path = await market.card(series.user), f"{REGISTRATIONS}/{series.registration['Id']}"
    billing = {"FirstName": "Emma", "LastName": "Durand", "Address": ADDRESS}
    changed = created(await market.put(path, {"CardId": card["Id"], "Billing": billing}))
    assert (changed["CardId"], changed["Status"]) == (card["Id"], "AUTHENTICATION_NEEDED")
    assert (changed["Billing"]["FirstName"], changed["Shipping"]["FirstName"]) == ("Emma", "Alice")


async def test_a_series_that_has_ended_is_over(market: Marketplace, control: Controls) -> None:
    series, other = await begun(market), await begun(market)
    path = f"{REGISTRATIONS}/{series.registration['Id']}"
    assert created(await market.put(path, {"Status": "ENDED"}))["Status"] == "ENDED"
    assert refused(await market.put(path, {"Status": "ENDED"}))["Type"] == "invalid_action"
    body = {"RecurringPayinRegistrationId": series.registration["Id"]} | ATTENDED
    assert refused(await market.post("/payins/recurring/card/direct", body))["Type"] == "invalid_action"
    assert (await control.do("recurring.end", other.registration["Id"]))["Status"] == "ENDED"
    refused(await control.post(f"/do/recurring.end/{other.registration['Id']}"))
    assert (await series.events())[-2:] == ["ENDED", "ENDED"]


async def test_a_free_trial_costs_nothing(market: Marketplace) -> None:
    free: Json = {"FirstTransactionDebitedFunds": euros(0), "FirstTransactionFees": euros(0), "FreeCycles": 1}
    series = await begun(market, **free)
    assert (await series.pay(**ATTENDED))["Status"] == "SUCCEEDED"
    assert (await series.pay())["DebitedFunds"] == euros(500)
    assert await market.balance(series.wallet) == 500


async def test_a_series_without_a_next_amount_must_be_told_it(market: Marketplace) -> None:
    series = await begun(market, NextTransactionDebitedFunds=None, NextTransactionFees=None)
    await series.pay(**ATTENDED)
    body = {"RecurringPayinRegistrationId": series.registration["Id"]}
    assert set(refused(await market.post("/payins/recurring/card/direct", body))["errors"]) == {"DebitedFunds", "Fees"}
    half = refused(await market.post("/payins/recurring/card/direct", body | {"DebitedFunds": euros(250)}))
    assert set(half["errors"]) == {"Fees"}
    assert (await series.pay(DebitedFunds=euros(250), Fees=euros(0)))["Status"] == "SUCCEEDED"
    pounds = body | {"DebitedFunds": {"Currency": "GBP", "Amount": 1}, "Fees": {"Currency": "GBP", "Amount": 0}}
    assert "DebitedFunds" in refused(await market.post("/payins/recurring/card/direct", pounds))["errors"]


async def test_the_hundredth_payment_fails(market: Marketplace) -> None:
    series = await begun(market)
    await series.pay(**ATTENDED)
    for _ in range(98):
        await series.pay()
    last = await series.pay()
    assert (last["Status"], last["ResultCode"]) == ("FAILED", "205001")


async def test_paypal_comes_again_too(market: Marketplace) -> None:
    series = await begun(market, PaymentType="PAYPAL", FixedNextAmount=True, NextTransactionDebitedFunds=None)
    assert (series.registration["CardId"], series.registration["FixedNextAmount"]) == (None, False)
    at, urls = "payment-methods/paypal/recurring", {"ReturnURL": "https://example.com/back"}
    first = await series.pay(at, LineItems=[ITEM], **urls)
    assert (first["Status"], first["PaymentType"], first["ExecutionType"]) == ("CREATED", "PAYPAL", "WEB")
    assert await series.status() == "AUTHENTICATION_NEEDED"
    await answer(market, first["RedirectURL"])
    assert await series.status() == "IN_PROGRESS"
    more = {"DebitedFunds": euros(1000), "Fees": euros(0)}
    second = await series.pay(at, LineItems=[ITEM], **urls, **more)
    assert (second["Status"], second["RecurringPayinRegistrationId"]) == ("SUCCEEDED", series.registration["Id"])
    body = {"RecurringPayinRegistrationId": series.registration["Id"], "LineItems": [ITEM]} | urls
    wrong = await market.post(f"/payins/{at}", body | {"DebitedFunds": euros(999), "Fees": euros(0)})
    assert "debitedAmount" in refused(wrong)["errors"]


async def test_a_paypal_payer_who_never_comes_leaves_the_series_waiting(market: Marketplace, control: Controls) -> None:
    series = await begun(market, PaymentType="PAYPAL")
    at, urls = "payment-methods/paypal/recurring", {"ReturnURL": "https://example.com/back"}
    first = await series.pay(at, LineItems=[ITEM], **urls)
    await control.advance(3 * 3_600 + 1)
    assert created(await market.get(f"/payins/{first['Id']}"))["ResultCode"] == "101109"
    seen = await series.seen()
    assert (seen["Status"], seen["CurrentState"]["PayinsLinked"]) == ("AUTHENTICATION_NEEDED", 0)


async def test_apple_pay_comes_again_too(market: Marketplace) -> None:
    series = await begun(market, PaymentType="APPLEPAY", PaymentData=APPLE)
    at = "payment-methods/applepay/recurring"
    first = await series.pay(at, PaymentData=APPLE)
    assert (first["Status"], first["PaymentType"], first["DebitedFunds"]) == ("SUCCEEDED", "APPLEPAY", euros(1000))
    assert (await series.pay(at, PaymentData=APPLE))["DebitedFunds"] == euros(500)
    assert (await series.seen())["CurrentState"]["PayinsLinked"] == 2


@pytest.mark.parametrize("number", ["4111111111111111", "5555555555554444"])
async def test_google_pay_comes_again_too(market: Marketplace, number: str) -> None:
    token = f'{{"cardNumber": "{number}"}}'
    series = await begun(market, PaymentType="GOOGLEPAY", PaymentData=token)
    at = "payment-methods/googlepay/recurring"
    first = await series.pay(at, PaymentData=token, **ATTENDED)
    if first["Status"] == "CREATED":
        await answer(market, first["SecureModeRedirectURL"])
    assert await series.status() == "IN_PROGRESS"
    second = await series.pay(at, PaymentData=token)
    assert (second["Status"], second["PaymentType"], second["BrowserInfo"]) == ("SUCCEEDED", "GOOGLE_PAY", None)
    assert (await series.seen())["CurrentState"]["PayinsLinked"] == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"CardId": "card_m_none"}, "CardId"),
        ({"Frequency": "Hourly"}, "Frequency"),
        ({"PaymentType": "CASH"}, "PaymentType"),
        ({"PaymentType": "APPLEPAY"}, "PaymentData"),
        ({"FirstTransactionDebitedFunds": euros(0)}, "FirstTransactionDebitedFunds.Amount"),
        ({"NextTransactionFees": {"Currency": "GBP", "Amount": 1}}, "NextTransactionFees"),
        ({"FreeCycles": -1}, "FreeCycles"),
    ],
)
async def test_what_is_wrong_with_a_registration_is_named(market: Marketplace, wrong: Json, field: str) -> None:
    right = (await begun(market)).registration
    assert field in refused(await market.post(REGISTRATIONS, right | wrong))["errors"]


async def test_a_registration_and_its_payments_name_every_field_they_miss(market: Marketplace) -> None:
    error = refused(await market.post(REGISTRATIONS, {}))
    assert {"AuthorId", "CardId", "CreditedWalletId", "FirstTransactionDebitedFunds", "FirstTransactionFees"} <= set(
        error["errors"]
    )
    error = refused(await market.post("/payins/recurring/card/direct", {}))
    assert list(error["errors"]) == ["RecurringPayinRegistrationId"]
    series = await begun(market, PaymentType="PAYPAL")
    body = {"RecurringPayinRegistrationId": series.registration["Id"]}
    assert "RecurringPayinRegistrationId" in refused(await market.post("/payins/recurring/card/direct", body))["errors"]
    refused(await market.get(f"{REGISTRATIONS}/none"), 404)
