"""Money that goes back: what may be refunded, how much of it, for how long, and what becomes of the fees."""

import pytest

from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import Json, Marketplace, created, refused
from tests.services.emulator.payments import mandate_of, payin_by

DAY_S = 86_400
TRANSFER_ONLY_ONCE = "Original transaction has already been successfully refunded"


def partial(author: Json, debited: int, fees: int | None = 0, **more: object) -> Json:
    body: Json = {"AuthorId": author["Id"], "DebitedFunds": {"Currency": "EUR", "Amount": debited}}
    return body | more if fees is None else body | {"Fees": {"Currency": "EUR", "Amount": fees}} | more


async def paid(market: Marketplace, alice: Json, amount: int = 1_000, fees: int = 0) -> Json:
    return created(await market.pay_in(await market.card(alice), await market.wallet(alice), amount, fees))


async def refund(market: Marketplace, payin: Json, **body: object) -> Json:
    return created(await market.post(f"/payins/{payin['Id']}/refunds", {"AuthorId": payin["AuthorId"]} | body))


async def test_a_full_refund_gives_back_the_fees_too(market: Marketplace) -> None:
    alice = await market.payer()
    payin = await paid(market, alice, fees=100)
    back = await refund(market, payin)
    assert (back["Type"], back["Nature"], back["Status"]) == ("PAYOUT", "REFUND", "SUCCEEDED")
    assert [back[name]["Amount"] for name in ("DebitedFunds", "Fees", "CreditedFunds")] == [900, -100, 1_000]
    assert (back["InitialTransactionId"], back["InitialTransactionType"]) == (payin["Id"], "PAYIN")
    assert back["InitialTransactionNature"] == "REGULAR"
    assert (back["CreditedUserId"], back["CreditedWalletId"]) == (None, None)
    assert back["RefundReason"] == {"RefundReasonType": "INITIALIZED_BY_CLIENT", "RefundReasonMessage": None}
    assert await market.balance({"Id": payin["CreditedWalletId"]}) == 0
    assert created(await market.get("/clients/wallets/FEES/EUR"))["Balance"]["Amount"] == 0
    assert created(await market.get(f"/refunds/{back['Id']}")) == back
    assert (await market.get(f"/payins/{payin['Id']}/refunds")).json() == [back]
    assert (await market.events())[-2:] == [
        *(("PAYIN_REFUND_CREATED", back["Id"]), ("PAYIN_REFUND_SUCCEEDED", back["Id"])),
    ]


async def test_fees_of_a_partial_refund_are_kept_given_back_or_charged(market: Marketplace) -> None:
    alice = await market.payer()
    payin = await paid(market, alice, fees=100)
    path = f"/payins/{payin['Id']}/refunds"
    steps = ((200, 0, 200, 100), (300, -50, 350, 50), (100, 30, 70, 80))
    for debited, fees, credited, earned in steps:
        back = created(await market.post(path, partial(alice, debited, fees)))
        assert (back["Status"], back["CreditedFunds"]["Amount"]) == ("SUCCEEDED", credited)
        assert created(await market.get("/clients/wallets/FEES/EUR"))["Balance"]["Amount"] == earned
    assert await market.balance({"Id": payin["CreditedWalletId"]}) == 300


async def test_a_refunded_transfer_goes_back_where_it_came_from(market: Marketplace) -> None:
    alice, bob = await market.payer(), await market.owner()
    purse, till = await market.funded(alice, 1_000), await market.wallet(bob)
    moved = created(await market.transfer(purse, till, 1_000, fees=100))
    path = f"/transfers/{moved['Id']}/refunds"
    back = created(await market.post(path, {"AuthorId": alice["Id"]}))
    assert (back["Type"], back["DebitedWalletId"], back["CreditedWalletId"]) == ("TRANSFER", till["Id"], purse["Id"])
    assert (back["CreditedUserId"], back["InitialTransactionType"]) == (None, "TRANSFER")
    assert (await market.balance(purse), await market.balance(till)) == (1_000, 0)
    assert (await market.events())[-1] == ("TRANSFER_REFUND_SUCCEEDED", back["Id"])
    assert (await market.get(path)).json() == [back]
    again = refused(await market.post(path, {"AuthorId": alice["Id"]}))
    assert again["errors"] == {"TransferId": TRANSFER_ONLY_ONCE}


