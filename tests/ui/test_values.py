"""One value of an object, as what it is: right for what Mangopay sends, and harmless for whatever else may come."""

from collections.abc import Mapping

import htpy as h
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.objects.fields import Content, Fact, Form
from models.objects.listings import LISTINGS
from models.objects.sheets import SHEETS
from tests.ui.markup import ANYTHING, HOSTILE, TEXTS, Markup, look_at
from ui.components.object_extras import LISTS
from ui.components.values import value_view

UUID = "3f0d9a9e-3f5c-4f0e-9d43-5b8f0a8a6f10"
ADDRESS = {
    "AddressLine1": "18 rue de la Roquette",
    "AddressLine2": None,
    "City": "Paris",
    "Region": "Île-de-France",
    "PostalCode": "75011",
    "Country": "FR",
}
# Every fact that is shown anywhere; of those that differ in their label alone, one.
FACTS = list(
    {
        (fact.form, fact.kind, fact.path): fact
        for facts in (
            *((*group.facts,) for sheet in SHEETS.values() for group in sheet.groups),
            *((sheet.figure, sheet.status, sheet.reason) for sheet in SHEETS.values()),
            *([column.fact for column in listing.columns] for listing in LISTINGS.values()),
            *(facts for lists in LISTS.values() for _, _, facts in lists),
        )
        for fact in facts
        if fact is not None
    }.values()
)
# Of another type than the reference says.
ODD: tuple[object, ...] = (
    *(True, False, 0, 1, -1, 10**30, -(10**30), 253_402_300_800, 12.5, -0.0, float("nan"), float("inf"), float("-inf")),
    *([None], [[]], ["a", 1, None, {"b": "c"}], {"a": {"b": [1, "<b>"]}}, {"Amount": 12.5, "Currency": "EUR"}),
    *({"Amount": 5}, {"Currency": "EUR"}, {"Amount": "5", "Currency": "EUR"}, {"Amount": 5, "Currency": ["EUR"]}),
    *({"City": 5}, {"Country": "<b>"}, {"Unknown": "field"}, "0", "-1", "EUR 5", "not a date", "yes"),
)
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def show(
    form: Form, value: object, *, kind: str = "", at: str = "Value", is_in_list: bool = False, **more: object
) -> Markup:
    return look_at(value_view(Fact("Label", at, form, kind), {at: value, **more}, is_in_list=is_in_list))


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        (Form.TEXT, "Order 1001", "Order 1001"),
        (Form.TEXT, ["EUR", "GBP"], "EUR, GBP"),
        (Form.TEXT, 12, "12"),
        (Form.MONO, "FR7630004000031234567890143", "FR7630004000031234567890143"),
        (Form.MONO, 0.0056113, "0.0056113"),
        (Form.WORD, "NO_SUCH_WORD_YET", "No such word yet"),
        (Form.WORD, 404, "404"),
        (Form.STATUS, "SUCCEEDED", "SUCCEEDED"),
        (Form.RESULT, "000000", "000000 Success"),
        (Form.RESULT, "999999", "999999 "),
        (Form.MONEY, {"Currency": "EUR", "Amount": 1260}, "12.60 EUR"),
        (Form.MONEY, {"Currency": "EUR", "Amount": -5}, "-0.05 EUR"),
        (Form.MONEY, {"Currency": "JPY", "Amount": 1260}, "1260 JPY"),
        (Form.MONEY, {"Currency": "JPY", "Amount": -1}, "-1 JPY"),
        (Form.MONEY, {"Currency": "KWD", "Amount": 1260}, "1.260 KWD"),
        (Form.MONEY, {"Currency": "EUR", "Amount": 10**25}, f"1{'0' * 23}.00 EUR"),
        (Form.MOMENT, 1_790_000_000, "2026-09-21 14:13:20 UTC"),
        (Form.MOMENT, 1_690_291_065.9, "2023-07-25 13:17:45 UTC"),
        (Form.MOMENT, 0, "1970-01-01 00:00:00 UTC"),
        (Form.MOMENT, -86_400, "1969-12-31 00:00:00 UTC"),
        (Form.MOMENT, 10**18, "1000000000000000000"),
        (Form.DAY, 290_563_200, "1979-03-18"),
        (Form.DAY, -2_208_988_800, "1900-01-01"),
        (Form.YES_NO, True, "Yes"),
        (Form.YES_NO, False, "No"),
        (Form.COUNTRY, "FR", "France"),
        (Form.COUNTRY, "FRA", "France"),
        (Form.COUNTRY, "USA", "United States"),
        (Form.COUNTRY, "XX", "XX"),
        (Form.COUNTRY, "Luxembourg", "Luxembourg"),
        (Form.EXPIRY, "0828", "08/28"),
        (Form.EXPIRY, "082028", "082028"),
        (Form.ADDRESS, ADDRESS, "18 rue de la Roquette, Paris, Île-de-France, 75011, France"),
        (Form.ADDRESS, {"Country": "FRA"}, "France"),
        (Form.ID, "payin_m_1", "payin_m_1"),
        (Form.LINK, "user_m_1", "user_m_1"),
        (Form.URL, "https://example.com/a?b=c", "https://example.com/a?b=c"),
        (Form.URL, f"https://example.com/{'x' * 60}", f"https://example.com/{'x' * 27}…"),
    ],
)
def test_a_value_is_said_as_what_it_is(form: Form, value: object, text: str) -> None:
    assert show(form, value).text == text


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("is_in_list", [False, True])
def test_where_there_is_nothing_nothing_is_shown(form: Form, is_in_list: bool) -> None:
    fact = Fact("Label", "Value", form, "user")
    empty: tuple[object, ...] = (None, "", [], {}, dict.fromkeys(ADDRESS))
    nothing: list[Content] = [{}, *({"Value": value} for value in empty)]
    assert [value_view(fact, content, is_in_list=is_in_list) for content in nothing] == [None] * len(nothing)
    assert value_view(fact, {"Value": {"Currency": "XXX", "Amount": 0}}, is_in_list=is_in_list) is None


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("is_in_list", [False, True])
def test_what_is_of_another_type_is_shown_rather_than_hidden(form: Form, is_in_list: bool) -> None:
    for odd in ODD:
        assert show(form, odd, kind="user", is_in_list=is_in_list, Type="PAYIN").text.strip(), odd


