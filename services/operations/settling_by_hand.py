"""What nobody can find out by itself: an operation stays unknown when Mangopay shows neither its key nor the wallet's
transactions. A person who has looked elsewhere says how it ended, and why they know.
"""

from datetime import timedelta

from models.audit import Outcome as Noted
from models.journal import Operation, State
from models.operations.requests import fault_of_reason
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.operations.errors import AlreadyAsked, NotForYou, Unfit
from services.operations.journal import find, move, note
from services.operations.teller import Teller

# Until then it is found out by itself, as good as always.
AFTER = timedelta(hours=1)


@needs(Permission.APPROVE)
async def settle_by_hand(
    actor: Actor, teller: Teller, operation_id: str, *, was_done: bool, object_id: str, reason: str
) -> Operation:
    """Write down how an unknown operation ended; `object_id` is of what it has made, "" where that is not known.

    Nothing is sent. Raises OperationError: Unfit without a reason, NotForYou before an hour has passed.
    """
    operation = await find(teller.database, actor.environment, operation_id)
    now = teller.clock()
    if fault := fault_of_reason(reason):
        raise Unfit({"Reason": fault})
    if operation.state is not State.UNKNOWN:
        raise AlreadyAsked(operation.state.label)
    if not can_be_settled_by_hand(operation, age=now - (operation.sent_at or operation.changed_at)):
        raise NotForYou("It is still being found out. After an hour it can be settled by hand.")
    state = State.SUCCEEDED if was_done else State.FAILED
    said = f"Settled by hand by {actor.email}: {reason.strip()}"
    async with teller.database.session() as session:
        is_mine = await move(
            session, operation, State.UNKNOWN, state=state, object_id=object_id.strip(), failure=said,
            next_look_at=None, ended_at=now, changed_at=now,
        )  # fmt: skip
        if is_mine:
            detail = f"{operation.operation_id}: {operation.label}. It was {'done' if was_done else 'not done'}. {said}"
            note(session, operation, Noted.DONE if was_done else Noted.FAILED, detail, now=now, actor=actor)
        await session.commit()
    found = await find(teller.database, actor.environment, operation_id)
    if not is_mine:
        raise AlreadyAsked(found.state.label)
    return found


def can_be_settled_by_hand(operation: Operation, *, age: timedelta) -> bool:
    """Whether it has been unknown for so long that it may stay so."""
    return operation.state is State.UNKNOWN and age >= AFTER
