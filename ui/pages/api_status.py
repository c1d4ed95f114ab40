"""The API Status menu: how Mangopay does now, what goes on, what is planned, what was; and who gets mail about it."""

from collections.abc import Sequence
from functools import partial

import htpy as h
from nicegui import Client, ui
from sqlalchemy.exc import SQLAlchemyError

from models.feed import Feed
from models.permissions import Permission
from models.status_board import Noted, read_at
from services.access.actors import Actor
from services.bootstrap import Services
from services.clock import now
from services.feeds.reading import Status, read_status
from services.feeds.subscriptions import choose_status_mail, gets_status_mail
from ui.components.html import button, put, show
from ui.components.incidents import as_it_came, feed_state, health_line, incident
from ui.components.part import failure
from ui.components.parts import empty, outside_link, safe_url, skeleton, when
from ui.components.status_panel import PATH, SETTING
from ui.frame import current_actor, frame, is_looked_at, page_head
from ui.live import Live
from ui.places import Places

LOOKS_EVERY_S = 15.0
UNREAD = "Nobody knows: no status feed has been read yet."
SHOWN_PAST = 25


def register(places: Places, services: Services, _live: Live) -> None:
    @places.page(PATH, needs=Permission.SEE)
    async def api_status(client: Client) -> None:
        page = StatusPage(services, current_actor())
        with frame(services, "API Status", path=PATH):
            page.build()
        if not await is_looked_at(client):
            return
        await page.load()


class StatusPage:
    """One open page; it looks again by itself at what is stored."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self._services = services
        self._actor = actor

    def build(self) -> None:
        page_head("API Status")
        with ui.element("div").classes("with-side"):
            with ui.element("div"):
                self._now = _section("Now", skeleton("40%", "70%"))
                self._planned = _section("Planned maintenance", skeleton("70%", "50%"))
                self._past = _section("Past incidents", skeleton("80%", "60%", "70%"))
            with ui.element("aside").props('aria-label="Updates"'):
                self._subscription = Subscription(self._services, self._actor)
        ui.timer(LOOKS_EVERY_S, self._load_incidents, immediate=False)

    async def load(self) -> None:
        await self._load_incidents()
        await self._subscription.load()

    async def _load_incidents(self) -> None:
        try:
            status = await read_status(self._actor, self._services.database, now=now())
        except SQLAlchemyError as error:
            _change(self._now, h.div(".panel-body")[failure(error)])
            return
        _change(self._now, _now(status))
        _change(self._planned, _planned(status))
        _change(self._past, _past(status))
        self._subscription.lead_to(status.feeds)


class Subscription:
    """The ways to hear of changes: Mangopay's own, and our mail."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self._services = services
        self._actor = actor
        with ui.element("section").classes("panel").props('aria-label="Subscribe to updates"'):
            show(h.div(".panel-head")[h.h2(".section")["Subscribe to updates"]])
            with ui.element("div").classes("panel-body subscribe"):
                self._at_mangopay = show(skeleton("80%"))
                self._said = show(skeleton("90%", "60%"))
                self._begin = button(
                    "Send me mail", partial(self._choose, wants_it=True), icon_name="mail", classes="primary-button"
                )
                self._end = button("Stop the mail", partial(self._choose, wants_it=False), icon_name="unsubscribe")
                for way in (self._begin, self._end):
                    way.set_visibility(False)

    def lead_to(self, feeds: Sequence[Feed]) -> None:
        links = dict.fromkeys(url for feed in feeds if (url := safe_url(feed.link)))
        _change(
            self._at_mangopay,
            [
                h.p[outside_link(url, "Subscribe at Mangopay's status page"), " by e-mail or text message."]
                for url in links
            ]
            or h.p(".muted")["Mangopay's own page is linked here once its feed has been read."],
        )

    async def load(self) -> None:
        try:
            is_on = await gets_status_mail(self._actor, self._services.database)
        except SQLAlchemyError as error:
            put(self._said, failure(error))
            return
        if self._actor.environment not in self._services.door.sends_mail:
            put(self._said, h.p(".muted")["This dashboard sends no mail: no mail server is set."])
            return
        put(self._said, h.p[_mail_goes(self._actor, is_on=is_on)])
        self._begin.set_visibility(not is_on)
        self._end.set_visibility(is_on)

    async def _choose(self, *, wants_it: bool) -> None:
        try:
            await choose_status_mail(self._actor, self._services.database, wants_it=wants_it, now=now())
        except SQLAlchemyError as error:
            put(self._said, failure(error))
            return
        await self.load()


def _section(title: str, shape: h.Node) -> ui.html:
    with ui.element("section").classes("panel").props(f'aria-label="{title}"'):
        show(h.div(".panel-head")[h.h2(".section")[title]])
        return show(h.div(".panel-body")[shape])


def _change(element: ui.html, *content: h.Node) -> None:
    """Show something else, or leave what is shown as it is: whoever reads it, or has unfolded it, keeps it."""
    if element.content != str(h.fragment[content]):
        put(element, *content)


def _now(status: Status) -> h.Node:
    active = status.board.active
    return h.fragment[
        h.div(".panel-body")[health_line(status.health, status.doubt), feed_state(status.feeds, setting=SETTING)],
        [incident(noted, is_open=True) for noted in active],
        [_as_it_came(noted) for noted in status.board.unclear],
    ]


def _planned(status: Status) -> h.Node:
    if not status.board.upcoming:
        return h.p(".panel-body.muted")["None is announced." if read_at(status.feeds) else UNREAD]
    return [_with_countdown(noted) for noted in status.board.upcoming]


def _with_countdown(noted: Noted) -> h.Node:
    begins = noted.told.starts_at
    return h.div(".planned")[
        h.p(".countdown")["Begins ", when(begins)] if begins else None,
        incident(noted, is_open=True),
    ]


def _past(status: Status) -> h.Node:
    board = status.board
    if read_at(status.feeds) is None and not board.past:
        return h.p(".panel-body.muted")[UNREAD]
    if not board.past and not board.unread:
        return empty("history", "No incident yet", "Those that are over stay here.")
    elsewhere = board.elsewhere
    return h.fragment[
        [incident(noted, is_open=False) for noted in board.past[:SHOWN_PAST]],
        [_as_it_came(noted) for noted in board.unread],
        elsewhere > 0
        and h.p(".panel-body.caption")[f"{elsewhere} more about another environment only: not shown here."],
    ]


def _as_it_came(noted: Noted) -> h.Node:
    entry = noted.entry
    return h.details(".incident")[
        h.summary[h.h3[entry.title], h.p(".caption")[when(entry.published_at), " · shown as it came"]],
        as_it_came(entry.summary),
        h.p(".ways")[outside_link(entry.link, "Open it at Mangopay")] if entry.link else None,
    ]


def _mail_goes(actor: Actor, *, is_on: bool) -> str:
    environment = actor.environment.label
    if is_on:
        return f"You get a mail to {actor.email} for each change that concerns {environment}."
    return (
        f"One mail for each change that concerns {environment}: an incident opens, moves on or ends, work is planned."
    )
