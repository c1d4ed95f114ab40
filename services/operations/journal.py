"""The journal's own queries: a draft is opened and kept, an operation is found, moved on, and listed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, delete, func, literal_column, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.audit import Act, Outcome
from models.environment import Environment
from models.journal import COUNTS_AS_MADE, BatchState, Operation, OperationBatch, State
from models.operations.checks import LATELY
from models.operations.kinds import OPERATIONS, OperationKind
from models.operations.parameters import LONGEST
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.access.audit import DASHBOARD, record, record_act
from services.database import Database
from services.operations.errors import NotThere
from services.operations.teller import Teller

PAGE_SIZE = 50
# Nobody has asked for it yet, or its file has not come to it.
UNASKED = (State.DRAFT, State.QUEUED)
# A form that was opened and left as it was says nothing; one that was filled in may be wanted again.
UNTOUCHED_FOR = timedelta(days=1)
DRAFT_FOR = timedelta(days=30)
TIDIED_AT_ONCE = 500
# So few are in one of these states that they are found by it, and put in order afterwards.
RARE = frozenset((State.AWAITING_APPROVAL, State.UNKNOWN, State.PREPARED, State.SENT))


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalFilter:
    """Which operations to list; empty means all but drafts."""

    states: tuple[State, ...] = ()
    kinds: tuple[str, ...] = ()
    asked_by: str = ""
    batch_id: int | None = None
    # Where a page of older ones goes on.
    before_id: int | None = None


@needs(Permission.ASK_FOR_MONEY)
async def open_draft(actor: Actor, teller: Teller, kind: OperationKind, values: Mapping[str, str]) -> Operation:
    """Begin an operation: from here on it has an id and a key, and is one, however often its form is opened."""
    operation = new_operation(actor, kind, values, now=teller.clock())
    async with teller.database.session() as session:
        session.add(operation)
        await session.commit()
    return operation


@needs(Permission.ASK_FOR_MONEY)
async def save_draft(
    actor: Actor, teller: Teller, operation_id: str, values: Mapping[str, str], *, reason: str
) -> bool:
    """Keep what is typed so far; False when it is no draft any more, and is left as it is."""
    operation = await find(teller.database, actor.environment, operation_id)
    kind = OPERATIONS[operation.kind].by_name
    values = {name: value[: kind[name].longest if name in kind else LONGEST] for name, value in values.items()}
    async with teller.database.session() as session:
        kept = await move(
            session, operation, State.DRAFT, values=values, reason=reason[:LONGEST], changed_at=teller.clock()
        )
        await session.commit()
    return kept


@needs(Permission.SEE)
async def read_operation(actor: Actor, teller: Teller, operation_id: str) -> Operation:
    """Return an operation of this environment. Raises NotThere."""
    return await find(teller.database, actor.environment, operation_id)


@needs(Permission.SEE)
async def list_operations(
    actor: Actor, teller: Teller, wanted: JournalFilter, *, limit: int = PAGE_SIZE
) -> Sequence[Operation]:
    """Return operations, newest first; a page is followed by those before its last `id`."""
    mine = select(Operation).where(Operation.environment == actor.environment)
    states = wanted.states or tuple(state for state in State if state not in UNASKED)
    mine = mine.where(col(Operation.state).in_(states))
    if wanted.kinds:
        mine = mine.where(col(Operation.kind).in_(wanted.kinds))
    if wanted.asked_by:
        mine = mine.where(Operation.asked_by == wanted.asked_by)
    if wanted.batch_id is not None:
        mine = mine.where(Operation.batch_id == wanted.batch_id)
    if wanted.before_id is not None:
        mine = mine.where(col(Operation.id) < wanted.before_id)
    # The sign keeps SQLite from looking through all that ever was, newest first, for the few that are wanted.
    newest = literal_column("+operation.id") if RARE.issuperset(states) else col(Operation.id)
    async with teller.database.session() as session:
        return (await session.exec(mine.order_by(newest.desc()).limit(limit))).all()


@needs(Permission.APPROVE)
async def count_to_decide(actor: Actor, teller: Teller) -> int:
    """Return how many operations, and batches of them, wait for this very person's decision."""
    counts = [
        select(func.count())
        .select_from(table)
        .where(
            table.environment == actor.environment,
            table.state == waiting,
            func.lower(table.asked_by) != actor.email.lower(),
        )
        for table, waiting in (
            (Operation, State.AWAITING_APPROVAL),
            (OperationBatch, BatchState.AWAITING_APPROVAL),
        )
    ]
    async with teller.database.session() as session:
        return sum([(await session.exec(count)).one() for count in counts])


@dataclass(frozen=True, slots=True)
class Undecided:
    """How many operations and batches wait for an approval, and of how many it is not known how they ended."""

    awaiting: int
    unknown: int


