"""What an entry of a status feed says: which incident or maintenance, how far it is, since when, until when.

The entries are those of Statuspage: a title, and a history of updates as HTML, newest first. Nothing is guessed: what
is not written as Statuspage writes it is None or empty, and the page shows the entry as it came.
Source: https://support.atlassian.com/statuspage/docs/what-are-the-different-apis-under-statuspage/
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from html import unescape
from types import MappingProxyType

from models.environment import Environment
from models.zones import ZONES


class Phase(StrEnum):
    """How far an incident or a maintenance is, by Statuspage's words for it."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    VERIFYING = "verifying"
    COMPLETED = "completed"

    @property
    def label(self) -> str:
        return self.replace("_", " ").capitalize()

    @property
    def is_maintenance(self) -> bool:
        return self in (Phase.SCHEDULED, Phase.IN_PROGRESS, Phase.VERIFYING, Phase.COMPLETED)

    @property
    def is_over(self) -> bool:
        return self in (Phase.RESOLVED, Phase.COMPLETED)


class Standing(StrEnum):
    """Where an incident belongs on the page."""

    ACTIVE = "active"
    UPCOMING = "upcoming"
    PAST = "past"


class Health(StrEnum):
    """How Mangopay does, by what its status feed says; the gravest last."""

    OPERATIONAL = "operational"
    MAINTENANCE = "maintenance"
    DEGRADED = "degraded"
    OUTAGE = "outage"


@dataclass(frozen=True, slots=True)
class IncidentUpdate:
    """One step of a history: `text` is the HTML behind the label, `written` its moment as it came."""

    label: str
    text: str
    written: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """What an entry says. `phase` is None where it is none of Statuspage's, and all else may be empty then."""

    title: str
    environments: frozenset[Environment]
    phase: Phase | None
    # Newest first.
    updates: tuple[IncidentUpdate, ...]
    components: tuple[str, ...]
    # Of an incident its first update and, once it is over, its last; of a maintenance what was planned.
    starts_at: datetime | None
    ends_at: datetime | None

    def concerns(self, environment: Environment) -> bool:
        """Tell whether it is about an environment: an entry that names none is about all, and Local has both."""
        return not self.environments or environment in self.environments or environment is Environment.LOCAL


