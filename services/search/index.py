"""The local index of users: searched, listed and counted, from the database alone.

Mangopay's API cannot search users, and lists them without their names. A search costs what its matches cost: few are
gathered and put in order; of many, the index of that order is walked until a page is full.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, literal, literal_column, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from models.columns import UtcDateTime
from models.environment import Environment
from models.known import IndexWalk, KnownObject, KnownUser
from models.permissions import Permission
from services.access.actors import Actor, authorize, needs
from services.database import Database
from services.search.fts import match_of, matching

Order = Literal["created", "name", "email", "kyc_level", "status", "category", "country"]

FEW = 2_000
EXPORTED_AT_ONCE = 1_000
# SQLite takes only so many values in one statement.
ASKED_AT_ONCE = 500
LARGEST_OFFSET = 2**62
_COLUMNS: Mapping[Order, str] = {"created": "created_at", "name": "name_words"}


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Which users, in which order; several values of one field mean any of them, an empty field means all.

    `text` is looked for in names, e-mails, tags and ids. By name, users whose name is not known come last.
    """

    text: str = ""
    person_types: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    kyc_levels: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    sort: Order = "created"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class UserPage:
    """One page of users, and how many there are in all."""

    users: Sequence[KnownUser]
    total: int


@dataclass(frozen=True, slots=True)
class IndexState:
    """How much the index holds: users known, and those whose names are; `expected` is how many the API counts."""

    known: int
    named: int
    expected: int | None
    is_walking: bool
    # When the last walk through all users ended; None before the first.
    walked_at: datetime | None


@needs(Permission.SEE)
async def search_users(
    actor: Actor, database: Database, wanted: UserFilter, *, page: int = 1, per_page: int = 25
) -> UserPage:
    """Return one page of the users that match, from page 1; an empty page where there are none, or none any more."""
    async with database.session() as session:
        search = await _Search.begin(session, actor.environment, wanted)
        offset = min(max(page - 1, 0) * per_page, LARGEST_OFFSET)
        if offset >= search.total:
            return UserPage((), search.total)
        return UserPage((await session.exec(search.users().offset(offset).limit(per_page))).all(), search.total)


@needs(Permission.EXPORT)
def iter_users(actor: Actor, database: Database, wanted: UserFilter) -> AsyncIterator[Sequence[KnownUser]]:
    """Return all users that match, a thousand at a time; it ends with SessionEnded once the actor's session has."""
    return _chunks(actor, database, wanted)


@needs(Permission.SEE)
async def known_users(actor: Actor, database: Database, ids: Iterable[str]) -> Mapping[str, KnownUser]:
    """Return those of the users that are in the index, by their id."""
    asked = list(dict.fromkeys(ids))
    found: dict[str, KnownUser] = {}
    async with database.session() as session:
        for start in range(0, len(asked), ASKED_AT_ONCE):
            among = col(KnownUser.user_id).in_(asked[start : start + ASKED_AT_ONCE])
            users = await session.exec(select(KnownUser).where(KnownUser.environment == actor.environment, among))
            found |= {user.user_id: user for user in users}
    return found


@needs(Permission.SEE)
async def suggest(actor: Actor, database: Database, text: str, *, limit: int = 6) -> Sequence[KnownUser]:
    """Return the users that what is being typed may mean: whole words before beginnings, the newest first."""
    found: dict[int | None, KnownUser] = {}
    async with database.session() as session:
        for in_whole_words in (True, False):
            match = match_of(actor.environment, text, in_whole_words=in_whole_words)
            if match is None or len(found) >= limit:
                break
            newest = matching(match).order_by(literal_column("rowid").desc()).limit(limit)
            users = select(KnownUser).where(col(KnownUser.id).in_(newest)).order_by(col(KnownUser.id).desc())
            found |= {user.id: user for user in await session.exec(users)}
    return list(found.values())[:limit]


@needs(Permission.SEE)
async def find_shortened(
    actor: Actor, database: Database, beginning: str, end: str, *, limit: int = 8
) -> Sequence[tuple[str, str]]:
    """Return kind and id of what is known here whose id begins and ends like this."""
    found: list[tuple[str, str]] = []
    async with database.session() as session:
        for table, kind, object_id in (
            (KnownUser, literal("user"), col(KnownUser.user_id)),
            (KnownObject, col(KnownObject.kind), col(KnownObject.object_id)),
        ):
            # The beginning by the index; LIKE would read `_` as any sign.
            is_it = (
                table.environment == actor.environment,
                object_id >= beginning,
                object_id < f"{beginning}\uffff",
                func.substr(object_id, -len(end)) == end,
            )
            rows = await session.exec(select(kind, object_id).where(*is_it).order_by(object_id).limit(limit))
            found.extend((str(name), str(id_)) for name, id_ in rows)
    return found[:limit]


