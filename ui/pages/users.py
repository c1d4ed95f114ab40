"""Users, all of them: Mangopay's own list as it is, and what the local index finds where Mangopay cannot search."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import htpy as h
from nicegui import Client
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request

from models.known import KnownUser
from models.objects.fields import Content, text_at
from models.objects.kinds import KINDS
from models.objects.listings import LISTINGS
from models.permissions import Permission
from services.access.actors import Actor
from services.bootstrap import Services
from services.mangopay.errors import Forbidden, MangopayError, NotFound
from services.mangopay.paging import Page
from services.objects.view import view
from services.search.index import IndexState, index_state, search_users
from ui.components.export import ExportButton, Exports
from ui.components.forms import tabs
from ui.components.html import put, show
from ui.components.list_state import ListState
from ui.components.list_view import ListView, Why, reader
from ui.components.naming import known_by_id
from ui.components.part import failure
from ui.components.parts import icon, when
from ui.frame import current_actor, frame, is_looked_at, page_head
from ui.pages.users_index import content_of, filter_of, named, searches_index
from ui.places import Places
from ui.visit import Visit

log = logging.getLogger(__name__)

PATH = "/users"
LISTING = LISTINGS["users"]
TABS: Mapping[str, str] = {
    PATH: "All users",
    f"{PATH}/transactions": "Transactions",
    f"{PATH}/kyc-documents": "KYC documents",
    f"{PATH}/disputes": "Disputes",
    f"{PATH}/mandates": "Mandates",
    f"{PATH}/platform-wallets": "Platform wallets",
    f"{PATH}/events": "Events",
}
SORTABLE = {
    "Created": "",
    "Name": "name",
    "E-mail": "email",
    "Category": "category",
    "KYC": "kyc_level",
    "Status": "status",
    "Country": "country",
}
# Mangopay's list has no names: each is one call, so many are made side by side.
SIDE_BY_SIDE = 4


def register(places: Places, services: Services, exports: Exports) -> None:
    @places.page(PATH, needs=Permission.SEE)
    async def users(request: Request, client: Client) -> None:
        state = ListState.parse(request.query_params, LISTING)
        page = UsersPage(services, current_actor(), client, state, exports)
        page.build()
        if await is_looked_at(client):
            await page.load()


class UsersPage:
    def __init__(self, services: Services, actor: Actor, client: Client, state: ListState, exports: Exports) -> None:
        self._services = services
        self._actor = actor
        self._visit = Visit(client)
        self._state = state
        self._exports = exports
        self._read_list = reader(self._visit, actor, services, LISTING)
        self._known: Mapping[str, KnownUser] = {}

    def build(self) -> None:
        with frame(self._services, "Users", path=PATH):
            page_head("Users")
            tabs(TABS, path=PATH)
            self._note = show(classes="list-note")
            self._list = ListView(
                self._visit,
                LISTING,
                self._read,
                path=PATH,
                state=self._state,
                sortable=SORTABLE,
                complete=self._complete,
                export=partial(ExportButton, self._actor, self._exports, LISTING),
            )
            self._list.build()

    async def load(self) -> None:
        await self._visit.load(self._list.load)

    async def _read(self, state: ListState, why: Why) -> Page[Content]:
        if searches_index(state):
            return await self._read_index(state)
        page = await self._read_list(state, why)
        ids = [id_ for row in page.items if (id_ := text_at(row, "Id"))]
        self._known = await known_by_id(self._actor, self._services, ids)
        return replace(page, items=tuple(named(row, self._known) for row in page.items))

    async def _read_index(self, state: ListState) -> Page[Content]:
        found = await search_users(
            self._actor, self._services.database, filter_of(state), page=state.page, per_page=state.per_page
        )
        return Page(
            tuple(content_of(user) for user in found.users),
            state.page,
            state.per_page,
            total_items=found.total,
            total_pages=-(-found.total // state.per_page),
        )

    async def _complete(self, page: Page[Content]) -> None:
        """Say where the rows come from, and get the names that are not known yet."""
        state = self._list.state
        if searches_index(state):
            await self._tell_of_index()
            return
        put(self._note)
        missing = [
            id_ for row in page.items if row.get("Name") is None and (id_ := text_at(row, "Id")) and self._is_new(id_)
        ]
        for at in range(0, len(missing), SIDE_BY_SIDE):
            some = missing[at : at + SIDE_BY_SIDE]
            found = await asyncio.gather(*(self._read_user(user_id) for user_id in some), return_exceptions=True)
            is_unwell = _pass_over([error for error in found if isinstance(error, BaseException)])
            if state is not self._list.state:
                return
            await self._show_names([user for user in found if isinstance(user, Mapping)])
            if is_unwell:
                return

    async def _tell_of_index(self) -> None:
        try:
            note = _of_index(await index_state(self._actor, self._services.database))
        except SQLAlchemyError as error:
            note = failure(error)
        put(self._note, note)

    def _is_new(self, user_id: str) -> bool:
        """Whether a user was never read: one that was has no name, or Mangopay does not give it to us."""
        known = self._known.get(user_id)
        return known is None or known.read_at is None

    async def _read_user(self, user_id: str) -> Content | None:
        clients = self._services.clients
        try:
            call = view(self._actor, clients, KINDS["user"], user_id, is_ahead=True)
            return (await self._visit.call(call)).content
        except (NotFound, Forbidden):
            return None

    async def _show_names(self, users: Sequence[Content]) -> None:
        by_id = {user.get("Id"): user for user in users}
        await self._list.redraw(lambda row: named(row, {}, by_id.get(row.get("Id"))))


def _pass_over(errors: Sequence[BaseException]) -> bool:
    """Return whether Mangopay is unwell, or others need the budget, so that names come another time; raise all else."""
    for error in errors:
        if not isinstance(error, MangopayError):
            raise error
        log.info("no name for the list of users: %s", error)
    return bool(errors)


def _of_index(state: IndexState) -> h.Node:
    """Say what was looked through, for Mangopay itself cannot search: it may be less than there is."""
    expected = state.expected
    among = f"{state.known:,} users known here" + (f", of {expected:,}" if expected and expected > state.known else "")
    return h.p(".caption")[
        icon("travel_explore"),
        f" Found among the {among}: Mangopay's own list cannot be searched or sorted like this. ",
        state.named < state.known and f"Of {state.known - state.named:,} the name is still to be read. ",
        h.fragment["Last gone through completely ", when(state.walked_at), "."] if state.walked_at else None,
    ]
