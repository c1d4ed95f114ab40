"""Every address of the dashboard, for whoever may come: made from the tables of ui/places.py and models/permissions.py.

A page or endpoint that is added comes into it by being registered; one that is not registered fails here.
"""

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Literal

import httpx
import pytest
import pytest_asyncio
from nicegui import core
from sqlmodel import col, select
from starlette.routing import Mount, Route

from models.access import Account, Session
from models.environment import Environment
from models.permissions import Role, may
from services.bootstrap import build
from services.clock import now
from services.database import Database
from services.settings import LOCAL_API_KEY, Settings
from tests.serving import Server, free_port, serving
from ui.app import put_together
from ui.places import Place, Places

LOCAL, SANDBOX = Environment.LOCAL, Environment.SANDBOX
PARAMETERS = {
    "{notification_id}": "1",
    "{entry_id}": "1",
    "{user_id}": "user_m_nobody",
    "{tab}": "transactions",
    "{kind}": "payin",
    "{object_id}": "payin_m_nobody",
    "{operation}": "refund-payin",
    "{operation_id}": "op_nothing",
    "{batch_id}": "batch_of_nobody",
    "{listing}": "users",
    "{token}": "mallory-made-this-up",
    "{path:path}": "dashboard.css",
}
# Answered outside the guard, each with a lock of its own: see tests of the receiver, health and the emulator.
OUTSIDE = {"hooks", "health", "metrics", "emulator"}
SECRETS = (
    "the-api-key-that-nothing-shows",
    "the-secret-that-nothing-shows-either",
    "the-password-of-the-mail-server",
    "the-token-that-opens-the-metrics",
)
Visitor = Role | Literal["nobody", "revoked", "of another environment"]
VISITORS: tuple[Visitor, ...] = (*Role, "nobody", "revoked", "of another environment")


def _put_together() -> Places:
    """Return the table of addresses of the application as it is served; nothing of it runs."""
    with tempfile.TemporaryDirectory() as folder:
        services = build(Settings(_env_file=None, data_dir=Path(folder), local=True))
        places = put_together(services)[1]
        services.database.writer.dispose()
        return places


PLACES = _put_together()
VISITS = [
    pytest.param(place, method, visitor, id=f"{method} {place.path} by {visitor}")
    for place in PLACES
    for method in place.methods
    for visitor in VISITORS
]


@dataclass(frozen=True, slots=True)
class Served:
    """A dashboard with two environments; Sandbox has a host name of its own."""

    server: Server

    def url(self, environment: Environment) -> str:
        return f"http://{'127.0.0.1' if environment is SANDBOX else 'localhost'}:{self.server.port}"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    nowhere = f"http://127.0.0.1:{free_port()}/feed"
    port = free_port()
    with serving(
        tmp_path_factory.mktemp("matrix"),
        port=port,
        DASHBOARD_LOCAL="on",
        DASHBOARD_PUBLIC_URL=f"http://localhost:{port}",
        DASHBOARD_SANDBOX_URL=f"http://127.0.0.1:{port}",
        DASHBOARD_NEWS_FEEDS=nowhere,
        DASHBOARD_STATUS_FEEDS=nowhere,
        DASHBOARD_SMTP_URL=f"smtp://olivia:{SECRETS[2]}@127.0.0.1:{free_port()}",
        DASHBOARD_SECRET=SECRETS[1],
        DASHBOARD_METRICS_TOKEN=SECRETS[3],
        MANGOPAY_SANDBOX_CLIENT_ID="acme",
        MANGOPAY_SANDBOX_API_KEY=SECRETS[0],
    ) as server:
        yield Served(server)


@pytest_asyncio.fixture
async def database(served: Served) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{served.server.database}")
    yield database
    await database.dispose()


@pytest.mark.parametrize(("place", "method", "visitor"), VISITS)
async def test_each_address_lets_in_whom_the_table_lets_in(
    served: Served, database: Database, place: Place, method: str, visitor: Visitor
) -> None:
    answer = await _visit(served, database, place, method, visitor)
    if place.needs is None:
        assert _is_let_in(answer)
    elif isinstance(visitor, Role):
        assert _is_let_in(answer) is may(visitor, place.needs)
        assert (answer.status_code == 403) is not may(visitor, place.needs)
    elif method == "GET":
        assert answer.status_code == 303
        assert answer.headers["location"].partition("?")[0] == "/sign-in"
        assert answer.content == b""
    else:
        assert answer.status_code == 401


@pytest.mark.parametrize("place", [place for place in PLACES if place.is_page], ids=lambda place: place.path)
async def test_each_page_of_one_environment_says_so_and_shows_nothing_of_the_other(
    served: Served, database: Database, place: Place
) -> None:
    with closing(sqlite3.connect(served.server.database)) as connection:
        for environment in (LOCAL, SANDBOX):
            connection.execute(
                "INSERT OR IGNORE INTO account (environment, email, role, theme, created_at) VALUES (?, ?, ?, ?, 0)",
                [environment.value, f"only-in-{environment}@example.com", "viewer", "system"],
            )
        connection.commit()
    for environment, other in ((LOCAL, SANDBOX), (SANDBOX, LOCAL)):
        token = await _session(database, environment, Role.ADMIN)
        async with _browser(served.url(environment), token) as olivia:
            # What begins something leads to what it has begun.
            page = await olivia.get(_path(place), follow_redirects=True)
        assert page.status_code == 200
        assert f" · {environment.label} · " in page.text
        assert f"only-in-{other}@example.com" not in page.text


