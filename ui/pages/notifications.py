"""The Notifications page: received events, live, beside the hook configuration and the feeds."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

import htpy as h
from nicegui import Client, ui
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request

from models.cursor import Cursor
from models.notification import Notification
from models.permissions import Permission
from services.bootstrap import Services
from services.clock import now
from services.notifications.inbox import InboxPage, read_page
from ui.components.hooks_panel import HooksPanel
from ui.components.html import button, enable, put, show
from ui.components.news import NewsPanel
from ui.components.parts import icon, message, skeleton
from ui.components.rows import Rows
from ui.components.status_panel import StatusPanel
from ui.frame import current_actor, frame, is_looked_at, page_head
from ui.live import Live
from ui.pages.notification_filters import FilterBar
from ui.pages.notification_rows import how_far, list_head, nothing, row
from ui.pages.notification_sheet import NotificationSheet
from ui.pages.notification_view import View
from ui.places import Places
from ui.theme import Tone

log = logging.getLogger(__name__)

PATH = "/notifications"
PAGE_SIZE = 50
SHOWN_NEWS = 5
MOST_WAITING = 100
# Time enough for a hit to reach the disk: what was received before a page was read may be committed after it.
COMMITTED_WITHIN = timedelta(seconds=2)


def register(places: Places, services: Services, live: Live) -> None:
    @places.page(PATH, needs=Permission.SEE)
    async def notifications(request: Request, client: Client) -> None:
        await build(request, client, None)

    @places.page(PATH + "/{notification_id}", needs=Permission.SEE)
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
        self._actor = current_actor()
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
        client.on_delete(await self._live.listen(self._actor, self._hear))
        with frame(self._services, "Notifications", path=PATH):
            with page_head("Notifications"):
                self._live_mark = ui.element("span").classes("live").props("data-state=live")
                with self._live_mark:
                    self._live_word = show("Live", classes="online")
                    show("Not live: no connection to the dashboard", classes="offline")
                self._news = button("", self.show_newest, classes="toggle is-on news")
            with ui.element("div").classes("with-side"):
                with ui.element("div"):
                    self._filters = FilterBar(self._view, self.go)
                    self._build_list()
                with ui.element("aside").props('aria-label="Hooks and feeds"'):
                    self._hooks = HooksPanel(self._services, self._actor)
                    self._status = StatusPanel(self._services, self._actor)
                    self._news_panel = NewsPanel(self._services, self._actor, limit=SHOWN_NEWS, with_pictures=False)
            self._sheet = NotificationSheet(self._services, self._actor, on_close=self._put_list_url)

    async def load_side(self) -> None:
        await asyncio.gather(self._hooks.load(), self._status.load(), self._news_panel.load())

    async def show_newest(self) -> None:
        await self.go(self._view.turned())

    async def open(self, notification_id: int) -> None:
        ui.navigate.history.push(self._view.url(f"{PATH}/{notification_id}"))
        await self.show_sheet(notification_id)

    async def show_sheet(self, notification_id: int) -> None:
        await self._sheet.open(notification_id)

    def _build_list(self) -> None:
        ui.element("div").props("data-top").on("attop", self._note_top, args=["detail"])
        with ui.element("div").classes("list notifications").props('role=table aria-label="Notifications"'):
            ui.html(list_head()).classes("list-head").props("role=row")
            self._rows = Rows(row, at_least=PAGE_SIZE, on_open=self.open)
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
            return self._rows.last.place if self._rows.last else None
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
                self._actor,
                self._services.database,
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
        put(self._looked, how_far(page))
        enable(self._newer, is_enabled=page.newer is not None)
        self._show_news()

    def _show_news(self) -> None:
        """Say what has come in since the list was read, and whether it slides in."""
        put(self._empty, None if len(self._rows) else nothing(self._view))
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
