"""What happens every day on the marketplace, in its past as in its present."""

from services.emulator.demo.banking import convert
from services.emulator.demo.market import Market, Order, Seller
from services.emulator.engine.store import Entity

# Some refusals of cards' banks, by the amounts that provoke them.
REFUSED_AMOUNTS = (33303, 33305, 33334, 33351, 33358, 33361, 33363, 33391)
# A bank that instant payments do not reach, so that they fall back.
UNREACHABLE = "IP1070"


async def trade(market: Market) -> Order | None:
    """Let one order happen; one in twelve is refused by the bank."""
    if market.chance.random() < 1 / 12:
        await refuse_payment(market)
        return None
    order = await market.order()
    if order is not None:
        market.orders.append(order)
    return order


async def refuse_payment(market: Market) -> None:
    if market.buyers:
        buyer = market.chance.choice(market.buyers)
        tag, _ = market.basket()
        await market.shop.pay(buyer.card, buyer.wallet, market.chance.choice(REFUSED_AMOUNTS), tag)


async def pay_out_all(market: Market, *, above: int = 5_000) -> int:
    """Pay out what sellers have earned, leave a little for refunds, and return how many payouts that were."""
    count = 0
    for seller in market.sellers:
        if seller.account_id is not None:
            wallet = await market.shop.get(f"/wallets/{seller.wallet['Id']}")
            earned = wallet["Balance"]["Amount"] - above
            if earned > 0:
                await market.shop.pay_out(wallet, seller.account_id, earned)
                count += 1
    return count


async def pay_out_once(market: Market, amount: int, **more: str) -> Entity | None:
    """Pay a little out to the seller who has earned most in euros; None if nobody has earned anything."""
    richest, earned = await _richest(market)
    if richest is None or richest.account_id is None or not earned:
        return None
    return await market.shop.pay_out(richest.wallet, richest.account_id, min(amount, earned), **more)


async def pay_out_instantly(market: Market, *, is_reachable: bool = True) -> None:
    more = {} if is_reachable else {"BankWireRef": UNREACHABLE}
    amount = market.chance.randint(15, 60) * 100
    await pay_out_once(market, amount, PayoutModeRequested="INSTANT_PAYMENT", Tag="Instant payout", **more)


async def pay_out_too_much(market: Market) -> None:
    """Ask for more than the seller has, as a platform does that asks twice."""
    richest, earned = await _richest(market)
    if richest is not None and richest.account_id is not None:
        await market.shop.pay_out(richest.wallet, richest.account_id, earned + 5_000)


async def convert_all(market: Market, *, by_quote: bool = False) -> int:
    """Let each seller who has earned abroad change all of it into the currency of their account; return how many."""
    count = 0
    for abroad in market.sellers:
        home = next((each for each in market.sellers if each.user_id == abroad.user_id and each.account_id), None)
        if abroad.account_id is None and home is not None:
            wallet = await market.shop.get(f"/wallets/{abroad.wallet['Id']}")
            if wallet["Balance"]["Amount"] > 100:
                await convert(market.shop, wallet, home.wallet, wallet["Balance"]["Amount"], by_quote=by_quote)
                count += 1
    return count


async def _richest(market: Market) -> tuple[Seller | None, int]:
    """Return who has earned most in euros, and how much that is."""
    richest, most = None, 0
    for seller in market.sellers:
        if seller.account_id is not None and seller.wallet["Currency"] == "EUR":
            balance = (await market.shop.get(f"/wallets/{seller.wallet['Id']}"))["Balance"]["Amount"]
            if richest is None or balance > most:
                richest, most = seller, balance
    return richest, most
