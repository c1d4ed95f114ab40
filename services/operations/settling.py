"""Finds out what became of operations whose outcome is open, in the background. It reads, and never sends again.

Within a day the idempotency key tells (`GET /responses/{key}`): what was answered, or that nothing is known under it.
The latter counts only once the call can no longer be on its way, and only if no transaction bears the operation's id in
its Tag. After a day, the transactions alone tell.
Source: https://docs.mangopay.com/api-reference/overview/idempotency
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
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
from services.mangopay.errors import Forbidden, Invalid, MangopayError, NotFound, error_of
from services.mangopay.governor import Priority
from services.objects.view import read_first
from services.operations.journal import move, move_back, note
from services.operations.schedule import next_look
from services.operations.submitting import close
from services.operations.teller import MARGIN, SENT_FOR, Teller

log = logging.getLogger(__name__)

AT_ONCE = 20
KEY_TELLS_FOR = timedelta(hours=23, minutes=55)
# A list of transactions may lag, and two clocks differ.
AROUND = timedelta(minutes=10)
# Notifications that came while nobody looked are caught up with by the schedule.
TOLD_LATELY = timedelta(minutes=2)
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
        return sum(await asyncio.gather(*(self._turn_of(environment) for environment in self._teller.clients)))

    async def _turn_of(self, environment: Environment) -> int:
        await self._expire(environment)
        due = await self._due(environment)
        for operation in due:
            if await self._claim(operation):
                try:
                    await self._look_at(operation)
                except MangopayError as error:
                    log.info("operation=%s not settled yet: %s", operation.operation_id, error)
        return len(due)

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
                operation = await close(self._teller, operation, unknown, seen=State.SENT)
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
            await close(self._teller, operation, found, seen=State.UNKNOWN)

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
        # As long as the request may still be on its way, it proves nothing; nor while its key may not be looked up.
        return Outcome(state=State.FAILED, failure=never) if never and age >= SENT_FOR + MARGIN else None

    async def _response(self, operation: Operation, kind: OperationKind, client: MangopayClient) -> Outcome:
        """Return what Mangopay has answered under the operation's key; UNKNOWN for a fault of its own.

        Raises MangopayError, NotFound for a key under which nothing is known.
        """
        root = f"/v2.01/{quote(client.client_id, safe='')}"
        kept = await client.get_object(f"{root}/responses/{operation.idempotency_key}", fresh=True)
        status, resource = str(kept.get("StatusCode")), kept.get("Resource")
        if status.startswith("2") and isinstance(resource, Mapping):
            return _noting_other_amount(outcome_of(kind, resource), operation, resource)
        if not status.startswith("4") or not status.isdecimal():
            return NONSENSE
        request = httpx.Request("POST", root)
        refusal = error_of(httpx.Response(int(status), json=resource, request=request))
        return Outcome(state=State.FAILED, failure=refusal.sentence)

    async def _by_object(self, operation: Operation, kind: OperationKind, client: MangopayClient) -> Outcome | None:
        """A change is seen on what was to be changed."""
        content = await _read_changed(operation, kind, client)
        if is_done(kind, content):
            return outcome_of(kind, content)
        age = self._teller.clock() - (operation.sent_at or operation.created_at)
        return None if age < SENT_FOR + MARGIN else Outcome(state=State.FAILED, failure=NEVER_ARRIVED)

    async def _read_again(self, operation: Operation) -> None:
        """Look whether Mangopay has come to an end with what it has accepted."""
        kind, client = OPERATIONS[operation.kind], self._teller.clients[operation.environment]
        paths = KINDS[kind.makes].api_paths(operation.object_id, client_id=client.client_id)
        found = await read_first(client.at(Priority.EXPORT), paths, fresh=True)
        outcome = outcome_of(kind, found.content)
        if outcome.state in FINAL:
            await close(self._teller, operation, outcome, seen=State.ACCEPTED)

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


def _noting_other_amount(outcome: Outcome, operation: Operation, resource: Content) -> Outcome:
    """Say so when what was done under the key is not what was asked for last: an earlier try had another amount."""
    asked, done = (content.get("DebitedFunds") for content in (operation.request.get("body", {}), resource))
    if not isinstance(asked, Mapping) or not isinstance(done, Mapping) or asked == done:
        return outcome
    amount = money_of(done, resource)
    told = f"{amount.decimal_text()} {amount.currency}" if amount else "another amount"
    return replace(outcome, failure=f"An earlier try of this operation was carried out, with {told}. {outcome.failure}")


async def _find_by_tag(operation: Operation, kind: OperationKind, client: MangopayClient) -> Content | None:
    """Return the transaction that bears the operation's id; None where there is none. Raises MangopayError."""
    async for transaction in _transactions(operation, kind, client):
        if operation.operation_id in (text_at(transaction, "Tag") or "").split():
            return transaction
    return None


async def _read_changed(operation: Operation, kind: OperationKind, client: MangopayClient) -> Content:
    name = next(name for name in kind.takes_from if operation.values.get(name))
    object_kind = kind.makes or {
        "PreauthorizationId": "preauthorization",
        "DepositId": "deposit",
        "ExtendedPreauthorizationId": "extended-preauthorization",
    }[name]  # fmt: skip
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
