"""What each event type means and where its resource can be read again.

New types appear every few months, so one that is missing here is described, not refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote

from models.event_type_table import TABLE


@dataclass(frozen=True, slots=True)
class EventType:
    """One event type; `fetch_path` is a template with `{client_id}`, `{resource_id}` and, rarely, a second id."""

    name: str
    group: str
    resource_kind: str
    fetch_path: str | None
    meaning: str


def describe(name: str) -> EventType:
    """Return what is known of an event type, unknown ones included."""
    return EVENT_TYPES.get(name) or EventType(
        name=name,
        group="Other",
        resource_kind="Object",
        fetch_path=None,
        meaning="This event type is new to this dashboard.",
    )


def groups() -> tuple[str, ...]:
    """Return every group once, in the order of Mangopay's own list."""
    return tuple(dict.fromkeys(event_type.group for event_type in EVENT_TYPES.values()))


def types_of(group: str) -> tuple[str, ...]:
    """Return the names of a group's event types in table order; empty for an unknown group."""
    return tuple(event_type.name for event_type in EVENT_TYPES.values() if event_type.group == group)


def fetch_path(event_type: str, *, client_id: str, resource_id: str) -> str | None:
    """Return the API path that reads the resource of a notification, its ids percent-encoded.

    None for a test ping (no id), an unknown type, and the three kinds whose path needs a second id that no
    notification carries: virtual accounts, card validations and splits.
    """
    template = describe(event_type).fetch_path
    # Dots alone survive percent-encoding and would climb out of the path.
    if template is None or resource_id in ("", ".", ".."):
        return None
    ids = {"client_id": client_id, "resource_id": resource_id}
    if not ids.keys() >= set(_PLACEHOLDER.findall(template)):
        return None
    return template.format_map({name: quote(value, safe="") for name, value in ids.items()})


_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def _read(table: str) -> Iterator[EventType]:
    group = resource_kind = path = ""
    for line in table.strip().splitlines():
        if line.startswith(" "):
            name, meaning = line.split(maxsplit=1)
            yield EventType(name=name, group=group, resource_kind=resource_kind, fetch_path=path, meaning=meaning)
        else:
            group, resource_kind, path = line.split(" | ")


EVENT_TYPES: Mapping[str, EventType] = MappingProxyType({event_type.name: event_type for event_type in _read(TABLE)})
