"""Deposits and extended pre-authorisations: the same thing under an old name and a new one."""

import pytest

from tests.services.emulator.cards import DAY_S, answer, captured, deposited
from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import CHALLENGED_CARD, Json, Marketplace, created, refused

ITEM: Json = {"Name": "Key", "Quantity": "1", "UnitAmount": 1000, "TaxAmount": 0, "Description": "Room 7"}
FULL = "deposit-preauthorized/direct/full-capture"


async def seen(market: Marketplace, deposit: Json, name: str = "deposit") -> Json:
    return created(await market.get(f"/{name}-preauthorizations/{deposit['Id']}"))


async def by_paypal(market: Marketplace, user: Json, name: str = "extended", **more: object) -> Json:
    body: Json = {
        "AuthorId": user["Id"],
        "DebitedFunds": {"Currency": "EUR", "Amount": 1000},
        "ReturnURL": "https://example.com/thanks",
        "CancelURL": "https://example.com/sorry",
        "LineItems": [ITEM],
    }
    return created(await market.post(f"/{name}-preauthorizations/payment-methods/paypal", body | more))


@pytest.mark.parametrize(("name", "family"), [("deposit", "DEPOSIT"), ("extended", "EXTENDED")])
async def test_money_is_held_for_a_month_under_either_name(market: Marketplace, name: str, family: str) -> None:
    alice = await market.payer()
    wallet, card = await market.wallet(alice), await market.card(alice)
    deposit = await deposited(market, card, 1000, name)
    assert {
        *("Id", "CreationDate", "ExpirationDate", "AuthorId", "DebitedFunds", "Status", "PaymentStatus"),
        *("PayinsLinked", "ResultCode", "ResultMessage", "CardId", "PreferredCardNetwork", "SecureModeReturnURL"),
        *("SecureModeRedirectURL", "SecureModeNeeded", "PaymentType", "ExecutionType", "StatementDescriptor"),
        *("Culture", "BrowserInfo", "IpAddress", "Billing", "Shipping", "Requested3DSVersion", "Applied3DSVersion"),
        *("Tag", "CardInfo", "AuthenticationResult", "AuthorizationDate", "FlowDescriptor"),
    } <= set(deposit)
    assert (deposit["Status"], deposit["PaymentStatus"], deposit["PaymentType"]) == ("SUCCEEDED", "WAITING", "CARD")
    assert deposit["PayinsLinked"] == {"PayinCaptureId": None, "PayinComplementId": None}
    assert deposit["ExpirationDate"] - deposit["AuthorizationDate"] == 29.5 * DAY_S
    assert await seen(market, deposit, "deposit") == await seen(market, deposit, "extended") == deposit
    id_name = {"deposit": "DepositId", "extended": "ExtendedPreauthorizationId"}[name]
    at = f"{name}-preauthorized/direct/full-capture"
    payin = created(await captured(market, wallet, 700, at, **{id_name: deposit["Id"]}))
    assert (payin["Status"], payin["PaymentType"], payin[id_name]) == ("SUCCEEDED", "PREAUTHORIZED", deposit["Id"])
    done = await seen(market, deposit)
    assert (done["PaymentStatus"], done["PayinsLinked"]["PayinCaptureId"]) == ("VALIDATED", payin["Id"])
    assert await market.balance(wallet) == 700
    assert [event for event, _ in await market.events()] == [
        *(f"{family}_PREAUTHORIZATION_CREATED", f"{family}_PREAUTHORIZATION_PAYMENT_WAITING"),
        *("PAYIN_NORMAL_CREATED", "PAYIN_NORMAL_SUCCEEDED", f"{family}_PREAUTHORIZATION_PAYMENT_VALIDATED"),
    ]
    rows = (await market.get(f"/{name}-preauthorizations/{deposit['Id']}/transactions")).json()
    assert [(row["Id"], row[id_name]) for row in rows] == [(payin["Id"], deposit["Id"])]
    error = refused(await captured(market, wallet, 1, at, **{id_name: deposit["Id"]}))
    assert list(error["errors"]) == ["PaymentStatus"]


async def test_a_capture_that_fails_may_be_tried_again(market: Marketplace) -> None:
    alice = await market.payer()
    wallet, deposit = await market.wallet(alice), await deposited(market, await market.card(alice), 1000)
    failed = created(await captured(market, wallet, 1001, FULL, DepositId=deposit["Id"]))
    assert (failed["Status"], failed["ResultCode"]) == ("FAILED", "001505")
    now = await seen(market, deposit)
    assert (now["PaymentStatus"], now["PayinsLinked"]["PayinCaptureId"]) == ("FAILED", None)
    assert (await market.events())[-1] == ("DEPOSIT_PREAUTHORIZATION_PAYMENT_FAILED", deposit["Id"])
    assert created(await captured(market, wallet, 1000, FULL, DepositId=deposit["Id"]))["Status"] == "SUCCEEDED"


