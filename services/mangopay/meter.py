"""How much of Mangopay's rate limits is used, for somebody who looks."""

from collections.abc import Mapping, Sequence

from models.environment import Environment
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.mangopay.client import MangopayClient
from services.mangopay.governor import Gauge


@needs(Permission.SEE)
def read_meter(actor: Actor, clients: Mapping[Environment, MangopayClient]) -> Sequence[Gauge]:
    """Return the four windows, the shortest first, as the last answer and this process's own calls tell them."""
    return clients[actor.environment].governor.meter()