def test_every_fact_of_every_page_takes_whatever_comes() -> None:
    for fact in FACTS:
        for value in (*ODD, *HOSTILE):
            content = content_with(fact, value)
            assert fact.value(content) is value
            for is_in_list in (False, True):
                look_at(value_view(fact, content, is_in_list=is_in_list))


@unhurried
@given(st.sampled_from(list(Form)), ANYTHING, st.booleans(), st.dictionaries(TEXTS, ANYTHING, max_size=2))
def test_whatever_comes_is_shown_without_harm(
    form: Form, value: object, is_in_list: bool, more: Mapping[str, object]
) -> None:
    fact = Fact("Label", "Value", form, "user")
    look_at(value_view(fact, {**more, "Value": value}, is_in_list=is_in_list, names={"user_m_1": HOSTILE[0]}))


@settings(unhurried, max_examples=300)
@given(st.sampled_from(FACTS), ANYTHING, st.booleans())
def test_whatever_a_fact_says_it_does_no_harm(fact: Fact, value: object, is_in_list: bool) -> None:
    look_at(value_view(fact, content_with(fact, value), is_in_list=is_in_list))


def content_with(fact: Fact, value: object) -> Content:
    """Return an object that holds a value at the first place of a fact."""
    names = fact.path.partition("|")[0].split(".")
    for name in reversed(names):
        value = {name: value}
    assert isinstance(value, dict)
    # A refund's initial transaction is told by these; a movement by those.
    return {"InitialTransactionType": "PAYOUT", "Type": "PAYIN", "Nature": "REGULAR", "AuthorId": "user_m_1", **value}


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
@pytest.mark.parametrize("form", [Form.TEXT, Form.MONO, Form.URL, Form.MOMENT, Form.MONEY, Form.ADDRESS, Form.YES_NO])
def test_foreign_text_is_kept_to_the_letter_in_its_own_direction(form: Form, text: str) -> None:
    seen = show(form, text)
    assert seen.text == text
    assert seen.links == []
    assert f"<bdi>{h.fragment[text]}</bdi>" in seen.html


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_line_of_an_address_keeps_its_own_direction_too(text: str) -> None:
    seen = show(Form.ADDRESS, {**ADDRESS, "City": text})
    assert f"<bdi>{h.fragment[text]}</bdi>" in seen.html
    assert seen.text == f"18 rue de la Roquette, {text}, Île-de-France, 75011, France"


def test_in_a_list_a_long_text_can_be_read_in_full_on_hover() -> None:
    seen = show(Form.TEXT, "x" * 255, is_in_list=True)
    assert (seen.text, seen.all_of("title")) == ("x" * 255, ["x" * 255])


