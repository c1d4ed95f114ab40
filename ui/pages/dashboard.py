"""The Dashboard menu: the latest news, and whether the hooks do their work."""

import asyncio

from nicegui import Client, ui

from models.feed import FeedKind
from models.permissions import Permission
from services.bootstrap import Services
from ui.frame import current_actor, frame, is_looked_at, page_head
from ui.live import Live
from ui.pages.side_panels import FeedPanel, HooksPanel
from ui.places import Places

PATH = "/"


def register(places: Places, services: Services, _live: Live) -> None:
    @places.page(PATH, needs=Permission.SEE)
    async def dashboard(client: Client) -> None:
        actor = current_actor()
        with frame(services, "Dashboard", path=PATH):
            page_head("Dashboard")
            with ui.element("div").classes("with-side"):
                with ui.element("div"):
                    news = FeedPanel(services, actor, FeedKind.NEWS)
                with ui.element("aside").props('aria-label="Hooks and API status"'):
                    status = FeedPanel(services, actor, FeedKind.STATUS)
                    hooks = HooksPanel(services, actor)
        if not await is_looked_at(client):
            return
        await asyncio.gather(news.load(), status.load(), hooks.load())
