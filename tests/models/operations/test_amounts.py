"""Amounts as people type them, in every currency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.money import _WITH_THREE_DECIMALS, _WITHOUT_DECIMALS, Money
from models.operations.amounts import AmountError, parse_amount

CURRENCIES = ["EUR", "GBP", "USD", "PLN", "CHF", *sorted(_WITHOUT_DECIMALS), *sorted(_WITH_THREE_DECIMALS)]
amounts = st.builds(Money, st.integers(-(10**11), 10**11), st.sampled_from(CURRENCIES))


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("12.60", "EUR", 1260),
        ("12,60", "EUR", 1260),
        ("12.6", "EUR", 1260),
        ("12", "EUR", 1200),
        (",50", "EUR", 50),
        ("1 234,56", "EUR", 123456),
        ("1\u202f234,56", "EUR", 123456),
        ("1\u00a0234,56 EUR", "EUR", 123456),
        ("1,234.56", "EUR", 123456),
        ("1.234,56", "EUR", 123456),
        ("1'234.56", "CHF", 123456),
        ("1\u2019234.56", "CHF", 123456),
        ("1,234,567.89", "USD", 123456789),
        ("1,234", "EUR", 123400),
        ("1.234", "EUR", 123400),
        ("1.234.567", "EUR", 123456700),
        ("eur 5", "EUR", 500),
        ("-1.00", "EUR", -100),
        ("\u22121,00", "EUR", -100),
        ("1,234", "JPY", 1234),
        ("1234", "JPY", 1234),
        ("1.234", "KWD", 1234),
        ("1,234.5", "KWD", 1234500),
        ("1,234,567", "KWD", 1234567000),
    ],
)
def test_what_people_type_is_read_as_they_mean_it(typed: str, currency: str, minor: int) -> None:
    assert parse_amount(typed, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("typed", "currency"),
    [
        ("", "EUR"),
        ("twelve", "EUR"),
        ("12.6.1", "EUR"),
        ("1,23,456.00", "EUR"),
        ("1.234.56", "EUR"),
        ("1,234,56", "EUR"),
        ("12.", "EUR"),
        (".", "EUR"),
        ("12.5", "JPY"),
        ("12.3456", "EUR"),
        ("0.123", "EUR"),
        ("0,123", "EUR"),
        ("1,234", "KWD"),
        ("12 USD", "EUR"),
        ("1e3", "EUR"),
        ("١٢", "EUR"),
        ("--1", "EUR"),
        ("9" * 13, "EUR"),
        ("1" * 4000, "EUR"),
        ("NaN", "EUR"),
    ],
)
def test_what_is_no_amount_or_could_be_two_is_refused_with_a_word_on_why(typed: str, currency: str) -> None:
    with pytest.raises(AmountError) as refused:
        parse_amount(typed, currency)
    assert str(refused.value).endswith(".")


@given(amounts)
def test_an_amount_as_we_write_it_is_read_as_the_same_in_every_currency(amount: Money) -> None:
    assert parse_amount(amount.decimal_text(), amount.currency) == amount
    assert parse_amount(f"{amount.decimal_text()} {amount.currency}", amount.currency) == amount


@given(st.builds(Money, st.integers(0, 10**11), st.sampled_from(["EUR", "USD"])), st.sampled_from([",", ".", " ", "'"]))
def test_thousands_may_be_grouped_by_any_sign(amount: Money, sign: str) -> None:
    whole, fraction = amount.decimal_text().split(".")
    grouped = f"{int(whole):,}".replace(",", sign)
    decimal = "." if sign == "," else ","
    assert parse_amount(f"{grouped}{decimal}{fraction}", amount.currency) == amount


@given(st.text(max_size=30), st.sampled_from(CURRENCIES))
def test_any_text_is_read_or_refused_and_never_breaks(text: str, currency: str) -> None:
    try:
        assert isinstance(parse_amount(text, currency).amount, int)
    except AmountError as refused:
        assert str(refused)  # noqa: PT017  (both ends are right; neither may be another error)
