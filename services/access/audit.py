"""The audit log: written in the transaction of what it tells of, read a page at a time."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, literal, or_, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from models.audit import Act, AuditEntry, Outcome
from models.columns import UtcDateTime
from models.csv_text import csv_text
from models.cursor import Cursor
from models.environment import Environment
from models.permissions import RULES, Permission
from services.access.actors import Actor, needs
from services.database import Database

PAGE_SIZE = 50
EXPORTED_AT_ONCE = 1_000
COLUMNS = ("at", "act", "outcome", "who", "role", "address", "about", "detail")
# Whoever acts without a session.
COMMAND_LINE = "command line"
DASHBOARD = "dashboard"
# Longer texts come from strangers, and tell nothing more.
LONGEST = 500
# Rows are for good, so nobody is to make any number of them by reloading a page.
REFUSALS_EVERY = timedelta(minutes=1)


def record(
    session: AsyncSession,
    *,
    environment: Environment,
    act: Act,
    who: str,
    now: datetime,
    outcome: Outcome = Outcome.DONE,
    address: str = "",
    about: str = "",
    detail: str = "",
) -> None:
    """Add a line about somebody who has no session: a stranger, the command line, the dashboard itself."""
    session.add(
        AuditEntry(
            environment=environment, at=now, act=act, outcome=outcome, who=who[:LONGEST], address=address,
            about=about[:LONGEST], detail=detail[:LONGEST],
        )
    )  # fmt: skip


def record_act(
    session: AsyncSession,
    actor: Actor,
    act: Act,
    *,
    now: datetime,
    outcome: Outcome = Outcome.DONE,
    about: str = "",
    detail: str = "",
) -> None:
    """Add a line about what somebody with a session did."""
    session.add(
        AuditEntry(
            environment=actor.environment, at=now, act=act, outcome=outcome, who=actor.email, role=actor.role,
            address=actor.address, about=about[:LONGEST], detail=detail[:LONGEST],
        )
    )  # fmt: skip


@needs(Permission.SEE)
async def record_refusal(
    actor: Actor, database: Database, permission: Permission, *, about: str, now: datetime
) -> None:
    """Write down that somebody asked for a page that is not for their role; the same one once a minute at most."""
    async with database.session() as session:
        lately = select(AuditEntry.id).where(
            AuditEntry.environment == actor.environment,
            AuditEntry.who == actor.email,
            col(AuditEntry.at) > now - REFUSALS_EVERY,
            AuditEntry.act == Act.NOT_ALLOWED,
            AuditEntry.about == about[:LONGEST],
        )
        if (await session.exec(lately.limit(1))).first() is not None:
            return
        record_act(
            session,
            actor,
            Act.NOT_ALLOWED,
            now=now,
            outcome=Outcome.REFUSED,
            about=about,
            detail=f"needs: {RULES[permission].what}",
        )
        await session.commit()


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What to show; None and "" ask for everything. `text` is looked for in who, about, detail and address."""

    act: Act | None = None
    outcome: Outcome | None = None
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, newest first. A place is None where the log ends on that side."""

    entries: Sequence[AuditEntry]
    newer: Cursor | None
    older: Cursor | None


@needs(Permission.READ_AUDIT_LOG)
async def read_audit_log(
    actor: Actor,
    database: Database,
    wanted: AuditFilter,
    *,
    before: Cursor | None = None,
    after: Cursor | None = None,
    limit: int = PAGE_SIZE,
) -> AuditPage:
    """Return the newest page, the one older than `before`, or the one newer than `after`."""
    statement = _matching(actor.environment, wanted).limit(limit + 1)
    place = tuple_(col(AuditEntry.at), col(AuditEntry.id))
    if after is not None:
        statement = statement.where(place > _bound(after)).order_by(col(AuditEntry.at), col(AuditEntry.id))
    else:
        statement = statement.order_by(col(AuditEntry.at).desc(), col(AuditEntry.id).desc())
        if before is not None:
            statement = statement.where(place < _bound(before))
    async with database.session() as session:
        rows = list((await session.exec(statement)).all())
    has_more, rows = len(rows) > limit, rows[:limit]
    if after is not None:
        rows.reverse()
        return AuditPage(rows, newer=_place(rows[0]) if has_more else None, older=_place(rows[-1]) if rows else after)
    newer = before and (_place(rows[0]) if rows else before)
    return AuditPage(rows, newer=newer, older=_place(rows[-1]) if has_more else None)


@needs(Permission.READ_AUDIT_LOG)
async def begin_audit_export(actor: Actor, database: Database, wanted: AuditFilter, *, now: datetime) -> None:
    """Write down that the log is exported, before a line of it leaves."""
    async with database.session() as session:
        asked = [str(value) for value in (wanted.act, wanted.outcome, wanted.text, wanted.since, wanted.until) if value]
        record_act(session, actor, Act.EXPORT, now=now, about="audit log", detail=", ".join(asked) or "all of it")
        await session.commit()


@needs(Permission.READ_AUDIT_LOG)
def audit_csv(actor: Actor, database: Database, wanted: AuditFilter) -> AsyncIterator[str]:
    """Return the log as CSV, newest first, a thousand lines at a time; times are ISO 8601 in UTC."""
    return _csv(actor, database, wanted)


async def _csv(actor: Actor, database: Database, wanted: AuditFilter) -> AsyncIterator[str]:
    yield csv_text([COLUMNS])
    before = None
    while True:
        page = await read_audit_log(actor, database, wanted, before=before, limit=EXPORTED_AT_ONCE)
        yield csv_text([[_cell(entry, column) for column in COLUMNS] for entry in page.entries])
        if page.older is None:
            return
        before = page.older


def _matching(environment: Environment, wanted: AuditFilter) -> SelectOfScalar[AuditEntry]:
    statement = select(AuditEntry).where(AuditEntry.environment == environment)
    if wanted.act:
        statement = statement.where(AuditEntry.act == wanted.act)
    if wanted.outcome:
        statement = statement.where(AuditEntry.outcome == wanted.outcome)
    if wanted.since:
        statement = statement.where(col(AuditEntry.at) >= wanted.since)
    if wanted.until:
        statement = statement.where(col(AuditEntry.at) < wanted.until)
    if wanted.text:
        texts = (AuditEntry.who, AuditEntry.about, AuditEntry.detail, AuditEntry.address)
        statement = statement.where(or_(*(col(text).icontains(wanted.text, autoescape=True) for text in texts)))
    return statement


def _bound(place: Cursor) -> ColumnElement[Any]:
    return tuple_(literal(place.at, UtcDateTime()), literal(place.id))


def _place(entry: AuditEntry) -> Cursor:
    return Cursor(entry.at, entry.id or 0)


def _cell(entry: AuditEntry, column: str) -> str:
    value = getattr(entry, column)
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else str(value or "")
