"""Databases of earlier versions come up to date with everything they hold."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from models.access import Account, OneTimeLink, Session, Theme
from models.environment import Environment
from models.permissions import Role
from services.access.tokens import hash_token
from services.database import BUSY_TIMEOUT_MS, PROJECT, Database
from tests.services.access.world import NOW, OLIVIA, World, make_door

MILLISECONDS = int(NOW.timestamp() * 1000)
AN_ACCESS = (
    "INSERT INTO account (id, environment, email, role, password_hash, theme, created_at, last_signed_in_at) "
    f"VALUES (7, 'sandbox', '{OLIVIA}', 'admin', 'a hash', 'dark', {MILLISECONDS}, NULL)"
)
ITS_SESSION = (
    "INSERT INTO session (id, token_hash, account_id, created_at, last_seen_at, revoked_at) "
    f"VALUES (9, '{hash_token('olivias-token')}', 7, {MILLISECONDS}, {MILLISECONDS}, NULL)"
)
A_LINK = (
    "INSERT INTO one_time_link (token_hash, environment, email, role, created_at, expires_at, used_at) "
    f"VALUES ('a hash', 'sandbox', 'victor@example.com', 'viewer', {MILLISECONDS}, {MILLISECONDS}, NULL)"
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A database of the first version, with an access, its session and a link."""
    database = Database(f"sqlite:///{tmp_path / 'dashboard.sqlite3'}")
    with database.migrating() as connection:
        command.upgrade(_config(connection), "0001")
        for statement in (AN_ACCESS, ITS_SESSION, A_LINK):
            connection.exec_driver_sql(statement)
    yield database
    await database.dispose()


async def test_an_access_of_the_first_version_keeps_what_it_was_and_its_session(database: Database) -> None:
    database.upgrade()
    world = World(make_door(database))
    [account] = await world.rows(Account)
    assert account.model_dump() == {
        "id": 7,
        "environment": Environment.SANDBOX,
        "email": OLIVIA,
        "role": Role.ADMIN,
        "password_hash": "a hash",
        "theme": Theme.DARK,
        "created_at": NOW,
        "invited_at": None,
        "last_signed_in_at": None,
        "suspended_at": None,
        "totp_secret": None,
        "totp_step": 0,
    }
    assert (await world.who("olivias-token")).account_id == 7
    [session] = await world.rows(Session)
    assert (session.id, session.address, session.device) == (9, "", "")


async def test_links_of_the_first_version_are_void(database: Database) -> None:
    database.upgrade()
    assert await World(make_door(database)).rows(OneTimeLink) == []


def test_a_session_still_refers_to_its_access(database: Database) -> None:
    database.upgrade()
    with database.writer.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        [refers] = connection.exec_driver_sql("PRAGMA foreign_key_list(session)").mappings().all()
        assert (refers["table"], refers["from"], refers["to"]) == ("account", "account_id", "id")
        with pytest.raises(IntegrityError, match="FOREIGN KEY"):
            connection.exec_driver_sql("DELETE FROM account")
        connection.rollback()


def test_an_access_is_still_the_only_one_of_its_email(database: Database) -> None:
    database.upgrade()
    with database.writer.connect() as connection:
        with pytest.raises(IntegrityError, match="UNIQUE"):
            connection.exec_driver_sql(AN_ACCESS.replace("(7,", "(8,"))
        connection.rollback()


def test_no_id_of_an_access_or_a_session_is_given_twice(database: Database) -> None:
    database.upgrade()
    with database.writer.connect() as connection:
        for table in ("session", "account"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
        connection.exec_driver_sql(AN_ACCESS.replace("(id, ", "(").replace("(7, ", "("))
        assert connection.exec_driver_sql("SELECT id FROM account").scalars().all() == [8]
        session = ITS_SESSION.replace("(id, ", "(").replace("(9, ", "(").replace(" 7, ", " 8, ")
        connection.exec_driver_sql(session)
        assert connection.exec_driver_sql("SELECT id FROM session").scalars().all() == [10]
        connection.rollback()


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET who = 'nobody'", "DELETE FROM audit_entry"])
def test_the_log_of_a_database_that_came_up_to_date_is_append_only(database: Database, statement: str) -> None:
    database.upgrade()
    with database.writer.connect() as connection:
        connection.exec_driver_sql(
            "INSERT INTO audit_entry (environment, at, act, outcome, who, address, about, detail) "
            "VALUES ('sandbox', 1, 'invite', 'done', 'olivia', '', '', '')"
        )
        with pytest.raises(IntegrityError, match="append-only"):
            connection.exec_driver_sql(statement)
        connection.rollback()


def test_the_tables_are_what_the_models_say(database: Database) -> None:
    database.upgrade()
    with database.migrating() as connection:
        command.check(_config(connection))


def test_coming_up_to_date_twice_changes_nothing(database: Database) -> None:
    database.upgrade()
    before = _schema(database)
    database.upgrade()
    assert _schema(database) == before


def test_of_two_processes_that_start_at_once_one_migrates_and_the_other_waits(database: Database) -> None:
    others = [Database(database.url.render_as_string()) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(Database.upgrade, others))
    for other in others:
        other.writer.dispose()
    with database.writer.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM session").scalar_one() == 1


def test_a_migration_that_fails_leaves_everything_as_it_was(database: Database) -> None:
    before = _schema(database)

    def fail_halfway() -> None:
        with database.migrating() as connection:
            command.upgrade(_config(connection), "head")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert _schema(database) == before
    database.upgrade()


def test_a_migration_that_loses_what_others_refer_to_is_undone(database: Database) -> None:
    def lose_the_account() -> None:
        with database.migrating() as connection:
            connection.exec_driver_sql("DELETE FROM account")

    with pytest.raises(RuntimeError, match="refer to nothing"):
        lose_the_account()
    with database.writer.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM account").scalar_one() == 1


@pytest.mark.parametrize("fails", [False, True])
def test_after_a_migration_references_are_watched_again_and_nobody_waits_for_long(
    database: Database, *, fails: bool
) -> None:
    with suppress(ZeroDivisionError), database.migrating():
        if fails:
            raise ZeroDivisionError
    with database.writer.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == BUSY_TIMEOUT_MS


def test_there_is_no_way_back_that_would_throw_the_log_away(database: Database) -> None:
    database.upgrade()

    def go_back() -> None:
        with database.migrating() as connection:
            command.downgrade(_config(connection), "0001")

    before = _schema(database)
    with pytest.raises(RuntimeError, match="no way back"):
        go_back()
    assert _schema(database) == before


def _config(connection: Connection) -> Config:
    config = Config(toml_file=PROJECT / "pyproject.toml")
    config.attributes["connection"] = connection
    return config


def _schema(database: Database) -> list[str]:
    with database.writer.connect() as connection:
        return list(connection.exec_driver_sql("SELECT sql FROM sqlite_schema ORDER BY name").scalars())
