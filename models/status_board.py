"""The incidents and maintenances of a status feed, sorted as a person looks for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.environment import Environment
from models.feed import Feed, FeedEntry
from models.incidents import Health, Standing, Told, health_of, read_incident, standing_of

# A status that was read longer ago than this says nothing about now.
STALE_AFTER = timedelta(hours=1)
# What was written this lately, and not as status pages write, may be about now.
UNCLEAR_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Noted:
    """An entry with what it says. `standing` is None where it is not written as status pages write."""

    entry: FeedEntry
    told: Told
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class Board:
    """`unclear` and `unread` are not written as status pages write, the first of them lately; `elsewhere` counts what
    is only about another environment and left out.
    """

    active: tuple[Noted, ...]
    unclear: tuple[Noted, ...]
    upcoming: tuple[Noted, ...]
    past: tuple[Noted, ...]
    unread: tuple[Noted, ...]
    elsewhere: int

    @property
    def health(self) -> Health | None:
        """How Mangopay does; None where only what nobody here can read might tell."""
        if not self.active and self.unclear:
            return None
        return health_of([(noted.told.title, noted.told.phase) for noted in self.active if noted.told.phase])


def board_of(entries: Iterable[FeedEntry], environment: Environment, *, now: datetime) -> Board:
    """Sort entries, which come newest first. What a feed lists no longer is past, or was a mistake and is left out."""
    noted = [_noted(entry, now) for entry in entries]
    noted = [one for one in noted if one.entry.is_listed or one.standing is Standing.PAST]
    here = [one for one in noted if one.told.concerns(environment)]

    def those(standing: Standing | None) -> list[Noted]:
        return [one for one in here if one.standing is standing]

    return Board(
        active=tuple(those(Standing.ACTIVE)),
        unclear=tuple(one for one in those(None) if _is_late(one, now)),
        upcoming=tuple(sorted(those(Standing.UPCOMING), key=lambda one: one.told.starts_at or one.entry.published_at)),
        past=tuple(those(Standing.PAST)),
        unread=tuple(one for one in those(None) if not _is_late(one, now)),
        elsewhere=len(noted) - len(here),
    )


def read_at(feeds: Iterable[Feed]) -> datetime | None:
    """Return since when nothing was missed: when the feed that was read longest ago was read; None for never."""
    times = [feed.last_success_at for feed in feeds]
    known = [at for at in times if at is not None]
    return min(known) if known and len(known) == len(times) else None


def _is_late(noted: Noted, now: datetime) -> bool:
    return noted.entry.published_at > now - UNCLEAR_FOR


def _noted(entry: FeedEntry, now: datetime) -> Noted:
    told = read_incident(entry.title, entry.summary, entry.published_at)
    standing = standing_of(told.phase, told.starts_at, told.ends_at, now=now) if told.phase else None
    return Noted(entry, told, standing)
