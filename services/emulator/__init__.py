"""A stateful local Mangopay: the API, its ledger, its events and its notifications, for development and for tests.

It is a stranger to the rest of the dashboard: it imports nothing of ours and shares no type with the client, so that
one mistake cannot hide in both. Built after Mangopay's public documentation, https://docs.mangopay.com.

Its rooms: `engine` takes a request in, keeps state, time and outbox; `rules` decides; `routes` answers, a module for
each resource; `control` does what only time, a human or bad luck can do; `demo` plays a marketplace.

What it does not do: it has one ClientId with one API key, which has every scope, and no mTLS host. No payment scheme,
bank or mail is behind it: pages of payers, banks and identity checks are a sentence and a few buttons, failures are
magic values or the control plane's, and mails about failing hooks are lines in the log. The anti-fraud rules of
Production (names, velocity, countries of cards) are off, as they are in the Sandbox; so are the exemptions from strong
authentication that only Production grants. Limits of the e-money contract are not imitated: payouts need a REGULAR
user, as under the contract for payment services. Inactive accounts are charged nothing. Of transactions it forgets what
is older than 13 months, of events what is older than 46 days; the dashboard's own keeps the last 20,000 of each.
"""

from services.emulator.app import Emulator
from services.emulator.engine.config import EmulatorConfig
from services.emulator.engine.rate_limits import DOCUMENTED

__all__ = ["DOCUMENTED", "Emulator", "EmulatorConfig"]
