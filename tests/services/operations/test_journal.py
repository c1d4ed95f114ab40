"""The journal keeps what was typed, forgets forms that nobody filled in, and shows each environment its own."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.environment import Environment
from models.journal import Operation, State
from models.operations.kinds import OPERATIONS
from models.operations.limits import parse_limits
from models.permissions import Role
from services.access.actors import Actor
from services.database import Database
from services.operations.errors import NotThere
from services.operations.journal import (
    JournalFilter,
    list_operations,
    new_operation,
    open_draft,
    operations_on,
    read_operation,
    save_draft,
    tidy_drafts,
)
from services.operations.teller import Teller
from tests.actors import make_actor

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
OLIVIA = make_actor(Role.OPERATOR)
OSCAR = make_actor(Role.OPERATOR, email="oscar@example.com", account_id=2, session_id=2)
ELSEWHERE = make_actor(Role.OPERATOR, Environment.SANDBOX)
TRANSFER, REFUND = OPERATIONS["transfer"], OPERATIONS["refund-payin"]


@pytest.fixture
def teller(database: Database) -> Teller:
    return Teller(database=database, clients={}, limits=parse_limits(""), clock=lambda: NOW)


async def asked(teller: Teller, state: State, by: Actor = OLIVIA, **more: Any) -> str:
    """Write an operation into the journal as if it had come so far; returns its id."""
    operation = new_operation(by, TRANSFER, {}, now=NOW)
    operation.state = state
    for name, value in more.items():
        setattr(operation, name, value)
    async with teller.database.session() as session:
        session.add(operation)
        await session.commit()
        return operation.operation_id


async def drafts_left(teller: Teller, *, after: timedelta) -> set[str]:
    await tidy_drafts(teller.database, Environment, now=NOW + after)
    wanted = JournalFilter(states=tuple(State))
    return {operation.operation_id for operation in await list_operations(OLIVIA, teller, wanted)}


def ids(operations: Sequence[Operation]) -> list[str]:
    return [operation.operation_id for operation in operations]


async def test_a_draft_has_an_id_and_a_key_of_its_own(teller: Teller) -> None:
    first, second = [await open_draft(OLIVIA, teller, TRANSFER, {"Tag": "a"}) for _ in range(2)]
    assert first.operation_id != second.operation_id
    assert first.idempotency_key != second.idempotency_key
    assert 16 <= len(first.idempotency_key) <= 36
    read = await read_operation(OLIVIA, teller, first.operation_id)
    assert (read.state, read.kind, read.values, read.asked_by) == (
        State.DRAFT,
        "transfer",
        {"Tag": "a"},
        OLIVIA.email,
    )


async def test_what_is_typed_is_kept(teller: Teller) -> None:
    draft = await open_draft(OLIVIA, teller, TRANSFER, {})
    assert await save_draft(OLIVIA, teller, draft.operation_id, {"DebitedFunds": "12"}, reason="Because")
    read = await read_operation(OLIVIA, teller, draft.operation_id)
    assert (read.values, read.reason) == ({"DebitedFunds": "12"}, "Because")


@pytest.mark.parametrize("state", [state for state in State if state is not State.DRAFT])
async def test_what_was_asked_for_is_left_as_it_was(teller: Teller, state: State) -> None:
    operation_id = await asked(teller, state, values={"DebitedFunds": "12"}, reason="Because")
    assert not await save_draft(OLIVIA, teller, operation_id, {"DebitedFunds": "13"}, reason="Other")
    read = await read_operation(OLIVIA, teller, operation_id)
    assert (read.state, read.values, read.reason) == (state, {"DebitedFunds": "12"}, "Because")


@pytest.mark.parametrize(
    ("touched", "kept_for"), [(timedelta(), timedelta(days=1)), (timedelta(hours=1), timedelta(days=30, hours=1))]
)
async def test_a_form_is_forgotten_in_time(teller: Teller, touched: timedelta, kept_for: timedelta) -> None:
    """One that was only opened, after a day; one that was filled in, after thirty."""
    draft = await asked(teller, State.DRAFT, changed_at=NOW + touched)
    assert await drafts_left(teller, after=kept_for) == {draft}
    assert await drafts_left(teller, after=kept_for + timedelta(seconds=1)) == set()


async def test_nothing_but_drafts_is_ever_forgotten(teller: Teller) -> None:
    kept = {await asked(teller, state) for state in State if state is not State.DRAFT}
    assert await drafts_left(teller, after=timedelta(days=365)) == kept


async def test_the_newest_come_first_and_drafts_are_nobodys_business(teller: Teller) -> None:
    first, second = await asked(teller, State.SUCCEEDED), await asked(teller, State.FAILED)
    await asked(teller, State.DRAFT)
    assert ids(await list_operations(OLIVIA, teller, JournalFilter())) == [second, first]


async def test_a_page_goes_on_where_the_last_one_ended(teller: Teller) -> None:
    made = [await asked(teller, State.SUCCEEDED) for _ in range(5)]
    first = await list_operations(OLIVIA, teller, JournalFilter(), limit=2)
    second = await list_operations(OLIVIA, teller, JournalFilter(before_id=first[-1].id), limit=2)
    last = await list_operations(OLIVIA, teller, JournalFilter(before_id=second[-1].id), limit=2)
    assert ids([*first, *second, *last]) == made[::-1]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (JournalFilter(states=(State.FAILED, State.UNKNOWN)), ["failed transfer"]),
        (JournalFilter(states=(State.DRAFT,)), ["draft"]),
        (JournalFilter(kinds=("refund-payin",)), ["refund"]),
        (JournalFilter(asked_by=OSCAR.email), ["refund"]),
        (JournalFilter(kinds=("transfer",), states=(State.SUCCEEDED,)), ["transfer"]),
        (JournalFilter(kinds=("refund-payin",), asked_by=OLIVIA.email), []),
    ],
)
async def test_only_what_is_wanted_is_listed(teller: Teller, wanted: JournalFilter, found: list[str]) -> None:
    await asked(teller, State.SUCCEEDED, sentence="transfer")
    await asked(teller, State.FAILED, sentence="failed transfer")
    await asked(teller, State.SUCCEEDED, OSCAR, kind="refund-payin", sentence="refund")
    await asked(teller, State.DRAFT, sentence="draft")
    assert [operation.sentence for operation in await list_operations(OLIVIA, teller, wanted)] == found


@pytest.mark.parametrize("column", ["object_id", "subject", "payee_id"])
async def test_what_was_done_about_an_object_is_found_from_it(teller: Teller, column: str) -> None:
    found = await asked(teller, State.SUCCEEDED, OLIVIA, **{column: "payin_m_1"})
    await asked(teller, State.DRAFT, OLIVIA, **{column: "payin_m_1"})
    await asked(teller, State.SUCCEEDED, OLIVIA, **{column: "payin_m_2"})
    assert ids(await operations_on(OLIVIA, teller, "payin_m_1")) == [found]


async def test_nothing_of_another_environment_is_seen_or_changed(teller: Teller) -> None:
    draft = await open_draft(OLIVIA, teller, REFUND, {"Tag": "a"})
    waiting = await asked(teller, State.AWAITING_APPROVAL, payee_id="payin_m_1")
    wanted = JournalFilter(states=tuple(State))
    assert await list_operations(ELSEWHERE, teller, wanted) == []
    assert await operations_on(ELSEWHERE, teller, "payin_m_1") == []
    with pytest.raises(NotThere):
        await read_operation(ELSEWHERE, teller, waiting)
    with pytest.raises(NotThere):
        await save_draft(ELSEWHERE, teller, draft.operation_id, {"Tag": "b"}, reason="")
    assert (await read_operation(OLIVIA, teller, draft.operation_id)).values == {"Tag": "a"}
