"""Any object, by the path it is read at."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.environment import Environment
from models.event_types import fetch_path
from models.notification import Notification
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.mangopay.client import MangopayClient


@dataclass(frozen=True, slots=True)
class FoundObject:
    """An object as Mangopay sent it, and the path it was read at."""

    content: Mapping[str, object]
    path: str


@needs(Permission.SEE)
async def fetch_notified_object(
    actor: Actor, clients: Mapping[Environment, MangopayClient], notification: Notification
) -> FoundObject | None:
    """Read the object that a notification points at; None when its type does not say where. Raises MangopayError."""
    client = clients[actor.environment]
    path = fetch_path(notification.event_type, client_id=client.client_id, resource_id=notification.resource_id)
    return None if path is None else FoundObject(await client.get_object(path), path)
