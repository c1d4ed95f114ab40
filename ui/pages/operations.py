"""The Operations menu: not filled yet."""

from models.permissions import Permission
from services.bootstrap import Services
from ui.components.html import show
from ui.components.parts import empty
from ui.frame import frame, page_head
from ui.live import Live
from ui.places import Places

PATH = "/operations"


def register(places: Places, services: Services, _live: Live) -> None:
    @places.page(PATH, needs=Permission.SEE)
    def operations() -> None:
        with frame(services, "Operations", path=PATH):
            page_head("Operations")
            why = (
                "Refunds, payouts and transfers will be made here. They are not part of this version; "
                "until then, use Mangopay's own dashboard."
            )
            show(empty("swap_horiz", "No money can be moved from here yet", why), classes="panel")
