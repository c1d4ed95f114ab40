"""One line of time out of notifications and of what was changed from here: complete, in order, and nobody else's."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlmodel import SQLModel

from models.audit import Act, AuditEntry, Outcome
from models.environment import Environment
from models.notification import Notification
from models.permissions import Role
from services.access.actors import SessionEnded
from services.database import Database
from services.objects.timeline import Changed, Told, read_timeline
from tests.actors import make_actor
from tests.services.search.market import add

LOCAL, SANDBOX = Environment.LOCAL, Environment.SANDBOX
OLIVIA = make_actor(environment=LOCAL)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def told(ms: int, object_id: str = "alice", *, number: int = 0, environment: Environment = LOCAL) -> Notification:
    """Return what Mangopay told so many milliseconds after noon."""
    return Notification(
        environment=environment,
        event_type="USER_KYC_REGULAR",
        resource_id=object_id,
        # Which tells two of the same moment apart.
        date=number or ms,
        first_received_at=NOON + ms * MILLISECOND,
        last_received_at=NOON + timedelta(days=9),
        delivery_count=1,
    )


def changed(
    ms: int,
    object_id: str = "alice",
    *,
    act: Act = Act.UPDATE_PROFILE,
    outcome: Outcome = Outcome.DONE,
    detail: str = "",
    environment: Environment = LOCAL,
) -> AuditEntry:
    return AuditEntry(
        environment=environment, at=NOON + ms * MILLISECOND, act=act, outcome=outcome, who="olivia@example.com",
        role=Role.ADMIN, address="192.0.2.7", about=object_id, detail=detail,
    )  # fmt: skip


async def moments(database: Database, *ids: str) -> Sequence[int]:
    timeline = await read_timeline(OLIVIA, database, ids or ["alice"])
    return [(happening.at - NOON) // MILLISECOND for happening in timeline.happenings]


async def test_what_was_told_and_what_was_changed_stand_in_one_order_the_newest_first(database: Database) -> None:
    await add(database, told(1), changed(4), told(3), changed(2), told(5))
    timeline = await read_timeline(OLIVIA, database, ["alice"])
    assert [type(happening) for happening in timeline.happenings] == [Told, Changed, Told, Changed, Told]
    assert await moments(database) == [5, 4, 3, 2, 1]
    assert timeline.older is None


async def test_each_line_says_what_happened_to_what_and_who_did_it(database: Database) -> None:
    await add(database, told(1, "wallet"), changed(2, outcome=Outcome.FAILED, detail="LastName"))
    timeline = await read_timeline(OLIVIA, database, ["alice", "wallet"])
    assert timeline.happenings == [
        Changed(NOON + 2 * MILLISECOND, Act.UPDATE_PROFILE, Outcome.FAILED, "olivia@example.com", "alice", "LastName"),
        Told(NOON + MILLISECOND, "USER_KYC_REGULAR", "wallet", notification_id=1),
    ]


async def test_only_what_people_do_to_mangopays_objects_is_a_change(database: Database) -> None:
    await add(database, *(changed(number, act=act) for number, act in enumerate(Act)))
    timeline = await read_timeline(OLIVIA, database, ["alice"])
    acts = {happening.act for happening in timeline.happenings if isinstance(happening, Changed)}
    assert acts == {Act.UPDATE_PROFILE, Act.ADD_DOCUMENT, Act.MONEY_OPERATION}
    assert len(timeline.happenings) == 3


async def test_nothing_of_other_objects_nor_of_other_environments_is_in_it(database: Database) -> None:
    await add(
        database,
        told(1),
        told(2, "bob"),
        told(3, environment=SANDBOX),
        changed(4),
        changed(5, "bob"),
        changed(6, environment=SANDBOX),
        changed(7, "alice, bob"),
    )
    assert await moments(database) == [4, 1]
    assert await moments(database, "alice", "bob") == [5, 4, 2, 1]
    of_sandbox = await read_timeline(make_actor(environment=SANDBOX), database, ["alice"])
    assert [type(happening) for happening in of_sandbox.happenings] == [Changed, Told]


async def test_of_no_object_nothing_is_known(database: Database) -> None:
    await add(database, told(1), changed(2, ""))
    timeline = await read_timeline(OLIVIA, database, [])
    assert (list(timeline.happenings), timeline.older) == ([], None)


async def test_a_thousand_objects_are_no_matter(database: Database) -> None:
    await add(database, told(1, "wallet 999"), changed(2, "wallet 0"))
    assert await moments(database, *(f"wallet {number}" for number in range(1_000))) == [2, 1]


async def test_a_full_page_says_where_to_go_on(database: Database) -> None:
    await add(database, *(told(ms) for ms in range(1, 8)))
    first = await read_timeline(OLIVIA, database, ["alice"], limit=3)
    assert [(happening.at - NOON) // MILLISECOND for happening in first.happenings] == [7, 6, 5]
    assert first.older == NOON + 5 * MILLISECOND
    second = await read_timeline(OLIVIA, database, ["alice"], before=first.older, limit=3)
    assert [(happening.at - NOON) // MILLISECOND for happening in second.happenings] == [4, 3, 2]
    last = await read_timeline(OLIVIA, database, ["alice"], before=second.older, limit=3)
    assert (len(last.happenings), last.older) == (1, None)


async def test_a_page_that_is_just_full_is_the_last(database: Database) -> None:
    await add(database, told(1), changed(2), told(3))
    timeline = await read_timeline(OLIVIA, database, ["alice"], limit=3)
    assert (len(timeline.happenings), timeline.older) == (3, None)


@pytest.mark.parametrize("alike", [2, 3, 5, 9])
async def test_any_number_of_the_same_millisecond_stay_together(database: Database, alike: int) -> None:
    await add(database, told(1), *(told(2, number=number) for number in range(10, 10 + alike)), changed(2), told(3))
    first = await read_timeline(OLIVIA, database, ["alice"], limit=2)
    assert len(first.happenings) == alike + 2
    assert first.older == NOON + 2 * MILLISECOND
    second = await read_timeline(OLIVIA, database, ["alice"], before=first.older, limit=2)
    assert [(happening.at - NOON) // MILLISECOND for happening in second.happenings] == [1]


async def test_a_page_that_took_the_last_moment_whole_is_the_last(database: Database) -> None:
    await add(database, *(told(1, number=number) for number in range(10, 14)), told(3))
    timeline = await read_timeline(OLIVIA, database, ["alice"], limit=2)
    assert (len(timeline.happenings), timeline.older) == (5, None)


_happenings = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=25)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happened=_happenings, limit=st.integers(1, 6))
@example(happened=[(True, 0)] * 3 + [(False, 0)] * 3, limit=1)
async def test_page_after_page_shows_everything_once_and_in_order(
    database: Database, happened: list[tuple[bool, int]], limit: int
) -> None:
    # The audit log is for good, so each example has objects of its own.
    ids = [uuid4().hex for _ in range(3)]
    rows: list[SQLModel] = [
        told(ms, ids[number % 3], number=number + 1)
        if was_told
        else changed(ms, ids[number % 3], detail=str(number + 1))
        for number, (was_told, ms) in enumerate(happened)
    ]
    await add(database, *rows)
    shown: list[Told | Changed] = []
    before = None
    while True:
        page = await read_timeline(OLIVIA, database, ids, before=before, limit=limit)
        shown.extend(page.happenings)
        before = page.older
        if before is None:
            break
        assert len(page.happenings) >= limit
    assert [(happening.at - NOON) // MILLISECOND for happening in shown] == sorted(
        (ms for _, ms in happened), reverse=True
    )
    assert len(set(shown)) == len(shown)


@pytest.mark.parametrize("role", Role)
async def test_everybody_may_look_as_long_as_their_session_lasts(database: Database, role: Role) -> None:
    await add(database, told(1))
    assert len((await read_timeline(make_actor(role), database, ["alice"])).happenings) == 1
    with pytest.raises(SessionEnded):
        await read_timeline(make_actor(role, is_alive=lambda: False), database, ["alice"])


async def test_what_was_asked_for_is_told_by_what_came_of_it_alone(database: Database) -> None:
    lines = [
        changed(1, outcome=Outcome.ASKED, detail="City"),
        changed(1, detail="City: ok"),
        # Its process was ended before it heard what had become of it.
        changed(2, outcome=Outcome.ASKED, detail="City"),
        changed(3, outcome=Outcome.ASKED, detail="Tag"),
        changed(3, outcome=Outcome.FAILED, detail="City: refused"),
    ]
    await add(database, *lines)
    timeline = await read_timeline(OLIVIA, database, ["alice"])
    seen = [
        (happening.outcome, happening.detail) for happening in timeline.happenings if isinstance(happening, Changed)
    ]
    assert seen == [
        (Outcome.FAILED, "City: refused"),
        (Outcome.ASKED, "Tag"),
        (Outcome.ASKED, "City"),
        (Outcome.DONE, "City: ok"),
    ]


async def test_it_says_since_when_notifications_are_received(database: Database) -> None:
    assert (await read_timeline(OLIVIA, database, ["alice"])).since is None
    await add(database, told(7, "another"), told(9), told(1, environment=SANDBOX))
    assert (await read_timeline(OLIVIA, database, ["alice"])).since == NOON + 7 * MILLISECOND
