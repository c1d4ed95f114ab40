import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from models.access import Account, Session, Theme
from models.environment import Environment
from models.permissions import Role
from services.access.sessions import SessionRegistry, TimeLeft, add_session
from services.access.sign_in import sign_out
from tests.services.access.world import (
    BROWSER,
    LOCAL,
    NOW,
    OLIVIA,
    PRODUCTION,
    SANDBOX,
    VICTOR,
    World,
    another_process,
    make_actor,
)

MOMENT = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
async def account(world: World) -> Account:
    """Olivia's access to Sandbox."""
    return await world.add_account()


@pytest.fixture
def registry(world: World) -> SessionRegistry:
    return world.door.sessions


async def test_who_holds_a_token_is_whose_session_it_is(world: World, account: Account) -> None:
    actor = await world.who(await world.start_session(account))
    assert actor == make_actor(account_id=account.id or 0, has_second_factor=False)
    assert actor.is_alive()
    assert (await world.rows(Account))[0].last_signed_in_at == world.now


async def test_an_actor_has_a_second_factor_once_it_is_set_up(world: World, account: Account) -> None:
    await world.give_second_factor(account)
    assert (await world.actor(account)).has_second_factor


async def test_each_sign_in_has_its_own_token_of_which_the_hash_alone_is_stored(world: World, account: Account) -> None:
    tokens = [await world.start_session(account) for _ in range(2)]
    assert tokens[0] != tokens[1]
    stored = str([row.model_dump() for row in await world.rows(Session)])
    assert not [token for token in tokens if token in stored]


@pytest.mark.parametrize("change", [{"password_hash": "set anew"}, {"suspended_at": NOW}])
async def test_an_access_that_was_changed_meanwhile_starts_no_session(
    world: World, account: Account, change: dict[str, object]
) -> None:
    await world.change(account, **change)
    async with world.door.database.session() as session:
        assert await add_session(session, account, BROWSER, now=world.now) is None


async def test_a_forged_token_is_nobody(world: World, registry: SessionRegistry, account: Account) -> None:
    await world.start_session(account)
    assert await registry.lookup("mallory-made-this-up", now=world.now) is None
    assert await registry.lookup("\udcff", now=world.now) is None


async def test_a_session_of_an_environment_that_was_switched_off_is_none(world: World, account: Account) -> None:
    token = await world.start_session(account)
    only_local = SessionRegistry(world.door.database, environments=(LOCAL,))
    assert await only_local.lookup(token, now=world.now) is None


async def test_a_session_that_is_signed_out_is_dead_at_once(
    world: World, registry: SessionRegistry, account: Account
) -> None:
    token = await world.start_session(account)
    actor = await world.who(token)
    await sign_out(world.door, token, address=BROWSER.address, now=world.now)
    assert not actor.is_alive()
    assert not registry.is_alive(actor.session_id)
    assert await registry.lookup(token, now=world.now) is None


async def test_a_session_ended_by_another_process_dies_with_the_next_poll(
    world: World, registry: SessionRegistry, account: Account
) -> None:
    token = await world.start_session(account)
    ended, other = await world.who(token), await world.actor(account)
    async with another_process(world) as elsewhere:
        await sign_out(elsewhere.door, token, address=BROWSER.address, now=world.now)
    assert ended.is_alive()
    await registry.poll(now=world.now)
    assert not ended.is_alive()
    assert other.is_alive()


async def test_over_http_a_session_ended_elsewhere_lives_5_seconds_at_most(
    world: World, registry: SessionRegistry, account: Account
) -> None:
    token = await world.start_session(account)
    await world.who(token)
    async with another_process(world) as elsewhere:
        await sign_out(elsewhere.door, token, address=BROWSER.address, now=world.now)
    assert await registry.lookup(token, now=world.now + timedelta(seconds=5) - MOMENT)
    assert await registry.lookup(token, now=world.now + timedelta(seconds=5)) is None


async def test_a_suspended_access_has_no_session(world: World, registry: SessionRegistry, account: Account) -> None:
    """Even one that nobody thought of ending."""
    token = await world.start_session(account)
    actor = await world.who(token)
    await world.change(account, suspended_at=world.now)
    await registry.poll(now=world.now)
    assert not actor.is_alive()
    assert await registry.lookup(token, now=world.now) is None


