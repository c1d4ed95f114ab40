"""Command line and wiring; nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer
import uvicorn

from models.access import Role
from models.environment import Environment
from services.settings import Settings

if TYPE_CHECKING:
    from services.bootstrap import Services

cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=False)


@cli.callback(invoke_without_command=True)
def serve(context: typer.Context) -> None:
    """Serve the dashboard, the receiver and, in Local, the emulator. Without a command, this is what happens."""
    if context.invoked_subcommand is not None:
        return
    from services.bootstrap import build
    from ui.app import create

    settings = Settings()
    services = build(settings)

    def welcome() -> None:
        services.begin()
        services.scheduler.once(lambda: _print_welcome(services), name="welcome")

    _run(create(services), settings, port=settings.port, on_started=welcome)


@cli.command()
def receiver(port: Annotated[int, typer.Option(help="Port to listen on.")] = 8081) -> None:
    """Run the receiver alone, on the same database as the dashboard."""
    from starlette.applications import Starlette

    from services.bootstrap import build_intake
    from ui.asgi import Root

    settings = Settings()
    intake = build_intake(settings)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with intake.running():
            yield

    root = Root(Starlette(lifespan=lifespan), by_prefix=intake.by_prefix)
    _run(root, settings, port=port)


@cli.command("hook-url")
def hook_url(
    environment: Environment,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Make a new URL; the old one answers for 4 more days.")
    ] = False,
) -> None:
    """Print the secret receiver URL of an environment."""
    from services.bootstrap import now
    from services.database import Database
    from services.notifications import tokens

    settings = Settings()
    database = Database(settings.database)
    database.upgrade()

    async def token() -> str:
        make = tokens.rotate_token if rotate else tokens.current_token
        try:
            return await make(database, environment, now=now())
        finally:
            await database.dispose()

    typer.echo(tokens.hook_url(settings.own_url, environment, asyncio.run(token())))


async def _print_welcome(services: "Services") -> None:
    """Say where to go; whoever reads the terminal of a new dashboard may create its first access."""
    from services.access.links import first_link_needed, issue_link
    from services.bootstrap import now

    url = services.settings.own_url
    typer.echo(f"\nThe dashboard is open at {url}\n")
    for environment in services.settings.environments:
        if await first_link_needed(services.database, environment):
            link = await issue_link(services.database, environment=environment, role=Role.ADMIN, email=None, now=now())
            typer.echo(
                f"Nobody can sign in to {environment.label} yet. Create the first access within 30 minutes, once:"
            )
            typer.echo(f"  {url}/link/{link}\n")


class Server(uvicorn.Server):
    """uvicorn's server, which says when its port answers."""

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: object = None) -> None:
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started:
            self._on_started()


def _run(app: object, settings: Settings, *, port: int, on_started: Callable[[], None] = lambda: None) -> None:
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=settings.host,
        port=port,
        loop="auto",
        http="httptools",
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=5,
        access_log=False,
        server_header=False,
        log_level="warning",
    )
    Server(config, on_started).run()


if __name__ == "__main__":
    cli()
