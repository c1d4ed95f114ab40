"""Walks through all users in the background, to know them and their names, within what the rate budget leaves over.

Of all processes on one database one walks, by a claim it renews. First come all pages of the list, the oldest user
first, so that new users move nothing; then, every few minutes, the newest; a whole walk again every day. Names are in
no list: each user is read alone. Source: https://docs.mangopay.com/api-reference/users
"""

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Update, func, text, update
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.columns import from_milliseconds, to_milliseconds
from models.environment import Environment
from models.known import TO_BE_READ, IndexWalk, KnownUser
from models.objects.fields import Content, text_at
from models.objects.kinds import KINDS
from models.objects.listings import LISTINGS
from services.database import Database
from services.mangopay.client import NEWEST_FIRST, MangopayClient
from services.mangopay.errors import (
    Forbidden,
    MangopayError,
    NotAuthenticated,
    NotFound,
    RateLimited,
    Unreachable,
)
from services.mangopay.governor import ASK_AGAIN, Priority
from services.mangopay.paging import Page
from services.objects.view import read_first
from services.search.freshness import take_in
from services.search.learn import Learner

log = logging.getLogger(__name__)

T = TypeVar("T")

OLDEST_FIRST = "CreationDate:ASC"
# Longer than any turn: it makes no call after TURN_S, and none lasts longer than CALL_S.
CLAIM = timedelta(seconds=60)
RENEW_BEFORE = timedelta(seconds=30)
TURN_S = 5.0
CALL_S = 20.0
NAMES_A_TURN = 5
LOOK_EVERY = timedelta(minutes=5)
# The local API is our own, and its market fills up within minutes.
LOOK_EVERY_LOCALLY = timedelta(seconds=20)
WHOLE_WALK_EVERY = timedelta(hours=24)
# After the first failure in a row, the second, and every further one.
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))


class Walker:
    """One per process, for all environments. It keeps no write transaction open while it waits for Mangopay."""

    def __init__(
        self,
        database: Database,
        clients: Mapping[Environment, MangopayClient],
        learner: Learner,
        environments: Sequence[Environment],
    ) -> None:
        self._walks = [_Walk(database, clients[environment], learner) for environment in environments]

    async def turn(self, now: datetime) -> None:
        """Do a little of what is to be done, side by side for all environments; to be called every second."""
        # Each comes to its end, whatever becomes of the others: the next turn must not meet it.
        outcomes = await asyncio.gather(*(walk.turn(now) for walk in self._walks), return_exceptions=True)
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        for failure in failures[1:]:
            log.error("a walk through the users failed", exc_info=failure)
        if failures:
            raise failures[0]

    def stop(self) -> None:
        """Cut short the calls of the turn that runs, and make no others."""
        for walk in self._walks:
            walk.stop()


