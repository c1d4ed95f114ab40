"""Bank accounts, and money that goes to them."""

from services.emulator.routes.banking import bank_accounts, payouts

MODULES = (
    bank_accounts,
    payouts,
)
