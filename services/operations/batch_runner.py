"""Works through the lines of confirmed batches, one after another, within the rate limits and after everybody else.

A batch is one runner's own for a while (`claimed_until`), and each line is claimed as any operation is: whoever dies in
the midst leaves a line that the settler finds out about, and a batch that the next runner goes on with.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import Update, update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from models.audit import Outcome
from models.journal import COUNTS_AS_MADE, BatchState, Operation, OperationBatch, State
from models.operations.checks import LATELY
from services.mangopay.client import MangopayClient
from services.mangopay.errors import MangopayError, NonsenseAnswer, NotAuthenticated, RateLimited, ServerError
from services.mangopay.governor import Priority
from services.operations.batch_reads import Watched
from services.operations.batches import end_queued, note_of_dashboard
from services.operations.errors import AlreadyAsked, Busy, Moved, NotTaken, OperationError, Unfit
from services.operations.journal import move, move_back, note
from services.operations.submitting import carry_out, claim, put_back
from services.operations.teller import Teller

log = logging.getLogger(__name__)

# It is renewed before each line. Should one take longer, whoever takes the batch over waits for that very line, which
# is claimed by itself.
CLAIMED_FOR = timedelta(seconds=30)
# Then another batch has its turn.
SLICE_S = 5.0
LOOK_AGAIN = timedelta(seconds=2)
CONNECT_AGAIN = timedelta(seconds=15)
BUSY_AGAIN = timedelta(seconds=30)
MOST_TRIES = 20
UNDECIDED = (BatchState.CHECKED, BatchState.AWAITING_APPROVAL)
UNSETTLED = (State.PREPARED, State.SENT, State.UNKNOWN)
ODD = "It has failed here for a reason that is in the dashboard's log."
RATE_LIMIT = "Mangopay's rate limit is reached; what is left of it is for the rest of the dashboard."


@dataclass(frozen=True, slots=True)
class Rest:
    """Why a batch does not go on just now, and until when nobody needs to look at it."""

    waits_for: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """The first line of a batch of which nobody knows what became of it, that can be done, that is still to do."""

    unsettled: Operation | None
    due: Operation | None
    queued: Operation | None


class BatchRunner:
    """One per process; several may be at it."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Begin no further line."""
        self._stopping.set()

    async def turn(self) -> int:
        """Work on each batch for some seconds; returns how many lines were begun."""
        await self._tidy()
        return sum([await self._work_safely(batch) for batch in await self._due()])

    async def _due(self) -> Sequence[OperationBatch]:
        claimed_until = col(OperationBatch.claimed_until)
        due = select(OperationBatch).where(
            OperationBatch.state == BatchState.RUNNING,
            col(OperationBatch.environment).in_(list(self._teller.clients)),
            or_(claimed_until.is_(None), claimed_until <= self._teller.clock()),
        )
        async with self._teller.database.session() as session:
            return (await session.exec(due.order_by(col(OperationBatch.id)))).all()

    async def _work_safely(self, batch: OperationBatch) -> int:
        """Work on a batch; what fails here holds up no other. Its claim runs out, and then it is tried again."""
        try:
            return await self._work(batch)
        except Exception:
            log.exception("batch=%s stands still", batch.batch_id)
            return 0

    async def _work(self, batch: OperationBatch) -> int:
        ends_at, begun, rest = monotonic() + SLICE_S, 0, None
        while rest is None and monotonic() < ends_at and not self._stopping.is_set():
            lines = await self._hold(batch)
            if lines is None:
                return begun
            rest = await self._step(batch, lines)
            begun += rest is None
        rest = rest or Rest()
        await self._change(batch, waits_for=rest.waits_for, claimed_until=rest.until)
        return begun

    async def _hold(self, batch: OperationBatch) -> Lines | None:
        """Claim a batch, or keep it, and look at its lines; None when it was stopped, or another runner has it."""
        until = self._teller.clock() + CLAIMED_FOR
        mine = select(Operation).where(col(Operation.batch_id) == batch.id).order_by(col(Operation.line)).limit(1)
        queued, waits_until = mine.where(Operation.state == State.QUEUED), col(Operation.next_look_at)
        due = queued.where(or_(waits_until.is_(None), waits_until <= self._teller.clock()))
        async with self._teller.database.session() as session:
            is_held = (await session.exec(_changing(batch, claimed_until=until))).rowcount == 1
            await session.commit()
            batch.claimed_until = until
            if not is_held:
                return None
            is_open = mine.where(col(Operation.state).in_(UNSETTLED))
            return Lines(*[(await session.exec(wanted)).first() for wanted in (is_open, due, queued)])

    async def _change(self, batch: OperationBatch, **changes: Any) -> bool:  # noqa: ANN401
        """Change a batch that runs and that nobody has claimed since."""
        async with self._teller.database.session() as session:
            changed = await session.exec(_changing(batch, **changes))
            await session.commit()
        return changed.rowcount == 1

    async def _step(self, batch: OperationBatch, lines: Lines) -> Rest | None:
        """Do the next line; returns why there is none to be done just now."""
        if lines.unsettled is not None:
            return self._rest(_found_out(lines.unsettled), LOOK_AGAIN)
        if lines.queued is None:
            return await self._finish(batch)
        if lines.due is None:
            return self._rest(f"Waiting with line {lines.queued.line}: {lines.queued.failure}", LOOK_AGAIN)
        if (welcome_at := self._client(batch).governor.refuses(Priority.EXPORT)) is not None:
            return Rest(RATE_LIMIT, welcome_at)
        return await self._do(batch, lines.due)

    async def _do(self, batch: OperationBatch, line: Operation) -> Rest | None:
        client = Watched(self._client(batch))
        try:
            await claim(self._teller, line, State.QUEUED)
            await self._look_for_others(batch, line)
            await carry_out(self._teller, line, client, actor=None, is_brief=True)
        except AlreadyAsked:
            # Another runner has begun it: the next look shows how far it is.
            return None
        except Busy as error:
            await self._put_off(batch, line, str(error))
        except NotTaken as error:
            return self._rest_of(client, error.__cause__, str(error))
        except OperationError as error:
            # What could not be read says nothing about the line.
            if client.trouble is None or not await self._may_try_again(line, client.trouble):
                await self._fail(line, error)
            else:
                return self._rest_of(client, client.trouble, client.trouble.sentence)
        except Exception as error:
            log.exception("batch=%s operation=%s failed here", batch.batch_id, line.operation_id)
            return await self._stumble(line, error)
        return None

    async def _look_for_others(self, batch: OperationBatch, line: Operation) -> None:
        """Put a line back if the same was done meanwhile by somebody who did not know of it. Raises Moved."""
        async with self._teller.database.session() as session:
            found = (await session.exec(_made_meanwhile(batch, line))).all()
        other = next((other for other in found if other.operation_id not in line.seen.get("lately", ())), None)
        if other is not None:
            told = f"{other.label}, asked for by {other.asked_by}. Nothing was sent."
            moved = Moved(f"The same amount went to the same place meanwhile: {told}")
            await put_back(self._teller, line, str(moved))
            raise moved

    async def _stumble(self, line: Operation, error: Exception) -> Rest | None:
        """Put back a line that nobody foresaw to fail like this, and the others first; after many tries, give it up.

        What was sent by then stays so, and is found out about as ever.
        """
        now = self._teller.clock()
        is_busy = isinstance(error, SQLAlchemyError)
        why = "The database does not answer just now." if is_busy else ODD
        changes, is_over = _another_try(line, why, now=now)
        async with self._teller.database.session() as session:
            await move_back(session, line, State.PREPARED, why, now=now)
            is_back = await move(session, line, State.QUEUED, **changes)
            if is_back and is_over:
                _note_given_up(session, line, why, now=now)
            await session.commit()
        if not is_back:
            return self._rest(_found_out(line), LOOK_AGAIN)
        return (
            None if is_over else self._rest(f"Waiting with line {line.line}: {why} It is tried again.", CONNECT_AGAIN)
        )

    async def _may_try_again(self, line: Operation, trouble: MangopayError) -> bool:
        """Whether a line is tried once more: an answer that nobody understands may never become a better one."""
        if not isinstance(trouble, ServerError | NonsenseAnswer):
            return True
        async with self._teller.database.session() as session:
            is_put_off = await move(session, line, State.QUEUED, looks=line.looks + 1)
            await session.commit()
        return is_put_off and line.looks + 1 < MOST_TRIES

    def _rest_of(self, client: MangopayClient, error: BaseException | None, sentence: str) -> Rest:
        welcome_at = client.governor.refuses(Priority.EXPORT)
        if isinstance(error, RateLimited) or welcome_at is not None:
            retry_at = error.retry_at if isinstance(error, RateLimited) else None
            soonest = self._teller.clock() + CONNECT_AGAIN
            return Rest(RATE_LIMIT, max(filter(None, (retry_at, welcome_at)), default=soonest))
        advice = f" {error.next_step}" if isinstance(error, NotAuthenticated) else ""
        return self._rest(f"Waiting: {sentence}{advice}", CONNECT_AGAIN)

    def _rest(self, waits_for: str, time: timedelta) -> Rest:
        return Rest(waits_for, self._teller.clock() + time)

    async def _put_off(self, batch: OperationBatch, line: Operation, why: str) -> None:
        """Try the lines on the same money again later; after some minutes, not any more."""
        now = self._teller.clock()
        changes, is_over = _another_try(line, why, now=now)
        same = (
            col(Operation.batch_id) == batch.id,
            col(Operation.state) == State.QUEUED,
            col(Operation.subject) == line.subject,
        )
        async with self._teller.database.session() as session:
            given_up = (await session.exec(select(Operation).where(*same))).all() if is_over else ()
            await session.exec(update(Operation).where(*same).values(**changes))
            for each in given_up:
                _note_given_up(session, each, why, now=now)
            await session.commit()

    async def _fail(self, line: Operation, error: OperationError) -> None:
        """Have a line that something speaks against fail: it is not tried for ever."""
        now = self._teller.clock()
        why = " ".join((str(error), *error.field_errors.values())) if isinstance(error, Unfit) else str(error)
        async with self._teller.database.session() as session:
            if await move(session, line, State.QUEUED, state=State.FAILED, failure=why, ended_at=now, changed_at=now):
                detail = f"{line.operation_id}: {line.label}. Nothing was sent: {why}"
                note(session, line, Outcome.REFUSED, detail, now=now)
            await session.commit()

    async def _finish(self, batch: OperationBatch) -> Rest:
        now = self._teller.clock()
        open_ones = select(func.count()).where(
            col(Operation.batch_id) == batch.id, col(Operation.state) == State.ACCEPTED
        )
        async with self._teller.database.session() as session:
            finished = _changing(batch, state=BatchState.FINISHED, waits_for="", ended_at=now, changed_at=now)
            if (await session.exec(finished)).rowcount == 1:
                said = _said_at_the_end((await session.exec(open_ones)).one())
                note_of_dashboard(session, batch, Outcome.DONE, said, now=now)
            await session.commit()
        return Rest()

    def _client(self, batch: OperationBatch) -> MangopayClient:
        return self._teller.clients[batch.environment]

    async def _tidy(self) -> None:
        """Let go of what nobody has decided on in time, and of lines that came back to a batch that was stopped."""
        now, environments = self._teller.clock(), list(self._teller.clients)
        late = select(OperationBatch).where(
            col(OperationBatch.state).in_(UNDECIDED),
            col(OperationBatch.expires_at) <= now,
            col(OperationBatch.environment).in_(environments),
        )
        queued = select(Operation.batch_id).where(
            col(Operation.environment).in_(environments), Operation.state == State.QUEUED
        )
        stopped = select(OperationBatch).where(
            OperationBatch.state == BatchState.CANCELLED, col(OperationBatch.id).in_(queued)
        )
        async with self._teller.database.session() as session:
            expired, cancelled = (await session.exec(late)).all(), (await session.exec(stopped)).all()
            if not expired and not cancelled:
                return
            for batch in expired:
                await self._expire(session, batch, now=now)
            for batch in cancelled:
                await end_queued(session, batch, State.CANCELLED, "The rest of the batch was cancelled.", now=now)
            await session.commit()

    async def _expire(self, session: AsyncSession, batch: OperationBatch, *, now: datetime) -> None:
        why = "Nobody decided on it in time."
        mine = (col(OperationBatch.id) == batch.id, col(OperationBatch.state) == batch.state)
        expired = update(OperationBatch).where(*mine).values(state=BatchState.EXPIRED, ended_at=now, changed_at=now)
        if (await session.exec(expired)).rowcount == 1:
            await end_queued(session, batch, State.EXPIRED, why, now=now)
            note_of_dashboard(session, batch, Outcome.REFUSED, why, now=now)


