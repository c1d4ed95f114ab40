"""What became of an operation is found out, whatever Mangopay shows of it; where it shows nothing, a person says."""

from typing import Any

import httpx
import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from models.audit import Outcome
from models.journal import State
from models.operations.limits import parse_limits
from services.access.actors import NotAllowed
from services.database import Database
from services.operations.errors import Moved, NotForYou, NotTaken, Stopped, Unfit
from services.operations.journal import find_in
from services.operations.settling_by_hand import settle_by_hand
from services.operations.submitting import carry_out, claim
from tests.services.emulator.marketplace import created
from tests.services.operations.bank import APRIL, LOCAL, OLIVIA, REASON, Bank, open_bank
from tests.services.operations.test_database_refuses import COMMITS

FORBIDDEN = httpx.Response(403, json={"Type": "forbidden_ressource", "Message": "not for this key"})
SCA = httpx.Response(401, headers={"WWW-Authenticate": "PendingUserAction RedirectUrl=https://sca.test/"}, json={})


def kept(status: str, resource: object) -> httpx.Response:
    """Return what is known under an idempotency key."""
    return httpx.Response(200, json={"StatusCode": status, "Resource": resource})


async def unknown_refund(bank: Bank, payin: dict[str, Any], *, was_made: bool = True) -> Any:
    draft = await bank.draft("refund-payin", PayInId=payin["Id"])
    looked = await bank.look(draft)
    bank.line.lose("answer" if was_made else "request")
    unknown = await bank.ask(draft, looked)
    assert unknown.state is State.UNKNOWN
    return unknown


@pytest.mark.parametrize(
    "told", [kept("500", {"Message": "broken"}), kept("503", None), kept("200", None), kept("", None), FORBIDDEN]
)
async def test_where_the_key_tells_nothing_the_tag_does(
    bank: Bank, payin: dict[str, Any], told: httpx.Response
) -> None:
    unknown = await unknown_refund(bank, payin)
    bank.line.shown["/responses/"] = told
    settled = await bank.settle(unknown, seconds=4)
    assert (settled.state, settled.object_id) == (State.SUCCEEDED, (await bank.refunds(payin))[0]["Id"])


@pytest.mark.parametrize(("status", "says"), [("500", "fault of its own"), ("400", "refused")])
async def test_what_was_answered_with_an_error_and_made_nothing_has_failed(
    bank: Bank, payin: dict[str, Any], status: str, says: str
) -> None:
    unknown = await unknown_refund(bank, payin, was_made=False)
    bank.line.shown["/responses/"] = kept(status, {"Type": "param_error", "Message": "no"})
    settled = await bank.settle(unknown, minutes=10)
    assert settled.state is State.FAILED
    assert says in settled.failure


async def test_while_the_key_may_not_be_looked_up_nothing_is_taken_for_failed(
    bank: Bank, payin: dict[str, Any]
) -> None:
    unknown = await unknown_refund(bank, payin, was_made=False)
    bank.line.shown["/responses/"] = FORBIDDEN
    assert (await bank.settle(unknown, hours=3)).state is State.UNKNOWN


@pytest.mark.parametrize(
    "strange",
    [
        httpx.Response(408, json={"Type": "timeout", "Message": "slow"}),
        httpx.Response(400, text="<html>proxy"),
        httpx.Response(403, text="<html>firewall"),
        httpx.Response(200, json={"Id": "refund_m_1"}),
        httpx.Response(200, json={}),
    ],
)
async def test_an_answer_that_is_not_mangopays_word_on_it_leaves_it_unknown(
    bank: Bank, payin: dict[str, Any], strange: httpx.Response
) -> None:
    bank.line.lose("answer", instead=strange)
    unknown = await bank.do("refund-payin", PayInId=payin["Id"])
    assert unknown.state is State.UNKNOWN
    assert (await bank.settle(unknown, seconds=4)).state is State.SUCCEEDED
    assert len(await bank.refunds(payin)) == 1


async def test_a_change_whose_answer_shows_it_undone_is_not_taken_for_done(bank: Bank) -> None:
    card = await bank.market.card(await bank.market.payer())
    bank.line.lose("request", instead=httpx.Response(200, json=card))
    unknown = await bank.do("deactivate-card", CardId=card["Id"])
    assert unknown.state is State.UNKNOWN
    assert (await bank.settle(unknown, minutes=5)).state is State.FAILED


