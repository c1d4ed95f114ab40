"""What has happened around a user, in one line of time: what Mangopay told us, and what was changed from here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from models.audit import Act, AuditEntry, Outcome
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


@needs(Permission.SEE)
async def read_timeline(
    actor: Actor, database: Database, ids: Sequence[str], *, before: datetime | None = None, limit: int = PAGE_SIZE
) -> Timeline:
    """Return what is known to have happened to objects before a moment, newest first, a page at a time."""
    told = select(Notification).where(
        Notification.environment == actor.environment, col(Notification.resource_id).in_(ids)
    )
    changed = select(AuditEntry).where(
        AuditEntry.environment == actor.environment, col(AuditEntry.about).in_(ids), col(AuditEntry.act).in_(CHANGES)
    )
    if before is not None:
        told = told.where(col(Notification.first_received_at) < before)
        changed = changed.where(col(AuditEntry.at) < before)
    # One more than is shown tells that there is more; what shares the last moment comes with it, below.
    told = told.order_by(col(Notification.first_received_at).desc(), col(Notification.id).desc()).limit(2 * limit)
    changed = changed.order_by(col(AuditEntry.at).desc(), col(AuditEntry.id).desc()).limit(2 * limit)
    async with database.session() as session:
        happenings: list[Told | Changed] = [_told(row) for row in await session.exec(told)]
        happenings.extend(_changed(row) for row in await session.exec(changed))
    happenings.sort(key=lambda happening: happening.at, reverse=True)
    return _cut(happenings, limit)


def _cut(happenings: Sequence[Told | Changed], limit: int) -> Timeline:
    if len(happenings) <= limit:
        return Timeline(happenings, older=None)
    last = happenings[limit - 1].at
    # A page never ends between two of one moment, for the next begins before it.
    shown = [happening for happening in happenings if happening.at >= last]
    return Timeline(shown, older=last if len(shown) < len(happenings) else None)


def _told(row: Notification) -> Told:
    return Told(row.first_received_at, row.event_type, row.resource_id, row.id or 0)


def _changed(row: AuditEntry) -> Changed:
    return Changed(row.at, row.act, row.outcome, row.who, row.about, row.detail)
