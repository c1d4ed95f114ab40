"""Lists come in pages: one server page, and a walk through all of them.

Source: https://docs.mangopay.com/api-reference/overview/pagination
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)

# The most Mangopay gives.
PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[Item_co]):
    """One page of a list; the totals are None where Mangopay does not send them."""

    items: tuple[Item_co, ...]
    number: int
    per_page: int
    total_items: int | None = None
    total_pages: int | None = None

    @property
    def has_next(self) -> bool:
        if self.total_pages is not None:
            return self.number < self.total_pages
        return len(self.items) >= self.per_page


class ListsPages(Protocol[Item_co]):
    """A list method of the client, its ids already given."""

    async def __call__(self, *, page: int, per_page: int) -> Page[Item_co]: ...


async def pages(list_page: ListsPages[Item], *, per_page: int = PER_PAGE) -> AsyncIterator[Page[Item]]:
    """Walk through a list: `async for page in pages(partial(client.list_user_wallets, user_id))`.

    Stops after the last page Mangopay counts, or after a short one.
    """
    number = 1
    while True:
        page = await list_page(page=number, per_page=per_page)
        yield page
        if not page.items or not page.has_next:
            return
        number += 1
