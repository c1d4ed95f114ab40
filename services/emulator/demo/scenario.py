"""What goes on: orders, refusals, returns, payouts, wires, newcomers, balanced so that no wallet drains or bursts."""

import asyncio
import logging
import random
import time
import unicodedata
from collections import deque
from collections.abc import Awaitable, Callable, Mapping

from services.emulator.demo.cast import GOODS, NEWCOMERS, Person
from services.emulator.demo.market import (
    Buyer,
    Order,
    Seller,
    admit_person,
    find_buyers_and_sellers,
    pick_pair,
    place_order,
    take_back,
)
from services.emulator.demo.seed import first_order, pay_out_all
from services.emulator.demo.shop import Shop, ShopError

# Lively while somebody looks for the first time, modest when left running for weeks.
FASTEST_S = (2.0, 5.0)
SLOWEST_FACTOR = 8.0
SLOWS_DOWN_EVERY_S = 1800.0
MAX_USERS = 90
# Above this a seller is paid out.
PAYOUT_ABOVE = 40_000
MAGIC_AMOUNTS = (33303, 33305, 33334, 33351, 33358, 33361, 33363, 33391)
REFUSALS = ("refuse_unreadable", "refuse_expired", "refuse_no_user_data_match")
# What may happen, and how often in comparison.
SCENES = {
    "order": 10,
    "refused_payment": 2,
    "return": 2,
    "payout": 2,
    "wire": 1,
    "settle_wires": 2,
    "document_verdict": 2,
    "newcomer": 1,
}

log = logging.getLogger(__name__)


class Scenario:
    """One step every few seconds, drawn by weight; everything it does goes through the API."""

    def __init__(self, shop: Shop, *, seed: int = 11) -> None:
        self._shop = shop
        self._chance = random.Random(seed)  # noqa: S311  (a story, not a secret)
        self._buyers: list[Buyer] = []
        self._sellers: list[Seller] = []
        self._orders: deque[Order] = deque(maxlen=20)
        self._number = 3000
        self._scenes: Mapping[str, Callable[[], Awaitable[None]]] = {
            "order": self._order,
            "refused_payment": self._refused_payment,
            "return": self._return,
            "payout": self._payout,
            "wire": self._wire,
            "settle_wires": self._settle_wires,
            "document_verdict": self._document_verdict,
            "newcomer": self._newcomer,
        }

    async def run(self, stopping: asyncio.Event) -> None:
        """Take a step now and then until told to stop."""
        started_at = time.monotonic()
        while not stopping.is_set():
            await self.step()
            slowness = min(SLOWEST_FACTOR, 1 + (time.monotonic() - started_at) / SLOWS_DOWN_EVERY_S)
            try:
                async with asyncio.timeout(self._chance.uniform(*FASTEST_S) * slowness):
                    await stopping.wait()
            except TimeoutError:
                continue

    async def step(self) -> None:
        """Play a scene drawn by weight."""
        (scene,) = self._chance.choices(list(SCENES), weights=list(SCENES.values()))
        await self.play(scene)

    async def play(self, scene: str) -> None:
        """Play one of SCENES to its end."""
        try:
            if not self._buyers:
                self._buyers, self._sellers = await find_buyers_and_sellers(self._shop)
            await self._scenes[scene]()
        except ShopError as error:
            # Somebody else may have closed a user or deactivated a card since: look again before the next step.
            log.info("scene=%s refused=%s", scene, error)
            self._buyers = []

    async def _order(self) -> None:
        pair = pick_pair(self._chance, self._buyers, self._sellers)
        if pair is not None:
            self._number += 1
            goods = self._chance.choice(GOODS)
            self._orders.append(await place_order(self._shop, *pair, goods, number=self._number))

    async def _refused_payment(self) -> None:
        if self._buyers:
            buyer = self._chance.choice(self._buyers)
            await self._shop.pay(buyer.card, buyer.wallet, self._chance.choice(MAGIC_AMOUNTS), "Basket")

    async def _return(self) -> None:
        if self._orders:
            await take_back(self._shop, self._orders.popleft())

    async def _payout(self) -> None:
        await pay_out_all(self._shop, self._sellers, above=PAYOUT_ABOVE)

    async def _wire(self) -> None:
        if self._buyers:
            buyer = self._chance.choice(self._buyers)
            self._number += 1
            price = self._chance.choice((31_500, 48_900, 62_000, 115_000))
            await self._shop.ask_for_wire(buyer.wallet, price, f"Order {self._number}, paid by wire")

    async def _settle_wires(self) -> None:
        """Let the oldest wires that are under way arrive, whoever asked for them; one in eight is refused."""
        query = {"EventType": "PAYIN_NORMAL_CREATED", "Sort": "Date:DESC", "per_page": "15"}
        for event in reversed(await self._shop.list("/events", **query)):
            payin = await self._shop.get(f"/payins/{event['ResourceId']}")
            if payin["PaymentType"] == "BANK_WIRE" and payin["Status"] == "CREATED":
                outcome = "REJECT" if self._chance.random() < 1 / 8 else "ACCEPT"
                await self._shop.post(f"/simulation/payins/bankwire/{payin['Id']}", {"Status": outcome})
                await self._pass_on(payin["CreditedWalletId"])
                return

    async def _pass_on(self, wallet_id: str) -> None:
        """Send what has arrived in a buyer's wallet to a seller."""
        buyers = [buyer for buyer in self._buyers if buyer.wallet["Id"] == wallet_id]
        pair = pick_pair(self._chance, buyers, self._sellers)
        if pair is None:
            return
        balance = (await self._shop.get(f"/wallets/{wallet_id}"))["Balance"]["Amount"]
        if balance:
            await self._shop.transfer(pair[0].wallet, pair[1].wallet, balance, "Paid by wire")

    async def _document_verdict(self) -> None:
        waiting = await self._shop.list("/kyc/documents", Status="VALIDATION_ASKED", per_page="1")
        for document in waiting:
            verdict = self._chance.choice(REFUSALS) if self._chance.random() < 1 / 4 else "accept"
            await self._shop.post(f"/simulation/kyc/documents/{document['Id']}", {"Tag": verdict})
            self._buyers, self._sellers = await find_buyers_and_sellers(self._shop)

    async def _newcomer(self) -> None:
        """Admit a buyer, or a seller whose document waits to be looked at."""
        if len(await self._shop.list("/users")) >= MAX_USERS:
            return
        first, last, country, street, postal_code, city = self._chance.choice(NEWCOMERS)
        is_seller = self._chance.random() < 1 / 3
        self._number += 1
        email = f"{_ascii(first)}.{_ascii(last)}.{self._number}@example.com"
        person = Person(
            first,
            last,
            f"accept.{email}" if is_seller else email,
            self._chance.randint(200, 900) * 1_000_000,
            country,
            (street, postal_code, city),
            card_number=None if is_seller else "4970107111111119",
            iban="FR7630004000031234567890143" if is_seller else None,
            documents=(("IDENTITY_PROOF", None),) if is_seller else (),
        )
        newcomer = await admit_person(self._shop, person)
        if isinstance(newcomer, Buyer):
            await first_order(self._shop, self._chance, newcomer, self._sellers, number=self._number)
            self._buyers.append(newcomer)


def _ascii(name: str) -> str:
    """Return the letters of a name as an e-mail address may hold them."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain if letter.isalpha()).lower()
