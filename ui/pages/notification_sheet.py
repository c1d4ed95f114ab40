"""One notification, opened out of the list: its deliveries, the object it points at, the raw query."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urlencode

import htpy as h
from nicegui import background_tasks, ui

from models.event_types import describe
from models.mangopay.wire import utc
from models.money import Money
from models.notification import Delivery, Notification
from models.objects.kinds import href, kind_of_id, kind_of_resource
from services.access.actors import Actor
from services.bootstrap import Services
from services.mangopay.errors import MangopayError
from services.notifications.inbox import read_notification
from services.objects.view import fetch_notified_object
from ui.components.html import button, put, show
from ui.components.miss import in_a_sentence
from ui.components.parts import (
    api_error,
    chip,
    copy_button,
    empty,
    facts,
    icon,
    json_view,
    message,
    money,
    object_id,
    skeleton,
    when,
)
from ui.theme import Tone, tone_of

ACRONYMS = {"3DS", "BIC", "IBAN", "IP", "KYC", "SCA", "URL"}


class NotificationSheet:
    """The sheet at the right of the page. `on_close` puts the list's own URL back."""

    def __init__(self, services: Services, actor: Actor, *, on_close: Callable[[], None]) -> None:
        self._services = services
        self._actor = actor
        self._dialog = ui.dialog().props('position=right full-height aria-label="Notification"').on("hide", on_close)
        with self._dialog, ui.card().classes("sheet q-pa-none").style("gap: 0; padding: 0"):
            with ui.element("div").classes("sheet-head full-width"):
                self._head = ui.html("")
                button("Close", self._dialog.close, icon_name="close", classes="plain-button icon-button")
            with ui.element("div").classes("sheet-body full-width"):
                with ui.element("section") as self._now:
                    show(h.h3["The object now, read from Mangopay"])
                    self._object = ui.html("")
                    self._retry = button("Try again", self._fetch_again, icon_name="refresh", classes="retry")
                self._stored = ui.html("")
        self._asked = 0
        self._shown: Notification | None = None

    async def open(self, notification_id: int) -> None:
        put(self._head, h.h2["Notification"])
        put(self._stored, skeleton("80%", "60%", "70%"))
        put(self._object, skeleton("40%", "90%", "70%", "80%"))
        self._retry.set_visibility(False)
        self._dialog.open()
        self._asked = notification_id
        self._shown = None
        found = await read_notification(self._actor, self._services.database, notification_id)
        if self._asked != notification_id:
            return
        if found is None:
            put(self._stored, empty("search_off", "No such notification", "It is not in this environment's inbox."))
            self._now.set_visibility(False)
            return
        self._now.set_visibility(True)
        self._shown, deliveries = found
        put(self._head, _head(self._shown))
        put(self._stored, _facts(self._shown), _deliveries(self._shown, deliveries), _raw(deliveries))
        background_tasks.create(self._fetch(self._shown), context=self._object)

    async def _fetch_again(self) -> None:
        if self._shown is not None:
            await self._fetch(self._shown)

    async def _fetch(self, notification: Notification) -> None:
        self._retry.set_visibility(False)
        put(self._object, skeleton("70%", "90%", "50%", "80%"))
        try:
            found = await fetch_notified_object(self._actor, self._services.clients, notification)
            content = _object(found.content, found.path) if found else _why_not_fetched(notification)
        except MangopayError as error:
            content = api_error(error)
            self._retry.set_visibility(True)
        if self._shown is notification:
            put(self._object, content)


def _head(notification: Notification) -> h.Node:
    tone = tone_of(notification.event_type)
    return h.fragment[
        h.h2(f".{tone}")[h.span(".tone")[icon(tone.icon)], " ", notification.event_type],
        h.p(".muted")[describe(notification.event_type).meaning.capitalize()],
    ]


def _facts(notification: Notification) -> h.Node:
    event_type = describe(notification.event_type)
    kind = kind_of_id(notification.resource_id) or kind_of_resource(event_type.resource_kind)
    same_object = f"/notifications?{urlencode({'resource': notification.resource_id})}"
    return h.section[
        h.h3["The notification"],
        facts(
            [
                ("Environment", notification.environment.label),
                ("Group", event_type.group),
                (event_type.resource_kind, object_id(notification.resource_id) if notification.resource_id else None),
                ("Event date", when(utc(notification.date) or notification.first_received_at, show="exact")),
                ("First received", when(notification.first_received_at, show="exact")),
                ("Test ping", chip("Test ping", Tone.NOTICE) if notification.is_test_ping else None),
            ]
        ),
        notification.resource_id
        and h.p(".ways")[
            h.a(href=href(kind, notification.resource_id))[f"Open the {in_a_sentence(kind.title)}"] if kind else None,
            h.a(href=same_object)["All notifications of this object"],
        ],
    ]


