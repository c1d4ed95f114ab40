"""The API Status menu: what Mangopay's status feed says."""

from nicegui import Client

from models.feed import FeedKind
from models.permissions import Permission
from services.bootstrap import Services
from ui.frame import current_actor, frame, is_looked_at, page_head
from ui.live import Live
from ui.pages.side_panels import FeedPanel
from ui.places import Places

PATH = "/api-status"


def register(places: Places, services: Services, _live: Live) -> None:
    @places.page(PATH, needs=Permission.SEE)
    async def api_status(client: Client) -> None:
        with frame(services, "API Status", path=PATH):
            page_head("API Status")
            panel = FeedPanel(services, current_actor(), FeedKind.STATUS, title="Incidents and maintenance")
        if not await is_looked_at(client):
            return
        await panel.load()
