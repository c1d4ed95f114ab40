import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from models.audit import Act, AuditEntry, Outcome
from models.csv_text import without_formula
from models.cursor import Cursor
from models.environment import Environment
from models.permissions import Permission, Role
from services.access import audit
from services.access.actors import Actor, NotAllowed
from services.access.audit import (
    AuditFilter,
    AuditPage,
    audit_csv,
    begin_audit_export,
    read_audit_log,
    record,
    record_act,
    record_refusal,
)
from tests.services.access.world import (
    BROWSER,
    LOCAL,
    MALLORY,
    NOW,
    OLIVIA,
    SANDBOX,
    VICTOR,
    World,
    make_actor,
)

OLIVIA_READS = make_actor(role=Role.ADMIN)
EVERYTHING = AuditFilter()


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET who = 'nobody'", "DELETE FROM audit_entry"])
async def test_no_line_of_the_log_is_ever_changed_or_deleted(world: World, statement: str) -> None:
    await _write(world)
    with world.door.database.writer.connect() as connection:
        with pytest.raises(IntegrityError, match="audit_entry is append-only"):
            connection.exec_driver_sql(statement)
        connection.rollback()
    assert [entry.who for entry in await world.log()] == [OLIVIA]


async def test_no_line_of_the_log_is_replaced(world: World) -> None:
    await _write(world)
    replace = (
        "INSERT OR REPLACE INTO audit_entry (id, environment, at, act, outcome, who, address, about, detail) "
        "VALUES (1, 'sandbox', 1, 'invite', 'done', 'nobody', '', '', '')"
    )
    with world.door.database.writer.connect() as connection:
        with pytest.raises(IntegrityError, match="audit_entry is append-only"):
            connection.exec_driver_sql(replace)
        connection.rollback()
    assert [entry.who for entry in await world.log()] == [OLIVIA]


async def test_what_somebody_with_a_session_did_names_them_by_value(world: World) -> None:
    victor = make_actor(email=VICTOR, role=Role.VIEWER, address="192.0.2.7")
    async with world.door.database.session() as session:
        record_act(session, victor, Act.EXPORT, now=world.now, about="notifications", detail="all of them")
        await session.commit()
    [entry] = await world.log()
    assert entry.model_dump(exclude={"id"}) == {
        "environment": SANDBOX,
        "at": world.now,
        "act": Act.EXPORT,
        "outcome": Outcome.DONE,
        "who": VICTOR,
        "role": Role.VIEWER,
        "address": "192.0.2.7",
        "about": "notifications",
        "detail": "all of them",
    }


async def test_a_refusal_is_written_down(world: World) -> None:
    victor = make_actor(email=VICTOR, role=Role.VIEWER)
    await record_refusal(victor, world.door.database, Permission.MANAGE_TEAM, about="/sandbox/team", now=world.now)
    [entry] = await world.log()
    assert (entry.act, entry.outcome, entry.who, entry.role, entry.about, entry.detail) == (
        Act.NOT_ALLOWED, Outcome.REFUSED, VICTOR, Role.VIEWER, "/sandbox/team",
        "needs: Invite, change, suspend and remove members",
    )  # fmt: skip


async def test_the_same_refusal_is_written_down_once_a_minute_at_most(world: World) -> None:
    victor, ada = make_actor(email=VICTOR, role=Role.VIEWER), make_actor(email="ada@example.com", role=Role.VIEWER)

    async def refuse(actor: Actor, about: str, second: int) -> None:
        now = NOW + timedelta(seconds=second)
        await record_refusal(actor, world.door.database, Permission.MANAGE_TEAM, about=about, now=now)

    for second in (0, 59, 60, 61):
        await refuse(victor, "/sandbox/team", second)
    await refuse(victor, "/sandbox/audit-log", 61)
    await refuse(ada, "/sandbox/team", 61)
    assert [(entry.who, entry.about, (entry.at - NOW).seconds) for entry in await world.log()] == [
        (VICTOR, "/sandbox/team", 0),
        (VICTOR, "/sandbox/team", 60),
        (VICTOR, "/sandbox/audit-log", 61),
        ("ada@example.com", "/sandbox/team", 61),
    ]