async def test_an_earlier_try_with_another_amount_is_told_as_what_it_was(bank: Bank, payin: dict[str, Any]) -> None:
    """A gateway says 429 of a call that it has passed on; the operator changes the amount, and sends it again."""
    draft = await bank.draft("refund-payin", PayInId=payin["Id"], DebitedFunds="5", Fees="0")
    looked = await bank.look(draft)
    bank.line.lose("answer", instead=httpx.Response(429, json={"Type": "rate_limit"}))
    with pytest.raises(NotTaken):
        await bank.ask(draft, looked)
    other = await bank.look(draft, {**looked.values, "DebitedFunds": "3"})
    unknown = await bank.ask(draft, other)
    settled = await bank.settle(unknown, seconds=4)
    assert settled.state is State.SUCCEEDED
    assert "carried out, with 5.00 EUR" in settled.failure
    assert [refund["DebitedFunds"]["Amount"] for refund in await bank.refunds(payin)] == [500]


async def test_whoever_was_given_up_as_dead_sends_nothing_any_more(bank: Bank, payin: dict[str, Any]) -> None:
    """Olivia's look took so long that her draft was given back, and somebody else went on with it."""
    draft = await bank.draft("refund-payin", PayInId=payin["Id"], DebitedFunds="9", Fees="0")
    looked = await bank.look(draft)
    asked = {"values": looked.values, "subject": payin["Id"], "seen": looked.seen, "reason": REASON}
    slow = await bank.now(draft)
    await claim(bank.teller, slow, State.DRAFT, **asked)
    slow = await bank.now(draft)
    assert (await bank.settle(draft, minutes=5)).state is State.DRAFT
    again = await bank.now(draft)
    await claim(bank.teller, again, State.DRAFT, **asked)
    with pytest.raises(Moved):
        await carry_out(bank.teller, slow, bank.teller.clients[LOCAL], actor=OLIVIA)
    assert not bank.line.sent
    done = await carry_out(bank.teller, await bank.now(draft), bank.teller.clients[LOCAL], actor=OLIVIA)
    assert done.state is State.SUCCEEDED
    assert len(await bank.refunds(payin)) == 1


async def test_the_answer_itself_overrules_what_was_concluded_while_its_sender_stood_still(
    bank: Bank, payin: dict[str, Any]
) -> None:
    """A laptop sleeps with a call on its lips, and another process has given it up when it wakes."""
    draft = await bank.draft("refund-payin", PayInId=payin["Id"])
    looked = await bank.look(draft)
    concluded = []

    async def meanwhile() -> None:
        concluded.append(await bank.settle(draft, minutes=10))

    bank.line.before_sending = meanwhile
    done = await bank.ask(draft, looked)
    assert [operation.state for operation in concluded] == [State.FAILED]
    assert (done.state, done.failure) == (State.SUCCEEDED, "")
    assert [refund["Id"] for refund in await bank.refunds(payin)] == [done.object_id]
    assert (await bank.log(draft))[-1] is Outcome.DONE


async def test_a_clock_that_leaps_proves_nothing_at_the_first_look(bank: Bank, payin: dict[str, Any]) -> None:
    draft = await bank.draft("refund-payin", PayInId=payin["Id"])
    looked = await bank.look(draft)

    async def meanwhile() -> None:
        bank.clock.advance(hours=2)
        await bank.settler.turn()
        assert (await bank.now(draft)).state is State.UNKNOWN

    bank.line.before_sending = meanwhile
    assert (await bank.ask(draft, looked)).state is State.SUCCEEDED


