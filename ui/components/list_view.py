"""A list of Mangopay's objects: filters in one row, a table, pages. Under 700 px each row is a small card."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial

import htpy as h
from nicegui import background_tasks, ui

from models.objects.fields import Content, Form, text_at
from models.objects.kinds import href
from models.objects.listing import Column, Listing
from services.access.actors import Actor
from services.bootstrap import Services
from services.mangopay.paging import Page
from services.objects.lists import EMBEDDED_ROWS, list_page
from ui.components.html import button, enable, put, show
from ui.components.list_filters import Export, ListFilters
from ui.components.list_rows import ListRows
from ui.components.list_state import ListState
from ui.components.part import FAILURES, Trouble
from ui.components.parts import empty, icon, when
from ui.components.values import NAMELESS, Names, value_view
from ui.visit import Visit

# A page that was fetched ahead is shown without asking again for so long.
AHEAD_S = 60.0


class Why(Enum):
    """Why a page is read: somebody looks; somebody asks again, and wants it anew; or nobody has asked yet."""

    LOOK = "look"
    AGAIN = "again"
    AHEAD = "ahead"


Read = Callable[[ListState, Why], Awaitable[Page[Content]]]
RowLink = Callable[[Content], str | None]
Complete = Callable[[Page[Content]], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Ahead:
    """A page that nobody has asked for yet."""

    state: ListState
    page: Page[Content]
    got_at_s: float


class ListView:
    """One list. With a `path` its state lives in the address; without one it is a part of another page.

    `read` gets a page and raises MangopayError. `link` says where a row leads. `complete` is told of each page that is
    shown, and may redraw its rows with more than the list tells.
    """

    def __init__(
        self,
        visit: Visit,
        listing: Listing,
        read: Read,
        *,
        link: RowLink | None = None,
        complete: Complete | None = None,
        path: str | None = None,
        state: ListState | None = None,
        export: Export | None = None,
        sortable: Mapping[str, str] | None = None,
    ) -> None:
        self._visit = visit
        self._listing = listing
        self._read = read
        self._link = link or (lambda row: row_href(listing, row))
        self._complete = complete
        self._path = path
        self._export = export
        # By label: the name that `sort` has for it.
        self._sortable = dict(sortable or {"Created": "", "When": ""}) if listing.sort else dict(sortable or {})
        self.state = state or ListState(per_page=EMBEDDED_ROWS, hidden=listing.extras, usually_hidden=listing.extras)
        self._page: Page[Content] | None = None
        self._ahead: Ahead | None = None
        # What is shown is not what was asked for: that could not be got.
        self._is_old = False
        # Of users that are known here, by id.
        self._names: Names = NAMELESS

    def build(self) -> None:
        listing = self._listing
        self._filters: ListFilters | None = None
        if self._path is not None:
            self._filters = ListFilters(listing, self.state, self.go, path=self._path, export=self._export)
        self._trouble = Trouble(self.reload)
        name = listing.title.replace('"', "")
        with (
            ui.element("div")
            .classes("list objects")
            .props(f'role=table aria-label="{name}"')
            .style(f"--columns: {self._tracks()}") as self._table
        ):
            self._head = show(classes="list-head").props("role=row")
            self._head.on("narrow", lambda event: self._sort(event.args["detail"]), args=["detail"])
            self._draw_head()
            self._rows = ListRows()
        with ui.element("div").classes("pager") as self._pager:
            self._previous = button("Previous", self._turn_back, icon_name="chevron_left")
            self._next = button("Next", self._turn_on, icon_after="chevron_right")
            self._count = show(classes="caption")
        enable(self._previous, is_enabled=False)
        enable(self._next, is_enabled=False)

    async def load(self, why: Why = Why.LOOK) -> None:
        """Get the page that the state names and show it. Raises Left when the page is left meanwhile."""
        state = self.state
        self._table.classes(add="is-loading")
        try:
            page = await self._get(state, why)
        except FAILURES as error:
            if state is self.state:
                self._fail(error)
            return
        if state is not self.state:
            return
        self._page = page
        self._trouble.clear()
        await self._draw()
        # What comes after is not waited for: the reader may turn the page at once.
        background_tasks.create(self._visit.load(partial(self._go_on, state, page)), context=self._table)

    async def reload(self) -> None:
        await self._visit.load(partial(self.load, Why.AGAIN))

    async def go(self, state: ListState) -> None:
        """Show another page, or the list narrowed otherwise."""
        if state == self.state and not self._is_old:
            return
        has_other_columns = state.hidden != self.state.hidden
        is_other, self.state = state != self.state, state
        if self._path is not None and is_other:
            ui.navigate.history.push(state.url(self._path))
        if has_other_columns:
            self._table.style(f"--columns: {self._tracks()}")
        self._draw_head()
        if self._filters is not None:
            self._filters.show(state)
        await self._visit.load(self.load)

    def know(self, names: Names) -> None:
        """Take the names of users, by id, to show them where the rows that are drawn next lead to them."""
        self._names = {**self._names, **names}

    async def redraw(self, complete: Callable[[Content], Content]) -> None:
        """Show the same rows, each completed by what has become known of it."""
        if self._page is not None:
            self._page = replace(self._page, items=tuple(complete(row) for row in self._page.items))
            await self._draw_rows()

    @property
    def _columns(self) -> tuple[Column, ...]:
        return tuple(column for column in self._listing.columns if column.fact.label not in self.state.hidden)

    def _tracks(self) -> str:
        return " ".join([*(column.width for column in self._columns), "24px"])

    async def _get(self, state: ListState, why: Why) -> Page[Content]:
        ahead, self._ahead = self._ahead, None
        if ahead and why is Why.LOOK and ahead.state == state and time.monotonic() - ahead.got_at_s < AHEAD_S:
            return ahead.page
        return await self._read(state, why)

    async def _go_on(self, state: ListState, page: Page[Content]) -> None:
        """Complete the page that is shown, and fetch the next one."""
        if self._complete is not None:
            await self._complete(page)
        if page.has_next and self._path is not None and state is self.state:
            await self._fetch_ahead(replace(state, page=page.number + 1))

    async def _fetch_ahead(self, following: ListState) -> None:
        try:
            page = await self._read(following, Why.AHEAD)
        except FAILURES:
            # Nobody has asked for it; whoever does hears what is wrong then.
            return
        self._ahead = Ahead(following, page, time.monotonic())

    def _fail(self, error: Exception) -> None:
        """Say what went wrong; what was shown stays, dimmed."""
        self._is_old = True
        self._table.classes(remove="is-loading", add="is-old")
        self._trouble.tell(error, goes_there=self._page is not None)
        if self._page is None:
            self._rows.say()
        self._table.set_visibility(self._page is not None)

    async def _draw(self) -> None:
        page = self._page
        if page is None:
            return
        self._is_old = False
        self._table.classes(remove="is-loading is-old").set_visibility(True)
        # A table without rows, which is a part of another page, is said in one line.
        self._head.set_visibility(bool(page.items) or self._path is not None)
        enable(self._previous, is_enabled=page.number > 1)
        enable(self._next, is_enabled=page.has_next)
        # A short list that is a part of another page needs no line of its own to say so.
        self._pager.set_visibility(self._path is not None or page.number > 1 or page.has_next)
        put(self._count, _count(page), h.fragment[" · read ", when(page.read_at)] if page.read_at else None)
        await self._draw_rows()

    async def _draw_rows(self) -> None:
        if self._page is not None and self._page.items:
            await self._rows.draw(self._page.items, self._row, drawn_with=(self._columns, self._names))
        else:
            self._rows.say(self._nothing())

    def _draw_head(self) -> None:
        put(
            self._head,
            [self._column_head(column) for column in self._columns],
            h.span(".visually-hidden", role="columnheader")["Open"],
        )

    def _column_head(self, column: Column) -> h.Node:
        label = column.fact.label
        sort = self._sortable.get(label)
        if sort is None:
            return h.span(class_=[{"amount": column.is_right}], role="columnheader")[label]
        order = "ascending" if self.state.ascending else "descending"
        is_sorted = self.state.sort == sort
        arrow = icon("arrow_upward" if self.state.ascending else "arrow_downward") if is_sorted else None
        return h.span(
            class_=[{"amount": column.is_right}], role="columnheader", aria_sort=order if is_sorted else None
        )[h.button(".button.plain-button.sort", type="button", data_narrow="sort", value=sort)[label, arrow]]

    async def _sort(self, told: object) -> None:
        """Sort by a column that the browser names; by the same one again, the other way round."""
        match told:
            case {"name": "sort", "value": str(sort)} if sort in self._sortable.values():
                is_sorted = self.state.sort == sort
                # Times begin with the newest, everything else with A.
                ascending = not self.state.ascending if is_sorted else sort != ""
                await self.go(self.state.changed(sort=sort, ascending=ascending))

    def _row(self, row: Content) -> h.Node:
        target = self._link(row)
        opens = target and h.a(".open", href=target, tabindex="-1", aria_label="Open", title="Open")[icon("search")]
        return h.div(
            class_=["list-row", {"is-still": target is None}],
            role="row",
            tabindex="0",
            data_href=target,
        )[[_cell(column, row, self._names) for column in self._columns], h.span(".ways-in", role="cell")[opens]]

    def _nothing(self) -> h.Node:
        if self.state.page > 1:
            return empty("last_page", "The list has no such page", "“Previous” leads to its last one.")
        if self.state.is_narrowed:
            elsewhere = ", or look in another stretch of time" if self._listing.has_dates else ""
            return empty("filter_alt_off", "Nothing matches", f"Clear a filter{elsewhere}.")
        if self._path is None:
            return h.p(".nothing")[self._listing.empty]
        icon_name = self._listing.kind.icon if self._listing.kind else "inbox"
        return empty(icon_name, "Nothing here", self._listing.empty)

    async def _turn_back(self) -> None:
        await self._turn(-1)

    async def _turn_on(self) -> None:
        await self._turn(1)

    async def _turn(self, step: int) -> None:
        # From the page that is shown: one that could not be got is not passed over.
        shown = self._page.number if self._page else self.state.page
        last = self._page.total_pages if self._page and self._page.total_pages else shown + step
        await self.go(replace(self.state, page=max(min(shown + step, last), 1)))


def reader(visit: Visit, actor: Actor, services: Services, listing: Listing, *, of: str = "") -> Read:
    """Return what reads a list of Mangopay's, as it is, for a page that is looked at."""

    def read(state: ListState, why: Why) -> Awaitable[Page[Content]]:
        call = list_page(
            actor,
            services.clients,
            listing,
            of=of,
            wanted=state.wanted,
            fresh=why is Why.AGAIN,
            is_ahead=why is Why.AHEAD,
        )
        return visit.call(call)

    return read


def row_href(listing: Listing, row: Content) -> str | None:
    """Return the address of the object that a row is of; None for one whose kind is not known."""
    kind, object_id = listing.row_kind(row), text_at(row, "Id")
    if kind is None or object_id is None:
        return None
    parent = text_at(row, "UserId") if kind.name == "bank-account" else None
    return href(kind, object_id, parent=parent)


def _cell(column: Column, row: Content, names: Names) -> h.Node:
    value = value_view(column.fact, row, is_in_list=True, names=names)
    return h.span(
        class_=["cell", {"amount": column.is_right, "mono": column.fact.form is Form.ID}],
        role="cell",
        data_spot=column.spot,
    )[value if value is not None else h.span(".none", aria_label="none")["—"]]


def _count(page: Page[Content]) -> str:
    if page.total_items is None:
        return f"Page {page.number}"
    first = (page.number - 1) * page.per_page + 1
    last = first + len(page.items) - 1
    if not page.items:
        return f"Nothing on page {page.number:,} of {page.total_pages or 1:,}" if page.total_items else "None"
    return f"{first:,} to {last:,} of {page.total_items:,}"
