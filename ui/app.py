"""Puts the pages together: NiceGUI behind the guard, the plain pages beside it, everything else at the root."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from nicegui import Client, core, ui
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from services.bootstrap import Services
from services.clock import now
from ui import door, errors
from ui.asgi import Root
from ui.components.ending import EndingNotice
from ui.components.export import Exports
from ui.door.desk import Desk
from ui.frame import ENDING, add_assets
from ui.guard import Guard
from ui.html import PRODUCT, Shell
from ui.live import EVERY_S, Live
from ui.pages import (
    api_status,
    audit_log,
    batches,
    dashboard,
    notifications,
    objects,
    operations,
    pictures,
    platform_lists,
    profile_form,
    search,
    settings,
    settings_api,
    team,
    user,
    users,
)
from ui.pages import exports as exports_page
from ui.places import Place, Places

ASSETS = Path(__file__).parent / "assets"
SESSIONS_S = 2.0
PING_EVERY_S = 5
PING_PATIENCE_S = 5


class Assets(StaticFiles):
    """Our files; their addresses carry a mark of their content, so browsers may keep them for good."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401  (Starlette's own signature)
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def create(services: Services) -> Root:
    """Return the whole dashboard as one ASGI application. Its lifespan starts and stops the services."""
    return put_together(services)[0]


def put_together(services: Services) -> tuple[Root, Places]:
    """Return the application, and the table of all its addresses."""
    places = Places()
    live = Live(services.database)
    guard: list[Guard] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # NiceGUI asks a silent page every 24 seconds whether it is there; who watches money wants to know sooner.
        core.sio.eio.ping_interval, core.sio.eio.ping_timeout = PING_EVERY_S, PING_PATIENCE_S
        async with services.running():
            services.scheduler.every(EVERY_S, live.turn, name="live")
            services.scheduler.every(SESSIONS_S, lambda: _end_sessions(services, guard[0]), name="sessions")
            yield

    outer = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    shell = Shell(stylesheets=[_versioned("dashboard.css"), _versioned("plain.css")])
    outer.mount("/assets", Assets(directory=ASSETS))
    public_url = services.settings.own_url
    _register(places, services, live, Desk(door=services.door, public_url=public_url, shell=shell, clock=now))
    outer.router.routes.extend(places.routes)
    errors.register(outer, shell)
    ui.run_with(
        outer,
        title=PRODUCT,
        language="en-US",
        dark=None,
        tailwind=False,
        reconnect_timeout=30,
        binding_refresh_interval=None,
        gzip_middleware_factory=None,
        show_welcome_message=False,
        favicon=ASSETS / f"{services.settings.environments[0]}.svg",
    )
    guard.append(
        Guard(
            outer,
            places=places,
            sessions=services.door.sessions,
            public_url=public_url,
            urls=services.door.urls,
            clock=now,
            refusals=errors.Refusals(shell, services.door, now),
            owner_of=_owner_of,
        )
    )
    services.intake.metrics.gauge("pages_live", "Open pages that are told of news.", lambda: live.listeners)
    return Root(GZipMiddleware(guard[0], minimum_size=500), by_prefix=services.by_prefix), places


def _register(places: Places, services: Services, live: Live, desk: Desk) -> None:
    """Fill the table of addresses; whatever is served must be in it."""
    door.register(places, desk, services.mailbox)
    add_assets([_versioned("dashboard.css")], _versioned("dashboard.js"))
    exports = Exports()
    # The first that matches an address answers it, so what is written out comes before what is not: /users/events
    # before /users/{user_id}.
    for page in (
        dashboard,
        batches,
        operations,
        notifications,
        api_status,
        settings,
        settings_api,
        team,
        search,
        objects,
        pictures,
    ):
        page.register(places, services, live)
    profile_form.register(places, services, live)
    for listed in (users, platform_lists, user, exports_page):
        listed.register(places, services, exports)
    audit_log.register(places, services, desk)
    for path in ("/assets/{path:path}", "/favicon.ico"):
        places.add(Place(path, needs=None))


async def _end_sessions(services: Services, guard: Guard) -> None:
    sessions, moment = services.door.sessions, now()
    await sessions.poll(now=moment)
    # NiceGUI forgets a page by itself, a while after its socket has closed; deleted here, it would be missed there.
    await guard.close_ended_sockets()
    for client in list(Client.instances.values()):
        owner = _owner_of(client.id)
        left = sessions.time_left(owner, now=moment) if owner is not None else None
        notice = client.storage.get(ENDING)
        if left is not None and isinstance(notice, EndingNotice) and client.has_socket_connection:
            notice.tell(left)


def _owner_of(client_id: str) -> int | None:
    """Return the session that an open page was built for."""
    client = Client.instances.get(client_id)
    actor = getattr(client.request.state, "actor", None) if client and client.request else None
    return actor.session_id if actor else None


def _versioned(name: str) -> str:
    """Return an asset's address with a mark of its content."""
    digest = hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:12]
    return f"/assets/{name}?v={digest}"
