"""Money that comes in."""

from services.emulator.routes.payins import bankwire, card, payins

MODULES = (
    payins,
    card,
    bankwire,
)
