"""Command line and wiring; nothing else."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import uvicorn
from pydantic import ValidationError
from starlette.routing import Mount
from starlette.types import ASGIApp

from models.environment import Environment
from models.permissions import Role
from services.clock import now
from services.settings import LOCAL_API_KEY, LOCAL_CLIENT_ID, Settings

if TYPE_CHECKING:
    from services.bootstrap import Services
    from services.database import Database

cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=False)


@cli.callback(invoke_without_command=True)
def serve(context: typer.Context) -> None:
    """Serve the dashboard, the receiver and, in Local, the emulator. Without a command, this is what happens."""
    if context.invoked_subcommand is not None:
        return
    from services.bootstrap import build
    from ui.app import create

    settings = _settings()
    services = build(settings)

    def welcome() -> None:
        services.begin()
        services.scheduler.once(lambda: _print_welcome(services), name="welcome")

    _run(
        create(services),
        host=settings.host,
        port=settings.port,
        trusted_proxies=settings.trusted_proxies,
        on_started=welcome,
    )


@cli.command()
def receiver(port: Annotated[int, typer.Option(help="Port to listen on.")] = 8081) -> None:
    """Run the receiver alone, on the same database as the dashboard."""
    from starlette.applications import Starlette

    from services.bootstrap import build_intake
    from ui.asgi import Root

    settings = _settings()
    intake = build_intake(settings)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with intake.running():
            yield

    root = Root(Starlette(lifespan=lifespan), by_prefix=intake.by_prefix)
    _run(root, host=settings.host, port=port, trusted_proxies=settings.trusted_proxies)


@cli.command()
def emulator(
    *,
    port: Annotated[int, typer.Option(help="Port to listen on, on loopback.")] = 8082,
    client_id: Annotated[str, typer.Option(help="The ClientId it knows.")] = LOCAL_CLIENT_ID,
    api_key: Annotated[str, typer.Option(help="The API key it accepts.")] = LOCAL_API_KEY,
    deliver_anywhere: Annotated[
        bool, typer.Option("--deliver-anywhere", help="Send notifications to any address, not to loopback alone.")
    ] = False,
    control: Annotated[
        str | None, typer.Option(metavar="TOKEN", help="Open the control plane to whoever bears this token.")
    ] = None,
    state_file: Annotated[
        Path | None, typer.Option(help="Keep the state in this file; without one it is forgotten at the end.")
    ] = None,
    enforce_rate_limits: Annotated[
        bool, typer.Option("--enforce-rate-limits", help="Answer 429 once Mangopay's budget is spent.")
    ] = False,
) -> None:
    """Run the emulator alone: an empty local Mangopay for anybody's tests."""
    from starlette.applications import Starlette

    from services.emulator import DOCUMENTED, Emulator, EmulatorConfig

    if state_file is not None and state_file.exists() and not _is_sqlite(state_file):
        raise typer.BadParameter(f"{state_file} is something else than an emulator's state: name another file")
    base_url = f"http://127.0.0.1:{port}"
    local_mangopay = Emulator(
        EmulatorConfig(
            base_url,
            client_id=client_id,
            api_key=api_key,
            state_file=state_file,
            deliver_anywhere=deliver_anywhere,
            rate_limits=DOCUMENTED if enforce_rate_limits else None,
            control_token=control,
        )
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await local_mangopay.start()
        yield
        await local_mangopay.stop()

    app = Starlette(routes=[Mount("/", local_mangopay)], lifespan=lifespan)

    def welcome() -> None:
        typer.echo(f"The emulator answers at {base_url} (ClientId {client_id}, API key {api_key}).")
        if control:
            typer.echo(f"Its control plane answers at {base_url}/emulator/_control to the bearer of the token.")

    _run(app, host="127.0.0.1", port=port, on_started=welcome)


@cli.command()
def invite(
    email: str,
    environment: Annotated[Environment, typer.Option(help="The environment the access is for.")],
    role: Annotated[
        Role | None,
        typer.Option(help="What the person may do; viewer for a new access, as before for one that is there."),
    ] = None,
) -> None:
    """Print a link with which EMAIL creates an access or chooses a new password, once, within 30 minutes.

    An access that is suspended is restored by it.
    """
    from services.access.errors import AccessError
    from services.access.links import invite_by_command_line

    settings = _settings()
    if environment not in settings.environments:
        raise typer.BadParameter(f"{environment.label} is not set up here; set its ClientId and API key first")
    try:
        link = asyncio.run(
            _with_database(
                settings,
                lambda database: invite_by_command_line(
                    database, environment=environment, role=role, email=email, now=now()
                ),
            )
        )
    except AccessError as error:
        raise typer.BadParameter(str(error)) from error
    typer.echo(f"For {email}, in {environment.label}; it works once, for 30 minutes:", err=True)
    typer.echo(f"{settings.url_of(environment)}/link/{link}")


@cli.command("hook-url")
def hook_url(
    environment: Environment,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Make a new URL; the old one answers for 4 more days.")
    ] = False,
) -> None:
    """Print the secret receiver URL of an environment."""
    from services.notifications import tokens

    settings = _settings()
    make = tokens.rotate_token if rotate else tokens.current_token
    token = asyncio.run(_with_database(settings, lambda database: make(database, environment, now=now())))
    typer.echo(tokens.hook_url(settings.own_url, environment, token))


