"""Wallets, and money between them or on its way back."""

from services.emulator.routes.money import conversions, quotes, refunds, transfers, wallets

MODULES = (
    wallets,
    transfers,
    refunds,
    quotes,
    conversions,
)
