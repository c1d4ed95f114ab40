"""Many operations from a file: the batches there are, the way to a new one, and what can be downloaded of them."""

from collections.abc import AsyncIterator, Sequence

import htpy as h
from nicegui import Client, ui
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from models.operations.batch_files import template
from models.operations.kinds import BATCHED
from models.permissions import Permission
from services.access.actors import Actor
from services.bootstrap import Services
from services.objects.exports import Progress
from services.operations.batch_journal import (
    PAGE_SIZE,
    BatchView,
    batch_results,
    begin_results,
    list_batches,
)
from services.operations.errors import NoSuchBatch
from ui.components.batch_parts import BATCHES, batch_row, no_batches
from ui.components.forms import BUSY
from ui.components.html import put, show
from ui.components.operation_parts import PATH
from ui.components.parts import crumbs, icon, message, skeleton
from ui.door.desk import actor_of
from ui.frame import current_actor, frame, is_looked_at, page_head
from ui.live import Live
from ui.pages import batch
from ui.pages.batch_upload import NewBatch
from ui.pages.exports import Download
from ui.places import Places
from ui.theme import Tone

COLUMNS = ("What", "State", "How far", "Asked by", "When", "")


def register(places: Places, services: Services, live: Live) -> None:
    @places.page(BATCHES, needs=Permission.SEE)
    async def batches(request: Request, client: Client) -> None:
        page = BatchesPage(services, current_actor(), request.query_params.get("before", ""))
        page.build()
        if await is_looked_at(client):
            await page.load()

    async def results(request: Request) -> Response:
        actor, batch_id = actor_of(request), request.path_params["batch_id"]
        try:
            await begin_results(actor, services.teller, batch_id)
        except NoSuchBatch as error:
            return PlainTextResponse(str(error), 404)
        texts = batch_results(actor, services.teller, batch_id)
        return Download(lambda: _encoded(texts), Progress(), name=f"{batch_id}.csv")

    async def empty_file(request: Request) -> Response:
        kind = next((kind for kind in BATCHED if kind.name == request.path_params["kind"]), None)
        if kind is None:
            return PlainTextResponse("There are no files of such operations.", 404)
        return PlainTextResponse(template(kind), media_type="text/csv")

    places.endpoint(f"{BATCHES}/template/{{kind}}.csv", {"GET": empty_file}, needs=Permission.ASK_FOR_MONEY)
    places.endpoint(f"{BATCHES}/{{batch_id}}/results.csv", {"GET": results}, needs=Permission.EXPORT)
    batch.register(places, services, live)


class BatchesPage:
    def __init__(self, services: Services, actor: Actor, before: str) -> None:
        self._services = services
        self._actor = actor
        self._before_id = int(before) if before.isascii() and before.isdecimal() and len(before) < 16 else None

    def build(self) -> None:
        with frame(self._services, "Batches", path=PATH):
            show(crumbs(h.a(href=PATH)["Operations"], "Batches"))
            page_head("Batches")
            if self._actor.may(Permission.ASK_FOR_MONEY):
                NewBatch(self._services, self._actor)
            else:
                sentence = f"The role {self._actor.role} looks at batches, and uploads none."
                show(message(Tone.NOTICE, sentence, "Operators, approvers and admins can."))
            with ui.element("div").classes("list batches").props('role=table aria-label="Batches"'):
                show(h.fragment[[h.span(role="columnheader")[label] for label in COLUMNS]], classes="list-head").props(
                    "role=row"
                )
                self._rows = show(h.div(".panel-body")[skeleton("92%", "78%", "85%")]).props("role=rowgroup")
            self._pager = show(classes="pager")

    async def load(self) -> None:
        try:
            views = await list_batches(
                self._actor, self._services.teller, before_id=self._before_id, limit=PAGE_SIZE + 1
            )
        except SQLAlchemyError:
            put(self._rows, h.div(".panel-body")[message(Tone.NEGATIVE, BUSY, "Reload the page in a moment.")])
            return
        put(self._rows, [batch_row(view) for view in views[:PAGE_SIZE]] or no_batches())
        put(self._pager, self._ways(views))

    def _ways(self, views: Sequence[BatchView]) -> h.Node:
        older = None
        if len(views) > PAGE_SIZE:
            last = views[PAGE_SIZE - 1].batch.id
            older = h.a(".button", href=f"{BATCHES}?before={last}")["Older", icon("chevron_right")]
        newest = h.a(".button", href=BATCHES)[icon("first_page"), "Newest"] if self._before_id is not None else None
        return h.fragment[newest, older]


async def _encoded(texts: AsyncIterator[str]) -> AsyncIterator[bytes]:
    async for text in texts:
        yield text.encode()
