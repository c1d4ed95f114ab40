"""Cards: what a number tells, what the bank tells of a card, and how a card becomes VALID or INVALID.

Source: https://docs.mangopay.com/api-reference/cards/card-object and https://docs.mangopay.com/testing/payment-methods
Chosen: numbers are not checked by Luhn's sum, and any number may be registered under any `CardType`; a pay-in with an
INVALID card fails with 101106, with a deactivated one with 101410.
"""

import hashlib
from datetime import UTC, datetime

from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules.result_codes import SUCCESS

CARD_TYPES = ("CB_VISA_MASTERCARD", "AMEX", "MAESTRO", "BCMC", "DINERS", "MASTERPASS", "P24", "IDEAL", "PAYLIB")
NETWORKS = ("VISA", "MASTERCARD", "CB", "MAESTRO")
FRICTIONLESS_NUMBER = "4970107111111119"
# With these the bank wants to see its customer as soon as the platform leaves it the choice.
CHALLENGED_NUMBERS = (
    *("4970105181818183", "5033951000000004", "375989111111119", "4111111111111111"),
    # Two of the documentation of 2020.
    *("4970105715165150", "4970105444347681"),
)
# The longest start of a number that is known decides.
PROVIDERS = {
    **dict.fromkeys(("34", "37"), "AMEX"),
    **dict.fromkeys(("50", "56", "57", "58", "6"), "MAESTRO"),
    **dict.fromkeys(("51", "52", "53", "54", "55", "22", "23", "24", "25", "26", "27"), "MASTERCARD"),
    **dict.fromkeys(("6011", "65"), "DISCOVER"),
    "35": "JCB",
    "4": "VISA",
}
COUNTRIES = {"5033": "BEL", "4111": "USA", "5555": "USA"}
ALPHA_2 = {"FRA": "FR", "BEL": "BE", "USA": "US"}
BANKS = {"FRA": "LA BANQUE POSTALE", "BEL": "KBC BANK", "USA": "EXAMPLE BANK"}
# With this code the bank of the sandbox refuses every payment.
REFUSED_CVC = "999"
# A card that nothing has succeeded with by then is no good.
LAPSE_S = 86_400
# Failures that never reached the card's bank, or that its customer had no part in: they say nothing about a card.
SAYS_NOTHING = frozenset(("001014", "001023", "002602", "008700", "101106", "101109", "101304", "101410", "205001"))


def facts(number: str, expiration_date: str, card_type: str, cvc: str = "") -> Entity:
    """Return what may be kept of a card, which its number is not."""
    return {
        "ExpirationDate": expiration_date,
        "Alias": f"{number[:6]}{'X' * (len(number) - 10)}{number[-4:]}",
        "CardProvider": _provider(number, card_type),
        "Country": COUNTRIES.get(number[:4], "FRA"),
        "Fingerprint": hashlib.sha256(number.encode()).hexdigest()[:32],
        "_IsChallenged": number in CHALLENGED_NUMBERS,
        "_IsRefused": cvc == REFUSED_CVC,
    }


def card_info(card: Entity) -> Entity:
    """Return what a payment tells of the card it was made with."""
    return {
        "BIN": card["Alias"][:6],
        "IssuingBank": BANKS[card["Country"]],
        "IssuerCountryCode": ALPHA_2[card["Country"]],
        "Type": "CREDIT",
        "Brand": card["CardProvider"],
        "SubType": None,
    }


def has_expired(expiration_date: str, now: int) -> bool:
    """Tell whether the month of "MMYY" is over."""
    today = datetime.fromtimestamp(now, UTC)
    return (int(expiration_date[2:]) + 2000, int(expiration_date[:2])) < (today.year, today.month)


def is_invalid(card: Entity, now: int) -> bool:
    """Tell whether a card is no good; one that lapses later than now, as in a story of the past, still is."""
    return bool(card["Validity"] == "INVALID" and card.get("_LapsedAt", 0) <= now)


def note_outcome(world: World, card: Entity | None, result_code: str) -> None:
    """Let the first payment or validation with a card say whether it is good."""
    if card is None or result_code in SAYS_NOTHING:
        return
    has_lapsed_later = "_LapsedAt" in card and not is_invalid(card, world.clock.now())
    if card["Validity"] == "UNKNOWN" or has_lapsed_later:
        card.pop("_LapsedAt", None)
        card["Validity"] = "VALID" if result_code == SUCCESS else "INVALID"
        world.store.cards.save(card)


def lapse(world: World, card_id: str) -> None:
    """Give up on a card that nothing has succeeded with since its registration."""
    card = world.store.cards.get(card_id)
    if card is not None and card["Validity"] == "UNKNOWN":
        card |= {"Validity": "INVALID", "_LapsedAt": world.clock.now()}
        world.store.cards.save(card)


def _provider(number: str, card_type: str) -> str:
    if card_type in ("BCMC", "MAESTRO"):
        return card_type
    starts = (number[:length] for length in (4, 2, 1))
    return next((PROVIDERS[start] for start in starts if start in PROVIDERS), "VISA")
