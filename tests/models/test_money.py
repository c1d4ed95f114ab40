"""Money is exact, whatever the currency."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.money import CurrencyMismatchError, Money, decimals_of

amounts = st.integers(min_value=-(10**15), max_value=10**15)
currencies = st.sampled_from(["EUR", "JPY", "BHD"])


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(1260, "EUR"), "12.60"),
        (Money(5, "EUR"), "0.05"),
        (Money(-5, "EUR"), "-0.05"),
        (Money(0, "EUR"), "0.00"),
        (Money(12, "JPY"), "12"),
        (Money(-12, "KRW"), "-12"),
        (Money(0, "JPY"), "0"),
        (Money(1, "BHD"), "0.001"),
        (Money(-123456, "TND"), "-123.456"),
        (Money(9_007_199_254_740_993, "EUR"), "90071992547409.93"),
    ],
)
def test_an_amount_is_written_exactly_with_its_currency_s_decimals(money: Money, text: str) -> None:
    assert money.decimal_text() == text


@given(amounts, currencies)
def test_what_is_written_is_the_amount_itself(amount: int, currency: str) -> None:
    written = Decimal(Money(amount, currency).decimal_text())
    assert written.scaleb(decimals_of(currency)) == amount


@given(amounts, amounts, currencies)
def test_what_is_added_and_taken_away_leaves_the_same(first: int, second: int, currency: str) -> None:
    money = Money(first, currency)
    assert money + Money(second, currency) - Money(second, currency) == money


def test_two_currencies_are_neither_added_nor_subtracted() -> None:
    with pytest.raises(CurrencyMismatchError, match="EUR and GBP"):
        Money(1, "EUR") + Money(1, "GBP")
    with pytest.raises(CurrencyMismatchError, match="EUR and GBP"):
        Money(1, "EUR") - Money(1, "GBP")


@pytest.mark.parametrize("amount", [12.0, "12", True, Decimal(12)])
def test_an_amount_that_is_no_whole_number_is_refused(amount: object) -> None:
    with pytest.raises(TypeError, match="whole number"):
        Money(amount, "EUR")  # type: ignore[arg-type]


@pytest.mark.parametrize(("currency", "decimals"), [("JPY", 0), ("KRW", 0), ("KWD", 3), ("EUR", 2), ("???", 2)])
def test_currencies_have_none_two_or_three_decimals(currency: str, decimals: int) -> None:
    assert decimals_of(currency) == decimals
