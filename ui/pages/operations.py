"""The Operations menu: not filled yet. It shows with what an operation would be filled in."""

import htpy as h
from starlette.requests import Request

from models.objects.kinds import href, kind_of_id
from models.permissions import Permission
from models.words import label_of
from services.bootstrap import Services
from ui.components.html import show
from ui.components.parts import copy_button, empty, facts, message
from ui.components.values import foreign
from ui.frame import frame, page_head
from ui.live import Live
from ui.places import Places
from ui.theme import Tone

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

    @places.page(f"{PATH}/{{operation}}", needs=Permission.ASK_FOR_MONEY)
    def operation(request: Request, operation: str) -> None:
        name = label_of(operation.replace("-", "_").upper())
        with frame(services, name, path=PATH):
            page_head(name)
            show(
                message(
                    Tone.NOTICE,
                    "Money cannot be moved from here in this version.",
                    "These are the fields it would be filled with; use them in Mangopay's own dashboard.",
                )
            )
            given = [(field, _field(value)) for field, value in request.query_params.items()]
            show(h.section(".panel", aria_label="Fields")[h.div(".panel-body")[facts(given)]])


def _field(value: str) -> h.Node:
    kind = kind_of_id(value)
    return h.span(".id")[h.a(href=href(kind, value))[value] if kind else foreign(value), copy_button(value)]
