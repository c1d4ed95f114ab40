"""The row of filters above a list: the API's own parameters, dates, columns, and the file of what is shown."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

import htpy as h
from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from models.columns import from_milliseconds, to_milliseconds
from models.objects.listing import Filter, Listing
from models.words import label_of
from ui.components.html import button, enable, show
from ui.components.list_state import PER_PAGE, ListState

Go = Callable[[ListState], Awaitable[None]]
# Adds what exports the list, which asks for the state when somebody presses it.
Export = Callable[[Callable[[], ListState]], object]


class ListFilters:
    """Shows a state, and goes to another when somebody changes a filter."""

    def __init__(
        self,
        listing: Listing,
        state: ListState,
        go: Go,
        *,
        path: str,
        export: Export | None = None,
    ) -> None:
        self._listing = listing
        self._state = state
        self._go = go
        self._path = path
        self._inputs: dict[str, ui.input | ui.select] = {}
        with ui.element("div").classes("filters").props(f'role=search aria-label="Filter {listing.title.lower()}"'):
            for known in listing.filters:
                self._inputs[known.name] = self._build_filter(known)
            if listing.has_dates:
                for name, label in (("since", "From"), ("until", "Until")):
                    self._build_moment(name, label)
            self._clear = button(
                "Clear all filters", self._clear_all, icon_name="close", classes="plain-button icon-button"
            )
            ui.element("div").classes("filters-gap")
            self._build_columns()
            if export is not None:
                export(lambda: self._state)
        self.show(state)

    def show(self, state: ListState) -> None:
        self._state = state
        for name, field in self._inputs.items():
            value = state.filters.get(name)
            if (field.value or None) != value:
                field.set_value(value)
            field.classes(add="is-on" if value else "", remove="" if value else "is-on")
        enable(self._clear, is_enabled=state.is_narrowed)
        self._clear.set_visibility(bool(self._inputs or self._listing.has_dates))

    def _build_filter(self, known: Filter) -> ui.input | ui.select:
        value = self._state.filters.get(known.name)
        field: ui.input | ui.select
        if known.options:
            options = {option: label_of(option) for option in known.options}
            if value and value not in options:
                # Somebody has typed it into the address; the API says what it makes of it.
                options[value] = value
            field = ui.select(options, label=known.label, value=value, clearable=True)
            field.props(f'outlined dense options-dense aria-label="{known.label}"')
        else:
            field = ui.input(placeholder=known.label, value=value or "")
            field.props(f'outlined dense clearable debounce=400 aria-label="{known.label}" spellcheck=false')
            field.classes("is-wide" if known.is_wide else "")
        return field.on_value_change(lambda event: self._set(known.name, str(event.value or "").strip()))

    def _build_moment(self, name: str, label: str) -> None:
        at = getattr(self._state, name)
        with ui.element("label").classes("moment"):
            show(h.span(".caption")[label])
            field = ui.element("input").props(f"type=datetime-local data-moment={name}")
        field.on("moment", lambda event: self._set_moment(name, event.args["detail"]), args=["detail"])
        if at is not None:
            field.props(f"data-milliseconds={to_milliseconds(at)}")

    def _build_columns(self) -> None:
        with ui.element("div"):
            with ui.menu().props("anchor='bottom right' self='top right'").classes("account-menu") as menu:
                show(h.p(".caption")["Columns"])
                for column in self._listing.columns:
                    label = column.fact.label
                    box = ui.checkbox(label, value=label not in self._state.hidden).props("dense")
                    box.on_value_change(partial(self._hide, label))
                show(h.p(".caption")["Rows a page"])
                for per_page in PER_PAGE:
                    button(str(per_page), partial(self._resize, per_page), classes="plain-button")
            button("Columns", menu.open, icon_name="view_column", classes="icon-button").props("aria-haspopup=menu")

    async def _set(self, name: str, value: str) -> None:
        if self._state.filters.get(name, "") != value:
            await self._go(self._state.narrowed(name, value))

    async def _set_moment(self, name: str, milliseconds: object) -> None:
        try:
            at = from_milliseconds(int(milliseconds)) if isinstance(milliseconds, int | float) else None
        except OverflowError:
            at = None
        if getattr(self._state, name) != at:
            await self._go(self._state.changed(**{name: at}))

    async def _hide(self, label: str, event: ValueChangeEventArguments[bool]) -> None:
        others = tuple(hidden for hidden in self._state.hidden if hidden != label)
        await self._go(replace(self._state, hidden=others if event.value else (*others, label)))

    async def _resize(self, per_page: int) -> None:
        await self._go(self._state.changed(per_page=per_page))

    async def _clear_all(self) -> None:
        cleared = replace(self._state, page=1, filters={}, since=None, until=None)
        # Date fields keep their own value in the browser, so the page starts anew.
        ui.navigate.to(cleared.url(self._path))
