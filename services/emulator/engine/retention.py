"""What time ends: transactions and authorisations after 13 months, events some days after they can be searched.

Source: https://docs.mangopay.com/api-reference/overview/data-retention
"""

from services.emulator.engine.world import DAILY, World

DAY_S = 86_400
KEPT_TRANSACTIONS_S = 396 * DAY_S
KEPT_EVENTS_S = 46 * DAY_S


def forget(world: World, task_id: str) -> None:
    """Delete what is too old to be seen, and come back tomorrow."""
    now = world.clock.now()
    for collection in (world.store.transactions, world.store.preauthorizations, world.store.deposits):
        collection.delete_before(now - KEPT_TRANSACTIONS_S)
    world.store.events.delete_before(now - KEPT_EVENTS_S)
    world.store.responses.delete_before(now - DAY_S)
    world.later(DAILY, task_id, after_s=DAY_S)


ROUTES = ()
ACTS = {DAILY: forget}