def _another_try(line: Operation, why: str, *, now: datetime) -> tuple[dict[str, Any], bool]:
    """Return how a line that could not be done is changed, and whether that was its last try."""
    is_over = line.looks + 1 >= MOST_TRIES
    changes = {"looks": line.looks + 1, "failure": why, "next_look_at": now + BUSY_AGAIN, "changed_at": now}
    if is_over:
        changes |= {"state": State.FAILED, "next_look_at": None, "ended_at": now}
    return changes, is_over


def _made_meanwhile(batch: OperationBatch, line: Operation) -> SelectOfScalar[Operation]:
    """Return what finds operations of others with the amount of a line that reach the same.

    It looks back as far as the check did, so that what was asked for before it and was done since is among them. Of a
    file with exactly these lines, whoever said yes to the second knew of the first.
    """
    same_file = select(OperationBatch.id).where(
        OperationBatch.environment == batch.environment, OperationBatch.request_hash == batch.request_hash
    )
    return select(Operation).where(
        Operation.environment == batch.environment,
        Operation.payee_id == line.payee_id,
        Operation.payee_id != "",
        col(Operation.asked_at) > batch.created_at - LATELY,
        Operation.kind == line.kind,
        Operation.amount == line.amount,
        Operation.currency == line.currency,
        col(Operation.state).in_(COUNTS_AS_MADE),
        or_(col(Operation.batch_id).is_(None), col(Operation.batch_id).not_in(same_file)),
    )


def _found_out(line: Operation) -> str:
    return f"Waiting until it is known what became of line {line.line}."


def _note_given_up(session: AsyncSession, line: Operation, why: str, *, now: datetime) -> None:
    note(session, line, Outcome.FAILED, f"{line.operation_id}: {line.label}. Nothing was sent: {why}", now=now)


def _said_at_the_end(open_ones: int) -> str:
    if not open_ones:
        return "Every line has been done or has failed."
    return f"Every line has been sent or has failed. Mangopay has not finished {open_ones:,} of them yet."


def _changing(batch: OperationBatch, **changes: Any) -> Update:  # noqa: ANN401
    """Return what changes a batch that runs and that nobody has claimed since."""
    mine = (
        col(OperationBatch.id) == batch.id,
        col(OperationBatch.state) == BatchState.RUNNING,
        col(OperationBatch.claimed_until).is_not_distinct_from(batch.claimed_until),
    )
    return update(OperationBatch).where(*mine).values(**changes)
