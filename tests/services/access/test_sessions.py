from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from sqlmodel import select

from models.access import Account, Role, Session, Theme
from models.environment import Environment
from services.access.passwords import hash_password
from services.access.sessions import SessionRegistry, SignedIn, sign_in, start_session
from services.database import Database

Row = TypeVar("Row", Account, Session)

OLIVIA = "olivia@example.com"
PASSWORD = "Olivia-keeps-7-wallets"


@pytest.fixture
async def account(database: Database, now: datetime) -> Account:
    """Olivia's access to Sandbox; the tests of sign-in give it a real hash."""
    account = Account(
        environment=Environment.SANDBOX, email=OLIVIA, role=Role.OPERATOR, password_hash="none", created_at=now
    )
    async with database.session() as session:
        session.add(account)
        await session.commit()
    return account


@pytest.fixture
def registry(database: Database) -> SessionRegistry:
    return _registry(database)


async def test_the_right_pair_signs_in_and_nothing_else_does(
    database: Database, registry: SessionRegistry, account: Account, now: datetime
) -> None:
    await _set_hash(database, account, await hash_password(PASSWORD))

    async def attempt(email: str, password: str, environment: Environment = Environment.SANDBOX) -> str | None:
        return await sign_in(database, environment=environment, email=email, password=password, now=now)

    assert await attempt(OLIVIA, "wrong") is None
    assert await attempt("mallory@example.com", PASSWORD) is None
    assert await attempt(OLIVIA, PASSWORD, Environment.LOCAL) is None
    token = await attempt(OLIVIA, PASSWORD)
    assert token
    assert await registry.lookup(token, now=now) == SignedIn(
        session_id=1,
        account_id=1,
        email=OLIVIA,
        role=Role.OPERATOR,
        environment=Environment.SANDBOX,
        theme=Theme.SYSTEM,
    )
    assert (await _only(database, Account)).last_signed_in_at == now


async def test_each_sign_in_has_its_own_token_of_which_the_hash_alone_is_stored(
    database: Database, account: Account, now: datetime
) -> None:
    tokens = [await _start(database, account, now) for _ in range(2)]
    assert tokens[0] != tokens[1]
    async with database.session() as session:
        stored = str([row.model_dump() for row in (await session.exec(select(Session))).all()])
    assert not [token for token in tokens if token in stored]


async def test_a_password_set_anew_meanwhile_starts_no_session(
    database: Database, account: Account, now: datetime
) -> None:
    await _set_hash(database, await _only(database, Account), "set anew")
    assert await start_session(database, account, now=now) is None


async def test_a_forged_token_is_nobody(registry: SessionRegistry, account: Account, now: datetime) -> None:
    assert await registry.lookup("mallory-made-this-up", now=now) is None


async def test_a_session_of_an_environment_that_was_switched_off_is_none(
    database: Database, account: Account, now: datetime
) -> None:
    token = await _start(database, account, now)
    assert await SessionRegistry(database, environments=(Environment.LOCAL,)).lookup(token, now=now) is None


async def test_a_revoked_session_is_dead_at_once(
    database: Database, registry: SessionRegistry, account: Account, now: datetime
) -> None:
    token = await _start(database, account, now)
    signed_in = await registry.lookup(token, now=now)
    assert signed_in
    assert registry.is_alive(signed_in.session_id)
    await registry.revoke(token, now=now)
    assert not registry.is_alive(signed_in.session_id)
    assert await registry.lookup(token, now=now) is None


async def test_a_session_revoked_by_another_process_dies_with_the_next_poll(
    database: Database, registry: SessionRegistry, account: Account, now: datetime
) -> None:
    token, others = await _start(database, account, now), await _start(database, account, now)
    signed_in, other = await registry.lookup(token, now=now), await registry.lookup(others, now=now)
    assert signed_in
    assert other
    await _registry(database).revoke(token, now=now)
    assert registry.is_alive(signed_in.session_id)
    await registry.poll_revoked(now=now)
    assert not registry.is_alive(signed_in.session_id)
    assert registry.is_alive(other.session_id)


