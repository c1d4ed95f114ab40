"""A batch is not alone: the same file twice, the same payment by somebody else, answers and faults nobody foresaw."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from models.audit import AuditEntry, Outcome
from models.journal import BatchState, OperationBatch, State
from models.operations.limits import APPROVAL_EXPIRES_AFTER, parse_limits
from services.database import Database
from services.operations.batch_checks import CHECKED_FOR
from services.operations.batch_runner import BUSY_AGAIN, MOST_TRIES, BatchRunner
from services.operations.batches import approve_batch, confirm, refuse_batch
from services.operations.errors import BatchMovedOn, Moved
from services.operations.journal import count_to_decide
from tests.services.emulator.test_payouts import verified
from tests.services.operations.bank import APRIL, OLIVIA, REASON, Bank, open_bank
from tests.services.operations.test_batches import (
    check,
    checked,
    file_of,
    lines,
    now,
    payins,
    refunded,
    run,
    say_yes,
    started,
)

NINA = replace(OLIVIA, email="nina@example.com", account_id=3, session_id=3)
HEADER = "DebitedWalletId,CreditedWalletId,Currency,DebitedFunds,Tag"


class Transfers:
    """From Bob's wallet to Zoe's, and to Yves's."""

    def __init__(self, wallet: str, zoe: str, yves: str) -> None:
        self.wallet, self.zoe, self.yves = wallet, zoe, yves

    def file(self, *amounts: int, tag: str = "") -> str:
        return "\n".join((HEADER, *(f"{self.wallet},{self.zoe},EUR,{amount},{tag}" for amount in amounts)))

    def values(self, amount: int) -> dict[str, str]:
        ids = {"DebitedWalletId": self.wallet, "CreditedWalletId": self.zoe}
        return {**ids, "DebitedFunds": str(amount), "Fees": "0"}


async def transfers(bank: Bank) -> Transfers:
    market = bank.market
    wallet = await market.funded(await market.owner(), 10_000)
    zoe, yves = [await market.wallet(await market.owner(name)) for name in ("Zoe", "Yves")]
    return Transfers(wallet["Id"], zoe["Id"], yves["Id"])


async def say_yes_too(bank: Bank, batch_id: str, same: Sequence[str] = ()) -> BatchState:
    """Another operator confirms, who has seen these batches with the same lines."""
    totals = (await now(bank, batch_id)).batch.totals
    return (await confirm(NINA, bank.teller, batch_id, reason=REASON, totals=totals, same=same)).state


async def approve_it(bank: Bank, batch_id: str, same: Sequence[str] = ()) -> OperationBatch:
    mark = (await now(bank, batch_id)).batch.request_hash
    return await approve_batch(APRIL, bank.teller, batch_id, request_hash=mark, same=same)


async def test_the_same_file_is_confirmed_a_second_time_only_by_whoever_has_seen_that_it_was(bank: Bank) -> None:
    text = (await transfers(bank)).file(5)
    first, second, third = [await checked(bank, text, "transfer") for _ in range(3)]
    assert (await now(bank, second)).same == ()
    await say_yes(bank, first)
    with pytest.raises(Moved, match=rf"exactly these lines is running already, asked for by {OLIVIA.email}"):
        await say_yes_too(bank, second)
    unmoved = await now(bank, second)
    assert (unmoved.batch.state, unmoved.batch.reason) == (BatchState.CHECKED, "")
    assert [same.batch_id for same in unmoved.same] == [first]
    await run(bank, first)
    assert len(bank.line.sent) == 1
    assert await say_yes_too(bank, second, [first]) is BatchState.RUNNING
    # Of two that are there by now, one was seen.
    with pytest.raises(Moved):
        await say_yes_too(bank, third, [first])
    # What was decided knowingly is done.
    assert (await run(bank, second)).counts == {State.SUCCEEDED: 1}


async def test_of_two_with_the_same_lines_that_wait_the_second_is_approved_only_knowingly(database: Database) -> None:
    async with open_bank(database, limits=parse_limits("EUR:1")) as bank:
        text = (await transfers(bank)).file(5)
        first, second = [await checked(bank, text, "transfer") for _ in range(2)]
        await say_yes(bank, first)
        await say_yes_too(bank, second, [first])
        with pytest.raises(Moved, match="awaiting approval already"):
            await approve_it(bank, second)
        assert (await now(bank, second)).batch.state is BatchState.AWAITING_APPROVAL
        assert (await approve_it(bank, second, [first])).state is BatchState.RUNNING