# A label of Statuspage's that says nothing new about the phase is not in it.
_PHASES: Mapping[str, Phase] = MappingProxyType(
    {phase.label.lower(): phase for phase in Phase} | {"postmortem": Phase.RESOLVED}
)
_UPDATE = "update"
_TAG = re.compile(r"\[\s*(production|sandbox)\s*\]\s*", re.IGNORECASE)
# Behind nh3 tags are lower-case, and small, strong and br have no attributes.
_HEAD = re.compile(
    r"<small>(?P<when>[^<]{0,200})</small>\s*(?:<br>\s*)?<strong>(?P<label>[^<]{0,200})</strong>\s*"
    r"(?:[-\u2013\u2014]\s*)?"
)
_WINDOW = re.compile(r"<strong>\s*THIS IS A SCHEDULED EVENT\s+(?P<when>[^<]{0,200})</strong>", re.IGNORECASE)
_COMPONENTS = re.compile(
    r"(?:this (?:incident|scheduled maintenance|maintenance) affect(?:s|ed)|affected components|components affected)"
    r"\s*:\s*(?P<names>[^<]{1,2000})",
    re.IGNORECASE,
)
_DAY = r"(?P<{0}month>[A-Z][a-z]{{2}})[a-z]*\.?\s+(?P<{0}day>\d{{1,2}})(?:,\s*(?P<{0}year>\d{{4}}))?\s*[,\u2013-]?\s*"
_TIME = r"(?P<{0}hour>\d{{1,2}}):(?P<{0}minute>\d{{2}})"
_ZONE = r"\s*(?P<zone>[A-Za-z]{2,5})?(?P<offset>[+-]\d{1,2}(?::?\d{2})?)?"
_MOMENT = re.compile(_DAY.format("") + _TIME.format("") + _ZONE)
_SPAN = re.compile(
    _DAY.format("")
    + _TIME.format("")
    + r"\s*[-\u2013\u2014]\s*(?:"
    + _DAY.format("to_")
    + r")?"
    + _TIME.format("to_")
    + _ZONE
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Words in a title that say more than that something is slow or fails at times; to slow down is no outage.
_OUTAGE = re.compile(r"\b(outage|unavailab\w*|interruption|(?<!slow )(?<!slowed )(?<!slowing )down)\b", re.IGNORECASE)
_EDGES = re.compile(r"(\s+|<br>|</?p>)")
# An update is dated before what its entry is dated by, or not long after; a year earlier is then the right one.
_LATER_AT_MOST = timedelta(days=60)
_NEVER = datetime.max.replace(tzinfo=UTC)


def read_incident(title: str, body: str, published_at: datetime) -> Told:
    """Read an entry. `body` is sanitised HTML; `published_at` tells the year, which the body leaves out."""
    updates = _updates(body, published_at)
    starts_at, ends_at = _window(body, published_at)
    phase = _phase(updates) or (Phase.SCHEDULED if starts_at else None)
    if starts_at is None and phase is not None and not phase.is_maintenance:
        starts_at = updates[-1].at
        ends_at = _resolved_at(updates) if phase.is_over else None
    if starts_at is None and phase is Phase.SCHEDULED and (updates[0].at or published_at) < published_at:
        # Planned work is dated by its plan.
        starts_at = published_at
    return Told(
        title=_TAG.sub("", title).strip() or title,
        environments=frozenset(Environment(name.lower()) for name in _TAG.findall(title)),
        phase=phase,
        updates=updates,
        components=_components(body),
        starts_at=starts_at,
        ends_at=ends_at,
    )


def standing_of(phase: Phase, starts_at: datetime | None, ends_at: datetime | None, *, now: datetime) -> Standing:
    """Return where it belongs. A maintenance that nobody moves on follows its plan."""
    if phase.is_over:
        return Standing.PAST
    if phase is not Phase.SCHEDULED:
        return Standing.ACTIVE
    if ends_at is not None and ends_at <= now:
        return Standing.PAST
    return Standing.ACTIVE if starts_at is not None and starts_at <= now else Standing.UPCOMING


def health_of(active: Sequence[tuple[str, Phase]]) -> Health:
    """Return how Mangopay does, by the titles and phases of what is active; a feed tells no more than words."""
    found = [
        Health.MAINTENANCE if phase.is_maintenance else Health.OUTAGE if _OUTAGE.search(title) else Health.DEGRADED
        for title, phase in active
    ]
    return max(found, key=list(Health).index, default=Health.OPERATIONAL)


def _updates(body: str, published_at: datetime) -> tuple[IncidentUpdate, ...]:
    heads = list(_HEAD.finditer(body))
    named = _COMPONENTS.search(body)
    # What is affected is told for itself, behind the oldest update.
    last = named.start() if named and heads and named.start() > heads[-1].end() else len(body)
    ends = [*(head.start() for head in heads), last][1:]
    updates: list[IncidentUpdate] = []
    near = published_at
    for head, end in zip(heads, ends, strict=True):
        written = _line(head["when"])
        at = _moment(written, near=near, latest=published_at + _LATER_AT_MOST)
        near = at or near
        updates.append(IncidentUpdate(_line(head["label"]), _text(body[head.end() : end]), written, at))
    return tuple(updates)


def _phase(updates: Sequence[IncidentUpdate]) -> Phase | None:
    """Return the phase of the newest update that names one; an "Update" leaves it as it was."""
    for update in updates:
        if (label := update.label.lower()) != _UPDATE:
            return _PHASES.get(label)
    return None


def _resolved_at(updates: Sequence[IncidentUpdate]) -> datetime | None:
    """Return when it was over: its postmortem may come days later."""
    return next(
        (update.at for update in reversed(updates) if _PHASES.get(update.label.lower()) is Phase.RESOLVED), None
    )


def _window(body: str, published_at: datetime) -> tuple[datetime | None, datetime | None]:
    """Return what was planned; of a maintenance `published_at` is the planned moment too."""
    head = _WINDOW.search(body)
    span = _SPAN.search(_line(head["when"])) if head else None
    if span is None:
        return None, None
    begin = _at(span, "", near=published_at)
    if begin is None:
        return None, None
    if span["to_month"]:
        return begin, _at(span, "to_", near=begin)
    day = {"month": span["month"], "day": span["day"], "year": span["year"]}
    end = _built(day, span["to_hour"], span["to_minute"], _zone(span), near=begin, latest=begin + _LATER_AT_MOST)
    # Over midnight the same day would end before it begins.
    return begin, end + timedelta(days=1) if end is not None and end < begin else end


def _components(body: str) -> tuple[str, ...]:
    found = _COMPONENTS.search(body)
    # A group names its parts in brackets, with commas of their own.
    names = re.split(r",\s*(?![^()]*\))", _line(found["names"]).rstrip(".")) if found else []
    return tuple(filter(None, (name.strip() for name in names)))


def _moment(written: str, *, near: datetime, latest: datetime) -> datetime | None:
    found = _MOMENT.search(written)
    return _at(found, "", near=near, latest=latest) if found else None


def _at(found: re.Match[str], prefix: str, *, near: datetime, latest: datetime = _NEVER) -> datetime | None:
    day = {name: found[prefix + name] for name in ("month", "day", "year")}
    return _built(day, found[prefix + "hour"], found[prefix + "minute"], _zone(found), near=near, latest=latest)


def _zone(found: re.Match[str]) -> timezone | None:
    """Return the zone as it is written; None for a word that nobody here knows."""
    offset = found["offset"]
    if offset is None:
        return ZONES.get((found["zone"] or "").upper())
    hours, _, minutes = offset[1:].partition(":")
    if not minutes and len(hours) > 2:
        hours, minutes = hours[:-2], hours[-2:]
    delta = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(delta if offset[0] == "+" else -delta) if delta < timedelta(days=1) else None


def _built(
    day: Mapping[str, str | None], hour: str, minute: str, zone: timezone | None, *, near: datetime, latest: datetime
) -> datetime | None:
    """Return the moment in UTC; where no year is written, of the year that brings it nearest to `near`, if it is not
    after `latest`.
    """
    month = day["month"]
    if zone is None or month not in _MONTHS:
        return None
    years = [int(day["year"])] if day["year"] else [near.year - 1, near.year, near.year + 1]
    found = []
    for year in years:
        try:
            at = datetime(year, _MONTHS.index(month) + 1, int(day["day"] or 0), int(hour), int(minute), tzinfo=zone)
            found.append(at.astimezone(UTC))
        except (ValueError, OverflowError):
            # No such day, in this year at least.
            continue
    return min([at for at in found if at <= latest] or found, key=lambda at: abs(at - near), default=None)


def _line(text: str) -> str:
    return " ".join(unescape(text).split())


def _text(html: str) -> str:
    """Return an update's own HTML, without the edges of the paragraphs that it was cut out of; the last may be open."""
    # Words and edges by turns; by a pattern for the end alone, it would be looked for at each place anew.
    parts = _EDGES.split(html)
    words = [place for place in range(0, len(parts), 2) if parts[place]]
    return f"<p>{''.join(parts[words[0] : words[-1] + 1])}" if words else ""
