"""The guard before every page: the right host, the right origin, an open session, the role that the address asks for;
over HTTP and over websockets.

A guard at the connect of a websocket is not enough: every frame, in and out, asks again whether the session is alive.
"""

import asyncio
import logging
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from urllib.parse import quote, urlsplit

from sqlalchemy.exc import OperationalError
from starlette.datastructures import Headers, QueryParams
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from models.environment import Environment
from services.access.actors import Actor
from services.access.sessions import SessionRegistry
from ui.errors import Refusals
from ui.headers import SecuredSend
from ui.places import Places
from ui.sockets import APPLICATION_CODE, WatchedSocket

log = logging.getLogger(__name__)

NICEGUI = "/_nicegui"
# What a browser sends to one page: the files chosen there.
OF_A_PAGE = f"{NICEGUI}/client/"
SOCKETS = "/_nicegui_ws/"
ASSETS = (
    "/assets/",
    *(f"{NICEGUI}/{version('nicegui')}/{kind}/" for kind in ("static", "components", "libraries", "esm")),
)
LOOPBACK = ("localhost", "127.0.0.1", "::1")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# Five pages of a document, in bytes; the proxy in README takes as much.
LARGEST_BODY = 36 * 1024 * 1024


def cookie_name(public_url: str, kind: str = "session") -> str:
    """Return the name of a cookie; under https the browser sees to it that no other host can set it."""
    return f"__Host-{kind}" if is_https(public_url) else kind


def is_https(public_url: str) -> bool:
    return urlsplit(public_url).scheme == "https"


def _origin(url: str) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(url)).lower()


def _hostname(host: str) -> str:
    """Return a Host header without its port."""
    return urlsplit(f"//{host}").hostname or ""


def safe_next(url: str) -> str:
    """Return a place to go after the sign-in: a path on this host, else the start page."""
    leads_away = url[1:2] in ("/", "\\") or not url.isprintable() or len(url) > 2000
    return url if url.startswith("/") and not leads_away else "/"


