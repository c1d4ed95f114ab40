"""Money that is held on a card for a week, and taken in one go or in several."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.emulator import Emulator, EmulatorConfig
from tests.services.emulator.cards import DAY_S, answer, captured, payment, preauthorized, registered
from tests.services.emulator.conftest import open_market
from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import BASE_URL, CHALLENGED_CARD, Json, Marketplace, created, refused

CAPTURE = "preauthorized/direct"


async def capture(market: Marketplace, held: Json, wallet: Json, amount: int) -> Json:
    return created(await captured(market, wallet, amount, CAPTURE, PreauthorizationId=held["Id"]))


async def seen(market: Marketplace, held: Json) -> Json:
    return created(await market.get(f"/preauthorizations/{held['Id']}"))


async def test_money_is_held_for_six_and_a_half_days(market: Marketplace) -> None:
    alice = await market.payer()
    card = await market.card(alice)
    held = await preauthorized(market, card, 1000, Tag="room 7", StatementDescriptor="Hotel Alpha 22 chars 1")
    assert held["Id"].startswith("preauth_m_")
    assert set(held) == {
        *("Id", "Tag", "CreationDate", "AuthorId", "DebitedFunds", "RemainingFunds", "AuthorizationDate", "Status"),
        *("PaymentStatus", "ExpirationDate", "PayInId", "ResultCode", "ResultMessage", "SecureMode", "CardId"),
        *("SecureModeReturnURL", "SecureModeRedirectURL", "SecureModeNeeded", "PaymentType", "ExecutionType"),
        *("StatementDescriptor", "Culture", "SecurityInfo", "MultiCapture", "BrowserInfo", "IpAddress", "Billing"),
        *("Shipping", "Requested3DSVersion", "Applied3DSVersion", "PreferredCardNetwork", "PaymentCategory"),
        *("CardInfo", "AuthenticationResult", "FlowDescriptor"),
    }
    assert (held["Status"], held["PaymentStatus"], held["ResultCode"]) == ("SUCCEEDED", "WAITING", "000000")
    assert held["ExpirationDate"] - held["AuthorizationDate"] == 6.5 * DAY_S
    assert (held["MultiCapture"], held["PayInId"]) == (True, None)
    assert held["RemainingFunds"] == held["DebitedFunds"] == {"Currency": "EUR", "Amount": 1000}
    assert held["Billing"]["FirstName"] == "Alice"
    assert held["CardInfo"]["BIN"] == "497010"
    assert held["SecureModeReturnURL"] == f"https://example.com/back?preAuthorizationId={held['Id']}"
    assert await seen(market, held) == held
    assert await market.events() == [
        ("PREAUTHORIZATION_CREATED", held["Id"]),
        ("PREAUTHORIZATION_SUCCEEDED", held["Id"]),
        ("PREAUTHORIZATION_PAYMENT_WAITING", held["Id"]),
    ]
    assert created(await market.get(f"/cards/{card['Id']}"))["Validity"] == "VALID"


async def test_captures_take_what_is_held_bit_by_bit(market: Marketplace) -> None:
    alice = await market.payer()
    wallet, card = await market.wallet(alice), await market.card(alice)
    held = await preauthorized(market, card, 1000)
    first = await capture(market, held, wallet, 400)
    assert (first["Status"], first["PaymentType"], first["ExecutionType"]) == ("SUCCEEDED", "PREAUTHORIZED", "DIRECT")
    assert first["PreauthorizationId"] == held["Id"]
    now = await seen(market, held)
    assert (now["PaymentStatus"], now["RemainingFunds"]["Amount"], now["PayInId"]) == ("WAITING", 600, first["Id"])
    too_much = await capture(market, held, wallet, 601)
    assert (too_much["Status"], too_much["ResultCode"]) == ("FAILED", "001505")
    second = await capture(market, held, wallet, 600)
    now = await seen(market, held)
    assert (now["PaymentStatus"], now["RemainingFunds"]["Amount"]) == ("VALIDATED", 0)
    assert await market.balance(wallet) == 1000
    assert (await market.events())[-3:] == [
        ("PAYIN_NORMAL_CREATED", second["Id"]),
        ("PAYIN_NORMAL_SUCCEEDED", second["Id"]),
        ("PREAUTHORIZATION_PAYMENT_VALIDATED", held["Id"]),
    ]
    rows = (await market.get(f"/preauthorizations/{held['Id']}/transactions", Status="SUCCEEDED")).json()
    assert [row["Id"] for row in rows] == [first["Id"], second["Id"]]
    assert len((await market.get(f"/cards/{card['Id']}/transactions")).json()) == 3
    error = refused(await captured(market, wallet, 1, CAPTURE, PreauthorizationId=held["Id"]))
    assert list(error["errors"]) == ["PaymentStatus"]


@settings(max_examples=25, deadline=None)
@given(amounts=st.lists(st.integers(1, 600), max_size=6))
def test_captures_and_what_remains_are_what_was_held(amounts: list[int]) -> None:
    async def play() -> None:
        emulator = Emulator(EmulatorConfig(BASE_URL))
        async with open_market(emulator) as market:
            alice = await market.payer()
            wallet, held = await market.wallet(alice), await preauthorized(market, await market.card(alice), 1000)
            for amount in amounts:
                await captured(market, wallet, amount, CAPTURE, PreauthorizationId=held["Id"])
            assert await market.balance(wallet) + (await seen(market, held))["RemainingFunds"]["Amount"] == 1000

    asyncio.run(play())


async def test_a_card_that_knows_one_capture_is_done_after_it(market: Marketplace) -> None:
    alice = await market.payer()
    wallet, card = await market.wallet(alice), await registered(market, alice, "MAESTRO", "5033951000000004")
    held = await preauthorized(market, card, 1000)
    assert held["MultiCapture"] is False
    await capture(market, held, wallet, 400)
    now = await seen(market, held)
    assert (now["PaymentStatus"], now["RemainingFunds"]["Amount"]) == ("VALIDATED", 0)


async def test_what_was_never_captured_is_cancelled(market: Marketplace) -> None:
    alice = await market.payer()
    held, path = await preauthorized(market, await market.card(alice), 1000), "/preauthorizations"
    gone = created(await market.put(f"{path}/{held['Id']}", {"PaymentStatus": "CANCELED"}))
    assert (gone["Status"], gone["PaymentStatus"], gone["RemainingFunds"]["Amount"]) == ("SUCCEEDED", "CANCELED", 0)
    assert (await market.events())[-1] == ("PREAUTHORIZATION_PAYMENT_CANCELED", held["Id"])
    error = refused(await market.put(f"{path}/{held['Id']}", {"PaymentStatus": "CANCELED"}))
    assert error["Type"] == "preauthorization_payment_status_can_not_be_canceled"
    wallet = await market.wallet(alice)
    assert (
        "PaymentStatus" in refused(await captured(market, wallet, 1, CAPTURE, PreauthorizationId=held["Id"]))["errors"]
    )


async def test_the_rest_of_what_was_captured_is_released(market: Marketplace) -> None:
    alice = await market.payer()
    wallet, held = await market.wallet(alice), await preauthorized(market, await market.card(alice), 1000)
    path = f"/preauthorizations/{held['Id']}"
    error = refused(await market.put(path, {"PaymentStatus": "VALIDATED"}))
    assert (error["Type"], error["Message"]) == (
        *("invalid_action", "Can't validate a preauthorization with no successful payin."),
    )
    await capture(market, held, wallet, 400)
    error = refused(await market.put(path, {"PaymentStatus": "CANCELED"}))
    assert error["Type"] == "preauthorization_payment_status_can_not_be_canceled"
    done = created(await market.put(path, {"PaymentStatus": "VALIDATED", "Tag": "left early"}))
    assert (done["PaymentStatus"], done["RemainingFunds"]["Amount"], done["Tag"]) == ("VALIDATED", 0, "left early")
    assert refused(await market.put(path, {"PaymentStatus": "VALIDATED"}))["Type"] == "invalid_action"
    assert "PaymentStatus" in refused(await market.put(path, {"PaymentStatus": "EXPIRED"}))["errors"]


@pytest.mark.parametrize(("capture_first", "status"), [(False, "EXPIRED"), (True, "VALIDATED")])
async def test_a_hold_ends_by_itself(market: Marketplace, control: Controls, capture_first: bool, status: str) -> None:
    alice = await market.payer()
    wallet, held = await market.wallet(alice), await preauthorized(market, await market.card(alice), 1000)
    if capture_first:
        await capture(market, held, wallet, 400)
    await control.advance(int(6.5 * DAY_S) - 10)
    assert (await seen(market, held))["PaymentStatus"] == "WAITING"
    await control.advance(11)
    assert (await seen(market, held))["PaymentStatus"] == status
    assert (await market.events())[-1] == (f"PREAUTHORIZATION_PAYMENT_{status}", held["Id"])


async def test_the_control_plane_lets_a_hold_end_today(market: Marketplace, control: Controls) -> None:
    card = await market.card(await market.payer())
    held, asked = await preauthorized(market, card, 100), await preauthorized(market, card, 100, SecureMode="FORCE")
    assert (await control.do("preauthorization.expire", held["Id"]))["PaymentStatus"] == "EXPIRED"
    assert (await control.do("preauthorization.expire", asked["Id"]))["ResultCode"] == "101304"
    refused(await control.post(f"/do/preauthorization.expire/{held['Id']}"))


@pytest.mark.parametrize(
    ("choice", "status", "payment_status"), [("yes", "SUCCEEDED", "WAITING"), ("no", "FAILED", "CANCELED")]
)
async def test_the_holder_answers_the_bank(market: Marketplace, choice: str, status: str, payment_status: str) -> None:
    alice = await market.payer()
    wallet, card = await market.wallet(alice), await market.card(alice, CHALLENGED_CARD)
    held = await preauthorized(market, card, 1000, SecureMode="NO_CHOICE")
    assert (held["Status"], held["SecureModeNeeded"], held["AuthorizationDate"]) == ("CREATED", True, None)
    error = refused(await captured(market, wallet, 1, CAPTURE, PreauthorizationId=held["Id"]))
    assert list(error["errors"]) == ["Status"]
    refused(await market.put(f"/preauthorizations/{held['Id']}", {"PaymentStatus": "CANCELED"}))
    led = await answer(market, held["SecureModeRedirectURL"], choice)
    assert led.headers["Location"] == held["SecureModeReturnURL"]
    now = await seen(market, held)
    assert (now["Status"], now["PaymentStatus"], now["SecureModeRedirectURL"]) == (status, payment_status, None)


async def test_a_page_that_nobody_finishes_fails_the_authorisation_and_not_the_card(
    market: Marketplace, control: Controls
) -> None:
    card = await market.card(await market.payer())
    held = await preauthorized(market, card, 1000, SecureMode="FORCE")
    await control.advance(901)
    now = await seen(market, held)
    assert (now["Status"], now["ResultCode"]) == ("FAILED", "101304")
    assert created(await market.get(f"/cards/{card['Id']}"))["Validity"] == "UNKNOWN"


async def test_a_magic_amount_is_refused_by_the_bank(market: Marketplace) -> None:
    held = await preauthorized(market, await market.card(await market.payer()), 33305)
    assert (held["Status"], held["ResultCode"], held["PaymentStatus"]) == ("FAILED", "101101", "CANCELED")
    assert [event for event, _ in await market.events()] == ["PREAUTHORIZATION_CREATED", "PREAUTHORIZATION_FAILED"]


async def test_preauthorizations_are_listed_by_user_and_card_and_filtered(market: Marketplace) -> None:
    alice = await market.payer()
    card, other = await market.card(alice), await market.card(alice)
    held, failed = await preauthorized(market, card, 100), await preauthorized(market, card, 33305)
    await preauthorized(market, other, 100)
    of_user, of_card = f"/users/{alice['Id']}/preauthorizations", f"/cards/{card['Id']}/preauthorizations"
    assert (await market.get(of_user)).headers["x-number-of-items"] == "3"
    assert [row["Id"] for row in (await market.get(of_card)).json()] == [held["Id"], failed["Id"]]
    assert [row["Id"] for row in (await market.get(of_card, Status="Failed")).json()] == [failed["Id"]]
    assert [row["Id"] for row in (await market.get(of_card, PaymentStatus="WAITING")).json()] == [held["Id"]]
    assert [row["Id"] for row in (await market.get(of_card, ResultCode="101101")).json()] == [failed["Id"]]
    refused(await market.get("/users/user_m_nobody/preauthorizations"), 404)


async def test_a_preauthorization_names_every_field_it_misses(market: Marketplace) -> None:
    error = refused(await market.post("/preauthorizations/card/direct", {}))
    assert {"AuthorId", "DebitedFunds", "CardId", "SecureModeReturnURL", "IpAddress"} <= set(error["errors"])
    card = await market.card(await market.payer())
    pounds = payment(card) | {"DebitedFunds": {"Currency": "GBP", "Amount": 100}}
    assert refused(await market.post("/preauthorizations/card/direct", pounds))["Type"] == "currency_incompatibility"
    too_long = payment(card, 100, StatementDescriptor="a" * 23)
    assert "StatementDescriptor" in refused(await market.post("/preauthorizations/card/direct", too_long))["errors"]
    refused(await market.get("/preauthorizations/preauth_m_none"), 404)
    error = refused(await market.post(f"/payins/{CAPTURE}", {"PreauthorizationId": "preauth_m_none"}))
    assert {"PreauthorizationId", "CreditedWalletId", "DebitedFunds", "Fees"} <= set(error["errors"])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"Tag": "a" * 256}, "Tag"),
        ({"Tag": ["room 7"]}, "Tag"),
        ({"FlowDescriptor": {"Beneficiaries": "Bob"}}, "FlowDescriptor.Beneficiaries"),
    ],
)
@pytest.mark.parametrize("kind", ["preauthorizations", "deposit-preauthorizations"])
async def test_what_is_wrong_beside_the_payment_is_named_too(
    market: Marketplace, kind: str, wrong: Json, field: str
) -> None:
    card = await market.card(await market.payer())
    error = refused(await market.post(f"/{kind}/card/direct", payment(card, 100, **wrong)))
    assert list(error["errors"]) == [field]
    assert await market.events() == []
