"""Mangopay's news as cards, what of them is unread, and the whole of one in a sheet."""

from collections.abc import Callable, Sequence

import htpy as h
from nicegui import ui
from sqlalchemy.exc import SQLAlchemyError

from models.feed import Feed, FeedKind
from models.plain_text import excerpt
from services.access.actors import Actor
from services.bootstrap import Services
from services.clock import now
from services.feeds.reading import News, feeds_of, latest_news, mark_all_read, read_entry
from ui.components.html import button, put, show
from ui.components.incidents import as_it_came, feed_state
from ui.components.part import failure
from ui.components.parts import empty, outside_link, skeleton, when

TITLE = "Latest updates and news"
SETTING = "DASHBOARD_NEWS_FEEDS"
LONGEST_EXCERPT = 180
MOST_DIGITS = 19
LOOKS_EVERY_S = 60.0


class NewsSheet:
    """The sheet at the right of the page. `on_close` is called when it was closed."""

    def __init__(self, services: Services, actor: Actor, *, on_close: Callable[[], object]) -> None:
        self._services = services
        self._actor = actor
        self._dialog = ui.dialog().props('position=right full-height aria-label="News"').on("hide", on_close)
        with self._dialog, ui.card().classes("sheet q-pa-none").style("gap: 0; padding: 0"):
            with ui.element("div").classes("sheet-head full-width"):
                self._head = ui.html("")
                button("Close", self._dialog.close, icon_name="close", classes="plain-button icon-button")
            self._body = show(classes="sheet-body full-width")

    async def open(self, entry_id: int) -> None:
        put(self._head, h.h2["News"])
        put(self._body, skeleton("90%", "70%", "80%"))
        self._dialog.open()
        try:
            news = await read_entry(self._actor, self._services.database, entry_id)
        except SQLAlchemyError as error:
            put(self._body, failure(error))
            return
        if news is None:
            put(self._body, empty("search_off", "No such news", "It is in none of the feeds of this environment."))
            return
        entry = news.entry
        put(self._head, h.h2[entry.title], h.p(".caption")[_source(news)])
        put(
            self._body,
            _picture(news),
            as_it_came(entry.summary) or h.p(".muted")["The feed has no more of it than its title."],
            h.p(".ways")[outside_link(entry.link, "Read it at Mangopay")] if entry.link else None,
        )


class NewsPanel:
    """The newest of the news feeds, as they are stored; it never waits for a feed. `limit` are shown, and as many more
    each time somebody asks for them. `path` is the page's address, if an opened entry is to have one of its own.
    """

    def __init__(
        self, services: Services, actor: Actor, *, limit: int, with_pictures: bool = True, path: str = ""
    ) -> None:
        self._services = services
        self._actor = actor
        self._limit = self._step = limit
        self._opened = 0
        self._has_stepped = False
        self._with_pictures = with_pictures
        self._path = path
        with ui.element("section").classes("panel news-panel").props(f'aria-label="{TITLE}"') as panel:
            show(h.div(".panel-head")[h.h2(".section")[TITLE]])
            with ui.element("div").classes("unread-bar") as self._bar:
                self._unread = show(classes="caption")
                button("Mark all as read", self._mark_all, icon_name="done_all", classes="plain-button")
            self._bar.set_visibility(False)
            self._content = show(h.div(".panel-body")[skeleton("90%", "70%", "80%")])
            self._more = button("Show more", self._show_more, icon_name="expand_more", classes="plain-button more-news")
            self._more.set_visibility(False)
            self._state = show(classes="news-state")
        panel.on("open", lambda event: self._open_named(event.args["detail"]), args=["detail"])
        self._sheet = NewsSheet(services, actor, on_close=self._closed)
        ui.timer(LOOKS_EVERY_S, self.load, immediate=False)

    async def load(self) -> None:
        database = self._services.database
        try:
            news = await latest_news(self._actor, database, limit=self._limit + 1, now=now())
            feeds = await feeds_of(self._actor, database, kind=FeedKind.NEWS)
        except SQLAlchemyError as error:
            put(self._content, h.div(".panel-body")[failure(error)])
            return
        shown = news[: self._limit]
        unread = sum(one.is_unread for one in shown)
        self._bar.set_visibility(unread > 0)
        put(self._unread, f"{unread} unread")
        put(self._content, [_card(one, with_picture=self._with_pictures) for one in shown] or _nothing(feeds))
        self._more.set_visibility(len(news) > self._limit)
        put(self._state, h.div(".panel-body.ruled")[feed_state(feeds, setting=SETTING)])

    async def _open_named(self, name: object) -> None:
        if (entry_id := entry_id_of(str(name))) is not None:
            await self.open(entry_id)

    async def open(self, entry_id: int) -> None:
        self._opened = entry_id
        if self._path:
            # One step back is enough to leave the sheet, and one more to leave the page, however many were opened.
            go = ui.navigate.history.replace if self._has_stepped else ui.navigate.history.push
            go(f"{self._path}?news={entry_id}")
            self._has_stepped = True
        await self.show(entry_id)
        await self.load()

    async def show(self, entry_id: int) -> None:
        """Open the sheet of an entry whose address the page has already."""
        await self._sheet.open(entry_id)

    async def _show_more(self) -> None:
        self._limit += self._step
        await self.load()

    async def _mark_all(self) -> None:
        await mark_all_read(self._actor, self._services.database, now=now())
        await self.load()

    def _closed(self) -> None:
        # The list may have been drawn again meanwhile: whoever goes on by keyboard is where they were.
        ui.run_javascript(f"document.querySelector(\"a[data-news='{self._opened}']\")?.focus()")
        if self._path:
            ui.navigate.history.replace(self._path)


def entry_id_of(text: str) -> int | None:
    """Return the id of an entry that an address or a browser names; None for what can be none."""
    return int(text) if text.isdecimal() and len(text) < MOST_DIGITS else None


def _card(news: News, *, with_picture: bool) -> h.Node:
    entry = news.entry
    classes = ".news-card.is-unread" if news.is_unread else ".news-card"
    return h.article(classes)[
        with_picture and _picture(news),
        h.div(".news-text")[
            h.h3[
                h.a(href=f"/?news={entry.id}", data_news=str(entry.id))[
                    news.is_unread and h.fragment[h.span(".unread"), h.span(".visually-hidden")["Unread: "]],
                    entry.title,
                ]
            ],
            h.p(".caption")[_source(news)],
            (text := excerpt(entry.summary, LONGEST_EXCERPT)) and h.p(".news-excerpt")[text],
        ],
    ]


def _source(news: News) -> h.Node:
    return h.fragment[news.source or "News", " · ", when(news.entry.published_at)]


def _picture(news: News) -> h.Node:
    if not news.picture:
        return None
    return h.img(".news-picture", src=f"/feeds/pictures/{news.entry.id}?v={news.picture}", alt="", loading="lazy")


def _nothing(feeds: Sequence[Feed]) -> h.Node:
    if not feeds:
        return empty("rss_feed", "No news", "Mangopay's news appear here once the address of a feed is set.")
    return empty("rss_feed", "Nothing here yet", "News appear as soon as the feed has been read for the first time.")
