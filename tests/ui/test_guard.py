import asyncio
from collections.abc import Mapping
from importlib.metadata import version

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from models.audit import Act, Outcome
from models.environment import Environment
from models.permissions import Role
from tests.services.access.world import ADA, OLIVIA, VICTOR, World
from tests.ui.guarded import (
    HTTP,
    HTTPS,
    TEAM,
    FakeSocket,
    Guarded,
    build_browser,
    build_guard,
    build_guarded,
    pages_that_answer,
    scope_of,
)
from ui.guard import LARGEST_BODY, safe_next
from ui.sockets import SESSION_ENDED

NICEGUI = f"/_nicegui/{version('nicegui')}"
WHO_OLIVIA = f"{OLIVIA} from 127.0.0.1"


@pytest.fixture
async def guarded(world: World) -> Guarded:
    return await build_guarded(world)


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
async def test_a_stranger_sees_the_door_and_what_it_is_drawn_with(guarded: Guarded, path: str) -> None:
    async with guarded.browser() as stranger:
        assert (await stranger.get(path)).status_code == 200
    assert guarded.reached == [path]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 303),
        ("HEAD", "/users", 303),
        ("GET", "/sign-in/", 303),
        ("GET", "/sign-inside", 303),
        ("GET", "/link", 303),
        ("GET", "/link/a/b", 303),
        ("GET", "/assets", 303),
        ("GET", "/favicon.ico/x", 303),
        ("GET", TEAM, 303),
        ("GET", "/nowhere", 303),
        ("GET", f"{NICEGUI}0/static/x.js", 401),
        ("POST", "/users", 401),
        ("POST", "/nowhere", 401),
        ("DELETE", "/users", 401),
        ("POST", f"{NICEGUI}/static/x.js", 401),
        ("GET", f"{NICEGUI}/resources/x/y", 401),
        ("GET", f"{NICEGUI}/dynamic_resources/x", 401),
        ("GET", "/_nicegui/auto/x", 401),
        ("POST", "/_nicegui/client/x/upload/1", 401),
        ("GET", "/_nicegui_ws/socket.io/", 401),
        ("POST", "/_nicegui_ws/socket.io/", 401),
    ],
)
async def test_a_stranger_gets_no_further(guarded: Guarded, method: str, path: str, status: int) -> None:
    async with guarded.browser("mallory-made-this-up") as mallory:
        assert (await mallory.request(method, path)).status_code == status
    assert guarded.reached == []


@pytest.mark.parametrize("path", ["/", "/sign-in", "/link/x", "/assets/x", f"{NICEGUI}/static/x", "/_nicegui_ws/x"])
async def test_a_stranger_gets_no_websocket_anywhere(guarded: Guarded, path: str) -> None:
    socket = FakeSocket(guarded.guard, path=path)
    await socket.over()
    assert socket.sent == [{"type": "websocket.close", "code": SESSION_ENDED}]
    assert guarded.reached == []


async def test_who_is_signed_in_is_known_to_the_pages_with_the_address_they_come_from(guarded: Guarded) -> None:
    token = await guarded.sign_in()
    async with build_browser(guarded.guard, token, address="198.51.100.7") as olivia:
        assert (await olivia.get("/who")).text == f"{OLIVIA} from 198.51.100.7"
        assert (await olivia.get("/sign-in")).text == f"{OLIVIA} from 198.51.100.7"
    async with guarded.browser() as stranger:
        assert (await stranger.get("/sign-in")).text == "nobody"


async def test_a_stranger_does_not_learn_which_pages_there_are(guarded: Guarded) -> None:
    async with guarded.browser() as stranger:
        known, unknown, forbidden = [await stranger.get(path) for path in ("/users", "/wolves", TEAM)]
    assert known.status_code == unknown.status_code == forbidden.status_code == 303
    assert unknown.headers["location"] == known.headers["location"].replace("users", "wolves")
    assert known.content == unknown.content == forbidden.content == b""


@pytest.mark.parametrize("path", ["/nowhere", "/users/", "//users", "/users/1", "/docs", "/link", "/openapi.json"])
async def test_what_is_not_registered_is_not_there_even_if_somebody_would_answer(guarded: Guarded, path: str) -> None:
    async with guarded.browser(await guarded.sign_in()) as olivia:
        for method in ("GET", "POST"):
            page = await olivia.request(method, f"{HTTP}{path}")
            assert page.status_code == 404
            assert "<h1>There is no such page.</h1>" in page.text
    assert guarded.reached == []


