"""The Notifications page: received events, live, beside the hook configuration and the feeds."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

import htpy as h
from markupsafe import Markup
from nicegui import Client, ui
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request

from models.columns import from_milliseconds, to_milliseconds
from models.event_types import EVENT_TYPES, describe, groups
from models.feed import FeedKind
from models.notification import Notification
from models.notification_filter import OTHER_GROUP
from services.bootstrap import Services
from services.clock import now
from services.notifications.inbox import Cursor, InboxPage, read_page
from ui.components.html import button, enable, put, show
from ui.components.parts import chip, empty, icon, message, middle_cut, object_id, skeleton, when
from ui.components.rows import Rows
from ui.frame import frame, is_looked_at, page_head, signed_in
from ui.live import Live
from ui.pages.notification_sheet import NotificationSheet
from ui.pages.notification_view import WITHIN, View
from ui.pages.side_panels import FeedPanel, HooksPanel
from ui.theme import Tone, tone_of

log = logging.getLogger(__name__)

PATH = "/notifications"
PAGE_SIZE = 50
MOST_WAITING = 100
# Time enough for a hit to reach the disk: what was received before a page was read may be committed after it.
COMMITTED_WITHIN = timedelta(seconds=2)


def register(services: Services, live: Live) -> None:
    @ui.page(PATH)
    async def notifications(request: Request, client: Client) -> None:
        await build(request, client, None)

    @ui.page(PATH + "/{notification_id}")
    async def notification(request: Request, client: Client, notification_id: str) -> None:
        await build(
            request, client, int(notification_id) if notification_id.isdecimal() and len(notification_id) < 19 else 0
        )

    async def build(request: Request, client: Client, notification_id: int | None) -> None:
        page = NotificationsPage(services, live, View.parse(request.query_params))
        await page.build(client)
        if not await is_looked_at(client):
            return
        await page.load()
        if notification_id is not None:
            await page.show_sheet(notification_id)
        await page.load_side()


class NotificationsPage:
    """One open page: its view, its list, and what waits to be shown."""

    def __init__(self, services: Services, live: Live, view: View) -> None:
        self._services = services
        self._live = live
        self._view = view
        self._environment = signed_in().environment
        self._is_at_top = True
        self._waiting: set[int | None] = set()
        self._page = InboxPage((), newer=None, older=None)
        # Until the first read nothing is shown, and what is heard waits for it.
        self._is_loading = True
        self._loads = 0
        self._read_at = now()
        self._heard_meanwhile: list[Notification] = []

    async def build(self, client: Client) -> None:
        # Listen before reading: what comes in between is then in both, and never in neither.
        client.on_delete(await self._live.listen(self._environment, self._hear))
        with frame("Notifications", path=PATH, sessions=self._services.sessions):
            with page_head("Notifications"):
                self._live_mark = ui.element("span").classes("live").props("data-state=live")
                with self._live_mark:
                    self._live_word = show("Live", classes="online")
                    show("Not live: no connection to the dashboard", classes="offline")
                self._news = button("", self.show_newest, classes="toggle is-on news")
            with ui.element("div").classes("with-side"):
                with ui.element("div"):
                    self._filters = FilterBar(self)
                    self._build_list()
                with ui.element("aside").props('aria-label="Hooks and feeds"'):
                    self._hooks = HooksPanel(self._services, self._environment)
                    self._feeds = [
                        FeedPanel(self._services, self._environment, kind) for kind in (FeedKind.STATUS, FeedKind.NEWS)
                    ]
            self._sheet = NotificationSheet(self._services, self._environment, on_close=self._put_list_url)

    async def load_side(self) -> None:
        await asyncio.gather(self._hooks.load(), *(feed.load() for feed in self._feeds))

    async def change(self, **changes: object) -> None:
        """Show other filters, from the first page."""
        await self.go(self._view.changed(**changes))

    async def show_newest(self) -> None:
        await self.change()

    async def open(self, notification_id: int) -> None:
        ui.navigate.history.push(self._view.url(f"{PATH}/{notification_id}"))
        await self.show_sheet(notification_id)

    async def show_sheet(self, notification_id: int) -> None:
        await self._sheet.open(notification_id)

    @property
    def view(self) -> View:
        return self._view

    def _build_list(self) -> None:
        ui.element("div").props("data-top").on("attop", self._note_top, args=["detail"])
        with ui.element("div").classes("list notifications").props('role=table aria-label="Notifications"'):
            ui.html(_list_head()).classes("list-head").props("role=row")
            self._rows = Rows(_row, at_least=PAGE_SIZE, on_open=self.open)
            self._empty = show(h.div(".panel-body")[skeleton(*["92%", "78%", "85%"] * 4)])
        with ui.element("div").classes("pager"):
            self._newer = button("Newer", self._turn_newer, icon_name="chevron_left")
            self._older = button("Older", self._turn_older, icon_after="chevron_right")
            self._looked = show(classes="caption")

    async def go(self, view: View) -> None:
        """Show another view, from the top of its list."""
        self._view = view
        ui.navigate.history.push(view.url())
        ui.run_javascript("scrollTo(0, 0)")
        await self.load()

    async def _turn_newer(self) -> None:
        if self._page.newer is not None:
            await self.go(self._view.turned(after=self._page.newer))

    async def _turn_older(self) -> None:
        older = self._older_place
        if older is not None:
            await self.go(self._view.turned(before=older))

    @property
    def _older_place(self) -> Cursor | None:
        """The list may have grown since it was read, and let its oldest rows go: older goes on from its last row."""
        if self._rows.has_let_go:
            return Cursor.of(self._rows.last) if self._rows.last else None
        return self._page.older

    async def load(self) -> None:
        """Read the page of the present view. What is heard while the database reads is taken in afterwards."""
        view = self._view
        self._loads += 1
        this_load = self._loads
        self._is_loading = True
        self._read_at = now()
        try:
            page = await read_page(
                self._services.database,
                self._environment,
                view.filter(now()),
                before=view.before,
                after=view.after,
                limit=PAGE_SIZE,
            )
        except SQLAlchemyError:
            log.exception("the inbox cannot be read")
            self._heard_meanwhile = []
            sentence = "The inbox cannot be read just now."
            put(self._empty, message(Tone.NEGATIVE, sentence, "What was shown is kept. Reload the page in a moment."))
            return
        if this_load != self._loads:
            return
        if view.after is not None and page.newer is None:
            # The newest there are: the first page shows them full, and live.
            self._view = view.turned()
            ui.navigate.history.replace(self._view.url())
            await self.load()
        else:
            self._is_loading = False
            self._show(page)
            heard, self._heard_meanwhile = self._heard_meanwhile, []
            self._hear(heard)

    def _show(self, page: InboxPage) -> None:
        self._page = page
        self._waiting = set()
        self._rows.replace(page.notifications)
        self._filters.show(self._view)
        put(self._looked, _how_far(page))
        enable(self._newer, is_enabled=page.newer is not None)
        self._show_news()

    def _show_news(self) -> None:
        """Say what has come in since the list was read, and whether it slides in."""
        put(self._empty, None if len(self._rows) else _nothing(self._view))
        enable(self._older, is_enabled=self._older_place is not None)
        count = len(self._waiting)
        self._news.set_visibility(bool(count))
        put(self._news, icon("arrow_upward"), f"{MOST_WAITING - 1}+ new" if count >= MOST_WAITING else f"{count} new")
        self._live_mark.props(f"data-state={'paused' if count else 'live'}")
        put(self._live_word, "New events wait to be shown" if count else "Live")

    @property
    def _slides(self) -> bool:
        return self._is_at_top and self._view == View()

    def _hear(self, news: Sequence[Notification]) -> None:
        if self._is_loading:
            self._heard_meanwhile.extend(news)
            return
        wanted = self._view.filter(now())
        shown = {row.id for row in self._rows}
        repeated = [row for row in news if row.id in shown]
        # A repetition of something older than the page is no news.
        new = [row for row in news if row.id not in shown and self._is_recent(row) and wanted.matches(row)]
        if self._slides:
            self._rows.take(repeated + new)
        else:
            self._rows.take(repeated)
            self._waiting |= {row.id for row in new[: MOST_WAITING - len(self._waiting)]}
        self._show_news()

    def _is_recent(self, row: Notification) -> bool:
        """Whether a row is news. With duplicates asked for, a repetition is; otherwise only what first came now."""
        received_at = row.last_received_at if self._view.duplicates else row.first_received_at
        return received_at >= self._read_at - COMMITTED_WITHIN

    async def _note_top(self, event: object) -> None:
        self._is_at_top = bool(getattr(event, "args", {}).get("detail"))
        if self._slides and self._waiting:
            await self.load()
        else:
            self._show_news()

    def _put_list_url(self) -> None:
        ui.navigate.history.push(self._view.url())


class FilterBar:
    """The filters in one row; each shows what is set, and "Clear" takes all away."""

    def __init__(self, page: NotificationsPage) -> None:
        self._page = page
        view = page.view
        types = {name: name for name in EVENT_TYPES}
        if view.event_type:
            types.setdefault(view.event_type, view.event_type)
        with ui.element("div").classes("filters").props('role=search aria-label="Filter notifications"'):
            self._type = self._select("Event type", types, "event_type", with_input=True)
            self._group = self._select("Group", [*groups(), OTHER_GROUP], "group")
            self._resource = (
                ui.input(placeholder="Object id", value=view.resource_id or "")
                .props('outlined dense clearable debounce=400 aria-label="Object id" spellcheck=false')
                .on_value_change(lambda event: self._set(resource_id=(event.value or "").strip() or None))
            )
            self._within = self._select("Any time", WITHIN, "within")
            self._moments = self._between()
            self._pings = button("Pings", lambda: page.change(test_pings=not page.view.test_pings), classes="toggle")
            self._repeats = button(
                "Duplicates", lambda: page.change(duplicates=not page.view.duplicates), classes="toggle"
            )
            self._clear = button(
                "Clear all filters", self._clear_all, icon_name="close", classes="plain-button icon-button"
            )

    def show(self, view: View) -> None:
        """Show what is set, without taking it for somebody's wish to set it."""
        self._shown = view
        self._type.value, self._group.value = view.event_type, view.group
        self._within.value, self._resource.value = view.within, view.resource_id or ""
        is_between = view.since is not None or view.until is not None
        toggles = ((self._pings, view.test_pings), (self._repeats, view.duplicates), (self._moments, is_between))
        for field, value in (
            (self._type, view.event_type),
            (self._group, view.group),
            (self._resource, view.resource_id),
            (self._within, view.within),
        ):
            _mark(field, is_on=bool(value))
        for toggle, is_on in toggles:
            _mark(toggle, is_on=is_on)
            toggle.props(f"aria-pressed={str(is_on).lower()}")
        enable(self._clear, is_enabled=view != View())

    def _select(
        self, label: str, options: list[str] | dict[str, str], name: str, *, with_input: bool = False
    ) -> ui.select:
        select = ui.select(
            options, label=label, value=getattr(self._page.view, name), with_input=with_input, clearable=True
        )
        select.props(f'outlined dense options-dense aria-label="{label}"')
        return select.on_value_change(lambda event: self._set(**{name: event.value}))

    def _between(self) -> ui.html:
        """Add a button with the two ends of a stretch of time, chosen in the reader's own zone."""
        with ui.element("div"):
            menu = ui.menu()
            opener = button("From and to", menu.open, icon_name="date_range", classes="toggle icon-button")
        with menu, ui.element("div").classes("moments"):
            for name, label in (("since", "From"), ("until", "To, not included")):
                moment = getattr(self._page.view, name)
                with ui.element("label"):
                    show(label)
                    field = ui.element("input").props(f"type=datetime-local data-moment={name}")
                    field.on(
                        "moment", lambda event, name=name: self._set_moment(name, event.args["detail"]), args=["detail"]
                    )
                    if moment is not None:
                        field.props(f"data-milliseconds={to_milliseconds(moment)}")
        return opener

    async def _set_moment(self, name: str, milliseconds: object) -> None:
        moment = from_milliseconds(int(milliseconds)) if isinstance(milliseconds, int | float) else None
        await self._set(**{name: moment})

    async def _set(self, **changes: object) -> None:
        if any(getattr(self._page.view, name) != value for name, value in changes.items()):
            await self._page.change(**changes)

    async def _clear_all(self) -> None:
        await self._page.go(View())


def _mark(element: ui.element, *, is_on: bool) -> None:
    element.classes(add="is-on" if is_on else "", remove="" if is_on else "is-on")


def _list_head() -> str:
    labels = ("Received", "Event", "Object id", "Deliveries")
    return str(h.fragment[[h.span(role="columnheader")[label] for label in labels]])


def _row(notification: Notification, is_new: bool) -> Markup:  # noqa: FBT001
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
    html = h.div(".list-row", {"is-new": is_new}, role="row", tabindex="0", data_id=str(notification_id))[
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
                href=f"{PATH}/{notification_id}",
                tabindex="-1",
                data_open="",
                aria_label=f"Open {event_type}",
            )[icon("search")]
        ],
    ]
    return Markup(html)  # noqa: S704  (htpy escaped it)


def _nothing(view: View) -> h.Node:
    if view == View():
        why = (
            "They appear here by themselves, a moment after Mangopay sends them. "
            "`uv run main.py hook-url` prints the URL to register."
        )
        return empty("notifications_none", "No notification has arrived yet", why)
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


def _how_far(page: InboxPage) -> h.Node:
    if page.looked_back_to is None:
        return None
    return h.fragment["Looked back to ", when(page.looked_back_to, show="exact"), "; “Older” looks further."]
