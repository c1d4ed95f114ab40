"""Users by their names, as far as they are known here. Ids do as well: no page fails for a name."""

import logging
from collections.abc import Iterable, Mapping

from sqlalchemy.exc import SQLAlchemyError

from models.known import KnownUser
from services.access.actors import Actor
from services.bootstrap import Services
from services.search.index import known_users

log = logging.getLogger(__name__)


async def known_by_id(actor: Actor, services: Services, ids: Iterable[str]) -> Mapping[str, KnownUser]:
    """Return those of the users that are in the local index; none while the database does not answer."""
    try:
        return await known_users(actor, services.database, ids)
    except SQLAlchemyError:
        log.warning("no names of users: the database does not answer")
        return {}


async def names_of(actor: Actor, services: Services, ids: Iterable[str]) -> Mapping[str, str]:
    """Return the names, by id, of those of the users whose names are known."""
    users = await known_by_id(actor, services, ids)
    return {user_id: user.name for user_id, user in users.items() if user.name}
