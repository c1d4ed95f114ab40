import asyncio
from importlib.metadata import version

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from services.database import Database
from tests.ui.door import HTTP, HTTPS, FakeSocket, World, build_browser, build_guard, build_world, scope_of
from ui.guard import SESSION_ENDED, Guard, safe_next

NICEGUI = f"/_nicegui/{version('nicegui')}"


@pytest.fixture
async def world(database: Database) -> World:
    return await build_world(database)


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in",
        "/link/some-token",
        "/assets/dashboard.css",
        "/favicon.ico",
        *(f"{NICEGUI}/{kind}/x.js" for kind in ("static", "components", "libraries", "esm")),
    ],
)
async def test_a_stranger_sees_the_door_and_what_it_is_drawn_with(world: World, path: str) -> None:
    async with world.browser() as stranger:
        assert (await stranger.get(path)).status_code == 200
    assert world.reached == [path]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 303),
        ("HEAD", "/users", 303),
        ("GET", "/sign-in/", 303),
        ("GET", "/sign-inside", 303),
        ("GET", "/link", 303),
        ("GET", "/assets", 303),
        ("POST", "/users", 401),
        ("DELETE", "/users", 401),
        ("POST", "/assets/dashboard.css", 401),
        ("GET", f"{NICEGUI}/resources/x/y", 401),
        ("GET", f"{NICEGUI}/dynamic_resources/x", 401),
        ("GET", "/_nicegui/auto/x", 401),
        ("POST", "/_nicegui/client/x/upload/1", 401),
        ("GET", "/_nicegui_ws/socket.io/", 401),
        ("POST", "/_nicegui_ws/socket.io/", 401),
    ],
)
async def test_a_stranger_gets_no_further(world: World, method: str, path: str, status: int) -> None:
    async with world.browser("mallory-made-this-up") as mallory:
        assert (await mallory.request(method, path)).status_code == status
    assert world.reached == []


@pytest.mark.parametrize("path", ["/", "/sign-in", "/link/x", "/assets/x", f"{NICEGUI}/static/x", "/_nicegui_ws/x"])
async def test_a_stranger_gets_no_websocket_anywhere(world: World, path: str) -> None:
    socket = FakeSocket(world.guard, path=path)
    await socket.over()
    assert socket.sent == [{"type": "websocket.close", "code": SESSION_ENDED}]
    assert world.reached == []


async def test_who_is_signed_in_is_known_to_the_pages(world: World) -> None:
    async with world.browser(await world.sign_in()) as olivia, world.browser() as stranger:
        assert (await olivia.get("/who")).text == "olivia@example.com"
        assert (await stranger.get("/sign-in")).text == "nobody"


@pytest.mark.parametrize(
    ("wanted", "location"),
    [
        ("/", "/sign-in"),
        ("/users?page=2&sort=a", "/sign-in?next=%2Fusers%3Fpage%3D2%26sort%3Da"),
        ("/users/%C3%A9%2F", "/sign-in?next=%2Fusers%2F%25C3%25A9%2F"),
    ],
)
async def test_the_way_to_the_door_remembers_where_one_wanted_to_go(world: World, wanted: str, location: str) -> None:
    async with world.browser() as stranger:
        assert (await stranger.get(wanted)).headers["location"] == location


@pytest.mark.parametrize("url", ["/", "/users?page=2#top", "/users/é", "/a//b", "/a:b"])
def test_a_path_of_ours_is_a_place_to_go_next(url: str) -> None:
    assert safe_next(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "users",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "/users\r\nSet-Cookie: a=b",
        "/" + "a" * 2000,
    ],
)
def test_any_other_place_becomes_the_start_page(url: str) -> None:
    assert safe_next(url) == "/"


