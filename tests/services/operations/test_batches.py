"""A file of a thousand refunds: nothing moves unless every line is right, and each line moves money once."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import col, select

from models.audit import Act, AuditEntry
from models.environment import Environment
from models.journal import BatchState, Operation, State
from models.money import Money
from models.operations.batch_files import Fault
from models.operations.kinds import OPERATIONS
from models.operations.limits import APPROVAL_EXPIRES_AFTER, parse_limits
from services.access.actors import Actor
from services.database import Database
from services.mangopay.errors import Unreachable
from services.mangopay.limits import WINDOW_MINUTES, RateLimit, Window
from services.operations.batch_checks import Checked, Checking, check_file
from services.operations.batch_journal import BatchView, batch_lines, batch_results, read_batch
from services.operations.batch_runner import MOST_TRIES, BatchRunner
from services.operations.batches import approve_batch, cancel_rest, confirm, pause, refuse_batch, resume
from services.operations.errors import BatchMovedOn, NoSuchBatch, NotForYou, Unfit
from services.operations.submitting import claim
from tests.services.emulator.marketplace import created
from tests.services.emulator.test_payouts import verified
from tests.services.operations.bank import APRIL, OLIVIA, REASON, Bank, open_bank

HEADER = "PayInId,Currency,DebitedFunds,Fees"
Json = dict[str, Any]


async def payins(bank: Bank, count: int) -> list[str]:
    """Have Alice pay Bob 2 EUR so many times; returns the ids."""
    market = bank.market
    alice, bob = await market.payer(), await market.owner()
    wallet, card = await market.wallet(bob), await market.card(alice)
    return [created(await market.pay_in(card, wallet, 200))["Id"] for _ in range(count)]


def file_of(ids: Sequence[str], amount: str = "1.00") -> str:
    return "\n".join((HEADER, *(f"{id_},EUR,{amount},0" for id_ in ids)))


async def check(bank: Bank, text: str, kind: str = "refund-payin", actor: Actor = OLIVIA) -> Checked:
    return await check_file(actor, bank.teller, OPERATIONS[kind], file_name="refunds.csv", content=text.encode())


async def checked(bank: Bank, text: str, kind: str = "refund-payin") -> str:
    found = await check(bank, text, kind)
    assert found.batch is not None, found.faults
    return found.batch.batch_id


async def started(bank: Bank, text: str, kind: str = "refund-payin") -> str:
    batch_id = await checked(bank, text, kind)
    await say_yes(bank, batch_id)
    return batch_id


async def say_yes(bank: Bank, batch_id: str) -> BatchState:
    totals = (await read_batch(OLIVIA, bank.teller, batch_id)).batch.totals
    return (await confirm(OLIVIA, bank.teller, batch_id, reason=REASON, totals=totals)).state


async def run(bank: Bank, batch_id: str, runner: BatchRunner | None = None) -> BatchView:
    """Have the runner at it until it begins nothing more."""
    runner = runner or BatchRunner(bank.teller)
    while await runner.turn():
        pass
    return await now(bank, batch_id)


async def now(bank: Bank, batch_id: str) -> BatchView:
    return await read_batch(OLIVIA, bank.teller, batch_id)


async def lines(bank: Bank, batch_id: str) -> Sequence[Operation]:
    return (await batch_lines(OLIVIA, bank.teller, batch_id)).rows


async def refunded(bank: Bank, ids: Sequence[str]) -> list[int]:
    """Return how many refunds each pay-in has."""
    return [len(await bank.refunds({"Id": id_})) for id_ in ids]


@pytest.mark.slow
async def test_a_thousand_lines_with_fifty_bad_ones_move_nothing_and_corrected_each_moves_once(bank: Bank) -> None:
    # As many calls as it takes: what becomes of it at the limit is another test's matter.
    assert (await bank.controls.put("/rate-limits", {"Limits": [100_000] * 4})).is_success
    ids = await payins(bank, 1_000)
    text = file_of(ids).splitlines()
    for number in range(20, 1_020, 20):
        text[number] = text[number].replace("1.00", "1.0.0")
    bad = await check(bank, "\n".join(text))
    assert [(fault.line, fault.column) for fault in bad.faults] == [
        (number + 1, "DebitedFunds") for number in range(20, 1_020, 20)
    ]
    assert await bank.journal() == []
    assert bank.line.sent == []

    batch_id = await started(bank, file_of(ids))
    done = await run(bank, batch_id)
    assert done.batch.state is BatchState.FINISHED
    assert done.counts == {State.SUCCEEDED: 1_000}
    assert done.batch.totals == {"EUR": 100_000}
    assert done.act == "Refund 1,000 pay-ins, 1,000.00 EUR"
    assert len(bank.line.sent) == 1_000
    assert len({request.headers["Idempotency-Key"] for request in bank.line.sent}) == 1_000
    assert set(await refunded(bank, ids)) == {1}


async def test_of_many_lines_those_are_told_that_only_mangopay_knows_to_be_wrong(bank: Bank) -> None:
    ids = await payins(bank, 40)
    text = [
        line.replace("1.00", "3.00") if number % 4 == 1 else line for number, line in enumerate(file_of(ids).split())
    ]
    found = await check(bank, "\n".join(text))
    assert [(fault.line, fault.column) for fault in found.faults] == [(n + 1, "DebitedFunds") for n in range(1, 41, 4)]
    assert {fault.sentence for fault in found.faults} == {"Only 2.00 EUR can still be given back."}
    assert await bank.journal() == []


async def test_what_only_mangopay_knows_is_told_by_line_and_column(bank: Bank) -> None:
    one, other, third = await payins(bank, 3)
    created(await bank.market.post(f"/payins/{other}/refunds", refund_body(await author(bank, other), 50)))
    rows = (
        f"{one},EUR,1.00,",
        f"{one},EUR,1.01,",
        "payin_m_nobody,EUR,1,",
        f"{other},USD,1,",
        f"{other},EUR,0.50,",
        f"{third},EUR,1,user_m_stranger",
        f"{third},EUR,2.01,",
    )
    text = "\n".join(("PayInId,Currency,DebitedFunds,AuthorId", *rows))
    found = await check(bank, text)
    assert found.faults == (
        Fault(4, "PayInId", "Mangopay does not know the pay-in payin_m_nobody in this environment."),
        Fault(5, "Currency", "It is in EUR, not in USD."),
        Fault(
            6, "DebitedFunds",
            "The same amount of it was refunded in the last 24 hours: Mangopay refuses it a second time.",
        ),
        Fault(7, "AuthorId", f"The author must be {await author(bank, third)}."),
        Fault(8, "DebitedFunds", "Only 2.00 EUR can still be given back."),
    )  # fmt: skip
    # Once each line is right by itself, their sums are looked at.
    [fault] = (await check(bank, "\n".join((text.splitlines()[0], *rows[:2])))).faults
    assert (fault.line, fault.column) == (3, "DebitedFunds")
    assert fault.sentence.startswith("With the lines before it, 2.01 EUR would be given back")


async def test_lines_that_together_take_more_than_the_wallet_has_are_told(bank: Bank) -> None:
    wallet, account = await verified(bank.market, 1_000)
    header = "DebitedWalletId,BankAccountId,Currency,DebitedFunds"
    text = "\n".join((header, *(f"{wallet['Id']},{account['Id']},EUR,{amount}" for amount in (6, 3, 2))))
    [fault] = (await check(bank, text, "payout")).faults
    assert (fault.line, fault.column) == (4, "DebitedFunds")
    assert "11.00 EUR would leave the wallet, in which there are only 10.00 EUR." in fault.sentence
    batch_id = await started(bank, "\n".join(text.splitlines()[:-1]), "payout")
    done = await run(bank, batch_id)
    # The author was read off the wallet.
    assert {line.values["AuthorId"] for line in await lines(bank, batch_id)} == set(wallet["Owners"])
    assert (done.batch.state, len(bank.line.sent)) == (BatchState.FINISHED, 2)
    assert await bank.market.balance(wallet) == 100


async def test_the_same_file_again_is_told_of_and_its_lines_are_looked_at(bank: Bank) -> None:
    bob, zoe = await bank.market.owner(), await bank.market.owner("Zoe")
    wallet, into = await bank.market.funded(bob, 1_000), await bank.market.wallet(zoe)
    text = f"DebitedWalletId,CreditedWalletId,Currency,DebitedFunds\n{wallet['Id']},{into['Id']},EUR,5"
    first = await started(bank, text, "transfer")
    await run(bank, first)
    again = await now(bank, await checked(bank, text, "transfer"))
    assert [same.batch_id for same in again.same] == [first]
    assert again.batch.notices == 1
    [line] = await lines(bank, again.batch.batch_id)
    assert any("the same amount was asked for" in notice for notice in line.seen["notices"])


async def test_without_a_way_to_mangopay_the_check_says_so_and_keeps_nothing(bank: Bank, payin: Json) -> None:
    class Broken(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            raise httpx.ReadError("broken", request=request)

    way = bank.teller.clients[Environment.LOCAL]._connection._http
    way._transport = Broken()
    with pytest.raises(Unreachable):
        await check(bank, file_of([payin["Id"]]))
    assert await bank.journal() == []


async def test_a_check_waits_for_the_rate_limit_and_says_until_when(bank: Bank) -> None:
    ids = await payins(bank, 6)
    told: list[Checking] = []
    client = bank.teller.clients[Environment.LOCAL]
    client.governor.hear(limit(remaining=0, for_s=3))
    found = await check_file(
        OLIVIA, bank.teller, OPERATIONS["refund-payin"], file_name="f.csv", content=file_of(ids).encode(),
        on_progress=told.append,
    )  # fmt: skip
    assert found.batch is not None
    assert told[0].waits_until is not None
    assert told[-1] == Checking(6, 6)


async def test_it_is_paused_and_resumed(bank: Bank) -> None:
    ids = await payins(bank, 6)
    batch_id = await started(bank, file_of(ids))

    async def meanwhile() -> None:
        await pause(OLIVIA, bank.teller, batch_id)

    bank.line.before_sending = meanwhile
    paused = await run(bank, batch_id)
    # What had begun was done, and nothing else was.
    assert paused.batch.state is BatchState.PAUSED
    assert paused.counts == {State.SUCCEEDED: 1, State.QUEUED: 5}
    with pytest.raises(BatchMovedOn, match="paused by now"):
        await pause(OLIVIA, bank.teller, batch_id)
    await resume(OLIVIA, bank.teller, batch_id)
    done = await run(bank, batch_id)
    assert (done.batch.state, done.counts) == (BatchState.FINISHED, {State.SUCCEEDED: 6})
    assert await refunded(bank, ids) == [1] * 6


async def test_after_the_process_died_in_the_midst_no_line_is_done_twice(database: Database) -> None:
    class Killed(BaseException):
        pass

    async with open_bank(database) as bank:
        ids = await payins(bank, 5)
        batch_id = await started(bank, file_of(ids))

        async def die() -> None:
            raise Killed

        async def begin_to_die() -> None:
            bank.line.before_sending = die

        bank.line.before_sending = begin_to_die
        with pytest.raises(Killed):
            await BatchRunner(bank.teller).turn()
        assert (await now(bank, batch_id)).counts == {State.SUCCEEDED: 1, State.SENT: 1, State.QUEUED: 3}
        # The claim of the dead one holds for half a minute, and what it had sent is found out first.
        assert (await run(bank, batch_id)).counts[State.QUEUED] == 3
        bank.clock.advance(seconds=31)
        waiting = await run(bank, batch_id)
        assert waiting.batch.waits_for == "Waiting until it is known what became of line 3."
        await bank.find_out(minutes=10)
        done = await run(bank, batch_id)
        assert done.batch.state is BatchState.FINISHED
        # It had written down that it sends, and did not: nobody sends it a second time.
        assert done.counts == {State.SUCCEEDED: 4, State.FAILED: 1}
        assert await refunded(bank, ids) == [1, 0, 1, 1, 1]


async def test_a_process_that_died_before_sending_leaves_a_line_that_is_done_later(bank: Bank) -> None:
    ids = await payins(bank, 3)
    batch_id = await started(bank, file_of(ids))
    await claim(bank.teller, (await lines(bank, batch_id))[0], State.QUEUED)
    assert (await run(bank, batch_id)).counts == {State.PREPARED: 1, State.QUEUED: 2}
    await bank.find_out(minutes=5)
    assert (await run(bank, batch_id)).counts == {State.SUCCEEDED: 3}
    assert await refunded(bank, ids) == [1, 1, 1]


async def test_a_runner_that_is_told_to_stop_begins_nothing_more_and_the_next_goes_on_at_once(bank: Bank) -> None:
    ids = await payins(bank, 4)
    batch_id = await started(bank, file_of(ids))
    runner = BatchRunner(bank.teller)

    async def meanwhile() -> None:
        runner.stop()

    bank.line.before_sending = meanwhile
    assert (await run(bank, batch_id, runner)).counts == {State.SUCCEEDED: 1, State.QUEUED: 3}
    assert (await run(bank, batch_id)).batch.state is BatchState.FINISHED
    assert await refunded(bank, ids) == [1] * 4


@pytest.mark.parametrize("lost", ["request", "answer"])
async def test_a_lost_answer_in_the_midst_is_waited_for_and_the_rest_goes_on(bank: Bank, lost: str) -> None:
    ids = await payins(bank, 4)
    batch_id = await started(bank, file_of(ids))

    async def meanwhile() -> None:
        bank.line.lose(lost)

    bank.line.before_sending = meanwhile
    waiting = await run(bank, batch_id)
    assert waiting.counts == {State.UNKNOWN: 1, State.QUEUED: 3}
    assert waiting.batch.waits_for == "Waiting until it is known what became of line 2."
    await bank.find_out(minutes=10)
    done = await run(bank, batch_id)
    assert done.batch.state is BatchState.FINISHED
    assert done.batch.waits_for == ""
    assert await refunded(bank, ids) == [int(lost == "answer"), 1, 1, 1]
    assert len(bank.line.sent) == 4


async def test_at_the_rate_limit_it_waits_and_leaves_the_rest_to_people(bank: Bank) -> None:
    ids = await payins(bank, 3)
    batch_id = await started(bank, file_of(ids))
    governor = bank.teller.clients[Environment.LOCAL].governor
    governor.hear(limit(remaining=300, for_s=600))
    waiting = await run(bank, batch_id)
    assert waiting.counts == {State.QUEUED: 3}
    assert "rest of the dashboard" in waiting.batch.waits_for
    assert waiting.batch.claimed_until is not None
    # Somebody at a page still gets what they ask for.
    await bank.do("refund-payin", PayInId=ids[0], DebitedFunds="0.50", Fees="0")
    governor.hear(limit(remaining=2_000, for_s=600))
    bank.clock.advance(minutes=11)
    assert (await run(bank, batch_id)).batch.state is BatchState.FINISHED


@pytest.mark.parametrize("instead", [httpx.Response(429, json={"Type": "rate_limit"}), httpx.ConnectError("refused")])
async def test_what_mangopay_did_not_take_stays_queued_and_is_sent_once_later(
    bank: Bank, instead: httpx.Response | Exception
) -> None:
    ids = await payins(bank, 2)
    batch_id = await started(bank, file_of(ids))
    bank.line.lose("request", instead=instead)
    waiting = await run(bank, batch_id)
    assert waiting.counts == {State.QUEUED: 2}
    assert waiting.batch.waits_for
    bank.clock.advance(minutes=1)
    assert (await run(bank, batch_id)).counts == {State.SUCCEEDED: 2}
    assert await refunded(bank, ids) == [1, 1]


async def test_what_cannot_be_read_just_now_is_no_reason_against_a_line(bank: Bank, payin: Json) -> None:
    batch_id = await started(bank, file_of([payin["Id"]]))
    await bank.controls.break_api("error", Status=503, Method="GET", Path="/payins/*", Times=3)
    waiting = await run(bank, batch_id)
    assert waiting.counts == {State.QUEUED: 1}
    assert waiting.batch.waits_for == "Waiting: Mangopay has a fault of its own."
    bank.clock.advance(minutes=1)
    assert (await run(bank, batch_id)).counts == {State.SUCCEEDED: 1}


async def test_a_line_that_something_speaks_against_by_now_fails_with_it_and_the_others_are_done(bank: Bank) -> None:
    ids = await payins(bank, 3)
    batch_id = await started(bank, file_of(ids))
    created(await bank.market.post(f"/payins/{ids[1]}/refunds", refund_body(await author(bank, ids[1]), 150)))
    done = await run(bank, batch_id)
    assert done.counts == {State.SUCCEEDED: 2, State.FAILED: 1}
    assert (await lines(bank, batch_id))[1].failure == "Only 0.50 EUR can still be given back."
    assert len(bank.line.sent) == 2


async def test_a_line_whose_money_somebody_else_is_at_is_put_off_and_fails_after_some_minutes(bank: Bank) -> None:
    ids = await payins(bank, 2)
    bank.line.lose("request")
    other = await bank.do("refund-payin", PayInId=ids[0], DebitedFunds="0.50", Fees="0")
    assert other.state is State.UNKNOWN
    batch_id = await started(bank, file_of(ids))
    waiting = await run(bank, batch_id)
    assert waiting.counts == {State.SUCCEEDED: 1, State.QUEUED: 1}
    assert "Waiting with line 2: Another operation on the same money" in waiting.batch.waits_for
    for _ in range(MOST_TRIES):
        bank.clock.advance(seconds=31)
        await BatchRunner(bank.teller).turn()
        bank.clock.advance(seconds=3)
    done = await run(bank, batch_id)
    assert (done.batch.state, done.counts) == (BatchState.FINISHED, {State.SUCCEEDED: 1, State.FAILED: 1})


async def test_what_is_still_under_way_at_mangopay_counts_as_done(bank: Bank) -> None:
    wallet, account = await verified(bank.market, 1_000)
    text = f"DebitedWalletId,BankAccountId,Currency,DebitedFunds\n{wallet['Id']},{account['Id']},EUR,6"
    done = await run(bank, await started(bank, text, "payout"))
    assert done.batch.state is BatchState.FINISHED
    assert done.count(State.ACCEPTED, State.SUCCEEDED) == 1


async def test_the_rest_is_cancelled_and_what_was_done_stays_done(bank: Bank) -> None:
    ids = await payins(bank, 4)
    batch_id = await started(bank, file_of(ids))

    async def meanwhile() -> None:
        await cancel_rest(OLIVIA, bank.teller, batch_id)

    bank.line.before_sending = meanwhile
    done = await run(bank, batch_id)
    assert (done.batch.state, done.counts) == (BatchState.CANCELLED, {State.SUCCEEDED: 1, State.CANCELLED: 3})
    assert await refunded(bank, ids) == [1, 0, 0, 0]
    for act in (pause, resume, cancel_rest):
        with pytest.raises(BatchMovedOn):
            await act(OLIVIA, bank.teller, batch_id)


async def test_a_line_that_comes_back_to_a_batch_that_was_stopped_is_not_done(bank: Bank) -> None:
    ids = await payins(bank, 2)
    batch_id = await started(bank, file_of(ids))
    await claim(bank.teller, (await lines(bank, batch_id))[0], State.QUEUED)
    await cancel_rest(OLIVIA, bank.teller, batch_id)
    await bank.find_out(minutes=5)
    assert (await run(bank, batch_id)).counts == {State.CANCELLED: 2}
    assert bank.line.sent == []


async def test_above_the_limit_another_person_approves_the_whole_of_it(database: Database) -> None:
    async with open_bank(database, limits=parse_limits("EUR:2.50")) as bank:
        ids = await payins(bank, 3)
        batch_id = await checked(bank, file_of(ids))
        assert await say_yes(bank, batch_id) is BatchState.AWAITING_APPROVAL
        assert (await run(bank, batch_id)).counts == {State.QUEUED: 3}
        mark = (await now(bank, batch_id)).batch.request_hash
        olivia_too = replace(APRIL, email="OLIVIA@example.com")
        with pytest.raises(NotForYou, match="somebody else has to"):
            await approve_batch(olivia_too, bank.teller, batch_id, request_hash=mark)
        with pytest.raises(NotForYou, match="not what was asked for"):
            await approve_batch(APRIL, bank.teller, batch_id, request_hash="another")
        await approve_batch(APRIL, bank.teller, batch_id, request_hash=mark)
        done = await run(bank, batch_id)
        assert (done.batch.state, done.batch.decided_by) == (BatchState.FINISHED, APRIL.email)
        assert await refunded(bank, ids) == [1, 1, 1]
        # Two of them are below it together.
        below = await checked(bank, file_of(ids[:2], "0.50"))
        assert await say_yes(bank, below) is BatchState.RUNNING


async def test_no_number_of_small_files_takes_from_one_wallet_to_another_what_one_may_not(database: Database) -> None:
    async with open_bank(database, limits=parse_limits("EUR:10")) as bank:
        market = bank.market
        shop, other = await market.funded(await market.owner(), 10_000), await market.wallet(await market.owner("Zoe"))
        head = "DebitedWalletId,CreditedWalletId,Currency,DebitedFunds,Fees"

        def file(amount: str) -> str:
            return f"{head}\n{shop['Id']},{other['Id']},EUR,{amount},0"

        first, second, third = [await checked(bank, file(amount), "transfer") for amount in ("6", "4", "0.50")]
        assert (await now(bank, third)).limit is None
        # A line that waits for its turn counts as well.
        assert await say_yes(bank, first) is BatchState.RUNNING
        assert await say_yes(bank, second) is BatchState.RUNNING
        # Whoever looks at it is told beforehand.
        assert (await now(bank, third)).limit == Money(1000, "EUR")
        assert await say_yes(bank, third) is BatchState.AWAITING_APPROVAL
        await run(bank, second)
        asked = await bank.do(
            "transfer", DebitedWalletId=shop["Id"], CreditedWalletId=other["Id"], DebitedFunds="1", Fees="0"
        )
        assert asked.state is State.AWAITING_APPROVAL
        bank.clock.advance(days=1, seconds=1)
        tomorrow = await checked(bank, file("9"), "transfer")
        assert await say_yes(bank, tomorrow) is BatchState.RUNNING


async def test_lines_that_were_changed_behind_its_back_are_not_approved(database: Database) -> None:
    async with open_bank(database, limits=parse_limits("EUR:0")) as bank:
        batch_id = await checked(bank, file_of(await payins(bank, 1)))
        await say_yes(bank, batch_id)
        mark = (await now(bank, batch_id)).batch.request_hash
        async with database.session() as session:
            [line] = (await session.exec(select(Operation))).all()
            line.values = {**line.values, "DebitedFunds": "1.50"}
            session.add(line)
            await session.commit()
        with pytest.raises(NotForYou, match="not what was asked for"):
            await approve_batch(APRIL, bank.teller, batch_id, request_hash=mark)


async def test_it_is_refused_with_a_reason_or_expires_and_nothing_moves(database: Database) -> None:
    async with open_bank(database, limits=parse_limits("EUR:0")) as bank:
        ids = await payins(bank, 2)
        refused, expired, taken_back = [await checked(bank, file_of(ids, amount)) for amount in ("1", "2", "0.5")]
        for batch_id in (refused, expired, taken_back):
            await say_yes(bank, batch_id)
        with pytest.raises(Unfit):
            await refuse_batch(APRIL, bank.teller, refused, reason="no")
        await refuse_batch(APRIL, bank.teller, refused, reason="Not before Monday")
        with pytest.raises(NotForYou, match="Only whoever asked"):
            await cancel_rest(APRIL, bank.teller, taken_back)
        await cancel_rest(OLIVIA, bank.teller, taken_back)
        bank.clock.advance(days=APPROVAL_EXPIRES_AFTER.days, seconds=1)
        assert (await run(bank, expired)).counts == {State.EXPIRED: 2}
        told = await now(bank, refused)
        assert (told.batch.state, told.batch.decision_reason) == (BatchState.REFUSED, "Not before Monday")
        assert told.counts == {State.REFUSED: 2}
        assert (await now(bank, taken_back)).counts == {State.CANCELLED: 2}
        assert (await now(bank, expired)).batch.state is BatchState.EXPIRED
        assert bank.line.sent == []
        with pytest.raises(BatchMovedOn):
            await approve_batch(APRIL, bank.teller, refused, request_hash=told.batch.request_hash)


async def test_it_is_confirmed_once_with_a_reason_and_for_what_was_shown(bank: Bank, payin: Json) -> None:
    batch_id = await checked(bank, file_of([payin["Id"]]))
    with pytest.raises(Unfit):
        await confirm(OLIVIA, bank.teller, batch_id, reason="", totals={"EUR": 100})
    with pytest.raises(NotForYou, match="not what was asked for"):
        await confirm(OLIVIA, bank.teller, batch_id, reason=REASON, totals={"EUR": 99})
    assert await say_yes(bank, batch_id) is BatchState.RUNNING
    with pytest.raises(BatchMovedOn, match="running by now"):
        await say_yes(bank, batch_id)
    with pytest.raises(NoSuchBatch):
        await read_batch(OLIVIA, bank.teller, "batch_of_nobody")
    with pytest.raises(NoSuchBatch):
        await read_batch(replace(OLIVIA, environment=Environment.SANDBOX), bank.teller, batch_id)


async def test_everything_about_a_batch_is_in_the_audit_log(bank: Bank, payin: Json) -> None:
    batch_id = await started(bank, file_of([payin["Id"]]))
    await pause(OLIVIA, bank.teller, batch_id)
    await resume(OLIVIA, bank.teller, batch_id)
    await run(bank, batch_id)
    about = (AuditEntry.act == Act.MONEY_OPERATION, AuditEntry.about == batch_id)
    async with bank.teller.database.session() as session:
        rows = (await session.exec(select(AuditEntry).where(*about).order_by(col(AuditEntry.id)))).all()
    assert [row.detail.rpartition(" ")[2] for row in rows[1:3]] == ["Paused.", "Resumed."]
    assert {row.who for row in rows[:3]} == {OLIVIA.email}
    assert rows[0].detail == f"Refund 1 pay-in, 1.00 EUR (refunds.csv). Confirmed. Reason: {REASON}"
    assert rows[-1].who == "dashboard"
    [line] = await lines(bank, batch_id)
    assert len(await bank.log(line)) == 2
    assert line.reason == REASON


async def test_the_results_are_a_file_with_what_was_asked_and_what_became_of_it(bank: Bank) -> None:
    ids = await payins(bank, 2)
    header = f"{HEADER},Reason,Tag"
    text = "\n".join((header, f"{ids[0]},EUR,1,-0,=cmd(),note", f"{ids[1]},EUR,1,0,,"))
    batch_id = await started(bank, text)
    bank.line.lose("request", instead=httpx.Response(400, json={"Type": "param_error", "Message": "wrong"}))
    await run(bank, batch_id)
    written = "".join([part async for part in batch_results(OLIVIA, bank.teller, batch_id)])
    first, second = csv.DictReader(io.StringIO(written))
    assert (first["Line"], first["PayInId"], first["Reason"], first["Tag"]) == ("2", ids[0], "'=cmd()", "note")
    assert (first["State"], first["Fees"]) == ("failed", "-0")
    assert first["Failure"] == "Mangopay refused the request: wrong"
    [refund] = await bank.refunds({"Id": ids[1]})
    assert (second["State"], second["ObjectId"], second["Status"]) == ("succeeded", refund["Id"], "SUCCEEDED")
    assert second["OperationId"] == refund["Tag"]


async def author(bank: Bank, payin_id: str) -> str:
    return str((await bank.market.get(f"/payins/{payin_id}")).json()["AuthorId"])


def refund_body(author_id: str, amount: int) -> Json:
    return {
        "AuthorId": author_id,
        "DebitedFunds": {"Currency": "EUR", "Amount": amount},
        "Fees": {"Currency": "EUR", "Amount": 0},
    }


def limit(*, remaining: int, for_s: float) -> RateLimit:
    """Return what Mangopay says of its limits: of the shortest window so much is left for so long."""
    reset_at = datetime.now(UTC) + timedelta(seconds=for_s)
    windows = [Window(minutes, 100, 100_000, reset_at) for minutes in WINDOW_MINUTES]
    return RateLimit((Window(WINDOW_MINUTES[0], max(2_300 - remaining, 0), remaining, reset_at), *windows[1:]))
