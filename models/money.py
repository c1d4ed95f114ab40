"""Money: a whole number of a currency's smallest unit, as Mangopay sends it. A float never touches an amount.

Source: https://docs.mangopay.com/api-reference/overview/data-formats
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (EUR 12.60 is 1260, JPY 12 is 12) and its ISO 4217 currency."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        # A bool is an int to Python and a mistake here; a float of cents has already lost the truth.
        if type(self.amount) is not int:
            raise TypeError(f"an amount is a whole number of minor units, not {type(self.amount).__name__}")

    def __add__(self, other: "Money") -> "Money":
        self._must_share_currency_with(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._must_share_currency_with(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def decimal_text(self) -> str:
        """Return the exact amount in major units, with a point and all decimals: `-12.60`, `12` for yen."""
        decimals = decimals_of(self.currency)
        digits = str(abs(self.amount)).rjust(decimals + 1, "0")
        whole, fraction = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
        sign = "-" if self.amount < 0 else ""
        return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"

    def text(self) -> str:
        """Return the amount as it stands in a sentence, its thousands grouped: `1,234.56 EUR`."""
        whole, point, fraction = self.decimal_text().removeprefix("-").partition(".")
        return f"{'-' if self.amount < 0 else ''}{int(whole):,}{point}{fraction} {self.currency}"

    def _must_share_currency_with(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatchError(f"{self.currency} and {other.currency} cannot be added or subtracted")


class CurrencyMismatchError(ValueError):
    """Raised when two currencies meet in one sum."""


def decimals_of(currency: str) -> int:
    """Return how many decimals a currency has (ISO 4217); two for one that is not listed."""
    if currency in _WITHOUT_DECIMALS:
        return 0
    return 3 if currency in _WITH_THREE_DECIMALS else 2


_WITHOUT_DECIMALS = frozenset(
    (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    )
)
_WITH_THREE_DECIMALS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
