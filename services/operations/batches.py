"""Batches of operations: they are confirmed, approved by another person where they are large, held, and read.

Who works through their lines is `batch_runner`. Whatever moves a batch on guards its UPDATE by the state it has seen.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.audit import Act, Outcome
from models.journal import BatchState, Operation, OperationBatch, State
from models.operations.batch_files import REASON, hash_of_lines
from models.operations.kinds import OPERATIONS
from models.operations.limits import APPROVAL_EXPIRES_AFTER
from models.operations.requests import fault_of_reason
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.access.audit import DASHBOARD, record, record_act
from services.operations.approving import OTHER, OWN, may_decide
from services.operations.batch_journal import BatchView, find_batch_in, limit_passed_by, same_in
from services.operations.errors import BatchMovedOn, Moved, NotForYou, Unfit
from services.operations.teller import Teller

STOPPABLE = (BatchState.CHECKED, BatchState.AWAITING_APPROVAL, BatchState.RUNNING, BatchState.PAUSED)

# What was read before in the same session is read anew afterwards, not mended row by row.
_UNREAD = {"synchronize_session": False}


@needs(Permission.ASK_FOR_MONEY)
async def confirm(
    actor: Actor,
    teller: Teller,
    batch_id: str,
    *,
    reason: str,
    totals: Mapping[str, int],
    same: Collection[str] = (),
) -> OperationBatch:
    """Say yes to a batch: it runs, or waits for another person where it is above the limit.

    `totals` are what was shown, and `same` the ids of the batches with exactly these lines that were. Raises
    OperationError; SQLAlchemyError, and nothing has changed then.
    """
    if fault := fault_of_reason(reason):
        raise Unfit({REASON: fault})
    now = teller.clock()
    async with teller.database.session() as session:
        batch = await find_batch_in(session, actor.environment, batch_id)
        if batch.state is BatchState.CHECKED and _is_late(batch, now):
            raise BatchMovedOn(BatchState.EXPIRED.label)
        lines = await _lines_of(session, batch)
        if dict(totals) != batch.totals or _hash_of(batch, lines) != batch.request_hash:
            raise NotForYou(OTHER)
        waits = await limit_passed_by(session, teller, batch) is not None
        changes: dict[str, Any] = {
            "state": BatchState.AWAITING_APPROVAL if waits else BatchState.RUNNING,
            "reason": reason.strip(),
            "asked_by": actor.email,
            "account_id": actor.account_id,
            "started_at": None if waits else now,
            "expires_at": now + APPROVAL_EXPIRES_AFTER if waits else None,
        }
        await _move(session, batch, BatchState.CHECKED, now=now, **changes)
        await _check_same(session, batch, same)
        asked = {"asked_by": actor.email, "account_id": actor.account_id, "asked_at": now}
        mine = update(Operation).where(col(Operation.batch_id) == batch.id).execution_options(**_UNREAD)
        await session.exec(mine.values(**asked))
        await session.exec(mine.where(col(Operation.reason) == "").values(reason=reason.strip()))
        said = f"{'It waits for approval' if waits else 'Confirmed'}. Reason: {reason.strip()}"
        _note(session, actor, batch, Outcome.ASKED if waits else Outcome.DONE, said, now=now)
        await session.commit()
        return await find_batch_in(session, actor.environment, batch_id)


@needs(Permission.APPROVE)
async def approve_batch(
    actor: Actor, teller: Teller, batch_id: str, *, request_hash: str, same: Collection[str] = ()
) -> OperationBatch:
    """Say yes to exactly what another person has asked for; it runs. Raises OperationError, SQLAlchemyError.

    `same` are the ids of the batches with exactly these lines that were shown.
    """
    now = teller.clock()
    async with teller.database.session() as session:
        batch = await _find_to_decide(session, actor, batch_id, now=now)
        if not request_hash == batch.request_hash == _hash_of(batch, await _lines_of(session, batch)):
            raise NotForYou(OTHER)
        await _move(
            session, batch, BatchState.AWAITING_APPROVAL, now=now, state=BatchState.RUNNING, decided_by=actor.email,
            decided_at=now, started_at=now,
        )  # fmt: skip
        await _check_same(session, batch, same)
        _note(session, actor, batch, Outcome.DONE, f"Approved; {batch.asked_by} had asked.", now=now)
        await session.commit()
        return await find_batch_in(session, actor.environment, batch_id)


@needs(Permission.APPROVE)
async def refuse_batch(actor: Actor, teller: Teller, batch_id: str, *, reason: str) -> OperationBatch:
    """Say no, and why. Raises OperationError, SQLAlchemyError."""
    if fault := fault_of_reason(reason):
        raise Unfit({REASON: fault})
    now = teller.clock()
    async with teller.database.session() as session:
        batch = await _find_to_decide(session, actor, batch_id, now=now)
        await _move(
            session, batch, BatchState.AWAITING_APPROVAL, now=now, state=BatchState.REFUSED, decided_by=actor.email,
            decided_at=now, decision_reason=reason.strip(), ended_at=now,
        )  # fmt: skip
        await end_queued(session, batch, State.REFUSED, reason.strip(), now=now)
        _note(session, actor, batch, Outcome.REFUSED, f"Refused: {reason.strip()}", now=now)
        await session.commit()
        return await find_batch_in(session, actor.environment, batch_id)


@needs(Permission.ASK_FOR_MONEY)
async def pause(actor: Actor, teller: Teller, batch_id: str) -> OperationBatch:
    """Have no further line begun. Raises OperationError, SQLAlchemyError."""
    return await _turn(actor, teller, batch_id, was=BatchState.RUNNING, becomes=BatchState.PAUSED, said="Paused.")


@needs(Permission.ASK_FOR_MONEY)
async def resume(actor: Actor, teller: Teller, batch_id: str) -> OperationBatch:
    """Have it go on with its next line. Raises OperationError, SQLAlchemyError."""
    return await _turn(actor, teller, batch_id, was=BatchState.PAUSED, becomes=BatchState.RUNNING, said="Resumed.")


@needs(Permission.ASK_FOR_MONEY)
async def cancel_rest(actor: Actor, teller: Teller, batch_id: str) -> OperationBatch:
    """Have none of the lines done that were not begun. What was begun goes to its end. Raises OperationError.

    While it waits for approval, only whoever asked for it can take it back.
    """
    now = teller.clock()
    async with teller.database.session() as session:
        batch = await find_batch_in(session, actor.environment, batch_id)
        if batch.state not in STOPPABLE:
            raise BatchMovedOn(batch.state.label)
        if batch.state is BatchState.AWAITING_APPROVAL and batch.asked_by.casefold() != actor.email.casefold():
            raise NotForYou("Only whoever asked for it can take it back.")
        await _move(session, batch, batch.state, now=now, state=BatchState.CANCELLED, waits_for="", ended_at=now)
        count = await end_queued(session, batch, State.CANCELLED, f"Cancelled by {actor.email}.", now=now)
        _note(session, actor, batch, Outcome.DONE, f"The rest was cancelled, {count:,} lines.", now=now)
        await session.commit()
        return await find_batch_in(session, actor.environment, batch_id)


async def end_queued(session: AsyncSession, batch: OperationBatch, state: State, why: str, *, now: datetime) -> int:
    """End the lines of a batch that were not begun; returns how many those were."""
    mine = (col(Operation.batch_id) == batch.id, col(Operation.state) == State.QUEUED)
    ended = {"state": state, "failure": why, "next_look_at": None, "ended_at": now, "changed_at": now}
    return (await session.exec(update(Operation).where(*mine).values(**ended).execution_options(**_UNREAD))).rowcount


def note_of_dashboard(
    session: AsyncSession, batch: OperationBatch, outcome: Outcome, detail: str, *, now: datetime
) -> None:
    """Write down what became of a batch by itself."""
    record(
        session,
        environment=batch.environment,
        act=Act.MONEY_OPERATION,
        who=DASHBOARD,
        now=now,
        outcome=outcome,
        about=batch.batch_id,
        detail=f"{BatchView(batch).act}. {detail}",
    )


async def _turn(
    actor: Actor, teller: Teller, batch_id: str, *, was: BatchState, becomes: BatchState, said: str
) -> OperationBatch:
    now = teller.clock()
    async with teller.database.session() as session:
        batch = await find_batch_in(session, actor.environment, batch_id)
        await _move(session, batch, was, now=now, state=becomes, waits_for="", claimed_until=None)
        _note(session, actor, batch, Outcome.DONE, said, now=now)
        await session.commit()
        return await find_batch_in(session, actor.environment, batch_id)


async def _move(
    session: AsyncSession,
    batch: OperationBatch,
    was: BatchState,
    *,
    now: datetime,
    **changes: Any,  # noqa: ANN401
) -> None:
    """Change a batch that is still in a state. Raises BatchMovedOn."""
    is_as_seen = (col(OperationBatch.id) == batch.id, col(OperationBatch.state) == was)
    wanted = update(OperationBatch).where(*is_as_seen).values(changed_at=now, **changes)
    if (await session.exec(wanted.execution_options(**_UNREAD))).rowcount != 1:
        current = await _state_of(session, batch)
        raise BatchMovedOn(current.label)


async def _state_of(session: AsyncSession, batch: OperationBatch) -> BatchState:
    mine = select(OperationBatch.state).where(OperationBatch.id == batch.id)
    return BatchState((await session.exec(mine)).one())


async def _find_to_decide(session: AsyncSession, actor: Actor, batch_id: str, *, now: datetime) -> OperationBatch:
    batch = await find_batch_in(session, actor.environment, batch_id)
    if batch.state is not BatchState.AWAITING_APPROVAL:
        raise BatchMovedOn(batch.state.label)
    if _is_late(batch, now):
        raise BatchMovedOn(BatchState.EXPIRED.label)
    if not may_decide(actor, batch):
        raise NotForYou(OWN)
    return batch


def _is_late(batch: OperationBatch, now: datetime) -> bool:
    """Whether it has expired, which is written down a little later."""
    return batch.expires_at is not None and batch.expires_at <= now


async def _check_same(session: AsyncSession, batch: OperationBatch, seen: Collection[str]) -> None:
    """Refuse to go on where another batch with the same lines was not seen. Raises Moved.

    It is called behind the change of this batch: from there on nobody else writes, so that of two at once one is seen.
    """
    for other in await same_in(session, batch):
        if other.batch_id not in seen:
            raise Moved(
                f"A batch with exactly these lines is {other.state.label} already, asked for by {other.asked_by}. "
                "Look at it first; nothing of this one has moved."
            )


async def _lines_of(session: AsyncSession, batch: OperationBatch) -> Sequence[Operation]:
    mine = select(Operation).where(col(Operation.batch_id) == batch.id).order_by(col(Operation.line))
    return (await session.exec(mine)).all()


def _hash_of(batch: OperationBatch, lines: Sequence[Operation]) -> str:
    return hash_of_lines(OPERATIONS[batch.kind], [line.values for line in lines])


def _note(
    session: AsyncSession, actor: Actor, batch: OperationBatch, outcome: Outcome, said: str, *, now: datetime
) -> None:
    detail = f"{BatchView(batch).act} ({batch.file_name}). {said}"
    record_act(session, actor, Act.MONEY_OPERATION, now=now, outcome=outcome, about=batch.batch_id, detail=detail)
