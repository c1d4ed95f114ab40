"""Validations: a card is looked at, and nothing is debited."""

from typing import Any

import pytest

from tests.services.emulator.cards import answer, payment, registered
from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import BASE_URL, CHALLENGED_CARD, Json, Marketplace, created, refused


async def validated(market: Marketplace, card: Json, **more: Any) -> Json:
    return created(await market.post(f"/cards/{card['Id']}/validation", payment(card, **more)))


async def validity(market: Marketplace, card: Json) -> object:
    return created(await market.get(f"/cards/{card['Id']}"))["Validity"]


async def test_a_frictionless_validation_is_done_at_once(market: Marketplace) -> None:
    card = await market.card(await market.payer())
    validation = await validated(market, card, Tag="look")
    assert len(validation["Id"]) == 36
    assert set(validation) == {
        *("Id", "AuthorId", "Status", "SecureModeReturnURL", "SecureModeRedirectURL", "SecureModeNeeded"),
        *("IpAddress", "BrowserInfo", "PreferredCardNetwork", "SecureMode", "PaymentCategory", "ValidationUsage"),
        *("Validity", "CreationDate", "AuthorizationDate", "Type", "Applied3DSVersion", "ResultCode"),
        *("ResultMessage", "Tag", "CardInfo", "AuthenticationResult"),
    }
    assert (validation["Status"], validation["Validity"], validation["Type"]) == (
        *("SUCCEEDED", "VALID", "CARD_VALIDATION"),
    )
    assert (validation["SecureMode"], validation["ValidationUsage"]) == ("DEFAULT", "MIT")
    assert validation["SecureModeReturnURL"] == f"https://example.com/back?cardValidationId={validation['Id']}"
    assert validation["AuthenticationResult"] == {"AuthenticationType": "FRICTIONLESS"}
    assert created(await market.get(f"/cards/{card['Id']}/validation/{validation['Id']}")) == validation
    assert await validity(market, card) == "VALID"
    assert await market.events() == [
        *(("CARD_VALIDATION_CREATED", validation["Id"]), ("CARD_VALIDATION_SUCCEEDED", validation["Id"])),
    ]


@pytest.mark.parametrize(("choice", "outcome"), [("yes", ("SUCCEEDED", "VALID")), ("no", ("FAILED", "INVALID"))])
async def test_the_holder_answers_the_bank(market: Marketplace, choice: str, outcome: tuple[str, str]) -> None:
    card = await market.card(await market.payer(), CHALLENGED_CARD)
    validation = await validated(market, card, SecureMode="NO_CHOICE")
    assert (validation["Status"], validation["SecureModeNeeded"], validation["Validity"]) == (
        *("CREATED", True, "UNKNOWN"),
    )
    url = validation["SecureModeRedirectURL"]
    assert "It is me" in (await market.browser.get(url.removeprefix(BASE_URL))).text
    led = await answer(market, url, choice)
    assert led.headers["Location"] == validation["SecureModeReturnURL"]
    seen = created(await market.get(f"/cards/{card['Id']}/validation/{validation['Id']}"))
    assert (seen["Status"], seen["Validity"]) == outcome
    assert seen["AuthenticationResult"] == {"AuthenticationType": "CHALLENGE"}
    assert "already" in (await market.browser.get(url.removeprefix(BASE_URL))).text


async def test_a_validation_that_nobody_finishes_leaves_the_card_as_it_was(
    market: Marketplace, control: Controls
) -> None:
    card = await market.card(await market.payer())
    validation = await validated(market, card, SecureMode="FORCE")
    error = refused(await market.post(f"/cards/{card['Id']}/validation", payment(card)))
    assert error["errors"] == {"CardId": "This card is already being validated."}
    await control.advance(301)
    seen = created(await market.get(f"/cards/{card['Id']}/validation/{validation['Id']}"))
    assert (seen["Status"], seen["ResultCode"], seen["Validity"]) == ("FAILED", "101304", "UNKNOWN")
    assert (await validated(market, card))["Status"] == "SUCCEEDED"


async def test_a_card_is_validated_once(market: Marketplace) -> None:
    alice = await market.payer()
    wallet, good, bad = await market.wallet(alice), await market.card(alice), await market.card(alice)
    await validated(market, good)
    created(await market.pay_in(bad, wallet, 33305))
    again = refused(await market.post(f"/cards/{good['Id']}/validation", payment(good)))
    assert again["errors"] == {"CardId": "This card is already VALID."}
    spoilt = refused(await market.post(f"/cards/{bad['Id']}/validation", payment(bad)))
    assert spoilt["errors"] == {"CardId": "This card is INVALID."}


async def test_only_the_usual_cards_are_validated(market: Marketplace) -> None:
    card = await registered(market, await market.payer(), "AMEX", "375989111111119", cvx="1234")
    error = refused(await market.post(f"/cards/{card['Id']}/validation", payment(card)))
    assert error["errors"]["CardId"].startswith("The underlying card type is invalid.")


async def test_somebody_elses_card_is_not_validated(market: Marketplace) -> None:
    card, mallory = await market.card(await market.payer()), await market.payer("Mallory")
    validation = await validated(market, card, AuthorId=mallory["Id"])
    assert (validation["Status"], validation["ResultCode"]) == ("FAILED", "001023")
    assert await validity(market, card) == "UNKNOWN"


async def test_a_validation_names_every_field_it_misses(market: Marketplace) -> None:
    card = await market.card(await market.payer())
    error = refused(await market.post(f"/cards/{card['Id']}/validation", {}))
    assert {"AuthorId", "SecureModeReturnURL", "IpAddress", "BrowserInfo"} <= set(error["errors"])
    refused(await market.get(f"/cards/{card['Id']}/validation/none"), 404)
    refused(await market.post("/cards/card_m_none/validation", {}), 404)
