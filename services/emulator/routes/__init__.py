"""One module per family of resources; each names its routes in ROUTES."""

from services.emulator import idempotency
from services.emulator.routes import (
    accounts,
    bank_accounts,
    bankwire_payins,
    card_payins,
    card_registrations,
    cards,
    clients,
    events,
    feeds,
    hooks,
    hosted,
    kyc,
    oauth,
    payins,
    payouts,
    refunds,
    transfers,
    users,
    wallets,
)

ROUTES = tuple(
    route
    for module in (
        *(oauth, users, accounts, wallets, bank_accounts, kyc),
        *(card_registrations, cards, payins, card_payins, bankwire_payins, transfers, payouts, refunds),
        *(clients, hooks, events, idempotency, feeds, hosted),
    )
    for route in module.ROUTES
)
