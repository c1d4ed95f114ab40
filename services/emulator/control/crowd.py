"""A crowd in bulk: many users who have traded with each other for a year, to see whether lists stay fast.

One buyer, one seller and one order of theirs are made through the API like any other; everybody else is a copy with
ids, dates and amounts of its own. Money is conserved; nobody is notified of the past, and it is in no event log.
"""

import asyncio
from dataclasses import dataclass

from services.emulator.demo.cast import PAYERS, SELLERS
from services.emulator.demo.market import admit_buyer, admit_seller, place_order
from services.emulator.demo.shop import Shop
from services.emulator.engine.ids import new_id
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules.transactions import client_wallet

YEAR_S = 365 * 86_400
# So many are made before others have their turn.
AT_ONCE = 500
PRICES = (1_250, 4_990, 12_000, 33_300, 75_000)


@dataclass(frozen=True, slots=True)
class Models:
    """What is copied."""

    buyer: Entity
    seller: Entity
    wallet: Entity
    card: Entity
    payin: Entity
    transfer: Entity
    payout: Entity


class Trader:
    """One user with a wallet, and what is in it by now."""

    __slots__ = ("balance", "card_id", "id", "wallet_id")

    def __init__(self, card_id: str | None) -> None:
        self.id = new_id("user_m_")
        self.wallet_id = new_id("wlt_m_")
        self.card_id = card_id
        self.balance = 0


async def fill(world: World, shop: Shop, *, users: int, transactions: int) -> None:
    """Add so many users, every other one a seller, and so many transactions among them, evenly over a year."""
    models = await _models(world, shop)
    traders = [Trader(new_id("card_m_") if at % 2 == 0 else None) for at in range(max(2, users))]
    begun_at = world.clock.now() - YEAR_S
    await _trade(world, models, traders, transactions, begun_at)
    for at, trader in enumerate(traders):
        _settle_in(world, models, trader, begun_at, number=at)
        if at % AT_ONCE == 0:
            await asyncio.sleep(0)


async def _models(world: World, shop: Shop) -> Models:
    buyer, seller = await admit_buyer(shop, PAYERS[0]), await admit_seller(shop, SELLERS[0])
    order = await place_order(shop, buyer, seller, "A model", 10_000)
    payout = await shop.pay_out(seller.wallet, seller.account_id or "", 9_000)
    store = world.store
    # The payout has been handed to the bank by the time it is answered, so all three transactions have succeeded.
    return Models(
        buyer=store.users.get(buyer.card["UserId"]) or {},
        seller=store.users.get(seller.wallet["Owners"][0]) or {},
        wallet=store.wallets.get(buyer.wallet["Id"]) or {},
        card=store.cards.get(buyer.card["Id"]) or {},
        payin=store.transactions.get(order.payin["Id"]) or {},
        transfer=store.transactions.get(order.transfer["Id"]) or {},
        payout=store.transactions.get(payout["Id"]) or {},
    )


async def _trade(world: World, models: Models, traders: list[Trader], transactions: int, begun_at: int) -> None:
    """Let each buyer in turn pay, pass the money on to a seller, and the seller have it paid out."""
    fees, count = client_wallet(world, "FEES", "EUR"), len(traders)
    for number in range(transactions):
        turn, step = divmod(number, 3)
        buyer, seller = traders[turn * 2 % (count - count % 2)], traders[(turn * 2 + 1) % (count - count % 2)]
        price = PRICES[turn % len(PRICES)]
        fee = price // 10
        facts: Entity = {"CreationDate": begun_at + number * YEAR_S // transactions}
        if step == 0:
            facts |= {"AuthorId": buyer.id, "CreditedUserId": buyer.id, "CreditedWalletId": buyer.wallet_id}
            facts |= {"CardId": buyer.card_id, "_CardId": buyer.card_id, "_WalletIds": [buyer.wallet_id]}
            _take(world, models.payin, price, 0, facts | {"Id": new_id("payin_m_")})
            buyer.balance += price
        elif step == 1:
            facts |= {"AuthorId": buyer.id, "CreditedUserId": seller.id, "CreditedWalletId": seller.wallet_id}
            wallet_ids = [buyer.wallet_id, seller.wallet_id, fees["Id"]]
            facts |= {"DebitedWalletId": buyer.wallet_id, "_WalletIds": wallet_ids}
            _take(world, models.transfer, price, fee, facts | {"Id": new_id("xfer_m_")})
            buyer.balance -= price
            seller.balance += price - fee
            fees["Balance"]["Amount"] += fee
        else:
            facts |= {"AuthorId": seller.id, "DebitedWalletId": seller.wallet_id, "_WalletIds": [seller.wallet_id]}
            _take(world, models.payout, price - fee, 0, facts | {"Id": new_id("po_m_")})
            seller.balance -= price - fee
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)
    world.store.wallets.save(fees)


def _take(world: World, model: Entity, debited: int, fees: int, facts: Entity) -> None:
    """Add a succeeded copy of a transaction."""
    world.store.transactions.take(
        model
        | {
            "DebitedFunds": {"Currency": "EUR", "Amount": debited},
            "Fees": {"Currency": "EUR", "Amount": fees},
            "CreditedFunds": {"Currency": "EUR", "Amount": debited - fees},
            "Status": "SUCCEEDED",
            "ResultCode": "000000",
            "ResultMessage": "Success",
            "ExecutionDate": facts["CreationDate"],
        }
        | facts
    )


def _settle_in(world: World, models: Models, trader: Trader, created_at: int, *, number: int) -> None:
    model = models.buyer if trader.card_id else models.seller
    dates = {"CreationDate": created_at + number % 1000}
    email = f"trader.{number}+accept@example.com"
    world.store.users.take(model | dates | {"Id": trader.id, "LastName": f"Trader {number}", "Email": email})
    balance = {"Currency": "EUR", "Amount": trader.balance}
    owner = {"Id": trader.wallet_id, "Owners": [trader.id], "_OwnerId": trader.id}
    world.store.wallets.take(models.wallet | dates | owner | {"Balance": balance})
    if trader.card_id:
        world.store.cards.take(models.card | dates | {"Id": trader.card_id, "UserId": trader.id})
