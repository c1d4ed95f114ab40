"""Direct debits, by mandate and on a page."""

from typing import Any

import pytest

from tests.services.emulator.marketplace import Json, Marketplace, created, owner_body, refused
from tests.services.emulator.payments import body, mandate_of


async def debit(market: Marketplace, author: Json, mandate: Json, **more: Any) -> Json:
    sent = body(author, await market.wallet(author), MandateId=mandate["Id"], **more)
    return created(await market.post("/payins/directdebit/direct", sent))


async def debtor(market: Marketplace, name: str) -> Json:
    sent = owner_body(name, f"{name.lower()}+accept@example.com")
    return created(await market.post("/sca/users/natural", sent))


async def test_the_first_debit_that_succeeds_makes_its_mandate_active(market: Marketplace) -> None:
    bob = await debtor(market, "Successful")
    mandate = await mandate_of(market, bob)
    assert mandate["Status"] == "SUBMITTED"
    payin = await debit(market, bob, mandate, fees=100, StatementDescriptor="A descriptor of more than ten")
    assert (payin["Status"], payin["PaymentType"], payin["ExecutionType"]) == ("CREATED", "DIRECT_DEBIT", "DIRECT")
    assert payin["ChargeDate"] >= payin["CreationDate"]
    assert payin["StatementDescriptor"] == "A descriptor of more than ten"
    settled = created(await market.get(f"/payins/{payin['Id']}"))
    assert (settled["Status"], settled["MandateId"]) == ("SUCCEEDED", mandate["Id"])
    assert created(await market.get(f"/mandates/{mandate['Id']}"))["Status"] == "ACTIVE"
    rows = (await market.get(f"/mandates/{mandate['Id']}/transactions")).json()
    assert [row["Id"] for row in rows] == [payin["Id"]]
    assert ("MANDATE_ACTIVATED", mandate["Id"]) in await market.events()


async def test_penniless_cannot_pay(market: Marketplace) -> None:
    bob = await debtor(market, "Penniless")
    mandate = await mandate_of(market, bob)
    payin = await debit(market, bob, mandate)
    settled = created(await market.get(f"/payins/{payin['Id']}"))
    assert (settled["Status"], settled["ResultCode"]) == ("FAILED", "001830")
    assert created(await market.get(f"/mandates/{mandate['Id']}"))["Status"] == "SUBMITTED"


async def test_fickle_pays_and_then_disputes_it(market: Marketplace) -> None:
    bob = await debtor(market, "Fickle")
    payin = await debit(market, bob, await mandate_of(market, bob))
    assert created(await market.get(f"/payins/{payin['Id']}"))["Status"] == "SUCCEEDED"
    disputes = (await market.get(f"/payins/{payin['Id']}/disputes")).json()
    assert [dispute["InitialTransactionId"] for dispute in disputes] == [payin["Id"]]


async def test_a_mandate_that_is_not_confirmed_or_cancelled_pays_nothing(market: Marketplace) -> None:
    bob = await market.owner()
    account = await market.account(bob)
    sent = {"BankAccountId": account["Id"], "Culture": "EN", "ReturnURL": "https://example.com/back"}
    unconfirmed = created(await market.post("/mandates/directdebit/web", sent))
    cancelled = await mandate_of(market, bob)
    created(await market.put(f"/mandates/{cancelled['Id']}/cancel", {}))
    for mandate in (unconfirmed, cancelled):
        payin = await debit(market, bob, mandate)
        assert (payin["Status"], payin["ResultCode"]) == ("FAILED", "001833")


async def test_bobs_mandate_does_not_pay_for_mallory(market: Marketplace) -> None:
    bob, mallory = await market.owner(), await market.owner("Mallory")
    payin = await debit(market, mallory, await mandate_of(market, bob))
    assert (payin["Status"], payin["ResultCode"]) == ("FAILED", "001024")


async def test_a_scheme_has_its_currency(market: Marketplace) -> None:
    bob = await market.owner()
    sent = body(bob, await market.wallet(bob, "GBP"), MandateId=(await mandate_of(market, bob))["Id"])
    error = refused(await market.post("/payins/directdebit/direct", sent))
    assert error["Type"] == "disabled_mean_of_payment_for_currency"


async def test_a_debit_names_what_it_misses(market: Marketplace) -> None:
    error = refused(await market.post("/payins/directdebit/direct", {}))
    assert set(error["errors"]) == {"AuthorId", "CreditedWalletId", "DebitedFunds", "Fees", "MandateId"}


@pytest.mark.parametrize(("choice", "status"), [("yes", "SUCCEEDED"), ("no", "FAILED")])
async def test_a_debit_on_a_page_is_decided_there(market: Marketplace, choice: str, status: str) -> None:
    alice = await market.payer()
    sent = body(alice, await market.wallet(alice), DirectDebitType="SOFORT", Culture="DE")
    payin = created(await market.post("/payins/directdebit/web", sent))
    assert (payin["DirectDebitType"], payin["Culture"], payin["ExecutionType"]) == ("SOFORT", "DE", "WEB")
    await market.browser.post(f"/pay/{payin['Id']}", data={"choice": choice})
    assert created(await market.get(f"/payins/{payin['Id']}"))["Status"] == status
    error = refused(await market.post("/payins/directdebit/web", {"DirectDebitType": "BY_HAND"}))
    assert {"DirectDebitType", "Culture", "ReturnURL"} <= set(error["errors"])
