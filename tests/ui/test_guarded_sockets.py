from datetime import timedelta

import pytest

from models.access import SESSION_LIMITS, Session
from models.environment import Environment
from tests.services.access.world import World
from tests.ui.guarded import FakeSocket, Guarded, build_guard, build_guarded, open_socket, pages_that_answer, until
from ui.sockets import SESSION_ENDED

EVENT = '42["event",{"id":1}]'
HEARTBEAT = "3"
NAMING_A_PAGE = '42["event",{"id":1,"client_id":"page"}]'


@pytest.fixture
async def guarded(world: World) -> Guarded:
    return await build_guarded(world)


async def test_a_session_that_ended_gets_no_further_frame_in(guarded: Guarded) -> None:
    token = await guarded.sign_in()
    socket = await open_socket(guarded, token)
    await guarded.sign_out(token)
    socket.browser_sends(EVENT)
    await socket.over()
    assert socket.sent[2:] == [{"type": "websocket.close", "code": SESSION_ENDED}]
    assert guarded.reached == ["connected", "gone"]


async def test_a_session_that_ended_gets_no_further_frame_out(guarded: Guarded) -> None:
    token = await guarded.sign_in()
    socket = await open_socket(guarded, token)
    await guarded.sign_out_elsewhere(token)
    socket.browser_sends("push after poll")
    await until(lambda: "polling" in guarded.reached)
    await guarded.poll()
    socket.browser_goes()
    await socket.over()
    assert socket.sent[2:] == [{"type": "websocket.close", "code": SESSION_ENDED}]


async def test_an_idle_socket_is_closed_once_its_session_was_ended_elsewhere(guarded: Guarded) -> None:
    token, others = await guarded.sign_in(), await guarded.sign_in()
    socket, other = await open_socket(guarded, token), await open_socket(guarded, others)
    await guarded.sign_out_elsewhere(token)
    await guarded.guard.close_ended_sockets()
    assert len(socket.sent) == 2
    await guarded.poll()
    await guarded.guard.close_ended_sockets()
    assert socket.sent[2:] == [{"type": "websocket.close", "code": SESSION_ENDED}]
    assert len(other.sent) == 2
    for each in (socket, other):
        each.browser_goes()
        await each.over()


async def test_an_idle_socket_is_closed_once_its_session_has_run_out(guarded: Guarded) -> None:
    socket = await open_socket(guarded, await guarded.sign_in())
    guarded.world.now += SESSION_LIMITS[Environment.SANDBOX].idle
    await guarded.poll()
    await guarded.guard.close_ended_sockets()
    assert socket.sent[2:] == [{"type": "websocket.close", "code": SESSION_ENDED}]
    socket.browser_goes()
    await socket.over()


async def test_a_browser_that_has_gone_keeps_no_other_socket_from_being_closed(guarded: Guarded) -> None:
    token = await guarded.sign_in()
    gone, there = await open_socket(guarded, token), await open_socket(guarded, token)
    gone.is_gone = True
    await guarded.sign_out(token)
    await guarded.guard.close_ended_sockets()
    assert there.sent[2:] == [{"type": "websocket.close", "code": SESSION_ENDED}]
    for each in (gone, there):
        each.browser_goes()
        await each.over()


@pytest.mark.parametrize(("frame", "minutes_seen"), [(EVENT, 10), (HEARTBEAT, 0)])
async def test_what_a_person_does_keeps_the_session_and_a_heartbeat_does_not(
    guarded: Guarded, frame: str, minutes_seen: int
) -> None:
    start = guarded.world.now
    socket = await open_socket(guarded, await guarded.sign_in())
    guarded.world.wait(minutes=10)
    socket.browser_sends(frame)
    await until(lambda: len(socket.sent) == 3)
    socket.browser_goes()
    await socket.over()
    await guarded.poll()
    [session] = await guarded.world.rows(Session)
    assert session.last_seen_at == start + timedelta(minutes=minutes_seen)


