"""Every kind of operation, in each of its variants: done once, and found out where the answer or the call is lost."""

import json

import pytest

from models.audit import Outcome
from models.journal import Operation, State
from models.operations.kinds import OPERATIONS
from tests.services.operations.bank import OLIVIA, Bank
from tests.services.operations.scenes import SCENES, Ledger, Scene, World, kind_of

every_scene = pytest.mark.parametrize("name", SCENES)
every_post = pytest.mark.parametrize("name", [name for name in SCENES if OPERATIONS[kind_of(name)].method == "POST"])
# What Mangopay has not finished when it answers.
ACCEPTED = (
    *("payout", "payout BankAccountId", "payout PaymentRef", "payout-platform"),
    *("payin-card challenged", "payin-directdebit"),
)


class Played:
    """A scene in a bank, its draft looked at, and what the ledger was before it is sent."""

    def __init__(self, bank: Bank, scene: Scene, draft: Operation, before: Ledger) -> None:
        self.bank = bank
        self.scene = scene
        self.draft = draft
        self._before = before

    async def times_done(self) -> int:
        return self.scene.times_done(self._before, await self.scene.read())


async def play(bank: Bank, name: str) -> Played:
    scene = await SCENES[name](World(bank.market, bank.controls))
    return Played(bank, scene, await bank.draft(kind_of(name), OLIVIA, **scene.values), await scene.read())


def test_every_kind_has_a_scene() -> None:
    assert {kind_of(name) for name in SCENES} == set(OPERATIONS)


@every_scene
async def test_it_is_done_once_and_written_down(bank: Bank, name: str) -> None:
    played = await play(bank, name)
    done = await bank.ask(played.draft)
    assert done.state is (State.ACCEPTED if name in ACCEPTED else State.SUCCEEDED), done.failure
    assert done.object_id
    assert await bank.log(done) == [Outcome.ASKED, Outcome.DONE]
    if played.scene.finish is not None:
        await played.scene.finish()
    ended = await bank.settle(done, seconds=6)
    assert (ended.state, ended.object_id) == (State.SUCCEEDED, done.object_id), ended.failure
    assert await played.times_done() == len(bank.line.sent) == 1


@every_scene
async def test_what_is_sent_bears_its_id_and_its_key(bank: Bank, name: str) -> None:
    played = await play(bank, name)
    await bank.ask(played.draft, await bank.look(played.draft, {**played.draft.values, "Tag": "of the shop"}))
    [sent] = bank.line.sent
    assert sent.method == OPERATIONS[kind_of(name)].method
    if sent.method == "POST":
        assert json.loads(sent.content)["Tag"] in (
            f"{played.draft.operation_id} of the shop",
            played.draft.operation_id,
        )
        assert sent.headers["Idempotency-Key"] == played.draft.idempotency_key
    else:
        # Only a POST takes a key; and the Tag of what is changed is its owner's.
        assert "Idempotency-Key" not in sent.headers
        assert "Tag" not in json.loads(sent.content)


@every_scene
async def test_a_lost_answer_is_found_out_and_nothing_is_sent_again(bank: Bank, name: str) -> None:
    played = await play(bank, name)
    bank.line.lose("answer")
    unknown = await bank.ask(played.draft)
    assert unknown.state is State.UNKNOWN
    found = await bank.settle(unknown, seconds=4)
    assert found.state is (State.ACCEPTED if name in ACCEPTED else State.SUCCEEDED), found.failure
    assert found.object_id
    if played.scene.finish is not None:
        await played.scene.finish()
    ended = await bank.settle(found, seconds=6)
    assert (ended.state, ended.object_id) == (State.SUCCEEDED, found.object_id), ended.failure
    assert await played.times_done() == len(bank.line.sent) == 1


@every_scene
async def test_a_lost_request_has_failed_after_ten_minutes_and_nothing_has_moved(bank: Bank, name: str) -> None:
    played = await play(bank, name)
    bank.line.lose("request")
    unknown = await bank.ask(played.draft)
    assert (await bank.settle(unknown, seconds=4)).state is State.UNKNOWN
    failed = await bank.settle(unknown, minutes=10)
    assert (failed.state, failed.object_id) == (State.FAILED, "")
    assert await bank.log(failed) == [Outcome.ASKED, Outcome.FAILED, Outcome.FAILED]
    assert await played.times_done() == 0
    assert len(bank.line.sent) == 1


@every_post
async def test_after_a_day_the_list_of_transactions_tells_what_became_of_it(bank: Bank, name: str) -> None:
    played = await play(bank, name)
    bank.line.lose("answer")
    unknown = await bank.ask(played.draft)
    if played.scene.finish is not None:
        await played.scene.finish()
    found = await bank.settle(unknown, hours=25)
    assert found.state is State.SUCCEEDED, found.failure
    assert found.object_id
    assert await played.times_done() == len(bank.line.sent) == 1


@every_post
async def test_after_a_day_the_list_of_transactions_tells_that_it_never_arrived(bank: Bank, name: str) -> None:
    played = await play(bank, name)
    bank.line.lose("request")
    failed = await bank.settle(await bank.ask(played.draft), hours=25)
    assert failed.state is State.FAILED
    assert "never reached Mangopay" in failed.failure
    assert await played.times_done() == 0
