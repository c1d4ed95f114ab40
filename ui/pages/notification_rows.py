"""How a list of notifications looks: its head, its rows, and what it says when there are none."""

from datetime import datetime
from functools import lru_cache

import htpy as h
from markupsafe import Markup

from models.event_types import describe
from models.notification import Notification
from models.notification_filter import OTHER_GROUP
from services.notifications.inbox import InboxPage
from ui.components.parts import chip, empty, icon, middle_cut, object_id, when
from ui.pages.notification_view import WITHIN, View
from ui.theme import Tone, tone_of


def list_head() -> str:
    labels = ("Received", "Event", "Object id", "Deliveries")
    return str(h.fragment[[h.span(role="columnheader")[label] for label in labels]])


def row(notification: Notification, is_new: bool) -> Markup:  # noqa: FBT001
    return _row_of(
        notification.id,
        notification.event_type,
        notification.resource_id,
        notification.first_received_at,
        notification.delivery_count,
        is_new,
    )


@lru_cache(maxsize=2_000)
def _row_of(  # noqa: PLR0917
    notification_id: int,
    event_type: str,
    resource_id: str,
    received_at: datetime,
    deliveries: int,
    is_new: bool,  # noqa: FBT001
) -> Markup:
    """Return a row's HTML; every open page shows the same, so it is made once."""
    tone = tone_of(event_type)
    known = describe(event_type)
    sign = "help_outline" if known.group == OTHER_GROUP else tone.icon
    html = h.div(class_=["list-row", {"is-new": is_new}], role="row", tabindex="0", data_id=str(notification_id))[
        h.span(".when.numbers", role="cell")[when(received_at)],
        h.span(f".event.{tone}", role="cell", title=f"{event_type}: {known.meaning}")[
            h.span(".tone")[icon(sign)], event_type
        ],
        h.span(".resource", role="cell")[
            object_id(resource_id, is_in_list=True) if resource_id else chip("Test ping", Tone.NOTICE)
        ],
        h.span(".marks.numbers", role="cell")[
            h.span(".chip", title=f"Delivered {deliveries} times")[f"{deliveries} times"]
            if deliveries > 1
            else h.span(".muted")["1"]
        ],
        h.span(".open", role="cell")[
            h.a(
                href=f"/notifications/{notification_id}",
                tabindex="-1",
                data_open="",
                aria_label=f"Open {event_type}",
            )[icon("search")]
        ],
    ]
    return Markup(html)  # noqa: S704  (htpy escaped it)


def nothing(view: View) -> h.Node:
    if view == View():
        how = h.fragment[
            "They appear here by themselves, a moment after Mangopay sends them. ",
            h.code["uv run main.py hook-url ENVIRONMENT"],
            " prints the URL to register.",
        ]
        return empty("notifications_none", "No notification has arrived yet", how)
    asked = {
        "event type": view.event_type,
        "group": view.group,
        "object id": view.resource_id and middle_cut(view.resource_id),
        "time": WITHIN.get(view.within or ""),
    }
    what = ", ".join(f"{name} {value}" for name, value in asked.items() if value)
    why = "Clear a filter, or look in another stretch of time."
    if view.resource_id:
        why = f"Ids must match exactly, to the letter and its case. {why}"
    return empty("filter_alt_off", f"Nothing matches{': ' if what else ''}{what}", why)


def how_far(page: InboxPage) -> h.Node:
    if page.looked_back_to is None:
        return None
    return h.fragment["Looked back to ", when(page.looked_back_to, show="exact"), "; “Older” looks further."]
