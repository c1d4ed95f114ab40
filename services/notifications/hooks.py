"""Hooks as Mangopay has them: one per event type. Source: https://docs.mangopay.com/api-reference/hooks"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from models.environment import Environment
from models.mangopay import Hook
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.database import Database
from services.mangopay.client import MangopayClient
from services.mangopay.paging import pages
from services.notifications.inbox import last_told
from services.notifications.tokens import TokenBook


@dataclass(frozen=True, slots=True)
class KnownHook:
    """A hook, whether it leads to this dashboard, and when its event type last brought a new notification here."""

    hook: Hook
    leads_here: bool
    last_told_at: datetime | None


@needs(Permission.SEE)
async def list_hooks(
    actor: Actor, clients: Mapping[Environment, MangopayClient], database: Database, tokens: TokenBook
) -> Sequence[KnownHook]:
    """Return every hook of the actor's environment, newest first; may be empty. Raises MangopayError."""
    hooks = await _every_hook(clients[actor.environment])
    told = await last_told(actor, database, [hook.event_type for hook in hooks if hook.event_type])
    return [
        KnownHook(hook, tokens.leads_here(actor.environment, hook.url or ""), told.get(hook.event_type or ""))
        for hook in hooks
    ]


async def point_hooks_here(client: MangopayClient, url: str) -> int:
    """Give the hooks that lead to a dashboard's receiver under an old port or token the present `url`.

    Returns how many were changed; hooks that lead elsewhere are nobody's business. Raises MangopayError.
    """
    receiver = f"/hooks/{client.environment}/"
    stale = [
        hook
        for hook in await _every_hook(client)
        if hook.url != url and urlsplit(hook.url or "").path.startswith(receiver)
    ]
    for hook in stale:
        await client.update_hook(hook.id, url=url)
    return len(stale)


async def _every_hook(client: MangopayClient) -> Sequence[Hook]:
    return [hook async for page in pages(client.list_hooks) for hook in page.items]
