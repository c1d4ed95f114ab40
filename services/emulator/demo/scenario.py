"""What goes on: one scene after another, balanced so that no wallet drains or bursts."""

import asyncio
import logging
import time

from services.emulator.demo.market import Market
from services.emulator.demo.scenes import SCENES
from services.emulator.demo.shop import ShopError

# Lively while somebody looks for the first time, modest when left running for weeks.
FASTEST_S = (2.0, 5.0)
SLOWEST_FACTOR = 8.0
SLOWS_DOWN_EVERY_S = 1800.0

log = logging.getLogger(__name__)


class Scenario:
    """One step every few seconds, drawn by weight."""

    def __init__(self, market: Market) -> None:
        self._market = market

    async def run(self, stopping: asyncio.Event) -> None:
        """Take a step now and then until told to stop."""
        started_at = time.monotonic()
        while not stopping.is_set():
            try:
                await self.step()
            except ShopError as error:
                # Somebody else may have closed a user or deactivated a card since.
                log.info("refused=%s", error)
            except Exception:
                # One bad scene must not end the play.
                log.exception("a scene broke")
            slowness = min(SLOWEST_FACTOR, 1 + (time.monotonic() - started_at) / SLOWS_DOWN_EVERY_S)
            try:
                async with asyncio.timeout(self._market.chance.uniform(*FASTEST_S) * slowness):
                    await stopping.wait()
            except TimeoutError:
                continue

    async def step(self) -> None:
        """Play a scene drawn by weight."""
        weights = [scene.weight for scene in SCENES.values()]
        (name,) = self._market.chance.choices(list(SCENES), weights=weights)
        await self.play(name)

    async def play(self, name: str) -> None:
        """Play one of SCENES to its end; raises ShopError if it cannot be played as things are."""
        if not self._market.buyers:
            await self._market.look_around()
        try:
            await SCENES[name].play(self._market)
        except ShopError:
            # Look again before the next one.
            self._market.buyers = []
            raise