async def test_who_stood_still_before_sending_does_not_send(
    bank: Bank, payin: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = await bank.draft("refund-payin", PayInId=payin["Id"])
    looked = await bank.look(draft)
    commits, commit = [], AsyncSession.commit

    async def commit_and_sleep(session: AsyncSession) -> None:
        await commit(session)
        commits.append(session)
        # It has written down that it sends.
        if len(commits) == COMMITS - 1:
            bank.clock.advance(minutes=10)

    with monkeypatch.context() as sleepy:
        sleepy.setattr(AsyncSession, "commit", commit_and_sleep)
        with pytest.raises(NotTaken, match="stood still"):
            await bank.ask(draft, looked)
    back = await bank.now(draft)
    assert (back.state, back.request, bank.line.sent) == (State.DRAFT, {}, [])
    assert (await bank.ask(back, await bank.look(back))).state is State.SUCCEEDED


async def test_one_that_cannot_be_looked_at_holds_up_no_other(
    bank: Bank, payin: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """A row that nobody can make sense of is told to the log; the one beside it is found out."""
    broken = await unknown_refund(bank, payin)
    async with bank.teller.database.session() as session:
        row = await find_in(session, LOCAL, broken.operation_id)
        row.kind = "of a later version"
        session.add(row)
        await session.commit()
    market = bank.market
    other = created(
        await market.pay_in(await market.card(await market.payer()), await market.wallet(await market.owner()), 500)
    )
    unknown = await unknown_refund(bank, other)
    assert (await bank.settle(unknown, seconds=4)).state is State.SUCCEEDED
    assert "a look at operations failed" in caplog.text


async def test_what_cannot_be_found_out_is_settled_by_a_person_with_a_reason(bank: Bank, payin: dict[str, Any]) -> None:
    unknown = await unknown_refund(bank, payin)
    bank.line.shown |= {"/responses/": FORBIDDEN, "/refunds": SCA}
    said: dict[str, Any] = {"was_done": True, "object_id": "refund_m_1", "reason": "Seen in Mangopay's dashboard"}
    with pytest.raises(NotForYou, match="After an hour"):
        await settle_by_hand(APRIL, bank.teller, unknown.operation_id, **said)
    assert (await bank.settle(unknown, hours=2)).state is State.UNKNOWN
    with pytest.raises(NotAllowed):
        await settle_by_hand(OLIVIA, bank.teller, unknown.operation_id, **said)
    with pytest.raises(Unfit):
        await settle_by_hand(APRIL, bank.teller, unknown.operation_id, **said | {"reason": " "})
    settled = await settle_by_hand(APRIL, bank.teller, unknown.operation_id, **said)
    assert (settled.state, settled.object_id) == (State.SUCCEEDED, "refund_m_1")
    assert APRIL.email in settled.failure
    assert len(bank.line.sent) == 1


async def test_fees_do_not_hide_how_much_leaves_from_the_limit(database: Database) -> None:
    async with open_bank(database, limits=parse_limits("EUR:10")) as bank:
        market = bank.market
        wallet, card = await market.wallet(await market.owner()), await market.card(await market.payer())
        payin, other = [created(await market.pay_in(card, wallet, amount)) for amount in (100_000, 2_000)]
        waits = await bank.do("refund-payin", PayInId=payin["Id"], DebitedFunds="1000", Fees="990")
        assert waits.state is State.AWAITING_APPROVAL
        assert not bank.line.sent
        small = await bank.do("refund-payin", PayInId=other["Id"], DebitedFunds="9.99", Fees="0")
        assert small.state is State.SUCCEEDED


async def test_a_limit_is_not_passed_in_parts(database: Database) -> None:
    async with open_bank(database, limits=parse_limits("EUR:10")) as bank:
        market = bank.market
        wallet, card = await market.wallet(await market.owner()), await market.card(await market.payer())
        payin, other = [created(await market.pay_in(card, wallet, amount)) for amount in (2000, 2001)]
        for amount in ("4", "6"):
            done = await bank.do("refund-payin", PayInId=payin["Id"], DebitedFunds=amount, Fees="0")
            assert done.state is State.SUCCEEDED
        waits = await bank.do("refund-payin", PayInId=payin["Id"], DebitedFunds="0.01", Fees="0")
        assert waits.state is State.AWAITING_APPROVAL
        # Another payment is another matter.
        done = await bank.do("refund-payin", PayInId=other["Id"], DebitedFunds="6", Fees="0")
        assert done.state is State.SUCCEEDED


async def test_what_waits_for_approval_is_told_to_whoever_asks_for_the_same(database: Database) -> None:
    async with open_bank(database, limits=parse_limits("EUR:1")) as bank:
        wallet = await bank.market.funded(await bank.market.owner(), 10_000)
        other = await bank.market.wallet({"Id": wallet["Owners"][0]})
        values = {"DebitedWalletId": wallet["Id"], "CreditedWalletId": other["Id"], "DebitedFunds": "5"}
        waits = await bank.do("transfer", **values)
        assert waits.state is State.AWAITING_APPROVAL
        looked = await bank.look(await bank.draft("transfer", **values))
        assert looked.seen["lately"] == [waits.operation_id]


async def test_a_list_that_cannot_be_understood_stops_a_refund(bank: Bank, payin: dict[str, Any]) -> None:
    bank.line.shown["/refunds"] = httpx.Response(200, json=[{"Id": 5, "DebitedFunds": {"Amount": "much"}}])
    with pytest.raises(Stopped):
        await bank.do("refund-payin", PayInId=payin["Id"], DebitedFunds="5", Fees="0")
    assert not bank.line.sent
