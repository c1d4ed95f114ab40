"""Operators killed at every step of every kind of operation: money moves at most once, and the journal knows.

All of it is real: processes, HTTP, SIGKILL. What a restart finds is settled by a process of its own.
"""

import asyncio
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import httpx
import pytest

from tests.faults.power_cut import Case, Moment
from tests.services.emulator.control import TOKEN, Controls
from tests.services.emulator.marketplace import Marketplace
from tests.services.operations.scenes import SCENES, Scene, World, kind_of
from tests.serving import PROJECT, Server, serving

Process = subprocess.Popen[str]
READY = "/feeds/news.rss"
KEY = ("local", "local-api-key")
KILLED = -signal.SIGKILL
# Soon, then when nothing that was sent can still be on its way, then once more for what was only found by then.
TURNS_S = (30.0, 600.0, 610.0, 630.0, 680.0)
# One scene of each kind: what is different in its variants plays no part in where the power fails.
NAMES = sorted({kind_of(name): name for name in reversed(tuple(SCENES))}.values())
MOMENTS = tuple(moment for moment in Moment if moment not in (Moment.BEFORE_DRAFT, Moment.NEVER))
# What the journal says right after the kill, and what once all is settled.
FOUND: dict[Moment, tuple[str, ...]] = {
    Moment.BEFORE_CLAIM: ("draft",),
    Moment.PREPARED: ("prepared",),
    Moment.WRITTEN_DOWN: ("succeeded", "accepted"),
}
SETTLED: dict[Moment, tuple[str, ...]] = {
    Moment.BEFORE_CLAIM: ("draft",),
    Moment.PREPARED: ("draft",),
    Moment.MARKED: ("failed",),
    Moment.HALF_SENT: ("failed",),
    # The emulator may see that nobody listens any more before it has read the call, or after.
    Moment.WHOLLY_SENT: ("succeeded", "failed"),
}


class Row(NamedTuple):
    operation_id: str = ""
    key: str = ""
    state: str = ""


class Desk:
    """The process that forks operators, and the journal of those of one test."""

    def __init__(self, process: subprocess.Popen[str], server: Server, database: Path) -> None:
        self._process = process
        self._base_url = _url(server)
        self._database = str(database)

    def begin(self, kind: str, values: dict[str, str], moment: Moment = Moment.NEVER) -> int:
        """Do an operation; returns the code that the operator's process ended with."""
        return self._do(self._case(kind=kind, values=values, moment=moment))

    def try_again(self, operation_id: str) -> int:
        return self._do(self._case(operation_id=operation_id))

    def settle(self) -> int:
        """Start anew, and look at what is open, again and again."""
        return self._do(self._case(ahead_s=TURNS_S))

    def row(self) -> Row:
        """Return the one operation in the journal, all of it "" where there is none."""
        rows = "SELECT operation_id, idempotency_key, state FROM operation"
        with closing(sqlite3.connect(self._database)) as connection:
            found = [Row(*row) for row in connection.execute(rows)]
        assert len(found) <= 1
        return found[0] if found else Row()

    def _do(self, case: Case) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(case.line())
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def _case(
        self,
        *,
        kind: str = "",
        values: Mapping[str, str] = MappingProxyType({}),
        moment: Moment = Moment.NEVER,
        operation_id: str = "",
        ahead_s: Sequence[float] = (),
    ) -> Case:
        return Case(
            database=self._database,
            base_url=self._base_url,
            kind=kind,
            values=dict(values),
            moment=moment,
            operation_id=operation_id,
            ahead_s=ahead_s,
        )


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("emulator")
    with serving(folder, "emulator", "--control", TOKEN, ready_path=READY) as server:
        yield server


@pytest.fixture(scope="module")
def process(emulator: Server, tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[Process]:
    """Start the operators' process, and rehearse with it."""
    command, pipe = [sys.executable, "-m", "tests.faults.power_cut"], subprocess.PIPE
    database = Path(shutil.copy(empty_database, tmp_path_factory.mktemp("rehearsal") / "test.sqlite3"))
    scene = asyncio.run(_scene(emulator, "refund-payin"))
    with subprocess.Popen(command, cwd=PROJECT, stdin=pipe, stdout=pipe, text=True) as process:
        assert Desk(process, emulator, database).begin("refund-payin", scene.values) == 0
        yield process


@pytest.fixture
def desk(process: Process, emulator: Server, tmp_path: Path, empty_database: Path) -> Desk:
    return Desk(process, emulator, Path(shutil.copy(empty_database, tmp_path / "test.sqlite3")))


@pytest.fixture
async def world(emulator: Server) -> AsyncIterator[World]:
    async with _world(emulator) as world:
        yield world


async def _scene(server: Server, name: str) -> Scene:
    async with _world(server) as world:
        # All cases together call more often than a platform may, of which each operator would be told.
        assert (await world.control.put("/rate-limits", {"Limits": [10**9] * 4})).status_code == 204
        return await SCENES[name](world)


@asynccontextmanager
async def _world(server: Server) -> AsyncIterator[World]:
    async with (
        httpx.AsyncClient(base_url=_url(server), auth=KEY, trust_env=False, verify=False) as http,
        httpx.AsyncClient(base_url=_url(server), trust_env=False, verify=False) as browser,
    ):
        yield World(Marketplace(http, browser), Controls(browser))


def _url(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}"


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("name", NAMES)
async def test_money_moves_at_most_once_and_the_journal_knows(
    world: World, desk: Desk, name: str, moment: Moment
) -> None:
    scene = await SCENES[name](world)
    before = await scene.read()
    assert desk.begin(kind_of(name), scene.values, moment) == KILLED
    left = desk.row()
    assert left.state in FOUND.get(moment, ("sent",))
    assert desk.settle() == 0
    settled = desk.row().state
    assert settled in SETTLED.get(moment, ("succeeded",))
    assert scene.times_done(before, await scene.read()) == (settled == "succeeded")
    if settled == "draft":
        assert desk.try_again(left.operation_id) == 0
        assert desk.settle() == 0
        assert desk.row() == left._replace(state="succeeded")
        assert scene.times_done(before, await scene.read()) == 1


async def test_before_there_is_a_draft_nothing_is_left_and_nothing_has_moved(world: World, desk: Desk) -> None:
    scene = await SCENES["refund-payin"](world)
    before = await scene.read()
    assert desk.begin("refund-payin", scene.values, Moment.BEFORE_DRAFT) == KILLED
    assert desk.row() == Row()
    assert scene.times_done(before, await scene.read()) == 0
