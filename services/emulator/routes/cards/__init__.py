"""Cards, and what is authorised on them."""

from services.emulator.routes.cards import cards, deposits, preauthorizations, registrations, validations

MODULES = (
    registrations,
    cards,
    validations,
    preauthorizations,
    deposits,
)
