"""Where the marketplace plays: its past, single scenes of its life, and a crowd in bulk."""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable

import httpx

from services.emulator.control.crowd import fill
from services.emulator.demo.market import Market
from services.emulator.demo.others import Others
from services.emulator.demo.scenario import Scenario
from services.emulator.demo.scenes import SCENES
from services.emulator.demo.seed import register_hooks, seed
from services.emulator.demo.shop import Shop, ShopError
from services.emulator.engine.errors import invalid_action, not_found
from services.emulator.engine.world import World


class Stage:
    """Runs one thing at a time; `open_client` gives the marketplace its way to the API."""

    def __init__(self, world: World, open_client: Callable[[], httpx.AsyncClient]) -> None:
        self._world = world
        self._open_client = open_client
        self._busy = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._endless: asyncio.Task[None] | None = None
        self._begin_plot()

    @property
    def scenes(self) -> list[str]:
        return ["begin", *SCENES]

    async def seed(self, hook_url: str | None) -> None:
        """Tell the story so far, unless there is state already."""
        async with self._busy, self._open_client() as client:
            shop = Shop(client, self._world.config.client_id)
            if not len(self._world.store.users):
                await seed(shop, self._world, hook_url)
            elif hook_url is not None and not len(self._world.store.hooks):
                # A process that was killed in the midst of seeding never came to its hooks.
                await register_hooks(shop, hook_url)

    async def fill(self, users: int, transactions: int) -> None:
        async with self._busy, self._open_client() as client:
            shop = Shop(client, self._world.config.client_id)
            await fill(self._world, shop, users=users, transactions=transactions)

    async def play(self, scene: str) -> None:
        """Play one scene to its end, or begin the endless play.

        Raises ApiError 404 for an unknown scene, 400 for one that cannot be played as things are.
        """
        if scene == "begin":
            self.begin()
        elif scene in SCENES:
            async with self._busy:
                await self._play_once(scene)
        else:
            raise not_found("Scenario", scene)

    def begin(self) -> None:
        """Let something happen every few seconds from now on; asked again, go on."""
        if not self._stopping.is_set() and self._endless is None:
            run = self._with_scenario(lambda scenario: scenario.run(self._stopping))
            self._endless = asyncio.create_task(run, name="emulator-scenario")

    async def _play_once(self, scene: str) -> None:
        try:
            await self._with_scenario(lambda scenario: scenario.play(scene))
        except ShopError as error:
            raise invalid_action(f"The scene cannot be played: {error}") from error

    async def reset(self) -> None:
        """Forget everything that has happened, and let the clock show today again."""
        async with self._busy:
            await self.end()
            self._stopping.clear()
            self._world.reset()
            self._begin_plot()

    async def end(self) -> None:
        self._stopping.set()
        endless, self._endless = self._endless, None
        if endless is not None:
            await endless

    async def stop(self) -> None:
        """Return when nothing plays any more."""
        async with self._busy:
            await self.end()

    def _begin_plot(self) -> None:
        """Begin chance anew; it goes on from scene to scene, so that one played twice is not the same story twice."""
        self._chance = random.Random(11)  # noqa: S311  (a story, not a secret)
        self._numbers = itertools.count(3001)

    async def _with_scenario(self, act: Callable[[Scenario], Awaitable[None]]) -> None:
        async with self._open_client() as client:
            shop = Shop(client, self._world.config.client_id)
            await act(Scenario(Market(shop, Others(self._world), self._chance, self._numbers)))
