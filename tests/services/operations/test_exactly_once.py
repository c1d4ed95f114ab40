"""One decision moves money once, and the journal says the truth about it: whatever is lost, whoever else is at it."""

import asyncio
from typing import Any

import httpx
import pytest

from models.audit import Outcome
from models.journal import Operation, State
from services.operations.errors import AlreadyAsked, Busy, Moved, NotTaken, Stopped, Unfit
from services.operations.submitting import claim, submit
from tests.services.operations.bank import OLIVIA, REASON, Bank, Looked
from tests.services.operations.scenes import SCENES, World


async def test_a_refund_gives_all_back_with_its_fees_and_is_written_down(bank: Bank, payin: dict[str, Any]) -> None:
    done = await bank.do("refund-payin", PayInId=payin["Id"])
    assert done.state is State.SUCCEEDED
    assert done.sentence == "Refund 12.60 EUR to Alice Martin, card …1119"
    [refund] = await bank.refunds(payin)
    assert refund["Id"] == done.object_id
    assert (refund["DebitedFunds"]["Amount"], refund["Fees"]["Amount"], refund["CreditedFunds"]["Amount"]) == (
        1200,
        -60,
        1260,
    )
    assert refund["Tag"] == done.operation_id
    assert await bank.log(done) == [Outcome.ASKED, Outcome.DONE]
    assert len(bank.line.sent) == 1
    assert bank.line.sent[0].headers["Idempotency-Key"] == done.idempotency_key


async def test_a_second_click_is_told_that_it_was_asked_for_already(bank: Bank, payin: dict[str, Any]) -> None:
    draft = await bank.draft("refund-payin", PayInId=payin["Id"])
    looked = await bank.look(draft)
    outcomes = await asyncio.gather(*(bank.ask(draft, looked) for _ in range(5)), return_exceptions=True)
    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, AlreadyAsked) for outcome in outcomes) == 4
    assert len(await bank.refunds(payin)) == len(bank.line.sent) == 1


async def test_two_operators_who_refund_the_same_at_once_make_one_refund(bank: Bank, payin: dict[str, Any]) -> None:
    drafts = [await bank.draft("refund-payin", PayInId=payin["Id"]) for _ in range(4)]
    looked = [await bank.look(draft) for draft in drafts]
    outcomes = await asyncio.gather(
        *(bank.ask(draft, seen) for draft, seen in zip(drafts, looked, strict=True)), return_exceptions=True
    )
    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
    assert all(isinstance(outcome, Busy | Moved) for outcome in outcomes if isinstance(outcome, Exception))
    assert len(await bank.refunds(payin)) == len(bank.line.sent) == 1
    assert len(await bank.journal(State.DRAFT)) == 3


async def test_a_stale_screen_cannot_refund(bank: Bank, payin: dict[str, Any]) -> None:
    draft = await bank.draft("refund-payin", PayInId=payin["Id"], DebitedFunds="5", Fees="0")
    looked = await bank.look(draft)
    other = await bank.do("refund-payin", PayInId=payin["Id"], DebitedFunds="4", Fees="0")
    assert other.state is State.SUCCEEDED
    with pytest.raises(Moved, match=r"from 12\.00 EUR to 8\.00 EUR"):
        await bank.ask(draft, looked)
    assert (await bank.now(draft)).state is State.DRAFT
    # Having looked again, it may.
    assert (await bank.ask(draft)).state is State.SUCCEEDED


async def asked_for_fees(bank: Bank, payin: dict[str, Any]) -> tuple[Operation, Looked]:
    """Two euros of the platform's fees are looked at; then a refund of Alice's pay-in gives 0.60 of them back."""
    scene = await SCENES["payout-platform"](World(bank.market, bank.controls))
    draft = await bank.draft("payout-platform", OLIVIA, **scene.values)
    looked = await bank.look(draft)
    assert (await bank.do("refund-payin", PayInId=payin["Id"])).state is State.SUCCEEDED
    bank.line.sent.clear()
    return draft, looked


async def test_the_platforms_fees_are_paid_out_though_every_payment_moves_them(
    bank: Bank, payin: dict[str, Any]
) -> None:
    draft, looked = await asked_for_fees(bank, payin)
    assert (await bank.ask(draft, looked)).state is State.ACCEPTED
    assert len(bank.line.sent) == 1


