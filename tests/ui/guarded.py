"""A guard before pages that answer whatever they are asked, people signed in behind it, and a fake websocket."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message
from starlette.websockets import WebSocket

from models.access import Account
from models.environment import Environment
from models.permissions import Permission, Role
from services.access.sign_in import sign_out
from tests.services.access.world import OLIVIA, VICTOR, World, another_process
from ui.errors import Refusals
from ui.guard import Guard
from ui.html import Shell
from ui.places import Place, Places

HTTP, HTTPS = "http://localhost:8080", "https://dashboard.example.com"
SHELL = Shell(stylesheets=["/assets/dashboard.css?v=1"])
NICEGUI_PAGE = '<script>1</script><script type="module">2</script><p>&lt;script&gt; scripts: é</p>'
OPEN = ("/sign-in", "/link/{token}", "/assets/{path:path}", "/favicon.ico")
PAGES = ("/", "/users", "/who", "/page", "/page-in-pieces", "/cached-page", "/download", "/headers")
TEAM = "/settings/team"


@dataclass
class Guarded:
    """Pages behind a guard, with Olivia's and Victor's accesses to the Sandbox, and what the pages were asked."""

    world: World
    guard: Guard
    olivia: Account
    victor: Account
    reached: list[str] = field(default_factory=list)

    async def sign_in(self, account: Account | None = None) -> str:
        """Return the token of a new session, of Olivia's if it is not said whose."""
        return await self.world.start_session(account or self.olivia)

    def browser(self, token: str | None = None, *, origin: str | None = HTTP) -> httpx.AsyncClient:
        return build_browser(self.guard, token, origin=origin)

    async def sign_out(self, token: str) -> None:
        await sign_out(self.world.door, token, address="", now=self.world.now)

    async def sign_out_elsewhere(self, token: str) -> None:
        """End a session as another process does; this one hears of it with its next poll."""
        async with another_process(self.world) as elsewhere:
            await sign_out(elsewhere.door, token, address="", now=self.world.now)

    async def poll(self) -> None:
        await self.world.door.sessions.poll(now=self.world.now)


async def build_guarded(world: World, *, public_url: str = HTTP) -> Guarded:
    reached: list[str] = []
    return Guarded(
        world,
        build_guard(world, pages_that_answer(world, reached), public_url=public_url),
        olivia=await world.add_account(OLIVIA, role=Role.ADMIN),
        victor=await world.add_account(VICTOR, role=Role.VIEWER),
        reached=reached,
    )


def build_guard(
    world: World,
    app: ASGIApp,
    *,
    public_url: str = HTTP,
    owner_of: Callable[[str], int | None] = lambda _page: None,
    urls: Mapping[Environment, str] | None = None,
) -> Guard:
    places = Places()
    for path in OPEN:
        places.add(Place(path, needs=None))
    for path in PAGES:
        places.add(Place(path, needs=Permission.SEE))
    places.add(Place(TEAM, needs=Permission.MANAGE_TEAM))
    return Guard(
        app,
        places=places,
        sessions=world.door.sessions,
        public_url=public_url,
        clock=lambda: world.now,
        refusals=Refusals(SHELL, world.door, lambda: world.now),
        owner_of=owner_of,
        urls=urls,
        extra_hosts=["testing.example"],
    )


def build_browser(
    guard: Guard,
    token: str | None = None,
    *,
    url: str = HTTP,
    origin: str | None = HTTP,
    cookie: str = "session",
    address: str = "127.0.0.1",
) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(guard, client=(address, 4711)),
        base_url=url,
        cookies={cookie: token} if token else None,
        headers={"origin": origin} if origin else None,
    )


