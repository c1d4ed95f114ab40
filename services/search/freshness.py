"""A notification tells that an object has changed: answers remembered of it go, and a known user is read again.

The receiver may run in another process, so the database is the bus; positions are ids of deliveries.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, literal_column, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from models.environment import Environment
from models.known import KnownUser
from models.notification import Delivery, Notification
from services.database import Database
from services.mangopay.client import MangopayClient

# Of a rush beyond this, it is quicker to forget everything than to look for each object in what is remembered.
MOST_FORGOTTEN = 200
# So many deliveries are taken in at a time by the index, which must not hold up the receiver.
TAKEN_AT_ONCE = 2_000


class Freshness:
    """One per process, for each remembers answers of its own. It begins with what is told from now on."""

    def __init__(self, database: Database, clients: Mapping[Environment, MangopayClient]) -> None:
        self._database = database
        self._clients = clients
        self._seen: int | None = None

    async def turn(self) -> None:
        """Forget what is remembered of whatever was told of since the last turn; to be called every second."""
        async with self._database.session() as session:
            newest = await _newest_delivery(session)
            seen = newest if self._seen is None else self._seen
            told = await _told(session, seen, newest) if seen < newest <= seen + TAKEN_AT_ONCE else ()
        self._seen = newest
        if newest > seen + TAKEN_AT_ONCE or len(told) > MOST_FORGOTTEN:
            self._forget_everything()
        for environment, resource_id in told[:MOST_FORGOTTEN]:
            if resource_id and environment in self._clients:
                self._clients[environment].forget(resource_id)

    def _forget_everything(self) -> None:
        for client in self._clients.values():
            # Every address has the empty text in it.
            client.forget("")


async def take_in(session: AsyncSession, environment: Environment, after: int | None) -> int:
    """Mark the known users that deliveries after one tell of, and return the last that was looked at.

    Without a delivery to begin after it begins with the next. The caller commits; nothing is written for nothing.
    """
    newest = await _newest_delivery(session)
    if after is None or newest <= after:
        return newest
    up_to = min(newest, after + TAKEN_AT_ONCE)
    named = select(Notification.resource_id).where(
        # The unary plus keeps SQLite from walking an index of the whole table.
        col(Notification.id).in_(_notifications(after, up_to)),
        literal_column("+notification.environment") == environment.value,
    )
    known = (
        KnownUser.environment == environment,
        col(KnownUser.user_id).in_(named),
        col(KnownUser.is_stale).is_(False),
    )
    told_of = (await session.exec(select(KnownUser.id).where(*known))).all()
    if told_of:
        await session.exec(update(KnownUser).where(col(KnownUser.id).in_(told_of)).values(is_stale=True))
    return up_to


async def _newest_delivery(session: AsyncSession) -> int:
    return (await session.exec(select(func.max(Delivery.id)))).one() or 0


async def _told(session: AsyncSession, after: int, up_to: int) -> Sequence[tuple[Environment, str]]:
    """Return which objects were told of, each once; one more than are forgotten singly tells that there are more."""
    of_each = select(Notification.environment, Notification.resource_id).distinct()
    told = of_each.where(col(Notification.id).in_(_notifications(after, up_to))).limit(MOST_FORGOTTEN + 1)
    return [(Environment(environment), resource_id) for environment, resource_id in await session.exec(told)]


def _notifications(after: int, up_to: int) -> SelectOfScalar[int]:
    return select(Delivery.notification_id).where(col(Delivery.id) > after, col(Delivery.id) <= up_to)
