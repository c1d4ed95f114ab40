"""The Users menu: not filled yet."""

from nicegui import ui

from services.bootstrap import Services
from ui.components.html import show
from ui.components.parts import empty
from ui.frame import frame, page_head
from ui.live import Live

PATH = "/users"


def register(services: Services, _live: Live) -> None:
    @ui.page(PATH)
    def users() -> None:
        with frame("Users", path=PATH, sessions=services.sessions):
            page_head("Users")
            why = (
                "Profiles, wallets, cards and KYC documents will be listed here. They are not part of this version; "
                "until then, open them in Mangopay's own dashboard."
            )
            show(empty("group", "Users cannot be looked at yet", why), classes="panel")
