"""The Dashboard menu: the latest news, and whether the hooks do their work."""

import asyncio

from nicegui import Client, ui

from models.feed import FeedKind
from services.bootstrap import Services
from ui.frame import frame, is_looked_at, page_head, signed_in
from ui.live import Live
from ui.pages.side_panels import FeedPanel, HooksPanel

PATH = "/"


def register(services: Services, _live: Live) -> None:
    @ui.page(PATH)
    async def dashboard(client: Client) -> None:
        environment = signed_in().environment
        with frame("Dashboard", path=PATH, sessions=services.sessions):
            page_head("Dashboard")
            with ui.element("div").classes("with-side"):
                with ui.element("div"):
                    news = FeedPanel(services, environment, FeedKind.NEWS)
                with ui.element("aside").props('aria-label="Hooks and API status"'):
                    status = FeedPanel(services, environment, FeedKind.STATUS)
                    hooks = HooksPanel(services, environment)
        if not await is_looked_at(client):
            return
        await asyncio.gather(news.load(), status.load(), hooks.load())