async def test_the_log_is_read_newest_first_a_page_at_a_time_there_and_back(world: World) -> None:
    for number in range(5):
        # Two at a time in one moment, so that the id has to tell them apart.
        await _write(world, detail=str(number), at=NOW + timedelta(seconds=number // 2))
    first = await _read(world, limit=2)
    assert first.older
    second = await _read(world, before=first.older, limit=2)
    assert second.older
    third = await _read(world, before=second.older, limit=2)
    assert [_details(page) for page in (first, second, third)] == [["4", "3"], ["2", "1"], ["0"]]
    assert (first.newer, third.older) == (None, None)

    assert third.newer
    assert second.newer
    back = await _read(world, after=third.newer, limit=2)
    assert _details(back) == ["2", "1"]
    assert back.newer
    top = await _read(world, after=back.newer, limit=2)
    assert _details(top) == ["4", "3"]
    assert (top.newer, _details(await _read(world, before=top.older, limit=2))) == (None, ["2", "1"])


async def test_a_log_of_exactly_one_page_has_no_other(world: World) -> None:
    for number in range(2):
        await _write(world, detail=str(number))
    page = await _read(world, limit=2)
    assert (_details(page), page.newer, page.older) == (["1", "0"], None, None)


async def test_beyond_either_end_of_the_log_there_is_a_way_back(world: World) -> None:
    await _write(world, detail="0")
    end = Cursor(NOW, 1)
    older, newer = await _read(world, before=end), await _read(world, after=end)
    assert (older.entries, older.newer, older.older) == ([], end, None)
    assert (newer.entries, newer.newer, newer.older) == ([], None, end)


async def test_an_empty_log_is_an_empty_page(world: World) -> None:
    assert await _read(world) == AuditPage([], newer=None, older=None)


def test_a_place_is_read_as_it_was_written() -> None:
    place = Cursor(NOW + timedelta(milliseconds=7), 42)
    assert Cursor.parse(str(place)) == place


@pytest.mark.parametrize(
    "text", ["", ".", "1", "1.", ".1", "1.-1", "a.b", "1.9223372036854775808", "99999999999999999999.1"]
)
def test_what_is_no_place_is_refused(text: str) -> None:
    assert Cursor.parse(text) is None


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (AuditFilter(act=Act.SUSPEND), ["b"]),
        (AuditFilter(outcome=Outcome.REFUSED), ["c"]),
        (AuditFilter(act=Act.SUSPEND, outcome=Outcome.REFUSED), []),
        (AuditFilter(since=NOW + timedelta(hours=1)), ["c", "b"]),
        (AuditFilter(until=NOW + timedelta(hours=1)), ["a"]),
        (AuditFilter(since=NOW + timedelta(hours=1), until=NOW + timedelta(hours=2)), ["b"]),
        (AuditFilter(text="MALLORY"), ["c"]),
        (AuditFilter(text="192.0.2.99"), ["b"]),
        (AuditFilter(text="Victor"), ["b", "a"]),
        (AuditFilter(text="b"), ["b"]),
        (EVERYTHING, ["c", "b", "a"]),
    ],
)
async def test_the_log_is_filtered_by_act_outcome_time_and_text(
    world: World, wanted: AuditFilter, found: list[str]
) -> None:
    await _write(world, detail="a", about=VICTOR)
    await _write(
        world, detail="b", about=VICTOR, act=Act.SUSPEND, at=NOW + timedelta(hours=1), address="192.0.2.99",
    )  # fmt: skip
    await _write(world, detail="c", who=MALLORY, outcome=Outcome.REFUSED, at=NOW + timedelta(hours=2))
    assert _details(await _read(world, wanted)) == found


@pytest.mark.parametrize(
    ("text", "found"), [("50%", ["50% off"]), ("a_b", ["a_b"]), ("%", ["50% off"]), ("_", ["a_b"]), ("\\", ["a\\b"])]
)
async def test_what_is_looked_for_is_taken_literally(world: World, text: str, found: list[str]) -> None:
    for detail in ("50% off", "500 off", "a_b", "axb", "a\\b"):
        await _write(world, who="x", detail=detail)
    assert _details(await _read(world, AuditFilter(text=text))) == found


async def test_a_filter_pages_too(world: World) -> None:
    for number in range(4):
        await _write(world, detail=str(number), act=Act.SUSPEND if number % 2 else Act.INVITE)
    page = await _read(world, AuditFilter(act=Act.SUSPEND), limit=1)
    assert _details(page) == ["3"]
    older = await _read(world, AuditFilter(act=Act.SUSPEND), before=page.older, limit=1)
    assert (_details(older), older.older) == (["1"], None)


async def test_the_log_of_another_environment_does_not_show(world: World) -> None:
    await _write(world, environment=LOCAL, detail="local")
    await _write(world, detail="sandbox")
    assert _details(await _read(world)) == ["sandbox"]
    exported = await _export(world)
    assert [row["detail"] for row in exported] == ["sandbox"]


async def test_long_texts_of_strangers_are_cut(world: World) -> None:
    await _write(world, who="w" * 501, about="a" * 501, detail="d" * 501)
    [entry] = await world.log()
    assert (entry.who, entry.about, entry.detail) == ("w" * 500, "a" * 500, "d" * 500)


