"""Above which amount another person decides, by currency and environment."""

from collections.abc import Mapping

import pytest

from models.environment import Environment
from models.money import Money
from models.operations.limits import limit_below, parse_limits

LOCAL, SANDBOX, PRODUCTION = Environment.LOCAL, Environment.SANDBOX, Environment.PRODUCTION


@pytest.mark.parametrize(
    ("text", "local", "production"),
    [
        ("", {}, {}),
        ("EUR:1000", {"EUR": 100_000}, {"EUR": 100_000}),
        ("EUR:1000  GBP:0", {"EUR": 100_000, "GBP": 0}, {"EUR": 100_000, "GBP": 0}),
        ("EUR:1,200.50@production", {}, {"EUR": 120_050}),
        ("EUR:1000 EUR:10@production", {"EUR": 100_000}, {"EUR": 1_000}),
        ("JPY:1000 KWD:1.5", {"JPY": 1000, "KWD": 1500}, {"JPY": 1000, "KWD": 1500}),
    ],
)
def test_a_limit_holds_everywhere_or_where_it_says(
    text: str, local: Mapping[str, int], production: Mapping[str, int]
) -> None:
    limits = parse_limits(text)
    assert (limits[LOCAL], limits[SANDBOX], limits[PRODUCTION]) == (local, local, production)


@pytest.mark.parametrize("text", ["1000", "EUR", "EUR:", "eur:10", "EURO:10", "EUR:ten", "EUR:-1", "EUR:1@staging"])
def test_what_is_no_limit_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{text}: "):
        parse_limits(f"GBP:10 {text}")


@pytest.mark.parametrize(
    ("amount", "is_more"),
    [
        (Money(1000, "EUR"), False),
        (Money(1001, "EUR"), True),
        # A currency without a limit takes no second person.
        (Money(9999, "GBP"), False),
    ],
)
def test_only_more_than_the_limit_is_above_it(amount: Money, *, is_more: bool) -> None:
    assert limit_below(parse_limits("EUR:10")[LOCAL], amount) == (Money(1000, "EUR") if is_more else None)


def test_a_limit_of_one_environment_is_none_of_another() -> None:
    limits = parse_limits("EUR:10@production")
    assert limit_below(limits[PRODUCTION], Money(1001, "EUR"))
    assert limit_below(limits[SANDBOX], Money(1001, "EUR")) is None


def test_a_limit_of_nothing_holds_for_everything() -> None:
    assert limit_below(parse_limits("EUR:0")[LOCAL], Money(1, "EUR")) == Money(0, "EUR")
