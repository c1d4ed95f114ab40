"""Amounts as people type them, read once into minor units. No float is ever made of one.

Read are `1234.56`, `1 234,56`, `1,234.56`, `1.234,56`, `1'234.56`, with or without the currency before or behind it.
Chosen: one point or comma with three digits behind it groups thousands (`1,234` EUR is 1234), for no currency of two
decimals or none can mean anything else. In a currency of three decimals it may mean both: a point is then the decimal
sign, as everywhere in this dashboard, and a comma is refused.
"""

import re

from models.money import Money, decimals_of

# Beyond any transfer there ever was, and far from where a number stops to be exact in anybody's JSON.
LONGEST_WHOLE = 12
# With all signs that people put between digits.
LONGEST = 60
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f'\u2019]")
_FORM = re.compile(r"(?P<sign>[+\-\u2212]?)(?P<digits>[0-9.,]*[0-9][0-9.,]*)")
_GROUPED = re.compile(r"[0-9]{1,3}([.,])[0-9]{3}(?:\1[0-9]{3})*")


class AmountError(ValueError):
    """Raised for what cannot be read as an amount, or can be read as two; the text says what to write instead."""


def parse_amount(text: str, currency: str) -> Money:
    """Return what was typed as an amount of a currency. Raises AmountError."""
    if len(text) > LONGEST:
        raise AmountError("This is too long for an amount.")
    typed = _without_currency(text, currency)
    found = _FORM.fullmatch(typed)
    if found is None or not found["digits"].isascii():
        raise AmountError(f"Write an amount such as {_example(currency)}.")
    whole, fraction = _parts(found["digits"], currency)
    if len(whole.lstrip("0")) > LONGEST_WHOLE:
        raise AmountError("This is more than any amount can be.")
    minor = int((whole or "0") + fraction.ljust(decimals_of(currency), "0"))
    return Money(-minor if found["sign"] in ("-", "\u2212") else minor, currency)


def is_amount(typed: str, amount: Money) -> bool:
    """Whether what was typed is this amount."""
    try:
        return parse_amount(typed, amount.currency) == amount
    except AmountError:
        return False


def _without_currency(text: str, currency: str) -> str:
    typed = _SPACES.sub("", text)
    if typed.upper().startswith(currency):
        return typed[len(currency) :]
    return typed[: -len(currency)] if typed.upper().endswith(currency) else typed


def _parts(digits: str, currency: str) -> tuple[str, str]:
    """Return the digits before and behind the decimal sign."""
    sign_at = max(digits.rfind("."), digits.rfind(","))
    if sign_at < 0:
        return digits, ""
    if _groups_only(digits, currency):
        return re.sub("[.,]", "", digits), ""
    whole, fraction = digits[:sign_at], digits[sign_at + 1 :]
    _check_fraction(fraction, digits, currency)
    if re.search("[.,]", whole) and not (_GROUPED.fullmatch(whole) and digits[sign_at] not in whole):
        raise AmountError(f"It is not clear which sign stands before the decimals: write {_example(currency)}.")
    return re.sub("[.,]", "", whole), fraction


def _groups_only(digits: str, currency: str) -> bool:
    """Whether all signs in a number group thousands."""
    if not _GROUPED.fullmatch(digits):
        return False
    is_one_sign = len(re.findall("[.,]", digits)) == 1
    if is_one_sign and decimals_of(currency) == 3:
        if "," in digits:
            plain = digits.replace(",", "")
            raise AmountError(f"This can be read in two ways: write {plain}.000 or {digits.replace(',', '.')}.")
        return False
    return not digits.startswith("0")


def _check_fraction(fraction: str, digits: str, currency: str) -> None:
    decimals = decimals_of(currency)
    if not decimals:
        raise AmountError(f"{currency} has no decimals.")
    if not fraction:
        raise AmountError(f"Digits are missing at the end of {digits}.")
    if len(fraction) > decimals:
        raise AmountError(f"{currency} has {decimals} decimals, not {len(fraction)}.")


def _example(currency: str) -> str:
    return Money(1260 * 10 ** max(decimals_of(currency) - 2, 0), currency).decimal_text()