async def test_what_somebody_has_paid_since_the_check_is_not_paid_by_the_file_as_well(bank: Bank) -> None:
    to = await transfers(bank)
    batch_id = await started(bank, to.file(5, 3), "transfer")
    single = await bank.do("transfer", NINA, **to.values(5))
    assert single.state is State.SUCCEEDED
    done = await run(bank, batch_id)
    assert (done.batch.state, done.counts) == (BatchState.FINISHED, {State.SUCCEEDED: 1, State.FAILED: 1})
    failed, _ = await lines(bank, batch_id)
    assert failed.failure == (
        f"The same amount went to the same place meanwhile: {single.label}, asked for by {NINA.email}. "
        "Nothing was sent."
    )
    assert len(bank.line.sent) == 2
    assert await bank.log(failed) == [Outcome.REFUSED]


async def test_what_waits_for_approval_is_told_at_the_check(database: Database) -> None:
    async with open_bank(database, limits=parse_limits("EUR:1")) as bank:
        to = await transfers(bank)
        assert (await bank.do("transfer", OLIVIA, **to.values(5))).state is State.AWAITING_APPROVAL
        batch_id = await checked(bank, to.file(5), "transfer")
        assert (await now(bank, batch_id)).batch.notices == 1


async def test_a_line_of_another_file_counts_like_anything_else_unless_it_was_told_at_the_check(bank: Bank) -> None:
    to = await transfers(bank)
    first, unaware = [await checked(bank, to.file(5, tag=tag), "transfer") for tag in ("", "March")]
    await say_yes(bank, first)
    await run(bank, first)
    aware = await checked(bank, to.file(5, tag="April"), "transfer")
    assert (await now(bank, aware)).batch.notices == 1
    for batch_id, state in ((unaware, State.FAILED), (aware, State.SUCCEEDED)):
        await say_yes(bank, batch_id)
        assert (await run(bank, batch_id)).counts == {state: 1}


async def test_one_that_has_expired_is_not_decided_on_even_before_it_is_written_down(database: Database) -> None:
    async with open_bank(database, limits=parse_limits("EUR:0")) as bank:
        batch_id = await started(bank, file_of(await payins(bank, 1)))
        bank.clock.advance(seconds=APPROVAL_EXPIRES_AFTER.total_seconds() + 1)
        with pytest.raises(BatchMovedOn, match="expired by now"):
            await approve_it(bank, batch_id)
        with pytest.raises(BatchMovedOn, match="expired by now"):
            await refuse_batch(APRIL, bank.teller, batch_id, reason="Too late")


async def test_one_that_nobody_confirms_expires_for_what_was_looked_at_is_old(bank: Bank) -> None:
    batch_id = await checked(bank, file_of(await payins(bank, 2)))
    bank.clock.advance(seconds=CHECKED_FOR.total_seconds() + 1)
    with pytest.raises(BatchMovedOn, match="expired by now"):
        await say_yes(bank, batch_id)
    await BatchRunner(bank.teller).turn()
    expired = await now(bank, batch_id)
    assert (expired.batch.state, expired.counts) == (BatchState.EXPIRED, {State.EXPIRED: 2})


def spoil(bank: Bank, payin_id: str) -> None:
    """Have a pay-in answered for with what nothing can be made of."""
    bank.line.shown[f"/payins/{payin_id}"] = httpx.Response(200, json={"Type": "PAYIN"})


async def test_a_line_that_fails_for_what_nobody_foresaw_is_told_tried_again_and_holds_up_no_other(
    bank: Bank, caplog: pytest.LogCaptureFixture
) -> None:
    ids = await payins(bank, 3)
    batch_id = await started(bank, file_of(ids))
    spoil(bank, ids[0])
    waiting = await run(bank, batch_id)
    assert waiting.batch.waits_for == (
        "Waiting with line 2: It has failed here for a reason that is in the dashboard's log. It is tried again."
    )
    assert waiting.counts == {State.QUEUED: 3}
    assert "KeyError" in caplog.text
    bank.clock.advance(seconds=16)
    assert (await run(bank, batch_id)).counts == {State.SUCCEEDED: 2, State.QUEUED: 1}
    for _ in range(MOST_TRIES):
        bank.clock.advance(seconds=BUSY_AGAIN.total_seconds() + 20)
        await BatchRunner(bank.teller).turn()
    done = await run(bank, batch_id)
    assert (done.batch.state, done.counts) == (BatchState.FINISHED, {State.SUCCEEDED: 2, State.FAILED: 1})
    [failed] = [line for line in await lines(bank, batch_id) if line.state is State.FAILED]
    assert await bank.log(failed) == [Outcome.FAILED]
    assert await refunded(bank, ids) == [0, 1, 1]