async def test_the_platforms_fees_are_not_paid_out_twice_by_two_screens(bank: Bank, payin: dict[str, Any]) -> None:
    draft, looked = await asked_for_fees(bank, payin)
    await bank.do("payout-platform", OLIVIA, **draft.values)
    with pytest.raises(Moved, match="the same amount to the same place"):
        await bank.ask(draft, looked)
    assert len(bank.line.sent) == 1


async def test_what_was_typed_wrong_is_said_and_nothing_is_sent(bank: Bank, payin: dict[str, Any]) -> None:
    draft = await bank.draft("refund-payin", PayInId=payin["Id"])
    looked = await bank.look(draft)
    with pytest.raises(Unfit) as unfit:
        await submit(
            OLIVIA,
            bank.teller,
            draft.operation_id,
            values=looked.values | {"DebitedFunds": "twelve"},
            reason="",
            seen=looked.seen,
        )
    assert set(unfit.value.field_errors) == {"DebitedFunds", "Reason"}
    assert not bank.line.sent


async def test_more_than_is_left_is_stopped(bank: Bank, payin: dict[str, Any]) -> None:
    with pytest.raises(Stopped, match=r"Only 12\.00 EUR can still be given back"):
        await bank.do("refund-payin", PayInId=payin["Id"], DebitedFunds="12.01", Fees="0")
    assert not bank.line.sent


@pytest.mark.parametrize("lost", ["request", "answer"])
async def test_an_answer_that_never_comes_is_found_out_and_nothing_is_sent_again(
    bank: Bank, payin: dict[str, Any], lost: str
) -> None:
    draft = await bank.draft("refund-payin", PayInId=payin["Id"])
    looked = await bank.look(draft)
    bank.line.lose(lost)
    unknown = await bank.ask(draft, looked)
    assert unknown.state is State.UNKNOWN
    made = len(await bank.refunds(payin))
    settled = await bank.settle(unknown, seconds=4)
    if lost == "answer":
        assert (settled.state, settled.object_id) == (State.SUCCEEDED, (await bank.refunds(payin))[0]["Id"])
    else:
        # It may still be on its way: that nothing is known of it proves nothing yet.
        assert settled.state is State.UNKNOWN
        settled = await bank.settle(unknown, minutes=10)
        assert settled.state is State.FAILED
        assert "never reached Mangopay" in settled.failure
    assert len(await bank.refunds(payin)) == made == (lost == "answer")
    assert len(bank.line.sent) == 1


async def test_while_it_is_not_known_nobody_else_refunds_the_same(bank: Bank, payin: dict[str, Any]) -> None:
    bank.line.lose("request")
    unknown = await bank.do("refund-payin", PayInId=payin["Id"])
    assert unknown.state is State.UNKNOWN
    with pytest.raises(Busy):
        await bank.do("refund-payin", PayInId=payin["Id"], DebitedFunds="1", Fees="0")
    assert len(bank.line.sent) == 1


async def test_after_a_day_the_transactions_tell_what_became_of_it(bank: Bank, payin: dict[str, Any]) -> None:
    draft = await bank.draft("refund-payin", PayInId=payin["Id"])
    looked = await bank.look(draft)
    bank.line.lose("answer")
    unknown = await bank.ask(draft, looked)
    settled = await bank.settle(unknown, hours=25)
    assert (settled.state, settled.object_id) == (State.SUCCEEDED, (await bank.refunds(payin))[0]["Id"])


@pytest.mark.parametrize(
    "instead", [httpx.Response(500, json={"Message": "broken"}), httpx.Response(502, text="<html>"), None]
)
async def test_a_fault_of_mangopays_own_leaves_it_unknown_until_it_is_found_out(
    bank: Bank, payin: dict[str, Any], instead: httpx.Response | None
) -> None:
    bank.line.lose("answer", instead=instead)
    unknown = await bank.do("refund-payin", PayInId=payin["Id"])
    assert unknown.state is State.UNKNOWN
    assert (await bank.settle(unknown, seconds=4)).state is State.SUCCEEDED
    assert len(bank.line.sent) == 1


