"""How Mangopay does, in a few lines, beside other things; the whole is on API Status."""

from datetime import datetime

import htpy as h
from nicegui import ui
from sqlalchemy.exc import SQLAlchemyError

from models.status_board import Noted
from services.access.actors import Actor
from services.bootstrap import Services
from services.clock import now
from services.feeds.reading import Status, read_status
from ui.components.html import put, show
from ui.components.incidents import feed_state, health_line, phase_tone
from ui.components.part import failure
from ui.components.parts import chip, skeleton, when

PATH = "/api-status"
SETTING = "DASHBOARD_STATUS_FEEDS"
LOOKS_EVERY_S = 15.0


class StatusPanel:
    """As it is stored; it never waits for a feed."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self._services = services
        self._actor = actor
        with ui.element("section").classes("panel").props('aria-label="API status"'):
            with ui.element("div").classes("panel-head"):
                show(h.h2(".section")["API status"])
                show(h.a(href=PATH)["All incidents"])
            self._content = show(h.div(".panel-body")[skeleton("90%", "70%")])
        ui.timer(LOOKS_EVERY_S, self.load, immediate=False)

    async def load(self) -> None:
        try:
            status = await read_status(self._actor, self._services.database, now=now())
        except SQLAlchemyError as error:
            put(self._content, h.div(".panel-body")[failure(error)])
            return
        put(self._content, h.div(".panel-body")[brief(status), feed_state(status.feeds, setting=SETTING)])


def brief(status: Status) -> h.Node:
    """Return how Mangopay does, what is active, and what comes next."""
    board = status.board
    rows = [*board.active, *board.unclear, *board.upcoming[:1]]
    return h.fragment[
        health_line(status.health, status.doubt),
        h.ul(".brief")[[_row(noted, status.at) for noted in rows]] if rows else None,
    ]


def _row(noted: Noted, at: datetime) -> h.Node:
    told = noted.told
    return h.li[
        chip(told.phase.label, phase_tone(told.phase)) if told.phase else None,
        " ",
        h.a(href=PATH)[told.title],
        " ",
        h.span(".caption")[_begins(told.starts_at, at)],
    ]


def _begins(starts_at: datetime | None, at: datetime) -> h.Node:
    return when(starts_at) if starts_at is not None and starts_at > at else None
