"""What a list shows, as its address says it: nonsense is left out, and a link shows the same to everybody."""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.columns import from_milliseconds
from models.objects.listing import Listing
from models.objects.listings import LISTINGS
from tests.ui.markup import TEXTS
from ui.components.list_state import LAST_PAGE, LONGEST, PER_PAGE, ListState

DISPUTES, USERS, TRANSACTIONS = LISTINGS["disputes"], LISTINGS["users"], LISTINGS["user-transactions"]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOON_MS = 1_795_348_800_000
NAMES = ["page", "per_page", "sort", "order", "since", "until", "hide", "Status", "Type", "Name", "Tag", "utm_source"]
NUMBERS = st.from_regex(r"-?\d{1,25}(\.\d{1,25})?", fullmatch=True)
LABELS = st.lists(st.sampled_from(["Tag", "Id", "Created", "Author", "-", "", "Nonsense"])).map(",".join)
QUERIES = st.dictionaries(st.sampled_from(NAMES), TEXTS | NUMBERS | LABELS | st.sampled_from(["asc", "desc", "50"]))
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def usual(listing: Listing) -> ListState:
    return ListState(hidden=listing.extras, usually_hidden=listing.extras)


@st.composite
def states(draw: st.DrawFn, listing: Listing) -> ListState:
    """Draw any state that a list can be in."""
    moments = st.none() | st.integers(-(10**12), 4_102_444_800_000).map(from_milliseconds)
    labels = [column.fact.label for column in listing.columns]
    hidden = draw(st.sets(st.sampled_from(labels)))
    texts = st.text(min_size=1, max_size=LONGEST).filter(lambda text: text == text.strip())
    filters = {known.name: st.sampled_from(known.options) if known.options else texts for known in listing.filters}
    return ListState(
        page=draw(st.integers(1, LAST_PAGE)),
        per_page=draw(st.sampled_from(PER_PAGE)),
        sort=draw(st.sampled_from(("", *listing.sorts))),
        ascending=draw(st.booleans()),
        filters=draw(st.fixed_dictionaries({}, optional=filters)),
        since=draw(moments) if listing.has_dates else None,
        until=draw(moments) if listing.has_dates else None,
        hidden=tuple(label for label in labels if label in hidden),
        usually_hidden=listing.extras,
    )


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS)
@settings(unhurried, max_examples=25)
@given(data=st.data())
def test_a_url_shows_the_state_it_was_made_from(listing: Listing, data: st.DataObject) -> None:
    state = data.draw(states(listing))
    url = state.url("/users/x")
    assert urlsplit(url).path == "/users/x"
    assert ListState.parse(query_of(url), listing) == state


@pytest.mark.parametrize("listing", [DISPUTES, USERS, TRANSACTIONS], ids=lambda listing: listing.name)
@unhurried
@given(query=QUERIES)
def test_whatever_a_link_says_its_own_link_says_the_same(listing: Listing, query: Mapping[str, str]) -> None:
    state = ListState.parse(query, listing)
    assert ListState.parse(query_of(state.url("/x")), listing) == state
    asked = state.wanted.query(listing)
    assert asked.keys() <= {"Sort", "AfterDate", "BeforeDate", *listing.fixed, *(f.name for f in listing.filters)}
    assert (1 <= state.page <= LAST_PAGE, state.per_page in PER_PAGE) == (True, True)
    assert all(value == value.strip() and len(value) <= LONGEST for value in state.filters.values())
    assert set(state.hidden) <= {column.fact.label for column in listing.columns}


@pytest.mark.parametrize(
    "query",
    [
        {"page": "0", "per_page": "0"},
        {"page": "-3", "per_page": "-25"},
        {"page": "1.5", "per_page": "30"},
        {"page": "two", "per_page": "fifty"},
        {"page": "٣", "per_page": "\uff15\uff10"},
        {"page": "²", "per_page": "5_0"},
        {"page": " 3", "per_page": "+50"},
        {"page": "9" * 10, "per_page": "9" * 5_000},
        {"page": "", "per_page": "", "sort": "", "order": "", "since": "", "until": "", "Status": ""},
        {"since": "yesterday", "until": "2026-11-22"},
        {"since": "9" * 15, "until": "-" + "9" * 15},
        {"since": "9" * 17, "until": "9" * 5_000},
        {"since": "١٧٩", "until": "1_000"},
        {"since": " 5", "until": "5.0"},
        {"order": "ASC"},
        {"order": "sideways"},
        {"Status": "   \n"},
        {"Nonsense": "x", "status": "CLOSED", "utm_source": "a newsletter"},
        {"Type": "PAYIN"},
    ],
    ids=lambda query: "&".join(f"{name}={value[:12]}" for name, value in query.items()),
)
def test_nonsense_is_left_out(query: dict[str, str]) -> None:
    assert ListState.parse(query, DISPUTES) == usual(DISPUTES)


