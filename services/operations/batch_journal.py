"""Batches as they are in the journal: found, listed, looked at line by line, written out with what became of them."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.audit import Act
from models.csv_text import csv_text
from models.environment import Environment
from models.journal import BatchState, Operation, OperationBatch, State
from models.money import Money
from models.operations.batch_files import REASON, act_of_batch, columns_of
from models.operations.kinds import OPERATIONS
from models.operations.limits import limit_below
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.access.audit import record_act
from services.operations.errors import NoSuchBatch
from services.operations.journal import asked_lately
from services.operations.teller import Teller

PAGE_SIZE = 50
WRITTEN_AT_ONCE = 200
RESULTS = ("State", "ObjectId", "Status", "ResultCode", "Failure", "OperationId", "EndedAt")
# A batch that has moved money, or will if nobody stops it.
COUNTS = (BatchState.AWAITING_APPROVAL, BatchState.RUNNING, BatchState.PAUSED, BatchState.FINISHED)


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch, and how many of its lines are in which state."""

    batch: OperationBatch
    counts: Mapping[State, int] = field(default_factory=dict)
    # Other batches with exactly these lines that have moved money, or will; the newest first.
    same: Sequence[OperationBatch] = ()
    # The limit above which another person has to approve it, as long as nobody has said yes to it; None below it.
    limit: Money | None = None

    @property
    def act(self) -> str:
        return act_of_batch(OPERATIONS[self.batch.kind], self.batch.lines, self.batch.totals)

    def count(self, *states: State) -> int:
        return sum(self.counts.get(state, 0) for state in states)