@pytest.mark.parametrize(
    "url",
    [
        *(
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\nscript:alert(1)",
            "\x01javascript:x",
        ),
        *(
            "data:text/html,<script>alert(1)</script>",
            "vbscript:x",
            "file:///etc/passwd",
            "ftp://example.com",
            "//example.com",
        ),
        *("example.com", "/users", "http://[half", "http://\u2100.example", "https", "", "blob:https://example.com/1"),
    ],
    ids=ascii,
)
def test_only_web_pages_are_links(url: str) -> None:
    seen = show(Form.URL, url)
    assert seen.links == []
    assert seen.text == url


@pytest.mark.parametrize("url", ["https://example.com", "http://example.com/a?b=c&d#e", "HTTPS://EXAMPLE.COM"])
def test_a_page_outside_opens_in_a_tab_of_its_own_and_learns_nothing(url: str) -> None:
    seen = show(Form.URL, url)
    assert (seen.links, seen.all_of("target"), seen.all_of("rel")) == ([url], ["_blank"], ["noopener noreferrer"])


def test_an_amount_can_be_read_by_the_browser() -> None:
    seen = show(Form.MONEY, {"Currency": "KWD", "Amount": -5})
    assert (seen.all_of("value"), seen.all_of("data-currency")) == (["-0.005"], ["KWD"])


def test_a_mere_number_is_an_amount_in_the_currency_of_the_whole() -> None:
    assert show(Form.MONEY, 1260, Currency="EUR").text == "12.60 EUR"
    assert show(Form.MONEY, 1260).text == "1260"
    assert show(Form.MONEY, True, Currency="EUR").text == "Yes"


def test_a_time_is_exact_on_a_page_and_says_how_long_ago_in_a_list() -> None:
    assert show(Form.MOMENT, 0).all_of("data-show") == ["exact"]
    assert show(Form.MOMENT, 0, is_in_list=True).all_of("data-show") == []
    assert show(Form.MOMENT, 0).all_of("datetime") == ["1970-01-01T00:00:00.000+00:00"]


def test_a_word_comes_with_its_meaning_where_there_is_room() -> None:
    seen = show(Form.WORD, "BANK_WIRE", at="PaymentType")
    assert seen.text == "Bank wireA bank transfer"
    row = show(Form.WORD, "BANK_WIRE", at="PaymentType", is_in_list=True)
    assert (row.text, row.all_of("title")) == ("Bank wire", ["A bank transfer"])


def test_a_word_means_what_it_means_for_its_kind() -> None:
    closed = show(Form.STATUS, "LOST", at="ResultCode", kind="dispute")
    assert closed.all_of("title") != []
    assert {"chip", "negative"} <= set(closed.classes)


def test_a_result_is_explained_and_success_says_nothing_in_a_list() -> None:
    seen = show(Form.RESULT, "101101", ResultMessage="not this one")
    assert seen.text == "101101 Transaction refused by the bank (Do not honor)"
    assert "refused the payment" in seen.all_of("title")[0]
    assert show(Form.RESULT, "000000", is_in_list=True).text == ""
    row = show(Form.RESULT, "101101", is_in_list=True)
    assert "refused the payment" in row.text
    assert row.all_of("title")[0].startswith("101101 ")


@pytest.mark.parametrize("message", HOSTILE, ids=ascii)
def test_a_result_that_is_new_says_what_mangopay_says(message: str) -> None:
    assert show(Form.RESULT, "999999", ResultMessage=message).text == f"999999 {message}"
    assert show(Form.RESULT, "999999", is_in_list=True, ResultMessage=message).text == message
    assert show(Form.RESULT, "999999", is_in_list=True).text == "999999"


@pytest.mark.parametrize(
    ("type_", "nature", "text"),
    [
        ("PAYIN", "REGULAR", "Pay-in"),
        ("PAYOUT", "REFUND", "Refund"),
        ("TRANSFER", "SETTLEMENT", "Settlement transfer"),
        ("CARD_VALIDATION", "REGULAR", "Card validation"),
    ],
)
def test_a_movement_is_told_by_type_and_nature(type_: str, nature: str, text: str) -> None:
    assert show(Form.MOVEMENT, type_, at="Type", Nature=nature).text == text


def test_an_id_is_copied_whole_though_it_is_cut_in_a_list() -> None:
    id_ = "payin_m_01KCDE0FRP2S9AGN5JMXRFA3Y8"
    for is_in_list in (False, True):
        seen = show(Form.ID, id_, is_in_list=is_in_list)
        assert (seen.all_of("data-copy"), seen.all_of("title")) == ([id_], [id_])
        assert ("…" in seen.text) is is_in_list
