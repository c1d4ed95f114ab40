"""Works through the lines of confirmed batches, one after another, within the rate limits and after everybody else.

A batch is one runner's own for a while (`claimed_until`), and each line is claimed as any operation is: whoever dies in
the midst leaves a line that the settler finds out about, and a batch that the next runner goes on with.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import Update, update
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.audit import Outcome
from models.journal import BatchState, Operation, OperationBatch, State
from services.mangopay.client import MangopayClient
from services.mangopay.errors import MangopayError, NonsenseAnswer, NotAuthenticated, RateLimited, ServerError
from services.mangopay.governor import Priority
from services.operations.batch_reads import Watched
from services.operations.batches import end_queued, note_of_dashboard
from services.operations.errors import AlreadyAsked, Busy, NotTaken, OperationError, Unfit
from services.operations.journal import move, note
from services.operations.submitting import carry_out, claim
from services.operations.teller import MARGIN, PREPARED_FOR, SENT_FOR, Teller

# Longer than any line takes; it is renewed before each.
CLAIMED_FOR = PREPARED_FOR + SENT_FOR + MARGIN
# Then another batch has its turn.
SLICE_S = 5.0
LOOK_AGAIN = timedelta(seconds=2)
CONNECT_AGAIN = timedelta(seconds=15)
BUSY_AGAIN = timedelta(seconds=30)
MOST_TRIES = 20
UNSETTLED = (State.PREPARED, State.SENT, State.UNKNOWN)
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
        return sum([await self._work(batch) for batch in await self._due()])

    async def _due(self) -> Sequence[OperationBatch]:
        claimed_until = col(OperationBatch.claimed_until)
        due = select(OperationBatch).where(
            OperationBatch.state == BatchState.RUNNING,
            col(OperationBatch.environment).in_(list(self._teller.clients)),
            or_(claimed_until.is_(None), claimed_until <= self._teller.clock()),
        )
        async with self._teller.database.session() as session:
            return (await session.exec(due.order_by(col(OperationBatch.id)))).all()

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
            return self._rest(f"Waiting until it is known what became of line {lines.unsettled.line}.", LOOK_AGAIN)
        if lines.queued is None:
            return await self._finish(batch)
        if lines.due is None:
            waits_for = f"Waiting: another operation on the money of line {lines.queued.line} is under way."
            return self._rest(waits_for, LOOK_AGAIN)
        if (welcome_at := self._client(batch).governor.refuses(Priority.EXPORT)) is not None:
            return Rest(RATE_LIMIT, welcome_at)
        return await self._do(batch, lines.due)

    async def _do(self, batch: OperationBatch, line: Operation) -> Rest | None:
        client = Watched(self._client(batch))
        try:
            await claim(self._teller, line, State.QUEUED)
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
        return None

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
        is_over = line.looks + 1 >= MOST_TRIES
        changes: dict[str, Any] = {"looks": line.looks + 1, "failure": why, "next_look_at": now + BUSY_AGAIN}
        if is_over:
            changes |= {"state": State.FAILED, "next_look_at": None, "ended_at": now}
        same = (
            col(Operation.batch_id) == batch.id,
            col(Operation.state) == State.QUEUED,
            col(Operation.subject) == line.subject,
        )
        async with self._teller.database.session() as session:
            await session.exec(update(Operation).where(*same).values(changed_at=now, **changes))
            if is_over:
                note(session, line, Outcome.FAILED, f"{line.operation_id}: {line.label}. {why}", now=now)
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
        if await self._change(batch, state=BatchState.FINISHED, waits_for="", ended_at=now, changed_at=now):
            async with self._teller.database.session() as session:
                note_of_dashboard(session, batch, Outcome.DONE, "Every line has been done or has failed.", now=now)
                await session.commit()
        return Rest()

    def _client(self, batch: OperationBatch) -> MangopayClient:
        return self._teller.clients[batch.environment]

    async def _tidy(self) -> None:
        """Let go of what nobody has decided on in time, and of lines that came back to a batch that was stopped."""
        now, environments = self._teller.clock(), list(self._teller.clients)
        late = select(OperationBatch).where(
            OperationBatch.state == BatchState.AWAITING_APPROVAL,
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
        mine = (col(OperationBatch.id) == batch.id, col(OperationBatch.state) == BatchState.AWAITING_APPROVAL)
        expired = update(OperationBatch).where(*mine).values(state=BatchState.EXPIRED, ended_at=now, changed_at=now)
        if (await session.exec(expired)).rowcount == 1:
            await end_queued(session, batch, State.EXPIRED, why, now=now)
            note_of_dashboard(session, batch, Outcome.REFUSED, why, now=now)


def _changing(batch: OperationBatch, **changes: Any) -> Update:  # noqa: ANN401
    """Return what changes a batch that runs and that nobody has claimed since."""
    mine = (
        col(OperationBatch.id) == batch.id,
        col(OperationBatch.state) == BatchState.RUNNING,
        col(OperationBatch.claimed_until).is_not_distinct_from(batch.claimed_until),
    )
    return update(OperationBatch).where(*mine).values(**changes)
