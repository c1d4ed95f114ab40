"""Values as plain text, for files and titles."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.money import Money
from models.objects.fields import Content, Fact, Form
from models.objects.plain import money_of, plain_value

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
PARTS = st.sampled_from(["Type", "Nature", "Currency"])
ANYTHING = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


def plain(form: Form, value: object, **more: object) -> str:
    return plain_value(Fact("Value", "Value", form), {"Value": value, **more})


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        (Form.MONEY, {"Currency": "EUR", "Amount": -1260}, "-12.60 EUR"),
        (Form.MONEY, {"Currency": "JPY", "Amount": 12}, "12 JPY"),
        (Form.MONEY, {"Currency": "KWD", "Amount": 5}, "0.005 KWD"),
        (Form.MONEY, {"Currency": "XXX", "Amount": 0}, ""),
        (Form.MONEY, {"Currency": "EUR", "Amount": 12.5}, '{"Currency": "EUR", "Amount": 12.5}'),
        (Form.MONEY, {"Currency": "EUR", "Amount": True}, '{"Currency": "EUR", "Amount": true}'),
        (Form.MONEY, 500, "500"),
        (Form.MONEY, "5 EUR", "5 EUR"),
        (Form.MOMENT, 0, "1970-01-01T00:00:00+00:00"),
        (Form.MOMENT, -1, "1969-12-31T23:59:59+00:00"),
        (Form.MOMENT, 10**15, "1000000000000000"),
        (Form.MOMENT, "yesterday", "yesterday"),
        (Form.DAY, -86_401, "1969-12-30"),
        (Form.YES_NO, True, "yes"),
        (Form.YES_NO, False, "no"),
        (Form.MOMENT, True, "yes"),
        (Form.LINK, ["user_m_1", "user_m_2"], "user_m_1 user_m_2"),
        (Form.TEXT, 'a "quoted", text', 'a "quoted", text'),
        (Form.TEXT, {"é": 1}, '{"é": 1}'),
        (Form.TEXT, None, ""),
        (Form.TEXT, "", ""),
        (Form.ADDRESS, {"City": None}, ""),
    ],
)
def test_a_value_is_said_in_plain_text(form: Form, value: object, text: str) -> None:
    assert plain(form, value) == text


def test_a_movement_is_told_by_type_and_nature() -> None:
    fact = Fact("What", "Type", Form.MOVEMENT)
    assert plain_value(fact, {"Type": "PAYOUT", "Nature": "REFUND"}) == "Refund"
    assert plain_value(fact, {"Type": "TELEPATHY", "Nature": "REGULAR"}) == "TELEPATHY"


def test_a_mere_number_has_the_currency_of_the_whole() -> None:
    assert plain(Form.MONEY, 500, Currency="JPY") == "500 JPY"
    assert plain(Form.MONEY, {"Currency": "EUR", "Amount": 500}, Currency="JPY") == "5.00 EUR"
    assert plain(Form.MONEY, 5.5, Currency="EUR") == "5.5"


@pytest.mark.parametrize(
    ("value", "content"),
    [
        ({"Currency": "EUR"}, {}),
        ({"Amount": 5}, {"Currency": "EUR"}),
        ({"Currency": 978, "Amount": 5}, {}),
        ({"Currency": "", "Amount": 5}, {}),
        ({"Currency": "EUR", "Amount": "5"}, {}),
        ({"Currency": "EUR", "Amount": 5.0}, {}),
        ([5], {"Currency": "EUR"}),
        (5, {}),
        (True, {"Currency": "EUR"}),
        (None, {"Currency": "EUR"}),
    ],
)
def test_what_is_no_amount_is_none(value: object, content: Content) -> None:
    assert money_of(value, content) is None


def test_an_amount_says_its_own_currency() -> None:
    assert money_of({"Currency": "EUR", "Amount": 5, "More": 1}, {"Currency": "JPY"}) == Money(5, "EUR")


@settings(deadline=None)
@given(st.sampled_from(list(Form)), ANYTHING, st.dictionaries(PARTS, ANYTHING))
def test_whatever_comes_is_some_text(form: Form, value: object, more: dict[str, object]) -> None:
    text = plain(form, value, **more)
    assert text or isinstance(value, list) or Fact("Value", "Value", form).value({"Value": value}) is None