async def test_a_used_key_leads_to_what_was_answered_first(bank: Bank, payin: dict[str, Any]) -> None:
    draft = await bank.draft("refund-payin", PayInId=payin["Id"])
    looked = await bank.look(draft)
    body = {
        "AuthorId": payin["AuthorId"],
        "DebitedFunds": {"Currency": "EUR", "Amount": 500},
        "Fees": {"Currency": "EUR", "Amount": 0},
    }
    key = {"Idempotency-Key": draft.idempotency_key}

    async def meanwhile() -> None:
        assert (await bank.market.post(f"/payins/{payin['Id']}/refunds", body, key)).status_code == 200

    bank.line.before_sending = meanwhile
    unknown = await bank.ask(draft, looked)
    assert unknown.state is State.UNKNOWN
    assert "idempotency key" in unknown.failure
    settled = await bank.settle(unknown, seconds=4)
    assert settled.state is State.SUCCEEDED
    assert [refund["Id"] for refund in await bank.refunds(payin)] == [settled.object_id]


@pytest.mark.parametrize(
    "instead",
    [
        httpx.Response(429, json={"Type": "rate_limit"}),
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("no answer to a knock"),
    ],
)
async def test_what_mangopay_did_not_take_is_a_draft_again_and_can_be_sent(
    bank: Bank, payin: dict[str, Any], instead: httpx.Response | Exception
) -> None:
    draft = await bank.draft("refund-payin", PayInId=payin["Id"])
    looked = await bank.look(draft)
    bank.line.lose("request", instead=instead)
    with pytest.raises(NotTaken, match="Nothing was sent"):
        await bank.ask(draft, looked)
    back = await bank.now(draft)
    assert (back.state, back.sent_at) == (State.DRAFT, None)
    assert (await bank.ask(draft, looked)).state is State.SUCCEEDED
    assert len(await bank.refunds(payin)) == 1
    assert await bank.log(draft) == [Outcome.ASKED, Outcome.FAILED, Outcome.ASKED, Outcome.DONE]


async def test_what_mangopay_refuses_has_failed_with_its_reason(bank: Bank, payin: dict[str, Any]) -> None:
    refusal = {"Type": "param_error", "Message": "wrong", "errors": {"Fees": "not like this"}}
    bank.line.lose("request", instead=httpx.Response(400, json=refusal))
    failed = await bank.do("refund-payin", PayInId=payin["Id"])
    assert failed.state is State.FAILED
    assert "Fees: not like this" in failed.failure
    with pytest.raises(AlreadyAsked):
        await bank.ask(failed)


async def test_a_refund_that_fails_at_mangopay_says_why(bank: Bank, payin: dict[str, Any]) -> None:
    """The wallet is emptied between the look and the refund, so that only Mangopay notices."""
    draft = await bank.draft("refund-payin", PayInId=payin["Id"])
    looked = await bank.look(draft)
    shop = {"Id": payin["CreditedWalletId"], "Owners": [payin["CreditedUserId"]], "Currency": "EUR"}
    other = await bank.market.wallet({"Id": payin["CreditedUserId"]})

    async def meanwhile() -> None:
        assert (await bank.market.transfer(shop, other, 1000)).json()["Status"] == "SUCCEEDED"

    bank.line.before_sending = meanwhile
    failed = await bank.ask(draft, looked)
    assert (failed.state, failed.result_code) == (State.FAILED, "001001")
    assert failed.failure.endswith("(001001)")


async def test_a_process_that_died_before_sending_leaves_a_draft(bank: Bank, payin: dict[str, Any]) -> None:
    draft = await bank.draft("refund-payin", PayInId=payin["Id"])
    looked = await bank.look(draft)
    await claim(bank.teller, draft, State.DRAFT, values=looked.values, subject=payin["Id"], reason=REASON)
    with pytest.raises(AlreadyAsked):
        await bank.ask(draft, looked)
    assert (await bank.settle(draft, seconds=10)).state is State.PREPARED
    back = await bank.settle(draft, minutes=5)
    assert back.state is State.DRAFT
    assert "Nothing has moved" in back.failure
    assert (await bank.ask(draft, looked)).state is State.SUCCEEDED