async def test_a_deposit_is_cancelled_on_request(market: Marketplace) -> None:
    deposit = await deposited(market, await market.card(await market.payer()), 1000)
    path = f"/deposit-preauthorizations/{deposit['Id']}"
    asked = created(await market.put(path, {"PaymentStatus": "CANCELED"}))
    assert asked["PaymentStatus"] == "CANCEL_REQUESTED"
    assert (await seen(market, deposit))["PaymentStatus"] == "CANCELED"
    assert [event for event, _ in await market.events()][-2:] == [
        *("DEPOSIT_PREAUTHORIZATION_PAYMENT_CANCEL_REQUESTED", "DEPOSIT_PREAUTHORIZATION_PAYMENT_CANCELED"),
    ]
    error = refused(await market.put(path, {"PaymentStatus": "CANCELED"}))
    assert error["Type"] == "preauthorization_payment_status_can_not_be_canceled"
    assert "PaymentStatus" in refused(await market.put(path, {"PaymentStatus": "VALIDATED"}))["errors"]


async def test_a_complement_takes_more_than_was_held(market: Marketplace) -> None:
    alice = await market.payer()
    wallet, deposit = await market.wallet(alice), await deposited(market, await market.card(alice), 1000)
    prior, more = "deposit-preauthorized/direct/capture-with-complement", "deposit-preauthorized/direct/complement"
    assert "PaymentStatus" in refused(await captured(market, wallet, 1, more, DepositId=deposit["Id"]))["errors"]
    first = created(await captured(market, wallet, 1000, prior, DepositId=deposit["Id"]))
    assert (await seen(market, deposit))["PaymentStatus"] == "TO_BE_COMPLETED"
    second = created(await captured(market, wallet, 300, more, DepositId=deposit["Id"]))
    done = await seen(market, deposit)
    assert done["PaymentStatus"] == "VALIDATED"
    assert done["PayinsLinked"] == {"PayinCaptureId": first["Id"], "PayinComplementId": second["Id"]}
    assert await market.balance(wallet) == 1300


@pytest.mark.parametrize(("name", "events"), [("deposit", 4), ("extended", 2)])
async def test_a_guest_who_never_came_is_a_no_show(market: Marketplace, name: str, events: int) -> None:
    deposit = await deposited(market, await market.card(await market.payer()), 1000, name)
    created(await market.put(f"/deposit-preauthorizations/{deposit['Id']}", {"PaymentStatus": "NO_SHOW_REQUESTED"}))
    assert (await seen(market, deposit))["PaymentStatus"] == "NO_SHOW"
    # The new name has no events for it.
    assert len(await market.events()) == events


async def test_a_hold_ends_by_itself(market: Marketplace, control: Controls) -> None:
    card = await market.card(await market.payer())
    deposit, today = await deposited(market, card, 1000), await deposited(market, card, 1000)
    assert (await control.do("deposit.expire", today["Id"]))["PaymentStatus"] == "EXPIRED"
    refused(await control.post(f"/do/deposit.expire/{today['Id']}"))
    await control.advance(int(29.5 * DAY_S) - 10)
    assert (await seen(market, deposit))["PaymentStatus"] == "WAITING"
    await control.advance(11)
    assert (await seen(market, deposit))["PaymentStatus"] == "EXPIRED"


@pytest.mark.parametrize(("choice", "status"), [("yes", ("SUCCEEDED", "WAITING")), ("no", ("FAILED", "CANCELED"))])
async def test_the_holder_answers_the_bank(market: Marketplace, choice: str, status: tuple[str, str]) -> None:
    alice = await market.payer()
    wallet, card = await market.wallet(alice), await market.card(alice, CHALLENGED_CARD)
    deposit = await deposited(market, card, 1000)
    assert (deposit["Status"], deposit["SecureModeNeeded"]) == ("CREATED", True)
    assert "Status" in refused(await captured(market, wallet, 1, FULL, DepositId=deposit["Id"]))["errors"]
    led = await answer(market, deposit["SecureModeRedirectURL"], choice)
    assert led.headers["Location"] == f"https://example.com/back?depositId={deposit['Id']}"
    now = await seen(market, deposit)
    assert (now["Status"], now["PaymentStatus"]) == status


async def test_a_deposit_that_waits_for_its_payer_may_be_given_up(market: Marketplace, control: Controls) -> None:
    card = await market.card(await market.payer(), CHALLENGED_CARD)
    given_up, forgotten = await deposited(market, card, 1000), await deposited(market, card, 1000)
    created(await market.put(f"/deposit-preauthorizations/{given_up['Id']}", {"PaymentStatus": "CANCELED"}))
    assert (await seen(market, given_up))["Status"] == "FAILED"
    await control.advance(901)
    assert (await seen(market, forgotten))["ResultCode"] == "101304"


