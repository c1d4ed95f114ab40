"""The decision on a batch: totals typed again in Production, and what the pages say of one and of its lines."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import htpy as h
import pytest
from nicegui import Client, ui
from nicegui.elements.upload_files import SmallFileUpload
from nicegui.events import UploadEventArguments

from models.environment import Environment
from models.journal import BatchState, Operation, OperationBatch, State
from services.bootstrap import Services
from services.operations.batch_journal import BatchView
from services.operations.batches import confirm
from tests.actors import make_actor
from ui.components.batch_parts import how_far
from ui.pages.batch import _notes
from ui.pages.batch_decision import BatchConfirmation, _TotalsAgain
from ui.pages.batch_upload import NewBatch
from ui.pages.operation_sheet import _said_of

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
OLIVIA = make_actor(environment=Environment.LOCAL)


def batch(state: BatchState = BatchState.CHECKED, environment: Environment = Environment.LOCAL) -> OperationBatch:
    return OperationBatch(
        id=1,
        batch_id="batch_1",
        environment=environment,
        kind="transfer",
        state=state,
        file_name="march.csv",
        lines=4,
        totals={"EUR": 123_456, "JPY": 500},
        asked_by="nina@example.com",
        created_at=NOON,
        changed_at=NOON,
    )


def line(state: State, failure: str = "") -> Operation:
    return Operation(
        operation_id="op_1",
        environment=Environment.LOCAL,
        kind="transfer",
        state=state,
        idempotency_key="key",
        asked_by="nina@example.com",
        created_at=NOON,
        changed_at=NOON,
        batch_id=1,
        failure=failure,
    )


def inputs(client: Client) -> list[ui.input]:
    return [element for element in client.elements.values() if isinstance(element, ui.input)]


def said(client: Client) -> str:
    return " ".join(element.content for element in client.elements.values() if isinstance(element, ui.html))


@pytest.mark.parametrize("environment", Environment)
async def test_the_totals_are_typed_again_in_production_alone(client: Client, environment: Environment) -> None:
    with client:
        again = _TotalsAgain(batch(environment=environment))
    is_real = environment is Environment.PRODUCTION
    assert len(inputs(client)) == (2 if is_real else 0)
    assert again.are_right() is not is_real


@pytest.mark.parametrize(
    ("euros", "yen", "is_right"),
    [
        ("1,234.56", "500", True),
        ("EUR 1 234,56", "500 JPY", True),
        ("1234.56", "", False),
        ("1234.57", "500", False),
        ("1234.56", "-500", False),
        ("123456", "500", False),
    ],
)
async def test_both_totals_have_to_be_right(client: Client, euros: str, yen: str, *, is_right: bool) -> None:
    with client:
        again = _TotalsAgain(batch(environment=Environment.PRODUCTION))
    for field, typed in zip(inputs(client), (euros, yen), strict=True):
        field.value = typed
    assert again.are_right() is is_right
    assert ("another amount than the total above" in said(client)) is not is_right


async def test_without_the_right_totals_nothing_is_confirmed_nor_asked(client: Client) -> None:
    done: list[object] = []

    async def act(what: object, **_: object) -> None:
        done.append(what)

    with client:
        decision = BatchConfirmation(lambda: BatchView(batch(environment=Environment.PRODUCTION)), act)
        why, euros, yen = inputs(client)
        why.value, euros.value, yen.value = "March", "1234.56", "5"
        await decision._confirm()
        assert not any(isinstance(element, ui.dialog) for element in client.elements.values())
    assert confirm not in done


def test_every_batch_with_the_same_lines_is_told_before_a_decision_and_none_afterwards() -> None:
    same = (batch(BatchState.RUNNING), batch(BatchState.FINISHED), batch(BatchState.PAUSED))
    told = html(_notes(BatchView(batch(), same=same)))
    assert "exactly these lines is running already, asked for by nina@example.com." in told
    assert "There are 2 more of them." in told
    assert "exactly these lines" not in html(_notes(BatchView(batch(BatchState.RUNNING), same=same)))


def test_what_mangopay_has_not_finished_is_not_called_done() -> None:
    counts = {State.SUCCEEDED: 2, State.ACCEPTED: 1, State.FAILED: 1}
    assert how_far(BatchView(batch(BatchState.FINISHED), counts)) == (
        "2 of 4 done, 1 not finished at Mangopay, 1 failed"
    )


def test_a_line_that_waits_says_so_with_the_state_of_its_batch_and_the_way_to_it() -> None:
    told = html(_said_of(line(State.QUEUED, "It is put off."), batch(BatchState.PAUSED)))
    assert "It waits for its turn in a batch, which is paused." in told
    assert "It is put off." in told
    assert 'href="/operations/batches/batch_1"' in told
    assert "on its way" not in told


def test_a_line_of_a_batch_that_was_refused_says_why() -> None:
    told = html(_said_of(line(State.REFUSED, "Not before Monday"), batch(BatchState.REFUSED)))
    assert "Its batch was refused: “Not before Monday”" in told
    assert 'href="/operations/batches/batch_1"' in told


async def test_a_check_that_fails_for_what_nobody_foresaw_is_said_and_another_file_can_be_chosen(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    # There is no teller, so that the check cannot even begin.
    services = cast("Services", SimpleNamespace(teller=None))
    with client:
        upload = NewBatch(services, OLIVIA)
        file = SmallFileUpload("march.csv", "text/csv", b"PayInId")
        await upload._receive(UploadEventArguments(sender=upload._upload, client=client, file=file))
    assert "The check has failed here, for a reason that is in the dashboard's log." in unescaped(said(client))
    assert "AttributeError" in caplog.text
    assert not upload._is_busy


def html(node: Any) -> str:
    return unescaped(str(h.fragment[node]))


def unescaped(text: str) -> str:
    return text.replace("&#39;", "'")
