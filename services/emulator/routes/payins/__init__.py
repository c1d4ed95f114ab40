"""Money that comes in."""

from services.emulator.routes.payins import (
    acquiring,
    applepay,
    bankwire,
    captures,
    card,
    direct_debit,
    googlepay,
    metadata,
    methods,
    open_banking,
    payins,
    paypal,
    recurring,
    recurring_payins,
    simulation,
)

MODULES = (
    payins,
    card,
    captures,
    recurring,
    recurring_payins,
    bankwire,
    direct_debit,
    methods,
    paypal,
    applepay,
    googlepay,
    open_banking,
    metadata,
    acquiring,
    simulation,
)
