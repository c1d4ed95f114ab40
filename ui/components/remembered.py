"""Keeps what somebody looks at among the objects that the search box offers them."""

import logging

from sqlalchemy.exc import SQLAlchemyError

from models.objects.kinds import Kind
from services.access.actors import Actor
from services.bootstrap import Services
from services.clock import now
from services.search.recent import remember_object

log = logging.getLogger(__name__)


async def remember(services: Services, actor: Actor, kind: Kind, object_id: str, label: str) -> None:
    """Remember that somebody has looked at an object. A database that does not answer is no reason to fail its page."""
    try:
        await remember_object(
            actor, services.database, kind=kind.name, object_id=object_id, label=label[:80], now=now()
        )
    except SQLAlchemyError:
        log.warning("not remembered what was looked at: the database does not answer kind=%s", kind.name)
