"""A user: the head, and a tab each for the profile and for what belongs to the user.

Each tab has an address of its own, is loaded when it is opened, and can fail alone.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from urllib.parse import quote

import htpy as h
from nicegui import Client, ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.objects.fields import Content
from models.objects.kinds import KINDS, href
from models.objects.listing import Listing
from models.objects.listings import LISTINGS, OF_USERS
from models.objects.plain import name_of_user
from models.objects.ways import ways_from
from models.permissions import Permission
from services.access.actors import Actor
from services.bootstrap import Services
from services.mangopay.errors import NotFound
from services.objects.people import read_blocks
from services.objects.view import view
from ui.components.export import ExportButton, Exports
from ui.components.forms import tabs
from ui.components.html import put, show
from ui.components.list_state import ListState
from ui.components.list_view import ListView, reader, row_href
from ui.components.miss import show_miss
from ui.components.object_view import bare_head, fact_groups, groups_shape, head_shape, headline, raw_json, ways_on
from ui.components.part import FAILURES, Trouble
from ui.components.parts import crumbs, icon, message
from ui.components.remembered import remember
from ui.frame import current_actor, frame, is_looked_at, name_page
from ui.pages.user_kyc import KycTab
from ui.pages.user_sides import Sides, blocks_said
from ui.pages.user_timeline import TimelineTab
from ui.places import Places
from ui.theme import Tone
from ui.visit import Visit

KIND = KINDS["user"]
TABS = {
    "": "Profile",
    "transactions": "Transactions",
    "wallets": "Wallets",
    "cards": "Cards",
    "bank-accounts": "Bank accounts",
    "kyc": "KYC",
    "mandates": "Mandates",
    "disputes": "Disputes",
    "preauthorisations": "Preauthorisations",
    "timeline": "Timeline",
}
Load = Callable[[], Awaitable[object]]


def register(places: Places, services: Services, exports: Exports) -> None:
    @places.page("/users/{user_id}", needs=Permission.SEE)
    async def user(request: Request, client: Client, user_id: str) -> None:
        await _open(services, exports, request, client, user_id=user_id, tab="")

    @places.page("/users/{user_id}/{tab}", needs=Permission.SEE)
    async def user_tab(request: Request, client: Client, user_id: str, tab: str) -> Response | None:
        if tab not in TABS:
            return RedirectResponse(href(KIND, user_id), 303)
        await _open(services, exports, request, client, user_id=user_id, tab=tab)
        return None


async def _open(
    services: Services, exports: Exports, request: Request, client: Client, *, user_id: str, tab: str
) -> None:
    page = UserPage(services, exports, current_actor(), Visit(client), user_id=user_id, tab=tab)
    page.build(request)
    if await is_looked_at(client):
        await page.load()


class UserPage:
    def __init__(
        self,
        services: Services,
        exports: Exports,
        actor: Actor,
        visit: Visit,
        *,
        user_id: str,
        tab: str,
    ) -> None:
        self._services = services
        self._exports = exports
        self._actor = actor
        self._visit = visit
        self._id = user_id
        self._tab = tab
        self._loads: list[Load] = []
        self._kyc: KycTab | None = None
        self._is_shown = False
        self._lists: list[ListView] = []
        # Only companies declare owners, so this list waits until it is known who the user is.
        self._owners: tuple[ui.element, ListView] | None = None

    def build(self, request: Request) -> None:
        base = href(KIND, self._id)
        path = f"{base}/{self._tab}" if self._tab else base
        with frame(self._services, f"{TABS[self._tab]} of {self._id[:40]}", path="/users"):
            self._crumbs = show(_crumbs(None))
            self._trouble = Trouble(self._reload)
            self._head = show(head_shape(KIND, self._id))
            self._blocks = show()
            with ui.element("div").classes("user-body") as self._body:
                tabs({f"{base}/{tab}" if tab else base: name for tab, name in TABS.items()}, path=path)
                self._build_tab(request, path)
            self._missing = ui.element("div")

    async def load(self) -> None:
        await self._visit.load(self._load_user, self._load_blocks, *self._loads)

    def _build_tab(self, request: Request, path: str) -> None:
        if self._tab == "":
            self._build_profile()
        elif self._tab == "timeline":
            timeline = TimelineTab(self._services, self._actor, self._visit, self._id)
            self._loads.append(timeline.load)
        else:
            if self._tab == "kyc":
                self._kyc = KycTab(self._services, self._actor, self._visit, self._id, on_done=self._show_sent)
            names = OF_USERS[self._tab]
            self._lists = [
                self._build_list(LISTINGS[name], request, path=path if at == 0 else None, has_title=len(names) > 1)
                for at, name in enumerate(names)
            ]

    def _build_profile(self) -> None:
        with ui.element("div").classes("with-side"):
            self._facts = show(groups_shape())
            with ui.element("div"):
                self._sides = Sides(self._services, self._actor, self._visit, self._id)
        self._loads.extend(self._sides.loads)

    def _build_list(self, listing: Listing, request: Request, *, path: str | None, has_title: bool) -> ListView:
        state = ListState.parse(request.query_params, listing) if path else None
        with ui.element("section").props(f'aria-label="{listing.title}"').classes("related") as section:
            if has_title:
                show(h.h2(".section")[listing.title])
            if listing.note:
                show(h.p(".caption")[listing.note])
            rows = ListView(
                self._visit,
                listing,
                reader(self._visit, self._actor, self._services, listing, of=self._id),
                # A bank account can only be read through its user.
                link=lambda row: row_href(listing, {**row, "UserId": self._id}),
                path=path,
                state=state,
                export=partial(ExportButton, self._actor, self._exports, listing, of=self._id) if path else None,
            )
            rows.build()
        if listing.name == "user-ubo-declarations":
            section.set_visibility(False)
            self._owners = section, rows
        else:
            self._loads.append(rows.load)
        return rows

    async def _load_owners(self) -> None:
        if self._owners is not None:
            section, rows = self._owners
            section.set_visibility(True)
            await rows.load()

    async def _show_sent(self) -> None:
        """Show the document that was just sent in the list of them."""
        await self._lists[0].reload()

    async def _reload(self) -> None:
        await self._visit.load(self._load_user)

    async def _load_user(self) -> None:
        try:
            found = await self._visit.call(view(self._actor, self._services.clients, KIND, self._id))
        except NotFound as error:
            await self._miss(error)
            return
        except FAILURES as error:
            self._trouble.tell(error)
            if not self._is_shown:
                put(self._head, bare_head(KIND, self._id))
                self._show_no_profile()
            # It may be a company.
            await self._load_owners()
            return
        self._trouble.clear()
        self._missing.clear()
        self._body.set_visibility(True)
        self._is_shown = True
        self._show(found.content)
        if self._kyc is not None:
            loads: list[Load] = [partial(self._kyc.show_user, found.content)]
            if found.content.get("PersonType") != "NATURAL":
                loads.append(self._load_owners)
            await self._visit.load(*loads)
        await remember(self._services, self._actor, KIND, self._id, name_of_user(found.content) or self._id)

    def _show_no_profile(self) -> None:
        """Leave nothing that looks as if it was still on its way."""
        if self._tab == "":
            put(self._facts)
            self._sides.show_no_user()

    async def _load_blocks(self) -> None:
        """Say on every tab what money cannot move: whoever looks at wallets decides about it, too."""
        try:
            said = blocks_said(await self._visit.call(read_blocks(self._actor, self._services.clients, self._id)))
        except NotFound:
            # There is no such user, which the page says.
            return
        except FAILURES:
            # Beside the profile they have a place of their own, which says what is wrong.
            if self._tab != "":
                put(self._blocks, h.p(".caption")["Whether Mangopay has blocked anything of this user is not known."])
            return
        put(self._blocks, said and message(Tone.NEGATIVE, said))

    def _show(self, user: Content) -> None:
        actor, name = self._actor, name_of_user(user)
        ways: Sequence[h.Node] = []
        if actor.may(Permission.UPDATE_PROFILES) and user.get("UserStatus") != "CLOSED":
            edit = f"/users/{quote(self._id, safe='')}/edit"
            ways = [h.a(".button", href=edit)[icon("edit"), "Edit profile"]]
        if actor.may(Permission.ASK_FOR_MONEY):
            ways = [ways_on(ways_from(KIND, user)), *ways]
        put(self._crumbs, _crumbs(name or self._id))
        with self._body:
            name_page(f"{name or self._id[:40]}, {TABS[self._tab]}", actor)
        put(self._head, headline(KIND, user, name=name, ways=ways))
        if self._tab == "":
            put(self._facts, fact_groups(KIND, user), raw_json(user))
            self._sides.show_user(user)

    async def _miss(self, error: NotFound) -> None:
        self._trouble.clear()
        put(self._head, bare_head(KIND, self._id))
        self._body.set_visibility(False)
        self._missing.clear()
        with self._missing:
            await show_miss(self._services, self._actor, self._visit, KIND, self._id, error)


def _crumbs(name: str | None) -> h.Node:
    users = h.a(href="/users")["Users"]
    return crumbs(users, h.bdi[name]) if name else crumbs(users)