class Guard:
    """Passes on what may pass, with `request.state.actor` (None on an open page), `.nonce`, and `.door`: the
    environment whose own host name this is, if it has one.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        places: Places,
        sessions: SessionRegistry,
        public_url: str,
        clock: Callable[[], datetime],
        refusals: Refusals,
        owner_of: Callable[[str], int | None] = lambda _page: None,
        urls: Mapping[Environment, str] | None = None,
        extra_hosts: Iterable[str] = (),
    ) -> None:
        self._app = app
        self._places = places
        self.sessions = sessions
        self.clock = clock
        self._refusals = refusals
        # The session that a page (NiceGUI's client id) was built for; None for a page that is not there.
        self.owner_of = owner_of
        self._https = is_https(public_url)
        self._cookie = cookie_name(public_url)
        own_host = urlsplit(public_url).hostname
        self._doors = {
            host: environment
            for environment, url in (urls or {}).items()
            if (host := urlsplit(url).hostname) not in (None, own_host)
        }
        # A proxy may leave the port out of the Host header, which browsers put into the Origin.
        self._origins = {urlsplit(url).hostname: _origin(url) for url in (public_url, *(urls or {}).values())}
        self._hosts = {own_host, *LOOPBACK, *self._doors, *extra_hosts}
        self._sockets: set[WatchedSocket] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def close_ended_sockets(self) -> None:
        """Close the sockets whose session has ended; to be called after each poll of the sessions."""
        await asyncio.gather(*(socket.close() for socket in self._sockets if not socket.may_go_on))

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        nonce = secrets.token_urlsafe(16)
        path: str = scope["path"]
        is_asset = path.startswith(ASSETS) and scope["method"] in SAFE_METHODS
        # Their own address is the secret, which even this host's other addresses need not hear of.
        is_secret = path.startswith("/link/")
        secured = SecuredSend(send, nonce=nonce, https=self._https, is_asset=is_asset, is_secret=is_secret)
        answer: ASGIApp | None = self._refusal(scope)
        actor = None
        if answer is None and not is_asset:
            try:
                actor = await self._actor(scope)
                answer = await self._hindrance(scope, actor)
            except OperationalError as error:
                answer = self._refusals.busy(Request(scope), error)
            except Exception as error:
                answer = self._refusals.failed(Request(scope), error)
        if actor is not None and not path.startswith(NICEGUI):
            self.sessions.touch(actor.session_id, now=self.clock())
        await (answer or self._app)(self._guarded(scope, actor, nonce), receive, secured)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope)
        actor = None if refusal else await self._actor(scope)
        if actor is None or not self._is_of_own_page(scope, actor):
            status = refusal.status_code if refusal else 401
            await send({"type": "websocket.close", "code": APPLICATION_CODE + status})
            return
        socket = WatchedSocket(self, actor.session_id, receive, send)
        self._sockets.add(socket)
        try:
            await self._app(self._guarded(scope, actor, nonce=""), socket.receive, socket.send)
        finally:
            self._sockets.discard(socket)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not self._is_for_us(headers):
            sentence = "This dashboard does not answer under that name; open it at the address in DASHBOARD_PUBLIC_URL."
            return PlainTextResponse(sentence, 400)
        is_unsafe = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        if is_unsafe and not self._is_same_origin(headers):
            log.info("refused from another site origin=%s address=%s", headers.get("origin"), scope.get("client"))
            return PlainTextResponse("This came from another site, or from no page at all, and was not done.", 403)
        # Files are written to the disk as they come: how much that will be is to be known before.
        if "transfer-encoding" in headers:
            return PlainTextResponse("Say beforehand how long it is (Content-Length).", 411)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            return PlainTextResponse("This is too large: five files of 7 MB at most.", 413)
        return None

    def _is_for_us(self, headers: Headers) -> bool:
        hosts = headers.getlist("host")
        host = re.fullmatch(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?", hosts[0].lower()) if hosts else None
        return len(hosts) == 1 and host is not None and (host[1] or host[2]) in self._hosts

    def _is_same_origin(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site") == "same-origin"
        host = headers["host"].lower()
        schemes = ("https",) if self._https else ("http", "https")
        same_host = {self._origins.get(_hostname(host)), *(f"{scheme}://{host}" for scheme in schemes)}
        return origin.lower() in same_host

    def _is_of_own_page(self, scope: Scope, actor: Actor) -> bool:
        """A page belongs to the session it was built for: it must not come alive again under the next one."""
        page = QueryParams(scope["query_string"]).get("client_id", "")
        return self.owner_of(page) in (None, actor.session_id)

    def _is_for_own_page(self, path: str, actor: Actor) -> bool:
        """NiceGUI would take a file from whoever names the page."""
        return self.owner_of(path.removeprefix(OF_A_PAGE).partition("/")[0]) == actor.session_id

    async def _actor(self, scope: Scope) -> Actor | None:
        token = HTTPConnection(scope).cookies.get(self._cookie)
        actor = await self.sessions.lookup(token, now=self.clock()) if token else None
        if actor is None or self._door(scope) not in (None, actor.environment):
            return None
        return replace(actor, address=scope["client"][0] if scope.get("client") else "")

    def _door(self, scope: Scope) -> Environment | None:
        """Return the environment that a host name belongs to; the host was checked before."""
        return self._doors.get(_hostname(Headers(scope=scope)["host"].lower()))

    async def _hindrance(self, scope: Scope, actor: Actor | None) -> Response | None:
        """Return what somebody gets instead of what they asked for, or None when they may have it."""
        path: str = scope["path"]
        place = self._places.find(path)
        if place is not None and place.needs is None:
            return None
        if actor is None:
            return self._way_in(scope)
        if path.startswith(SOCKETS):
            # Long polling would carry frames past the watch that is kept over sockets.
            return PlainTextResponse("This dashboard speaks over websockets only.", 400)
        if path.startswith(OF_A_PAGE) and not self._is_for_own_page(path, actor):
            return PlainTextResponse("There is no such page in this session.", 404)
        if place is None:
            return None if path.startswith(NICEGUI) else self._refusals.not_found(actor)
        if place.needs is not None and not actor.may(place.needs):
            return await self._refusals.forbidden(actor, place.needs, path)
        return None

    def _way_in(self, scope: Scope) -> Response:
        """Return where a stranger goes instead."""
        path: str = scope["path"]
        if path.startswith(NICEGUI) or scope["method"] not in SAFE_METHODS:
            return PlainTextResponse("Sign in first.", 401)
        wanted = quote(path) + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else "")
        return RedirectResponse("/sign-in" + ("" if wanted == "/" else f"?next={quote(wanted, safe='')}"), 303)

    def _guarded(self, scope: Scope, actor: Actor | None, nonce: str) -> Scope:
        """Return the scope with its own state, and without the header NiceGUI would write into the page unasked."""
        door = self._door(scope) if self._is_for_us(Headers(scope=scope)) else None
        state = {**scope.get("state", {}), "actor": actor, "nonce": nonce, "door": door}
        headers = [(name, value) for name, value in scope["headers"] if name.lower() != b"x-forwarded-prefix"]
        return {**scope, "headers": headers, "state": state}
