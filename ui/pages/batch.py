"""One batch: what it would do, the decision on it, how far it has come, and its lines with what became of each."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlencode

import htpy as h
from nicegui import Client, ui
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request

from models.journal import BatchState, OperationBatch, State
from models.permissions import Permission
from services.access.actors import Actor, Denied
from services.bootstrap import Services
from services.operations.approving import may_decide
from services.operations.batch_journal import BatchLines, BatchView, batch_lines, read_batch
from services.operations.batches import cancel_rest, pause, resume
from services.operations.errors import BatchMovedOn, Moved, NoSuchBatch, OperationError, Unfit
from ui.components.batch_parts import BATCHES, batch_href, how_far, line_row, totals_view
from ui.components.forms import BUSY, ask, tell
from ui.components.html import button, put, show
from ui.components.operation_parts import PATH, state_chip
from ui.components.parts import crumbs, empty, facts, icon, message, when
from ui.components.values import foreign
from ui.frame import current_actor, frame, is_looked_at, page_head
from ui.live import Live
from ui.pages.batch_decision import BatchApproval, BatchConfirmation
from ui.places import Places
from ui.theme import Tone

EVERY_S = 1.0
COLUMNS = ("Line", "What", "State", "Amount", "Note")
OVER = (BatchState.FINISHED, BatchState.CANCELLED, BatchState.REFUSED, BatchState.EXPIRED)
OPEN_LINES = (State.PREPARED, State.SENT, State.UNKNOWN, State.ACCEPTED)


@dataclass(frozen=True, slots=True)
class LinesView:
    """Which lines are shown, as the address says it."""

    state: State | None = None
    page: int = 1

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> "LinesView":
        """Read an address; what makes no sense in it is left out."""
        page = query.get("page", "")
        number = int(page) if page.isascii() and page.isdecimal() and len(page) < 5 else 1
        return cls(next((state for state in State if state == query.get("state")), None), max(number, 1))

    def url(self, batch: OperationBatch) -> str:
        query = {"state": self.state or "", "page": str(self.page) if self.page > 1 else ""}
        given = urlencode({name: value for name, value in query.items() if value})
        return f"{batch_href(batch)}?{given}" if given else batch_href(batch)


def register(places: Places, services: Services, _live: Live) -> None:
    @places.page(f"{BATCHES}/{{batch_id}}", needs=Permission.SEE)
    async def batch(batch_id: str, request: Request, client: Client) -> None:
        actor = current_actor()
        try:
            found = await read_batch(actor, services.teller, batch_id)
        except NoSuchBatch as error:
            with frame(services, "Batch", path=PATH):
                page_head("Batch")
                show(empty("search_off", str(error), h.a(href=BATCHES)["All batches"]), classes="panel")
            return
        page = BatchPage(services, actor, found, LinesView.parse(request.query_params))
        page.build()
        if await is_looked_at(client):
            await page.load()


class BatchPage:
    def __init__(self, services: Services, actor: Actor, view: BatchView, lines: LinesView) -> None:
        self._services = services
        self._actor = actor
        self._view = view
        self._lines = lines

    @property
    def _batch(self) -> OperationBatch:
        return self._view.batch

    def build(self) -> None:
        with frame(self._services, self._view.act, path=PATH):
            show(crumbs(h.a(href=PATH)["Operations"], h.a(href=BATCHES)["Batches"], foreign(self._batch.file_name)))
            with page_head(self._view.act):
                self._chip = show()
            with ui.element("div").classes("batch-progress") as self._progress:
                self._bar = ui.element("progress").props(f'max={self._batch.lines} aria-label="Lines that are done"')
                self._far = show().props("role=status")
            self._ways = ui.element("div").classes("ways batch-ways")
            self._notes = show(classes="batch-notes")
            self._decision = ui.element("div")
            self._facts = show(classes="panel")
            self._views = show()
            with ui.element("div").classes("list batch-lines").props('role=table aria-label="Lines"'):
                is_right = {"Amount": "amount"}
                heads = [h.span(class_=is_right.get(label), role="columnheader")[label] for label in COLUMNS]
                show(h.fragment[heads], classes="list-head").props("role=row")
                self._rows = show().props("role=rowgroup")
            self._pager = show(classes="pager")
            self._timer = ui.timer(EVERY_S, self._follow, active=False)
        self._draw()

    async def load(self) -> None:
        await self._load_lines()
        self._timer.active = not self._is_over()

    def _is_over(self) -> bool:
        # A line that comes back to a batch which was stopped is ended a moment later.
        return self._batch.state in OVER and not self._view.count(State.QUEUED, *OPEN_LINES)

    async def _follow(self) -> None:
        """See how far it has come; only what has changed is drawn anew."""
        shown = self._view
        try:
            found = await read_batch(self._actor, self._services.teller, self._batch.batch_id)
        except (OperationError, SQLAlchemyError, Denied):
            return
        if self._view is not shown:
            # Something newer was shown meanwhile.
            return
        was, self._view = shown, found
        if found.batch.state is not was.batch.state:
            self._draw()
        elif (found.counts, found.batch.waits_for) != (was.counts, was.batch.waits_for):
            self._draw_progress()
        if _marks(found) != _marks(was):
            put(self._notes, _notes(found))
        if found.counts != was.counts:
            await self._load_lines()
        self._timer.active = not self._is_over()

    def _draw(self) -> None:
        put(self._chip, state_chip(self._batch.state))
        put(self._notes, _notes(self._view))
        put(self._facts, h.div(".panel-body")[facts(_facts(self._batch))])
        self._draw_progress()
        self._draw_ways()
        self._draw_decision()

    def _draw_progress(self) -> None:
        view = self._view
        self._progress.set_visibility(view.batch.started_at is not None)
        ended = view.batch.lines - view.count(State.QUEUED, State.PREPARED, State.SENT, State.UNKNOWN)
        self._bar.props(f"value={ended}")
        put(self._far, h.p[how_far(view)], view.batch.waits_for and h.p(".caption")[view.batch.waits_for])
        put(self._views, _views(view, self._lines))

    def _draw_ways(self) -> None:
        state, may_ask = self._batch.state, self._actor.may(Permission.ASK_FOR_MONEY)
        self._ways.clear()
        with self._ways:
            if may_ask and state is BatchState.RUNNING:
                button("Pause", partial(self._act, pause), icon_name="pause")
            if may_ask and state is BatchState.PAUSED:
                button("Resume", partial(self._act, resume), icon_name="play_arrow", classes="primary money-button")
            if may_ask and (label := self._stop_label()):
                button(label, self._cancel, classes="danger")
            if state is not BatchState.CHECKED and self._actor.may(Permission.EXPORT):
                target = f"{batch_href(self._batch)}/results.csv"
                show(h.a(".button", href=target, download="")[icon("download"), "Results as CSV"])

    def _stop_label(self) -> str:
        """Return what the button says that stops the batch, "" where nobody, or somebody else, can."""
        match self._batch.state:
            case BatchState.CHECKED:
                return "Discard"
            case BatchState.AWAITING_APPROVAL if self._batch.asked_by.casefold() == self._actor.email.casefold():
                return "Take back"
            case BatchState.RUNNING | BatchState.PAUSED:
                return "Cancel the rest"
        return ""

    async def _cancel(self) -> None:
        label = self._stop_label()
        left = self._view.count(State.QUEUED)
        sentence = f"{left:,} {'line' if left == 1 else 'lines'} will not be done. What was done stays done."
        if label and await ask(f"{label}?", h.p[sentence], act=label, is_dangerous=True):
            await self._act(cancel_rest)

    async def _act(self, act: Callable[..., Awaitable[OperationBatch]], **given: object) -> Exception | None:
        """Have something done with the batch, and show it as it is then; returns what kept it from being done."""
        try:
            await act(self._actor, self._services.teller, self._batch.batch_id, **given)
        except Unfit as error:
            return error
        except (OperationError, Denied, SQLAlchemyError) as error:
            tell(BUSY if isinstance(error, SQLAlchemyError) else str(error), is_error=True)
            if isinstance(error, Moved):
                # What was typed stays, and what it says is told above.
                await self._follow()
            if not isinstance(error, BatchMovedOn):
                return error
        await self._show_anew()
        return None

    async def _show_anew(self) -> None:
        try:
            self._view = await read_batch(self._actor, self._services.teller, self._batch.batch_id)
            self._draw()
            await self._load_lines()
        except (OperationError, Denied, SQLAlchemyError):
            # The page looks again in a second.
            return

    def _draw_decision(self) -> None:
        self._decision.clear()
        with self._decision:
            if self._batch.state is BatchState.CHECKED and self._actor.may(Permission.ASK_FOR_MONEY):
                BatchConfirmation(lambda: self._view, self._act)
            elif self._batch.state is BatchState.AWAITING_APPROVAL and may_decide(self._actor, self._batch):
                BatchApproval(lambda: self._view, self._act)

    async def _load_lines(self) -> None:
        states = (self._lines.state,) if self._lines.state else ()
        try:
            found = await batch_lines(
                self._actor, self._services.teller, self._batch.batch_id, states=states, page=self._lines.page
            )
        except (OperationError, Denied, SQLAlchemyError):
            put(self._rows, h.div(".panel-body")[message(Tone.NEGATIVE, BUSY, "Reload the page in a moment.")])
            return
        nothing = empty("filter_alt_off", "No such lines", h.a(href=batch_href(self._batch))["All lines"])
        put(self._rows, [line_row(row) for row in found.rows] or nothing)
        put(self._pager, _pager(self._batch, self._lines, found))


def _notes(view: BatchView) -> h.Node:
    """Return what is to be known before a decision, and what came of it."""
    batch, notes = view.batch, []
    if batch.state is BatchState.AWAITING_APPROVAL and batch.expires_at is not None:
        until = h.fragment["Unless somebody decides, it expires ", when(batch.expires_at, show="exact"), "."]
        notes.append(message(Tone.WAITING, "It is above the limit, and waits for another person.", until))
    if batch.state is BatchState.REFUSED:
        notes.append(message(Tone.NEGATIVE, f"{batch.decided_by} refused it: {batch.decision_reason}"))
    if batch.state is BatchState.EXPIRED:
        notes.append(message(Tone.NEGATIVE, "Nobody decided on it in time. Nothing has moved."))
    is_undecided = batch.state in (BatchState.CHECKED, BatchState.AWAITING_APPROVAL)
    if batch.state is BatchState.CHECKED and batch.expires_at is not None:
        until = h.fragment["Unless somebody confirms it, it expires ", when(batch.expires_at, show="exact"), "."]
        notes.append(message(Tone.NOTICE, "Nothing has moved yet.", until))
    if is_undecided and view.same:
        newest, *others = view.same
        sentence = f"A batch with exactly these lines is {newest.state.label} already, asked for by {newest.asked_by}."
        more = others and f" There {'is 1 more' if len(others) == 1 else f'are {len(others):,} more'} of them."
        notes.append(message(Tone.WAITING, sentence, h.fragment[h.a(href=batch_href(newest))["Look at it"], more]))
    if is_undecided and batch.notices:
        count = f"{batch.notices:,} {'line has' if batch.notices == 1 else 'lines have'}"
        notes.append(message(Tone.WAITING, f"{count} something to look at.", "It stands beside the line, below."))
    return notes


def _marks(view: BatchView) -> Sequence[tuple[str, BatchState]]:
    """Return what of the batches with the same lines is told in the notes."""
    return [(same.batch_id, same.state) for same in view.same]


def _facts(batch: OperationBatch) -> list[tuple[str, h.Node]]:
    return [
        ("Total", totals_view(batch)),
        ("Lines", f"{batch.lines:,}"),
        ("File", foreign(batch.file_name)),
        ("Asked for by", batch.asked_by),
        ("Reason", foreign(batch.reason) if batch.reason else None),
        ("Decided by", batch.decided_by),
        ("Uploaded", when(batch.created_at)),
        ("Begun", when(batch.started_at) if batch.started_at else None),
        ("Ended", when(batch.ended_at) if batch.ended_at else None),
    ]


def _views(view: BatchView, lines: LinesView) -> h.Node:
    """Return the ways to the lines of one state, with how many those are."""
    entries = [(None, "All", view.batch.lines)]
    entries += [(state, state.label.capitalize(), count) for state in State if (count := view.count(state))]  # type: ignore[misc]
    return h.nav(".ways.views", aria_label="Views")[
        [
            h.a(href=LinesView(state).url(view.batch), aria_current="page" if state is lines.state else None)[
                f"{label} {count:,}"
            ]
            for state, label, count in entries
        ]
    ]


def _pager(batch: OperationBatch, lines: LinesView, found: BatchLines) -> h.Node:
    if found.pages == 1:
        return None
    before, after = replace(lines, page=lines.page - 1), replace(lines, page=lines.page + 1)
    return h.fragment[
        h.a(".button", href=before.url(batch))[icon("chevron_left"), "Before"] if lines.page > 1 else None,
        h.a(".button", href=after.url(batch))["After", icon("chevron_right")] if lines.page < found.pages else None,
        h.span(".caption")[f"Page {lines.page:,} of {found.pages:,}"],
    ]
