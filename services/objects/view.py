"""Any object, read for somebody who looks at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx

from models.event_types import fetch_path
from models.notification import Notification
from models.objects.kinds import Kind
from models.objects.secrets import without_secrets
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.mangopay.client import Clients, MangopayClient
from services.mangopay.errors import Forbidden, MangopayError, NotFound
from services.mangopay.governor import Priority


@dataclass(frozen=True, slots=True)
class FoundObject:
    """An object as Mangopay sent it, and the path it was read at."""

    content: Mapping[str, object]
    path: str


@needs(Permission.SEE)
async def view(
    actor: Actor,
    clients: Clients,
    kind: Kind,
    object_id: str,
    *,
    parent: str | None = None,
    fresh: bool = False,
    is_ahead: bool = False,
) -> FoundObject:
    """Read an object, without what in it is a key; `fresh` asks Mangopay anew, even if it was read a second ago.

    `is_ahead` says that nobody has asked for it: it yields to whoever looks at a page.

    Raises MangopayError; NotFound also for an id that can name nothing.
    """
    client = clients[actor.environment].at(Priority.EXPORT if is_ahead else Priority.PERSON)
    paths = kind.api_paths(object_id, client_id=client.client_id, parent=parent)
    found = await read_first(client, paths, fresh=fresh)
    return FoundObject(without_secrets(found.content), found.path)


@needs(Permission.SEE)
async def fetch_notified_object(actor: Actor, clients: Clients, notification: Notification) -> FoundObject | None:
    """Read the object that a notification points at; None when its type does not say where. Raises MangopayError."""
    client = clients[actor.environment]
    path = fetch_path(notification.event_type, client_id=client.client_id, resource_id=notification.resource_id)
    return None if path is None else FoundObject(without_secrets(await client.get_object(path)), path)


async def read_first(client: MangopayClient, paths: Sequence[str], *, fresh: bool = False) -> FoundObject:
    """Read an object at the first of the paths that shows it: some are for those platforms only that use what is there.

    Raises MangopayError: Forbidden when none shows it and one may not be read.
    """
    # An id without paths names nothing, and would lead to another place than was meant.
    refusal: MangopayError = NotFound(httpx.Request("GET", "/"))
    for path in paths:
        try:
            return FoundObject(await client.get_object(path, fresh=fresh), path)
        except NotFound as error:
            refusal = refusal if isinstance(refusal, Forbidden) else error
        except Forbidden as error:
            refusal = error
    raise refusal
