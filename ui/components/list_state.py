"""What a list shows, as its address says it: a reload or a shared link shows the same."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlencode

from models.columns import from_milliseconds, to_milliseconds
from models.objects.listing import Listing
from services.objects.lists import Wanted

PER_PAGE = (25, 50, 100)
LONGEST = 255
# Mangopay numbers its pages from one; a longer list than this nobody pages through.
LAST_PAGE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ListState:
    """A page of a list, its filters, its order, and the columns that are hidden."""

    page: int = 1
    per_page: int = PER_PAGE[0]
    # A field of Mangopay's, or of the local index; "" is the list's own order, the newest first.
    sort: str = ""
    ascending: bool = False
    filters: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    hidden: tuple[str, ...] = ()
    # What is hidden as long as nobody chooses columns.
    usually_hidden: tuple[str, ...] = ()

    @classmethod
    def parse(cls, query: Mapping[str, str], listing: Listing) -> "ListState":
        """Read an address; what makes no sense in it is left out."""
        per_page = _whole(query.get("per_page"))
        filters = {known.name: query.get(known.name, "")[:LONGEST].strip() for known in listing.filters}
        return cls(
            page=min(_whole(query.get("page")) or 1, LAST_PAGE),
            per_page=per_page if per_page in PER_PAGE else PER_PAGE[0],
            sort=query.get("sort", "") if query.get("sort") in listing.sorts else "",
            ascending=query.get("order") == "asc",
            filters={name: value for name, value in filters.items() if value},
            since=_moment(query.get("since")) if listing.has_dates else None,
            until=_moment(query.get("until")) if listing.has_dates else None,
            hidden=_hidden(query["hide"], listing) if "hide" in query else listing.extras,
            usually_hidden=listing.extras,
        )

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            page=self.page,
            per_page=self.per_page,
            ascending=self.ascending,
            filters=self.filters,
            since=self.since,
            until=self.until,
        )

    @property
    def is_narrowed(self) -> bool:
        return bool(self.filters or self.since or self.until)

    def url(self, path: str) -> str:
        moments = {"since": self.since, "until": self.until}
        dates = {name: str(to_milliseconds(at)) for name, at in moments.items() if at is not None}
        query: dict[str, object] = {
            **self.filters,
            **dates,
            "sort": self.sort,
            "order": "asc" if self.ascending else "",
            # None of the names of columns, so that all are shown.
            "hide": (",".join(self.hidden) or "-") if set(self.hidden) != set(self.usually_hidden) else "",
            "per_page": self.per_page if self.per_page != PER_PAGE[0] else "",
            "page": self.page if self.page > 1 else "",
        }
        given = {name: str(value) for name, value in query.items() if value}
        return f"{path}?{urlencode(given)}" if given else path

    def narrowed(self, name: str, value: str) -> "ListState":
        """Return the first page of the list with one more filter, or with one less when the value is empty."""
        others = {known: set_to for known, set_to in self.filters.items() if known != name}
        return replace(self, page=1, filters={**others, name: value} if value else others)

    def changed(self, **changes: object) -> "ListState":
        """Return the first page of the list with other dates, another order or another length of pages."""
        return replace(self, page=1, **changes)  # type: ignore[arg-type]


def _hidden(text: str, listing: Listing) -> tuple[str, ...]:
    named = set(text.split(","))
    return tuple(column.fact.label for column in listing.columns if column.fact.label in named)


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0 else None


def _moment(text: str | None) -> datetime | None:
    if not text or not re.fullmatch(r"-?[0-9]{1,16}", text):
        return None
    try:
        return from_milliseconds(int(text))
    except OverflowError:
        return None
