"""What is written down for each kind: complete, without saying a thing twice."""

from collections import Counter

import pytest

from models.objects.fields import Content, Fact, Form, Group, Sheet, text_at, value_at
from models.objects.kinds import KINDS
from models.objects.sheets import SHEETS
from ui.components.object_extras import LISTS

NOWHERE = dict.fromkeys(("AddressLine1", "AddressLine2", "City", "Region", "PostalCode", "Country"))
# Every one that Mangopay knows, and one of next year.
PAYMENT_TYPES = (
    *("CARD", "PREAUTHORIZED", "BANK_WIRE", "DIRECT_DEBIT", "DIRECT_DEBIT_DIRECT"),
    *("APPLEPAY", "GOOGLEPAY", "GOOGLE_PAY", "PAYPAL", "IDEAL", "BCMC", "BLIK", "MBWAY", "MULTIBANCO"),
    *("SATISPAY", "KLARNA", "BIZUM", "SWISH", "TWINT", "PAY_BY_BANK", "GIROPAY", "PAYCONIQ", "TELEPATHY"),
)
# The groups of a pay-in that only some ways of paying have.
OF_SOME = {
    "CARD": {"Card"},
    "APPLEPAY": {"Card"},
    "GOOGLEPAY": {"Card"},
    "GOOGLE_PAY": {"Card"},
    "PREAUTHORIZED": {"Card", "Preauthorisation"},
    "BANK_WIRE": {"Bank wire"},
    "DIRECT_DEBIT": {"Direct debit"},
    "DIRECT_DEBIT_DIRECT": {"Direct debit"},
    "PAYPAL": {"PayPal"},
    "TELEPATHY": set(),
}
NOTHING: Content = {}
OBJECTS: dict[str, list[Content]] = {
    **{name: [NOTHING] for name in SHEETS},
    "payin": [{"PaymentType": type_} for type_ in PAYMENT_TYPES],
    "user": [{"PersonType": "NATURAL"}, {"PersonType": "LEGAL"}, {}],
    "bank-account": [{"Type": "IBAN"}, {"PayoutMethodType": "LocalBankTransfer"}],
}


def all_facts() -> list[tuple[str, Fact]]:
    heads = [(name, fact) for name, sheet in SHEETS.items() for fact in (sheet.figure, sheet.status, sheet.reason)]
    facts = [(name, fact) for name, sheet in SHEETS.items() for group in sheet.groups for fact in group.facts]
    return facts + [(name, fact) for name, fact in heads if fact is not None]


def test_every_kind_has_a_sheet() -> None:
    assert SHEETS.keys() == KINDS.keys()


@pytest.mark.parametrize("name", SHEETS)
def test_nothing_is_said_twice_on_one_page(name: str) -> None:
    sheet = SHEETS[name]
    for content in OBJECTS[name]:
        groups = sheet.groups_of(content)
        places = Counter(place for group in groups for fact in group.facts for place in fact.path.split("|"))
        assert [place for place, times in places.items() if times > 1] == [], content
        titles = Counter(group.title for group in groups)
        assert [title for title, times in titles.items() if times > 1] == [], content
        for group in groups:
            assert len({fact.label for fact in group.facts}) == len(group.facts), group.title


@pytest.mark.parametrize("name", SHEETS)
def test_what_is_left_out_on_purpose_is_not_shown_elsewhere(name: str) -> None:
    shown = {place.partition(".")[0] for of, fact in all_facts() if of == name for place in fact.path.split("|")}
    heads = {"Status", "ResultMessage", "Type"}
    assert SHEETS[name].besides & shown - heads == set()
    assert {place for place, _, _ in LISTS.get(name, ())} <= SHEETS[name].besides


def test_every_link_leads_to_a_kind() -> None:
    extras = [(name, fact) for name, lists in LISTS.items() for _, _, facts in lists for fact in facts]
    for name, fact in [*all_facts(), *extras]:
        assert (fact.kind in KINDS) if fact.form is Form.LINK else (fact.kind in ("", *KINDS)), (name, fact)


def test_every_fact_has_a_label_and_a_place() -> None:
    for name, fact in all_facts():
        assert fact.label == fact.label.strip() != "", name
        assert all(part.isidentifier() for place in fact.path.split("|") for part in place.split(".")), fact


