"""A stateful local Mangopay: the API, its ledger, its events and its notifications, for development and for tests.

It is a stranger to the rest of the dashboard: it imports nothing of ours and shares no type with the client, so that
one mistake cannot hide in both. Built after Mangopay's public documentation, https://docs.mangopay.com.

What it does: users (SCA and legacy endpoints), wallets, card registrations with their vault, cards, IBAN bank accounts,
pay-ins by card and bank wire, transfers, payouts, refunds, KYC documents, hooks, events, the platform's own wallets,
idempotency keys, the sandbox's magic values, and two feeds. Money is conserved. State may be kept in a file.

What it does not do: recipients, hosted identity verification, beneficial owners (documents alone make a company
REGULAR), disputes, mandates and direct debit, preauthorizations, recurring and other payment methods, conversions,
virtual accounts, reports, Echo, instant payouts (all are applied as STANDARD), changing the platform's profile. Strong
authentication is asked for when an OWNER's account is opened or its contact changes, not for transfers or for looking
into wallets. Nobody is ever blocked, nothing expires, and rate limits are counted but not enforced. Payment pages and
3-D Secure are a page with two buttons. Of transactions it keeps the last 20,000, of events the last 20,000.
"""

from services.emulator.app import Emulator
from services.emulator.engine.config import EmulatorConfig
from services.emulator.engine.rate_limits import DOCUMENTED, RAISED

__all__ = ["DOCUMENTED", "RAISED", "Emulator", "EmulatorConfig"]
