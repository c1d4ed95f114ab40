"""One operation: its form while it is a draft, and afterwards what has become of it. Both have the same address, so
that a reload, a second tab or Back meet the same operation, and never a second one.
"""

from contextlib import suppress

import htpy as h
from nicegui import Client, ui
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.journal import FINAL, Operation, OperationBatch, State
from models.operations.kinds import OPERATIONS, OperationKind
from models.operations.requests import typed_from_link
from models.permissions import Permission
from services.access.actors import Actor, Denied
from services.bootstrap import Services
from services.operations.batch_journal import batch_of
from services.operations.errors import NotThere, OperationError
from services.operations.journal import open_draft, read_operation
from ui.components.forms import BUSY
from ui.components.html import show
from ui.components.operation_parts import PATH, operation_href
from ui.components.parts import crumbs, empty, message, skeleton
from ui.frame import current_actor, frame, is_looked_at, page_head
from ui.live import Live
from ui.pages.operation_form import OperationForm
from ui.pages.operation_sheet import OperationSheet
from ui.places import Places
from ui.theme import Tone
from ui.visit import Visit

# A link that asks for the same once more, from what was filled in there.
REPEAT = "repeat"
EVERY_S = 1.0


def register(places: Places, services: Services, _live: Live) -> None:
    @places.page(f"{PATH}/{{operation}}", needs=Permission.ASK_FOR_MONEY)
    async def begin(request: Request, operation: str) -> Response | None:
        kind = OPERATIONS.get(operation)
        if kind is None:
            _no_such(services, "There is no such operation")
            return None
        actor = current_actor()
        try:
            values = await _given(actor, services, kind, request)
            draft = await open_draft(actor, services.teller, kind, values)
        except SQLAlchemyError:
            with frame(services, kind.title, path=PATH):
                page_head(kind.title)
                show(message(Tone.NEGATIVE, BUSY, "Nothing was begun. Reload the page in a moment."))
            return None
        return RedirectResponse(operation_href(draft), status_code=303)

    @places.page(f"{PATH}/{{operation}}/{{operation_id}}", needs=Permission.SEE)
    async def operation_page(operation: str, operation_id: str, client: Client) -> Response | None:
        actor = current_actor()
        try:
            found = await read_operation(actor, services.teller, operation_id)
        except NotThere:
            _no_such(services, "There is no such operation in this environment")
            return None
        if found.kind != operation:
            return RedirectResponse(operation_href(found), status_code=303)
        page = OperationPage(services, actor, found, client)
        page.build()
        if await is_looked_at(client):
            await page.load()
        return None


class OperationPage:
    """Shows the form or the sheet, follows the operation, and goes from one to the other when it does."""

    def __init__(self, services: Services, actor: Actor, operation: Operation, client: Client) -> None:
        self._services = services
        self._actor = actor
        self._operation = operation
        self._visit = Visit(client)
        self._part: OperationForm | OperationSheet | None = None

    def build(self) -> None:
        title = OPERATIONS[self._operation.kind].title
        with frame(self._services, title, path=PATH):
            show(crumbs(h.a(href=PATH)["Operations"], title))
            page_head(title)
            self._body = ui.element("div").classes("operation-page")
            with self._body:
                show(h.div(".panel.panel-body")[skeleton("40%", "100%", "40%", "100%")])
            # Beside what it changes: a timer that is taken off the page is cut short in what it is doing.
            self._timer = ui.timer(EVERY_S, self._follow, active=False)

    async def load(self) -> None:
        batch = None
        with suppress(SQLAlchemyError, Denied):
            batch = await batch_of(self._actor, self._services.teller, self._operation)
        # From now on, for the first look at Mangopay may take its time.
        self._timer.active = True
        await self._show(self._operation, batch)

    async def _follow(self) -> None:
        """See whether it has gone on; another tab, process or person may have moved it."""
        shown = self._operation
        try:
            found = await read_operation(self._actor, self._services.teller, self._operation.operation_id)
            batch = await batch_of(self._actor, self._services.teller, found)
        except (OperationError, SQLAlchemyError, Denied):
            # Said once something is done here.
            return
        # Something newer was shown meanwhile; and a part that asks for the last word tells by itself what comes of it.
        if self._operation is not shown or (self._part is not None and self._part.is_asking):
            return
        if (found.state is State.DRAFT) != (shown.state is State.DRAFT):
            await self._show(found, batch)
        elif isinstance(self._part, OperationSheet):
            self._operation = found
            await self._part.go_on(found, batch)
        if self._operation.state in FINAL:
            self._timer.cancel()

    async def _show(self, operation: Operation, batch: OperationBatch | None = None) -> None:
        self._operation = operation
        self._part = None
        self._body.clear()
        with self._body:
            if operation.state is not State.DRAFT:
                self._part = OperationSheet(
                    self._services, self._actor, operation, batch, self._visit, on_end=self._follow
                )
                await self._part.load()
            elif not self._actor.may(Permission.ASK_FOR_MONEY):
                show(empty("edit_note", "This is a draft", "It was begun and not asked for. Your role cannot go on."))
            else:
                self._part = OperationForm(self._services, self._actor, operation, self._visit, on_move=self._show)
                self._part.build()
                await self._part.load()


async def _given(actor: Actor, services: Services, kind: OperationKind, request: Request) -> dict[str, str]:
    """Return what the form begins with: what the link says, or what an earlier operation was filled with."""
    values = typed_from_link(kind, request.query_params)
    if earlier_id := request.query_params.get(REPEAT):
        try:
            earlier = await read_operation(actor, services.teller, earlier_id)
        except NotThere:
            return values
        # A quote is used once; the rest may be wanted again as it was.
        values = {name: value for name, value in earlier.values.items() if name != "QuoteId"} | values
    # Of this browser, and not of the one that an earlier operation was asked for from.
    return values | _from_browser(kind, request)


def _from_browser(kind: OperationKind, request: Request) -> dict[str, str]:
    """Return what Mangopay wants to know of the browser that a card is charged from."""
    told = {
        "IpAddress": current_actor().address,
        "BrowserInfo.Language": request.headers.get("accept-language", "en").partition(",")[0].partition(";")[0],
        "BrowserInfo.UserAgent": request.headers.get("user-agent", "")[:255],
    }
    return {name: value for name, value in told.items() if name in kind.by_name}


def _no_such(services: Services, title: str) -> None:
    with frame(services, "Operation", path=PATH):
        page_head("Operation")
        show(empty("search_off", title, h.a(href=PATH)["All operations, and the journal"]), classes="panel")
