"""What the Notifications page shows, as its URL says it: a reload or a shared link shows the same."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from models.columns import from_milliseconds, to_milliseconds
from models.cursor import Cursor
from models.event_types import groups
from models.notification_filter import OTHER_GROUP, NotificationFilter

WITHIN = {"1h": "Last hour", "24h": "Last 24 hours", "7d": "Last 7 days"}
_LENGTHS = {"1h": timedelta(hours=1), "24h": timedelta(hours=24), "7d": timedelta(days=7)}
_FLAGS = ("test_pings", "duplicates")
_TEXTS = ("event_type", "group", "resource_id", "within")
_MOMENTS = ("since", "until")
_NAMES = {"event_type": "type", "resource_id": "resource", "test_pings": "pings"}


@dataclass(frozen=True, slots=True)
class View:
    """Filters and a place in the list. `within` names a stretch that ends now; `since` and `until` are exact."""

    event_type: str | None = None
    group: str | None = None
    resource_id: str | None = None
    test_pings: bool = False
    duplicates: bool = False
    within: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: Cursor | None = None
    after: Cursor | None = None

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> "View":
        """Read a URL's query; what makes no sense is left out, because links are typed and shortened."""
        given: dict[str, object] = {name: query.get(_NAMES.get(name, name), "").strip() or None for name in _TEXTS}
        given |= {name: query.get(_NAMES.get(name, name)) == "1" for name in _FLAGS}
        given |= {name: _moment(query.get(name)) for name in _MOMENTS}
        given |= {name: Cursor.parse(query.get(name)) for name in ("before", "after")}
        if given["within"] not in WITHIN:
            given["within"] = None
        if given["within"]:
            given["since"] = given["until"] = None
        if given["event_type"] or given["group"] not in (*groups(), OTHER_GROUP):
            given["group"] = None
        return cls(**given)  # type: ignore[arg-type]

    def url(self, path: str = "/notifications") -> str:
        query: dict[str, object] = {_NAMES.get(name, name): getattr(self, name) for name in _TEXTS}
        query |= {_NAMES.get(name, name): "1" if getattr(self, name) else None for name in _FLAGS}
        query |= {name: moment and to_milliseconds(moment) for name in _MOMENTS if (moment := getattr(self, name))}
        query |= {"before": self.before, "after": self.after}
        given = {name: str(value) for name, value in query.items() if value is not None}
        return f"{path}?{urlencode(given)}" if given else path

    def changed(self, **changes: object) -> "View":
        """Return the view with other filters, at its first page; the parts that contradict a change give way."""
        if changes.get("event_type"):
            changes["group"] = None
        if changes.get("group"):
            changes["event_type"] = None
        if changes.get("within"):
            changes |= {"since": None, "until": None}
        if changes.get("since") or changes.get("until"):
            changes["within"] = None
        return replace(self, before=None, after=None, **changes)  # type: ignore[arg-type]

    def turned(self, *, before: Cursor | None = None, after: Cursor | None = None) -> "View":
        return replace(self, before=before, after=after)

    def filter(self, now: datetime) -> NotificationFilter:
        return NotificationFilter(
            event_type=self.event_type,
            group=self.group,
            resource_id=self.resource_id,
            test_pings=self.test_pings,
            duplicates=self.duplicates,
            since=now - _LENGTHS[self.within] if self.within else self.since,
            until=self.until,
        )


def _moment(text: str | None) -> datetime | None:
    try:
        return from_milliseconds(int(text)) if text else None
    except (ValueError, OverflowError):
        return None
