"""What happens by itself happens in order, at its own time, and whatever else goes wrong."""

import asyncio
import logging

import pytest

from services.emulator import Emulator, EmulatorConfig
from services.emulator.engine.agenda import Act, Agenda
from services.emulator.engine.clock import Clock
from services.emulator.engine.store import Store
from services.emulator.engine.world import World

HOUR_S = 3_600


def world_of(emulator: Emulator) -> World:
    return emulator._world


@pytest.fixture
def world() -> World:
    """A world whose agenda is not used: acts are handed it, and these do not look at it."""
    return world_of(Emulator(EmulatorConfig("http://localhost")))


def nothing(world: World, entity_id: str) -> None:
    """Do nothing."""


def agenda_of(clock: Clock, store: Store, **acts: Act) -> Agenda:
    return Agenda(store, clock, acts)


async def test_tasks_are_done_in_order_each_at_the_time_it_was_due(world: World) -> None:
    clock, done = Clock(), list[tuple[str, int]]()
    agenda = agenda_of(clock, Store(None), note=lambda _, name: done.append((name, clock.now() - begun_at)))
    begun_at = clock.now()
    for name, after_s in (("late", 2 * HOUR_S), ("early", HOUR_S), ("much later", 9 * HOUR_S)):
        agenda.add("note", name, after_s=after_s)
    agenda.run_due(world)
    assert done == []
    clock.lead = 3 * HOUR_S
    agenda.run_due(world)
    assert [name for name, _ in done] == ["early", "late"]
    assert [after_s // HOUR_S for _, after_s in done] == [1, 2]


async def test_one_act_that_breaks_does_not_stop_the_next(world: World, caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []

    def act(_: World, name: str) -> None:
        if name == "bad":
            raise RuntimeError("broken")
        done.append(name)

    agenda = agenda_of(Clock(), Store(None), act=act)
    for name in ("bad", "good"):
        agenda.add("act", name)
    with caplog.at_level(logging.ERROR):
        agenda.run_due(world)
    assert done == ["good"]
    assert "act=act resource=bad broke" in caplog.text


async def test_what_waits_survives_in_the_store(world: World) -> None:
    clock, store, done = Clock(), Store(None), list[str]()
    agenda_of(clock, store, note=nothing).add("note", "thing_1", after_s=HOUR_S)
    another = agenda_of(clock, store, note=lambda _, name: done.append(name))
    another.resume()
    clock.lead = HOUR_S + 1
    another.run_due(world)
    assert done == ["thing_1"]
    assert len(store.tasks) == 0


async def test_a_wake_up_between_two_waits_is_not_lost() -> None:
    agenda = agenda_of(Clock(), Store(None), note=nothing)
    agenda.add("note", "thing_1", after_s=HOUR_S)
    agenda.wake()
    async with asyncio.timeout(5):
        await agenda.wait()


async def test_nobody_can_ask_for_an_act_that_nobody_knows() -> None:
    with pytest.raises(KeyError, match="nobody knows how to fly"):
        agenda_of(Clock(), Store(None)).add("fly", "thing_1")
