"""The doors of all environments on a real database, with a clock that goes when told and a mailer that remembers.

The cast: Olivia and Ada administer, Victor may only view, Mallory forges and guesses.
"""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

import pyotp
from argon2 import PasswordHasher
from sqlalchemy import event, update
from sqlmodel import SQLModel, col, select

from models.access import Account
from models.audit import Act, AuditEntry
from models.environment import Environment
from models.mail import Mail, MailKind
from models.permissions import Role
from services.access.actors import Actor
from services.access.door import Door
from services.access.links import add_link
from services.access.postman import Postman
from services.access.seal import Seal
from services.access.second_factor import keep_secret
from services.access.sessions import SessionRegistry, add_session
from services.access.sign_in import Entry, sign_in
from services.access.team import Member, list_members
from services.access.visitors import Visitor
from services.database import Database
from services.mail.mailers import Letter, NotSent
from tests import actors

Table = TypeVar("Table", bound=SQLModel)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
OLIVIA, ADA = "olivia@example.com", "ada@example.com"
VICTOR, MALLORY = "victor@example.com", "mallory@example.com"
PASSWORD, OTHER_PASSWORD = "Seven-wallets-4-tea", "Eight-wallets-5-tea"
BROWSER = Visitor("192.0.2.1", "Firefox on Linux")
PHONE = Visitor("198.51.100.7", "Mobile Safari on iOS")
AUTHENTICATOR = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SANDBOX, PRODUCTION, LOCAL = Environment.SANDBOX, Environment.PRODUCTION, Environment.LOCAL
URLS = {
    PRODUCTION: "https://money.example.com",
    SANDBOX: "https://try.example.com",
    LOCAL: "http://localhost:8080",
}
# Real argon2, but as little of it as there can be: whether it is slow is test_passwords' affair.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class CountingHasher:
    """Hashes like another, and notes what it was asked."""

    def __init__(self, real: PasswordHasher = CHEAP) -> None:
        self._real = real
        self.verified: list[str] = []
        self.hashed = 0

    def hash(self, password: str) -> str:
        self.hashed += 1
        return self._real.hash(password)

    def verify(self, password_hash: str, password: str) -> bool:
        self.verified.append(password_hash)
        return self._real.verify(password_hash, password)


class RecordingMailer:
    """Keeps what it is given or, while `error` is set, fails with it."""

    def __init__(self) -> None:
        self.sent: list[Letter] = []
        self.error: BaseException | None = None

    async def send(self, letter: Letter, *, now: datetime) -> None:  # noqa: ARG002  (as a Mailer does)
        if self.error is not None:
            raise self.error
        self.sent.append(letter)

    def refuse(self) -> None:
        self.error = NotSent("The mail server cannot be reached.")


