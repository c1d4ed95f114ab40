"""Users are found by what people know of them: parts of a name in any script, of an e-mail, a tag, an id."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from models.known import IndexWalk, KnownObject, KnownUser
from services.access.actors import SessionEnded
from services.database import Database
from services.search import index as indexing
from services.search.fts import match_of, name_words
from services.search.index import (
    FEW,
    IndexState,
    Order,
    UserFilter,
    find_shortened,
    index_state,
    iter_users,
    known_users,
    objects_of,
    search_users,
    suggest,
)
from tests.actors import make_actor
from tests.services.search.market import LOCAL, NOW, PRODUCTION, SANDBOX, add, learn, person

SANDRA = make_actor(environment=SANDBOX)
OLIVIA = make_actor(environment=PRODUCTION)
# In the letters that Japanese keyboards type.
WIDE_ALEX = "\uff21\uff2c\uff25\uff38"
PEOPLE = {
    "Alice Martin": ("Alice", "Martin"),
    "Jürgen Müller": ("Jürgen", "Müller"),
    "Łukasz Żółć": ("Łukasz", "Żółć"),
    "Søren Weiß": ("Søren", "Weiß"),
    "Seán O'Brien": ("Seán", "O'Brien"),
    "Jean-Pierre Léger": ("Jean-Pierre", "Léger"),
    "Юрий Ёлкин": ("Юрий", "Ёлкин"),
    "مُحَمَّد الأمين": ("مُحَمَّد", "الأمين"),
    "王 小明": ("王", "小明"),
    "김 민준": ("김", "민준"),
    "タナカ ユキ": ("タナカ", "ユキ"),
    "हिन्दी शर्मा": ("हिन्दी", "शर्मा"),
    "Ελένη Παπαδοπούλου": ("Ελένη", "Παπαδοπούλου"),
    f"{WIDE_ALEX} Ŀlull": (WIDE_ALEX, "Ŀlull"),
}


async def found(database: Database, typed: str) -> list[str]:
    """Return the names that a search finds, which must be those that are suggested."""
    page = await search_users(OLIVIA, database, UserFilter(text=typed), per_page=100)
    suggested = await suggest(OLIVIA, database, typed, limit=100)
    assert sorted(user.user_id for user in page.users) == sorted(user.user_id for user in suggested)
    assert page.total == len(page.users)
    return sorted(user.name for user in page.users)


@pytest.fixture
async def people(database: Database) -> Database:
    """A database that knows people of all scripts."""
    await learn(database, *(person(number, *names) for number, names in enumerate(PEOPLE.values())))
    return database


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("mart", "Alice Martin"),
        ("MARTIN ali", "Alice Martin"),
        ("  alice\tmartin ", "Alice Martin"),
        ("müller", "Jürgen Müller"),
        ("muller", "Jürgen Müller"),
        ("mu\u0308ller", "Jürgen Müller"),
        ("lukasz", "Łukasz Żółć"),
        ("zolc", "Łukasz Żółć"),
        ("soren weiss", "Søren Weiß"),
        ("o'brien", "Seán O'Brien"),
        ("obrien", None),
        ("brien", "Seán O'Brien"),
        ("pierre", "Jean-Pierre Léger"),
        ("jean-p", "Jean-Pierre Léger"),
        ("jean pierre leger", "Jean-Pierre Léger"),
        ("елк", "Юрий Ёлкин"),
        ("юри", "Юрий Ёлкин"),
        ("محمد", "مُحَمَّد الأمين"),
        ("الامين", "مُحَمَّد الأمين"),
        ("王", "王 小明"),
        ("小明", "王 小明"),
        ("明", "王 小明"),
        ("明小", None),
        ("민준", "김 민준"),
        ("준", "김 민준"),
        ("ナカ", "タナカ ユキ"),
        ("हिन्दी", "हिन्दी शर्मा"),
        ("हीन्दी", None),
        ("ελενη", "Ελένη Παπαδοπούλου"),
        ("alex", f"{WIDE_ALEX} Ŀlull"),
        ("rtin", None),
        ("alice muller", None),
    ],
)
async def test_people_are_found_by_the_beginning_of_any_word_of_their_names(
    people: Database, typed: str, name: str | None
) -> None:
    assert await found(people, typed) == ([name] if name else [])


@pytest.mark.parametrize(
    "typed",
    [
        "alice.martin+vip@ex-ample.com",
        "ALICE.M",
        "martin@",
        "vip",
        "ex-ample.com",
        "@ex",
        "ample",
        "order #4711",
        "4711",
        "order:4711",
        "user_m_01J6ZZAQ",
        "USER_M_01j6zz",
        "01J6ZZAQ",
        "alice 4711 ample",
    ],
)
async def test_people_are_found_by_parts_of_their_email_tag_and_id(database: Database, typed: str) -> None:
    wanted = person(1, "A", "B", Email="Alice.Martin+vip@Ex-ample.com", Tag="order:4711", Id="user_m_01J6ZZAQ")
    await learn(database, wanted, person(2, "C", "D", Email="bob@elsewhere.com", Tag="order: 12"), in_list=True)
    assert [user.user_id for user in await suggest(OLIVIA, database, typed)] == ["user_m_01J6ZZAQ"]


@pytest.mark.parametrize("typed", ["user", "m", "user_m_", "user_", "p"])
async def test_what_all_ids_begin_with_finds_nobody(database: Database, typed: str) -> None:
    await learn(database, person(1, "Bob", "Kane", Email="bk@example.com"))
    assert await found(database, typed) == []


STRANGE = (
    *('"', '""', "alice AND", "alice*", "-alice", "name:alice", "alice OR bob", "(", "^a", "NEAR(alice martin)"),
    *("NOT alice", '"alice', "a'; DROP TABLE known_user", "+", "{a}", "alice\x00martin", "\ud800", "🙂", "%", "_"),
    *("*" * 1_000, "a " * 10_000),
)


@pytest.mark.parametrize("typed", STRANGE)
async def test_what_people_type_is_never_taken_for_a_query(people: Database, typed: str) -> None:
    names = await found(people, typed)
    assert names == [] or any(letter.isalnum() for letter in typed)


async def test_operators_are_words_like_others(database: Database) -> None:
    await learn(database, person(1, "Alice", "Near"), person(2, "And", "Not"), person(3, "Alice", "Bob"))
    assert await found(database, "alice NEAR") == ["Alice Near"]
    assert await found(database, "NOT AND") == ["And Not"]
    assert await found(database, "alice OR bob") == []


TYPED = st.text(st.characters(exclude_categories=()), max_size=40) | st.text("ab\"'*:-()^+ {}.@_", max_size=30)
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


@unhurried
@given(typed=TYPED)
def test_whatever_is_typed_sqlite_understands_the_query(empty_database: Any, typed: str) -> None:
    for in_whole_words in (False, True):
        match = match_of(PRODUCTION, typed, in_whole_words=in_whole_words)
        if match is not None:
            # The writer's engine of a migrated file, without a session of its own for each example.
            with create_engine(f"sqlite:///{empty_database}").connect() as connection:
                connection.execute(text("SELECT rowid FROM user_text WHERE user_text MATCH :match"), {"match": match})


@unhurried
@given(name=st.text(max_size=30), length=st.integers(1, 30))
def test_whoever_types_the_beginning_of_a_name_means_it(name: str, length: int) -> None:
    words, typed = name_words(PRODUCTION, name), match_of(PRODUCTION, name[:length].rstrip(), in_whole_words=True)
    if typed is not None and name[length : length + 1] in ("", " "):
        for phrase in typed.replace('"', "").split():
            assert phrase in words


async def test_nobody_of_another_environment_is_found_listed_or_counted(database: Database) -> None:
    await learn(database, person(1), person(2, "Bob"), environment=PRODUCTION)
    await add(database, KnownObject(environment=PRODUCTION, object_id="x", kind="card", user_id="u", seen_at=NOW))
    assert (await search_users(SANDRA, database, UserFilter())).total == 0
    for typed in ("martin", "palice", "alice", str(person(1)["Id"])):
        assert (await search_users(SANDRA, database, UserFilter(text=typed))).total == 0
        assert await suggest(SANDRA, database, typed) == []
    assert await known_users(SANDRA, database, [str(person(1)["Id"])]) == {}
    assert await objects_of(SANDRA, database, "u") == []
    assert [chunk async for chunk in iter_users(SANDRA, database, UserFilter(text="alice"))] == []
    assert await index_state(SANDRA, database) == IndexState(0, 0, None, is_walking=False, walked_at=None)


async def test_a_suggestion_has_whole_words_first_then_the_newest(database: Database) -> None:
    names = ("Mart", "Martin", "Martinez", "Martin", "Marta")
    await learn(database, *(person(number, "A", name) for number, name in enumerate(names)))
    assert [user.name for user in await suggest(OLIVIA, database, "martin")] == ["A Martin", "A Martin", "A Martinez"]
    assert [user.name for user in await suggest(OLIVIA, database, "mart", limit=2)] == ["A Mart", "A Marta"]
    for nothing in ("", "  ", "-"):
        assert await suggest(OLIVIA, database, nothing) == []


async def test_a_new_name_takes_the_place_of_the_old_one(database: Database) -> None:
    await learn(database, person(1, "Alice", "Martin", Email="old@example.com"))
    await learn(database, person(1, "Alice", "Durand", Email="new@example.com"))
    assert await found(database, "martin") == await found(database, "old") == []
    assert await found(database, "durand") == await found(database, "new@") == ["Alice Durand"]


FIELDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "PersonType": ("person_types", ("NATURAL", "LEGAL")),
    "UserCategory": ("categories", ("PAYER", "OWNER")),
    "KYCLevel": ("kyc_levels", ("LIGHT", "REGULAR")),
    "UserStatus": ("statuses", ("ACTIVE", "CLOSED")),
    "CountryOfResidence": ("countries", ("FR", "DE")),
}


@pytest.mark.parametrize("few", [FEW, 0])
@pytest.mark.parametrize("field", FIELDS)
async def test_each_filter_shows_those_it_names_and_no_others(
    database: Database, monkeypatch: pytest.MonkeyPatch, field: str, few: int
) -> None:
    monkeypatch.setattr(indexing, "FEW", few)
    name, values = FIELDS[field]
    await learn(database, *(person(number, **{field: values[number % 2]}) for number in range(4)))
    for at, value in enumerate(values):
        for typed in ("", "alice"):
            page = await search_users(OLIVIA, database, UserFilter(typed, **{name: (value,)}))  # type: ignore[arg-type]
            expected = [person(number)["Id"] for number in (2 + at, at)]
            assert ([user.user_id for user in page.users], page.total) == (expected, 2)
    both = await search_users(OLIVIA, database, UserFilter(**{name: values}))  # type: ignore[arg-type]
    assert both.total == 4


ORDERS: dict[Order, Sequence[int]] = {
    "created": (0, 1, 2, 3),
    "name": (2, 1, 3, 0),
    "email": (3, 2, 1, 0),
    "kyc_level": (0, 2, 1, 3),
    "status": (0, 1, 3, 2),
    "category": (1, 0, 2, 3),
    "country": (1, 2, 0, 3),
}


@pytest.fixture
async def four(database: Database) -> Database:
    """Four users in another order by each of their fields; the first has no name yet."""
    fields = ("Email", "KYCLevel", "UserStatus", "UserCategory", "CountryOfResidence", "LastName")
    values = (
        ("d@x", "LIGHT", "ACTIVE", "PAYER", "FR", ""),
        ("c@x", "REGULAR", "ACTIVE", "OWNER", "DE", "Émile"),
        ("b@x", "LIGHT", "CLOSED", "PAYER", "DE", "Adam"),
        ("a@x", "REGULAR", "ACTIVE", "PAYER", "FR", "Zoé"),
    )
    await learn(database, *(person(at, "", **dict(zip(fields, of, strict=True))) for at, of in enumerate(values)))
    return database


@pytest.mark.parametrize("few", [FEW, 0])
@pytest.mark.parametrize("order", ORDERS)
async def test_each_order_goes_both_ways_whether_they_are_many_or_few(
    four: Database, monkeypatch: pytest.MonkeyPatch, order: Order, few: int
) -> None:
    monkeypatch.setattr(indexing, "FEW", few)
    expected = [person(number)["Id"] for number in ORDERS[order]]
    for descending in (False, True):
        wanted = UserFilter(sort=order, descending=descending)
        pages = [await search_users(OLIVIA, four, wanted, page=page, per_page=3) for page in (1, 2, 3)]
        ids = [user.user_id for page in pages for user in page.users]
        assert ids == (expected[::-1] if descending else expected)
        assert [(len(page.users), page.total) for page in pages] == [(3, 4), (1, 4), (0, 4)]


@pytest.mark.parametrize("few", [FEW, 0])
@pytest.mark.parametrize("order", ORDERS)
async def test_an_export_gets_everybody_once_in_the_order_of_the_page(
    database: Database, monkeypatch: pytest.MonkeyPatch, order: Order, few: int
) -> None:
    monkeypatch.setattr(indexing, "FEW", few)
    monkeypatch.setattr(indexing, "EXPORTED_AT_ONCE", 3)
    # Many are equal in each of their fields, so that chunks end between equals.
    await learn(database, *(person(number, "AB"[number % 2], CreationDate=7 + number // 4) for number in range(10)))
    for descending, typed in ((False, ""), (True, ""), (True, "martin")):
        wanted = UserFilter(typed, sort=order, descending=descending)
        chunks = [chunk async for chunk in iter_users(OLIVIA, database, wanted)]
        assert [len(chunk) for chunk in chunks] == [3, 3, 3, 1]
        page = await search_users(OLIVIA, database, wanted, per_page=100)
        assert [user.user_id for chunk in chunks for user in chunk] == [user.user_id for user in page.users]


async def test_an_export_ends_when_the_session_does(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "EXPORTED_AT_ONCE", 3)
    await learn(database, *(person(number) for number in range(6)))
    alive = [True]
    chunks = iter_users(make_actor(environment=PRODUCTION, is_alive=lambda: alive[0]), database, UserFilter())
    assert len(await anext(chunks)) == 3
    alive[0] = False
    with pytest.raises(SessionEnded):
        await anext(chunks)


@pytest.mark.parametrize("page", [0, -3, 2**70])
async def test_a_page_that_is_none_is_the_first_or_empty(database: Database, page: int) -> None:
    await learn(database, person(1))
    found_there = await search_users(OLIVIA, database, UserFilter(), page=page)
    assert (len(found_there.users), found_there.total) == (0 if page > 1 else 1, 1)


async def test_users_are_told_by_their_ids_however_many_are_asked_for(database: Database) -> None:
    await learn(database, *(person(number) for number in range(3)))
    ids = [str(person(number)["Id"]) for number in range(1_200)]
    assert list(await known_users(OLIVIA, database, [*ids, *ids])) == ids[:3]
    assert await known_users(OLIVIA, database, []) == {}


async def test_what_belongs_to_a_user_comes_with_the_last_seen_first(database: Database) -> None:
    objects = [
        KnownObject(
            environment=SANDBOX, object_id=str(number), kind="card", user_id="u" if number < 3 else "v",
            seen_at=NOW + timedelta(seconds=number % 2),
        )
        for number in range(4)
    ]  # fmt: skip
    await add(database, *objects)
    assert [known.object_id for known in await objects_of(SANDRA, database, "u")] == ["1", "2", "0"]
    assert len(await objects_of(SANDRA, database, "u", limit=2)) == 2


async def test_the_state_says_how_many_are_known_of_how_many_and_when_all_were_met(database: Database) -> None:
    await learn(database, person(1), environment=LOCAL)
    await learn(database, person(2), environment=LOCAL, in_list=True)
    walk = IndexWalk(environment=LOCAL, total=7, started_at=NOW, finished_at=NOW - timedelta(days=1))
    await add(database, walk)
    state = await index_state(make_actor(), database)
    assert state == IndexState(2, 1, 7, is_walking=True, walked_at=NOW - timedelta(days=1))
    walk.finished_at = NOW + timedelta(minutes=1)
    await add(database, walk)
    assert not (await index_state(make_actor(), database)).is_walking


async def test_an_id_is_found_by_its_two_ends(database: Database) -> None:
    alike = "user_m_01AAAAAAAAAA99999999"
    await add(
        database,
        *(KnownUser(environment=LOCAL, user_id=id_, created_at=NOW) for id_ in ("user_m_01BBBBBBBBBB88888888", alike)),
        KnownUser(environment=PRODUCTION, user_id="user_m_01CCCCCCCCCC99999999", created_at=NOW),
        KnownObject(environment=LOCAL, object_id="payin_m_0AAAAAAAAAA99999999", kind="payin", seen_at=NOW),
        # A sign that some databases read as any other.
        KnownObject(environment=LOCAL, object_id="userXm_01AAAAAAAAAA99999999", kind="payin", seen_at=NOW),
    )
    actor = make_actor(environment=LOCAL)
    assert await find_shortened(actor, database, "user_m_01", "99999999") == [("user", alike)]
    assert await find_shortened(actor, database, "payin_m_0", "99999999") == [("payin", "payin_m_0AAAAAAAAAA99999999")]
    assert await find_shortened(actor, database, "user_m_01", "99999998") == []
