"""What pages show, held against all that a seeded emulator sends: no field is dropped in silence, no link is dead."""

import asyncio
from collections.abc import Iterable, Iterator

import htpy as h
import pytest

from models.objects.fields import Content, Fact, Form, Sheet, value_at
from models.objects.kinds import KINDS
from models.objects.listings import LISTINGS
from models.objects.sheets import SHEETS
from tests.services.objects.everything import Everything, read_everything
from ui.components.object_extras import LISTS
from ui.components.object_view import failed_because, headline
from ui.components.values import value_view

pytestmark = pytest.mark.slow

# Inside what is shown otherwise, and why nobody misses it.
UNTOLD = {
    "payin": {
        # The number tells it.
        *("BankAccount.Type", "CreditedAccount.Type", "DebitedBankAccount.Type"),
    },
    "banking-alias": {
        # Mangopay's own address, the same for all.
        *(f"LocalAccountDetails.Address.{line}" for line in ("StreetName", "PostCode", "TownName", "Country")),
    },
    # A mere number, in another currency than what is debited; the percentage says the same.
    "conversion": {"MarginsResponse.Mangopay.Amount"},
    "quote": {"MarginsResponse.Mangopay.Amount"},
}
# These are asked of the local index, for Mangopay's list has no filter.
FILTERED_HERE = {"users"}
QUERY_ONLY = {"Sort", "AfterDate", "BeforeDate", "RecipientScope"}


@pytest.fixture(scope="module")
def everything() -> Everything:
    return asyncio.run(read_everything())


def facts_of(sheet: Sheet, content: Content | None = None) -> Iterator[Fact]:
    """Yield the facts of a sheet; with an object, only those on its page."""
    for group in sheet.groups if content is None else sheet.groups_of(content):
        yield from group.facts
    yield from filter(None, (sheet.figure, sheet.status, sheet.reason))


def places_of(kind: str, facts: Iterable[Fact]) -> set[str]:
    """Return the places that are shown, and those that are left out on purpose."""
    shown = {path for fact in facts for path in fact.path.split("|")}
    return shown | SHEETS[kind].besides | {path for path, _, _ in LISTS.get(kind, ())}


def fields_of(places: Iterable[str]) -> set[str]:
    return {place.partition(".")[0] for place in places}


