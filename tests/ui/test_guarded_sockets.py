from datetime import timedelta

import pytest
from sqlmodel import select

from models.access import Session
from services.database import Database
from tests.ui.door import HTTP, FakeSocket, World, build_world, open_socket, until
from ui.guard import SESSION_ENDED, Guard

EVENT = '42["event",{"id":1}]'
HEARTBEAT = "3"


@pytest.fixture
async def world(database: Database) -> World:
    return await build_world(database)


async def test_a_revoked_session_gets_no_further_frame_in(world: World) -> None:
    token = await world.sign_in()
    socket = await open_socket(world, token)
    await world.sessions.revoke(token, now=world.clock())
    socket.browser_sends(EVENT)
    await socket.over()
    assert socket.sent[2:] == [{"type": "websocket.close", "code": SESSION_ENDED}]
    assert world.reached == ["connected", "gone"]


async def test_a_revoked_session_gets_no_further_frame_out(world: World) -> None:
    token = await world.sign_in()
    socket = await open_socket(world, token)
    await world.revoke_elsewhere(token)
    socket.browser_sends("push after poll")
    await until(lambda: "polling" in world.reached)
    await world.sessions.poll_revoked(now=world.clock())
    socket.browser_goes()
    await socket.over()
    assert socket.sent[2:] == [{"type": "websocket.close", "code": SESSION_ENDED}]


async def test_an_idle_socket_is_closed_once_its_session_was_revoked_elsewhere(world: World) -> None:
    token, others = await world.sign_in(), await world.sign_in()
    socket, other = await open_socket(world, token), await open_socket(world, others)
    await world.revoke_elsewhere(token)
    await world.guard.close_ended_sockets()
    assert len(socket.sent) == 2
    await world.sessions.poll_revoked(now=world.clock())
    await world.guard.close_ended_sockets()
    assert socket.sent[2:] == [{"type": "websocket.close", "code": SESSION_ENDED}]
    assert len(other.sent) == 2
    for each in (socket, other):
        each.browser_goes()
        await each.over()


async def test_a_browser_that_has_gone_keeps_no_other_socket_from_being_closed(world: World) -> None:
    token = await world.sign_in()
    gone, there = await open_socket(world, token), await open_socket(world, token)
    gone.is_gone = True
    await world.sessions.revoke(token, now=world.clock())
    await world.guard.close_ended_sockets()
    assert there.sent[2:] == [{"type": "websocket.close", "code": SESSION_ENDED}]
    for each in (gone, there):
        each.browser_goes()
        await each.over()


@pytest.mark.parametrize(("frame", "minutes_seen"), [(EVENT, 10), (HEARTBEAT, 0)])
async def test_what_a_person_does_keeps_the_session_and_a_heartbeat_does_not(
    world: World, frame: str, minutes_seen: int
) -> None:
    start = world.clock()
    socket = await open_socket(world, await world.sign_in())
    world.clock.now += timedelta(minutes=10)
    socket.browser_sends(frame)
    await until(lambda: len(socket.sent) == 3)
    socket.browser_goes()
    await socket.over()
    await world.sessions.poll_revoked(now=world.clock())
    async with world.database.session() as session:
        assert (await session.exec(select(Session))).one().last_seen_at == start + timedelta(minutes=minutes_seen)


async def test_a_page_comes_alive_under_no_other_session_than_its_own(world: World) -> None:
    own, next_one = await world.sign_in(), await world.sign_in()
    built_for = await world.sessions.lookup(own, now=world.clock())
    assert built_for
    guard = Guard(
        world.guard._app,
        sessions=world.sessions,
        public_url=HTTP,
        clock=world.clock,
        owner_of={"page": built_for.session_id}.get,
    )

    refused = FakeSocket(guard, token=next_one, query="client_id=page")
    await refused.over()
    assert [message["type"] for message in refused.sent] == ["websocket.close"]
    for token, query in ((own, "client_id=page"), (next_one, "client_id=gone")):
        welcome = FakeSocket(guard, token=token, query=query)
        welcome.browser_goes()
        await welcome.over()
        assert welcome.sent[0]["type"] == "websocket.accept"


async def test_long_polling_is_refused_because_nobody_watches_it(world: World) -> None:
    async with world.browser(await world.sign_in()) as browser:
        answer = await browser.get("/_nicegui_ws/socket.io/?EIO=4&transport=polling")
    assert answer.status_code == 400