async def test_no_id_of_a_session_is_given_twice(world: World, account: Account) -> None:
    """Open pages and sockets of other processes know a session by its id alone, until their next poll."""
    removed = await world.actor(account)
    async with world.door.database.session() as session:
        await session.exec(delete(Session).where(col(Session.id) == removed.session_id))
        await session.commit()
    assert (await world.actor(await world.add_account(VICTOR))).session_id != removed.session_id


@pytest.mark.parametrize(
    ("environment", "idle"), [(PRODUCTION, HOUR / 2), (SANDBOX, 8 * HOUR), (LOCAL, 8 * HOUR)], ids=str
)
async def test_a_session_ends_when_nobody_does_anything(
    world: World, registry: SessionRegistry, environment: Environment, idle: timedelta
) -> None:
    token = await world.start_session(await world.add_account(VICTOR, role=Role.VIEWER, environment=environment))
    actor = await world.who(token)
    await registry.poll(now=world.now + idle - MOMENT)
    assert actor.is_alive()
    await registry.poll(now=world.now + idle)
    assert not actor.is_alive()
    assert await registry.lookup(token, now=world.now + idle) is None


@pytest.mark.parametrize(
    ("environment", "every", "times"), [(PRODUCTION, HOUR / 3, 36), (SANDBOX, 7 * HOUR, 24), (LOCAL, 7 * HOUR, 24)]
)
async def test_who_does_something_stays_signed_in_but_never_longer_than_12_hours_in_production_and_7_days_elsewhere(
    world: World, registry: SessionRegistry, environment: Environment, every: timedelta, times: int
) -> None:
    token = await world.start_session(await world.add_account(VICTOR, role=Role.VIEWER, environment=environment))
    begin = world.now
    for turn in range(times):
        world.now = begin + turn * every
        registry.touch((await world.who(token)).session_id, now=world.now)
        await registry.poll(now=world.now)
    assert await registry.lookup(token, now=begin + times * every) is None


async def test_what_is_left_of_a_session_shrinks_and_grows_again_when_somebody_does_something(
    world: World, registry: SessionRegistry
) -> None:
    victor = await world.actor(await world.add_account(VICTOR, environment=PRODUCTION, role=Role.VIEWER))

    def left() -> TimeLeft | None:
        return registry.time_left(victor.session_id, now=world.now)

    assert left() == TimeLeft(idle=HOUR / 2, absolute=12 * HOUR)
    world.wait(minutes=20)
    assert left() == TimeLeft(idle=HOUR / 6, absolute=12 * HOUR - HOUR / 3)
    registry.touch(victor.session_id, now=world.now)
    assert left() == TimeLeft(idle=HOUR / 2, absolute=12 * HOUR - HOUR / 3)


async def test_what_somebody_did_is_not_forgotten_before_it_is_written_down(
    world: World, registry: SessionRegistry, account: Account
) -> None:
    token = await world.start_session(account)
    actor = await world.who(token)
    world.wait(hours=1)
    registry.touch(actor.session_id, now=world.now)
    await world.who(token)
    assert registry.time_left(actor.session_id, now=world.now) == TimeLeft(idle=8 * HOUR, absolute=167 * HOUR)


async def test_what_another_process_has_seen_counts_for_what_is_left(
    world: World, registry: SessionRegistry, account: Account
) -> None:
    token = await world.start_session(account)
    actor = await world.who(token)
    async with another_process(world) as elsewhere:
        await elsewhere.who(token)
        elsewhere.wait(hours=7)
        elsewhere.door.sessions.touch(actor.session_id, now=elsewhere.now)
        await elsewhere.door.sessions.poll(now=elsewhere.now)
    world.now = elsewhere.now
    await world.who(token)
    assert registry.time_left(actor.session_id, now=world.now) == TimeLeft(idle=8 * HOUR, absolute=161 * HOUR)


def test_nothing_is_left_of_a_session_that_nobody_knows(world: World, registry: SessionRegistry) -> None:
    assert registry.time_left(4711, now=world.now) is None
    registry.touch(4711, now=world.now)
    assert not registry.is_alive(4711)


async def test_in_production_a_session_without_the_second_factor_that_its_role_requires_is_none(
    world: World, registry: SessionRegistry
) -> None:
    """Such as one of a role that somebody got by another way than the team's page."""
    account = await world.add_account(environment=PRODUCTION, role=Role.VIEWER)
    token = await world.start_session(account)
    actor = await world.who(token)
    await world.change(account, role=Role.ADMIN)
    await registry.poll(now=world.now)
    assert not actor.is_alive()
    assert await registry.lookup(token, now=world.now) is None
    await world.give_second_factor((await world.rows(Account))[0])
    assert await registry.lookup(token, now=world.now)


