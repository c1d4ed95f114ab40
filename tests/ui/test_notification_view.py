from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.columns import from_milliseconds
from models.cursor import Cursor
from models.event_types import EVENT_TYPES, groups
from models.notification_filter import OTHER_GROUP
from ui.pages.notification_view import WITHIN, View

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LARGEST_ROW_ID = 2**63 - 1
PARAMETERS = ["type", "group", "resource", "pings", "duplicates", "within", "since", "until", "before", "after"]

# A busy machine is no failure.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

Parts = st.SearchStrategy[dict[str, object]]
moments = st.integers(0, 4_102_444_800_000).map(from_milliseconds)
cursors = st.builds(Cursor, moments, st.integers(0, LARGEST_ROW_ID))
nothing: Parts = st.just({})


def part(name: str, values: st.SearchStrategy[object]) -> Parts:
    return st.fixed_dictionaries({name: values})


@st.composite
def views(draw: st.DrawFn) -> View:
    """Draw any view whose parts do not contradict each other."""
    kind = part("event_type", st.sampled_from([*EVENT_TYPES, "A_TYPE_OF_NEXT_YEAR"]))
    group = part("group", st.sampled_from([*groups(), OTHER_GROUP]))
    stretch: Parts = st.fixed_dictionaries({}, optional={"since": moments, "until": moments})
    within = part("within", st.sampled_from(list(WITHIN)))
    resource = part("resource_id", st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1))
    flags: Parts = st.fixed_dictionaries({"test_pings": st.booleans(), "duplicates": st.booleans()})
    choices = (
        nothing | kind | group,
        stretch | within,
        nothing | resource,
        flags,
        nothing | part("before", cursors) | part("after", cursors),
    )
    parts = {name: value for choice in choices for name, value in draw(choice).items()}
    return View(**parts)  # type: ignore[arg-type]


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


@unhurried
@given(views())
def test_a_url_shows_the_view_it_was_made_from(view: View) -> None:
    assert View.parse(query_of(view.url())) == view


@unhurried
@given(views())
def test_the_url_of_an_opened_notification_keeps_the_list_behind_it(view: View) -> None:
    url = view.url("/notifications/7")
    assert urlsplit(url).path == "/notifications/7"
    assert View.parse(query_of(url)) == view


def test_the_whole_list_has_a_url_without_a_query() -> None:
    assert View().url() == "/notifications"


@unhurried
@given(
    st.dictionaries(st.sampled_from(PARAMETERS), st.text() | st.from_regex(r"-?\d{1,25}(\.\d{1,25})?", fullmatch=True))
)
def test_whatever_a_link_says_it_shows_something_and_its_own_link_the_same(query: Mapping[str, str]) -> None:
    view = View.parse(query)
    view.filter(NOON)
    assert View.parse(query_of(view.url())) == view


@pytest.mark.parametrize(
    "query",
    [
        {"within": "3 weeks"},
        {"group": "Nonsense"},
        {"pings": "yes", "duplicates": "0"},
        {"since": "yesterday", "until": "99999999999999999999"},
        {"before": "1790000000000", "after": "x.y"},
        {"before": f"1790000000000.{LARGEST_ROW_ID + 1}"},
        {"type": "", "group": "", "resource": "", "within": ""},
        {"utm_source": "a newsletter"},
    ],
    ids="&".join,
)
def test_nonsense_is_left_out(query: dict[str, str]) -> None:
    assert View.parse(query) == View()


@pytest.mark.parametrize(
    ("query", "view"),
    [
        ({"type": "KYC_CREATED", "group": "Pay-ins"}, View(event_type="KYC_CREATED")),
        ({"within": "1h", "since": "1000", "until": "2000"}, View(within="1h")),
    ],
    ids=["type and group", "within and since"],
)
def test_of_two_parts_that_contradict_each_other_one_gives_way(query: dict[str, str], view: View) -> None:
    assert View.parse(query) == view


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        (View(event_type="KYC_CREATED"), {"group": "Pay-ins"}, View(group="Pay-ins")),
        (View(group="Pay-ins"), {"event_type": "KYC_CREATED"}, View(event_type="KYC_CREATED")),
        (View(since=NOON, until=NOON), {"within": "7d"}, View(within="7d")),
        (View(within="7d"), {"since": NOON}, View(since=NOON)),
        (View(within="7d"), {"until": NOON}, View(until=NOON)),
        (View(group="Pay-ins", since=NOON), {"resource_id": "x"}, View(group="Pay-ins", since=NOON, resource_id="x")),
    ],
)
def test_what_contradicts_a_change_gives_way_and_the_rest_stays(
    before: View, change: dict[str, object], after: View
) -> None:
    assert before.changed(**change) == after


@unhurried
@given(views())
def test_other_filters_begin_at_the_first_page(view: View) -> None:
    changed = view.changed(duplicates=not view.duplicates)
    assert (changed.before, changed.after) == (None, None)


def test_turning_the_page_keeps_the_filters_and_one_place() -> None:
    here, there = Cursor(NOON, 7), Cursor(NOON, 9)
    turned = View(group="Pay-ins", before=here).turned(after=there)
    assert turned == View(group="Pay-ins", after=there)
    assert (turned.before, turned.after) != (None, None)


def test_a_stretch_of_time_ends_now_and_moves_on_with_it() -> None:
    view = View(within="24h")
    assert view.filter(NOON).since == NOON - timedelta(hours=24)
    assert view.filter(NOON + timedelta(hours=1)).since == NOON - timedelta(hours=23)
    assert view.filter(NOON).until is None
