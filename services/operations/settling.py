"""Finds out what became of operations whose outcome is open, in the background. It reads, and never sends again.

Within a day the idempotency key tells (`GET /responses/{key}`): what was answered, or that nothing is known under it.
The latter counts only once the call can no longer be on its way, and only if no transaction bears the operation's id in
its Tag. After a day, the transactions alone tell.
Source: https://docs.mangopay.com/api-reference/overview/idempotency
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import quote

import httpx
from sqlalchemy import text
from sqlmodel import col, select

from models.audit import Outcome as Noted
from models.environment import Environment
from models.journal import FINAL, OPEN, Operation, State
from models.notification import Notification
from models.objects.fields import Content, text_at
from models.objects.kinds import KINDS
from models.objects.plain import money_of
from models.operations.kinds import OPERATIONS, OperationKind
from models.operations.outcomes import NONSENSE, Outcome, is_done, outcome_of
from services.mangopay.client import MangopayClient
from services.mangopay.errors import Forbidden, Invalid, MangopayError, NotFound
from services.mangopay.governor import Priority
from services.objects.view import read_first
from services.operations.journal import move, move_back, note
from services.operations.reading import kind_named
from services.operations.schedule import next_look
from services.operations.submitting import close
from services.operations.teller import MARGIN, SENT_FOR, Teller

T = TypeVar("T")
log = logging.getLogger(__name__)

AT_ONCE = 20
KEY_TELLS_FOR = timedelta(hours=23, minutes=55)
# A list of transactions may lag, and two clocks differ.
AROUND = timedelta(minutes=10)
# Notifications that came while nobody looked are caught up with by the schedule.
TOLD_LATELY = timedelta(minutes=2)
# Before it counts that nothing was found.
LOOKS_AT_LEAST = 2
# So many are looked at side by side: a slow Mangopay is not to hold up what needs none.
HANDS = 5
INTERRUPTED = "It was interrupted before anything was sent. Nothing has moved."
NEVER_ARRIVED = "The request never reached Mangopay. Nothing has moved."


class Settler:
    """One per process; several may be at it, for each row is claimed."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    async def turn(self) -> int:
        """Look at what is due; returns how many rows that were. One that cannot be settled holds up no other, and no
        environment another.
        """
        turns = (self._turn_of(environment) for environment in self._teller.clients)
        return sum(filter(None, await _each_to_its_end(*turns)))

    async def _turn_of(self, environment: Environment) -> int:
        await self._expire(environment)
        due = await self._due(environment)
        hands = asyncio.Semaphore(HANDS)
        await _each_to_its_end(*(self._in_turn(operation, hands) for operation in due))
        return len(due)

    async def _in_turn(self, operation: Operation, hands: asyncio.Semaphore) -> None:
        async with hands:
            if await self._claim(operation):
                try:
                    await self._look_at(operation)
                except MangopayError as error:
                    log.info("operation=%s not settled yet: %s", operation.operation_id, error)

    async def _due(self, environment: Environment) -> Sequence[Operation]:
        """Return what it is time for, and what a notification has come of since it was looked at last."""
        now = self._teller.clock()
        mine = Operation.environment == environment
        in_time = (
            select(Operation)
            .where(text(OPEN), col(Operation.next_look_at) <= now, mine)
            .order_by(col(Operation.next_look_at))
            .limit(AT_ONCE)
        )
        # From the newest notifications on: there may be many operations that Mangopay has not finished.
        told = (
            select(Operation)
            .join(Notification, col(Notification.resource_id) == col(Operation.object_id))
            .where(
                Notification.environment == environment,
                col(Notification.first_received_at) > now - TOLD_LATELY,
                col(Notification.first_received_at) > col(Operation.changed_at),
                mine,
                Operation.state == State.ACCEPTED,
            )
            .limit(AT_ONCE)
        )
        async with self._teller.database.session() as session:
            found = [*(await session.exec(in_time)), *(await session.exec(told))]
        # First what holds its money and needs no call.
        found.sort(key=lambda operation: operation.state is not State.PREPARED)
        return list({operation.id: operation for operation in found}.values())

    async def _claim(self, operation: Operation) -> bool:
        """Take a row for as long as looking at it may take; False when another process has it."""
        now = self._teller.clock()
        wait = next_look(operation.state, operation.looks, now=now) if operation.state in (
            State.UNKNOWN, State.ACCEPTED
        ) else now + SENT_FOR  # fmt: skip
        async with self._teller.database.session() as session:
            # Two that see the same row differ in nothing but who counts first.
            is_first = col(Operation.looks) == operation.looks
            is_mine = await move(
                session,
                operation,
                operation.state,
                is_first,
                looks=operation.looks + 1,
                next_look_at=wait,
                changed_at=now,
            )
            await session.commit()
        return is_mine

    async def _look_at(self, operation: Operation) -> None:
        match operation.state:
            case State.PREPARED:
                await self._give_back(operation)
            case State.SENT:
                unknown = Outcome(state=State.UNKNOWN, failure="The dashboard stopped before the answer came.")
                operation = await close(self._teller, operation, unknown, State.SENT)
                await self._settle(operation)
            case State.UNKNOWN:
                await self._settle(operation)
            case _:
                await self._read_again(operation)

    async def _give_back(self, operation: Operation) -> None:
        """Nothing was sent, for that is written down first."""
        now = self._teller.clock()
        async with self._teller.database.session() as session:
            if await move_back(session, operation, State.PREPARED, INTERRUPTED, now=now):
                detail = f"{operation.operation_id}: {operation.label}. {INTERRUPTED}"
                note(session, operation, Noted.FAILED, detail, now=now)
            await session.commit()

    async def _settle(self, operation: Operation) -> None:
        kind, client = OPERATIONS[operation.kind], self._teller.clients[operation.environment]
        found = await (self._by_key if kind.method == "POST" else self._by_object)(operation, kind, client)
        if found is not None:
            await close(self._teller, operation, found, State.UNKNOWN)

    async def _by_key(self, operation: Operation, kind: OperationKind, client: MangopayClient) -> Outcome | None:
        age = self._teller.clock() - (operation.sent_at or operation.created_at)
        never = NEVER_ARRIVED
        if age < KEY_TELLS_FOR:
            try:
                told = await self._response(operation, kind, client)
            except (NotFound, Invalid):
                pass
            except Forbidden:
                never = ""
            else:
                if told.state is not State.UNKNOWN:
                    return told
                never = "Mangopay had a fault of its own, and nothing of this operation is found there."
        found = await _find_by_tag(operation, kind, client)
        if found is not None:
            return outcome_of(kind, found)
        # While its key may not be looked up, that nothing is found proves nothing.
        is_over = bool(never) and self._is_past_hope(operation)
        return Outcome(state=State.FAILED, failure=never) if is_over else None

    async def _response(self, operation: Operation, kind: OperationKind, client: MangopayClient) -> Outcome:
        """Return what Mangopay has answered under the operation's key; UNKNOWN for a fault of its own.

        Raises MangopayError, NotFound for a key under which nothing is known.
        """
        kept = await client.get_response(operation.idempotency_key)
        if kept.is_success and isinstance(kept.resource, Mapping):
            return _noting_other_amount(outcome_of(kind, kept.resource), operation, kept.resource)
        if not httpx.codes.is_client_error(kept.status):
            return NONSENSE
        return Outcome(state=State.FAILED, failure=kept.error.sentence)

    async def _by_object(self, operation: Operation, kind: OperationKind, client: MangopayClient) -> Outcome | None:
        """A change is seen on what was to be changed."""
        content = await _read_changed(operation, kind, client)
        if is_done(kind, content):
            return outcome_of(kind, content)
        is_over = self._is_past_hope(operation)
        return Outcome(state=State.FAILED, failure=NEVER_ARRIVED) if is_over else None

    def _is_past_hope(self, operation: Operation) -> bool:
        """Whether the request cannot be on its way any more: it is old, and was looked for several times. A clock may
        leap, and a process that stood still goes on with what it was about to send.
        """
        age = self._teller.clock() - (operation.sent_at or operation.created_at)
        return age >= SENT_FOR + MARGIN and operation.looks >= LOOKS_AT_LEAST

    async def _read_again(self, operation: Operation) -> None:
        """Look whether Mangopay has come to an end with what it has accepted."""
        kind, client = OPERATIONS[operation.kind], self._teller.clients[operation.environment]
        paths = KINDS[kind.makes].api_paths(operation.object_id, client_id=client.client_id)
        found = await read_first(client.at(Priority.EXPORT), paths, fresh=True)
        outcome = outcome_of(kind, found.content)
        if outcome.state in FINAL:
            await close(self._teller, operation, outcome, State.ACCEPTED)

    async def _expire(self, environment: Environment) -> None:
        """Let go of what nobody has decided on in time."""
        now = self._teller.clock()
        late = select(Operation).where(
            Operation.environment == environment,
            Operation.state == State.AWAITING_APPROVAL,
            col(Operation.expires_at) <= now,
        )
        async with self._teller.database.session() as session:
            for operation in (await session.exec(late)).all():
                failure = "Nobody decided on it in time."
                if await move(
                    session, operation, State.AWAITING_APPROVAL, state=State.EXPIRED, failure=failure, ended_at=now,
                    changed_at=now,
                ):  # fmt: skip
                    detail = f"{operation.operation_id}: {operation.label}. {failure}"
                    note(session, operation, Noted.REFUSED, detail, now=now)
            await session.commit()