def pages_that_answer(world: World, reached: list[str]) -> ASGIApp:
    """Return an application that would answer any path: what does not come through is the guard's doing."""

    async def page(_: Request) -> Response:
        return HTMLResponse(NICEGUI_PAGE, headers={"X-NiceGUI-Content": "page"})

    async def page_in_pieces(_: Request) -> Response:
        pieces = (NICEGUI_PAGE[start : start + 3] for start in range(0, len(NICEGUI_PAGE), 3))
        return StreamingResponse(_each(pieces), media_type="text/html", headers={"X-NiceGUI-Content": "page"})

    async def cached_page(_: Request) -> Response:
        return HTMLResponse("", headers={"Cache-Control": "max-age=60"})

    async def download(_: Request) -> Response:
        return StreamingResponse(_each([NICEGUI_PAGE] * 2), media_type="text/csv")

    async def headers(request: Request) -> Response:
        return PlainTextResponse(" ".join(request.headers))

    async def who(request: Request) -> Response:
        reached.append(request.url.path)
        actor = request.state.actor
        return PlainTextResponse(f"{actor.email} from {actor.address}" if actor else "nobody")

    async def socket(websocket: WebSocket) -> None:
        reached.append("connected")
        await websocket.accept()
        await websocket.send_text("welcome")
        async for text in websocket.iter_text():
            reached.append(text)
            if text == "push after poll":
                reached.append("polling")
                await until(lambda: not world.door.sessions.is_alive(websocket.state.actor.session_id))
            await websocket.send_text(f"did {text}")
        reached.append("gone")

    return Starlette(
        routes=[
            Route("/page", page),
            Route("/page-in-pieces", page_in_pieces),
            Route("/cached-page", cached_page),
            Route("/download", download),
            Route("/headers", headers),
            WebSocketRoute("/_nicegui_ws/socket.io/", socket),
            Route("/{path:path}", who, methods=["GET", "POST", "DELETE"]),
        ]
    )


async def _each(pieces: Iterable[str]) -> AsyncIterator[str]:
    for piece in pieces:
        yield piece


async def until(is_so: Callable[[], bool]) -> None:
    """Let the other tasks go on until something is so."""
    async with asyncio.timeout(5):
        while not is_so():  # noqa: ASYNC110  (what becomes so is a list of ours and has no event)
            await asyncio.sleep(0.001)


class FakeSocket:
    """A browser's end of a websocket; httpx has none."""

    def __init__(
        self,
        guard: Guard,
        *,
        path: str = "/_nicegui_ws/socket.io/",
        token: str | None = None,
        origin: str | None = HTTP,
        host: str = "localhost:8080",
        query: str = "",
    ) -> None:
        self.sent: list[Message] = []
        self.is_gone = False
        self._to_receive: asyncio.Queue[Message] = asyncio.Queue()
        self._to_receive.put_nowait({"type": "websocket.connect"})
        scope = {**scope_of(path, host=host, origin=origin, token=token), "type": "websocket", "subprotocols": []}
        scope["query_string"] = query.encode()
        self._task = asyncio.ensure_future(guard(scope, self._to_receive.get, self._send))

    def browser_sends(self, text: str) -> None:
        self._to_receive.put_nowait({"type": "websocket.receive", "text": text})

    def browser_goes(self) -> None:
        self._to_receive.put_nowait({"type": "websocket.disconnect", "code": 1001})

    async def over(self) -> None:
        async with asyncio.timeout(5):
            await self._task

    async def _send(self, message: Message) -> None:
        if self.is_gone:
            raise OSError("the browser has gone")
        self.sent.append(message)


async def open_socket(guarded: Guarded, token: str) -> FakeSocket:
    socket = FakeSocket(guarded.guard, token=token)
    await until(lambda: len(socket.sent) == 2)
    assert [message["type"] for message in socket.sent] == ["websocket.accept", "websocket.send"]
    return socket


def scope_of(
    path: str, *, host: str = "localhost:8080", origin: str | None = HTTP, token: str | None = None
) -> dict[str, object]:
    headers = {"host": host, "origin": origin, "cookie": f"session={token}" if token else None}
    return {
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items() if value is not None],
    }