@pytest.mark.parametrize("type_", PAYMENT_TYPES)
def test_a_payin_has_the_groups_of_its_way_to_pay(type_: str) -> None:
    sheet = SHEETS["payin"]
    of_all = {group.title for group in sheet.groups if group.when is None}
    found = {group.title for group in sheet.groups_of({"PaymentType": type_})}
    assert found - of_all == OF_SOME.get(type_, {"Method"})
    assert of_all == {
        *("Money", "Payment", "Between", "Outcome", "3-D Secure", "Billed to", "Shipped to", "Payer"),
    }


def test_natural_and_legal_users_have_other_facts() -> None:
    sheet = SHEETS["user"]
    of_all = {group.title for group in sheet.groups_of({})}
    assert {group.title for group in sheet.groups_of({"PersonType": "NATURAL"})} - of_all == {"Person"}
    assert {group.title for group in sheet.groups_of({"PersonType": "LEGAL"})} - of_all == {
        *("Company", "Legal representative"),
    }


@pytest.mark.parametrize("odd", [["CARD"], {"CARD": 1}, 5, True, None, "", 1.5])
def test_a_condition_on_something_odd_is_not_met(odd: object) -> None:
    group = Group("Card", (), ("PaymentType", frozenset({"CARD"})))
    assert not group.belongs_to({"PaymentType": odd})
    assert group.belongs_to({"PaymentType": "CARD"})
    assert Group("Any", ()).belongs_to({"PaymentType": odd})


@pytest.mark.parametrize(
    ("content", "path", "value"),
    [
        ({"A": {"B": {"C": 1}}}, "A.B.C", 1),
        ({"A": {"B": {"C": 1}}}, "A.B", {"C": 1}),
        ({"A": {"B": 1}}, "A.B.C", None),
        ({"A": [{"B": 1}]}, "A.B", None),
        ({"A": "text"}, "A.B", None),
        ({"A": None}, "A.B", None),
        ({}, "A", None),
        ({"A": None}, "A", None),
        ({"A": ""}, "A", None),
        ({"A": []}, "A", None),
        ({"A": {}}, "A", None),
        # An address that nobody has given.
        ({"A": NOWHERE}, "A", None),
        ({"A": NOWHERE | {"City": "Lyon"}}, "A", NOWHERE | {"City": "Lyon"}),
        # A wire that is under way.
        ({"A": {"Currency": "XXX", "Amount": 0}}, "A", None),
        ({"A": {"Currency": "EUR", "Amount": 0}}, "A", {"Currency": "EUR", "Amount": 0}),
        ({"A": 0}, "A", 0),
        ({"A": False}, "A", False),
        ({"A": 0.0}, "A", 0.0),
        ({"A": " "}, "A", " "),
    ],
)
def test_a_value_is_found_at_its_place_unless_it_is_empty(content: dict[str, object], path: str, value: object) -> None:
    found = value_at(content, path)
    assert (found, type(found)) == (value, type(value))


def test_a_text_is_nothing_else() -> None:
    assert text_at({"A": "x"}, "A") == "x"
    assert [text_at({"A": odd}, "A") for odd in (1, True, ["x"], {"x": 1}, "", None)] == [None] * 6


def test_the_first_place_that_is_filled_counts() -> None:
    fact = Fact("Amount", "DebitedFunds|DeclaredDebitedFunds", Form.MONEY)
    declared = {"Currency": "EUR", "Amount": 5}
    assert fact.value({"DebitedFunds": {"Currency": "XXX", "Amount": 0}, "DeclaredDebitedFunds": declared}) == declared
    assert fact.value({"DebitedFunds": {"Currency": "EUR", "Amount": 7}, "DeclaredDebitedFunds": declared}) == {
        "Currency": "EUR",
        "Amount": 7,
    }
    assert fact.value({}) is None


def test_a_fact_goes_by_the_last_name_of_its_first_place() -> None:
    assert Fact("BIN", "CardInfo.BIN").name == "BIN"
    assert Fact("IBAN", "IBAN|LocalAccountDetails.Account.Iban").name == "IBAN"


def test_groups_keep_the_order_they_are_written_in() -> None:
    one, two = Group("One", (), ("Type", frozenset({"A"}))), Group("Two", ())
    assert Sheet((one, two)).groups_of({"Type": "A"}) == (one, two)
    assert Sheet((one, two)).groups_of({"Type": "B"}) == (two,)
