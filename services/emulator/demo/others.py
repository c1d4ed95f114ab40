"""Everybody else in the story: banks, reviewers and Mangopay itself decide what no platform can ask the API for."""

from services.emulator.demo.shop import ShopError
from services.emulator.engine.errors import ApiError
from services.emulator.engine.fields import Fields
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes import CONTROLS


class Others:
    """Does what the control plane does; see CONTROLS of the routes for what there is to decide."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def decide(self, action: str, entity_id: str, **body: object) -> Entity:
        """Take one action on an entity; raises ShopError if it cannot be taken."""
        await self._world.settle()
        try:
            entity = CONTROLS[action](self._world, entity_id, Fields(body))
        except ApiError as error:
            raise ShopError(f"{action} {entity_id}: {error}") from error
        await self._world.settle()
        return wire(entity)
