"""Who buys and who sells on the marketplace, and what an order makes of them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from services.emulator.demo.cast import Company, Person, address_body, company_body, owner_body, person_body
from services.emulator.demo.shop import HiddenError, Shop
from services.emulator.engine.store import Entity


@dataclass(frozen=True, slots=True)
class Buyer:
    wallet: Entity
    card: Entity


@dataclass(frozen=True, slots=True)
class Seller:
    wallet: Entity
    account_id: str


@dataclass(frozen=True, slots=True)
class Order:
    payin: Entity
    transfer: Entity


async def admit_person(shop: Shop, person: Person) -> Buyer | Seller:
    """Open an account with all that belongs to it: wallet, card or bank account, documents."""
    user = await shop.post("/sca/users/natural", person_body(person))
    wallet = await shop.open_wallet(user["Id"], person.currency, f"{person.name}, {person.currency}")
    if person.card_number:
        return Buyer(wallet, await shop.save_card(user["Id"], person.currency, person.card_number, person.name))
    account = await shop.save_account(user["Id"], person.name, address_body(person), person.iban or "")
    await _submit(shop, user, person.documents)
    return Seller(wallet, account["Id"])


async def admit_company(shop: Shop, company: Company) -> Seller:
    user = await shop.post("/sca/users/legal", company_body(company))
    currency = company.representative.currency
    wallet = await shop.open_wallet(user["Id"], currency, f"{company.name}, {currency}")
    account = await shop.save_account(user["Id"], company.name, address_body(company.representative), company.iban)
    await _submit(shop, user, company.documents)
    if company.kind == "BUSINESS":
        await shop.declare_owner(user["Id"], owner_body(company))
    return Seller(wallet, account["Id"])


async def place_order(shop: Shop, buyer: Buyer, seller: Seller, goods: tuple[str, int], *, number: int) -> Order:
    """Charge the buyer's card, and pass the money on to the seller."""
    name, price = goods
    tag = f"Order {number}: {name}"
    payin = await shop.pay(buyer.card, buyer.wallet, price, tag)
    return Order(payin, await shop.transfer(buyer.wallet, seller.wallet, price, tag))


async def take_back(shop: Shop, order: Order) -> None:
    """Refund an order in the usual sequence: the transfer first, so that the buyer's wallet has the money."""
    tag = f"Returned: {order.payin['Tag']}"
    refund = await shop.refund("transfers", order.transfer, tag)
    if refund["Status"] == "SUCCEEDED":
        await shop.refund("payins", order.payin, tag)


async def find_buyers_and_sellers(shop: Shop) -> tuple[list[Buyer], list[Seller]]:
    """Return everybody who has a wallet and a card to pay with, or an account and the right to be paid out."""
    buyers, sellers = [], []
    for user in await shop.list("/users"):
        if user["UserStatus"] != "ACTIVE":
            continue
        for wallet in await _wallets_of(shop, user):
            if user["UserCategory"] == "PAYER":
                cards = await shop.list(f"/users/{user['Id']}/cards", Active="true")
                buyers += [Buyer(wallet, card) for card in cards if card["Currency"] == wallet["Currency"]][:1]
            elif user["KYCLevel"] == "REGULAR":
                accounts = await shop.list(f"/users/{user['Id']}/bankaccounts", Active="true")
                sellers += [Seller(wallet, account["Id"]) for account in accounts][:1]
    return buyers, sellers


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


async def _submit(shop: Shop, user: Entity, documents: tuple[tuple[str, str | None], ...]) -> None:
    for kind, tag in documents:
        await shop.submit_document(user["Id"], kind, tag)
