"""The indexes of a collection say the same as going through all of it."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.emulator.engine.collection import Collection

STATUSES = ("CREATED", "SUCCEEDED", "FAILED")
KINDS = ("PAYIN", "PAYOUT")

changes = st.lists(
    st.one_of(
        st.tuples(
            st.just("save"),
            st.integers(0, 12),
            st.integers(0, 6),
            st.sampled_from(("alice", "bob")),
            st.sampled_from(STATUSES),
            st.sampled_from(KINDS),
        ),
        st.tuples(st.just("delete"), st.integers(0, 12)),
    ),
    max_size=40,
)
questions = st.fixed_dictionaries(
    {
        "wanted": st.fixed_dictionaries(
            {},
            optional={
                "Status": st.lists(st.sampled_from(STATUSES), min_size=1, max_size=2),
                "Type": st.lists(st.sampled_from(KINDS), min_size=1, max_size=2),
            },
        ),
        "after": st.integers(0, 7),
        "before": st.none() | st.integers(0, 7),
        "newest_first": st.booleans(),
        "start": st.integers(0, 15),
        "size": st.integers(1, 5),
    }
)


def made(steps: list[tuple[Any, ...]]) -> tuple[Collection, dict[str, dict[str, Any]]]:
    """Return a collection after these steps, and what is in it, in order of creation."""
    collection = Collection("thing", lambda *_: None, indexed=("_Owners",), facets=("Status", "Type"))
    known: dict[str, dict[str, Any]] = {}
    for name, number, *facts in steps:
        thing_id = f"thing_{number}"
        if name == "delete":
            collection.delete(thing_id)
            known.pop(thing_id, None)
            continue
        date, owner, status, kind = facts
        thing = known.setdefault(thing_id, {"Id": thing_id, "CreationDate": date})
        thing |= {"_Owners": [owner, "everybody"], "Status": status, "Type": kind}
        collection.save(thing)
    return collection, known


def expected(
    things: list[dict[str, Any]],
    *,
    wanted: Mapping[str, list[str]],
    after: int,
    before: int | None,
    newest_first: bool,
    start: int,
    size: int,
) -> tuple[list[dict[str, Any]], int]:
    kept = [
        thing
        for thing in sorted(things, key=lambda thing: (thing["CreationDate"], thing["_Position"]))
        if after <= thing["CreationDate"]
        and (before is None or thing["CreationDate"] <= before)
        and all(thing[name] in values for name, values in wanted.items())
    ]
    if newest_first:
        kept.reverse()
    return kept[start : start + size], len(kept)


@given(changes, questions, st.sampled_from(("alice", "bob", "everybody", None)))
def test_a_page_is_what_filtering_and_sorting_everything_would_give(
    steps: list[tuple[Any, ...]], question: dict[str, Any], owner: str | None
) -> None:
    collection, known = made(steps)
    things = [thing for thing in known.values() if owner is None or owner in thing["_Owners"]]
    selection = collection.all() if owner is None else collection.select("_Owners", owner)
    asked = question | {"wanted": {name: [v.lower() for v in values] for name, values in question["wanted"].items()}}
    assert selection.page(**asked) == expected(things, **question)
    assert len(selection) == len(things)


@given(changes, st.integers(0, 7))
def test_what_is_older_than_a_date_can_be_forgotten(steps: list[tuple[Any, ...]], date: int) -> None:
    collection, known = made(steps)
    collection.delete_before(date)
    assert {thing["Id"] for thing in collection} == {
        thing["Id"] for thing in known.values() if thing["CreationDate"] >= date
    }


def test_a_packed_entity_is_found_and_changed_like_any_other() -> None:
    collection = Collection("thing", lambda *_: None, indexed=("Owner",), facets=("Status",))
    collection.take({"Id": "thing_1", "CreationDate": 5, "Owner": "alice", "Status": "CREATED"})
    (thing,) = collection.where("Owner", "alice")
    collection.save(thing | {"Status": "FAILED"})
    page, total = collection.all().page(
        wanted={"Status": ["failed"]}, after=0, before=None, newest_first=False, start=0, size=10
    )
    assert ([found["Id"] for found in page], total) == (["thing_1"], 1)
