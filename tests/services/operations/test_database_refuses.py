"""A disk that is full, or a database that is locked, at any of the moments at which something is written down."""

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel.ext.asyncio.session import AsyncSession

from models.journal import State
from tests.services.operations.bank import Bank

# Claiming it, marking it as sent, closing it.
COMMITS = 3


class FullDisk:
    """Refuses one commit of those that come; 0 refuses none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, refused: int) -> None:
        self.asked = 0
        commit = AsyncSession.commit

        async def commit_or_refuse(session: AsyncSession) -> None:
            self.asked += 1
            if self.asked == refused:
                raise OperationalError("COMMIT", {}, Exception("database or disk is full"))
            await commit(session)

        monkeypatch.setattr(AsyncSession, "commit", commit_or_refuse)


@pytest.mark.parametrize("refused", range(1, COMMITS + 1))
async def test_a_commit_that_is_refused_moves_nothing_twice_and_the_journal_comes_true(
    bank: Bank, payin: dict[str, Any], monkeypatch: pytest.MonkeyPatch, refused: int
) -> None:
    draft = await bank.draft("refund-payin", PayInId=payin["Id"])
    looked = await bank.look(draft)
    with monkeypatch.context() as broken:
        FullDisk(broken, refused)
        with pytest.raises(OperationalError):
            await bank.ask(draft, looked)
    sent = refused == COMMITS
    assert len(await bank.refunds(payin)) == len(bank.line.sent) == sent

    settled = await bank.settle(draft, minutes=5)
    settled = await bank.settle(settled, minutes=5)
    assert settled.state is (State.SUCCEEDED if sent else State.DRAFT)
    if not sent:
        settled = await bank.ask(settled)
    assert settled.state is State.SUCCEEDED
    assert [refund["Id"] for refund in await bank.refunds(payin)] == [settled.object_id]


async def test_an_operation_is_written_down_as_often_as_it_goes_on(
    bank: Bank, payin: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above refuses each of these; one that is added must be refused there as well."""
    draft = await bank.draft("refund-payin", PayInId=payin["Id"])
    looked = await bank.look(draft)
    disk = FullDisk(monkeypatch, 0)
    await bank.ask(draft, looked)
    assert disk.asked == COMMITS
