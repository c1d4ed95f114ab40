"""When an operation whose outcome is open is looked at again: soon at first, ever later."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from models.journal import State

_SECONDS, _MINUTES, _HOURS = (timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1))
# Its key tells what became of it for a day; after that, only the lists of transactions do.
UNKNOWN = (*(_SECONDS * n for n in (3, 10, 30, 60)), *(_MINUTES * n for n in (2, 5, 10, 30)), _HOURS)
# Notifications tell sooner; this is for those that are missed.
ACCEPTED = (*(_SECONDS * n for n in (5, 20)), *(_MINUTES * n for n in (1, 5, 15)), _HOURS, 6 * _HOURS)
LOOKS: Mapping[State, tuple[timedelta, ...]] = {State.UNKNOWN: UNKNOWN, State.ACCEPTED: ACCEPTED}


def next_look(state: State, looks: int, *, now: datetime) -> datetime:
    """Return when to look, after so many looks; the last of the schedule is for ever."""
    waits = LOOKS[state]
    return now + waits[min(looks, len(waits) - 1)]
