"""The platform's other lists, under the Users menu: KYC documents, disputes, mandates, its own wallets, events.

Mangopay has no list of all transactions; its page says so, and leads to the lists there are.
"""

from functools import partial

import htpy as h
from nicegui import Client
from starlette.requests import Request

from models.event_types import describe
from models.objects.fields import Content, text_at
from models.objects.kinds import href, kind_of_id, kind_of_resource
from models.objects.listing import Listing
from models.objects.listings import LISTINGS
from models.permissions import Permission
from services.access.actors import Actor
from services.bootstrap import Services
from services.mangopay.paging import Page
from ui.components.export import ExportButton, Exports
from ui.components.forms import tabs
from ui.components.html import show
from ui.components.list_state import ListState
from ui.components.list_view import ListView, Why, reader
from ui.components.naming import names_of
from ui.components.parts import empty, icon
from ui.frame import current_actor, frame, is_looked_at, page_head
from ui.pages.users import PATH, TABS
from ui.places import Places
from ui.visit import Visit

NAMES = ("kyc-documents", "disputes", "mandates", "platform-wallets", "events")
# What people come for: one click away.
VIEWS = {
    "kyc-documents": (("Waiting", "Status=VALIDATION_ASKED"), ("Refused", "Status=REFUSED"), ("All", "")),
    "disputes": (
        ("To be answered", "Status=PENDING_CLIENT_ACTION"),
        ("Reopened", "Status=REOPENED_PENDING_CLIENT_ACTION"),
        ("All", ""),
    ),
}


def register(places: Places, services: Services, exports: Exports) -> None:
    def add(name: str) -> None:
        @places.page(f"{PATH}/{name}", needs=Permission.SEE)
        async def platform_list(request: Request, client: Client) -> None:
            listing = LISTINGS[name]
            state = ListState.parse(request.query_params, listing)
            page = PlatformList(services, current_actor(), client, listing, state=state, exports=exports)
            page.build()
            if await is_looked_at(client):
                await page.load()

    for name in NAMES:
        add(name)

    @places.page(f"{PATH}/transactions", needs=Permission.SEE)
    def transactions() -> None:
        with frame(services, "Transactions", path=PATH):
            page_head("Users")
            tabs(TABS, path=f"{PATH}/transactions")
            show(_no_such_list(), classes="panel")


class PlatformList:
    def __init__(
        self,
        services: Services,
        actor: Actor,
        client: Client,
        listing: Listing,
        *,
        state: ListState,
        exports: Exports,
    ) -> None:
        self._services = services
        self._actor = actor
        self._visit = Visit(client)
        self._listing = listing
        self._state = state
        self._exports = exports
        self._read_list = reader(self._visit, actor, services, listing)

    def build(self) -> None:
        path = f"{PATH}/{self._listing.name}"
        with frame(self._services, self._listing.title, path=PATH):
            page_head("Users")
            tabs(TABS, path=path)
            if self._listing.name in VIEWS:
                show(_views(self._listing, path, self._state))
            self._list = ListView(
                self._visit,
                self._listing,
                self._read,
                link=_event_href if self._listing.name == "events" else None,
                path=path,
                state=self._state,
                export=partial(ExportButton, self._actor, self._exports, self._listing),
            )
            self._list.build()

    async def load(self) -> None:
        await self._visit.load(self._list.load)

    async def _read(self, state: ListState, why: Why) -> Page[Content]:
        page = await self._read_list(state, why)
        ids = {user_id for row in page.items if (user_id := text_at(row, "UserId"))}
        self._list.know(await names_of(self._actor, self._services, ids))
        return page


def _views(listing: Listing, path: str, state: ListState) -> h.Node:
    """Return links to what people come for; the one that is shown is marked."""
    chosen = "&".join(f"{name}={value}" for name, value in state.filters.items())
    return h.nav(".ways.views", aria_label="Views")[
        [
            h.a(href=f"{path}?{query}" if query else path, aria_current="page" if query == chosen else None)[label]
            for label, query in VIEWS[listing.name]
        ]
    ]


def _event_href(row: Content) -> str | None:
    """Return where the object of an event can be looked at."""
    object_id = text_at(row, "ResourceId") or ""
    kind = kind_of_id(object_id) or kind_of_resource(describe(text_at(row, "EventType") or "").resource_kind)
    return href(kind, object_id) if kind and object_id else None


def _no_such_list() -> h.Node:
    why = h.fragment[
        h.p[
            "Mangopay's API lists transactions by user, by wallet, by card and by bank account, but never all of them."
        ],
        h.ul(".reasons")[
            h.li[h.a(href=PATH)[icon("group"), " Choose a user"], ", then Transactions: what this user has authored"],
            h.li["Open one of its wallets: what went in and out of it"],
            h.li[
                h.a(href=f"{PATH}/platform-wallets")[icon("account_balance"), " Platform wallets"],
                ": fees, and what disputes have taken back",
            ],
            h.li[h.a(href=f"{PATH}/events")[icon("bolt"), " Events"], ": everything that happened in the last 45 days"],
            h.li["Paste the id of a transaction into the search box above"],
        ],
    ]
    return empty("receipt_long", "There is no list of all transactions", why)