async def _each_to_its_end(*works: Coroutine[object, object, T]) -> list[T | None]:
    """Return what each gives; None for one that failed, which the log tells of and which ends no other."""
    given = await asyncio.gather(*works, return_exceptions=True)
    for error in given:
        if isinstance(error, BaseException):
            log.error("a look at operations failed", exc_info=error)
    return [None if isinstance(result, BaseException) else result for result in given]


def _noting_other_amount(outcome: Outcome, operation: Operation, resource: Content) -> Outcome:
    """Say so when what was done under the key is not what was asked for last: an earlier try had another amount."""
    asked, done = (content.get("DebitedFunds") for content in (operation.request.get("body", {}), resource))
    if not isinstance(asked, Mapping) or not isinstance(done, Mapping) or asked == done:
        return outcome
    amount = money_of(done, resource)
    told = amount.text() if amount else "another amount"
    return replace(outcome, failure=f"An earlier try of this operation was carried out, with {told}. {outcome.failure}")


async def _find_by_tag(operation: Operation, kind: OperationKind, client: MangopayClient) -> Content | None:
    """Return the transaction that bears the operation's id; None where there is none. Raises MangopayError."""
    async for transaction in _transactions(operation, kind, client):
        if operation.operation_id in (text_at(transaction, "Tag") or "").split():
            return transaction
    return None


