"""What every page of the door needs: the form that came, who stands there, cookies, which environment it is about."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import htpy as h
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from models.access import CHALLENGE_LIFETIME, SESSION_LIMITS, Theme
from models.environment import Environment
from services.access.actors import Actor
from services.access.door import Door
from services.access.errors import AccessError, TryLater
from services.access.sign_in import Entry
from services.access.visitors import Visitor, describe_device
from ui.guard import cookie_name, is_https, safe_next
from ui.html import Shell

LARGEST_FORM = 16_384
NOT_AN_EMAIL = "Enter your e-mail address, such as olivia@example.com."
REMEMBER_DOOR = timedelta(days=365)
LONGEST_SESSION = max(limits.absolute for limits in SESSION_LIMITS.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One for all pages of the door."""

    door: Door
    public_url: str
    shell: Shell
    clock: Callable[[], datetime]

    def page(
        self, request: Request, title: str, *content: h.Node, environment: Environment | None, status: int = 200
    ) -> Response:
        theme = request.state.actor.theme if request.state.actor else Theme.SYSTEM
        page = self.shell.page(title, *content, environment=environment, theme=theme, nonce=request.state.nonce)
        return HTMLResponse(page, status)

    def environment(self, request: Request, name: str | None) -> Environment | None:
        """Return the environment meant: that of the host's own name, else the named one, else the only one there is."""
        on = self.door.environments
        if request.state.door in on:
            return Environment(request.state.door)
        if len(on) == 1:
            return on[0]
        return next((environment for environment in on if environment == name), None)

    def url(self, environment: Environment, path: str, **query: str) -> str:
        """Return an address at an environment's door, absolute as soon as one of them has a host name of its own."""
        urls = self.door.urls
        base = "" if set(urls.values()) == {self.public_url} else urls[environment]
        return f"{base}{path}?{urlencode({'environment': environment.value, **query})}"

    def token(self, request: Request, kind: str) -> str:
        """Return the token of a cookie, `session` or `challenge`; "" without one."""
        return request.cookies.get(cookie_name(self.public_url, kind), "")

    def let_in(self, entry: Entry, environment: Environment, next_url: str) -> Response:
        """Lead on with a new session, or to the second factor while that is owed."""
        if not entry.is_complete:
            response = RedirectResponse("/two-factor?" + urlencode({"next": safe_next(next_url)}), 303)
            self._set(response, "challenge", entry.token, CHALLENGE_LIFETIME)
            return response
        response = RedirectResponse(safe_next(next_url), 303)
        self.give_session(response, entry, environment)
        return response

    def give_session(self, response: Response, entry: Entry, environment: Environment) -> None:
        """Give the browser its new session, in place of one that it came with."""
        self.drop_cookie(response, "challenge")
        self._set(response, "session", entry.token, LONGEST_SESSION)
        self._set(response, "door", environment.value, REMEMBER_DOOR)

    def visitor(self, request: Request) -> Visitor:
        """Return who stands there, with the session that a new one takes the place of."""
        device = describe_device(request.headers.get("user-agent", ""))
        return Visitor(address=address_of(request), device=device, replaces=self.token(request, "session"))

    def drop_cookie(self, response: Response, kind: str) -> None:
        response.delete_cookie(
            cookie_name(self.public_url, kind),
            path="/",
            secure=is_https(self.public_url),
            httponly=True,
            samesite="lax",
        )

    def _set(self, response: Response, kind: str, value: str, lifetime: timedelta) -> None:
        response.set_cookie(
            cookie_name(self.public_url, kind),
            value,
            max_age=int(lifetime.total_seconds()),
            path="/",
            secure=is_https(self.public_url),
            httponly=True,
            samesite="lax",
        )


def actor_of(request: Request) -> Actor:
    """Return who is signed in, on a page that nobody else gets."""
    actor: Actor = request.state.actor
    return actor


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def later(response: Response, error: AccessError | None) -> Response:
    """Tell a program, too, when to try again."""
    if isinstance(error, TryLater):
        response.headers["Retry-After"] = str(error.minutes * 60)
    return response


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a small form; strangers may send it, so it is cut off at 16 KB."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_FORM:
                raise HTTPException(413, "That form is too large.")
    except ClientDisconnect as error:
        raise HTTPException(400, "That form was not sent to its end.") from error
    try:
        return dict(parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=20))
    except ValueError as error:
        raise HTTPException(400, "That form has too many fields.") from error
