"""Whether the hooks do their work: those that send nothing, and an event that should have come here and did not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.environment import Environment
from models.mangopay.wire import utc
from models.objects.listings import LISTINGS
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.database import Database
from services.mangopay.client import MangopayClient
from services.mangopay.paging import PER_PAGE
from services.notifications.hooks import KnownHook, list_hooks
from services.notifications.tokens import TokenBook
from services.objects.lists import Wanted, list_page

# Mangopay tells of an event within seconds; what is not here after this long is missing.
COMES_WITHIN = timedelta(minutes=5)
# Two clocks never agree.
TOLERANCE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Missed:
    """An event that a hook should have told this dashboard of."""

    event_type: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HookHealth:
    """`last_told_at` is when anything new came here, None for never; `missed` holds the newest of each type."""

    hooks: Sequence[KnownHook]
    last_told_at: datetime | None
    missed: Sequence[Missed]

    @property
    def silent(self) -> Sequence[KnownHook]:
        """The hooks that send nothing."""
        return [known for known in self.hooks if not known.hook.is_delivering]


@needs(Permission.SEE)
async def read_hook_health(
    actor: Actor,
    clients: Mapping[Environment, MangopayClient],
    database: Database,
    tokens: TokenBook,
    *,
    now: datetime,
) -> HookHealth:
    """Read it in one call for every hundred hooks, and one for the newest hundred events that should have come by now.

    Raises MangopayError.
    """
    hooks = await list_hooks(actor, clients, database, tokens)
    told = [known.last_told_at for known in hooks if known.last_told_at is not None]
    here = {known.hook.event_type: known for known in hooks if known.leads_here and known.hook.is_delivering}
    wanted = Wanted(per_page=PER_PAGE, until=now - COMES_WITHIN)
    page = await list_page(actor, clients, LISTINGS["events"], wanted=wanted)
    newest = {str(event.get("EventType")): event for event in reversed(page.items)}
    missed = [found for event in newest.values() if (found := _missed(event, here)) is not None]
    missed.sort(key=lambda one: one.at, reverse=True)
    return HookHealth(hooks, max(told, default=None), missed)


def _missed(event: Mapping[str, object], here: Mapping[str | None, KnownHook]) -> Missed | None:
    event_type, date = event.get("EventType"), event.get("Date")
    at = utc(date) if isinstance(date, int) else None
    if not isinstance(event_type, str) or at is None or event_type not in here:
        return None
    known = here[event_type]
    # What happened before the hook was there is told to nobody.
    is_older = known.hook.created_at is not None and at < known.hook.created_at + TOLERANCE
    has_come = known.last_told_at is not None and known.last_told_at >= at - TOLERANCE
    return None if is_older or has_come else Missed(event_type, at)
