"""A list as a file: read page after page within the rate limits, the next page fetched while this one is written.

Oldest first wherever Mangopay sorts, for then what is added meanwhile comes at the end. Rows that leave a list move the
others up; the count tells, unless as many have come: then nothing does.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from models.audit import Act
from models.objects.fields import Content
from models.objects.listing import Listing
from models.permissions import Permission
from services.access.actors import Actor, authorize, needs
from services.access.audit import record_act
from services.clock import now as read_clock
from services.database import Database
from services.mangopay.client import Clients, MangopayClient
from services.mangopay.errors import RateLimited
from services.mangopay.governor import Priority
from services.mangopay.paging import Page, pages
from services.objects.lists import Wanted, read_page

SHORTEST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=5)


class ListChanged(Exception):
    """Raised when rows left a list while it was read, so that others may have been passed over."""

    def __init__(self) -> None:
        super().__init__("Rows have left the list while it was read, so that others may be missing.")


class GivenUp(Exception):
    """Raised when somebody has stopped the export."""


@dataclass(slots=True)
class Progress:
    """How far an export has come; written by it, read by the page that shows it."""

    done: int = 0
    total: int | None = None
    # While Mangopay's rate limit makes it wait.
    waits_until: datetime | None = None
    has_ended: bool = False
    error: str = ""
    _given_up: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_given_up(self) -> bool:
        return self._given_up.is_set()

    def give_up(self) -> None:
        """Have it end where it is; the file is not complete then."""
        self._given_up.set()

    async def wait_until(self, moment: datetime, *, now: datetime) -> None:
        """Wait for a moment, or until it is given up."""
        self.waits_until = moment
        with suppress(TimeoutError):
            await asyncio.wait_for(self._given_up.wait(), max((moment - now).total_seconds(), 0))
        self.waits_until = None


@needs(Permission.EXPORT)
async def begin_export(actor: Actor, database: Database, listing: Listing, *, about: str, now: datetime) -> None:
    """Write down that a list is exported, before a line of it leaves."""
    async with database.session() as session:
        record_act(session, actor, Act.EXPORT, now=now, about=f"{listing.title.lower()} {about}".strip())
        await session.commit()


@needs(Permission.EXPORT)
def export_rows(
    actor: Actor, clients: Clients, listing: Listing, *, of: str, wanted: Wanted, progress: Progress
) -> AsyncIterator[Sequence[Content]]:
    """Return all rows of a list, a page at a time. Raises MangopayError where it cannot go on."""
    client = clients[actor.environment].at(Priority.EXPORT)
    return _rows(actor, client, listing, of=of, wanted=wanted, progress=progress)


async def _rows(
    actor: Actor, client: MangopayClient, listing: Listing, *, of: str, wanted: Wanted, progress: Progress
) -> AsyncIterator[Sequence[Content]]:
    if progress.is_given_up:
        return
    oldest_first = replace(wanted, ascending=True)
    walk = pages(partial(_read_patiently, client, listing, of=of, wanted=oldest_first, progress=progress))
    try:
        async for page in walk:
            # The file may be long in the making; who was signed out meanwhile gets no more of it.
            authorize(actor, Permission.EXPORT)
            _expect_no_less(page, progress)
            yield page.items
            progress.done += len(page.items)
            if progress.is_given_up:
                return
    except GivenUp:
        return
    finally:
        await walk.aclose()


def _expect_no_less(page: Page[Content], progress: Progress) -> None:
    """Raise ListChanged when the list has become shorter: rows have moved up, over the edge of a page."""
    if page.total_items is not None and progress.total is not None and page.total_items < progress.total:
        raise ListChanged
    progress.total = page.total_items


async def _read_patiently(
    client: MangopayClient,
    listing: Listing,
    *,
    of: str,
    wanted: Wanted,
    progress: Progress,
    page: int,
    per_page: int,
) -> Page[Content]:
    """Read a page; where the rate limit is reached, wait until it frees. The first page is not waited for, for nobody
    has been told yet that there is anything to wait for. Raises MangopayError; GivenUp.
    """
    wanted = replace(wanted, page=page, per_page=per_page)
    shortest = SHORTEST_WAIT
    while True:
        try:
            # What was read a moment ago may not know of what came since, and a file is to be complete.
            return await read_page(client, listing, of=of, wanted=wanted, fresh=True)
        except RateLimited as error:
            if error.retry_at is None or page == 1:
                raise
            now = read_clock()
            await progress.wait_until(max(error.retry_at, now + shortest), now=now)
            # Clocks differ, and a limit that does not free is not to be asked every moment.
            shortest = min(2 * shortest, LONGEST_WAIT)
        if progress.is_given_up:
            raise GivenUp
