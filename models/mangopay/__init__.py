"""Wire types: Mangopay's objects as its API v2.01 sends them. Source: https://docs.mangopay.com/api-reference

They only read, and forgive: unknown fields are ignored, unknown enum values stay strings, a missing field is None.
"""

from models.mangopay.accounts import BankAccount, Card, Wallet
from models.mangopay.hooks import Event, Hook
from models.mangopay.transactions import PayIn, Payout, Refund, Transaction, Transfer
from models.mangopay.users import KycDocument, LegalRepresentative, User
from models.mangopay.wire import Address, PendingUserAction, WireMoney

__all__ = [
    "Address",
    "BankAccount",
    "Card",
    "Event",
    "Hook",
    "KycDocument",
    "LegalRepresentative",
    "PayIn",
    "Payout",
    "PendingUserAction",
    "Refund",
    "Transaction",
    "Transfer",
    "User",
    "Wallet",
    "WireMoney",
]
