"""Settings, Mangopay API: how much of the rate limits is used, and how far the local index of users has come."""

import asyncio
from collections.abc import Sequence

import htpy as h
from nicegui import Client, ui
from sqlalchemy.exc import SQLAlchemyError

from models.permissions import Permission
from services.access.actors import Actor, Denied
from services.bootstrap import Services
from services.mangopay.governor import BACKGROUND_SHARE, RESERVES, Gauge, Priority
from services.mangopay.meter import read_meter
from services.search.index import IndexState, index_state
from ui.components.forms import BUSY
from ui.components.html import put, show
from ui.components.parts import facts, message, skeleton, when
from ui.frame import current_actor, frame, is_looked_at, page_head
from ui.live import Live
from ui.pages.settings import settings_tabs
from ui.places import Places
from ui.theme import Tone

PATH = "/settings/api"
LOOKS_EVERY_S = 2.0


def register(places: Places, services: Services, _live: Live) -> None:
    @places.page(PATH, needs=Permission.SEE)
    async def settings_api(client: Client) -> None:
        page = ApiPage(services, current_actor())
        page.build()
        if await is_looked_at(client):
            await page.load()
            ui.timer(LOOKS_EVERY_S, page.load)


class ApiPage:
    def __init__(self, services: Services, actor: Actor) -> None:
        self._services = services
        self._actor = actor

    def build(self) -> None:
        with frame(self._services, "Mangopay API", path=PATH):
            page_head("Settings")
            settings_tabs(self._actor, PATH)
            with ui.element("div").classes("two-columns"):
                with ui.element("section").classes("panel").props('aria-label="Rate limits"'):
                    show(h.div(".panel-head")[h.h2(".section")["Rate limits"]])
                    self._meter = show(h.div(".panel-body")[skeleton("90%", "90%", "90%", "90%")])
                with ui.element("section").classes("panel").props('aria-label="Search index"'):
                    show(h.div(".panel-head")[h.h2(".section")["Search index"]])
                    self._index = show(h.div(".panel-body")[skeleton("60%", "70%")])

    async def load(self) -> None:
        try:
            put(self._meter, _meter(read_meter(self._actor, self._services.clients)))
            # A page that goes away ends its timer; the query is not to be cut in its midst.
            state = await asyncio.shield(index_state(self._actor, self._services.database))
            put(self._index, _index(state))
        except SQLAlchemyError:
            put(self._index, h.div(".panel-body")[message(Tone.NEGATIVE, BUSY, "It is asked again in a moment.")])
        except Denied:
            # The page is about to be told that its session has ended.
            return


def _meter(gauges: Sequence[Gauge]) -> h.Node:
    percent = {priority: round(100 * (1 - reserve)) for priority, reserve in RESERVES.items()}
    return h.div(".panel-body")[
        h.p(".caption")[
            "Calls that the whole platform has made, its own software included, as Mangopay's last answer tells."
        ],
        [_gauge(gauge) for gauge in gauges],
        h.p(".caption")[
            f"Whoever looks at pages stops at {percent[Priority.PERSON]} %, so that the last calls are left to your "
            f"platform and to changes; exports stop at {percent[Priority.EXPORT]} %, the background at "
            f"{percent[Priority.BACKGROUND]} %, and it takes at most {round(100 * BACKGROUND_SHARE)} % itself."
        ],
    ]


def _gauge(gauge: Gauge) -> h.Element:
    name = _span(gauge.minutes)
    share = gauge.used / gauge.limit if gauge.limit else 0
    look = "negative" if share > 0.9 else "waiting" if share > 0.5 else "positive"
    return h.div(f".gauge.{look}")[
        h.div(".gauge-line")[h.strong[name], h.span(".numbers")[f"{gauge.used:,} of {gauge.limit:,}"]],
        h.meter(
            min="0",
            max=str(gauge.limit),
            value=str(gauge.used),
            aria_label=f"Calls in {name}",
        )[f"{gauge.used} of {gauge.limit}"],
        h.p(".caption")[
            f"{gauge.by_us:,} from this dashboard, {gauge.in_background:,} of them in the background",
            h.fragment[" · frees ", when(gauge.resets_at)] if gauge.resets_at else None,
        ],
    ]


def _span(minutes: int) -> str:
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"


def _index(state: IndexState) -> h.Node:
    expected = f" of {state.expected:,}" if state.expected is not None else ""
    return h.div(".panel-body")[
        h.p(".caption")[
            "Mangopay's API cannot search users by name, e-mail or tag, so the dashboard keeps an index of its own. "
            "Pages fill it as they are looked at, and the background goes through all users within the rate limits."
        ],
        facts(
            [
                ("Users known", f"{state.known:,}{expected}"),
                ("Names read", f"{state.named:,}"),
                ("Now", "Going through all users" if state.is_walking else "Up to date"),
                ("Last complete", when(state.walked_at, show="exact") if state.walked_at else "not yet"),
            ]
        ),
    ]
