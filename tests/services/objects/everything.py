"""Every object that a seeded marketplace has, read as pages read them: by lists, and by the links among the facts."""

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import unquote

import htpy as h
import httpx

from models.environment import Environment
from models.event_types import describe
from models.objects.fields import Content, Form, text_at, value_at
from models.objects.kinds import KINDS, Kind, kind_of_id, kind_of_resource
from models.objects.listing import Filter, Listing
from models.objects.listings import LISTINGS, OF_USERS, RELATED
from models.objects.sheets import SHEETS
from services.emulator import Emulator, EmulatorConfig
from services.mangopay.client import MangopayClient
from services.mangopay.errors import NotFound, ScaRequired
from services.mangopay.paging import PER_PAGE, Page, pages
from services.objects.lists import Wanted, read_page
from services.objects.view import read_first
from tests.services.emulator.conftest import open_market
from tests.services.emulator.marketplace import BASE_URL, Marketplace
from tests.services.objects.beyond_the_story import go_on
from ui.components.values import value_view

# The lists of so many objects of a kind are read; those of users all.
WITH_LISTS = 3
_HREF = re.compile(r'href="/(?:users|objects/([a-z-]+))/([^"?]+)(?:\?parent=([^"]+))?"')
Rows = Sequence[Content]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object is read; `parent` as `Kind.api_paths` wants it."""

    kind: Kind
    object_id: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Everything:
    """What was read: objects by kind and place, the rows of each list by the object it belongs to."""

    objects: dict[str, dict[str, Content]] = field(default_factory=dict)
    rows: dict[str, dict[str, Rows]] = field(default_factory=dict)
    # By list and by what was asked: what was given, of those rows that the list has without asking.
    narrowed: dict[str, list[tuple[Mapping[str, str], Rows, Rows]]] = field(default_factory=dict)
    # Where links among facts lead, and nothing is.
    dead_links: list[Place] = field(default_factory=list)


async def read_everything() -> Everything:
    async with _open_emulator() as emulator, open_market(emulator) as market:
        client = MangopayClient(
            Environment.LOCAL,
            base_url="http://emulator",
            client_id="local",
            api_key="local-api-key",
            transport=httpx.ASGITransport(emulator),
        )
        found = await read_all(market, client)
        await client.aclose()
        return found


async def read_all(market: Marketplace, client: MangopayClient, *, narrows: bool = True) -> Everything:
    """Read everything of a marketplace that has been seeded, by a client of it, and some lists narrowed."""
    walk = _Walk(client)
    await walk.all_from([Place(*told) async for told in go_on(market)])
    if narrows:
        await walk.narrow_all()
    return walk.found


@asynccontextmanager
async def _open_emulator() -> AsyncIterator[Emulator]:
    emulator = Emulator(EmulatorConfig(BASE_URL, rate_limits=None))
    await emulator.start()
    await emulator.seed(hook_url=None)
    yield emulator
    await emulator.stop()


class _Walk:
    def __init__(self, client: MangopayClient) -> None:
        self._client = client
        self._seen: set[Place] = set()
        self._waiting: list[Place] = []
        self.found = Everything()

    async def all_from(self, places: Sequence[Place]) -> None:
        self._expect(places)
        for listing in LISTINGS.values():
            if "{" not in listing.path:
                await self._list(listing, of="")
        while self._waiting:
            await self._read(self._waiting.pop())
        await self._list_what_was_taken_back()

    async def narrow_all(self) -> None:
        for listing in LISTINGS.values():
            await self._narrow(listing)

    def _expect(self, places: Iterable[Place]) -> None:
        for place in places:
            if place not in self._seen:
                self._seen.add(place)
                self._waiting.append(place)

    async def _read(self, place: Place) -> None:
        paths = place.kind.api_paths(place.object_id, client_id="local", parent=place.parent)
        known = self.found.objects.setdefault(place.kind.name, {})
        try:
            content = (await read_first(self._client, paths)).content
        except ScaRequired:
            return
        except NotFound:
            self.found.dead_links.append(place)
            return
        known[f"{place.object_id} {place.parent or ''}"] = content
        self._expect(_linked(place.kind, content))
        is_user = place.kind.name == "user"
        if is_user or len(known) <= WITH_LISTS:
            names = [name for tab in OF_USERS.values() for name in tab] if is_user else RELATED.get(place.kind.name, ())
            for name in names:
                await self._list(LISTINGS[name], of=place.object_id)

    async def _list(self, listing: Listing, *, of: str) -> None:
        async def fetch(*, page: int, per_page: int) -> Page[Content]:
            return await read_page(self._client, listing, of=of, wanted=Wanted(page=page, per_page=per_page))

        try:
            rows = [row async for found in pages(fetch) for row in found.items]
        except ScaRequired:
            return
        self.found.rows.setdefault(listing.name, {})[of] = rows
        self._expect(place for row in rows if (place := _place_of(listing, row, of)))

    async def _list_what_was_taken_back(self) -> None:
        """Read the lists of those payments that have something in them, which of most are empty."""
        refunds, disputes = (self.found.objects[kind].values() for kind in ("refund", "dispute"))
        for initial in {text_at(content, "InitialTransactionId") or "" for content in (*refunds, *disputes)}:
            kind = kind_of_id(initial)
            for name in RELATED[kind.name] if kind else ():
                await self._list(LISTINGS[name], of=initial)

    async def _narrow(self, listing: Listing) -> None:
        """Ask for a part of the longest of these lists, by each filter and each of its options."""
        of, rows = max(self.found.rows[listing.name].items(), key=lambda entry: len(entry[1]))
        asked = [
            Wanted(per_page=PER_PAGE, filters={known.name: option})
            for known in listing.filters
            # The users' filters are those of the local index.
            for option in (_options(known, rows) if listing.name != "users" else ())
        ]
        if listing.has_dates and rows:
            middle = datetime.fromtimestamp(_date(listing, rows[len(rows) // 2]), UTC)
            asked += [Wanted(per_page=PER_PAGE, since=middle), Wanted(per_page=PER_PAGE, until=middle)]
        for wanted in asked:
            page = await read_page(self._client, listing, of=of, wanted=wanted)
            self.found.narrowed.setdefault(listing.name, []).append((wanted.query(listing), page.items, rows))


def _options(known: Filter, rows: Rows) -> Sequence[str]:
    return known.options or [str(value) for row in rows[:1] if (value := value_at(row, known.name)) is not None]


def _date(listing: Listing, row: Content) -> int:
    date = row[listing.sort]
    assert isinstance(date, int)
    return date


def _place_of(listing: Listing, row: Content, of: str) -> Place | None:
    """Return the object of a row; None where a page has no link, or one that needs a parent nobody told."""
    object_id, kind = text_at(row, "Id"), listing.row_kind(row)
    if listing.name == "events":
        object_id = text_at(row, "ResourceId")
        told = describe(text_at(row, "EventType") or "").resource_kind
        kind = kind_of_id(object_id or "") or kind_of_resource(told)
    if kind is None or object_id is None or (listing.name == "events" and "{parent}" in kind.paths[0]):
        return None
    return Place(kind, object_id, of if kind.name == "bank-account" else None)


def _linked(kind: Kind, content: Content) -> Iterator[Place]:
    facts = (fact for group in SHEETS[kind.name].groups_of(content) for fact in group.facts if fact.form is Form.LINK)
    shown = str(h.fragment[[value_view(fact, content) for fact in facts]])
    for name, object_id, parent in _HREF.findall(shown):
        yield Place(KINDS[name or "user"], unquote(object_id), unquote(parent) or None)
