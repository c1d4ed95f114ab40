"""Lists come in pages: one server page, and a walk through all of them.

Source: https://docs.mangopay.com/api-reference/overview/pagination
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
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
    # When Mangopay told it, which may be some seconds ago.
    read_at: datetime | None = None

    @property
    def has_next(self) -> bool:
        if self.total_pages is not None:
            return self.number < self.total_pages
        return len(self.items) >= self.per_page


class ListsPages(Protocol[Item_co]):
    """A list method of the client, its ids already given."""

    async def __call__(self, *, page: int, per_page: int) -> Page[Item_co]: ...


async def pages(list_page: ListsPages[Item], *, per_page: int = PER_PAGE) -> AsyncGenerator[Page[Item], None]:
    """Walk through a list: `async for page in pages(partial(client.list_user_wallets, user_id))`.

    The next page is fetched while one is looked at. Stops after the last page Mangopay counts, or after a short one.
    """
    following = _fetch(list_page, 1, per_page)
    try:
        while True:
            page = await following
            goes_on = bool(page.items) and page.has_next
            if goes_on:
                following = _fetch(list_page, page.number + 1, per_page)
            yield page
            if not goes_on:
                return
    finally:
        # Whoever has seen enough wants no further page.
        following.cancel()


def _fetch(list_page: ListsPages[Item], number: int, per_page: int) -> asyncio.Task[Page[Item]]:
    async def fetch() -> Page[Item]:
        return await list_page(page=number, per_page=per_page)

    return asyncio.create_task(fetch())
