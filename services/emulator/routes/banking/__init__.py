"""Bank accounts of users and of wallets, and money that goes to them."""

from services.emulator.routes.banking import (
    bank_accounts,
    banking_aliases,
    client_payouts,
    mandates,
    payout_controls,
    payout_returns,
    payouts,
    recipient_schema,
    recipients,
    virtual_accounts,
)

MODULES = (
    bank_accounts,
    recipients,
    recipient_schema,
    mandates,
    banking_aliases,
    virtual_accounts,
    payouts,
    payout_controls,
    payout_returns,
    client_payouts,
)
