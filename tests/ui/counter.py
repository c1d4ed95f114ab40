"""Where exports are handed out, a browser that notices whether a file is whole, and the button that begins one."""

import asyncio
import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape

from nicegui import Client, ui
from starlette.types import ASGIApp, Message

from models.environment import Environment
from models.objects.listings import LISTINGS
from models.permissions import Role
from services.access.actors import Actor
from services.bootstrap import Services
from tests.actors import make_actor
from tests.services.objects.shop import Shop
from ui.components.export import ExportButton, Exports
from ui.components.list_state import ListState

VICTOR = make_actor(Role.VIEWER, Environment.LOCAL, email="victor@example.com")


@dataclass
class Download:
    """What a browser got, and whether it was told that this was all."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_whole: bool = False

    @property
    def rows(self) -> list[dict[str, str]]:
        return rows_of(self.body)


class Browser:
    """Fetches one address; `leaves_after` so many pieces it goes, `at_piece` hears of each before the next is sent."""

    def __init__(
        self, app: ASGIApp, actor: Actor, *, leaves_after: int | None = None, at_piece: Callable[[int], object] = id
    ) -> None:
        self._app = app
        self._actor = actor
        self._leaves_after = leaves_after
        self._at_piece = at_piece

    async def get(self, url: str) -> Download:
        got, pieces, gone = Download(), 0, asyncio.Event()
        asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

        async def receive() -> Message:
            for message in asked:
                return message
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            nonlocal pieces
            if message["type"] == "http.response.start":
                headers = {name.decode(): value.decode() for name, value in message["headers"]}
                got.status, got.headers = message["status"], headers
                return
            got.body += message["body"]
            got.is_whole = not message.get("more_body", False)
            pieces += 1
            self._at_piece(pieces)
            if pieces == self._leaves_after:
                gone.set()
            await asyncio.sleep(0)

        path, _, query = url.partition("?")
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": query.encode(),
            "headers": [],
            "state": {"actor": self._actor, "nonce": ""},
        }
        await self._app(scope, receive, send)
        return got


@dataclass
class Counter:
    """Where exports are handed out, before a Mangopay that answers what a test says."""

    services: Services
    shop: Shop
    exports: Exports
    app: ASGIApp
    opened: list[Client] = field(default_factory=list)

    async def fetch(self, url: str, actor: Actor = VICTOR, **manners: int | Callable[[int], object]) -> Download:
        return await Browser(self.app, actor, **manners).get(url)  # type: ignore[arg-type]

    def button(self, state: ListState | None = None, *, listing: str = "users", of: str = "") -> "Button":
        client = Client(ui.page(""))
        self.opened.append(client)
        with client:
            shown = state or ListState()
            return Button(client, ExportButton(VICTOR, self.exports, LISTINGS[listing], lambda: shown, of=of))


@dataclass
class Button:
    """The button on an open page, as somebody presses it and reads what it says."""

    client: Client
    button: ExportButton

    async def press(self) -> str:
        """Begin an export, and return the address that the browser is sent to."""
        with self.client:
            self.button._begin()
        [address] = [str(message[2]["path"]) for message in self.client.outbox.messages if message[1] == "open"]
        return address

    @property
    def says(self) -> str:
        self.button._look()
        return unescape(re.sub(r"<[^>]+>", "", self.button._said.content)).strip()

    @property
    def looks_on(self) -> bool:
        return bool(self.button._timer.active)


def rows_of(file: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.decode(), newline="")))
