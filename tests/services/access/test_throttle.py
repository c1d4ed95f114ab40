import asyncio
from datetime import timedelta

import pytest
from sqlmodel import func, select

from models.access import Attempt
from models.environment import Environment
from services.access.throttle import CODE, SIGN_IN, Limits, Tries, forgive, start_try
from services.database import Database
from tests.services.access.world import BROWSER, LOCAL, NOW, OLIVIA, SANDBOX, World, another_process

ZERO = timedelta(0)


async def test_the_sixth_failure_in_15_minutes_waits_until_the_first_is_forgotten(database: Database) -> None:
    for minute in range(5):
        assert await _start(database, minute=minute) == ZERO
    assert await _start(database, minute=5) == timedelta(minutes=10)
    assert await _start(database, minute=15) == ZERO
    assert await _start(database, minute=15) == timedelta(minutes=1)


async def test_what_is_long_past_does_not_count(database: Database) -> None:
    for _ in range(5):
        await _start(database)
    assert await _start(database, minute=20) == ZERO


async def test_a_refused_attempt_does_not_prolong_the_wait(database: Database) -> None:
    for _ in range(5):
        await _start(database)
    for minute in range(15):
        assert await _start(database, minute=minute)
    assert await _start(database, minute=15) == ZERO


async def test_one_access_is_guarded_whatever_address_the_guesses_come_from(database: Database) -> None:
    for number in range(5):
        assert await _start(database, address=f"192.0.2.{number}") == ZERO
    assert await _start(database, address="192.0.2.99")
    assert await _start(database, address="192.0.2.99", environment=LOCAL) == ZERO
    assert await _start(database, email="victor@example.com", address="192.0.2.99") == ZERO


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "unknown"])
async def test_one_address_may_fail_20_times_whatever_names_it_guesses(database: Database, address: str) -> None:
    for number in range(20):
        assert await _start(database, email=f"guess{number}@example.com", address=address) == ZERO
    assert await _start(database, email="guess20@example.com", address=address)
    assert await _start(database, address="198.51.100.7") == ZERO


async def test_a_whole_ipv6_network_counts_as_one_address(database: Database) -> None:
    for number in range(20):
        await _start(database, email=f"guess{number}@example.com", address=f"2001:db8::{number:x}")
    assert await _start(database, email="guess20@example.com", address="2001:db8::ffff:1")
    assert await _start(database, email="guess20@example.com", address="2001:db8:0:1::1") == ZERO


async def test_an_ipv4_address_in_ipv6_clothes_is_the_same_address_and_not_its_neighbours(database: Database) -> None:
    for number in range(20):
        await _start(database, email=f"guess{number}@example.com", address="::ffff:192.0.2.1")
    assert await _start(database, email="guess20@example.com", address="192.0.2.1")
    assert await _start(database, email="guess20@example.com", address="::ffff:192.0.2.2") == ZERO


async def test_a_success_forgets_the_failures_of_its_access_but_not_those_of_its_address(database: Database) -> None:
    for number in range(15):
        await _start(database, email=f"guess{number}@example.com")
    for _ in range(5):
        await _start(database)
    await _forgive(database)
    assert await _start(database) == ZERO
    assert await _start(database)


async def test_the_last_try_before_a_pause_is_said_to_be_the_last(database: Database) -> None:
    turns = [await start_try(database, _tries(), now=NOW) for _ in range(6)]
    assert [turn.is_last for turn in turns] == [False, False, False, False, True, False]
    for number in range(14):
        await _start(database, email=f"guess{number}@example.com")
    assert (await start_try(database, _tries("guess14@example.com"), now=NOW)).is_last


async def test_each_kind_of_try_is_counted_by_itself(database: Database) -> None:
    for _ in range(5):
        await _start(database)
    assert (await start_try(database, _tries(kind="code", limits=CODE), now=NOW)).wait == ZERO


async def test_of_six_tries_at_once_no_more_than_five_are_let_through(database: Database) -> None:
    waits = await asyncio.gather(*(_start(database) for _ in range(6)), return_exceptions=True)
    assert waits.count(ZERO) <= 5
    assert await _attempts(database) == 2 * waits.count(ZERO)


async def test_who_must_wait_is_told_so_though_somebody_holds_the_database(database: Database) -> None:
    for _ in range(5):
        await _start(database)
    with database.writer.connect() as writing:
        writing.exec_driver_sql("BEGIN IMMEDIATE")
        assert await _start(database) == timedelta(minutes=15)
        writing.rollback()


async def test_every_process_counts_alike(world: World) -> None:
    async with another_process(world) as elsewhere:
        for _ in range(2):
            assert await _start(world.door.database) == ZERO
            assert await _start(elsewhere.door.database) == ZERO
        assert await _start(world.door.database) == ZERO
        assert await _start(elsewhere.door.database) == timedelta(minutes=15)
        await _forgive(elsewhere.door.database)
        assert await _start(world.door.database) == ZERO


async def test_names_made_up_by_a_guesser_do_not_pile_up(database: Database) -> None:
    for number in range(30):
        await _start(database, email=f"guess{number}@example.com", address=f"192.0.2.{number}")
    await _start(database, minute=15)
    assert await _attempts(database) == 2


async def test_nothing_that_is_stored_says_who_tried(database: Database) -> None:
    await _start(database)
    async with database.session() as session:
        stored = str([row.model_dump() for row in (await session.exec(select(Attempt))).all()])
    assert OLIVIA not in stored
    assert BROWSER.address not in stored


def _tries(
    email: str = OLIVIA,
    *,
    address: str = BROWSER.address,
    environment: Environment = SANDBOX,
    kind: str = "sign-in",
    limits: Limits = SIGN_IN,
) -> Tries:
    return Tries(kind, limits, environment, email, address)


async def _start(
    database: Database,
    *,
    email: str = OLIVIA,
    address: str = BROWSER.address,
    environment: Environment = SANDBOX,
    minute: int = 0,
) -> timedelta:
    tries = _tries(email, address=address, environment=environment)
    return (await start_try(database, tries, now=NOW + timedelta(minutes=minute))).wait


async def _forgive(database: Database) -> None:
    async with database.session() as session:
        await forgive(session, _tries())
        await session.commit()


async def _attempts(database: Database) -> int:
    async with database.session() as session:
        return (await session.exec(select(func.count()).select_from(Attempt))).one()
