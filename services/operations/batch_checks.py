"""Checks a file of operations, line by line, before anything moves: first as it is written, then at Mangopay.

A file with a single fault leaves nothing behind. One that is right in every line becomes a batch that waits for a yes.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlmodel import col, select

from models.journal import COUNTS_AS_MADE, Operation, OperationBatch, State
from models.money import Money
from models.objects.fields import Content, text_at
from models.objects.plain import owner_of
from models.operations.batch_files import (
    AUTHOR,
    REASON,
    BatchFile,
    Fault,
    Line,
    hash_of_lines,
    read_batch_file,
)
from models.operations.checks import LATELY, Level, preflight
from models.operations.kinds import OperationKind
from models.operations.requests import CURRENCY, amount_of, fault_of_reason, told_amount
from models.operations.sentences import sentence_of
from models.operations.situation import Earlier, Situation, author_of, balance_of, currency_of, remaining
from models.permissions import Permission
from services.access.actors import Actor, authorize, needs
from services.operations.batch_reads import Patient
from services.operations.journal import new_operation
from services.operations.reading import situation_of
from services.operations.teller import Teller
from services.search.index import known_users

AT_ONCE = 4
# What was looked at longer ago says little about what would be met now.
CHECKED_FOR = timedelta(days=3)
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Checking:
    """How far a check has come; `waits_until` while Mangopay's rate limit makes it wait."""

    done: int
    total: int
    waits_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What has come of a check: faults, or else a batch."""

    lines: int
    totals: Mapping[str, int] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    batch: OperationBatch | None = None


@dataclass(frozen=True, slots=True)
class _Look:
    """A line, and what it meets."""

    line: Line
    situation: Situation
    faults: tuple[Fault, ...]
    notices: tuple[str, ...]

    @property
    def seen(self) -> dict[str, Any]:
        """What is kept of it: the same amounts elsewhere, so that those that come later are noticed."""
        lately = [earlier.operation_id for earlier in self.situation.lately]
        told = {"notices": list(self.notices), "lately": lately}
        return {name: value for name, value in told.items() if value}


@needs(Permission.ASK_FOR_MONEY)
async def check_file(
    actor: Actor,
    teller: Teller,
    kind: OperationKind,
    *,
    file_name: str,
    content: bytes,
    on_progress: Callable[[Checking], None] = lambda _: None,
) -> Checked:
    """Look at every line of a file, and keep it as a batch if all are right. May take minutes.

    Raises MangopayError when Mangopay cannot be read, SQLAlchemyError: nothing is kept then.
    """
    began_at = teller.clock()
    # A large one takes so long to read that other pages would stand still.
    file = await asyncio.to_thread(read_batch_file, kind, content)
    if faults := (*file.faults, *_faults_of_reasons(file.lines)):
        return Checked(len(file.lines), file.totals, faults)
    looks = await _look_up(actor, teller, kind, file.lines, on_progress)
    faults = tuple(fault for look in looks for fault in look.faults) or tuple(_faults_of_sums(kind, looks))
    if faults:
        return Checked(len(file.lines), file.totals, faults)
    # A long check may outlive the session of whoever asked for it.
    authorize(actor, Permission.ASK_FOR_MONEY)
    looks = await _named(actor, teller, looks)
    batch = await _store(actor, teller, kind, file, looks, file_name=file_name, began_at=began_at)
    return Checked(len(file.lines), file.totals, batch=batch)


def _faults_of_reasons(lines: Sequence[Line]) -> Iterator[Fault]:
    for line in lines:
        if line.reason and (fault := fault_of_reason(line.reason)):
            yield Fault(line.number, REASON, fault)


async def _look_up(
    actor: Actor, teller: Teller, kind: OperationKind, lines: Sequence[Line], tell: Callable[[Checking], None]
) -> Sequence[_Look]:
    """Look at every line at Mangopay, a few at once. Raises MangopayError."""
    looks: list[_Look] = []
    client = Patient(
        teller.clients[actor.environment], tell=lambda until: tell(Checking(len(looks), len(lines), until))
    )
    waiting, earlier = iter(lines), await _earlier(actor, teller, kind)

    async def look_at_some() -> None:
        for line in waiting:
            situation = await _situation_of(teller, client, kind, line.values)
            # What could not be read says nothing about this line, nor would the next ones be read.
            if client.trouble is not None:
                return
            amount = told_amount(kind, line.values)
            again = earlier.get((kind.first_given(kind.reaches, line.values), amount), ())
            looks.append(_look(kind, line, replace(situation, lately=again), now=teller.clock()))
            tell(Checking(len(looks), len(lines)))

    await _together([look_at_some() for _ in range(AT_ONCE)])
    if client.trouble is not None:
        raise client.trouble
    return sorted(looks, key=lambda look: look.line.number)


async def _together(workers: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Wait for all of them. If one fails, the others are stopped and waited for, and what it raised is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for worker in workers:
                group.create_task(worker)
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed


Same = Mapping[tuple[str, Money | None], Sequence[Earlier]]


async def _earlier(actor: Actor, teller: Teller, kind: OperationKind) -> Same:
    """Return our own operations of the last 24 hours, newest first, by what they reached and with how much."""
    lately = select(Operation).where(
        Operation.environment == actor.environment,
        col(Operation.asked_at) > teller.clock() - LATELY,
        Operation.kind == kind.name,
        col(Operation.amount).is_not(None),
        col(Operation.state).in_((*COUNTS_AS_MADE, State.AWAITING_APPROVAL, State.QUEUED)),
    )
    async with teller.database.session() as session:
        rows = (await session.exec(lately.order_by(col(Operation.asked_at).desc()))).all()
    found: dict[tuple[str, Money | None], list[Earlier]] = {}
    for row in rows:
        told = Earlier(row.operation_id, row.label, row.asked_by, row.asked_at or row.created_at)
        found.setdefault((row.payee_id, Money(row.amount or 0, row.currency)), []).append(told)
    return found


async def _situation_of(teller: Teller, client: Patient, kind: OperationKind, values: Mapping[str, str]) -> Situation:
    """Read what a line meets; a bank account is found through its author, who may have to be found first."""
    situation = await situation_of(teller, client, kind, values, is_brief=True)
    author = author_of(situation)
    if values.get(AUTHOR) or not author or not values.get("BankAccountId"):
        return situation
    return await situation_of(teller, client, kind, {**values, AUTHOR: author}, is_brief=True)


def _look(kind: OperationKind, line: Line, situation: Situation, *, now: datetime) -> _Look:
    """Fill in who the author is, and tell what speaks against the line."""
    given, author = line.values.get(AUTHOR, ""), author_of(situation)
    filled = replace(line, values={**line.values, AUTHOR: author or given} if AUTHOR in kind.by_name else line.values)
    faults = tuple(_faults(kind, filled, given, situation, now=now))
    checks = preflight(kind, filled.values, situation, now=now)
    notices = tuple(check.sentence for check in checks if check.level is Level.NOTICE)
    return _Look(filled, situation, faults, notices)


def _faults(kind: OperationKind, line: Line, given: str, situation: Situation, *, now: datetime) -> Iterator[Fault]:
    values, subject = line.values, next((name for name in kind.takes_from if line.values.get(name)), "")
    currency = currency_of(situation)
    if currency and currency != values[CURRENCY]:
        yield Fault(line.number, CURRENCY, f"It is in {currency}, not in {values[CURRENCY]}.")
    owner = owner_of(_source(situation) or {})
    if given and owner and given != owner:
        yield Fault(line.number, AUTHOR, f"The author must be {owner}.")
    # Without the amounts first: what is said beyond that is about them.
    bare = {
        name: value for name, value in values.items() if name not in kind.by_name or not kind.by_name[name].is_amount
    }
    said = _stops(kind, bare, situation, now)
    places = {sentence: name for name, sentence in situation.unread.items() if name in kind.by_name}
    for sentence in said:
        yield Fault(line.number, places.get(sentence, subject), sentence)
    if not said and not values.get(AUTHOR) and AUTHOR in kind.by_name:
        yield Fault(line.number, AUTHOR, "Author is missing, and nothing else in the line tells who it is.")
    if not currency or currency == values[CURRENCY]:
        for sentence in _stops(kind, values, situation, now):
            if sentence not in said:
                yield Fault(line.number, kind.amount, sentence)


def _stops(kind: OperationKind, values: Mapping[str, str], situation: Situation, now: datetime) -> Sequence[str]:
    checks = preflight(kind, values, situation, now=now)
    return [check.sentence for check in checks if check.level is Level.STOP]


def _source(situation: Situation) -> Content | None:
    """Return what says who the author is."""
    return situation.initial or situation.wallet


async def _named(actor: Actor, teller: Teller, looks: Sequence[_Look]) -> Sequence[_Look]:
    """Add the names that are known here, so that a line says whom it is about; no call is made for them."""
    contents = [
        content
        for look in looks
        for content in (look.situation.initial, look.situation.wallet, look.situation.into)
        if content is not None
    ]
    ids = {owner for content in contents if (owner := owner_of(content))}
    ids |= {author for look in looks if (author := look.line.values.get(AUTHOR))}
    known = await known_users(actor, teller.database, list(ids))
    people = {user_id: {"Name": user.name} for user_id, user in known.items() if user.name}
    return [replace(look, situation=replace(look.situation, people=people)) for look in looks]


def _faults_of_sums(kind: OperationKind, looks: Sequence[_Look]) -> Iterator[Fault]:
    """Tell where the lines together take more than there is, though each alone does not; once for each source."""
    taken: dict[str, Money] = {}
    told: set[str] = set()
    for look in looks:
        amount = amount_of(kind, look.line.values, kind.amount)
        for source, left, says in _sources(look.situation):
            if amount is None or source in told or left.currency != amount.currency:
                continue
            taken[source] = taken.get(source, Money(0, amount.currency)) + amount
            if taken[source].amount > left.amount:
                told.add(source)
                sentence = f"With the lines before it, {taken[source].text()} {says.format(left.text())}"
                yield Fault(look.line.number, kind.amount, sentence)


def _sources(situation: Situation) -> Iterator[tuple[str, Money, str]]:
    """Yield what a line takes from: its id, what is left there, and how to say that it is too little."""
    balance = balance_of(situation.wallet)
    if situation.wallet is not None and balance is not None:
        yield text_at(situation.wallet, "Id") or "", balance, "would leave the wallet, in which there are only {}."
    left = remaining(situation)
    if situation.initial is not None and left is not None:
        yield text_at(situation.initial, "Id") or "", left.remains, "would be given back, of which only {} are left."


async def _store(
    actor: Actor,
    teller: Teller,
    kind: OperationKind,
    file: BatchFile,
    looks: Sequence[_Look],
    *,
    file_name: str,
    began_at: datetime,
) -> OperationBatch:
    """Keep a file as a batch and its lines, all or nothing."""
    now = teller.clock()
    batch = OperationBatch(
        batch_id=f"batch_{uuid4().hex}",
        environment=actor.environment,
        kind=kind.name,
        file_name=file_name[-LONGEST_NAME:],
        lines=len(looks),
        totals=dict(file.totals),
        notices=sum(bool(look.notices) for look in looks),
        account_id=actor.account_id,
        asked_by=actor.email,
        created_at=began_at,
        changed_at=now,
        expires_at=now + CHECKED_FOR,
        request_hash=hash_of_lines(kind, [look.line.values for look in looks]),
    )
    async with teller.database.session() as session:
        session.add(batch)
        await session.flush()
        session.add_all([_row(actor, kind, look, batch.id, now=now) for look in looks])
        await session.commit()
    return batch


def _row(actor: Actor, kind: OperationKind, look: _Look, batch_id: int | None, *, now: datetime) -> Operation:
    values = look.line.values
    row, amount = new_operation(actor, kind, values, now=now), told_amount(kind, values)
    row.state = row.came_from = State.QUEUED
    row.batch_id, row.line, row.reason = batch_id, look.line.number, look.line.reason
    row.sentence = sentence_of(kind, values, look.situation)
    row.seen = look.seen
    row.amount, row.currency = (amount.amount, amount.currency) if amount else (None, "")
    row.subject, row.payee_id = (kind.first_given(names, values) for names in (kind.takes_from, kind.reaches))
    return row
