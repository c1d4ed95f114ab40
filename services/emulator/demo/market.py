"""Who buys and who sells on the marketplace, and what an order makes of them."""

import random
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.emulator.demo.banking import save_account
from services.emulator.demo.cast import GOODS
from services.emulator.demo.others import Others
from services.emulator.demo.people import Company, Person, company_body, owner_body, person_body
from services.emulator.demo.shop import HiddenError, Shop
from services.emulator.engine.store import Entity

# So many orders are remembered, to be returned or disputed.
REMEMBERED = 20


@dataclass(frozen=True, slots=True)
class Buyer:
    wallet: Entity
    card: Entity

    @property
    def user_id(self) -> str:
        return str(self.card["UserId"])


@dataclass(frozen=True, slots=True)
class Seller:
    wallet: Entity
    # Where it is paid out to, None for a wallet in another currency than any account.
    account_id: str | None

    @property
    def user_id(self) -> str:
        return str(self.wallet["Owners"][0])


@dataclass(frozen=True, slots=True)
class Order:
    payin: Entity
    transfer: Entity


class Market:
    """Everybody who can trade right now, and the orders that were placed last."""

    def __init__(self, shop: Shop, others: Others, chance: random.Random, numbers: Iterator[int]) -> None:
        self.shop = shop
        self.others = others
        self.chance = chance
        self.buyers: list[Buyer] = []
        self.sellers: list[Seller] = []
        self.orders: deque[Order] = deque(maxlen=REMEMBERED)
        self._numbers = numbers

    async def look_around(self) -> None:
        self.buyers, self.sellers = await find_buyers_and_sellers(self.shop)

    def buyers_in(self, currency: str) -> list[Buyer]:
        return [buyer for buyer in self.buyers if buyer.wallet["Currency"] == currency]

    def basket(self) -> tuple[str, int]:
        """Return the tag of a new order, and its price."""
        name, price = self.chance.choice(GOODS)
        return self.tag(name), price

    def number(self) -> int:
        """Return a number that nothing has had yet."""
        return next(self._numbers)

    def tag(self, what: str) -> str:
        return f"Order {self.number()}: {what}"

    async def order(self, buyers: Sequence[Buyer] = (), sellers: Sequence[Seller] = ()) -> Order | None:
        """Let one of these, or of all, buy something by card; None if nobody deals in their currency."""
        pair = pick_pair(self.chance, buyers or self.buyers, sellers or self.sellers)
        if pair is None:
            return None
        tag, price = self.basket()
        return await place_order(self.shop, *pair, tag, price)

    async def pass_on(self, wallet: Entity, amount: int, tag: str) -> Entity | None:
        """Send what has arrived in a buyer's wallet to a seller."""
        suited = [seller for seller in self.sellers if seller.wallet["Currency"] == wallet["Currency"]]
        return await self.shop.transfer(wallet, self.chance.choice(suited).wallet, amount, tag) if suited else None


async def admit(shop: Shop, newcomer: Person | Company) -> Buyer | Seller:
    """Open an account with all that belongs to it: wallet, card or bank account, documents."""
    if isinstance(newcomer, Person) and not newcomer.is_seller:
        return await admit_buyer(shop, newcomer)
    return await admit_seller(shop, newcomer)


async def admit_buyer(shop: Shop, person: Person) -> Buyer:
    user = await shop.post("/sca/users/natural", person_body(person))
    wallet = await shop.open_wallet(user["Id"], person.currency, f"{person.name}, {person.currency}")
    card = await shop.save_card(user["Id"], person.currency, person.card_number or "", person.name)
    return Buyer(wallet, card)


async def admit_seller(shop: Shop, owner: Person | Company) -> Seller:
    if isinstance(owner, Company):
        user = await shop.post("/sca/users/legal", company_body(owner))
    else:
        user = await shop.post("/sca/users/natural", person_body(owner))
    wallet, *_ = [
        await shop.open_wallet(user["Id"], currency, f"{owner.name}, {currency}") for currency in owner.currencies
    ]
    account = await save_account(shop, user["Id"], owner)
    for kind, tag in owner.documents:
        await shop.submit_document(user["Id"], kind, tag)
    if isinstance(owner, Company) and owner.kind == "BUSINESS":
        await shop.declare_owner(user["Id"], owner_body(owner))
    return Seller(wallet, account["Id"])


async def place_order(shop: Shop, buyer: Buyer, seller: Seller, tag: str, price: int) -> Order:
    """Charge the buyer's card, and pass the money on to the seller."""
    payin = await shop.pay(buyer.card, buyer.wallet, price, tag)
    return Order(payin, await shop.transfer(buyer.wallet, seller.wallet, price, tag))


async def take_back(shop: Shop, order: Order, *, amount: int | None = None) -> None:
    """Refund an order, or a part of it: first the transfer, so that the buyer's wallet has the money."""
    tag = f"Returned: {order.payin['Tag']}"
    refund = await shop.refund("transfers", order.transfer, tag, amount=amount)
    if refund["Status"] == "SUCCEEDED":
        await shop.refund("payins", order.payin, tag, amount=amount)


async def find_buyers_and_sellers(shop: Shop) -> tuple[list[Buyer], list[Seller]]:
    """Return everybody who has a wallet and a card to pay with, or a wallet and the right to be paid out."""
    buyers, sellers = [], []
    for user in await shop.list("/users"):
        if user["UserStatus"] == "ACTIVE" and user["UserCategory"] == "PAYER":
            buyers += await _as_buyers(shop, user)
        elif user["UserStatus"] == "ACTIVE":
            sellers += await as_sellers(shop, user)
    return buyers, sellers


async def as_sellers(shop: Shop, user: Entity) -> list[Seller]:
    """Return an OWNER once for each wallet, if they are verified and may be paid out."""
    if user["KYCLevel"] != "REGULAR" or await is_blocked(shop, user["Id"]):
        return []
    accounts = await accounts_of(shop, user["Id"])
    return [Seller(wallet, accounts.get(wallet["Currency"])) for wallet in await _wallets_of(shop, user)]


async def _as_buyers(shop: Shop, user: Entity) -> list[Buyer]:
    buyers = []
    cards = await shop.list(f"/users/{user['Id']}/cards", Active="true")
    for wallet in await _wallets_of(shop, user) if cards else ():
        buyers += [Buyer(wallet, card) for card in cards if card["Currency"] == wallet["Currency"]][:1]
    return buyers


async def accounts_of(shop: Shop, user_id: str) -> dict[str, str]:
    """Return the account that a user is paid out to, by currency: the newest, be it a recipient or an older account."""
    rows = await shop.list(f"/users/{user_id}/recipients", Status="ACTIVE")
    return {row["Currency"]: row["Id"] for row in reversed(rows)}


async def is_blocked(shop: Shop, user_id: str) -> bool:
    return any((await shop.get(f"/users/{user_id}/regulatory"))["ScopeBlocked"].values())


async def _wallets_of(shop: Shop, user: Entity) -> list[Entity]:
    """Return the wallets that are shown, which those of an OWNER who would have to confirm first are not."""
    try:
        return await shop.list(f"/users/{user['Id']}/wallets")
    except HiddenError:
        return []


def pick_pair(chance: random.Random, buyers: Sequence[Buyer], sellers: Sequence[Seller]) -> tuple[Buyer, Seller] | None:
    """Return a buyer and a seller who deal in the same currency, if there are any."""
    buyer = chance.choice(buyers) if buyers else None
    suited = [seller for seller in sellers if buyer and seller.wallet["Currency"] == buyer.wallet["Currency"]]
    return (buyer, chance.choice(suited)) if buyer and suited else None
