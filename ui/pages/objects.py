"""One object of any kind but users: its head, its facts, what belongs to it, its notifications, its raw JSON."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import htpy as h
from nicegui import Client, ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.notification_filter import NotificationFilter
from models.objects.fields import Content, text_at
from models.objects.kinds import KINDS, Kind, href
from models.objects.listing import Listing
from models.objects.listings import LISTINGS, RELATED
from models.objects.plain import money_of, owner_of, plain_value
from models.objects.sheets import SHEETS
from models.objects.ways import REFUNDS, ways_from
from models.permissions import Permission
from models.refundable import Refundable
from services.access.actors import Actor
from services.bootstrap import Services
from services.mangopay.errors import NotFound
from services.notifications.inbox import read_page
from services.objects.lists import what_remains
from services.objects.view import view
from services.operations.journal import operations_on
from ui.components.balance_chart import BalanceChart
from ui.components.html import put, show
from ui.components.list_view import ListView, reader
from ui.components.miss import search_url, show_miss
from ui.components.naming import names_of
from ui.components.notified import asked_for, notified
from ui.components.object_view import (
    Rows,
    bare_head,
    fact_groups,
    failed_because,
    groups_shape,
    head_shape,
    headline,
    linked_users,
    raw_json,
    ways_on,
)
from ui.components.part import FAILURES, Part, Trouble
from ui.components.parts import crumbs, middle_cut, money, skeleton
from ui.components.remembered import remember
from ui.components.values import foreign, object_link
from ui.frame import current_actor, frame, is_looked_at, name_page
from ui.live import Live
from ui.pages.object_documents import OWNED, offer_evidence, offer_to_finish
from ui.pages.platform_lists import NAMES
from ui.places import Places
from ui.visit import Visit

PATH = "/objects/{kind}/{object_id}"
NOTIFICATIONS = 10
HOOK = KINDS["hook"]
# The platform's own lists, by the kind of object in them.
LISTED_AT = {kind.name: f"/users/{name}" for name in NAMES if (kind := LISTINGS[name].kind)}
Load = Callable[[], Awaitable[object]]


def register(places: Places, services: Services, _live: Live) -> None:
    @places.page(PATH, needs=Permission.SEE)
    async def one_object(request: Request, client: Client, kind: str, object_id: str) -> Response | None:
        if kind == "user":
            return RedirectResponse(href("user", object_id), 303)
        known = KINDS.get(kind)
        if known is None:
            return RedirectResponse(search_url(object_id), 303)
        page = ObjectPage(
            services, current_actor(), Visit(client), known, object_id, parent=request.query_params.get("parent")
        )
        page.build()
        if await is_looked_at(client):
            await page.load()
        return None


class ObjectPage:
    def __init__(
        self,
        services: Services,
        actor: Actor,
        visit: Visit,
        kind: Kind,
        object_id: str,
        *,
        parent: str | None,
    ) -> None:
        self._services = services
        self._actor = actor
        self._visit = visit
        self._kind = kind
        self._id = object_id
        self._parent = parent
        self._is_shown = False
        self._names: Mapping[str, str] = {}
        # What belongs to it, by the names of the lists.
        self._lists: Mapping[str, ListView] = {}
        # What is found out beside the object, by the group of facts that it belongs to.
        self._more: Mapping[str, Rows] = {}

    def build(self) -> None:
        kind, short = self._kind, self._id[:40]
        with frame(self._services, f"{kind.title} {short}", path=_menu(kind)):
            self._crumbs = show(_crumbs(kind, None, {}))
            self._trouble = Trouble(self._reload)
            self._head = show(head_shape(kind, self._id))
            with ui.element("div").classes("object-body") as self._body:
                self._facts = show(groups_shape())
                self._related = ui.element("div").classes("object-related")
                self._told = Part(
                    self._visit, self._read_notifications, shape=skeleton("70%", "50%"), classes="object-told"
                )
                self._asked_for = Part(self._visit, self._read_operations, shape=None, classes="object-told")
                self._raw = show()
            self._missing = ui.element("div")

    async def load(self) -> None:
        # What is stored here comes at once, whatever Mangopay does.
        await self._visit.load(self._load_object, self._told.load, self._asked_for.load)

    async def _reload(self) -> None:
        await self._visit.load(self._load_object)

    async def _load_object(self) -> None:
        try:
            found = await self._visit.call(
                view(self._actor, self._services.clients, self._kind, self._id, parent=self._parent)
            )
        except NotFound as error:
            await self._miss(error)
            return
        except FAILURES as error:
            self._trouble.tell(error)
            if not self._is_shown:
                put(self._head, bare_head(self._kind, self._id))
                put(self._facts)
            return
        self._trouble.clear()
        self._missing.clear()
        self._is_shown = True
        self._show(found.content)
        related = self._build_related(found.content)
        await self._visit.load(partial(self._load_names, found.content), *related)

    async def _load_names(self, content: Content) -> None:
        """Name the users that the object tells of, as far as they are known; and remember who has looked at it."""
        self._names = await names_of(self._actor, self._services, linked_users(self._kind, content))
        if self._names:
            put(self._crumbs, _crumbs(self._kind, content, self._names))
            self._show_facts(content)
        await remember(self._services, self._actor, self._kind, self._id, _label(self._kind, content))

    def _show(self, content: Content) -> None:
        kind = self._kind
        put(self._crumbs, _crumbs(kind, content, self._names))
        with self._body:
            name_page(" ".join(filter(None, (kind.title, _label(kind, content) or self._id[:40]))), self._actor)
        self._show_head(content)
        self._show_facts(content)
        put(self._raw, raw_json(content))

    def _show_head(self, content: Content, *, can_be_refunded: bool = True) -> None:
        ways = ways_from(self._kind, content) if self._actor.may(Permission.ASK_FOR_MONEY) else ()
        sensible = [way for way in ways if can_be_refunded or way.operation not in REFUNDS]
        head = headline(self._kind, content, ways=ways_on(sensible))
        put(self._head, head, failed_because(self._kind, content))

    def _build_related(self, content: Content) -> list[Load]:
        """Add what belongs to the object; each part of it is got for itself."""
        loads: list[Load] = []
        self._related.clear()
        with self._related:
            if self._kind.name in ("payin", "transfer") and content.get("Status") == "SUCCEEDED":
                loads.append(partial(self._load_remains, content))
            if self._kind.name == "dispute":
                loads.append(partial(self._load_disputed, content))
                offer_evidence(self._services, self._actor, content, reload=self._reload_documents)
            if self._kind.name in OWNED and content.get("Status") == "CREATED":
                loads.append(self._finishing(content))
            if self._kind.name == "wallet":
                chart = BalanceChart(self._visit, self._actor, self._services, self._id, on_wallet=self._show)
                loads.append(chart.load)
            self._lists = {name: self._build_list(LISTINGS[name]) for name in RELATED.get(self._kind.name, ())}
            loads.extend(rows.load for rows in self._lists.values())
        return loads

    def _finishing(self, document: Content) -> Load:
        place = ui.element("div")
        return partial(
            offer_to_finish, self._services, self._actor, self._visit, self._kind, document,
            place=place, reload=self._reload,
        )  # fmt: skip

    async def _reload_documents(self) -> None:
        await self._lists["dispute-documents"].reload()

    def _build_list(self, listing: Listing) -> ListView:
        with ui.element("section").props(f'aria-label="{listing.title}"').classes("related"):
            show(h.h2(".section")[listing.title])
            rows = ListView(
                self._visit,
                listing,
                reader(self._visit, self._actor, self._services, listing, of=self._id),
            )
            rows.build()
        return rows

    async def _load_remains(self, content: Content) -> None:
        """Add to the money what was given back and what remains. Why that fails, the list of refunds says."""
        try:
            remains = await self._visit.call(what_remains(self._actor, self._services.clients, self._kind, content))
        except FAILURES:
            rows: list[tuple[str, h.Node]] = [("Given back", h.span(".muted")["Mangopay does not tell just now"])]
        else:
            if remains is None:
                return
            rows = _remains(remains)
            self._show_head(content, can_be_refunded=remains.is_possible)
        self._more = {"Money": rows}
        self._show_facts(content)

    async def _load_disputed(self, content: Content) -> None:
        """Say whose payment is disputed, which the dispute does not tell; why that fails, the payment's page says."""
        payin_id = text_at(content, "InitialTransactionId")
        if payin_id is None:
            return
        try:
            payin = (
                await self._visit.call(view(self._actor, self._services.clients, KINDS["payin"], payin_id))
            ).content
        except FAILURES:
            return
        payer, tag = owner_of(payin), text_at(payin, "Tag")
        paid = money_of(payin.get("DebitedFunds"), payin)
        names = await names_of(self._actor, self._services, [payer] if payer else [])
        name = names.get(payer or "")
        rows: list[tuple[str, h.Node]] = []
        if payer:
            rows.append(("Payer", object_link(KINDS["user"], payer, text=foreign(name) if name else None)))
        rows += [("Paid", money(paid))] if paid else []
        rows += [("Tag of the payment", foreign(tag))] if tag else []
        self._more = {"About": rows}
        self._show_facts(content)

    def _show_facts(self, content: Content) -> None:
        put(self._facts, fact_groups(self._kind, content, names=self._names, more=self._more))

    async def _read_notifications(self) -> h.Node:
        page = await read_page(
            self._actor, self._services.database, NotificationFilter(resource_id=self._id), limit=NOTIFICATIONS
        )
        return notified(page.notifications, resource_id=self._id, has_more=page.older is not None)

    async def _read_operations(self) -> h.Node:
        return asked_for(await operations_on(self._actor, self._services.teller, self._id))

    async def _miss(self, error: NotFound) -> None:
        self._trouble.clear()
        self._related.clear()
        put(self._raw)
        put(self._facts)
        put(self._head, bare_head(self._kind, self._id))
        self._missing.clear()
        with self._missing:
            await show_miss(self._services, self._actor, self._visit, self._kind, self._id, error)


def _crumbs(kind: Kind, content: Content | None, names: Mapping[str, str]) -> h.Node:
    """Return the way back: the menu, then the user that the object belongs to or else the list that it is in."""
    owner = owner_of(content) if content else None
    ways: list[h.Node] = [h.a(href=_menu(kind))["Notifications" if kind is HOOK else "Users"]]
    if owner:
        ways.append(h.a(href=href("user", owner))[foreign(names.get(owner) or middle_cut(owner))])
    elif kind.name in LISTED_AT:
        ways.append(h.a(href=LISTED_AT[kind.name])[kind.plural])
    return crumbs(*ways, kind.title)


def _menu(kind: Kind) -> str:
    """Return the menu that objects of a kind are under."""
    return "/notifications" if kind is HOOK else "/users"


def _remains(remains: Refundable) -> list[tuple[str, h.Node]]:
    still = "Nothing, while it is disputed" if remains.is_disputed else money(remains.remains)
    return [("Given back so far", money(remains.given_back)), ("Still refundable", still)]


def _label(kind: Kind, content: Content) -> str:
    """Return what tells this object from others of its kind, in a list of those looked at lately."""
    figure = SHEETS[kind.name].figure if kind.name in SHEETS else None
    return plain_value(figure, content) if figure else ""
