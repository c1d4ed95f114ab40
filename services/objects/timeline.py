"""What has happened around a user, in one line of time: what Mangopay told us, and what was changed from here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal_column
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.audit import Act, AuditEntry, Outcome
from models.columns import UtcDateTime
from models.environment import Environment
from models.notification import Notification
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.database import Database

PAGE_SIZE = 50
# What people do to Mangopay's objects; who signs in, and from where, is the audit log's alone.
CHANGES = (Act.UPDATE_PROFILE, Act.ADD_DOCUMENT, Act.MONEY_OPERATION)


@dataclass(frozen=True, slots=True)
class Told:
    """A notification, and the object it is about."""

    at: datetime
    event_type: str
    object_id: str
    notification_id: int


@dataclass(frozen=True, slots=True)
class Changed:
    """Something that somebody did from this dashboard, or tried to."""

    at: datetime
    act: Act
    outcome: Outcome
    who: str
    object_id: str
    detail: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Newest first. `older` is where to go on, None at the end of what is known."""

    happenings: Sequence[Told | Changed]
    older: datetime | None
    # When the first notification of all was received here: of what was before, nothing was told.
    since: datetime | None


@needs(Permission.SEE)
async def read_timeline(
    actor: Actor, database: Database, ids: Sequence[str], *, before: datetime | None = None, limit: int = PAGE_SIZE
) -> Timeline:
    """Return what is known to have happened to objects before a moment, newest first, a page at a time."""
    async with database.session() as session:
        first = select(Notification.first_received_at).where(Notification.environment == actor.environment)
        told_since = (await session.exec(first.order_by(col(Notification.first_received_at)).limit(1))).first()
        newest = await _read(session, actor.environment, ids, before=before, limit=limit + 1)
        if len(newest) <= limit:
            return Timeline(newest, older=None, since=told_since)
        # A page never ends between two of one moment, for the next begins before it.
        last = newest[limit - 1].at
        shown = await _read(session, actor.environment, ids, since=last, before=before)
        rest = await _read(session, actor.environment, ids, before=last, limit=1)
    return Timeline(shown, older=last if rest else None, since=told_since)


async def _read(
    session: AsyncSession,
    environment: Environment,
    ids: Sequence[str],
    *,
    since: datetime | None = None,
    before: datetime | None,
    limit: int | None = None,
) -> Sequence[Told | Changed]:
    """Return what happened to objects between two moments, newest first; `limit` is for each of the two sources."""
    # With a sign before it SQLite may not use the index of time, which it would prefer from five ids on: it would read
    # all that ever came, to find fifty lines of a few objects.
    told_at = literal_column("+notification.first_received_at", UtcDateTime())
    changed_at = literal_column("+audit_entry.at", UtcDateTime())
    told = select(Notification).where(
        Notification.environment == environment,
        col(Notification.resource_id).in_(ids),
        *_between(told_at, since, before),
    )
    changed = select(AuditEntry).where(
        AuditEntry.environment == environment,
        col(AuditEntry.about).in_(ids),
        col(AuditEntry.act).in_(CHANGES),
        ~_was_answered(),
        *_between(changed_at, since, before),
    )
    told = told.order_by(told_at.desc(), col(Notification.id).desc()).limit(limit)
    changed = changed.order_by(changed_at.desc(), col(AuditEntry.id).desc()).limit(limit)
    happenings: list[Told | Changed] = [_told(row) for row in await session.exec(told)]
    happenings.extend(_changed(row) for row in await session.exec(changed))
    return sorted(happenings, key=lambda happening: happening.at, reverse=True)


def _was_answered() -> ColumnElement[bool]:
    """Whether a line only says what was asked for, and another, of the same moment, what came of it."""
    answer = aliased(AuditEntry)
    outcome = select(answer.id).where(
        col(answer.about) == AuditEntry.about,
        col(answer.at) == AuditEntry.at,
        col(answer.act) == AuditEntry.act,
        col(answer.environment) == AuditEntry.environment,
        col(answer.outcome) != Outcome.ASKED,
        func.substr(answer.detail, 1, func.length(AuditEntry.detail)) == AuditEntry.detail,
    )
    return (col(AuditEntry.outcome) == Outcome.ASKED) & outcome.exists()


def _between(
    moment: ColumnElement[datetime], since: datetime | None, before: datetime | None
) -> Sequence[ColumnElement[bool]]:
    return [*([moment >= since] if since else []), *([moment < before] if before else [])]


def _told(row: Notification) -> Told:
    return Told(row.first_received_at, row.event_type, row.resource_id, row.id or 0)


def _changed(row: AuditEntry) -> Changed:
    return Changed(row.at, row.act, row.outcome, row.who, row.about, row.detail)
