"""What the use cases of access stand on."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.environment import Environment
from models.permissions import Role
from services.access.seal import Seal
from services.access.sessions import SessionRegistry
from services.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The doors of all environments that are on."""

    database: Database
    sessions: SessionRegistry
    seal: Seal
    environments: tuple[Environment, ...]
    # The ClientId that somebody who asks for an access must know.
    client_ids: Mapping[Environment, str]
    # Who may ask for an access without an invitation, and for what role.
    allowed: Mapping[Environment, Mapping[str, Role]]
    # Where each environment's links lead, without a slash at the end.
    urls: Mapping[Environment, str]
    # Where mail can be sent from: a mail server is set or, in Local, the dashboard keeps it.
    sends_mail: frozenset[Environment]