@dataclass
class World:
    """A Door and what stands around it."""

    door: Door
    now: datetime = NOW
    mailer: RecordingMailer = field(default_factory=RecordingMailer)

    def wait(self, **duration: float) -> None:
        self.now += timedelta(**duration)

    async def add_account(
        self,
        email: str = OLIVIA,
        *,
        role: Role = Role.ADMIN,
        environment: Environment = SANDBOX,
        password: str | None = PASSWORD,
        **fields: object,
    ) -> Account:
        """Store an access; without a password it is an invitation of this moment."""
        account = Account(
            environment=environment,
            email=email,
            role=role,
            password_hash=hash_of(password) if password else None,
            created_at=self.now,
            invited_at=None if password else self.now,
        )
        for name, value in fields.items():
            setattr(account, name, value)
        async with self.door.database.session() as session:
            session.add(account)
            await session.commit()
        return account

    async def give_second_factor(self, account: Account) -> Sequence[str]:
        """Make AUTHENTICATOR an account's second factor, none of whose codes was used; return the recovery codes."""
        async with self.door.database.session() as session:
            session.add(account)
            codes = await keep_secret(session, self.door.seal, account, AUTHENTICATOR, 0, now=self.now)
            await session.commit()
            await session.refresh(account)
        return codes

    async def change(self, account: Account, **values: object) -> None:
        """Change a stored access behind everybody's back; `account` stays as it was read."""
        async with self.door.database.session() as session:
            await session.exec(update(Account).where(col(Account.id) == account.id).values(**values))
            await session.commit()

    def code(self, *, steps: int = 0, secret: str = AUTHENTICATOR) -> str:
        """Return what an authenticator shows now, or so many half minutes later."""
        return pyotp.TOTP(secret).at(self.now, counter_offset=steps)

    async def sign_in(
        self,
        email: str = OLIVIA,
        password: str = PASSWORD,
        *,
        environment: Environment = SANDBOX,
        visitor: Visitor = BROWSER,
    ) -> Entry:
        return await sign_in(
            self.door, environment=environment, email=email, password=password, visitor=visitor, now=self.now
        )

    async def start_session(self, account: Account, *, visitor: Visitor = BROWSER) -> str:
        """Return the token of a new session, without asking for a password."""
        async with self.door.database.session() as session:
            token = await add_session(session, account, visitor, now=self.now)
            await session.commit()
        assert token
        return token

    async def actor(self, account: Account, *, visitor: Visitor = BROWSER) -> Actor:
        """Return an account's owner, signed in with a session of their own."""
        return await self.who(await self.start_session(account, visitor=visitor))

    async def who(self, token: str) -> Actor:
        actor = await self.door.sessions.lookup(token, now=self.now)
        assert actor
        return actor

    async def member(self, admin: Actor, email: str) -> Member:
        """Return a member as an admin sees them now."""
        [member] = [one for one in await list_members(admin, self.door, now=self.now) if one.email == email]
        return member

    async def link(self, account: Account | None, *, environment: Environment = SANDBOX) -> str:
        """Return the token of a one-time link; without an account, of one that makes the first access."""
        async with self.door.database.session() as session:
            token = add_link(session, environment, account.id if account else None, now=self.now)
            await session.commit()
        return token

    @property
    def postman(self) -> Postman:
        return Postman(self.door, dict.fromkeys(self.door.environments, self.mailer))

    async def deliver(self) -> Sequence[Letter]:
        """Deliver what is due, and return it."""
        before = len(self.mailer.sent)
        await self.postman.turn(now=self.now)
        return self.mailer.sent[before:]

    async def warm_up(self) -> None:
        """Connect to the database as often as it may be, so that what happens at once does so from the first moment."""
        async with AsyncExitStack() as stack:
            for _ in range(5):
                await stack.enter_async_context(self.door.database.engine.connect())

    async def rows(self, table: type[Table]) -> list[Table]:
        return await stored_rows(self.door.database, table)

    async def is_empty(self, *tables: type[SQLModel]) -> bool:
        return not any([await self.rows(table) for table in tables])

    async def log(self, *acts: Act) -> list[AuditEntry]:
        """Return the audit log in the order of writing, all of it or of some acts."""
        return [entry for entry in await self.rows(AuditEntry) if not acts or entry.act in acts]

    async def ordered(self) -> list[tuple[MailKind, str]]:
        return [(mail.kind, mail.email) for mail in await self.rows(Mail)]


def make_door(
    database: Database,
    *,
    environments: Sequence[Environment] = (PRODUCTION, SANDBOX, LOCAL),
    allowed: dict[str, Role] | None = None,
    sends_mail: Sequence[Environment] | None = None,
) -> Door:
    return Door(
        database=database,
        sessions=SessionRegistry(database, environments=tuple(environments)),
        seal=Seal("a-secret-of-the-tests-of-32-letters"),
        environments=tuple(environments),
        client_ids={environment: "local" if environment is LOCAL else "acme" for environment in environments},
        allowed=dict.fromkeys(environments, allowed or {}),
        urls={environment: URLS[environment] for environment in environments},
        sends_mail=frozenset(environments if sends_mail is None else sends_mail),
    )


def make_actor(*, environment: Environment = SANDBOX, address: str = BROWSER.address, **rest: Any) -> Actor:
    """Return somebody signed in to Sandbox, whom no database needs to know."""
    return actors.make_actor(environment=environment, address=address, **rest)


@asynccontextmanager
async def another_process(world: World) -> AsyncIterator[World]:
    """The same database and settings, seen by a process that shares nothing else."""
    database = Database(world.door.database.url.render_as_string())
    door = replace(
        world.door, database=database, sessions=SessionRegistry(database, environments=world.door.environments)
    )
    yield replace(world, door=door)
    await database.dispose()


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    """Gather the SQL that runs meanwhile."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def stored_rows(database: Database, table: type[Table]) -> list[Table]:
    """Return all rows of a table in the order of their ids."""
    async with database.session() as session:
        return list((await session.exec(select(table).order_by(col(table.__table__.c.id)))).all())  # type: ignore[attr-defined]


def token_in(letter: Letter) -> str:
    """Return the token of the one link in a letter."""
    [token] = re.findall(r"/link/(\S+)", letter.text)
    return str(token)


@cache
def hash_of(password: str) -> str:
    return CHEAP.hash(password)
