"""Hooks as Mangopay has them: one per event type. Source: https://docs.mangopay.com/api-reference/hooks"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from models.mangopay import Hook
from services.mangopay.client import MangopayClient
from services.mangopay.paging import pages


async def list_hooks(client: MangopayClient) -> Sequence[Hook]:
    """Return every hook, newest first; may be empty. Raises MangopayError."""
    return [hook async for page in pages(client.list_hooks) for hook in page.items]


async def point_hooks_here(client: MangopayClient, url: str) -> int:
    """Give the hooks that lead to a dashboard's receiver under an old port or token the present `url`.

    Returns how many were changed; hooks that lead elsewhere are nobody's business. Raises MangopayError.
    """
    receiver = f"/hooks/{client.environment}/"
    stale = [
        hook
        for hook in await list_hooks(client)
        if hook.url != url and urlsplit(hook.url or "").path.startswith(receiver)
    ]
    for hook in stale:
        await client.update_hook(hook.id, url=url)
    return len(stale)