def _deliveries(notification: Notification, deliveries: Sequence[Delivery]) -> h.Node:
    left_out = notification.delivery_count - len(deliveries)
    return h.section[
        h.h3[f"Deliveries ({notification.delivery_count})"],
        h.div(".table-frame")[
            h.table(".small-table")[
                h.thead[h.tr[h.th["Received"], h.th["From"], h.th["User agent"], h.th(".amount")["Waited for commit"]]],
                h.tbody[
                    [
                        h.tr[
                            h.td[when(delivery.received_at, show="milliseconds")],
                            h.td(".mono")[delivery.source_address or "unknown"],
                            h.td[delivery.user_agent or h.span(".muted")["none sent"]],
                            h.td(".amount")[f"{delivery.waited_us / 1000:.1f} ms"],
                        ]
                        for delivery in deliveries
                    ]
                ],
            ]
        ],
        left_out > 0 and h.p(".caption")[f"and {left_out} earlier ones"],
    ]


def _raw(deliveries: Sequence[Delivery]) -> h.Node:
    if not deliveries:
        return None
    query = deliveries[0].raw_query
    return h.section[h.h3["Raw query of the newest delivery"], h.pre(".code")[query, copy_button(query)]]


def _why_not_fetched(notification: Notification) -> h.Node:
    if notification.is_test_ping:
        why = "A test ping names no object: somebody pressed “send test” at Mangopay."
    elif describe(notification.event_type).fetch_path is None:
        why = "This event type is new to this dashboard, so it does not know where its object can be read."
    else:
        why = "Its object can only be read with a second id, which no notification carries."
    return message(Tone.MUTED, why)


def _object(content: Mapping[str, object], path: str) -> h.Node:
    return h.fragment[
        _headline(content),
        facts(_object_facts(content)),
        h.details(style="margin-top: 12px")[h.summary["Raw JSON"], json_view(content)],
        h.p(".caption.mono", style="margin-top: 8px")[f"GET {path}"],
    ]


def _headline(content: Mapping[str, object]) -> h.Node:
    """Return what decides, large and first: the amount, the status, and why it failed."""
    amount = _value("DebitedFunds", content.get("DebitedFunds"))
    status = _value("Status", content.get("Status"))
    has_failed = content.get("Status") in ("FAILED", "REFUSED")
    reason = content.get("ResultMessage") or content.get("RefusedReasonType")
    return h.div(".headline")[amount and h.strong[amount], status, h.p[str(reason)] if has_failed and reason else None]


def _object_facts(content: Mapping[str, object]) -> Iterator[tuple[str, h.Node]]:
    for name, value in content.items():
        shown = _value(name, value)
        if shown is not None:
            yield _label(name), shown


def _value(name: str, value: object) -> h.Node:
    """Show a field by what it is; lists, objects and what is empty are left to the raw JSON."""
    match value:
        case bool():
            return "Yes" if value else "No"
        case {"Amount": int(amount), "Currency": str(currency)} if type(amount) is int:
            return money(Money(amount, currency))
        case int() if name.endswith("Date") or name == "Birthday":
            moment = utc(value)
            return when(moment, show="exact") if moment else str(value)
        case int():
            return str(value)
        case str() if not value:
            return None
        case str() if name in ("Status", "KYCLevel", "UserStatus", "Validity"):
            return chip(value)
        case str() if name.endswith("Id"):
            return object_id(value)
        case str():
            return value
    return None


def _label(name: str) -> str:
    """Write Mangopay's CamelCase as words: `CreditedUserId`, `KYCLevel`, `Requested3DSVersion`."""
    words = re.findall(r"3DS|[A-Z]{2,}(?=[A-Z][a-z]|$)|[A-Z]?[a-z]+|[A-Z]+|\d+", name) or [name]
    written: list[str] = [word.upper() if word.upper() in ACRONYMS else word.lower() for word in words]
    return written[0][:1].upper() + " ".join(written)[1:]
