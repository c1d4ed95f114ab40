"""Lists as CSV, streamed as they are read. What cannot be finished is broken off: no half file is to look whole."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial

from sqlalchemy.exc import OperationalError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Send

from models.csv_text import csv_text
from models.known import KnownUser
from models.objects.fields import Content, text_at
from models.objects.listing import Column, Listing
from models.objects.listings import LISTINGS
from models.objects.plain import money_of, plain_value
from models.permissions import Permission
from services.access.actors import Actor, Denied
from services.bootstrap import Services
from services.clock import now
from services.mangopay.errors import MangopayError
from services.objects.exports import ListChanged, Progress, begin_export, export_rows
from services.search.index import iter_users, known_users
from ui.components.export import Exports
from ui.components.forms import sentence_of
from ui.components.list_state import ListState
from ui.door.desk import actor_of
from ui.pages.users_index import content_of, filter_of, named, searches_index
from ui.places import Places

Rows = AsyncIterator[Sequence[Content]]
CHOSEN = frozenset(
    known.name
    for listing in LISTINGS.values()
    for known in listing.filters
    if known.options or known.name == "EventType"
)
FAILURES = (MangopayError, Denied, ListChanged, OperationalError)


def register(places: Places, services: Services, exports: Exports) -> None:
    async def export(request: Request) -> Response:
        listing = LISTINGS.get(request.path_params["listing"])
        if listing is None:
            return PlainTextResponse("There is no such list.", 404)
        actor, query = actor_of(request), request.query_params
        state, of = ListState.parse(query, listing), query.get("of", "")
        progress = exports.take(query.get("ticket", ""), actor)
        await begin_export(actor, services.database, listing, about=_about(state, of), now=now())
        rows = _rows(services, actor, listing, state, of=of, progress=progress)
        try:
            # What fails at once is told by a page, not by an empty file.
            first = await anext(rows, None) or ()
        except FAILURES as error:
            progress.error, progress.has_ended = _sentence(error), True
            return PlainTextResponse(_sentence(error), 502)
        name = f"{listing.name}-{actor.environment}-{now():%Y-%m-%d}.csv"
        return Download(partial(_csv, listing, first, rows), progress, name=name)

    places.endpoint("/exports/{listing}.csv", {"GET": export}, needs=Permission.EXPORT)


class Download(StreamingResponse):
    """A stream that ends without its last chunk when it failed: the browser then says that the file is not whole."""

    def __init__(self, lines: Callable[[], AsyncIterator[bytes]], progress: Progress, *, name: str) -> None:
        super().__init__(
            lines(),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
        self._progress = progress

    async def stream_response(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        # Unless it is known better: whoever fetched it has gone.
        reason = "The download was broken off."
        try:
            async for chunk in self.body_iterator:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            reason = ""
        except FAILURES as error:
            reason = _sentence(error)
            return
        finally:
            self._progress.error, self._progress.has_ended = reason, True
        if not self._progress.is_given_up:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def _rows(services: Services, actor: Actor, listing: Listing, state: ListState, *, of: str, progress: Progress) -> Rows:
    if listing.name != "users":
        return export_rows(actor, services.clients, listing, of=of, wanted=state.wanted, progress=progress)
    if searches_index(state):
        return _indexed(services, actor, state, progress)
    return _users(services, actor, state, progress)


async def _users(services: Services, actor: Actor, state: ListState, progress: Progress) -> Rows:
    """Yield Mangopay's list with the names and countries that are known here; a call for each would take days."""
    rows = export_rows(actor, services.clients, LISTINGS["users"], of="", wanted=state.wanted, progress=progress)
    async for page in rows:
        ids = [id_ for row in page if (id_ := text_at(row, "Id"))]
        # Whoever breaks the download off cancels this; a query is not to be cut in its midst.
        known = await asyncio.shield(known_users(actor, services.database, ids))
        yield [named(row, known) for row in page]


async def _indexed(services: Services, actor: Actor, state: ListState, progress: Progress) -> Rows:
    chunks = iter_users(actor, services.database, filter_of(state))
    while users := await asyncio.shield(_next(chunks)):
        yield [content_of(user) for user in users]
        progress.done += len(users)
        if progress.is_given_up:
            return


async def _next(chunks: AsyncIterator[Sequence[KnownUser]]) -> Sequence[KnownUser]:
    # Python 3.11 fails when the default is a tuple.
    return await anext(chunks, None) or ()


async def _csv(listing: Listing, first: Sequence[Content], rows: Rows) -> AsyncIterator[bytes]:
    columns = listing.columns
    labels = [label for column in columns for label in _labels_of(column)]
    yield csv_text([labels, *_cells(columns, first)]).encode()
    async for page in rows:
        yield csv_text(_cells(columns, page)).encode()


def _cells(columns: Sequence[Column], rows: Sequence[Content]) -> list[list[str]]:
    """Return rows as text: times in ISO 8601 and UTC, amounts in major units, and their currencies beside them."""
    return [[cell for column in columns for cell in _cells_of(column, row)] for row in rows]


def _labels_of(column: Column) -> tuple[str, ...]:
    label = column.fact.label
    return (label, f"{label} currency") if column.is_right else (label,)


def _cells_of(column: Column, row: Content) -> tuple[str, ...]:
    text = plain_value(column.fact, row)
    if not column.is_right:
        return (text,)
    amount = money_of(column.fact.value(row), row)
    return (amount.decimal_text(), amount.currency) if amount else (text, "")


def _sentence(error: Exception) -> str:
    return f"{error.sentence} {error.next_step}" if isinstance(error, MangopayError) else sentence_of(error)


def _about(state: ListState, of: str) -> str:
    """Say what was exported. What was typed is not repeated: it may be somebody's name, and the log is for good."""
    chosen = (f"{name}={value if name in CHOSEN else '…'}" for name, value in state.filters.items())
    dates = (f"{name} {at:%Y-%m-%d}" for name, at in (("since", state.since), ("until", state.until)) if at)
    return ", ".join(filter(None, [of, *chosen, *dates]))
