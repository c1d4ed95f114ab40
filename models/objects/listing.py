"""What a list is: where it is read, what its rows show, how it can be narrowed.

Source: https://docs.mangopay.com/api-reference/overview/pagination
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote

from models.objects.fields import Content, Fact, Form, text_at
from models.objects.kinds import Kind, kind_of_transaction


class Spot(StrEnum):
    """Where a column's value stands on a phone, where a row is a small card; columns without one are left out there."""

    TITLE = "title"
    SIDE = "side"
    BELOW = "below"
    BELOW_SIDE = "below-side"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `width` is that of a CSS grid track. An extra one is shown when somebody asks for it."""

    fact: Fact
    width: str = "minmax(0, 1fr)"
    spot: Spot | None = None
    is_extra: bool = False

    @property
    def is_right(self) -> bool:
        return self.fact.form is Form.MONEY


@dataclass(frozen=True, slots=True)
class Filter:
    """One of the API's own parameters; without options it is typed, and some words may be offered for it."""

    name: str
    label: str
    options: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    is_wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list. `{id}` in its path is the object it belongs to: a user, a wallet, a card."""

    name: str
    title: str
    path: str
    columns: tuple[Column, ...]
    # The kind of its rows; None where each row tells its own.
    kind: Kind | None = None
    filters: tuple[Filter, ...] = ()
    has_dates: bool = False
    # The field that Mangopay sorts by; "" where a list has no order to choose.
    sort: str = "CreationDate"
    empty: str = "There is nothing here yet."
    # What is not in it though one would look for it there.
    note: str = ""
    # By what the local index can sort it besides.
    sorts: tuple[str, ...] = ()
    # What must always be asked for.
    fixed: Mapping[str, str] = field(default_factory=dict)
    # Makes of a row what it is to the object that the list belongs to: the first argument is that object's id.
    seen_from: Callable[[str, Content], Content] | None = None

    @property
    def extras(self) -> tuple[str, ...]:
        """The labels of the columns that are hidden until somebody asks for them."""
        return tuple(column.fact.label for column in self.columns if column.is_extra)

    def api_path(self, of: str, *, client_id: str) -> str:
        template = self.path if self.path.startswith("/v") else "/v2.01/{client}" + self.path
        funds, _, currency = of.partition("_")
        ids = {"client": client_id, "id": of, "funds": funds, "currency": currency}
        return template.format_map({name: quote(value, safe="") for name, value in ids.items()})

    def row_kind(self, row: Content) -> Kind | None:
        return self.kind or kind_of_transaction(text_at(row, "Type"), text_at(row, "Nature"))