def leaves(value: object, path: str = "") -> Iterator[str]:
    """Yield the place of every value that is not empty; those of a list count as one."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    elif value not in (None, "", []):
        yield path


def test_something_of_every_kind_was_read(everything: Everything) -> None:
    assert {kind for kind, found in everything.objects.items() if found} == KINDS.keys()


def test_every_way_to_pay_was_read(everything: Everything) -> None:
    found = {str(payin["PaymentType"]) for payin in everything.objects["payin"].values()}
    known = {type_ for group in SHEETS["payin"].groups if group.when for type_ in group.when[1]}
    assert found == known - {"DIRECT_DEBIT_DIRECT"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_on_the_sheet_or_left_out_on_purpose(everything: Everything, kind: str) -> None:
    sent = {name for content in everything.objects[kind].values() for name in content}
    assert sent - fields_of(places_of(kind, facts_of(SHEETS[kind]))) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_an_object_says_is_on_its_own_page(everything: Everything, kind: str) -> None:
    for content in everything.objects[kind].values():
        told = {name for name in content if value_at(content, name) is not None}
        missing = told - fields_of(places_of(kind, facts_of(SHEETS[kind], content)))
        assert missing == set(), content


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_inside_of_a_field_is_dropped_either(everything: Everything, kind: str) -> None:
    shown = places_of(kind, facts_of(SHEETS[kind]))
    said = {leaf for content in everything.objects[kind].values() for leaf in leaves(content)}
    dropped = {leaf for leaf in said if not any(leaf == place or leaf.startswith(f"{place}.") for place in shown)}
    assert dropped == UNTOLD.get(kind, set())


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_shown_as_bare_json_for_want_of_the_right_form(everything: Everything, kind: str) -> None:
    for content in everything.objects[kind].values():
        for fact in facts_of(SHEETS[kind], content):
            assert not str(h.fragment[value_view(fact, content)]).startswith("<code"), (fact, content)


@pytest.mark.parametrize("kind", KINDS)
def test_every_object_has_a_head_and_says_why_it_failed(everything: Everything, kind: str) -> None:
    reason = SHEETS[kind].reason
    for content in everything.objects[kind].values():
        assert str(headline(KINDS[kind], content)).count("<h1>") == 1
        has_failed = content.get("Status") in ("FAILED", "REFUSED", "INCOMPLETE", "ERROR")
        has_reason = has_failed and reason is not None and reason.value(content) is not None
        assert (failed_because(KINDS[kind], content) is not None) is has_reason, content


@pytest.mark.parametrize("kind", [kind for kind, sheet in SHEETS.items() if sheet.figure and kind != "user"])
def test_every_object_shows_its_figure(everything: Everything, kind: str) -> None:
    figure = SHEETS[kind].figure
    assert figure is not None
    for content in everything.objects[kind].values():
        assert figure.value(content) is not None, content
        if figure.form is Form.MONEY:
            assert str(value_view(figure, content)).startswith("<data"), content


def test_no_link_among_facts_leads_nowhere(everything: Everything) -> None:
    assert everything.dead_links == []


@pytest.mark.parametrize("name", LISTINGS)
def test_every_list_answers_and_its_rows_have_what_its_columns_show(everything: Everything, name: str) -> None:
    listing = LISTINGS[name]
    rows = [row for found in everything.rows[name].values() for row in found]
    assert rows
    for column in listing.columns:
        places = [path.partition(".")[0] for path in column.fact.path.split("|")]
        # Names and countries of users come out of the local index.
        is_known_here = name == "users" and places[0] in ("Name", "Country")
        assert is_known_here or any(place in row for row in rows for place in places), column


@pytest.mark.parametrize("name", [name for name in LISTINGS if LISTINGS[name].filters and name not in FILTERED_HERE])
def test_every_filter_narrows_its_list(everything: Everything, name: str) -> None:
    for query, given, rows in everything.narrowed[name]:
        for field in query.keys() - QUERY_ONLY:
            wanted = query[field].lower()
            expected = [row for row in rows if str(value_at(row, field)).lower() == wanted]
            assert len(given) == min(len(expected), 100), query
            assert all(str(value_at(row, field)).lower() == wanted for row in given), query


@pytest.mark.parametrize("name", [name for name in LISTINGS if LISTINGS[name].has_dates])
def test_dates_narrow_a_list(everything: Everything, name: str) -> None:
    date = LISTINGS[name].sort
    asked = [entry for entry in everything.narrowed[name] if entry[0].keys() & {"AfterDate", "BeforeDate"}]
    assert len(asked) == 2
    for query, given, rows in asked:
        after, before = int(query.get("AfterDate", 0)), int(query.get("BeforeDate", 2**31))
        assert len(given) == min(100, sum(after <= moment_of(row, date) <= before for row in rows))
        assert all(after <= moment_of(row, date) <= before for row in given)


def rows_at(content: Content, place: str) -> list[Content]:
    found = value_at(content, place)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def is_at(row: Content, path: str) -> bool:
    """Whether a row has a place, be it empty; inside of what is null, nobody knows."""
    inner: object = row
    for name in path.split("."):
        if isinstance(inner, dict) and name not in inner:
            return False
        inner = inner.get(name) if isinstance(inner, dict) else None
    return True


def moment_of(row: Content, field: str) -> int:
    moment = row[field]
    assert isinstance(moment, int)
    return moment


@pytest.mark.parametrize(("kind", "place"), [(kind, place) for kind, lists in LISTS.items() for place, _, _ in lists])
def test_the_columns_of_a_table_on_a_page_are_those_of_its_rows(everything: Everything, kind: str, place: str) -> None:
    facts = next(facts for known, _, facts in LISTS[kind] if known == place)
    rows = [row for content in everything.objects[kind].values() for row in rows_at(content, place)]
    for fact in facts if rows else ():
        assert any(is_at(row, path) for row in rows for path in fact.path.split("|")), fact
        for row in rows:
            assert not str(h.fragment[value_view(fact, {"Currency": "EUR", **row})]).startswith("<code"), (fact, row)