@needs(Permission.SEE)
async def count_undecided(actor: Actor, teller: Teller) -> Undecided:
    async def count(table: type[Operation] | type[OperationBatch], state: State | BatchState) -> int:
        mine = (table.environment == actor.environment, table.state == state)
        return (await session.exec(select(func.count()).select_from(table).where(*mine))).one()

    async with teller.database.session() as session:
        return Undecided(
            awaiting=await count(Operation, State.AWAITING_APPROVAL)
            + await count(OperationBatch, BatchState.AWAITING_APPROVAL),
            unknown=await count(Operation, State.UNKNOWN),
        )


@needs(Permission.SEE)
async def operations_on(actor: Actor, teller: Teller, object_id: str, *, limit: int = 10) -> Sequence[Operation]:
    """Return what was asked for about an object, newest first: that made it, took from it, or reached it."""
    is_about = or_(*(column == object_id for column in _ABOUT))
    mine = (Operation.environment == actor.environment, col(Operation.state) != State.DRAFT, is_about)
    async with teller.database.session() as session:
        return (
            await session.exec(select(Operation).where(*mine).order_by(col(Operation.id).desc()).limit(limit))
        ).all()


_ABOUT = (col(Operation.object_id), col(Operation.subject), col(Operation.payee_id))


async def tidy_drafts(database: Database, environments: Iterable[Environment], *, now: datetime) -> None:
    """Forget forms that were opened and never sent."""
    is_untouched = col(Operation.changed_at) == col(Operation.created_at)
    is_old = or_(
        is_untouched & (col(Operation.created_at) < now - UNTOUCHED_FOR),
        col(Operation.changed_at) < now - DRAFT_FOR,
    )
    for environment in environments:
        is_draft = (Operation.environment == environment, Operation.state == State.DRAFT)
        async with database.session() as session:
            # Read first, so that the database is locked for as long as it takes to delete these alone.
            old = (await session.exec(select(Operation.id).where(*is_draft, is_old).limit(TIDIED_AT_ONCE))).all()
            if old:
                still_draft = (col(Operation.id).in_(old), col(Operation.state) == State.DRAFT)
                await session.exec(delete(Operation).where(*still_draft))
                await session.commit()


def asked_lately(environment: Environment, *, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of what was asked for in the last 24 hours and has moved money, or may yet; of files, what
    somebody has said yes to.
    """
    return (
        col(Operation.environment) == environment,
        col(Operation.asked_at) > now - LATELY,
        col(Operation.state).in_((*COUNTS_AS_MADE, State.AWAITING_APPROVAL, State.QUEUED)),
    )


def new_operation(actor: Actor, kind: OperationKind, values: Mapping[str, str], *, now: datetime) -> Operation:
    """Return a draft that is in no database yet, with an id and a key that nobody else has."""
    return Operation(
        operation_id=f"op_{uuid4().hex}",
        environment=actor.environment,
        kind=kind.name,
        values=dict(values),
        idempotency_key=uuid4().hex,
        account_id=actor.account_id,
        asked_by=actor.email,
        created_at=now,
        changed_at=now,
    )


async def find(database: Database, environment: Environment, operation_id: str) -> Operation:
    """Return an operation as it is now. Raises NotThere."""
    async with database.session() as session:
        return await find_in(session, environment, operation_id)


async def find_in(session: AsyncSession, environment: Environment, operation_id: str) -> Operation:
    found = select(Operation).where(Operation.environment == environment, Operation.operation_id == operation_id)
    operation = (await session.exec(found)).first()
    if operation is None:
        raise NotThere
    return operation


async def move(
    session: AsyncSession,
    operation: Operation,
    was: State,
    /,
    *also: ColumnElement[bool],
    **changes: Any,  # noqa: ANN401
) -> bool:
    """Change an operation that is still in the state it was seen in; False when somebody has moved it on."""
    is_as_seen = (
        col(Operation.id) == operation.id, col(Operation.state) == was, col(Operation.claims) == operation.claims, *also
    )  # fmt: skip
    changed = await session.exec(update(Operation).where(*is_as_seen).values(**changes))
    return changed.rowcount == 1


async def move_back(session: AsyncSession, operation: Operation, was: State, failure: str, *, now: datetime) -> bool:
    """Put an operation of which nothing was sent back to where it came from; a decision on it is to be taken anew."""
    return await move(
        session,
        operation,
        was,
        state=operation.came_from,
        failure=failure,
        next_look_at=None,
        request={},
        sent_at=None,
        decided_by="",
        decided_at=None,
        changed_at=now,
    )


def note(
    session: AsyncSession,
    operation: Operation,
    outcome: Outcome,
    detail: str,
    *,
    now: datetime,
    actor: Actor | None = None,
) -> None:
    """Write down in the audit log what was asked, or what has come of it; without an actor, by the dashboard itself."""
    about = operation.subject or operation.payee_id or operation.operation_id
    if actor is not None:
        record_act(session, actor, Act.MONEY_OPERATION, now=now, outcome=outcome, about=about, detail=detail)
    else:
        record(
            session,
            environment=operation.environment,
            act=Act.MONEY_OPERATION,
            who=DASHBOARD,
            now=now,
            outcome=outcome,
            about=about,
            detail=detail,
        )
