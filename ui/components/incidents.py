"""Incidents and planned work, as pages show them."""

from collections.abc import Sequence
from datetime import datetime

import htpy as h
import nh3
from markupsafe import Markup

from models.feed import Feed
from models.incidents import Health, IncidentUpdate, Phase
from models.plain_text import PROSE_TAGS
from models.status_board import Noted
from ui.components.parts import chip, icon, message, outside_link, when
from ui.theme import Tone

TONES = {
    Health.OPERATIONAL: Tone.POSITIVE,
    Health.MAINTENANCE: Tone.NOTICE,
    Health.DEGRADED: Tone.WAITING,
    Health.OUTAGE: Tone.NEGATIVE,
}
SAYS = {
    Health.OPERATIONAL: ("Operational", "No incident, and no maintenance under way."),
    Health.MAINTENANCE: ("Maintenance", "Planned work is under way."),
    Health.DEGRADED: ("Degraded", "Something is slow, or fails at times."),
    Health.OUTAGE: ("Outage", "Something does not work."),
}


def phase_tone(phase: Phase) -> Tone:
    if phase.is_over:
        return Tone.POSITIVE
    return Tone.NOTICE if phase.is_maintenance else Tone.WAITING


def incident(noted: Noted, *, is_open: bool) -> h.Node:
    """Return an incident with its whole history; folded unless `is_open`."""
    told, entry = noted.told, noted.entry
    head = h.fragment[
        h.h3[told.title],
        h.span(".chips")[
            told.phase and chip(told.phase.label, phase_tone(told.phase)),
            [chip(environment.label, Tone.MUTED) for environment in sorted(told.environments)],
        ],
        h.p(".caption")[_times(noted)],
    ]
    body = h.fragment[
        told.components and h.p(".components")[h.strong["Affected"], " ", ", ".join(told.components)],
        h.ol(".updates")[[_update(update) for update in told.updates]] if told.updates else as_it_came(entry.summary),
        h.p(".ways")[outside_link(entry.link, "Open it at Mangopay")] if entry.link else None,
    ]
    if is_open:
        return h.article(".incident")[head, body]
    return h.details(".incident")[h.summary[head], body]


def as_it_came(html: str) -> h.Node:
    """Return a feed's HTML. It was sanitised when it was stored; once more here, and by the browser."""
    if not html:
        return None
    clean = nh3.clean(html, tags=set(PROSE_TAGS), attributes={"a": {"href"}}, url_schemes={"http", "https"})
    return h.div(".prose")[Markup(clean)]  # noqa: S704


def _update(update: IncidentUpdate) -> h.Node:
    moment = when(update.at, show="minute") if update.at else h.span[update.written]
    return h.li[h.strong[update.label], " ", h.span(".caption")[moment], as_it_came(update.text)]


def _times(noted: Noted) -> h.Node:
    told = noted.told
    if told.starts_at is None:
        return when(noted.entry.published_at)
    if told.phase is not None and told.phase.is_maintenance:
        return span(told.starts_at, told.ends_at)
    if told.ends_at is not None:
        return h.fragment[when(told.starts_at, show="minute"), " · lasted ", duration(told.starts_at, told.ends_at)]
    return h.fragment["Since ", when(told.starts_at, show="minute"), " · ", when(told.starts_at)]


def span(begin: datetime, end: datetime | None) -> h.Node:
    """Return from when until when, in the reader's zone."""
    until = h.fragment[" to ", when(end, show="minute"), " · ", duration(begin, end)] if end else None
    return h.fragment[when(begin, show="minute"), until]


def duration(begin: datetime, end: datetime) -> str:
    """Return how long it takes, in the two largest units: "2 d 4 h", "35 min"."""
    minutes = max(0, int((end - begin).total_seconds()) // 60)
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join([part for part in parts if part][:2]) or "under a minute"


def health_line(health: Health | None, doubt: str = "") -> h.Node:
    """Return how Mangopay does in one line; `health` is None where nobody knows, and `doubt` says why."""
    if health is None:
        return h.p(".health.muted")[icon("help_outline"), h.strong["Unknown"], h.span[doubt]]
    label, what = SAYS[health]
    return h.p(f".health.{TONES[health]}")[icon(TONES[health].icon), h.strong[label], h.span[what]]


def feed_state(feeds: Sequence[Feed], *, setting: str) -> h.Node:
    """Say how old it is what feeds have told, and what is wrong with them; `setting` names their addresses."""
    if not feeds:
        return h.p(".caption")["No feed is set: ", h.code[setting], " takes its address."]
    troubles = [
        message(
            Tone.WAITING, feed.last_error, h.fragment[_kept(feed), "; it is tried again ", when(feed.next_check_at)]
        )
        for feed in feeds
        if feed.last_error
    ]
    return h.fragment[troubles, h.p(".caption.feed-age")[[_age(feed) for feed in feeds]]]


def _kept(feed: Feed) -> h.Node:
    if feed.last_success_at is None:
        return "It has never been read"
    return h.fragment["What is shown was read ", when(feed.last_success_at)]


def _age(feed: Feed) -> h.Node:
    read = h.fragment[" · read ", when(feed.last_success_at)] if feed.last_success_at else " · not read yet"
    return h.span[feed.name, read]
