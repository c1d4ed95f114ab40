"""Hooks, our subscriptions at Mangopay, and events, what happened there. Source: https://docs.mangopay.com/webhooks"""

from datetime import datetime

from models.mangopay.wire import MangopayObject, WireModel, utc


class Hook(MangopayObject):
    url: str | None = None
    # ENABLED or DISABLED, ours to set; VALID or INVALID, set by Mangopay after 100 failures in a row.
    status: str | None = None
    validity: str | None = None
    event_type: str | None = None
    # Where Mangopay sends its alerts about this hook.
    email: str | None = None

    @property
    def is_delivering(self) -> bool:
        return self.status == "ENABLED" and self.validity != "INVALID"


class Event(WireModel):
    """One row of the events list; it has no id of its own."""

    event_type: str
    resource_id: str
    date: int

    @property
    def happened_at(self) -> datetime | None:
        return utc(self.date)
