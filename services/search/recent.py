"""What somebody has looked at lately, for the search box; nobody sees another's."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import delete, literal
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.access import Account
from models.columns import UtcDateTime
from models.known import MOST_RECENT, RecentObject
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.database import Database

LONGEST_LABEL = 200


@needs(Permission.SEE)
async def remember_object(
    actor: Actor, database: Database, *, kind: str, object_id: str, label: str, now: datetime
) -> None:
    """Put an object on top of what somebody has looked at; of the others, the newest 19 stay."""
    values = (actor.account_id, actor.environment.value, kind, object_id, label[:LONGEST_LABEL])
    # Out of the account's row, for it may have been removed since the page was opened.
    theirs = sa.select(*map(literal, values), literal(now, UtcDateTime())).where(
        col(Account.id) == actor.account_id, col(Account.environment) == actor.environment
    )
    columns = ("account_id", "environment", "kind", "object_id", "label", "seen_at")
    new = insert(RecentObject).from_select(columns, theirs)
    upsert = new.on_conflict_do_update(
        index_elements=columns[:1] + columns[2:4], set_={name: new.excluded[name] for name in columns[4:]}
    )
    beyond = _newest(actor).with_only_columns(col(RecentObject.id)).offset(MOST_RECENT).limit(-1)
    async with database.session() as session:
        await session.exec(upsert)
        await session.exec(delete(RecentObject).where(col(RecentObject.id).in_(beyond)))
        await session.commit()


@needs(Permission.SEE)
async def recent_objects(actor: Actor, database: Database, *, limit: int = 8) -> Sequence[RecentObject]:
    """Return what somebody looked at, the last first; may be empty."""
    async with database.session() as session:
        return (await session.exec(_newest(actor).limit(limit))).all()


def _newest(actor: Actor) -> SelectOfScalar[RecentObject]:
    mine = (col(RecentObject.account_id) == actor.account_id, col(RecentObject.environment) == actor.environment)
    return select(RecentObject).where(*mine).order_by(col(RecentObject.seen_at).desc(), col(RecentObject.id).desc())