def test_a_page_that_nobody_pages_to_is_the_last_there_can_be() -> None:
    assert ListState.parse({"page": "999999999"}, DISPUTES).page == LAST_PAGE
    assert ListState.parse({"page": "7"}, DISPUTES).page == 7


def test_what_a_list_cannot_do_is_not_asked_of_it() -> None:
    assert ListState.parse({"since": "1000", "until": "2000"}, LISTINGS["user-wallets"]) == usual(
        LISTINGS["user-wallets"]
    )
    told = ListState.parse({"since": "1000", "until": "2000"}, DISPUTES)
    assert (told.since, told.until) == (from_milliseconds(1_000), from_milliseconds(2_000))


def test_a_filter_is_cut_where_mangopay_cuts_and_has_no_margins() -> None:
    assert ListState.parse({"Name": "  Alice \n"}, USERS).filters == {"Name": "Alice"}
    assert ListState.parse({"Name": "é" * 300}, USERS).filters == {"Name": "é" * LONGEST}
    assert ListState.parse({"Name": "x" * (LONGEST - 1) + " y"}, USERS).filters == {"Name": "x" * (LONGEST - 1)}


def test_an_option_of_next_year_is_left_to_mangopay() -> None:
    assert ListState.parse({"Status": "BRAND_NEW"}, DISPUTES).filters == {"Status": "BRAND_NEW"}


@pytest.mark.parametrize(
    ("hide", "hidden"),
    [
        ("Tag", ("Tag",)),
        ("Id,Tag", ("Id", "Tag")),
        # In the order of the list, and each once.
        ("Tag,Id,Tag", ("Id", "Tag")),
        ("-", ()),
        ("", ()),
        ("Nonsense,tag, Tag", ()),
    ],
)
def test_hidden_columns_are_those_there_are(hide: str, hidden: tuple[str, ...]) -> None:
    assert ListState.parse({"hide": hide}, TRANSACTIONS).hidden == hidden


def test_without_a_word_the_extra_columns_are_hidden() -> None:
    state = ListState.parse({}, TRANSACTIONS)
    assert state.hidden == TRANSACTIONS.extras != ()
    assert state.url("/x") == "/x"
    everything = ListState.parse({"hide": "-"}, TRANSACTIONS)
    assert (everything.hidden, everything.url("/x")) == ((), "/x?hide=-")


def test_the_usual_list_has_an_address_without_a_query() -> None:
    assert usual(DISPUTES).url("/users/disputes") == "/users/disputes"


def test_an_address_says_what_differs_from_the_usual() -> None:
    state = ListState(
        page=3,
        per_page=50,
        sort="name",
        ascending=True,
        filters={"Status": "CLOSED"},
        since=NOON,
        until=from_milliseconds(0),
    )
    assert query_of(state.url("/x")) == {
        "page": "3",
        "per_page": "50",
        "sort": "name",
        "order": "asc",
        "Status": "CLOSED",
        "since": str(NOON_MS),
        "until": "0",
    }


def test_what_is_wanted_of_mangopay_is_the_page_the_filters_and_the_dates() -> None:
    state = ListState(page=3, per_page=50, ascending=True, filters={"Status": "CLOSED", "Name": "x"}, since=NOON)
    assert (state.wanted.page, state.wanted.per_page) == (3, 50)
    assert state.wanted.query(DISPUTES) == {
        "Sort": "CreationDate:ASC",
        "Status": "CLOSED",
        "AfterDate": str(NOON_MS // 1000),
    }


@pytest.mark.parametrize(
    ("state", "is_narrowed"),
    [
        (ListState(), False),
        (ListState(page=3, sort="name", hidden=("Id",)), False),
        (ListState(filters={"Status": "CLOSED"}), True),
        (ListState(since=from_milliseconds(0)), True),
        (ListState(until=NOON), True),
    ],
)
def test_a_list_is_narrowed_by_filters_and_dates(state: ListState, is_narrowed: bool) -> None:
    assert state.is_narrowed is is_narrowed


def test_a_filter_begins_at_the_first_page_and_an_empty_one_goes() -> None:
    state = ListState(page=3, filters={"Status": "CLOSED"}, hidden=("Id",))
    both = state.narrowed("DisputeType", "RETRIEVAL")
    assert (both.page, both.filters) == (1, {"Status": "CLOSED", "DisputeType": "RETRIEVAL"})
    assert both.hidden == ("Id",)
    assert both.narrowed("Status", "CREATED").filters == {"Status": "CREATED", "DisputeType": "RETRIEVAL"}
    assert both.narrowed("Status", "").filters == {"DisputeType": "RETRIEVAL"}
    assert state.narrowed("Nonsense", "").filters == {"Status": "CLOSED"}
    assert state.filters == {"Status": "CLOSED"}


def test_another_order_begins_at_the_first_page_too() -> None:
    changed = ListState(page=3, per_page=50).changed(sort="name", ascending=True)
    assert changed == ListState(page=1, per_page=50, sort="name", ascending=True)
