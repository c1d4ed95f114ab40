"""What payers dispute, and how each dispute goes on."""

from collections.abc import Awaitable, Callable

from services.emulator.demo import quarrels
from services.emulator.demo.market import Market
from services.emulator.demo.scenes.orders import last_order
from services.emulator.engine.store import Entity

# So many wait for the platform before there are no more, and so many are left waiting, to be seen.
MAX_WAITING, KEPT_WAITING = 6, 3
KINDS = (*("CONTESTABLE",) * 6, "NOT_CONTESTABLE", "RETRIEVAL")
WAITING = "PENDING_CLIENT_ACTION,REOPENED_PENDING_CLIENT_ACTION"


async def dispute(market: Market) -> None:
    """Let the payer of one of the last orders take their money back."""
    if len(await market.shop.list("/disputes", Status=WAITING)) >= MAX_WAITING:
        return
    placed = await last_order(market)
    if placed is not None:
        reason, kind = market.chance.choice(list(quarrels.REASONS)), market.chance.choice(KINDS)
        await quarrels.dispute(market.others, placed.payin, reason, kind=kind)


async def dispute_progress(market: Market) -> None:
    """Take one dispute a step further; a few always keep waiting."""
    steps: list[tuple[Callable[[Market, Entity], Awaitable[None]], list[Entity]]] = [
        (_answer, (await market.shop.list("/disputes", Status=WAITING))[:-KEPT_WAITING]),
        (_review, await market.shop.list("/disputes", Status="SUBMITTED")),
        (_decide, await market.shop.list("/disputes", Status="PENDING_BANK_ACTION")),
        (_settle, (await market.shop.list("/disputes/pendingsettlement"))[:-KEPT_WAITING]),
    ]
    possible = [(step, disputes) for step, disputes in steps if disputes]
    if possible:
        step, disputes = market.chance.choice(possible)
        await step(market, market.chance.choice(disputes))


async def _answer(market: Market, disputed: Entity) -> None:
    """Contest a dispute, or accept it."""
    if market.chance.random() < 3 / 4:
        await quarrels.contest(market.shop, disputed)
    else:
        await market.shop.put(f"/disputes/{disputed['Id']}/close", {})


async def _review(market: Market, disputed: Entity) -> None:
    are_good = market.chance.random() < 4 / 5
    await quarrels.look_at_documents(market.shop, market.others, disputed, are_good=are_good)


async def _decide(market: Market, disputed: Entity) -> None:
    await quarrels.decide(market.others, disputed, market.chance.choice(("WON", "LOST")))


async def _settle(market: Market, lost: Entity) -> None:
    await quarrels.settle(market.shop, lost)