async def _read_changed(operation: Operation, kind: OperationKind, client: MangopayClient) -> Content:
    name = next(name for name in kind.takes_from if operation.values.get(name))
    object_kind = kind.makes or kind_named(kind.by_name[name], operation.values[name])
    paths = KINDS[object_kind].api_paths(
        operation.values[name], client_id=client.client_id, parent=operation.values.get("UserId")
    )
    return (await read_first(client, paths, fresh=True)).content


async def _transactions(operation: Operation, kind: OperationKind, client: MangopayClient) -> AsyncIterator[Content]:
    """Yield what was made around the moment of sending, where an operation of this kind would be listed."""
    sent_at = operation.sent_at or operation.created_at
    query = {
        "Sort": "CreationDate:ASC",
        "AfterDate": _seconds(sent_at - AROUND),
        "BeforeDate": _seconds(sent_at + AROUND),
    }
    path = f"/v2.01/{quote(client.client_id, safe='')}{_list_of(operation, kind)}"
    page = await client.list_objects(path, per_page=100, query=query, fresh=True)
    while True:
        for row in page.items:
            yield row
        if not page.has_next:
            return
        page = await client.list_objects(path, page=page.number + 1, per_page=100, query=query, fresh=True)


def _list_of(operation: Operation, kind: OperationKind) -> str:
    values = {name: quote(value, safe="") for name, value in operation.values.items()}
    match kind.name:
        case "refund-payin":
            return f"/payins/{values['PayInId']}/refunds"
        case "refund-transfer":
            return f"/transfers/{values['TransferId']}/refunds"
        case "settle":
            return f"/users/{values['AuthorId']}/transactions"
    wallet = values.get("DebitedWalletId") or values.get("CreditedWalletId", "")
    funds, _, currency = wallet.partition("_")
    if funds in ("FEES", "CREDIT"):
        return f"/clients/wallets/{funds}/{currency}/transactions"
    return f"/wallets/{wallet}/transactions"


def _seconds(moment: datetime) -> str:
    return str(int(moment.timestamp()))
