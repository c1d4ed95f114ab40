"""Four eyes: another person says yes to exactly what was asked, or no and why. Whoever asked may take it back."""

from collections.abc import Mapping
from typing import Any

from models.audit import Outcome as Noted
from models.journal import Operation, OperationBatch, State
from models.operations.requests import QUOTE, fault_of_reason, hash_of
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.operations.errors import AlreadyAsked, NotForYou, Unfit
from services.operations.journal import find, move, note
from services.operations.submitting import carry_out, claim
from services.operations.teller import Teller

OWN = "Whoever asked for it cannot approve it; somebody else has to."
OTHER = "It is not what was asked for any more. Look at it again."


@needs(Permission.APPROVE)
async def approve(
    actor: Actor, teller: Teller, operation_id: str, *, request_hash: str, seen: Mapping[str, Any], quote_id: str = ""
) -> Operation:
    """Say yes to what was shown, and have it done. `request_hash` is of what was shown, `seen` what was looked at, and
    `quote_id` of the quote that a conversion was looked at with, for the one it was asked with has run out.

    Raises OperationError; what speaks against it leaves it waiting. SQLAlchemyError as for `submit`.
    """
    operation = await _waiting(teller, actor, operation_id)
    if not may_decide(actor, operation):
        raise NotForYou(OWN)
    if request_hash != operation.request_hash or hash_of(operation.kind, operation.values) != operation.request_hash:
        raise NotForYou(OTHER)
    now = teller.clock()
    decided = {"decided_by": actor.email, "decided_at": now, "seen": dict(seen)}
    if quote_id:
        decided["values"] = {**operation.values, QUOTE: quote_id}
    await claim(teller, operation, State.AWAITING_APPROVAL, **decided)
    claimed = await find(teller.database, actor.environment, operation_id)
    return await carry_out(teller, claimed, teller.clients[actor.environment], actor=actor)


@needs(Permission.APPROVE)
async def refuse(actor: Actor, teller: Teller, operation_id: str, *, reason: str) -> Operation:
    """Say no, and why. Raises OperationError."""
    operation = await _waiting(teller, actor, operation_id)
    if not may_decide(actor, operation):
        raise NotForYou(OWN)
    if fault := fault_of_reason(reason):
        raise Unfit({"Reason": fault})
    return await _end(teller, actor, operation, State.REFUSED, reason.strip())


@needs(Permission.ASK_FOR_MONEY)
async def withdraw(actor: Actor, teller: Teller, operation_id: str) -> Operation:
    """Take back what one has asked for oneself, while it waits. Raises OperationError."""
    operation = await _waiting(teller, actor, operation_id)
    if operation.asked_by != actor.email:
        raise NotForYou("Only whoever asked for it can take it back.")
    return await _end(teller, actor, operation, State.CANCELLED, "Taken back by whoever asked for it.")


def may_decide(actor: Actor, operation: Operation | OperationBatch) -> bool:
    """Whether somebody is another person than the one who asked, with the right role."""
    return actor.may(Permission.APPROVE) and actor.email.casefold() != operation.asked_by.casefold()


async def _waiting(teller: Teller, actor: Actor, operation_id: str) -> Operation:
    operation = await find(teller.database, actor.environment, operation_id)
    if operation.state is not State.AWAITING_APPROVAL:
        raise AlreadyAsked(operation.state.label)
    # It is written down as expired a little later.
    if operation.expires_at is not None and operation.expires_at <= teller.clock():
        raise AlreadyAsked(State.EXPIRED.label)
    return operation


async def _end(teller: Teller, actor: Actor, operation: Operation, state: State, reason: str) -> Operation:
    now = teller.clock()
    async with teller.database.session() as session:
        is_mine = await move(
            session, operation, State.AWAITING_APPROVAL, state=state, decided_by=actor.email, decided_at=now,
            decision_reason=reason, ended_at=now, changed_at=now,
        )  # fmt: skip
        if is_mine:
            detail = f"{operation.operation_id}: {operation.label}. {state.label.capitalize()}: {reason}"
            note(session, operation, Noted.REFUSED, detail, now=now, actor=actor)
        await session.commit()
    if not is_mine:
        current = await find(teller.database, actor.environment, operation.operation_id)
        raise AlreadyAsked(current.state.label)
    return await find(teller.database, actor.environment, operation.operation_id)