async def test_a_payin_is_refunded_in_parts_until_nothing_is_left(market: Marketplace) -> None:
    alice = await market.payer()
    payin = await paid(market, alice, fees=100)
    path = f"/payins/{payin['Id']}/refunds"
    steps = [(500, -50), (500, 0), (300, -60), (401, 0), (400, -50), (1, 0)]
    codes = [created(await market.post(path, partial(alice, *step)))["ResultCode"] for step in steps]
    assert codes == ["000000", "005407", "005404", "005403", "000000", "001404"]


async def test_what_has_been_refunded_in_one_is_not_refunded_again(market: Marketplace) -> None:
    payin = await paid(market, await market.payer())
    await refund(market, payin)
    again = await refund(market, payin)
    assert (again["Status"], again["ResultCode"]) == ("FAILED", "001401")
    assert again["ResultMessage"] == "Transaction has already been successfully refunded"


async def test_the_same_amount_goes_back_again_the_next_day(market: Marketplace, control: Controls) -> None:
    alice = await market.payer()
    payin = await paid(market, alice)
    path = f"/payins/{payin['Id']}/refunds"
    assert created(await market.post(path, partial(alice, 300)))["Status"] == "SUCCEEDED"
    assert created(await market.post(path, partial(alice, 300)))["ResultCode"] == "005407"
    await control.advance(DAY_S + 1)
    assert created(await market.post(path, partial(alice, 300)))["Status"] == "SUCCEEDED"


async def test_what_makes_no_refund_at_all(market: Marketplace) -> None:
    alice, mallory = await market.payer("Alice"), await market.payer("Mallory")
    wallet, card = await market.wallet(alice), await market.card(alice)
    payin = created(await market.pay_in(card, wallet, 1_000))
    failed = created(await market.pay_in(card, wallet, 33305))
    path = f"/payins/{payin['Id']}/refunds"
    assert refused(await market.post(path, partial(alice, 500, None)))["errors"] == {
        "Fees": "if DebitedFunds are defined, Fees must be defined"
    }
    fees_alone = {"AuthorId": alice["Id"], "Fees": {"Currency": "EUR", "Amount": -1}}
    assert "DebitedFunds" in refused(await market.post(path, fees_alone))["errors"]
    assert refused(await market.post(path, partial(alice, 1_001)))["errors"] == {
        "DebitedFunds": "DebitedFunds cannot be superior the CreditedFunds of the initial PayIn"
    }
    assert refused(await market.post(path, {"AuthorId": mallory["Id"]}))["errors"] == {
        "AuthorId": "Author of the refund is not the author of the initial payin"
    }
    assert "AuthorId" in refused(await market.post(path, {}))["errors"]
    descriptor = {"AuthorId": alice["Id"], "StatementDescriptor": "ELEVEN CHAR"}
    assert "StatementDescriptor" in refused(await market.post(path, descriptor))["errors"]
    error = refused(await market.post(f"/payins/{failed['Id']}/refunds", {"AuthorId": alice["Id"]}))
    assert error["Type"] == "original_transaction_must_be_succeeded"
    refused(await market.post("/payins/payin_m_none/refunds", {"AuthorId": alice["Id"]}), 404)
    refused(await market.get("/refunds/refund_m_none"), 404)
    refused(await market.get(f"/refunds/{payin['Id']}"), 404)
    assert (await market.get(path)).json() == []


