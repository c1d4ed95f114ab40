"""Whatever is refunded, lost and doubled on its way: no more is given back than was paid, and the journal agrees."""

import asyncio
import shutil
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from models.journal import FINAL, State
from models.money import Money
from services.database import Database
from services.operations.errors import OperationError
from tests.services.emulator.marketplace import Json, created
from tests.services.operations.bank import OLIVIA, Bank, Line, open_bank

PAID, FEES = 1260, 60
CREDITED = PAID - FEES


class Trouble(StrEnum):
    NONE = "none"
    ANSWER_LOST = "the answer is lost"
    CALL_LOST = "the call is lost"
    CALL_DOUBLED = "the call arrives twice"
    CLICKED_TWICE = "it is clicked twice"


@dataclass(frozen=True)
class Step:
    """A refund in minor units; without an amount, of all that is left. Then so much time goes by."""

    amount: int | None
    fees: int
    trouble: Trouble
    wait_s: float

    @property
    def values(self) -> dict[str, str]:
        if self.amount is None:
            return {}
        return {
            "DebitedFunds": Money(self.amount, "EUR").decimal_text(),
            "Fees": Money(self.fees, "EUR").decimal_text(),
        }


steps = st.builds(
    Step,
    # A few amounts come again and again, for the same twice in a day is refused; and some are about all there is.
    amount=st.none() | st.integers(1, 700) | st.sampled_from((300, CREDITED - 1, CREDITED, CREDITED + 1)),
    fees=st.sampled_from((0, 0, -30, -60, 5)),
    trouble=st.sampled_from(Trouble),
    wait_s=st.sampled_from((0, 4, 600)),
)


class Doubling(httpx.AsyncBaseTransport):
    """Sends the next POST twice, and tells the second answer, as a way with a retry of its own would."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.doubles = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.doubles and request.method == "POST" and not request.url.path.endswith("/oauth/token"):
            self.doubles = False
            await self._line.handle_async_request(request)
        return await self._line.handle_async_request(request)


@settings(max_examples=15, deadline=None)
@given(planned=st.lists(steps, min_size=1, max_size=6))
def test_refunds_never_exceed_the_payin_and_ledger_and_journal_agree(empty_database: Path, planned: list[Step]) -> None:
    asyncio.run(_play(empty_database, planned))


async def _play(empty_database: Path, planned: list[Step]) -> None:
    doubling: list[Doubling] = []

    def wrap(line: Line) -> Doubling:
        doubling.append(Doubling(line))
        return doubling[0]

    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{shutil.copy(empty_database, Path(folder) / 'test.sqlite3')}")
        async with open_bank(database, wrap=wrap) as bank:
            payin = await _paid(bank)
            for step in planned:
                await _refund(bank, doubling[0], payin, step)
                await _assert_agreed(bank, payin)
            await _end(bank)
            await _assert_agreed(bank, payin)
            assert {row.state for row in await bank.journal()} <= {*FINAL, State.DRAFT}
        await database.dispose()


async def _paid(bank: Bank) -> Json:
    wallet = await bank.market.wallet(await bank.market.owner())
    return created(await bank.market.pay_in(await bank.market.card(await bank.market.payer()), wallet, PAID, FEES))


async def _refund(bank: Bank, doubling: Doubling, payin: Json, step: Step) -> None:
    draft = await bank.draft("refund-payin", OLIVIA, PayInId=payin["Id"], **step.values)
    looked = await bank.look(draft)
    if step.trouble is Trouble.ANSWER_LOST:
        bank.line.lose("answer")
    elif step.trouble is Trouble.CALL_LOST:
        bank.line.lose("request")
    doubling.doubles = step.trouble is Trouble.CALL_DOUBLED
    clicks = 2 if step.trouble is Trouble.CLICKED_TWICE else 1
    outcomes = await asyncio.gather(*(bank.ask(draft, looked) for _ in range(clicks)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert all(isinstance(outcome, OperationError) for outcome in refused), refused
    # What was refused before it was sent leaves no trouble behind for the next.
    bank.line.lose("")
    doubling.doubles = False
    await bank.settle(draft, seconds=step.wait_s)


async def _end(bank: Bank) -> None:
    """Let so much time go by that nothing can still be on its way."""
    for _ in range(2):
        bank.clock.advance(minutes=10)
        await bank.settler.turn()


async def _assert_agreed(bank: Bank, payin: Json) -> None:
    refunds, rows = await bank.refunds(payin), {row.operation_id: row for row in await bank.journal()}
    made = [refund for refund in refunds if refund["Status"] == "SUCCEEDED"]
    taken = sum(refund["DebitedFunds"]["Amount"] for refund in made)
    assert taken <= CREDITED
    assert sum(-refund["Fees"]["Amount"] for refund in made if refund["Fees"]["Amount"] < 0) <= FEES
    assert await bank.market.balance({"Id": payin["CreditedWalletId"]}) == CREDITED - taken
    for refund in refunds:
        row = rows[refund["Tag"]]
        ended = State.SUCCEEDED if refund["Status"] == "SUCCEEDED" else State.FAILED
        assert row.state in (ended, State.UNKNOWN)
        assert row.object_id in (refund["Id"], "")
        assert (row.values["PayInId"], row.request["body"]["DebitedFunds"]) == (payin["Id"], refund["DebitedFunds"])
    tags = Counter(refund["Tag"] for refund in refunds)
    assert all(count == 1 for count in tags.values())
    assert all(tags[row.operation_id] for row in rows.values() if row.state is State.SUCCEEDED)