async def test_a_page_comes_alive_under_no_other_session_than_its_own(guarded: Guarded) -> None:
    own, next_one = await guarded.sign_in(), await guarded.sign_in()
    built_for = (await guarded.world.who(own)).session_id
    pages = pages_that_answer(guarded.world, guarded.reached)
    guard = build_guard(guarded.world, pages, owner_of={"page": built_for}.get)

    refused = FakeSocket(guard, token=next_one, query="client_id=page")
    await refused.over()
    assert [message["type"] for message in refused.sent] == ["websocket.close"]
    for token, query in ((own, "client_id=page"), (next_one, "client_id=gone")):
        welcome = FakeSocket(guard, token=token, query=query)
        welcome.browser_goes()
        await welcome.over()
        assert welcome.sent[0]["type"] == "websocket.accept"


@pytest.mark.parametrize(
    "frame",
    [
        NAMING_A_PAGE,
        NAMING_A_PAGE.replace('"client_id":', '"client_id" :'),
        NAMING_A_PAGE.replace("client_id", "client\\u005fid"),
        NAMING_A_PAGE.replace('"page"', '"pa\\u0067e"'),
        NAMING_A_PAGE.replace("42", "42/,"),
        "42[",
    ],
    ids=["plainly", "with a blank", "with an escaped name", "escaped", "with a namespace", "as nonsense"],
)
async def test_a_frame_may_name_no_page_of_another_session(guarded: Guarded, frame: str) -> None:
    own, next_one = await guarded.sign_in(), await guarded.sign_in()
    owner = (await guarded.world.who(own)).session_id
    guard = build_guard(guarded.world, pages_that_answer(guarded.world, guarded.reached), owner_of={"page": owner}.get)
    mallory = FakeSocket(guard, token=next_one)
    mallory.browser_sends(frame)
    await mallory.over()
    assert mallory.sent[2:] == [{"type": "websocket.close", "code": SESSION_ENDED}]
    assert guarded.reached == ["connected", "gone"]


@pytest.mark.parametrize(
    "frame",
    [NAMING_A_PAGE.replace('"page"', '"a page that has gone"'), '42["event",{"args":["\\"client_id\\":\\"page\\""]}]'],
    ids=["gone", "typed by somebody"],
)
async def test_a_frame_that_names_no_page_of_another_session_is_passed_on(guarded: Guarded, frame: str) -> None:
    own, next_one = await guarded.sign_in(), await guarded.sign_in()
    owner = (await guarded.world.who(own)).session_id
    guard = build_guard(guarded.world, pages_that_answer(guarded.world, guarded.reached), owner_of={"page": owner}.get)
    socket = FakeSocket(guard, token=next_one)
    socket.browser_sends(frame)
    socket.browser_goes()
    await socket.over()
    assert guarded.reached == ["connected", frame, "gone"]


@pytest.mark.parametrize("log", ['42["log"', '42 ["log"', '42/,["log"', '42["\\u006cog"'])
async def test_what_a_browser_would_write_into_the_log_is_left_out(guarded: Guarded, log: str) -> None:
    socket = await open_socket(guarded, await guarded.sign_in())
    socket.browser_sends(log + ',{"client_id":"x","level":"error","message":"mallory was here"}]')
    socket.browser_sends(EVENT)
    socket.browser_goes()
    await socket.over()
    assert guarded.reached == ["connected", EVENT, "gone"]


async def test_a_session_of_another_environment_gets_no_socket_at_a_door_of_its_own(guarded: Guarded) -> None:
    world, token = guarded.world, await guarded.sign_in()
    urls = {Environment.PRODUCTION: "http://money.example.com", Environment.SANDBOX: "http://try.example.com"}
    guard = build_guard(world, pages_that_answer(world, guarded.reached), urls=urls)

    refused = FakeSocket(guard, token=token, host="money.example.com", origin="http://money.example.com")
    await refused.over()
    assert refused.sent == [{"type": "websocket.close", "code": SESSION_ENDED}]
    welcome = FakeSocket(guard, token=token, host="try.example.com", origin="http://try.example.com")
    welcome.browser_goes()
    await welcome.over()
    assert welcome.sent[0]["type"] == "websocket.accept"


async def test_long_polling_is_refused_because_nobody_watches_it(guarded: Guarded) -> None:
    async with guarded.browser(await guarded.sign_in()) as browser:
        answer = await browser.get("/_nicegui_ws/socket.io/?EIO=4&transport=polling")
    assert answer.status_code == 400
