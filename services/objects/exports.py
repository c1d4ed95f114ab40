"""A list as a file: read page after page within the rate limits, the next page fetched while this one is written.

Oldest first wherever Mangopay sorts, for then what is added meanwhile comes at the end and moves nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from models.audit import Act
from models.environment import Environment
from models.objects.fields import Content
from models.objects.listing import Listing
from models.permissions import Permission
from services.access.actors import Actor, authorize, needs
from services.access.audit import record_act
from services.clock import now as read_clock
from services.database import Database
from services.mangopay.client import MangopayClient
from services.mangopay.errors import RateLimited
from services.mangopay.governor import Priority
from services.mangopay.paging import PER_PAGE, Page
from services.objects.lists import Wanted, read_page

Clients = Mapping[Environment, MangopayClient]

# Clocks differ.
A_MOMENT = timedelta(seconds=1)


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
    wanted = replace(wanted, page=1, per_page=PER_PAGE, ascending=True)

    def fetch(number: int) -> asyncio.Task[Page[Content] | None]:
        page = replace(wanted, page=number)
        return asyncio.create_task(_read_patiently(client, listing, of=of, wanted=page, progress=progress))

    following = fetch(1)
    try:
        while not progress.is_given_up:
            page = await following
            if page is None:
                return
            # The file may be long in the making; who was signed out meanwhile gets no more of it.
            authorize(actor, Permission.EXPORT)
            progress.total = page.total_items
            if page.has_next and page.items:
                following = fetch(page.number + 1)
            yield page.items
            progress.done += len(page.items)
            if not page.has_next or not page.items:
                return
    finally:
        following.cancel()


async def _read_patiently(
    client: MangopayClient, listing: Listing, *, of: str, wanted: Wanted, progress: Progress
) -> Page[Content] | None:
    """Read a page; where the rate limit is reached, wait until it frees, or until it is given up: None then.

    Raises MangopayError.
    """
    while True:
        try:
            # What was read a moment ago may not know of what came since, and a file is to be complete.
            return await read_page(client, listing, of=of, wanted=wanted, fresh=True)
        except RateLimited as error:
            if error.retry_at is None:
                raise
            await progress.wait_until(error.retry_at + A_MOMENT, now=read_clock())
            if progress.is_given_up:
                return None
