"""What of Mangopay's status every page has to say, kept in memory: a page asks no database for its banner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from models.environment import Environment
from models.feed import Feed, FeedEntry, FeedKind
from models.incidents import Health, Phase, Standing, health_of, read_incident, standing_of
from models.permissions import Permission
from models.status_board import STALE_AFTER
from services.access.actors import Actor, needs
from services.database import Database

_OPEN = [phase for phase in Phase if not phase.is_over]


@dataclass(frozen=True, slots=True)
class Open:
    """An incident or a maintenance that is not over, as its feed says."""

    title: str
    phase: Phase
    starts_at: datetime | None
    ends_at: datetime | None
    # When its feed was last read.
    read_at: datetime

    @property
    def health(self) -> Health:
        return health_of([(self.title, self.phase)])

    def is_active(self, now: datetime) -> bool:
        is_known = now - self.read_at < STALE_AFTER
        return is_known and standing_of(self.phase, self.starts_at, self.ends_at, now=now) is Standing.ACTIVE


class StatusWatch:
    """One per process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._open: Mapping[Environment, Sequence[Open]] = {}

    async def turn(self) -> None:
        """Look at what is stored; to be called every few seconds, for another process may have stored it."""
        wanted = (
            select(Feed.environment, Feed.last_success_at, FeedEntry)
            .join(Feed, col(Feed.id) == col(FeedEntry.feed_id))
            .where(Feed.kind == FeedKind.STATUS, col(FeedEntry.is_listed), col(FeedEntry.phase).in_(_OPEN))
        )
        found: dict[Environment, list[Open]] = {}
        async with self._database.session() as session:
            # Sorted here: asked for in an order, the database would look through all entries there are.
            rows = sorted(await session.exec(wanted), key=lambda row: row[2].published_at, reverse=True)
            for name, read_at, entry in rows:
                environment = Environment(name)
                told = read_incident(entry.title, entry.summary, entry.published_at)
                if entry.phase is not None and read_at is not None and told.concerns(environment):
                    found.setdefault(environment, []).append(
                        Open(told.title, entry.phase, entry.starts_at, entry.ends_at, read_at)
                    )
        self._open = found

    def open_in(self, environment: Environment) -> Sequence[Open]:
        return self._open.get(environment, ())


@needs(Permission.SEE)
def active_now(actor: Actor, watch: StatusWatch, *, now: datetime) -> Sequence[Open]:
    """Return what goes on at this moment and concerns the actor's environment, the gravest first, and of those the
    newest; nothing of what was read too long ago. Asks no database.
    """
    active = [one for one in watch.open_in(actor.environment) if one.is_active(now)]
    return sorted(active, key=lambda one: -list(Health).index(one.health))