async def test_a_refund_keeps_what_was_told_of_it(market: Marketplace) -> None:
    payin = await paid(market, await market.payer())
    told = {"Tag": "too small", "StatementDescriptor": "SHOP 7", "Reference": "return-7"}
    back = await refund(market, payin, **told)
    assert {name: back[name] for name in told} == told


async def test_a_spent_payin_cannot_be_refunded(market: Marketplace) -> None:
    alice, bob = await market.payer(), await market.owner()
    payin = await paid(market, alice)
    purse = created(await market.get(f"/wallets/{payin['CreditedWalletId']}"))
    created(await market.transfer(purse, await market.wallet(bob), 1_000))
    back = await refund(market, payin)
    assert (back["Status"], back["ResultCode"]) == ("FAILED", "001001")


async def test_fees_are_not_given_back_when_the_platform_has_none_left(market: Marketplace) -> None:
    alice, bob = await market.payer(), await market.owner()
    payin = await paid(market, alice, fees=100)
    fees_wallet = {"Id": "FEES_EUR", "Currency": "EUR", "Owners": ["local"]}
    created(await market.transfer(fees_wallet, await market.wallet(bob), 100))
    assert (await refund(market, payin))["ResultCode"] == "005405"


async def test_a_card_payin_cannot_be_refunded_after_eleven_months(market: Marketplace, control: Controls) -> None:
    payin = await paid(market, await market.payer())
    await control.advance(335 * DAY_S)
    assert (await refund(market, payin))["ResultCode"] == "001403"


@pytest.mark.parametrize(("method", "days"), [("satispay", 90), ("twint", 120), ("bancontact", 180)])
async def test_some_methods_have_a_limit_of_their_own(
    market: Marketplace, control: Controls, method: str, days: int
) -> None:
    alice = await market.payer()
    currency = "CHF" if method == "twint" else "EUR"
    payin = await payin_by(market, method, alice, await market.wallet(alice, currency))
    await control.do("payin.succeed", payin["Id"])
    await control.advance(days * DAY_S + DAY_S)
    assert (await refund(market, payin))["ResultCode"] == "001403"


async def test_a_direct_debit_is_refunded_after_a_week_or_if_told_not_to_wait(
    market: Marketplace, control: Controls
) -> None:
    alice = await market.payer("Successful")
    wallet, mandate = await market.wallet(alice), await mandate_of(market, alice)
    body = partial(alice, 1_000) | {"CreditedWalletId": wallet["Id"], "MandateId": mandate["Id"]}
    payin = created(await market.post("/payins/directdebit/direct", body))
    assert (await refund(market, payin))["ResultCode"] == "001405"
    assert (await refund(market, payin, Tag="ignore_mindate"))["Status"] == "SUCCEEDED"
    later = created(await market.post("/payins/directdebit/direct", body))
    await control.advance(7 * DAY_S + 1)
    assert (await refund(market, later))["Status"] == "SUCCEEDED"


async def test_a_refund_that_waits_for_the_bank_holds_up_the_next(market: Marketplace, control: Controls) -> None:
    alice = await market.payer()
    payin = await paid(market, alice)
    await control.do("payin.hold_refunds", payin["Id"])
    path = f"/payins/{payin['Id']}/refunds"
    waiting = created(await market.post(path, partial(alice, 400)))
    assert (waiting["Status"], waiting["ResultCode"], waiting["ExecutionDate"]) == ("CREATED", None, None)
    assert created(await market.post(path, partial(alice, 300)))["ResultCode"] == "005406"
    assert (await control.do("refund.settle", waiting["Id"]))["Status"] == "SUCCEEDED"
    assert await market.balance({"Id": payin["CreditedWalletId"]}) == 600
    failing = created(await market.post(path, partial(alice, 300)))
    assert (await control.do("refund.settle", failing["Id"], ResultCode="009199"))["ResultCode"] == "009199"
    assert await market.balance({"Id": payin["CreditedWalletId"]}) == 600


