"""Who issued a card, read off its first digits alone.

Source: https://docs.mangopay.com/api-reference/payment-method-metadata
"""

from services.emulator.engine.store import Entity
from services.emulator.rules import cards


def metadata_of(bin_digits: str) -> Entity:
    """Return issuer, country and what the digits say of the card."""
    info = card_info(bin_digits)
    data = {
        "CardType": info["Type"],
        "CommercialIndicator": "PERSONAL",
        "Subtype": "STANDARD",
        "Brand": info["Brand"],
    }
    return {
        "IssuerCountryCode": info["IssuerCountryCode"],
        "IssuingBank": info["IssuingBank"],
        "BinData": [data],
    }


def card_info(bin_digits: str) -> Entity:
    """Return what a pay-in tells of a card of which no more than this is known."""
    return cards.card_info(cards.facts(bin_digits.ljust(16, "0"), "1299", cards.CARD_TYPES[0]))
