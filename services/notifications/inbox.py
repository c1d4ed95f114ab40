"""The inbox: the stored notifications, a page at a time, and what has come in since.

Pages are keyset pages over the indexes of the table: by time, by event type, by resource id, each with a range of time.
They cost the same at a thousand rows and at ten million. Whatever else is asked for is looked for among the newest
20,000 candidates, and the page says how far it looked.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal, literal_column, tuple_, union_all
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.columns import UtcDateTime
from models.cursor import LARGEST_ID, Cursor
from models.environment import Environment
from models.event_types import EVENT_TYPES
from models.notification import Delivery, Notification
from models.notification_filter import OTHER_GROUP, NotificationFilter
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.database import Database

LOOKED_THROUGH = 20_000
MOST_DELIVERIES = 100


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Notifications, newest first. A cursor is None where the list ends on that side."""

    notifications: Sequence[Notification]
    newer: Cursor | None
    older: Cursor | None
    # Set when the search stopped before the end of the table: nothing older than this was looked at.
    looked_back_to: datetime | None = None


@needs(Permission.SEE)
async def read_page(
    actor: Actor,
    database: Database,
    wanted: NotificationFilter,
    *,
    before: Cursor | None = None,
    after: Cursor | None = None,
    limit: int = 50,
) -> InboxPage:
    """Return the newest page, the page older than `before`, or the page newer than `after`."""
    search = _Search(actor.environment, wanted, before=before, after=after, limit=limit)
    async with database.session() as session:
        rows = list((await session.exec(search.statement)).all())
        horizon = await search.horizon(session)
    if horizon is not None:
        # Beyond it one stream has more than was looked at, so what the others hold there must wait for its turn.
        rows = [row for row in rows if search.is_within(row, horizon)]
    goes_on = horizon
    if len(rows) > limit:
        rows, horizon, goes_on = rows[:limit], None, rows[limit - 1].place
    if after is None:
        newer = before and (rows[0].place if rows else before)
        return InboxPage(rows, newer=newer, older=goes_on, looked_back_to=horizon.at if horizon else None)
    rows.reverse()
    return InboxPage(rows, newer=goes_on, older=rows[-1].place if rows else after)


@needs(Permission.SEE)
async def read_notification(
    actor: Actor, database: Database, notification_id: int
) -> tuple[Notification, Sequence[Delivery]] | None:
    """Return a notification with its newest 100 deliveries, newest first; None when the environment has none such."""
    if notification_id > LARGEST_ID:
        return None
    async with database.session() as session:
        notification = await session.get(Notification, notification_id)
        if notification is None or notification.environment != actor.environment:
            return None
        deliveries = select(Delivery).where(col(Delivery.notification_id) == notification_id)
        newest = deliveries.order_by(col(Delivery.id).desc()).limit(MOST_DELIVERIES)
        return notification, (await session.exec(newest)).all()


@needs(Permission.SEE)
async def last_delivery_id(_: Actor, database: Database) -> int:
    """Return the id of the newest delivery of all environments; 0 when there is none."""
    async with database.session() as session:
        return (await session.exec(select(func.max(Delivery.id)))).first() or 0


@needs(Permission.SEE)
async def told_since(
    actor: Actor, database: Database, delivery_id: int, *, up_to: int, limit: int
) -> Sequence[Notification]:
    """Return the newest `limit` notifications with a delivery of `delivery_id` < id <= `up_to`, newest first."""
    deliveries = select(col(Delivery.notification_id)).where(col(Delivery.id) > delivery_id, col(Delivery.id) <= up_to)
    # The unary plus keeps SQLite from walking an index of the whole table to get the order for nothing.
    of_environment = literal_column("+notification.environment") == actor.environment.value
    notifications = select(Notification).where(col(Notification.id).in_(deliveries), of_environment)
    newest_first = (col(Notification.first_received_at).desc(), col(Notification.id).desc())
    async with database.session() as session:
        return (await session.exec(notifications.order_by(*newest_first).limit(limit))).all()


