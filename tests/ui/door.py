"""A dashboard behind its guard: pages that answer what is asked of them, a person with an access, a fake websocket."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message
from starlette.websockets import WebSocket

from models.access import Account, Role
from models.environment import Environment
from services.access.sessions import SessionRegistry, start_session
from services.database import Database
from ui.guard import Guard

HTTP, HTTPS = "http://localhost:8080", "https://dashboard.example.com"
NICEGUI_PAGE = '<script>1</script><script type="module">2</script><p>&lt;script&gt; scripts: é</p>'


@dataclass
class Clock:
    now: datetime = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class World:
    """A dashboard with Olivia's access to it, and what its pages were asked."""

    database: Database
    sessions: SessionRegistry
    clock: Clock
    account: Account
    guard: Guard
    reached: list[str] = field(default_factory=list)

    async def sign_in(self) -> str:
        token = await start_session(self.database, self.account, now=self.clock())
        assert token
        return token

    def browser(self, token: str | None = None, *, origin: str | None = HTTP) -> httpx.AsyncClient:
        return build_browser(self.guard, token, origin=origin)

    async def revoke_elsewhere(self, token: str) -> None:
        """Revoke as another process does; this one hears of it with its next poll."""
        elsewhere = SessionRegistry(self.database, environments=(Environment.SANDBOX,))
        await elsewhere.revoke(token, now=self.clock())


async def build_world(database: Database) -> World:
    clock = Clock()
    account = Account(
        environment=Environment.SANDBOX,
        email="olivia@example.com",
        role=Role.OPERATOR,
        password_hash="none",
        created_at=clock(),
    )
    async with database.session() as session:
        session.add(account)
        await session.commit()
    sessions = SessionRegistry(database, environments=(Environment.SANDBOX,))
    reached: list[str] = []
    return World(database, sessions, clock, account, build_guard(sessions, clock, reached), reached)


def build_guard(sessions: SessionRegistry, clock: Clock, reached: list[str], *, public_url: str = HTTP) -> Guard:
    return Guard(
        _pages(sessions, reached),
        sessions=sessions,
        public_url=public_url,
        clock=clock,
        extra_hosts=["testing.example"],
    )


def build_browser(
    guard: Guard, token: str | None = None, *, url: str = HTTP, origin: str | None = HTTP, cookie: str = "session"
) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(guard),
        base_url=url,
        cookies={cookie: token} if token else None,
        headers={"origin": origin} if origin else None,
    )


def _pages(sessions: SessionRegistry, reached: list[str]) -> ASGIApp:
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
        signed_in = request.state.signed_in
        return PlainTextResponse(signed_in.email if signed_in else "nobody")

    async def socket(websocket: WebSocket) -> None:
        reached.append("connected")
        await websocket.accept()
        await websocket.send_text("welcome")
        async for text in websocket.iter_text():
            reached.append(text)
            if text == "push after poll":
                reached.append("polling")
                await until(lambda: not sessions.is_alive(websocket.state.signed_in.session_id))
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


async def open_socket(world: World, token: str) -> FakeSocket:
    socket = FakeSocket(world.guard, token=token)
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