@dataclass(frozen=True, slots=True)
class BatchLines:
    """A page of lines, in the order of the file; `total` are all of those that were asked for."""

    rows: Sequence[Operation]
    page: int
    total: int

    @property
    def pages(self) -> int:
        return max(-(-self.total // PAGE_SIZE), 1)


@needs(Permission.SEE)
async def read_batch(actor: Actor, teller: Teller, batch_id: str) -> BatchView:
    """Return a batch as it is now. Raises NoSuchBatch."""
    async with teller.database.session() as session:
        batch = await find_batch_in(session, actor.environment, batch_id)
        counts = await _counts(session, [batch])
        limit = await limit_passed_by(session, teller, batch) if batch.state is BatchState.CHECKED else None
        return BatchView(batch, counts.get(batch.id or 0, {}), await same_in(session, batch), limit)


async def limit_passed_by(session: AsyncSession, teller: Teller, batch: OperationBatch) -> Money | None:
    """Return the limit above which another person has to approve a batch; None where it stays below, or there is none.

    All that leaves counts, all that arrives, and what went from the same money to the same place in the last 24 hours:
    a limit that many lines, or many files, slip under is none.
    """
    limits = teller.limits[batch.environment]
    if not limits:
        return None
    arriving: Counter[str] = Counter()
    by_way = await _sums(session, col(Operation.batch_id) == batch.id)
    for (_, _, currency), minor in by_way.items():
        arriving[currency] += minor
    subjects = select(Operation.subject).where(Operation.batch_id == batch.id)
    is_another = func.coalesce(Operation.batch_id, 0) != batch.id
    lately = asked_lately(batch.environment, now=teller.clock())
    went_lately = await _sums(session, col(Operation.subject).in_(subjects), is_another, *lately)
    amounts = [Money(minor, currency) for sums in (batch.totals, arriving) for currency, minor in sums.items()]
    amounts += [Money(minor + went_lately[way], way[2]) for way, minor in by_way.items()]
    return next(filter(None, (limit_below(limits, amount) for amount in amounts)), None)


async def _sums(session: AsyncSession, *which: ColumnElement[bool]) -> Counter[tuple[str, str, str]]:
    """Return how much operations move, by where from, where to and currency, in minor units."""
    way = (Operation.subject, Operation.payee_id, Operation.currency)
    rows = await session.exec(select(*way, func.sum(Operation.amount)).where(*which).group_by(*way))
    return Counter({(subject, payee, currency): total or 0 for subject, payee, currency, total in rows})


@needs(Permission.SEE)
async def batch_of(actor: Actor, teller: Teller, operation: Operation) -> OperationBatch | None:
    """Return the batch that an operation is a line of, None where it is of none."""
    if operation.batch_id is None:
        return None
    mine = select(OperationBatch).where(
        OperationBatch.environment == actor.environment, OperationBatch.id == operation.batch_id
    )
    async with teller.database.session() as session:
        return (await session.exec(mine)).first()


@needs(Permission.SEE)
async def list_batches(
    actor: Actor,
    teller: Teller,
    *,
    states: Sequence[BatchState] = (),
    before_id: int | None = None,
    limit: int = PAGE_SIZE,
) -> Sequence[BatchView]:
    """Return batches, newest first, in any state unless some are named; a page is followed by those before its last
    `id`.
    """
    mine = select(OperationBatch).where(OperationBatch.environment == actor.environment)
    if states:
        mine = mine.where(col(OperationBatch.state).in_(states))
    if before_id is not None:
        mine = mine.where(col(OperationBatch.id) < before_id)
    async with teller.database.session() as session:
        batches = (await session.exec(mine.order_by(col(OperationBatch.id).desc()).limit(limit))).all()
        counts = await _counts(session, batches)
        return [BatchView(batch, counts.get(batch.id or 0, {})) for batch in batches]


@needs(Permission.SEE)
async def batch_lines(
    actor: Actor, teller: Teller, batch_id: str, *, states: Sequence[State] = (), page: int = 1
) -> BatchLines:
    """Return a page of a batch's lines, those in some states only or all. Raises NoSuchBatch."""
    async with teller.database.session() as session:
        batch = await find_batch_in(session, actor.environment, batch_id)
        wanted = [col(Operation.batch_id) == batch.id]
        if states:
            wanted.append(col(Operation.state).in_(states))
        total = (await session.exec(select(func.count()).select_from(Operation).where(*wanted))).one()
        ordered = select(Operation).where(*wanted).order_by(col(Operation.line))
        rows = (await session.exec(ordered.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE))).all()
        return BatchLines(rows, page, total)


@needs(Permission.EXPORT)
async def begin_results(actor: Actor, teller: Teller, batch_id: str) -> OperationBatch:
    """Write down that a batch's results are exported, before a line of them leaves. Raises NoSuchBatch."""
    async with teller.database.session() as session:
        batch = await find_batch_in(session, actor.environment, batch_id)
        record_act(session, actor, Act.EXPORT, now=teller.clock(), about=batch.batch_id, detail="results of a batch")
        await session.commit()
        return batch


@needs(Permission.EXPORT)
def batch_results(actor: Actor, teller: Teller, batch_id: str) -> AsyncIterator[str]:
    """Return what was asked and what has become of it as CSV, some hundred lines at a time."""
    return _results(actor, teller, batch_id)


async def _results(actor: Actor, teller: Teller, batch_id: str) -> AsyncIterator[str]:
    async with teller.database.session() as session:
        batch = await find_batch_in(session, actor.environment, batch_id)
    names = [column.name for column in columns_of(OPERATIONS[batch.kind]) if column.name != REASON]
    yield csv_text([("Line", *names, REASON, *RESULTS)])
    after = 0
    while True:
        mine = select(Operation).where(col(Operation.batch_id) == batch.id, col(Operation.line) > after)
        async with teller.database.session() as session:
            rows = (await session.exec(mine.order_by(col(Operation.line)).limit(WRITTEN_AT_ONCE))).all()
        if not rows:
            return
        yield csv_text([_cells(row, names) for row in rows])
        after = rows[-1].line or 0


def _cells(row: Operation, names: Sequence[str]) -> list[str]:
    ended_at = row.ended_at.isoformat(timespec="milliseconds") if row.ended_at else ""
    told = (row.state.value, row.object_id, row.object_status, row.result_code, row.failure, row.operation_id, ended_at)
    return [str(row.line or ""), *(row.values.get(name, "") for name in names), row.reason, *told]


async def find_batch_in(session: AsyncSession, environment: Environment, batch_id: str) -> OperationBatch:
    mine = select(OperationBatch).where(OperationBatch.environment == environment, OperationBatch.batch_id == batch_id)
    # What was read a moment ago in the same session may be untrue by now.
    batch = (await session.exec(mine.execution_options(populate_existing=True))).first()
    if batch is None:
        raise NoSuchBatch
    return batch


async def same_in(session: AsyncSession, batch: OperationBatch) -> Sequence[OperationBatch]:
    """Return the other batches with exactly these lines that have moved money, or will; the newest first."""
    state = col(OperationBatch.state)
    # What was cancelled in the midst has moved some of it.
    is_begun = (state == BatchState.CANCELLED) & col(OperationBatch.started_at).is_not(None)
    same = select(OperationBatch).where(
        OperationBatch.environment == batch.environment,
        OperationBatch.request_hash == batch.request_hash,
        col(OperationBatch.id) != batch.id,
        state.in_(COUNTS) | is_begun,
    )
    return tuple((await session.exec(same.order_by(col(OperationBatch.id).desc()))).all())


async def _counts(session: AsyncSession, batches: Sequence[OperationBatch]) -> Mapping[int, Mapping[State, int]]:
    """Return how many lines of each batch are in which state."""
    ids = [batch.id for batch in batches]
    grouped = select(Operation.batch_id, Operation.state, func.count()).where(col(Operation.batch_id).in_(ids))
    counts: dict[int, dict[State, int]] = {}
    for batch_id, state, count in (
        await session.exec(grouped.group_by(col(Operation.batch_id), col(Operation.state)))
    ).all():
        counts.setdefault(batch_id or 0, {})[State(state)] = count
    return counts
