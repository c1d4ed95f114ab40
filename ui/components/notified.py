"""What was told of an object: its notifications as they came, the newest first."""

from collections.abc import Sequence
from urllib.parse import urlencode

import htpy as h

from models.event_types import describe
from models.journal import Operation
from models.notification import Notification
from ui.components.operation_parts import operation_href, title_of, tone_of_state
from ui.components.parts import icon, when
from ui.theme import tone_of


def notified(notifications: Sequence[Notification], *, resource_id: str, has_more: bool) -> h.Element:
    return h.section(".panel", aria_label="Notifications")[
        h.div(".panel-head")[
            h.h2(".section")["Notifications"],
            notifications and h.a(href=all_of(resource_id))["All of this object" if has_more else "In the list"],
        ],
        h.ol(".timeline")[[_line(notification) for notification in notifications]]
        if notifications
        else h.p(".panel-body.muted")["None was received here for this object."],
    ]


def asked_for(operations: Sequence[Operation]) -> h.Node:
    """Return what was asked for about an object, from this dashboard; nothing where nothing was."""
    return (
        operations
        and h.section(".panel", aria_label="Operations")[
            h.div(".panel-head")[h.h2(".section")["Operations"]],
            h.ol(".timeline")[[_operation(operation) for operation in operations]],
        ]
    )


def _operation(operation: Operation) -> h.Element:
    tone = tone_of_state(operation.state)
    return h.li[
        h.span(f".tone.{tone}")[icon(tone.icon)],
        h.span[
            h.a(href=operation_href(operation))[title_of(operation)],
            h.span(".caption")[
                f"{operation.state.label.capitalize()}. {operation.asked_by}",
                operation.reason and h.fragment[": ", h.bdi[operation.reason]],
            ],
        ],
        h.span(".caption")[when(operation.asked_at or operation.created_at)],
    ]


def all_of(resource_id: str) -> str:
    return f"/notifications?{urlencode({'resource': resource_id})}"


def _line(notification: Notification) -> h.Element:
    tone = tone_of(notification.event_type)
    return h.li[
        h.span(f".tone.{tone}")[icon(tone.icon)],
        h.span[h.strong[describe(notification.event_type).meaning], h.span(".caption.mono")[notification.event_type]],
        h.span(".caption")[when(notification.first_received_at)],
    ]
