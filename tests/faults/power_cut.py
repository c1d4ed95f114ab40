"""An operator whose power fails: does an operation at an emulator over HTTP, and is gone by SIGKILL at a given moment.

Reads cases from its standard input, one a line, as JSON, and answers each with a line that says how it ended. The first
is a rehearsal, after which this process has loaded all there is, and no loop or thread any more. Each of the others is
a process of its own, forked from this one: what takes a second to begin with is there at once.
"""

import asyncio
import gc
import json
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count
from typing import NoReturn

import httpx
from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlmodel.ext.asyncio.session import AsyncSession

from models.environment import Environment
from models.journal import Operation
from models.operations.kinds import OPERATIONS
from models.operations.limits import parse_limits
from models.operations.requests import CURRENCY
from models.operations.situation import currency_of, seen_of, suggested
from models.permissions import Role
from services.clock import now
from services.database import Database
from services.mangopay.client import MangopayClient
from services.operations.journal import find, open_draft
from services.operations.reading import read_situation
from services.operations.settling import Settler
from services.operations.submitting import submit
from services.operations.teller import Teller
from tests.actors import make_actor

LOCAL = Environment.LOCAL
OLIVIA = make_actor(Role.OPERATOR)


class Moment(StrEnum):
    """When the power fails; the order is that of the steps."""

    BEFORE_DRAFT = "before there is a draft"
    BEFORE_CLAIM = "before it is prepared"
    PREPARED = "once it is prepared"
    MARKED = "once it is marked as sent"
    HALF_SENT = "with half of the call on the wire"
    WHOLLY_SENT = "with all of the call on the wire"
    CARRIED_OUT = "once Mangopay has carried it out"
    ANSWERED = "once the answer is read"
    WRITTEN_DOWN = "once the answer is written down"
    NEVER = "never"


# Which commit comes next, or has just been made: of the draft, the claim, the call, the outcome.
BEFORE_COMMIT = {Moment.BEFORE_DRAFT: 1, Moment.BEFORE_CLAIM: 2, Moment.ANSWERED: 4}
AFTER_COMMIT = {Moment.PREPARED: 2, Moment.MARKED: 3, Moment.WRITTEN_DOWN: 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What to do with one database: begin an operation, or try one again, or, with neither, settle what is open."""

    database: str
    base_url: str
    kind: str = ""
    values: dict[str, str] = field(default_factory=dict)
    moment: Moment = Moment.NEVER
    operation_id: str = ""
    # How far the clock goes ahead for each turn of the settler.
    ahead_s: Sequence[float] = ()

    def line(self) -> str:
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def read(cls, line: str) -> "Case":
        told = json.loads(line)
        return cls(**told | {"moment": Moment(told["moment"])})


def serve() -> None:
    """Take cases until there are no more; each is answered with the code it ended with, below zero for a signal."""
    asyncio.run(_work(Case.read(sys.stdin.readline())))
    assert threading.active_count() == 1
    # What is there by now stays; a child that looked through it for garbage would copy all of it.
    gc.collect()
    gc.freeze()
    _say(0)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _live(Case.read(line))
        _, status = os.waitpid(pid, 0)
        _say(os.waitstatus_to_exitcode(status))


def _say(code: int) -> None:
    print(code, flush=True)  # noqa: T201


def _live(case: Case) -> NoReturn:
    try:
        asyncio.run(_work(case))
    except Exception:
        traceback.print_exc()
        os._exit(1)
    # Not by `sys.exit`: what the parent has read ahead of its input is not this process's to tidy up.
    os._exit(0)


async def _work(case: Case) -> None:
    database, clock = Database(f"sqlite:///{case.database}"), Clock()
    _let_commits_fail(database, case.moment)
    client = MangopayClient(
        LOCAL,
        base_url=case.base_url,
        client_id="local",
        api_key="local-api-key",
        transport=Wire(case.moment),
    )
    teller = Teller(database=database, clients={LOCAL: client}, limits=parse_limits(""), clock=clock)
    if case.kind or case.operation_id:
        await _operate(teller, case)
    for ahead_s in case.ahead_s:
        clock.ahead = timedelta(seconds=ahead_s)
        await Settler(teller).turn()
    await client.aclose()
    await database.dispose()


async def _operate(teller: Teller, case: Case) -> None:
    draft = await _draft(teller, case)
    kind, typed = OPERATIONS[draft.kind], dict(draft.values)
    situation = await read_situation(OLIVIA, teller, kind, typed, operation_id=draft.operation_id, fresh=True)
    filled = {**suggested(kind, situation, typed), **typed, CURRENCY: currency_of(situation)}
    situation = await read_situation(OLIVIA, teller, kind, filled, operation_id=draft.operation_id)
    seen = seen_of(situation)
    await submit(OLIVIA, teller, draft.operation_id, values=filled, reason="The customer sent it back", seen=seen)


async def _draft(teller: Teller, case: Case) -> Operation:
    if case.operation_id:
        return await find(teller.database, LOCAL, case.operation_id)
    return await open_draft(OLIVIA, teller, OPERATIONS[case.kind], case.values)


@dataclass
class Clock:
    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return now() + self.ahead


class Wire(httpx.AsyncBaseTransport):
    """The way to the emulator, on which the power may fail at the one call that changes something."""

    def __init__(self, moment: Moment) -> None:
        self._way = httpx.AsyncHTTPTransport(verify=False)
        self._moment = moment

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET" or request.url.path.endswith("/oauth/token"):
            return await self._way.handle_async_request(request)
        if self._moment in (Moment.HALF_SENT, Moment.WHOLLY_SENT):
            head, body = _head_of(request), request.content
            _put_on_wire(request.url, head + (body if self._moment is Moment.WHOLLY_SENT else body[: len(body) // 2]))
            _die()
        answer = await self._way.handle_async_request(request)
        if self._moment is Moment.CARRIED_OUT:
            _die()
        return answer

    async def aclose(self) -> None:
        await self._way.aclose()


def _head_of(request: httpx.Request) -> bytes:
    lines = [f"{request.method} {request.url.raw_path.decode()} HTTP/1.1".encode()]
    lines += [name + b": " + value for name, value in request.headers.raw]
    return b"\r\n".join([*lines, b"", b""])


def _put_on_wire(url: httpx.URL, content: bytes) -> None:
    wire = socket.create_connection((url.host, url.port))
    wire.sendall(content)


def _let_commits_fail(database: Database, moment: Moment) -> None:
    numbers = count(1)

    class Session(AsyncSession):
        async def commit(self) -> None:
            number = next(numbers)
            if BEFORE_COMMIT.get(moment) == number:
                _die()
            await super().commit()
            if AFTER_COMMIT.get(moment) == number:
                _die()

    database.session = async_sessionmaker(database.engine, class_=Session, expire_on_commit=False)


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    # A signal to oneself may take a moment, in which nothing more may happen.
    while True:
        time.sleep(1)


if __name__ == "__main__":
    serve()