async def test_refunds_are_listed_by_how_they_ended(market: Marketplace) -> None:
    alice = await market.payer()
    payin = await paid(market, alice)
    path = f"/payins/{payin['Id']}/refunds"
    done = created(await market.post(path, partial(alice, 400)))
    failed = created(await market.post(path, partial(alice, 400)))
    assert [row["Id"] for row in (await market.get(path, Status="FAILED")).json()] == [failed["Id"]]
    assert [row["Id"] for row in (await market.get(path, ResultCode="000000,001401")).json()] == [done["Id"]]
    assert (await market.get(path, BeforeDate="1000000000")).json() == []
    listed = await market.get(path, per_page="1", Sort="CreationDate:DESC")
    assert ([row["Id"] for row in listed.json()], listed.headers["x-number-of-pages"]) == ([failed["Id"]], "2")


async def test_a_returned_payout_is_among_its_refunds(market: Marketplace, control: Controls) -> None:
    bob = await market.owner()
    till, account = await market.funded(bob, 1_000), await market.account(bob)
    await market.document(bob)
    payout = created(await market.pay_out(till, account, 1_000))
    returned = await control.do("payout.return", payout["Id"])
    assert [row["Id"] for row in (await market.get(f"/payouts/{payout['Id']}/refunds")).json()] == [returned["Id"]]
    refused(await market.get(f"/payouts/{returned['Id']}/refunds"), 404)


def to_refund(payin: Json) -> Json:
    return {"ReasonType": "PAYIN_REFUND", "ReferenceId": payin["Id"]}


async def test_what_a_payout_has_given_back_is_not_refunded_again(market: Marketplace, control: Controls) -> None:
    alice = await market.payer()
    card, purse, account = await market.card(alice), await market.funded(alice, 5_000), await market.account(alice)
    payin = created(await market.pay_in(card, purse, 5_000))
    path = f"/payins/{payin['Id']}/refunds"
    part = created(await market.pay_out(purse, account, 2_000, PaymentRef=to_refund(payin)))
    assert created(await market.post(path, partial(alice, 3_001)))["ResultCode"] == "005403"
    created(await market.pay_out(purse, account, 3_000, PaymentRef=to_refund(payin)))
    assert (await refund(market, payin))["ResultCode"] == "001404"
    # What the receiving bank sends back has not been given back.
    await control.do("payout.return", part["Id"])
    assert created(await market.post(path, partial(alice, 2_000)))["Status"] == "SUCCEEDED"
    assert await market.balance(purse) == 5_000


async def test_a_refund_and_a_payout_of_all_of_a_payin_exclude_each_other(market: Marketplace) -> None:
    alice = await market.payer()
    card, purse, account = await market.card(alice), await market.funded(alice, 5_000), await market.account(alice)
    first, second = [created(await market.pay_in(card, purse, 1_000)) for _ in range(2)]
    assert (await refund(market, first))["Status"] == "SUCCEEDED"
    late = created(await market.pay_out(purse, account, 1_000, PaymentRef=to_refund(first)))
    assert (late["Status"], late["ResultCode"]) == ("FAILED", "005403")
    assert created(await market.pay_out(purse, account, 1_000, PaymentRef=to_refund(second)))["Status"] == "CREATED"
    late = await refund(market, second)
    assert (late["Status"], late["ResultCode"]) == ("FAILED", "001401")
    assert await market.balance(purse) == 5_000


async def test_a_payout_that_failed_has_given_nothing_back(market: Marketplace, control: Controls) -> None:
    alice = await market.payer()
    purse, account = await market.funded(alice, 1_000), await market.account(alice)
    (payin,) = (await market.get(f"/wallets/{purse['Id']}/transactions")).json()
    await control.do("payout.hold", "-")
    held = created(await market.pay_out(purse, account, 1_000, PaymentRef=to_refund(payin)))
    await control.do("payout.fail", held["Id"])
    assert (await refund(market, payin))["Status"] == "SUCCEEDED"
