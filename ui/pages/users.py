"""The Users menu: not filled yet."""

from models.permissions import Permission
from services.bootstrap import Services
from ui.components.html import show
from ui.components.parts import empty
from ui.frame import frame, page_head
from ui.live import Live
from ui.places import Places

PATH = "/users"


def register(places: Places, services: Services, _live: Live) -> None:
    @places.page(PATH, needs=Permission.SEE)
    def users() -> None:
        with frame(services, "Users", path=PATH):
            page_head("Users")
            why = (
                "Profiles, wallets, cards and KYC documents will be listed here. They are not part of this version; "
                "until then, open them in Mangopay's own dashboard."
            )
            show(empty("group", "Users cannot be looked at yet", why), classes="panel")
