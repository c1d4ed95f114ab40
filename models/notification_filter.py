"""Which notifications a page shows: one value, decided here for a live row and in the inbox for stored ones."""

from dataclasses import dataclass
from datetime import datetime

from models.event_types import describe, types_of
from models.notification import Notification

OTHER_GROUP = "Other"


@dataclass(frozen=True, slots=True)
class NotificationFilter:
    """Every part that is set must hold. Times are aware UTC: `since` belongs to the range, `until` does not."""

    event_type: str | None = None
    group: str | None = None
    resource_id: str | None = None
    test_pings: bool = False
    duplicates: bool = False
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        if self.event_type is not None and self.group is not None:
            raise ValueError("an event type already says its group")

    @property
    def event_types(self) -> tuple[str, ...]:
        """The event types asked for; empty when any will do, or when they cannot be listed (group "Other")."""
        if self.event_type is not None:
            return (self.event_type,)
        return types_of(self.group) if self.group is not None else ()

    def matches(self, notification: Notification) -> bool:
        return (
            (self.event_type is None or notification.event_type == self.event_type)
            and (self.group is None or describe(notification.event_type).group == self.group)
            and (self.resource_id is None or notification.resource_id == self.resource_id)
            and (not self.test_pings or notification.is_test_ping)
            and (not self.duplicates or notification.is_duplicated)
            and (self.since is None or notification.first_received_at >= self.since)
            and (self.until is None or notification.first_received_at < self.until)
        )