async def _with_database(settings: Settings, use: Callable[["Database"], Awaitable[str]]) -> str:
    from services.database import Database

    database = Database(settings.database)
    database.upgrade()
    try:
        return await use(database)
    finally:
        await database.dispose()


async def _print_welcome(services: "Services") -> None:
    """Say where to go; whoever reads the terminal of a new dashboard may create its first access."""
    from services.access.links import first_link_needed, issue_first_link

    settings = services.settings
    typer.echo(f"\nThe dashboard is open at {settings.own_url}\n")
    for environment in settings.environments:
        if environment not in services.door.sends_mail:
            typer.echo(f"{environment.label} sends no mail: set DASHBOARD_SMTP_URL, or pass links on by hand.")
        if await first_link_needed(services.database, environment):
            link = await issue_first_link(services.database, environment, now=now())
            typer.echo(
                f"Nobody can sign in to {environment.label} yet. Create the first access within 30 minutes, once:"
            )
            typer.echo(f"  {settings.url_of(environment)}/link/{link}\n")


class Server(uvicorn.Server):
    """uvicorn's server, which says when its port answers, and ends well when it is asked to."""

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        with super().capture_signals():
            yield
            # uvicorn would raise them anew after its shutdown, and die of what it was politely asked to do.
            self._captured_signals.clear()

    async def startup(self, sockets: object = None) -> None:
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started:
            self._on_started()


def _is_sqlite(path: Path) -> bool:
    """Tell a database, or the empty file of one to come, from anything else that must not be written to."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(16) in (b"", b"SQLite format 3\0")


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False, include_context=False):
            name = " ".join(str(part) for part in problem["loc"])
            typer.echo(f"{name and name + ': '}{problem['msg'].removeprefix('Value error, ')}", err=True)
        raise typer.Exit(2) from None


class OneLine(logging.Formatter):
    """Keeps each message to its line: what strangers send must not look like a line of ours."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (logging's own name)
        line = super().formatMessage(record)
        return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in line)


def _log() -> None:
    # httpx logs whole URLs, and the receiver's holds a secret.
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine("%(asctime)s level=%(levelname)s logger=%(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for name in ("main", "services", "ui"):
        logging.getLogger(name).setLevel(logging.INFO)


def _run(
    app: ASGIApp,
    *,
    host: str,
    port: int,
    trusted_proxies: str = "127.0.0.1",
    on_started: Callable[[], None] = lambda: None,
) -> None:
    _log()
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="auto",
        http="httptools",
        forwarded_allow_ips=trusted_proxies,
        timeout_graceful_shutdown=5,
        access_log=False,
        server_header=False,
        log_config=None,
        log_level="warning",
    )
    # What is loaded by now stays for good: without it a full collection is short, and no hit waits long for one.
    # A hit makes some hundred short-lived objects, so by default the collector would look around every seventh hit.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    Server(config, on_started).run()


if __name__ == "__main__":
    cli()