async def test_a_page_that_asks_for_more_than_ones_role_may_says_whom_to_ask(guarded: Guarded) -> None:
    await guarded.world.add_account(ADA)
    await guarded.world.add_account("gone@example.com", suspended_at=guarded.world.now)
    await guarded.world.add_account("invited@example.com", password=None)
    await guarded.world.add_account("elsewhere@example.com", environment=Environment.LOCAL)
    async with guarded.browser(await guarded.sign_in(guarded.victor)) as victor:
        page = await victor.get(TEAM)
    assert page.status_code == 403
    assert "This page is not for your role." in page.text
    assert "You are signed in to Sandbox as viewer." in page.text
    assert "a role that may: invite, change, suspend and remove members." in page.text
    assert f"These admins can change your role: {ADA}, {OLIVIA}." in page.text
    assert guarded.reached == []


async def test_whoever_asks_for_more_than_their_role_may_is_written_down(guarded: Guarded) -> None:
    token = await guarded.sign_in(guarded.victor)
    async with build_browser(guarded.guard, token, address="198.51.100.7") as victor:
        assert (await victor.post(f"{TEAM}?member=1")).status_code == 403
    [entry] = await guarded.world.log()
    assert (entry.act, entry.outcome, entry.environment) == (Act.NOT_ALLOWED, Outcome.REFUSED, Environment.SANDBOX)
    assert (entry.who, entry.role, entry.address) == (VICTOR, Role.VIEWER, "198.51.100.7")
    assert (entry.about, entry.detail) == (TEAM, "needs: Invite, change, suspend and remove members")


async def test_whose_role_may_comes_to_a_page_that_asks_for_it_unnoted(guarded: Guarded) -> None:
    async with guarded.browser(await guarded.sign_in()) as olivia:
        assert (await olivia.get(TEAM)).text == WHO_OLIVIA
    assert await guarded.world.log() == []


@pytest.mark.parametrize(
    ("wanted", "location"),
    [
        ("/", "/sign-in"),
        ("/users?page=2&sort=a", "/sign-in?next=%2Fusers%3Fpage%3D2%26sort%3Da"),
        ("/users/%C3%A9%2F", "/sign-in?next=%2Fusers%2F%25C3%25A9%2F"),
    ],
)
async def test_the_way_to_the_door_remembers_where_one_wanted_to_go(
    guarded: Guarded, wanted: str, location: str
) -> None:
    async with guarded.browser() as stranger:
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


async def test_a_session_that_was_signed_out_ends_over_http(guarded: Guarded) -> None:
    token = await guarded.sign_in()
    async with guarded.browser(token) as olivia:
        assert (await olivia.get("/who")).status_code == 200
        await guarded.sign_out(token)
        assert (await olivia.get("/who")).status_code == 303


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "http://localhost", "http://localhost:8081", "http://localhost:8080.evil.example"],
)
async def test_another_origin_can_neither_post_nor_connect(guarded: Guarded, origin: str) -> None:
    token = await guarded.sign_in()
    async with guarded.browser(token, origin=origin) as olivia:
        assert (await olivia.post("/who")).status_code == 403
        assert (await olivia.post("/sign-in")).status_code == 403
        assert guarded.reached == []
        assert (await olivia.get("/who")).status_code == 200
    socket = FakeSocket(guarded.guard, token=token, origin=origin)
    await socket.over()
    assert socket.sent == [{"type": "websocket.close", "code": 4403}]


async def test_without_an_origin_nothing_is_done_unless_the_browser_vouches_for_it(guarded: Guarded) -> None:
    async with guarded.browser(await guarded.sign_in(), origin=None) as olivia:
        assert (await olivia.post("/who")).status_code == 403
        for site, status in (("same-origin", 200), ("same-site", 403), ("cross-site", 403), ("none", 403)):
            assert (await olivia.post("/who", headers={"sec-fetch-site": site})).status_code == status
    socket = FakeSocket(guarded.guard, token=await guarded.sign_in(), origin=None)
    await socket.over()
    assert socket.sent == [{"type": "websocket.close", "code": 4403}]


async def test_a_proxy_may_leave_out_the_port_that_browsers_put_into_the_origin(guarded: Guarded) -> None:
    async with guarded.browser(await guarded.sign_in()) as olivia:
        assert (await olivia.post("/who", headers={"host": "localhost"})).status_code == 200
        assert (await olivia.post("/who", headers={"host": "127.0.0.1"})).status_code == 403


async def test_under_https_the_insecure_origin_of_the_same_host_is_another_one(world: World) -> None:
    guarded = await build_guarded(world, public_url=HTTPS)
    token = await guarded.sign_in()
    for origin, status in ((HTTPS, 200), ("http://dashboard.example.com", 403)):
        async with build_browser(guarded.guard, token, url=HTTPS, origin=origin, cookie="__Host-session") as olivia:
            assert (await olivia.post("/who")).status_code == status


