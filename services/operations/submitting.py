"""Carries out what was decided, exactly once: claim the row, look once more, write down the call, make it, write down
what came of it.

Each step is committed before the next. Whoever is killed in between leaves a row that says how far it came; what that
leaves open is found out by `settling`, and nothing is ever sent a second time.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from models.audit import Outcome as Noted
from models.journal import Operation, State
from models.objects.fields import Content
from models.operations.checks import is_stopped, preflight
from models.operations.kinds import OPERATIONS, OperationKind
from models.operations.limits import APPROVAL_EXPIRES_AFTER
from models.operations.outcomes import Outcome, outcome_of
from models.operations.requests import (
    CURRENCY,
    Request,
    build_request,
    fault_of_reason,
    faults_of,
    hash_of,
    told_amount,
)
from models.operations.sentences import sentence_of
from models.operations.situation import Situation, currency_of, limit_passed, moved_since
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.mangopay.client import MangopayClient
from services.mangopay.errors import (
    Conflict,
    MangopayError,
    NoConnection,
    NotAuthenticated,
    RateLimited,
)
from services.mangopay.governor import Priority
from services.operations.errors import AlreadyAsked, Busy, Moved, NotTaken, OperationError, Stopped, Unfit
from services.operations.journal import find, move, move_back, note
from services.operations.reading import situation_of
from services.operations.schedule import next_look
from services.operations.teller import MARGIN, PREPARED_FOR, SENT_FOR, Teller

# Mangopay has said, or no connection has, that it did not take the call.
NOT_TAKEN = (NoConnection, RateLimited, NotAuthenticated)
STOOD_STILL = "The dashboard stood still before it could send it."


@needs(Permission.ASK_FOR_MONEY)
async def submit(
    actor: Actor,
    teller: Teller,
    operation_id: str,
    *,
    values: Mapping[str, str],
    reason: str,
    seen: Mapping[str, Any],
) -> Operation:
    """Do what a form says, or ask for its approval where it is above the limit; returns the operation as it is then.

    `seen` is what the operator saw (`models.operations.situation.seen_of`). Raises OperationError, and then nothing
    was sent; SQLAlchemyError when the database refuses: what was sent by then is found out later.
    """
    operation = await find(teller.database, actor.environment, operation_id)
    if operation.state is not State.DRAFT:
        raise AlreadyAsked(operation.state.label)
    kind = OPERATIONS[operation.kind]
    faults = dict(faults_of(kind, values))
    if fault := fault_of_reason(reason):
        faults["Reason"] = fault
    if faults:
        raise Unfit(faults)
    asked = {
        "values": dict(values),
        "reason": reason.strip(),
        "seen": dict(seen),
        "asked_by": actor.email,
        "account_id": actor.account_id,
        "asked_at": teller.clock(),
        "failure": "",
    }
    operation = await _claim(teller, operation, kind, asked)
    return await carry_out(teller, operation, teller.clients[actor.environment], actor=actor, may_need_approval=True)


async def carry_out(
    teller: Teller,
    operation: Operation,
    client: MangopayClient,
    *,
    actor: Actor | None,
    may_need_approval: bool = False,
    is_brief: bool = False,
) -> Operation:
    """Look once more at what a prepared operation meets, and send it. Raises OperationError, SQLAlchemyError.

    What speaks against it puts it back to where it came from.
    """
    kind = OPERATIONS[operation.kind]
    try:
        situation = await situation_of(
            teller, client, kind, operation.values, operation_id=operation.operation_id, fresh=True, is_brief=is_brief
        )
        told = _told(teller, operation, kind, situation)
    except OperationError as error:
        await put_back(teller, operation, str(error), actor=actor)
        raise
    limits = teller.limits[operation.environment]
    if may_need_approval and limit_passed(kind, told.values, situation, limits) is not None:
        return await _wait_for_approval(teller, operation, told, actor=actor)
    request = build_request(kind, told.values, client_id=client.client_id, operation_id=operation.operation_id)
    await _mark_sent(teller, operation, told, request, client, actor=actor)
    return await _send(teller, operation, kind, request, client, actor=actor)


async def put_back(teller: Teller, operation: Operation, failure: str, *, actor: Actor | None = None) -> None:
    """Undo a claim: nothing was sent, and it is where it came from again."""
    now = teller.clock()
    async with teller.database.session() as session:
        is_back = await move_back(session, operation, State.PREPARED, failure, now=now)
        if is_back and operation.batch_id is None:
            note(session, operation, Noted.REFUSED, f"{_name(operation)}: {failure}", now=now, actor=actor)
        await session.commit()


async def close(
    teller: Teller, operation: Operation, outcome: Outcome, *seen: State, actor: Actor | None = None
) -> Operation:
    """Write down what has come of an operation that is in one of the states `seen`; returns it as it is in the journal
    then. A failure that has made something is left as it is.
    """
    now = teller.clock()
    is_open = outcome.state in (State.ACCEPTED, State.UNKNOWN)
    # Somebody who waits for it is told of the object that is known already.
    known = {"object_id": outcome.object_id} if outcome.object_id else {}
    made_nothing = or_(col(Operation.state) != State.FAILED, col(Operation.object_id) == "")
    async with teller.database.session() as session:
        for was in seen:
            if await move(
                session,
                operation,
                was,
                made_nothing,
                state=outcome.state,
                object_status=outcome.object_status,
                result_code=outcome.result_code,
                failure=outcome.failure,
                redirect_url=outcome.redirect_url,
                looks=0 if outcome.state is not was else operation.looks,
                next_look_at=next_look(outcome.state, 0, now=now) if is_open else None,
                ended_at=None if is_open else now,
                changed_at=now,
                **known,
            ):
                if outcome.state is not was:
                    _note_outcome(session, operation, outcome, now=now, actor=actor)
                break
        await session.commit()
    return await find(teller.database, operation.environment, operation.operation_id)


async def _claim(teller: Teller, operation: Operation, kind: OperationKind, asked: Mapping[str, Any]) -> Operation:
    """Prepare a draft, alone on its money. Raises AlreadyAsked, Busy."""
    values = asked["values"]
    amount = told_amount(kind, values)
    subject = kind.first_given(kind.takes_from, values)
    claimed = {
        **asked,
        "subject": subject,
        "payee_id": kind.first_given(kind.reaches, values),
        "amount": amount.amount if amount else None,
        "currency": amount.currency if amount else "",
    }
    await claim(teller, operation, State.DRAFT, **claimed)
    return await find(teller.database, operation.environment, operation.operation_id)


async def claim(teller: Teller, operation: Operation, waits_in: State, **changes: Any) -> None:  # noqa: ANN401
    """Move an operation from the state it waits in to prepared, alone on its money. Raises AlreadyAsked, Busy."""
    now = teller.clock()
    try:
        async with teller.database.session() as session:
            is_mine = await move(
                session, operation, waits_in, state=State.PREPARED, came_from=waits_in,
                next_look_at=now + PREPARED_FOR, changed_at=now, looks=0, claims=operation.claims + 1, **changes,
            )  # fmt: skip
            await session.commit()
    except IntegrityError:
        raise Busy from None
    if not is_mine:
        current = await find(teller.database, operation.environment, operation.operation_id)
        raise AlreadyAsked(current.state.label)
    # Whoever prepared it before, and was given up as dead, moves it no more.
    operation.claims += 1


class _Told:
    """What was found out by looking once more."""

    def __init__(self, operation: Operation, kind: OperationKind, situation: Situation) -> None:
        currency = currency_of(situation) or operation.values.get(CURRENCY, "")
        self.values = {**operation.values, **({CURRENCY: currency} if currency else {})}
        self.amount_told = told_amount(kind, self.values)
        # Of a line, what was read before it was confirmed says it better: it is looked at only briefly now.
        said = operation.sentence if operation.batch_id is not None else ""
        self.sentence = said or sentence_of(kind, self.values, situation)

    @property
    def changes(self) -> dict[str, Any]:
        amount = self.amount_told
        return {
            "values": self.values,
            "sentence": self.sentence,
            "amount": amount.amount if amount else None,
            "currency": amount.currency if amount else "",
        }


def _told(teller: Teller, operation: Operation, kind: OperationKind, situation: Situation) -> _Told:
    """Compare what is so with what the operator saw. Raises Unfit, Stopped, Moved."""
    told = _Told(operation, kind, situation)
    if told.values.get(CURRENCY) != operation.values.get(CURRENCY, told.values.get(CURRENCY)):
        raise Moved(f"The amount is in {told.values[CURRENCY]}, not in {operation.values[CURRENCY]}.")
    if faults := faults_of(kind, told.values):
        raise Unfit(faults)
    # A line of a file was seen by nobody; its checks are all there is.
    if operation.batch_id is None and (moved := moved_since(operation.seen, situation)):
        raise Moved(moved)
    checks = preflight(kind, told.values, situation, now=teller.clock())
    if is_stopped(checks):
        raise Stopped(checks)
    return told


async def _wait_for_approval(teller: Teller, operation: Operation, told: _Told, *, actor: Actor | None) -> Operation:
    now = teller.clock()
    async with teller.database.session() as session:
        waits = await move(
            session,
            operation,
            State.PREPARED,
            state=State.AWAITING_APPROVAL,
            request_hash=hash_of(operation.kind, told.values),
            expires_at=now + APPROVAL_EXPIRES_AFTER,
            next_look_at=None,
            changed_at=now,
            **told.changes,
        )
        if waits:
            detail = f"{_name(operation, told.sentence)}. It waits for approval. Reason: {operation.reason}"
            note(session, operation, Noted.ASKED, detail, now=now, actor=actor)
        await session.commit()
    return await find(teller.database, operation.environment, operation.operation_id)


async def _mark_sent(
    teller: Teller,
    operation: Operation,
    told: _Told,
    request: Request,
    client: MangopayClient,
    *,
    actor: Actor | None,
) -> None:
    """Write down the call before it leaves. From here on Mangopay may have it. Raises NotTaken, AlreadyAsked."""
    priority = Priority.CHANGE if operation.batch_id is None else Priority.EXPORT
    if client.governor.refuses(priority) is not None:
        failure = "Mangopay's rate limit is reached: this platform made too many calls. Nothing was sent."
        await put_back(teller, operation, failure, actor=actor)
        raise NotTaken(failure)
    now = teller.clock()
    async with teller.database.session() as session:
        is_mine = await move(
            session,
            operation,
            State.PREPARED,
            state=State.SENT,
            request={"method": request.method, "path": request.path, "body": dict(request.body)},
            sent_at=now,
            next_look_at=now + SENT_FOR + MARGIN,
            changed_at=now,
            **told.changes,
        )
        if not is_mine:
            raise Moved("It took so long to look at that it was given back. Nothing was sent; look at it again.")
        detail = f"{_name(operation, told.sentence)}. Reason: {operation.reason}"
        note(session, operation, Noted.ASKED, detail, now=_asked_at(operation, now), actor=actor)
        await session.commit()
    operation.sentence, operation.sent_at = told.sentence, now


async def _send(
    teller: Teller,
    operation: Operation,
    kind: OperationKind,
    request: Request,
    client: MangopayClient,
    *,
    actor: Actor | None,
) -> Operation:
    """Make the one call, and write down what came of it. Raises NotTaken."""
    if operation.sent_at is None or teller.clock() >= operation.sent_at + SENT_FOR:
        # By now others may have concluded that it never arrived, and that is how it is to be.
        await _take_back(teller, operation, STOOD_STILL, actor=actor)
        raise NotTaken(f"{STOOD_STILL} Nothing was sent.")
    try:
        answer = await _call(client, request, operation.idempotency_key)
    except NOT_TAKEN as error:
        await _take_back(teller, operation, error.sentence, actor=actor)
        raise NotTaken(f"{error.sentence} Nothing was sent.") from error
    except MangopayError as error:
        outcome = _failure(error)
    else:
        outcome = outcome_of(kind, answer)
    # Mangopay's own word overrules what others have concluded from its silence while this process stood still.
    overruled = () if outcome.state is State.UNKNOWN else (State.UNKNOWN, State.FAILED)
    return await close(teller, operation, outcome, State.SENT, *overruled, actor=actor)


async def _call(client: MangopayClient, request: Request, key: str) -> Content:
    if request.method == "POST":
        return await client.post_object(request.path, request.body, idempotency_key=key) or {}
    return await client.put_object(request.path, request.body) or {}


def _failure(error: MangopayError) -> Outcome:
    # A refusal that is not Mangopay's own (a proxy's, or that it took too long) tells not what became of the call.
    is_strange = error.status == 408 or (error.status is not None and error.type is None)
    if error.outcome_is_unknown or isinstance(error, Conflict) or is_strange:
        return Outcome(state=State.UNKNOWN, failure=error.sentence)
    return Outcome(state=State.FAILED, failure=error.sentence)


async def _take_back(teller: Teller, operation: Operation, why: str, *, actor: Actor | None) -> None:
    """Put back what Mangopay did not take; it may be sent another time, under the same key."""
    now = teller.clock()
    async with teller.database.session() as session:
        if await move_back(session, operation, State.SENT, f"{why} Nothing was sent.", now=now):
            detail = f"{_name(operation)}: {why} Nothing was sent."
            note(session, operation, Noted.FAILED, detail, now=_asked_at(operation, now), actor=actor)
        await session.commit()


def _note_outcome(
    session: AsyncSession, operation: Operation, outcome: Outcome, *, now: datetime, actor: Actor | None
) -> None:
    noted = {State.SUCCEEDED: Noted.DONE, State.ACCEPTED: Noted.DONE}.get(outcome.state, Noted.FAILED)
    said = outcome.failure or f"{outcome.object_id} {outcome.object_status}".strip()
    if outcome.state is State.UNKNOWN:
        said += " Whether it was done is being found out."
    detail = f"{_name(operation)}. Reason: {operation.reason}: {said}"
    note(session, operation, noted, detail, now=_asked_at(operation, now) if actor else now, actor=actor)


def _asked_at(operation: Operation, now: datetime) -> datetime:
    """Return the moment that both lines of one act are written under: what was asked, and what has come of it."""
    # A line of a batch is sent long after it was asked for.
    return now if operation.batch_id is not None else operation.decided_at or operation.asked_at or now


def _name(operation: Operation, sentence: str = "") -> str:
    return f"{operation.operation_id}: {sentence or operation.label}"