@needs(Permission.SEE)
async def last_told(actor: Actor, database: Database, event_types: Iterable[str]) -> dict[str, datetime]:
    """Return when each of these event types last brought a new notification; types that never did are left out."""
    newest = [
        select(literal(event_type).label("event_type"), func.max(Notification.first_received_at).label("at")).where(
            col(Notification.environment) == actor.environment, col(Notification.event_type) == event_type
        )
        for event_type in event_types
    ]
    if not newest:
        return {}
    every = union_all(*newest).subquery()
    async with database.session() as session:
        rows = (await session.exec(select(every.c.event_type, every.c.at))).all()
    return {event_type: at for event_type, at in rows if at is not None}


class _Search:
    """One page's statement: a stream of candidates along an index (one for each event type), merged and cut."""

    def __init__(
        self,
        environment: Environment,
        wanted: NotificationFilter,
        *,
        before: Cursor | None,
        after: Cursor | None,
        limit: int,
    ) -> None:
        self._is_ascending = after is not None
        leading = _leading(wanted)
        is_answered_by_index = not _rest(wanted, Notification)
        # Without a rest the first page of each stream is enough; with one, candidates are looked through.
        self._reach = limit + 1 if is_answered_by_index else LOOKED_THROUGH // len(leading)
        self._may_stop_short = not is_answered_by_index
        within = [col(Notification.environment) == environment, *_range(wanted, before=before, after=after)]
        self._streams = [
            select(Notification).where(*within, *which).order_by(*self._order(Notification)) for which in leading
        ]
        candidates = union_all(*(select(stream.limit(self._reach).subquery()) for stream in self._streams)).subquery()
        found = aliased(Notification, candidates)
        self.statement = select(found).where(*_rest(wanted, found)).order_by(*self._order(found)).limit(limit + 1)

    async def horizon(self, session: AsyncSession) -> Cursor | None:
        """Return the nearest place at which a stream was cut off with candidates left; None when all ended."""
        if not self._may_stop_short:
            return None
        cuts = []
        for stream in self._streams:
            last = (await session.exec(stream.offset(self._reach - 1).limit(1))).first()
            if last is not None:
                cuts.append(last.place)
        if not cuts:
            return None
        return min(cuts) if self._is_ascending else max(cuts)

    def is_within(self, notification: Notification, horizon: Cursor) -> bool:
        place = notification.place
        return place <= horizon if self._is_ascending else place >= horizon

    def _order(self, of: type[Notification]) -> tuple[ColumnElement[Any], ...]:
        columns = (col(of.first_received_at), col(of.id))
        return tuple(column.asc() if self._is_ascending else column.desc() for column in columns)


def _leading(wanted: NotificationFilter) -> list[list[ColumnElement[bool]]]:
    """Return what an index answers, one list of conditions for each stream."""
    if wanted.resource_id is not None:
        return [[col(Notification.resource_id) == wanted.resource_id]]
    if wanted.test_pings:
        return [[col(Notification.resource_id) == ""]]
    if wanted.event_types:
        return [[col(Notification.event_type) == event_type] for event_type in wanted.event_types]
    return [[]]


def _rest(wanted: NotificationFilter, of: type[Notification]) -> list[ColumnElement[bool]]:
    """Return the conditions that the leading index leaves open."""
    rest = []
    if wanted.duplicates:
        rest.append(col(of.delivery_count) > 1)
    if wanted.group == OTHER_GROUP:
        rest.append(col(of.event_type).not_in(EVENT_TYPES))
    if wanted.resource_id is not None or wanted.test_pings:
        if wanted.event_types:
            rest.append(col(of.event_type).in_(wanted.event_types))
        if wanted.test_pings and wanted.resource_id:
            rest.append(col(of.resource_id) == "")
    return rest


def _range(wanted: NotificationFilter, *, before: Cursor | None, after: Cursor | None) -> Iterator[ColumnElement[bool]]:
    received_at = col(Notification.first_received_at)
    place = tuple_(received_at, col(Notification.id))
    if wanted.since is not None:
        yield received_at >= wanted.since
    if wanted.until is not None:
        yield received_at < wanted.until
    if before is not None:
        yield place < tuple_(literal(before.at, UtcDateTime), literal(before.id))
    if after is not None:
        yield place > tuple_(literal(after.at, UtcDateTime), literal(after.id))