@pytest.mark.parametrize("statement", ["UPDATE operation SET", "UPDATE operation_batch SET"])
async def test_a_database_that_refuses_in_the_midst_of_a_line_is_waited_for(bank: Bank, statement: str) -> None:
    ids = await payins(bank, 2)
    batch_id = await started(bank, file_of(ids))
    with RefusingOnce(bank, statement):
        await BatchRunner(bank.teller).turn()
    bank.clock.advance(minutes=10)
    await bank.settler.turn()
    assert (await run(bank, batch_id)).counts == {State.SUCCEEDED: 2}
    assert await refunded(bank, ids) == [1, 1]


async def test_a_database_that_refuses_what_came_of_a_line_leaves_it_to_be_found_out(bank: Bank) -> None:
    ids = await payins(bank, 2)
    batch_id = await started(bank, file_of(ids))
    with contextlib.ExitStack() as stack:

        async def meanwhile() -> None:
            stack.enter_context(RefusingOnce(bank, "UPDATE operation SET"))

        bank.line.before_sending = meanwhile
        await BatchRunner(bank.teller).turn()
    waiting = await now(bank, batch_id)
    assert waiting.counts == {State.SENT: 1, State.QUEUED: 1}
    assert waiting.batch.waits_for == "Waiting until it is known what became of line 2."
    bank.clock.advance(minutes=10)
    await bank.settler.turn()
    assert (await run(bank, batch_id)).counts == {State.SUCCEEDED: 2}
    assert await refunded(bank, ids) == [1, 1]


async def test_a_check_that_fails_for_what_nobody_foresaw_stops_whole(bank: Bank) -> None:
    ids = await payins(bank, 12)
    spoil(bank, ids[0])
    before = asyncio.all_tasks()
    with pytest.raises(KeyError):
        await check(bank, file_of(ids))
    assert asyncio.all_tasks() == before
    assert await bank.journal() == []


async def test_lines_that_are_given_up_together_are_each_in_the_audit_log(bank: Bank) -> None:
    to = await transfers(bank)
    text = f"{to.file(3)}\n{to.wallet},{to.yves},EUR,4,"
    bank.line.lose("request")
    assert (await bank.do("transfer", OLIVIA, **to.values(7))).state is State.UNKNOWN
    batch_id = await started(bank, text, "transfer")
    for _ in range(MOST_TRIES):
        await BatchRunner(bank.teller).turn()
        bank.clock.advance(seconds=BUSY_AGAIN.total_seconds() + 3)
    assert (await run(bank, batch_id)).counts == {State.FAILED: 2}
    assert [await bank.log(line) for line in await lines(bank, batch_id)] == [[Outcome.FAILED]] * 2


async def test_the_log_says_how_many_are_not_finished_at_mangopay_when_all_were_sent(bank: Bank) -> None:
    wallet, account = await verified(bank.market, 1_000)
    text = f"DebitedWalletId,BankAccountId,Currency,DebitedFunds\n{wallet['Id']},{account['Id']},EUR,6"
    done = await run(bank, await started(bank, text, "payout"))
    assert done.counts == {State.ACCEPTED: 1}
    told = select(AuditEntry.detail).where(AuditEntry.about == done.batch.batch_id).order_by(col(AuditEntry.id).desc())
    async with bank.teller.database.session() as session:
        detail = (await session.exec(told)).first()
    assert detail == (
        "Make 1 payout, 6.00 EUR. Every line has been sent or has failed. Mangopay has not finished 1 of them yet."
    )


async def test_nobody_is_called_to_decide_on_what_they_asked_for_in_another_letter_case(database: Database) -> None:
    async with open_bank(database, limits=parse_limits("EUR:0")) as bank:
        await started(bank, file_of(await payins(bank, 1)))
        assert await count_to_decide(replace(APRIL, email="Olivia@Example.com"), bank.teller) == 0
        assert await count_to_decide(APRIL, bank.teller) == 1


class RefusingOnce:
    """The database refuses the next statement that begins like this."""

    def __init__(self, bank: Bank, beginning: str) -> None:
        self._engine = bank.teller.database.engine.sync_engine
        self._beginning = beginning
        self._refuse: Callable[..., None] = self._look
        self._is_done = False

    def __enter__(self) -> None:
        event.listen(self._engine, "before_cursor_execute", self._refuse)

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._refuse)

    def _look(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(self._beginning) and not self._is_done:
            self._is_done = True
            raise OperationalError(statement, {}, Exception("database is locked"))
