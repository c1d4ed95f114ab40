"""The API Status menu: what Mangopay's status feed says."""

from nicegui import Client, ui

from models.feed import FeedKind
from services.bootstrap import Services
from ui.frame import frame, is_looked_at, page_head, signed_in
from ui.live import Live
from ui.pages.side_panels import FeedPanel

PATH = "/api-status"


def register(services: Services, _live: Live) -> None:
    @ui.page(PATH)
    async def api_status(client: Client) -> None:
        with frame("API Status", path=PATH, sessions=services.sessions):
            page_head("API Status")
            panel = FeedPanel(services, signed_in().environment, FeedKind.STATUS, title="Incidents and maintenance")
        if not await is_looked_at(client):
            return
        await panel.load()
