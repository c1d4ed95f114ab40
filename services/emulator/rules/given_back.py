"""What has been given back of a pay-in or a transfer: by its refunds, and by payouts whose PaymentRef names it.

Source: https://docs.mangopay.com/guides/refunds and https://docs.mangopay.com/guides/payouts

Chosen: refunds and refunding payouts of one pay-in count together, and so stand in each other's way; a payout that the
receiving bank sent back has given nothing back.
"""

from services.emulator.engine.store import Entity
from services.emulator.engine.world import World


def all_of(world: World, initial: Entity) -> list[Entity]:
    """Return the refunds and payouts that have given some of it back or still may."""
    return refunds_of(world, initial) + _payouts_of(world, initial)


def refunds_of(world: World, initial: Entity) -> list[Entity]:
    return _standing(world.store.transactions.where("_RefundOf", initial["Id"]))


def amount_of(transactions: list[Entity]) -> int:
    return sum(transaction["DebitedFunds"]["Amount"] for transaction in transactions)


def is_exceeded(initial: Entity, transactions: list[Entity]) -> bool:
    """Tell whether this gives back more than there was."""
    return bool(amount_of(transactions) > initial["CreditedFunds"]["Amount"])


def _payouts_of(world: World, initial: Entity) -> list[Entity]:
    payouts = _standing(world.store.transactions.where("_GivesBack", initial["Id"]))
    return [payout for payout in payouts if not refunds_of(world, payout)]


def _standing(transactions: list[Entity]) -> list[Entity]:
    return [transaction for transaction in transactions if transaction["Status"] != "FAILED"]