class _Walk:
    """One environment's."""

    def __init__(self, database: Database, client: MangopayClient, learner: Learner) -> None:
        self._database = database
        self._environment = client.environment
        self._client = client.at(Priority.BACKGROUND)
        self._learner = learner
        self._claimed_until: datetime | None = None
        self._rests_until: datetime | None = None
        self._failures = 0
        self._newest_page = 1
        self._looked_at: datetime | None = None
        # Users over whom Mangopay, or its answer, stumbled: others come first until the next whole walk.
        self._set_aside: set[str] = set()
        self._is_stopping = False
        self._limit: asyncio.Timeout | None = None

    async def turn(self, now: datetime) -> None:
        if self._is_stopping:
            return
        # What was heard before a notification must not be written down after it.
        await self._learner.turn()
        async with self._database.session() as session:
            walk = await self._claim(session, now)
            if walk is None:
                return
            await self._take_in_notifications(session, walk)
        if self._rests_until is None or now >= self._rests_until:
            await self._work_or_rest(walk, now)

    def stop(self) -> None:
        self._is_stopping = True
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time())

    async def _claim(self, session: AsyncSession, now: datetime) -> IndexWalk | None:
        """Return how far the walk has come, once it is this process's own; None while it is another's."""
        walk = await self._read(session)
        until, renewed_until = walk.claimed_until, _stored(now + CLAIM)
        is_mine = until is not None and until == self._claimed_until
        if is_mine and until is not None and now < until - RENEW_BEFORE:
            return walk
        # A clock that was set back must not leave the walk to nobody for hours.
        is_free = until is None or until <= now or until > renewed_until
        as_seen = (col(IndexWalk.id) == walk.id, col(IndexWalk.claimed_until).is_not_distinct_from(until))
        renewed = update(IndexWalk).where(*as_seen).values(claimed_until=renewed_until)
        if not (is_mine or is_free) or (await session.exec(renewed)).rowcount != 1:
            return None
        await session.commit()
        self._claimed_until = renewed_until
        return walk

    async def _read(self, session: AsyncSession) -> IndexWalk:
        mine = select(IndexWalk).where(IndexWalk.environment == self._environment)
        walk = (await session.exec(mine)).first()
        if walk is None:
            first = insert(IndexWalk).values(environment=self._environment, page=1)
            # Another process on the same database may begin at the same moment.
            await session.exec(first.on_conflict_do_nothing())
            await session.commit()
            walk = (await session.exec(mine)).one()
        return walk

    async def _take_in_notifications(self, session: AsyncSession, walk: IndexWalk) -> None:
        up_to = await take_in(session, self._environment, walk.last_delivery_id)
        if up_to != walk.last_delivery_id:
            await session.exec(self._change(last_delivery_id=up_to))
            await session.commit()

    async def _work_or_rest(self, walk: IndexWalk, now: datetime) -> None:
        try:
            await self._work(walk, now)
        except RateLimited as error:
            self._rests_until = error.retry_at or now + ASK_AGAIN
        except (MangopayError, TimeoutError) as error:
            if not self._is_stopping:
                self._back_off(error, now)
        else:
            self._failures = 0

    def _back_off(self, error: Exception, now: datetime) -> None:
        pause = BACK_OFF[min(self._failures, len(BACK_OFF) - 1)]
        self._failures += 1
        self._rests_until = now + pause
        log.warning("the index of users rests environment=%s for=%s after=%r", self._environment, pause, error)

    async def _work(self, walk: IndexWalk, now: datetime) -> None:
        ends_at_s = asyncio.get_running_loop().time() + TURN_S
        look_every = LOOK_EVERY_LOCALLY if self._environment is Environment.LOCAL else LOOK_EVERY
        if self._looked_at is None or now - self._looked_at >= look_every:
            await self._look_at_newest(walk, now)
        is_walking = _is_due(walk, now)
        if is_walking:
            await self._read_next_page(walk, now)
        # While there are pages to read, the budget is theirs, but for users of whom something was told just now.
        for user_id in await self._to_be_read(only_stale=is_walking):
            if asyncio.get_running_loop().time() < ends_at_s:
                await self._read_user(user_id, now)
        await self._learner.turn()

    async def _look_at_newest(self, walk: IndexWalk, now: datetime) -> None:
        """Read the newest page or, while each has somebody new in it, the one after."""
        async with self._database.session() as session:
            last_id = (await session.exec(select(func.max(KnownUser.id)))).one() or 0
        page = await self._list(self._newest_page, NEWEST_FIRST)
        # Until everybody was met once, everybody is new.
        if page.has_next and walk.finished_at is not None and await self._is_anybody_new(page, last_id):
            self._newest_page += 1
        else:
            self._newest_page, self._looked_at = 1, now
        if page.total_items not in (None, walk.total):
            await self._save(total=page.total_items)

    async def _is_anybody_new(self, page: Page[Content], last_id: int) -> bool:
        listed = (KnownUser.environment == self._environment, col(KnownUser.user_id).in_(_ids(page)))
        async with self._database.session() as session:
            added = select(KnownUser.id).where(*listed, col(KnownUser.id) > last_id)
            return (await session.exec(added.limit(1))).first() is not None

    async def _read_next_page(self, walk: IndexWalk, now: datetime) -> None:
        number = walk.page if walk.is_under_way else 1
        page = await self._list(number, OLDEST_FIRST)
        values: dict[str, object] = {} if walk.is_under_way else {"started_at": now}
        if page.items and page.has_next:
            values["page"] = number + 1
        else:
            values |= {"page": 1, "finished_at": now}
            self._set_aside.clear()
        await self._save(**values)

    async def _list(self, number: int, sort: str) -> Page[Content]:
        """Read a page of the list of users, and have it written down. Raises MangopayError, TimeoutError."""
        path = LISTINGS["users"].api_path("", client_id=self._client.client_id)
        page = await self._ask(self._client.list_objects(path, page=number, query={"Sort": sort}, fresh=True))
        await self._learner.turn()
        return page

    async def _to_be_read(self, *, only_stale: bool) -> Sequence[str]:
        """Return some users whose names are not known, or not for sure: those that were told of, then the newest."""
        waiting = select(KnownUser.user_id).where(
            KnownUser.environment == self._environment,
            text(f"({TO_BE_READ})"),
            *([col(KnownUser.is_stale).is_(True)] if only_stale else []),
            *([col(KnownUser.user_id).not_in(self._set_aside)] if self._set_aside else []),
        )
        newest = (col(KnownUser.is_stale).desc(), col(KnownUser.created_at).desc())
        async with self._database.session() as session:
            return (await session.exec(waiting.order_by(*newest).limit(NAMES_A_TURN))).all()

    async def _read_user(self, user_id: str, now: datetime) -> None:
        paths = KINDS["user"].api_paths(user_id, client_id=self._client.client_id)
        try:
            found = (await self._ask(read_first(self._client, paths, fresh=True))).content
        except (NotFound, Forbidden):
            found = {}
        except (RateLimited, Unreachable, NotAuthenticated):
            raise
        except MangopayError:
            self._set_aside.add(user_id)
            raise
        if found.get("Id") != user_id:
            await self._take_for_read(user_id, now)

    async def _take_for_read(self, user_id: str, now: datetime) -> None:
        """Write down that a user was read though nothing came of it, or the same would be asked for ever."""
        theirs = (col(KnownUser.environment) == self._environment, col(KnownUser.user_id) == user_id)
        async with self._database.session() as session:
            await session.exec(update(KnownUser).where(*theirs).values(read_at=now, is_stale=False))
            await session.commit()

    async def _ask(self, call: Awaitable[T]) -> T:
        """Wait for a call, for as long as one may last and the dashboard runs. Raises MangopayError, TimeoutError."""
        try:
            async with asyncio.timeout(0 if self._is_stopping else CALL_S) as self._limit:
                return await call
        finally:
            self._limit = None

    async def _save(self, **values: object) -> None:
        async with self._database.session() as session:
            await session.exec(self._change(**values))
            await session.commit()

    def _change(self, **values: object) -> Update:
        """Return what changes the walk's row, unless another process has claimed it meanwhile."""
        mine = (col(IndexWalk.environment) == self._environment, col(IndexWalk.claimed_until) == self._claimed_until)
        return update(IndexWalk).where(*mine).values(**values)


def _is_due(walk: IndexWalk, now: datetime) -> bool:
    return walk.is_under_way or walk.finished_at is None or now - walk.finished_at >= WHOLE_WALK_EVERY


def _ids(page: Page[Content]) -> list[str]:
    return [user_id for row in page.items if (user_id := text_at(row, "Id"))]


def _stored(moment: datetime) -> datetime:
    """Return a moment as the database keeps it."""
    return from_milliseconds(to_milliseconds(moment))