async def test_a_revoked_session_ends_over_http(world: World) -> None:
    token = await world.sign_in()
    async with world.browser(token) as olivia:
        assert (await olivia.get("/who")).status_code == 200
        await world.sessions.revoke(token, now=world.clock())
        assert (await olivia.get("/who")).status_code == 303


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "http://localhost", "http://localhost:8081", "http://localhost:8080.evil.example"],
)
async def test_another_origin_can_neither_post_nor_connect(world: World, origin: str) -> None:
    token = await world.sign_in()
    async with world.browser(token, origin=origin) as olivia:
        assert (await olivia.post("/who")).status_code == 403
        assert (await olivia.post("/sign-in")).status_code == 403
        assert (await olivia.get("/who")).status_code == 200
    socket = FakeSocket(world.guard, token=token, origin=origin)
    await socket.over()
    assert socket.sent == [{"type": "websocket.close", "code": 4403}]


async def test_without_an_origin_nothing_is_done_unless_the_browser_vouches_for_it(world: World) -> None:
    async with world.browser(await world.sign_in(), origin=None) as olivia:
        assert (await olivia.post("/who")).status_code == 403
        for site, status in (("same-origin", 200), ("same-site", 403), ("cross-site", 403), ("none", 403)):
            assert (await olivia.post("/who", headers={"sec-fetch-site": site})).status_code == status
    socket = FakeSocket(world.guard, token=await world.sign_in(), origin=None)
    await socket.over()
    assert socket.sent == [{"type": "websocket.close", "code": 4403}]


async def test_under_https_the_insecure_origin_of_the_same_host_is_another_one(world: World) -> None:
    guard = build_guard(world.sessions, world.clock, [], public_url=HTTPS)
    token = await world.sign_in()
    for origin, status in ((HTTPS, 200), ("http://dashboard.example.com", 403)):
        async with build_browser(guard, token, url=HTTPS, origin=origin, cookie="__Host-session") as olivia:
            assert (await olivia.post("/who")).status_code == status


async def test_under_https_a_cookie_that_another_host_could_have_set_is_none(world: World) -> None:
    guard = build_guard(world.sessions, world.clock, [], public_url=HTTPS)
    async with build_browser(guard, await world.sign_in(), url=HTTPS, cookie="session") as olivia:
        assert (await olivia.get("/who")).status_code == 303


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8080", 200),
        ("LOCALHOST", 200),
        ("127.0.0.1:8080", 200),
        ("[::1]:8080", 200),
        ("testing.example", 200),
        ("evil.example", 400),
        ("localhost.evil.example", 400),
        ("localhost@evil.example", 400),
        ("evil.example@localhost", 400),
        ("", 400),
    ],
)
async def test_only_hosts_of_ours_are_answered(world: World, host: str, status: int) -> None:
    async with world.browser(await world.sign_in()) as olivia:
        assert (await olivia.get("/who", headers={"host": host})).status_code == status
    socket = FakeSocket(world.guard, host=host)
    await socket.over()
    assert socket.sent[0]["code"] == (4400 if status == 400 else 4401)


async def test_a_prefix_from_outside_never_reaches_a_page(world: World) -> None:
    async with world.browser(await world.sign_in(), origin=None) as olivia:
        answer = await olivia.get("/headers", headers={"X-Forwarded-Prefix": "/evil"})
    assert "x-forwarded-prefix" not in answer.text
    assert "host" in answer.text


async def test_each_request_has_a_state_of_its_own(world: World) -> None:
    states: list[dict[str, object]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        states.append(scope["state"])
        await PlainTextResponse("")(scope, receive, send)

    async def ignore(_: Message) -> None:
        return None

    guard = Guard(app, sessions=world.sessions, public_url=HTTP, clock=world.clock)
    shared = {"from": "lifespan"}
    for _ in range(2):
        scope = {**scope_of("/sign-in"), "type": "http", "method": "GET", "state": shared}
        await guard(scope, asyncio.Queue[Message]().get, ignore)
    assert states[0]["nonce"] != states[1]["nonce"]
    assert states[0]["from"] == "lifespan"
    assert shared == {"from": "lifespan"}