async def test_paypal_holds_money_too(market: Marketplace) -> None:
    alice = await market.payer()
    wallet, deposit = await market.wallet(alice), await by_paypal(market, alice, Reference="room 7")
    assert (deposit["Status"], deposit["PaymentType"], deposit["ExecutionType"]) == ("CREATED", "PAYPAL", "WEB")
    assert "CardId" not in deposit
    assert deposit["LineItems"][0]["Quantity"] == 1
    led = await answer(market, deposit["RedirectURL"])
    assert led.headers["Location"].startswith("https://example.com/thanks?extendedPreauthorizationId=")
    held = await seen(market, deposit, "extended")
    assert (held["Status"], held["PaypalBuyerAccountEmail"]) == ("SUCCEEDED", "alice@example.com")
    assert held["ExpirationDate"] - held["AuthorizationDate"] == 29 * DAY_S
    at = "extended-preauthorized/direct/full-capture"
    payin = created(await captured(market, wallet, 1000, at, ExtendedPreauthorizationId=deposit["Id"]))
    assert (payin["Status"], payin["CardInfo"]) == ("SUCCEEDED", None)


async def test_a_payer_who_leaves_paypal_is_led_elsewhere(market: Marketplace) -> None:
    deposit = await by_paypal(market, await market.payer())
    led = await answer(market, deposit["RedirectURL"], "no")
    assert led.headers["Location"].startswith("https://example.com/sorry?")
    assert (await seen(market, deposit))["ResultCode"] == "201004"


async def test_items_that_do_not_add_up_are_refused(market: Marketplace) -> None:
    alice = await market.payer()
    body = {
        "AuthorId": alice["Id"],
        "DebitedFunds": {"Currency": "EUR", "Amount": 999},
        "ReturnURL": "https://example.com",
        "LineItems": [ITEM],
    }
    path = "/deposit-preauthorizations/payment-methods/paypal"
    assert list(refused(await market.post(path, body))["errors"]) == ["debitedAmount"]
    error = refused(await market.post(path, {"ShippingPreference": "SET_PROVIDED_ADDRESS"}))
    assert {"AuthorId", "DebitedFunds", "ReturnURL", "LineItems", "Shipping"} <= set(error["errors"])


async def test_deposits_are_listed_under_both_names(market: Marketplace) -> None:
    alice = await market.payer()
    card = await market.card(alice)
    old, new = await deposited(market, card, 100), await deposited(market, card, 33305, "extended")
    paypal = await by_paypal(market, alice)
    for name in ("deposit", "extended"):
        of_user = (await market.get(f"/users/{alice['Id']}/{name}-preauthorizations")).json()
        assert [row["Id"] for row in of_user] == [old["Id"], new["Id"], paypal["Id"]]
        of_card = await market.get(f"/cards/{card['Id']}/{name}-preauthorizations", Status="FAILED")
        assert [row["Id"] for row in of_card.json()] == [new["Id"]]
    assert ("EXTENDED_PREAUTHORIZATION_FAILED", new["Id"]) in await market.events()
    refused(await market.get("/deposit-preauthorizations/none"), 404)


async def test_each_name_speaks_of_itself(market: Marketplace) -> None:
    for name, kind, field in (
        ("deposit", "DepositPreauthorization", "DepositId"),
        ("extended", "ExtendedPreauthorization", "ExtendedPreauthorizationId"),
    ):
        error = refused(await market.get(f"/{name}-preauthorizations/none"), 404)
        assert error["errors"]["RessourceNotFound"] == f"Cannot found the ressource {kind} with the id=none"
        error = refused(await market.post(f"/payins/{name}-preauthorized/direct/full-capture", {}))
        assert field in error["errors"]
        assert len(error["errors"]) == 5


async def test_a_change_without_a_payment_status_leaves_it_as_it_is(market: Marketplace) -> None:
    deposit = await deposited(market, await market.card(await market.payer()), 1000)
    path = f"/deposit-preauthorizations/{deposit['Id']}"
    assert created(await market.put(path, {"Tag": "room 8"})) == deposit | {"Tag": "room 8"}
    assert created(await market.put(path, {"PaymentStatus": "WAITING"}))["PaymentStatus"] == "WAITING"
    assert "Tag" in refused(await market.put(path, {"Tag": "a" * 256}))["errors"]
    asked = created(await market.put(path, {"PaymentStatus": "CANCELED", "Tag": "gone"}))
    assert (asked["PaymentStatus"], asked["Tag"]) == ("CANCEL_REQUESTED", "gone")


async def test_paypal_refuses_a_tag_that_is_too_long(market: Marketplace) -> None:
    alice = await market.payer()
    body = {"AuthorId": alice["Id"], "DebitedFunds": {"Currency": "EUR", "Amount": 1000}, "LineItems": [ITEM]}
    body |= {"ReturnURL": "https://example.com", "Tag": "a" * 256}
    path = "/extended-preauthorizations/payment-methods/paypal"
    assert list(refused(await market.post(path, body))["errors"]) == ["Tag"]


async def test_a_fingerprint_leads_to_its_deposits_under_both_names(market: Marketplace) -> None:
    card = await market.card(await market.payer())
    deposit = await deposited(market, card, 100, "extended")
    for name in ("deposit", "extended"):
        rows = (await market.get(f"/cards/fingerprints/{card['Fingerprint']}/{name}-preauthorizations")).json()
        assert rows == [deposit]
