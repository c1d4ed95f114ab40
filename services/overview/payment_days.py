"""How many pay-ins succeeded and failed each day: two calls for today, and two for a finished day, once for ever.

Mangopay has no list of all pay-ins, but counts their events: the first page of a filtered list says how many there are.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.dialects.sqlite import insert
from sqlmodel import col, select

from models.objects.listings import LISTINGS
from models.payment_days import PaymentDay, bounds_of
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.database import Database
from services.mangopay.client import Clients
from services.objects.lists import Wanted, list_page

SUCCEEDED, FAILED = "PAYIN_NORMAL_SUCCEEDED", "PAYIN_NORMAL_FAILED"


@needs(Permission.SEE)
async def known_days(actor: Actor, database: Database, days: Sequence[date]) -> dict[date, PaymentDay]:
    """Return those of these days that are known for good: they are never asked for again."""
    mine = select(PaymentDay).where(PaymentDay.environment == actor.environment, col(PaymentDay.day).in_(days))
    async with database.session() as session:
        return {row.day: row for row in (await session.exec(mine)).all() if row.is_final}


@needs(Permission.SEE)
async def count_day(actor: Actor, clients: Clients, day: date, *, now: datetime) -> PaymentDay | None:
    """Ask Mangopay for one day, in two calls; None where it does not say how many there are. Raises MangopayError."""
    # The past can wait for whoever has something to do.
    is_ahead = day < now.date()
    counts = [await _count(actor, clients, event_type, day, is_ahead=is_ahead) for event_type in (SUCCEEDED, FAILED)]
    succeeded, failed = counts
    if succeeded is None or failed is None:
        return None
    return PaymentDay(environment=actor.environment, day=day, succeeded=succeeded, failed=failed, read_at=now)


@needs(Permission.SEE)
async def keep_day(actor: Actor, database: Database, counted: PaymentDay) -> None:
    """Keep what was counted of a day of the actor's environment."""
    row = counted.model_dump() | {"environment": actor.environment}
    newer = {name: row[name] for name in ("succeeded", "failed", "read_at")}
    new = insert(PaymentDay).values(row)
    async with database.session() as session:
        await session.exec(new.on_conflict_do_update(index_elements=["environment", "day"], set_=newer))
        await session.commit()


async def _count(actor: Actor, clients: Clients, event_type: str, day: date, *, is_ahead: bool) -> int | None:
    begin, end = bounds_of(day)
    wanted = Wanted(per_page=1, filters={"EventType": event_type}, since=begin, until=end - timedelta(seconds=1))
    return (await list_page(actor, clients, LISTINGS["events"], wanted=wanted, is_ahead=is_ahead)).total_items
