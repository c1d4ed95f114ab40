"""The pages of the door behind a real guard, with a postman turned by hand, and browsers that come to it."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from html import unescape

import httpx
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from models.access import Account
from models.environment import Environment
from models.permissions import Permission, Role
from services.database import Database
from services.mail.mailers import LocalMailbox
from tests.services.access.world import OLIVIA, PASSWORD, SANDBOX, World, make_door, token_in
from tests.ui.guarded import HTTP, SHELL
from ui import door as pages
from ui import errors
from ui.door.desk import Desk
from ui.guard import Guard
from ui.places import Places

HOME = "203.0.113.7"
TEAM = "/team"


@dataclass(frozen=True, slots=True)
class Door:
    """The door as it is served, before one page for everybody who is signed in and one for admins."""

    world: World
    guard: Guard
    url: str

    @asynccontextmanager
    async def browser(
        self, url: str | None = None, *, address: str = HOME, is_answered: bool = False
    ) -> AsyncIterator[httpx.AsyncClient]:
        """Open a browser, at the dashboard's own address or another. `is_answered`: crashes come as their page."""
        transport = httpx.ASGITransport(self.guard, client=(address, 4711), raise_app_exceptions=not is_answered)
        url = url or self.url
        async with httpx.AsyncClient(transport=transport, base_url=url, headers={"origin": url}) as browser:
            yield browser

    async def link(self, account: Account | None, *, environment: Environment = SANDBOX) -> str:
        """Return the path of a one-time link; without an account, of one that makes the first access."""
        return f"/link/{await self.world.link(account, environment=environment)}"

    async def link_by_mail(self) -> str:
        """Deliver what is due, and return the path of the link in the one letter."""
        [letter] = await self.world.deliver()
        return f"/link/{token_in(letter)}"


def open_door(
    database: Database,
    *environments: Environment,
    url: str = HTTP,
    urls: Mapping[Environment, str] | None = None,
    allowed: dict[str, Role] | None = None,
    sends_mail: Sequence[Environment] | None = None,
    mailbox: LocalMailbox | None = None,
) -> Door:
    """Open the doors of some environments, Sandbox if it is not said which; `urls` are those of their own hosts."""
    on = environments or (SANDBOX,)
    door = make_door(database, environments=on, allowed=allowed, sends_mail=sends_mail)
    world = World(replace(door, urls=dict.fromkeys(on, url) | dict(urls or {})))

    places = Places()
    pages.register(places, Desk(door=world.door, public_url=url, shell=SHELL, clock=lambda: world.now), mailbox)
    places.endpoint("/", {"GET": _who}, needs=Permission.SEE)
    places.endpoint(TEAM, {"GET": _who}, needs=Permission.MANAGE_TEAM)
    app = FastAPI(openapi_url=None)
    app.router.routes.extend(places.routes)
    errors.register(app, SHELL)
    guard = Guard(
        app,
        places=places,
        sessions=world.door.sessions,
        public_url=url,
        urls=world.door.urls,
        clock=lambda: world.now,
        refusals=errors.Refusals(SHELL, world.door, lambda: world.now),
    )
    return Door(world, guard, url)


async def _who(request: Request) -> Response:
    actor = request.state.actor
    return PlainTextResponse(f"{actor.email}, {actor.role} in {actor.environment}")


async def who(browser: httpx.AsyncClient) -> str | None:
    """Return who is signed in and as what; None for a stranger, who is led to the sign-in."""
    answer = await browser.get("/")
    assert (answer.status_code, answer.headers.get("location")) in ((200, None), (303, "/sign-in"))
    return answer.text if answer.status_code == 200 else None


async def sign_in(browser: httpx.AsyncClient, email: str = OLIVIA, password: str = PASSWORD, **more: str) -> str:
    """Give a right pair, and return where it leads."""
    answer = await browser.post("/sign-in", data={"email": email, "password": password, **more})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def cookies_of(answer: httpx.Response) -> dict[str, str]:
    """Return the cookies that an answer sets, each with its flags as they came."""
    pairs = (cookie.partition("=") for cookie in answer.headers.get_list("set-cookie"))
    return {name: value for name, _, value in pairs}


def title(page: httpx.Response) -> str:
    found = re.search("<title>(.*)</title>", page.text)
    assert found
    return unescape(found[1])


def hidden(page: httpx.Response) -> dict[str, str]:
    """Return the hidden fields of a page's forms."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
    return {name: unescape(value) for name, value in found}


def links(page: httpx.Response) -> list[str]:
    return [unescape(href) for href in re.findall(r'<a [^>]*?href="([^"]*)"', page.text)]


def focused(page: httpx.Response) -> list[str]:
    return re.findall(r'<input id="(\w+)"[^>]* autofocus', page.text)


def in_error(page: httpx.Response) -> list[str]:
    """Return the fields that are marked as wrong."""
    return re.findall(r'<input id="(\w+)"[^>]* aria-invalid="true"', page.text)


def same(page: httpx.Response, *, but: str = "") -> tuple[object, ...]:
    """Return all of an answer by which a stranger could tell it from another, but its nonce and an e-mail address."""
    nonce = re.search(r"'nonce-([^']+)'", page.headers["content-security-policy"])
    assert nonce
    headers = {name: value.replace(nonce[1], "") for name, value in page.headers.items() if name != "content-length"}
    text = page.text.replace(nonce[1], "")
    return page.status_code, headers, text.replace(but, "somebody") if but else text