@needs(Permission.SEE)
async def objects_of(actor: Actor, database: Database, user_id: str, *, limit: int = 500) -> Sequence[KnownObject]:
    """Return what is known to belong to a user, the last seen first; there may be more than is known."""
    theirs = (KnownObject.environment == actor.environment, KnownObject.user_id == user_id)
    newest = select(KnownObject).where(*theirs).order_by(col(KnownObject.seen_at).desc(), col(KnownObject.id).desc())
    async with database.session() as session:
        return (await session.exec(newest.limit(limit))).all()


@needs(Permission.SEE)
async def index_state(actor: Actor, database: Database) -> IndexState:
    mine = KnownUser.environment == actor.environment
    async with database.session() as session:
        known, named = (await session.exec(select(func.count(), func.count(col(KnownUser.read_at))).where(mine))).one()
        walks = await session.exec(select(IndexWalk).where(IndexWalk.environment == actor.environment))
        walk = walks.first() or IndexWalk(environment=actor.environment)
    return IndexState(known, named, walk.total, walk.is_under_way, walk.finished_at)


async def _chunks(actor: Actor, database: Database, wanted: UserFilter) -> AsyncIterator[Sequence[KnownUser]]:
    async with database.session() as session:
        search = await _Search.begin(session, actor.environment, wanted)
    last: KnownUser | None = None
    while True:
        authorize(actor, Permission.EXPORT)
        async with database.session() as session:
            users = (await session.exec(search.users(after=last).limit(EXPORTED_AT_ONCE))).all()
        if users:
            yield users
        if len(users) < EXPORTED_AT_ONCE:
            return
        last = users[-1]


@dataclass(frozen=True, slots=True)
class _Search:
    """What is looked for, and how many rows it finds: that decides how they are come by."""

    environment: Environment
    wanted: UserFilter
    total: int

    @classmethod
    async def begin(cls, session: AsyncSession, environment: Environment, wanted: UserFilter) -> "_Search":
        ids = _ids(environment, wanted)
        total = 0 if ids is None else (await session.exec(select(func.count()).select_from(ids.subquery()))).one()
        return cls(environment, wanted, total)

    def users(self, *, after: KnownUser | None = None) -> SelectOfScalar[KnownUser]:
        """Return the statement of the users in their order, from the first or from the one after `after`."""
        name = _COLUMNS.get(self.wanted.sort, self.wanted.sort)
        key, row_id = col(getattr(KnownUser, name)), col(KnownUser.id)
        statement = select(KnownUser).where(*self._conditions())
        if after is not None:
            place, after_it = tuple_(_bound(getattr(after, name)), literal(after.id)), tuple_(key, row_id)
            statement = statement.where(after_it < place if self.wanted.descending else after_it > place)
        if self.wanted.descending:
            return statement.order_by(key.desc(), row_id.desc())
        return statement.order_by(key, row_id)

    def _conditions(self) -> list[ColumnElement[bool]]:
        ids = _ids(self.environment, self.wanted)
        if ids is None or self.total <= FEW:
            return [col(KnownUser.id).in_([] if ids is None else ids)]
        match = match_of(self.environment, self.wanted.text)
        # The unary plus keeps SQLite from any other index than that of the order.
        found = [literal_column("+known_user.id").in_(matching(match))] if match else []
        return [col(KnownUser.environment) == self.environment, *_narrowed(self.wanted, plus="+"), *found]


def _bound(value: datetime | str) -> ColumnElement[Any]:
    return literal(value, UtcDateTime()) if isinstance(value, datetime) else literal(value)


def _ids(environment: Environment, wanted: UserFilter) -> Select[Any] | None:
    """Return the statement of the ids of all users that match; None when nothing can."""
    match = match_of(environment, wanted.text)
    narrowed = _narrowed(wanted)
    if match is None and wanted.text.strip():
        return None
    if match is not None and not narrowed:
        return matching(match)
    of_match = [col(KnownUser.id).in_(matching(match))] if match else []
    return select(KnownUser.id).where(KnownUser.environment == environment, *narrowed, *of_match)


def _narrowed(wanted: UserFilter, *, plus: str = "") -> list[ColumnElement[bool]]:
    chosen = {
        "person_type": wanted.person_types,
        "category": wanted.categories,
        "kyc_level": wanted.kyc_levels,
        "status": wanted.statuses,
        "country": wanted.countries,
    }
    return [literal_column(f"{plus}known_user.{name}").in_(values) for name, values in chosen.items() if values]
