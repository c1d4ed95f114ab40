"""Tales of payers whose banks take the money back, and of what comes of it."""

from services.emulator.demo import quarrels
from services.emulator.demo.chronicle import DAY_S, Tale
from services.emulator.demo.market import Market
from services.emulator.demo.shop import ShopError
from services.emulator.engine.store import Entity


async def waiting(market: Market) -> Tale:
    """Leave a dispute to be contested."""
    payin = await _ordered(market)
    yield 3.2 * DAY_S
    await quarrels.dispute(market.others, payin, "PRODUCT_NOT_PROVIDED")


async def asked_about(market: Market) -> Tale:
    payin = await _ordered(market)
    yield 3.2 * DAY_S
    await quarrels.dispute(market.others, payin, "FRAUD", kind="RETRIEVAL")


async def contested(market: Market) -> Tale:
    """Contest a dispute with documents that nobody has looked at yet."""
    payin = await _ordered(market)
    yield 3.2 * DAY_S
    disputed = await quarrels.dispute(market.others, payin, "DUPLICATE")
    yield 1.2 * DAY_S
    await quarrels.contest(market.shop, disputed)


async def reopened(market: Market) -> Tale:
    """Contest a dispute with documents that nobody can read, and be asked for others."""
    payin = await _ordered(market)
    yield 3.2 * DAY_S
    disputed = await quarrels.dispute(market.others, payin, "PRODUCT_UNACCEPTABLE")
    yield 0.8 * DAY_S
    await quarrels.contest(market.shop, disputed)
    yield 1.5 * DAY_S
    await quarrels.look_at_documents(market.shop, market.others, disputed, are_good=False)


async def decided(market: Market, result_code: str) -> Tale:
    """Contest a dispute until the bank says who is right; what is lost is not settled yet."""
    payin = await _ordered(market)
    yield 3.2 * DAY_S
    disputed = await quarrels.dispute(market.others, payin, "FRAUD")
    yield 1.6 * DAY_S
    await quarrels.contest(market.shop, disputed)
    yield 1.1 * DAY_S
    await quarrels.look_at_documents(market.shop, market.others, disputed)
    yield 7.3 * DAY_S
    await quarrels.decide(market.others, disputed, result_code)


async def settled(market: Market) -> Tale:
    """Accept a dispute, take the money back from the seller, and repay what is owed."""
    payin = await _ordered(market)
    yield 3.2 * DAY_S
    disputed = await quarrels.dispute(market.others, payin, "PRODUCT_NOT_PROVIDED")
    yield 2.1 * DAY_S
    lost = await market.shop.put(f"/disputes/{disputed['Id']}/close", {})
    yield 0.9 * DAY_S
    await quarrels.settle(market.shop, lost)


async def uncontestable(market: Market) -> Tale:
    payin = await _ordered(market)
    yield 3.2 * DAY_S
    await quarrels.dispute(market.others, payin, "FRAUD", kind="NOT_CONTESTABLE")


async def _ordered(market: Market) -> Entity:
    """Return the pay-in of an order that nobody but this tale knows of."""
    order = await market.order(market.buyers_in("EUR"))
    if order is None:
        raise ShopError("nobody sells what is to be disputed")
    return order.payin