async def test_over_http_a_session_revoked_elsewhere_lives_5_seconds_at_most(
    database: Database, registry: SessionRegistry, account: Account, now: datetime
) -> None:
    token = await _start(database, account, now)
    await registry.lookup(token, now=now)
    await _registry(database).revoke(token, now=now)
    assert await registry.lookup(token, now=now + timedelta(seconds=4.9))
    assert await registry.lookup(token, now=now + timedelta(seconds=5)) is None


async def test_a_session_ends_after_8_idle_hours(
    database: Database, registry: SessionRegistry, account: Account, now: datetime
) -> None:
    token = await _start(database, account, now)
    signed_in = await registry.lookup(token, now=now + timedelta(hours=7, minutes=59))
    assert signed_in
    await registry.poll_revoked(now=now + timedelta(hours=8))
    assert not registry.is_alive(signed_in.session_id)
    assert await registry.lookup(token, now=now + timedelta(hours=8)) is None


async def test_who_does_something_stays_signed_in_but_never_longer_than_7_days(
    database: Database, registry: SessionRegistry, account: Account, now: datetime
) -> None:
    token = await _start(database, account, now)
    for hour in range(0, 7 * 24, 7):
        signed_in = await registry.lookup(token, now=now + timedelta(hours=hour))
        assert signed_in
        registry.touch(signed_in.session_id, now=now + timedelta(hours=hour))
        await registry.poll_revoked(now=now + timedelta(hours=hour))
    assert await registry.lookup(token, now=now + timedelta(days=7)) is None


async def test_last_seen_is_written_once_a_minute_at_most(
    database: Database, registry: SessionRegistry, account: Account, now: datetime
) -> None:
    token = await _start(database, account, now)
    for second, written in ((59, 0), (60, 60), (119, 60), (120, 120)):
        moment = now + timedelta(seconds=second)
        signed_in = await registry.lookup(token, now=moment)
        assert signed_in
        registry.touch(signed_in.session_id, now=moment)
        await registry.poll_revoked(now=moment)
        assert (await _only(database, Session)).last_seen_at == now + timedelta(seconds=written)


async def test_a_busy_database_keeps_no_revocation_from_being_heard(
    database: Database,
    registry: SessionRegistry,
    account: Account,
    now: datetime,
    caplog: pytest.LogCaptureFixture,
) -> None:
    token = await _start(database, account, now)
    signed_in = await registry.lookup(token, now=now)
    assert signed_in
    registry.touch(signed_in.session_id, now=now + timedelta(minutes=2))
    await _registry(database).revoke(token, now=now)
    with database.writer.connect() as writing:
        writing.exec_driver_sql("BEGIN IMMEDIATE")
        await registry.poll_revoked(now=now + timedelta(minutes=2))
        writing.rollback()
    assert "last seen not written" in caplog.text
    assert not registry.is_alive(signed_in.session_id)


async def test_a_theme_shows_on_the_very_next_page_and_for_good(
    database: Database, registry: SessionRegistry, account: Account, now: datetime
) -> None:
    token = await _start(database, account, now)
    signed_in = await registry.lookup(token, now=now)
    assert signed_in
    await registry.set_theme(signed_in.account_id, Theme.DARK)
    for knows in (registry, _registry(database)):
        seen = await knows.lookup(token, now=now)
        assert seen
        assert seen.theme is Theme.DARK


def _registry(database: Database) -> SessionRegistry:
    """What another process has: nothing in memory, the same database."""
    return SessionRegistry(database, environments=(Environment.SANDBOX,))


async def _start(database: Database, account: Account, now: datetime) -> str:
    token = await start_session(database, account, now=now)
    assert token
    return token


async def _set_hash(database: Database, account: Account, password_hash: str) -> None:
    account.password_hash = password_hash
    async with database.session() as session:
        session.add(account)
        await session.commit()


async def _only(database: Database, table: type[Row]) -> Row:
    async with database.session() as session:
        return (await session.exec(select(table))).one()
