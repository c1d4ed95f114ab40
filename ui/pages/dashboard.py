"""The Dashboard menu: the latest news, and what needs attention, each figure got for itself."""

import htpy as h
from nicegui import Client, ui
from starlette.requests import Request

from models.permissions import Permission
from services.access.actors import Actor
from services.bootstrap import Services
from ui.components.html import button, show
from ui.components.news import NewsPanel, entry_id_of
from ui.components.part import Part
from ui.components.parts import skeleton
from ui.components.payments_chart import PaymentsChart
from ui.components.status_panel import LOOKS_EVERY_S
from ui.frame import current_actor, frame, is_looked_at, page_head
from ui.live import Live
from ui.pages.dashboard_figures import Figures
from ui.places import Places
from ui.visit import Visit

PATH = "/"
SHOWN_NEWS = 8


def register(places: Places, services: Services, _live: Live) -> None:
    @places.page(PATH, needs=Permission.SEE)
    async def dashboard(request: Request, client: Client) -> None:
        page = DashboardPage(services, current_actor(), client)
        with frame(services, "Dashboard", path=PATH):
            page.build()
        if not await is_looked_at(client):
            return
        entry_id = entry_id_of(request.query_params.get("news", ""))
        if entry_id is not None:
            await page.news.show(entry_id)
        await page.load()


class DashboardPage:
    def __init__(self, services: Services, actor: Actor, client: Client) -> None:
        self._services = services
        self._actor = actor
        self._visit = Visit(client)
        self._figures = Figures(services, actor, self._visit)
        self._parts: list[Part] = []

    def build(self) -> None:
        with page_head("Dashboard"):
            button("Read all figures again", self.load, icon_name="refresh", classes="plain-button icon-button")
        with ui.element("div").classes("with-side"):
            with ui.element("div"):
                with ui.element("section").props('aria-label="What needs attention"').classes("tiles"):
                    for name, read in self._figures.tiles:
                        with ui.element("div").classes("panel tile"):
                            show(h.h2(".tile-name")[name])
                            part = Part(self._visit, read, shape=skeleton("40%", "80%"))
                            self._parts.append(part)
                            if read == self._figures.status:
                                # It costs no call, and is to say what the banner says.
                                ui.timer(LOOKS_EVERY_S, part.reload, immediate=False)
                self._chart = PaymentsChart(self._visit, self._actor, self._services)
                with ui.element("section").classes("panel").props('aria-label="Platform wallets"'):
                    show(h.div(".panel-head")[h.h2(".section")["Platform wallets"]])
                    shape = h.div(".panel-body")[skeleton("90%", "70%")]
                    self._parts.append(Part(self._visit, self._figures.wallets, shape=shape))
            with ui.element("aside").props('aria-label="News"'):
                self.news = NewsPanel(self._services, self._actor, limit=SHOWN_NEWS, path=PATH)

    async def load(self) -> None:
        await self._visit.load(self.news.load, *(part.load for part in self._parts), self._chart.load)
