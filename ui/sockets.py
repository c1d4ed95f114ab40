"""An open websocket, watched: it carries frames for as long as its session is alive, and of no page but its own.

Frames are read as NiceGUI will read them, by Socket.IO's own parser; a pattern could be written around.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Protocol

from socketio.packet import Packet
from starlette.types import Message, Receive, Send

from services.access.sessions import SessionRegistry

# The range of codes for applications starts at 4000; the rest is the HTTP status that says the same.
APPLICATION_CODE = 4000
SESSION_ENDED = APPLICATION_CODE + 401
CLOSE_WAIT_S = 1.0
# Engine.IO's sign of a message, as opposed to a heartbeat; Socket.IO's packet follows.
MESSAGE = "4"


class Watch(Protocol):
    """What a socket asks of the guard, frame by frame."""

    sessions: SessionRegistry
    clock: Callable[[], datetime]
    owner_of: Callable[[str], int | None]


class Refused(Exception):
    """A frame that no page of ours sends."""


class WatchedSocket:
    def __init__(self, watch: Watch, session_id: int, receive: Receive, send: Send) -> None:
        self._watch = watch
        self._session_id = session_id
        self._receive = receive
        self._send = send
        self._is_closed = False

    @property
    def may_go_on(self) -> bool:
        return self._watch.sessions.is_alive(self._session_id)

    async def receive(self) -> Message:
        while not self._is_closed:
            message = await self._receive()
            if message["type"] != "websocket.receive":
                self._is_closed = message["type"] == "websocket.disconnect"
                return message
            try:
                event = self._read(message)
            except Refused:
                await self.close()
                break
            # NiceGUI would write whatever a browser says in a `log` into ours.
            if event != "log":
                self._note(event)
                return message
        return {"type": "websocket.disconnect", "code": SESSION_ENDED}

    async def send(self, message: Message) -> None:
        if self._is_closed:
            return
        if self.may_go_on:
            self._is_closed = message["type"] == "websocket.close"
            await self._send(message)
        else:
            await self.close()

    async def close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        with suppress(OSError, TimeoutError):  # the browser has gone, or takes nothing any more
            async with asyncio.timeout(CLOSE_WAIT_S):
                await self._send({"type": "websocket.close", "code": SESSION_ENDED})

    def _read(self, message: Message) -> str | None:
        """Return the name of the event in a frame, if there is one. Raises Refused."""
        frame = message.get("text")
        if not self.may_go_on or frame is None:
            # Our pages send no binary frames; within one a name could hide from us.
            raise Refused
        if not frame.startswith(MESSAGE):
            return None
        try:
            data = Packet(encoded_packet=frame[len(MESSAGE) :]).data
        except ValueError as error:
            raise Refused from error
        if not isinstance(data, list) or not data:
            return None
        if not self._are_own_pages(argument.get("client_id") for argument in data if isinstance(argument, dict)):
            raise Refused
        return str(data[0])

    def _are_own_pages(self, pages: Iterable[object]) -> bool:
        """NiceGUI goes by the page that a frame names, whichever socket it came through: it must be one's own."""
        return all(self._watch.owner_of(str(page)) in (None, self._session_id) for page in pages)

    def _note(self, event: str | None) -> None:
        """What a person does on a page is such an event; a heartbeat or an acknowledgement is no sign of life."""
        if event == "event":
            self._watch.sessions.touch(self._session_id, now=self._watch.clock())
