"""What somebody looked at lately is there for them alone, the last first, and not for ever."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import delete
from sqlmodel import col

from models.access import Account
from models.environment import Environment
from models.known import MOST_RECENT, RecentObject
from models.permissions import Role
from services.access.actors import Actor
from services.database import Database
from services.search.recent import LONGEST_LABEL, recent_objects, remember_object
from tests.actors import make_actor
from tests.services.access.world import stored_rows
from tests.services.search.market import LOCAL, NOW, SANDBOX, add


async def somebody(database: Database, email: str = "olivia@example.com", environment: Environment = LOCAL) -> Actor:
    account = Account(email=email, environment=environment, role=Role.VIEWER, created_at=NOW)
    await add(database, account)
    return make_actor(Role.VIEWER, environment, account_id=account.id or 0, email=email)


@pytest.fixture
async def olivia(database: Database) -> Actor:
    return await somebody(database)


async def look(actor: Actor, database: Database, *ids: int, kind: str = "payin", label: str = "12 EUR") -> None:
    """Look at objects, each a second after the one before."""
    for number in ids:
        now = NOW + timedelta(seconds=len(await stored_rows(database, RecentObject)) + number)
        await remember_object(actor, database, kind=kind, object_id=str(number), label=label, now=now)


async def ids(actor: Actor, database: Database, limit: int = 99) -> Sequence[str]:
    return [recent.object_id for recent in await recent_objects(actor, database, limit=limit)]


async def test_the_last_is_on_top_with_the_label_it_has_now(database: Database, olivia: Actor) -> None:
    await look(olivia, database, 1, 2, 3)
    await remember_object(olivia, database, kind="payin", object_id="1", label="13 EUR", now=NOW + timedelta(minutes=1))
    found = await recent_objects(olivia, database)
    assert [(recent.object_id, recent.label) for recent in found] == [("1", "13 EUR"), ("3", "12 EUR"), ("2", "12 EUR")]
    assert (found[0].kind, found[0].seen_at) == ("payin", NOW + timedelta(minutes=1))


async def test_equal_ids_of_two_kinds_are_two_objects(database: Database, olivia: Actor) -> None:
    for kind in ("payin", "payout"):
        await look(olivia, database, 1, kind=kind)
    assert await ids(olivia, database) == ["1", "1"]


async def test_only_the_newest_twenty_stay(database: Database, olivia: Actor) -> None:
    victor = await somebody(database, "victor@example.com")
    await look(victor, database, 99)
    await look(olivia, database, *range(MOST_RECENT + 5))
    assert await ids(olivia, database) == [str(number) for number in reversed(range(5, MOST_RECENT + 5))]
    assert await ids(olivia, database, limit=3) == ["24", "23", "22"]
    assert await ids(victor, database) == ["99"]


async def test_nobody_sees_what_others_looked_at(database: Database, olivia: Actor) -> None:
    await look(olivia, database, 1)
    assert await ids(await somebody(database, "victor@example.com"), database) == []
    # The same account id in another environment is nobody's.
    assert await ids(make_actor(environment=SANDBOX, account_id=olivia.account_id), database) == []


async def test_it_goes_with_the_account_and_nothing_is_kept_for_one_that_has_gone(
    database: Database, olivia: Actor
) -> None:
    await look(olivia, database, 1)
    async with database.session() as session:
        await session.exec(delete(Account).where(col(Account.id) == olivia.account_id))
        await session.commit()
    assert await stored_rows(database, RecentObject) == []
    await look(olivia, database, 2)
    assert await stored_rows(database, RecentObject) == []


async def test_nothing_is_kept_under_an_environment_the_account_is_not_of(database: Database, olivia: Actor) -> None:
    await look(make_actor(environment=SANDBOX, account_id=olivia.account_id), database, 1)
    assert await stored_rows(database, RecentObject) == []


async def test_a_long_label_is_cut(database: Database, olivia: Actor) -> None:
    await look(olivia, database, 1, label="x" * 1_000)
    [recent] = await recent_objects(olivia, database)
    assert recent.label == "x" * LONGEST_LABEL
