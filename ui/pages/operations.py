"""The Operations menu: not filled yet."""

from nicegui import ui

from services.bootstrap import Services
from ui.components.html import show
from ui.components.parts import empty
from ui.frame import frame, page_head
from ui.live import Live

PATH = "/operations"


def register(services: Services, _live: Live) -> None:
    @ui.page(PATH)
    def operations() -> None:
        with frame("Operations", path=PATH, sessions=services.sessions):
            page_head("Operations")
            why = (
                "Refunds, payouts and transfers will be made here. They are not part of this version; "
                "until then, use Mangopay's own dashboard."
            )
            show(empty("swap_horiz", "No money can be moved from here yet", why), classes="panel")