async def test_last_seen_is_written_once_a_minute_at_most(
    world: World, registry: SessionRegistry, account: Account
) -> None:
    token, begin = await world.start_session(account), world.now
    for second, written in ((59, 0), (60, 60), (119, 60), (120, 120)):
        world.now = begin + timedelta(seconds=second)
        registry.touch((await world.who(token)).session_id, now=world.now)
        await registry.poll(now=world.now)
        assert (await world.rows(Session))[0].last_seen_at == begin + timedelta(seconds=written)


async def test_what_another_process_has_seen_later_is_not_unwritten(
    world: World, registry: SessionRegistry, account: Account
) -> None:
    token = await world.start_session(account)
    session_id = (await world.who(token)).session_id
    async with another_process(world) as elsewhere:
        await elsewhere.who(token)
        elsewhere.wait(minutes=5)
        elsewhere.door.sessions.touch(session_id, now=elsewhere.now)
        await elsewhere.door.sessions.poll(now=elsewhere.now)
    registry.touch(session_id, now=world.now + timedelta(minutes=2))
    await registry.poll(now=elsewhere.now)
    assert (await world.rows(Session))[0].last_seen_at == elsewhere.now


async def test_a_busy_database_keeps_no_revocation_from_being_heard(
    world: World, registry: SessionRegistry, account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    token = await world.start_session(account)
    actor = await world.who(token)
    async with another_process(world) as elsewhere:
        await sign_out(elsewhere.door, token, address=BROWSER.address, now=world.now)
    world.wait(minutes=2)
    registry.touch(actor.session_id, now=world.now)
    with world.door.database.writer.connect() as writing:
        writing.exec_driver_sql("BEGIN IMMEDIATE")
        await registry.poll(now=world.now)
        writing.rollback()
    assert "last seen not written" in caplog.text
    assert not actor.is_alive()


async def test_a_database_that_refuses_undoes_nothing_that_was_committed(
    world: World, registry: SessionRegistry, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is heard of with the next poll."""
    token = await world.start_session(account)
    actor = await world.who(token)

    async def refuses(_registry: SessionRegistry, *, now: datetime) -> None:
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    with monkeypatch.context() as busy:
        busy.setattr(SessionRegistry, "poll", refuses)
        await sign_out(world.door, token, address=BROWSER.address, now=world.now)
    assert actor.is_alive()
    await registry.poll(now=world.now)
    assert not actor.is_alive()


async def test_a_theme_shows_on_the_very_next_page_of_that_person_alone(
    world: World, registry: SessionRegistry, account: Account
) -> None:
    token, victors = (
        await world.start_session(account),
        await world.start_session(await world.add_account(VICTOR, role=Role.VIEWER)),
    )
    actor, victor = await asyncio.gather(world.who(token), world.who(victors))
    registry.note_theme(actor.account_id, Theme.DARK)
    assert (await world.who(token)).theme is Theme.DARK
    assert (await world.who(victors)).theme is victor.theme is Theme.SYSTEM


async def test_somebody_is_also_in_every_other_environment_they_may_sign_in_to(world: World, account: Account) -> None:
    await world.add_account(environment=LOCAL)
    await world.add_account(environment=PRODUCTION)
    assert (await world.actor(account)).also_in == (PRODUCTION, LOCAL)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"email": VICTOR},
        {"password": None},
        {"suspended_at": NOW},
    ],
    ids=["somebody else's", "invited", "suspended"],
)
async def test_nobody_is_in_an_environment_they_may_not_sign_in_to(
    world: World, account: Account, elsewhere: dict[str, str]
) -> None:
    await world.add_account(**{"environment": PRODUCTION, "email": OLIVIA} | elsewhere)  # type: ignore[arg-type]
    assert (await world.actor(account)).also_in == ()


async def test_nobody_is_in_an_environment_that_was_switched_off(world: World, account: Account) -> None:
    await world.add_account(environment=LOCAL)
    token = await world.start_session(account)
    registry = SessionRegistry(world.door.database, environments=(PRODUCTION, SANDBOX))
    actor = await registry.lookup(token, now=world.now)
    assert actor
    assert actor.also_in == ()