async def test_under_https_a_cookie_that_another_host_could_have_set_is_none(world: World) -> None:
    guarded = await build_guarded(world, public_url=HTTPS)
    token = await guarded.sign_in()
    for cookie, status in (("__Host-session", 200), ("session", 303)):
        async with build_browser(guarded.guard, token, url=HTTPS, cookie=cookie) as olivia:
            assert (await olivia.get("/who")).status_code == status


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
async def test_only_hosts_of_ours_are_answered(guarded: Guarded, host: str, status: int) -> None:
    async with guarded.browser(await guarded.sign_in()) as olivia:
        assert (await olivia.get("/who", headers={"host": host})).status_code == status
    socket = FakeSocket(guarded.guard, host=host, origin=f"http://{host}")
    await socket.over()
    assert socket.sent[0]["code"] == (4400 if status == 400 else 4401)


async def test_a_prefix_from_outside_never_reaches_a_page(guarded: Guarded) -> None:
    async with guarded.browser(await guarded.sign_in(), origin=None) as olivia:
        answer = await olivia.get("/headers", headers={"X-Forwarded-Prefix": "/evil"})
    assert "x-forwarded-prefix" not in answer.text
    assert "host" in answer.text


async def test_a_file_goes_to_a_page_of_ones_own_session_and_no_other(guarded: Guarded) -> None:
    own, next_one = await guarded.sign_in(), await guarded.sign_in()
    victors = await guarded.sign_in(guarded.victor)
    owner = (await guarded.world.who(own)).session_id
    guard = build_guard(guarded.world, pages_that_answer(guarded.world, guarded.reached), owner_of={"page": owner}.get)
    upload, no_page = "/_nicegui/client/page/upload/1", "/_nicegui/client/gone/upload/1"
    for token in (next_one, victors):
        async with build_browser(guard, token) as other:
            refused, gone = [await other.post(path, files={"a": b"%PDF-"}) for path in (upload, no_page)]
        assert refused.status_code == gone.status_code == 404
        assert refused.content == gone.content
    assert guarded.reached == []
    async with build_browser(guard, own) as olivia:
        assert (await olivia.post(no_page)).status_code == 404
        assert (await olivia.post(upload, files={"a": b"%PDF-"})).text == WHO_OLIVIA
    assert guarded.reached == [upload]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-length": str(LARGEST_BODY)}, 200),
        ({"content-length": str(LARGEST_BODY + 1)}, 413),
        ({"content-length": "many"}, 413),
        ({"transfer-encoding": "chunked"}, 411),
    ],
)
async def test_a_file_that_would_fill_the_disk_is_not_begun(
    guarded: Guarded, headers: Mapping[str, str], status: int
) -> None:
    token = await guarded.sign_in()
    owner = (await guarded.world.who(token)).session_id
    guard = build_guard(guarded.world, pages_that_answer(guarded.world, guarded.reached), owner_of={"page": owner}.get)
    async with build_browser(guard, token) as olivia:
        assert (await olivia.post("/_nicegui/client/page/upload/1", headers=headers)).status_code == status
    assert len(guarded.reached) == (status == 200)


async def test_another_site_and_an_ended_session_post_no_file_into_a_page(guarded: Guarded) -> None:
    token = await guarded.sign_in()
    owner = (await guarded.world.who(token)).session_id
    guard = build_guard(guarded.world, pages_that_answer(guarded.world, guarded.reached), owner_of={"page": owner}.get)
    async with build_browser(guard, token, origin="http://evil.example") as evil:
        assert (await evil.post("/_nicegui/client/page/upload/1")).status_code == 403
    await guarded.sign_out(token)
    async with build_browser(guard, token) as late:
        assert (await late.post("/_nicegui/client/page/upload/1")).status_code == 401
    assert guarded.reached == []


async def test_each_request_has_a_state_of_its_own(world: World) -> None:
    states: list[dict[str, object]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        states.append(scope["state"])
        await PlainTextResponse("")(scope, receive, send)

    async def ignore(_: Message) -> None:
        return None

    guard = build_guard(world, app)
    shared = {"from": "lifespan"}
    for _ in range(2):
        scope = {**scope_of("/sign-in"), "type": "http", "method": "GET", "state": shared}
        await guard(scope, asyncio.Queue[Message]().get, ignore)
    assert states[0]["nonce"] != states[1]["nonce"]
    assert states[0]["from"] == "lifespan"
    assert shared == {"from": "lifespan"}
