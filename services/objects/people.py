"""What Mangopay knows of a user beside the profile: blocks, strong authentication, money in and out."""

from urllib.parse import quote

from models.objects.fields import Content
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.mangopay.client import Clients, MangopayClient
from services.mangopay.errors import NotFound


@needs(Permission.SEE)
async def read_blocks(actor: Actor, clients: Clients, user_id: str) -> Content:
    """Return what of a user is blocked, and why (`ActionCode`, `ScopeBlocked`). Raises MangopayError."""
    return await _read(clients[actor.environment], "users", user_id, "regulatory")


@needs(Permission.SEE)
async def read_sca_status(actor: Actor, clients: Clients, user_id: str) -> Content | None:
    """Return how far a user's strong authentication is set up; None when it was never begun. Raises MangopayError."""
    try:
        return await _read(clients[actor.environment], "sca/users", user_id, "sca-status")
    except NotFound:
        return None


@needs(Permission.SEE)
async def read_emoney(actor: Actor, clients: Clients, user_id: str, *, currency: str | None = None) -> Content:
    """Return what a user was credited and debited since the beginning in one currency, euros unless another is said.

    Raises MangopayError.
    """
    return await _read(
        clients[actor.environment], "users", user_id, "emoney", **{"Currency": currency} if currency else {}
    )


async def _read(client: MangopayClient, group: str, user_id: str, what: str, **query: str) -> Content:
    root = f"/v2.01/{quote(client.client_id, safe='')}"
    return await client.get_object(f"{root}/{group}/{quote(user_id, safe='')}/{what}", query=query)
