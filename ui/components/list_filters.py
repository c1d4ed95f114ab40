"""The row of filters above a list: the API's own parameters, dates, columns, and the file of what is shown.

Native fields: a list has many, and each of Quasar's would cost a page more than its whole table.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import htpy as h
from nicegui import ui

from models.columns import from_milliseconds, to_milliseconds
from models.countries import country_name
from models.objects.listing import Filter, Listing
from models.words import label_of
from ui.components.html import put, show
from ui.components.list_state import PER_PAGE, ListState
from ui.components.parts import icon

Go = Callable[[ListState], Awaitable[None]]
# Adds what exports the list, which asks for the state when somebody presses it.
Export = Callable[[Callable[[], ListState]], object]
DATES = {"since": "From", "until": "Until"}


class ListFilters:
    """Shows a state, and goes to another when somebody changes a filter."""

    def __init__(self, listing: Listing, state: ListState, go: Go, *, path: str, export: Export | None = None) -> None:
        self._state = state
        self._go = go
        self._path = path
        name = listing.title.lower()
        with ui.element("div").classes("filters").props(f'role=search aria-label="Filter {name}"') as row:
            with ui.element("label").classes("button filters-fold") as fold:
                ui.html(str(h.input(".visually-hidden", type="checkbox")), tag="span")
                ui.html(str(h.fragment[icon("tune"), " Filters"]), tag="span")
                self._count = ui.html(tag="span")
            fold.set_visibility(bool(listing.filters) or listing.has_dates)
            show(_fields(listing, state), classes="filter-fields")
            self._clear = show()
            ui.element("div").classes("filters-gap")
            show(_columns(listing, state), classes="columns-menu")
            if export is not None:
                export(lambda: self._state)
        row.on("narrow", lambda event: self._narrow(event.args["detail"]), args=["detail"])
        self.show(state)

    def show(self, state: ListState) -> None:
        """Take another state; the fields have it already, for it comes from them."""
        self._state = state
        count = sum(map(bool, (*state.filters.values(), state.since, state.until)))
        put(self._count, f"({count})" if count else None)
        cleared = replace(state, page=1, filters={}, since=None, until=None)
        put(
            self._clear,
            state.is_narrowed
            and h.a(".button.plain-button.icon-button", href=cleared.url(self._path), aria_label="Clear all filters")[
                icon("close")
            ],
        )

    async def _narrow(self, told: object) -> None:
        """Go where a field leads; `told` comes from a browser, so it may be anything."""
        match told:
            case {"name": "since" | "until" as name, "value": value}:
                await self._go(self._state.changed(**{name: _moment(value)}))
            case {"name": "hide", "value": str(label), "isOn": bool(is_shown)}:
                others = tuple(hidden for hidden in self._state.hidden if hidden != label)
                await self._go(replace(self._state, hidden=others if is_shown else (*others, label)))
            case {"name": "per_page", "value": str(number)} if number in map(str, PER_PAGE):
                await self._go(self._state.changed(per_page=int(number)))
            case {"name": str(name), "value": str(value)}:
                await self._go(self._state.narrowed(name, value.strip()))


def _fields(listing: Listing, state: ListState) -> h.Node:
    return [
        [_choice(known, state) if known.options else _text(known, state) for known in listing.filters],
        listing.has_dates and [_date(name, label, state) for name, label in DATES.items()],
    ]


def _choice(known: Filter, state: ListState) -> h.Element:
    chosen = state.filters.get(known.name, "")
    # Somebody may have typed another value into the address; the API says what it makes of it.
    options: Mapping[str, str] = {option: _label(known, option) for option in dict.fromkeys((*known.options, chosen))}
    return h.select(".field", data_narrow=known.name, aria_label=known.label)[
        h.option(value="", selected=not chosen)[known.label],
        [h.option(value=value, selected=value == chosen)[label] for value, label in options.items() if value],
    ]


def _label(known: Filter, option: str) -> str:
    return country_name(option) if known.name == "Country" else label_of(option)


def _text(known: Filter, state: ListState) -> h.Node:
    offered = f"offered-{known.name}" if known.suggestions else None
    return [
        h.input(
            class_=["field", {"is-wide": known.is_wide}],
            type="search",
            data_narrow=known.name,
            value=state.filters.get(known.name, ""),
            placeholder=known.label,
            aria_label=known.label,
            spellcheck="false",
            autocomplete="off",
            list=offered,
        ),
        offered and h.datalist(id=offered)[[h.option(value=word) for word in known.suggestions]],
    ]


def _date(name: str, label: str, state: ListState) -> h.Element:
    at = getattr(state, name)
    return h.label(".moment")[
        h.span(".caption")[label],
        h.input(
            ".field",
            type="datetime-local",
            title="In your own time zone",
            data_narrow=name,
            data_milliseconds=at and str(to_milliseconds(at)),
        ),
    ]


def _columns(listing: Listing, state: ListState) -> h.Element:
    return h.details(".drop")[
        h.summary(".button.icon-button", aria_label="Columns", title="Columns")[icon("view_column")],
        h.div(".drop-body")[
            h.p(".caption")["Columns"],
            [
                h.label[
                    h.input(
                        type="checkbox",
                        data_narrow="hide",
                        value=column.fact.label,
                        checked=column.fact.label not in state.hidden,
                    ),
                    column.fact.label,
                ]
                for column in listing.columns
            ],
            h.label(".caption")[
                "Rows a page ",
                h.select(".field", data_narrow="per_page", aria_label="Rows a page")[
                    [h.option(value=str(number), selected=number == state.per_page)[str(number)] for number in PER_PAGE]
                ],
            ],
        ],
    ]


def _moment(milliseconds: object) -> object:
    try:
        return from_milliseconds(int(milliseconds)) if isinstance(milliseconds, int | float) else None
    except OverflowError:
        return None
