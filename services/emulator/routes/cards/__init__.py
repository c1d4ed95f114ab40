"""Cards, and what is authorised on them."""

from services.emulator.routes.cards import cards, registrations

MODULES = (
    registrations,
    cards,
)