async def test_the_export_is_csv_with_a_header_and_times_in_utc(world: World) -> None:
    async with world.door.database.session() as session:
        record_act(session, OLIVIA_READS, Act.INVITE, now=world.now, about=VICTOR, detail='"viewer", for now')
        await session.commit()
    text = "".join([part async for part in audit_csv(OLIVIA_READS, world.door.database, EVERYTHING)])
    assert text == (
        "at,act,outcome,who,role,address,about,detail\r\n"
        "2026-11-22T09:00:00.000+00:00,invite,done,olivia@example.com,admin,192.0.2.1,victor@example.com,"
        '"""viewer"", for now"\r\n'
    )


async def test_an_export_of_nothing_is_a_header(world: World) -> None:
    parts = [part async for part in audit_csv(OLIVIA_READS, world.door.database, EVERYTHING)]
    assert "".join(parts) == "at,act,outcome,who,role,address,about,detail\r\n"


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1+1", " =1", "\n=1", "＝1", "@SUM(A1)", "\t=1", "\r=1"])  # noqa: RUF001  (wide on purpose)
async def test_no_cell_of_the_export_is_a_formula(world: World, formula: str) -> None:
    await _write(world, who=formula, about=formula, detail=formula)
    [row] = await _export(world)
    assert [row[column] for column in ("who", "about", "detail")] == [f"'{formula}"] * 3


def test_what_is_no_formula_stays_as_it_is() -> None:
    for text in ("", "olivia@example.com", "a=b", "1-1", "-12.60 EUR", "-1"):
        assert without_formula(text) == text


@pytest.mark.parametrize("lines", [6, 7])
async def test_a_long_export_comes_in_parts_with_every_line_once(
    world: World, monkeypatch: pytest.MonkeyPatch, lines: int
) -> None:
    monkeypatch.setattr(audit, "EXPORTED_AT_ONCE", 3)
    for number in range(lines):
        await _write(world, detail=str(number))
    assert [row["detail"] for row in await _export(world)] == [str(number) for number in reversed(range(lines))]


async def test_the_export_follows_the_filter(world: World) -> None:
    await _write(world, detail="a")
    await _write(world, detail="b", act=Act.SUSPEND)
    assert [row["detail"] for row in await _export(world, AuditFilter(act=Act.SUSPEND))] == ["b"]


async def test_the_export_itself_is_in_the_log(world: World) -> None:
    wanted = AuditFilter(act=Act.SUSPEND, text="victor", since=NOW)
    await begin_audit_export(OLIVIA_READS, world.door.database, EVERYTHING, now=world.now)
    await begin_audit_export(OLIVIA_READS, world.door.database, wanted, now=world.now)
    assert [(entry.act, entry.who, entry.about, entry.detail) for entry in await world.log()] == [
        (Act.EXPORT, OLIVIA, "audit log", "all of it"),
        (Act.EXPORT, OLIVIA, "audit log", "suspend, victor, 2026-11-22 09:00:00+00:00"),
    ]


async def test_whoever_may_not_read_the_log_gets_no_part_of_it(world: World) -> None:
    victor = make_actor(role=Role.VIEWER)
    with pytest.raises(NotAllowed):
        audit_csv(victor, world.door.database, EVERYTHING)
    with pytest.raises(NotAllowed):
        await begin_audit_export(victor, world.door.database, EVERYTHING, now=world.now)
    assert await world.log() == []


async def _write(
    world: World,
    *,
    environment: Environment = SANDBOX,
    act: Act = Act.SIGN_IN,
    outcome: Outcome = Outcome.DONE,
    who: str = OLIVIA,
    about: str = "",
    detail: str = "",
    at: datetime = NOW,
    address: str = BROWSER.address,
) -> None:
    async with world.door.database.session() as session:
        record(
            session, environment=environment, act=act, outcome=outcome, who=who, about=about, detail=detail, now=at,
            address=address,
        )  # fmt: skip
        await session.commit()


async def _read(
    world: World,
    wanted: AuditFilter = EVERYTHING,
    *,
    before: Cursor | None = None,
    after: Cursor | None = None,
    limit: int = 50,
) -> AuditPage:
    return await read_audit_log(OLIVIA_READS, world.door.database, wanted, before=before, after=after, limit=limit)


async def _export(world: World, wanted: AuditFilter = EVERYTHING) -> list[dict[str, str]]:
    text = "".join([part async for part in audit_csv(OLIVIA_READS, world.door.database, wanted)])
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _details(page: AuditPage) -> Sequence[str]:
    return [entry.detail for entry in page.entries]


def test_every_act_fits_its_column() -> None:
    column = AuditEntry.__table__.c.act  # type: ignore[attr-defined]
    assert max(len(act.value) for act in Act) <= column.type.length
