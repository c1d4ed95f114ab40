"""Lists of Mangopay's objects, a page at a time, for somebody who looks at them."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from models.mangopay.transactions import Refund, Transaction
from models.objects.fields import Content
from models.objects.kinds import Kind
from models.objects.listing import Listing
from models.objects.listings import LISTINGS
from models.objects.ways import is_paid_back_by_payout
from models.permissions import Permission
from models.refundable import Refundable, hinders_refund, refundable
from services.access.actors import Actor, needs
from services.mangopay.client import Clients, MangopayClient
from services.mangopay.governor import Priority
from services.mangopay.paging import PER_PAGE, Page, pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which page of a list; `filters` are the API's own parameters, `ascending` the oldest first."""

    page: int = 1
    per_page: int = 25
    ascending: bool = False
    filters: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None

    def query(self, listing: Listing) -> dict[str, str]:
        """Return what the API is asked with."""
        order = {"Sort": f"{listing.sort}:{'ASC' if self.ascending else 'DESC'}"} if listing.sort else {}
        known = {known.name for known in listing.filters}
        filters = {name: value for name, value in self.filters.items() if name in known and value}
        dates = {"AfterDate": self.since, "BeforeDate": self.until} if listing.has_dates else {}
        seconds = {name: str(int(at.timestamp())) for name, at in dates.items() if at is not None}
        return {**order, **listing.fixed, **filters, **seconds}


# The newest of a list that is a part of another page.
EMBEDDED_ROWS = 10
FIRST_ROWS = Wanted(per_page=EMBEDDED_ROWS)


@needs(Permission.SEE)
async def list_page(
    actor: Actor,
    clients: Clients,
    listing: Listing,
    *,
    of: str = "",
    wanted: Wanted,
    fresh: bool = False,
    is_ahead: bool = False,
) -> Page[Content]:
    """Return one page of a list, its rows as they came, newest first; `of` is the object the list belongs to.

    `fresh` asks Mangopay anew; `is_ahead` says that nobody has asked for it yet. Raises MangopayError.
    """
    client = clients[actor.environment].at(Priority.EXPORT if is_ahead else Priority.PERSON)
    return await read_page(client, listing, of=of, wanted=wanted, fresh=fresh)


@needs(Permission.SEE)
async def what_remains(actor: Actor, clients: Clients, kind: Kind, content: Content) -> Refundable | None:
    """Return what may still be given back of a pay-in or a transfer; None where that makes no sense.

    Reads all its refunds, and whether it is disputed. Raises MangopayError.
    """
    initial = Transaction.model_validate(content)
    if kind.name not in ("payin", "transfer") or initial.status != "SUCCEEDED" or is_paid_back_by_payout(content):
        return None
    client = clients[actor.environment]
    refunds = [Refund.model_validate(row) async for row in _all(client, f"{kind.name}-refunds", of=initial.id)]
    disputes = (
        await read_page(client, LISTINGS["payin-disputes"], of=initial.id, wanted=FIRST_ROWS)
        if kind.name == "payin"
        else None
    )
    is_disputed = disputes is not None and any(hinders_refund(dispute) for dispute in disputes.items)
    return refundable(initial, refunds, is_disputed=is_disputed)


async def _all(client: MangopayClient, name: str, *, of: str) -> AsyncIterator[Content]:
    async def list_rows(*, page: int, per_page: int) -> Page[Content]:
        return await read_page(client, LISTINGS[name], of=of, wanted=Wanted(page=page, per_page=per_page))

    async for found in pages(list_rows):
        for row in found.items:
            yield row


async def read_page(
    client: MangopayClient, listing: Listing, *, of: str = "", wanted: Wanted, fresh: bool = False
) -> Page[Content]:
    """Return one page of a list, read by a client of whatever priority. Raises MangopayError."""
    path = listing.api_path(of, client_id=client.client_id)
    per_page = min(wanted.per_page, PER_PAGE)
    page = await client.list_objects(
        path, page=wanted.page, per_page=per_page, query=wanted.query(listing), fresh=fresh
    )
    if listing.seen_from is None:
        return page
    return replace(page, items=tuple(listing.seen_from(of, row) for row in page.items))
