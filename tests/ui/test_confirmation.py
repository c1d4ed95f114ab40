"""The last question: when the amount is typed again, and what counts as the same."""

from dataclasses import replace

import pytest

from models.environment import Environment
from models.money import Money
from ui.components.confirmation import Question

QUESTION = Question(
    environment=Environment.PRODUCTION,
    sentence="Refund 1234.56 EUR to Alice Martin",
    act="Refund 1234.56 EUR",
    reason="none left",
    amount=Money(123456, "EUR"),
)


@pytest.mark.parametrize("environment", Environment)
def test_the_amount_is_typed_again_in_production_alone(environment: Environment) -> None:
    assert replace(QUESTION, environment=environment).is_typed_again is (environment is Environment.PRODUCTION)


def test_where_there_is_no_amount_none_is_typed_again() -> None:
    assert not replace(QUESTION, amount=None).is_typed_again


@pytest.mark.parametrize("typed", ["1234.56", "1 234,56", "1,234.56 EUR", "EUR 1234,56"])
def test_the_same_amount_may_be_typed_as_one_likes(typed: str) -> None:
    assert QUESTION.is_same_amount(typed)


@pytest.mark.parametrize("typed", ["", "1234.57", "-1234.56", "123456", "1234.56 USD", "yes"])
def test_another_amount_is_not_the_same(typed: str) -> None:
    assert not QUESTION.is_same_amount(typed)