async def test_no_answer_and_no_line_of_the_log_holds_a_secret(served: Served, database: Database) -> None:
    secrets = [*SECRETS, LOCAL_API_KEY, *(served.server.hook_path(of).rpartition("/")[2] for of in (LOCAL, SANDBOX))]
    for place in PLACES:
        for environment in (LOCAL, SANDBOX):
            token = await _session(database, environment, Role.ADMIN)
            async with _browser(served.url(environment), token) as olivia:
                answer = await olivia.get(_path(place))
            assert not [secret for secret in [*secrets, token] if secret in answer.text + str(answer.headers)]
    async with _browser(served.url(LOCAL), None) as stranger:
        wish = {"environment": "local", "email": await _somebody(database)}
        assert (await stranger.post("/forgotten-password", data=wish)).status_code == 200
    await _until(lambda: "mail not sent" in served.server.output)
    assert not [secret for secret in secrets if secret in served.server.output]


def test_every_route_that_is_served_is_in_the_table() -> None:
    served = {route.path for route in PLACES.routes}
    pages = {route.path for route in core.app.routes if isinstance(route, Route) and _is_ours(route.path)}
    assert served | pages <= {place.path for place in PLACES}
    # And nothing is in the table that nobody serves.
    assert {place.path for place in PLACES if place.is_page} == pages - {"/favicon.ico"}
    mounts = {route.path for route in core.app.routes if isinstance(route, Mount) and _is_ours(route.path)}
    assert mounts <= {"/assets"}


def test_every_address_that_strangers_may_come_to_is_named_here() -> None:
    """Whoever opens another door must say so in this list as well."""
    assert {place.path for place in PLACES if place.needs is None} == {
        "/sign-in",
        "/sign-out",
        "/create-access",
        "/forgotten-password",
        "/.well-known/change-password",
        "/link/{token}",
        "/link/{token}/renew",
        "/two-factor",
        "/two-factor/enrol",
        "/local-mail",
        "/assets/{path:path}",
        "/favicon.ico",
    }


def test_what_stands_outside_the_guard_is_named_here() -> None:
    with tempfile.TemporaryDirectory() as folder:
        services = build(Settings(_env_file=None, data_dir=Path(folder), local=True))
        assert set(services.by_prefix) == OUTSIDE
        services.database.writer.dispose()


async def _somebody(database: Database) -> str:
    """Return the e-mail of somebody who has an access to Local."""
    async with database.session() as session:
        mine = select(Account.email).where(Account.environment == LOCAL, col(Account.password_hash).is_not(None))
        return (await session.exec(mine)).first() or ""


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not is_so():  # noqa: ASYNC110  (another process says it)
            await asyncio.sleep(0.05)


def _is_ours(path: str) -> bool:
    return not path.startswith(("/_nicegui", "/docs", "/redoc", "/openapi"))


async def _visit(served: Served, database: Database, place: Place, method: str, visitor: Visitor) -> httpx.Response:
    role = visitor if isinstance(visitor, Role) else Role.ADMIN
    # Somebody of Local at Sandbox's own door is nobody there.
    token = await _session(database, LOCAL, role, is_revoked=visitor == "revoked")
    url = served.url(SANDBOX if visitor == "of another environment" else LOCAL)
    async with _browser(url, None if visitor == "nobody" else token) as browser:
        return await browser.request(method, _path(place))


def _browser(url: str, token: str | None) -> httpx.AsyncClient:
    cookies = {"session": token} if token else None
    return httpx.AsyncClient(base_url=url, cookies=cookies, headers={"Origin": url}, verify=False)


def _is_let_in(answer: httpx.Response) -> bool:
    """Whether the answer is that of the address itself, be it good or bad, and not that of the guard."""
    led_away = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?next=")
    return not led_away and "not for your role" not in answer.text and "Sign in first." not in answer.text


def _path(place: Place) -> str:
    path = place.path
    for parameter, value in PARAMETERS.items():
        path = path.replace(parameter, value)
    assert "{" not in path, f"give {path} a value for its parameter"
    return path


async def _session(database: Database, environment: Environment, role: Role, *, is_revoked: bool = False) -> str:
    """Return the token of a new session of somebody with that role, so that no visit spoils another."""
    token = f"{environment}-{role}-{now().timestamp()}"
    email = f"{role}@example.com"
    async with database.session() as session:
        account = Account(
            environment=environment, email=f"{now().timestamp()}-{email}", role=role, password_hash="none",
            created_at=now(),
        )  # fmt: skip
        session.add(account)
        await session.flush()
        session.add(
            Session(
                token_hash=sha256(token.encode()).hexdigest(), account_id=account.id or 0, created_at=now(),
                last_seen_at=now(), revoked_at=now() - timedelta(seconds=1) if is_revoked else None,
            )
        )  # fmt: skip
        await session.commit()
    return token
