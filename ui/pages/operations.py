"""The Operations menu: what can be done, what waits for somebody, and the journal of all that was asked for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import htpy as h
from nicegui import Client, ui
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request

from models.journal import BatchState, Operation, OperationBatch, State
from models.operations.kinds import GROUPS, OPERATIONS, OperationKind
from models.permissions import Permission
from services.access.actors import Actor
from services.bootstrap import Services
from services.operations.approving import may_decide
from services.operations.batch_journal import BatchView, list_batches
from services.operations.journal import PAGE_SIZE, JournalFilter, list_operations
from ui.components.batch_parts import batch_href
from ui.components.forms import BUSY
from ui.components.html import put, show
from ui.components.operation_parts import PATH, amount_of, chip_of, operation_href, state_chip, title_of
from ui.components.parts import empty, icon, message, money, skeleton, when
from ui.frame import current_actor, frame, is_looked_at, page_head
from ui.live import Live
from ui.pages import operation
from ui.places import Places
from ui.theme import Tone

# Whoever narrows the journal, or turns its pages, stays there.
JOURNAL = "#journal"
LISTED = tuple(state for state in State if state is not State.QUEUED)
WAITING = (State.AWAITING_APPROVAL, State.UNKNOWN)
TAKE_IN = ("payin-bankwire", "payin-card", "payin-web", "payin-directdebit")


@dataclass(frozen=True, slots=True)
class JournalView:
    """What the journal shows, as its address says it."""

    state: State | None = None
    kind: str = ""
    is_mine: bool = False
    before_id: int | None = None

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> "JournalView":
        """Read an address; what makes no sense in it is left out."""
        before = query.get("before", "")
        return cls(
            next((state for state in LISTED if state == query.get("state")), None),
            query.get("kind", "") if query.get("kind") in OPERATIONS else "",
            is_mine=query.get("mine") == "yes",
            before_id=int(before) if before.isascii() and before.isdecimal() and len(before) < 16 else None,
        )

    @property
    def is_narrowed(self) -> bool:
        return self.state is not None or bool(self.kind) or self.is_mine

    def url(self) -> str:
        query = {"state": self.state or "", "kind": self.kind, "mine": "yes" if self.is_mine else ""}
        query |= {"before": str(self.before_id or "")}
        given = {name: value for name, value in query.items() if value}
        return f"{PATH}?{urlencode(given)}{JOURNAL}" if given else f"{PATH}{JOURNAL}"


def register(places: Places, services: Services, live: Live) -> None:
    @places.page(PATH, needs=Permission.SEE)
    async def operations(request: Request, client: Client) -> None:
        page = OperationsPage(services, current_actor(), JournalView.parse(request.query_params))
        page.build()
        if await is_looked_at(client):
            await page.load()

    @places.page(f"{PATH}/payin", needs=Permission.ASK_FOR_MONEY)
    def payin(request: Request) -> None:
        with frame(services, "Pay in", path=PATH):
            page_head("Pay in")
            show(h.p[f"How is {'this user' if 'AuthorId' in request.query_params else 'the payer'} to pay?"])
            query = urlencode(dict(request.query_params))
            show(h.div(".kinds")[[_kind_link(OPERATIONS[name], query) for name in TAKE_IN]], classes="panel")

    operation.register(places, services, live)


class OperationsPage:
    def __init__(self, services: Services, actor: Actor, view: JournalView) -> None:
        self._services = services
        self._actor = actor
        self._view = view

    def build(self) -> None:
        with frame(self._services, "Operations", path=PATH):
            page_head("Operations")
            self._waiting = show()
            if self._actor.may(Permission.ASK_FOR_MONEY):
                show(_menu())
            else:
                sentence = f"The role {self._actor.role} looks at operations, and asks for none."
                ways = h.fragment[
                    "Operators, approvers and admins can. ", h.a(href=f"{PATH}/batches")["Look at batches"]
                ]
                show(message(Tone.NOTICE, sentence, ways))
            with ui.element("section").classes("journal-part").props('id=journal aria-label="Journal"'):
                self._journal()

    def _journal(self) -> None:
        show(h.h2(".section")["Journal"])
        self._filters()
        with ui.element("div").classes("list journal").props('role=table aria-label="Journal"'):
            labels = ("What", "State", "Amount", "Asked by", "When", "Open")
            heads = [h.span(class_=[label.lower()], role="columnheader")[label] for label in labels]
            show(h.fragment[heads], classes="list-head").props("role=row")
            self._rows = show(h.div(".panel-body")[skeleton(*["92%", "78%", "85%"] * 3)]).props("role=rowgroup")
        self._pager = show(classes="pager")

    def _filters(self) -> None:
        view = self._view
        with ui.element("div").classes("filters").props('role=search aria-label="Filter the journal"'):
            states = {state.value: state.label.capitalize() for state in LISTED}
            _select("State", states, view.state, lambda value: self._go(state=State(value) if value else None))
            kinds = {kind.name: kind.title for kind in OPERATIONS.values()}
            _select("Operation", kinds, view.kind or None, lambda value: self._go(kind=value or ""))
            whose = {"yes": "Asked for by me"}
            _select("Whose", whose, "yes" if view.is_mine else None, lambda value: self._go(is_mine=bool(value)))
            if view.is_narrowed:
                show(h.a(".button.plain-button", href=JournalView().url())[icon("close"), "Clear"])

    def _go(self, **changes: object) -> None:
        ui.navigate.to(replace(self._view, before_id=None, **changes).url())  # type: ignore[arg-type]

    async def load(self) -> None:
        view = self._view
        wanted = JournalFilter(
            states=(view.state,) if view.state else (),
            kinds=(view.kind,) if view.kind else (),
            asked_by=self._actor.email if view.is_mine else "",
            before_id=view.before_id,
        )
        teller = self._services.teller
        try:
            waiting = await list_operations(self._actor, teller, JournalFilter(states=WAITING))
            batches = await list_batches(self._actor, teller, states=(BatchState.AWAITING_APPROVAL,))
            rows = await list_operations(self._actor, teller, wanted, limit=PAGE_SIZE + 1)
        except SQLAlchemyError:
            put(self._rows, h.div(".panel-body")[message(Tone.NEGATIVE, BUSY, "Reload the page in a moment.")])
            return
        put(self._waiting, _waiting(self._actor, waiting, batches))
        put(self._rows, [_row(row) for row in rows[:PAGE_SIZE]] or _nothing(view))
        put(self._pager, _pager(view, rows))


def _menu() -> h.Node:
    """Return all that can be asked for, by groups."""
    by_group = {group: [kind for kind in OPERATIONS.values() if kind.group == group] for group in GROUPS}
    return h.section(".panel.kinds-panel", aria_label="New operation")[
        h.div(".panel-head")[
            h.h2(".section")["New operation"],
            h.a(".button", href=f"{PATH}/batches")[icon("upload_file"), "Many from a file"],
        ],
        h.div(".kind-groups")[
            [
                h.section(".kind-group", aria_label=group)[
                    h.h3[group], h.div(".kinds")[[_kind_link(kind) for kind in kinds]]
                ]
                for group, kinds in by_group.items()
            ],
            h.section(".kind-group", aria_label="Verify")[h.h3["Verify"], h.div(".kinds")[_documents()]],
        ],
    ]


def _kind_link(kind: OperationKind, query: str = "") -> h.Element:
    href = f"{PATH}/{kind.name}?{query}" if query else f"{PATH}/{kind.name}"
    return h.a(".kind", href=href, title=kind.explains)[
        icon(kind.icon), h.span[h.strong[kind.title], h.span(".caption")[kind.explains]]
    ]


def _documents() -> h.Element:
    why = "Choose the user; it is done on the KYC tab."
    return h.a(".kind", href="/users", title=why)[
        icon("badge"), h.span[h.strong["Add a KYC document"], h.span(".caption")[why]]
    ]


def _waiting(actor: Actor, rows: Sequence[Operation], batches: Sequence[BatchView]) -> h.Node:
    """Return what waits for somebody: first what this person may decide."""
    if not rows and not batches:
        return None
    lines: list[tuple[Operation | OperationBatch, str, str]]
    lines = [(row, title_of(row), operation_href(row)) for row in rows]
    lines += [(view.batch, view.act, batch_href(view.batch)) for view in batches]
    lines.sort(key=lambda line: not (line[0].state != State.UNKNOWN and may_decide(actor, line[0])))
    return h.section(".panel.waiting", aria_label="Waiting")[
        h.div(".panel-head")[h.h2(".section")["Waiting"], h.span(".caption")[f"{len(lines)}"]],
        h.ul[[_waiting_line(actor, *line) for line in lines]],
    ]


def _waiting_line(actor: Actor, row: Operation | OperationBatch, title: str, href: str) -> h.Element:
    if row.state == State.UNKNOWN:
        why = "Its answer was lost. What became of it is being found out."
    elif may_decide(actor, row):
        why = f"Asked for by {row.asked_by}. It waits for your decision."
    else:
        why = f"Asked for by {row.asked_by}. It waits for another person's approval."
    return h.li(".line")[h.div(".line-text")[h.a(href=href)[title], h.p(".caption")[why]], state_chip(row.state)]


def _row(row: Operation) -> h.Element:
    target, amount = operation_href(row), amount_of(row)
    asked_at = row.asked_at or row.created_at
    return h.div(".list-row", role="row", tabindex="0", data_href=target)[
        h.span(".what", role="cell", title=title_of(row))[title_of(row)],
        h.span(".state", role="cell", title=row.failure or None)[chip_of(row)],
        h.span(".amount", role="cell")[money(amount) if amount else None],
        h.span(".who", role="cell", title=row.asked_by)[row.asked_by],
        h.span(".when", role="cell")[when(asked_at)],
        h.span(".ways-in", role="cell")[
            h.a(".open", href=target, tabindex="-1", aria_label="Open", title="Open")[icon("search")]
        ],
    ]


def _pager(view: JournalView, rows: Sequence[Operation]) -> h.Node:
    if len(rows) <= PAGE_SIZE and view.before_id is None:
        return None
    newest = h.a(".button", href=replace(view, before_id=None).url())[icon("first_page"), "Newest"]
    older = None
    if len(rows) > PAGE_SIZE:
        last = replace(view, before_id=rows[PAGE_SIZE - 1].id)
        older = h.a(".button", href=last.url())["Older", icon("chevron_right")]
    return h.fragment[newest if view.before_id is not None else None, older]


def _nothing(view: JournalView) -> h.Node:
    if view.is_narrowed:
        return empty("filter_alt_off", "Nothing matches", h.a(href=PATH)["Clear the filters"])
    if view.before_id is not None:
        return empty("last_page", "Nothing older", h.a(href=PATH)["Back to the newest"])
    return empty(
        "receipt_long", "Nothing was asked for yet", "Every operation will be written down here, with who and why."
    )


def _select(label: str, options: Mapping[str, str], value: str | None, act: Callable[[str | None], object]) -> None:
    select = ui.select(dict(options), label=label, value=value, clearable=True)
    select.props(f'outlined dense options-dense aria-label="{label}"').classes("is-on" if value else "")
    select.on_value_change(lambda event: act(event.value))
