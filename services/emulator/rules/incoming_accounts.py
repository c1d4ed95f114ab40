"""Accounts that Mangopay opens for a wallet, banking aliases and virtual accounts alike: found by their number.

A wire that reaches one of them becomes a pay-in to its wallet. Both kinds keep what they are found by in `_Numbers`.
Source: https://docs.mangopay.com/guides/payment-methods/virtual-accounts
"""

from services.emulator.engine.store import Entity
from services.emulator.engine.world import World


def find_by_account(world: World, iban: str | None, account_number: str | None) -> Entity | None:
    """Return the alias or virtual account that a wire is addressed to, with its `WalletId`; None for a stranger's.

    Closed and blocked ones are found too: see their `Active`.
    """
    for number in (iban, account_number):
        found = _find(world, plain(number)) if number else None
        if found is not None:
            return found
    return None


def plain(number: str) -> str:
    """Return an account number as it is compared: without blanks and dashes, in capitals."""
    return "".join(number.replace("-", "").split()).upper()


def _find(world: World, number: str) -> Entity | None:
    for collection in (world.store.virtual_accounts, world.store.banking_aliases):
        for account in collection.select("_Numbers", number):
            return account
    return None
