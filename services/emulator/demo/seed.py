"""The story so far: a marketplace three and a half weeks old, told through the API and nothing else."""

import random

from services.emulator.demo.cast import COMPANIES, GOODS, PAYERS, SELLERS
from services.emulator.demo.market import (
    Buyer,
    Order,
    Seller,
    admit_company,
    admit_person,
    find_buyers_and_sellers,
    pick_pair,
    place_order,
    take_back,
)
from services.emulator.demo.shop import Shop
from services.emulator.engine.clock import Clock

DAY_S = 86_400
FIRST_DAY = 24
HOOKED = (
    *("PAYIN_NORMAL_CREATED", "PAYIN_NORMAL_SUCCEEDED", "PAYIN_NORMAL_FAILED"),
    *("TRANSFER_NORMAL_CREATED", "TRANSFER_NORMAL_SUCCEEDED", "TRANSFER_NORMAL_FAILED"),
    *("PAYOUT_NORMAL_CREATED", "PAYOUT_NORMAL_SUCCEEDED", "PAYOUT_NORMAL_FAILED"),
    *("PAYIN_REFUND_CREATED", "PAYIN_REFUND_SUCCEEDED", "PAYIN_REFUND_FAILED"),
    *("TRANSFER_REFUND_SUCCEEDED", "TRANSFER_REFUND_FAILED"),
    *("KYC_CREATED", "KYC_VALIDATION_ASKED", "KYC_SUCCEEDED", "KYC_FAILED"),
    *("USER_KYC_REGULAR", "USER_ACCOUNT_VALIDATION_ASKED", "USER_ACCOUNT_ACTIVATED"),
)


async def seed(shop: Shop, clock: Clock, hook_url: str | None) -> None:
    """Tell the past at its own dates, then register the hooks, then let today begin."""
    chance = random.Random(7)  # noqa: S311  (a story, not a secret)
    today = clock.now()
    with clock.at(today - FIRST_DAY * DAY_S):
        await _admit_everybody(shop)
        buyers, sellers = await find_buyers_and_sellers(shop)
        for number, buyer in enumerate(buyers, 1000):
            await first_order(shop, chance, buyer, sellers, number=number)
    for days_ago in range(FIRST_DAY - 1, 0, -1):
        for order_of_day in range(chance.randint(1, 3)):
            with clock.at(today - days_ago * DAY_S + order_of_day * 9_000 + chance.randint(0, 8_000)):
                number = 1000 + (FIRST_DAY - days_ago) * 10 + order_of_day
                await _trade(shop, chance, buyers, sellers, number=number)
        if days_ago % 7 == 0:
            with clock.at(today - days_ago * DAY_S + 40_000):
                await pay_out_all(shop, sellers)
    if hook_url is not None:
        await register_hooks(shop, hook_url)
    await _begin_today(shop, chance, buyers, sellers)


async def register_hooks(shop: Shop, url: str) -> None:
    for event_type in HOOKED:
        await shop.post("/hooks", {"EventType": event_type, "Url": url, "Tag": "Dashboard receiver"})


async def pay_out_all(shop: Shop, sellers: list[Seller], *, above: int = 5_000) -> None:
    """Pay out what sellers have earned, and leave a little for refunds."""
    for seller in sellers:
        wallet = await shop.get(f"/wallets/{seller.wallet['Id']}")
        earned = wallet["Balance"]["Amount"] - above
        if earned > 0:
            await shop.pay_out(wallet, seller.account_id, earned)


async def first_order(
    shop: Shop, chance: random.Random, buyer: Buyer, sellers: list[Seller], *, number: int
) -> Order | None:
    """Let a buyer's first payment succeed, which is what makes a card VALID."""
    pair = pick_pair(chance, [buyer], sellers)
    return await place_order(shop, *pair, chance.choice(GOODS), number=number) if pair else None


async def _admit_everybody(shop: Shop) -> None:
    for payer in PAYERS:
        await admit_person(shop, payer)
    for company in COMPANIES:
        await admit_company(shop, company)
    for seller in SELLERS:
        await admit_person(shop, seller)


async def _trade(
    shop: Shop, chance: random.Random, buyers: list[Buyer], sellers: list[Seller], *, number: int
) -> Order | None:
    """Let one order happen; one in nine is refused by the bank, one in nine comes back."""
    pair = pick_pair(chance, buyers, sellers)
    if pair is None:
        return None
    buyer, seller = pair
    if chance.random() < 1 / 9:
        await shop.pay(buyer.card, buyer.wallet, chance.choice((33305, 33351, 33363)), f"Order {number}")
        return None
    order = await place_order(shop, buyer, seller, chance.choice(GOODS), number=number)
    if chance.random() < 1 / 9:
        await take_back(shop, order)
    return order


async def _begin_today(shop: Shop, chance: random.Random, buyers: list[Buyer], sellers: list[Seller]) -> None:
    orders = [await _trade(shop, chance, buyers, sellers, number=2000 + count) for count in range(6)]
    await take_back(shop, next(order for order in orders if order))
    await shop.ask_for_wire(buyers[0].wallet, 62_000, "Order 2010: a dining table")
    await pay_out_all(shop, sellers)
