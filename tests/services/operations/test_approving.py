"""Above the limit two people move money: one asks, another decides on exactly that, and it is sent once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlmodel import col, select

from models.audit import Act, AuditEntry, Outcome
from models.journal import Operation, State
from models.operations.limits import parse_limits
from models.operations.requests import hash_of
from models.permissions import Role
from services.access.actors import Actor, NotAllowed
from services.database import Database
from services.operations.approving import approve, refuse, withdraw
from services.operations.errors import AlreadyAsked, Moved, NotForYou, NotTaken, Stopped, Unfit
from services.operations.journal import count_to_decide
from tests.actors import make_actor
from tests.services.emulator.marketplace import created
from tests.services.operations.bank import APRIL, OLIVIA, REASON, Bank, open_bank

ADAM = make_actor(Role.ADMIN, email="adam@example.com", account_id=3, session_id=3)
Payin = dict[str, Any]


@pytest.fixture
async def bank(database: Database) -> AsyncIterator[Bank]:
    """A bank in which more than ten euros take a second person; Alice's pay-in gives 12.60 EUR back."""
    async with open_bank(database, limits=parse_limits("EUR:10")) as bank:
        yield bank


@pytest.fixture
async def waiting(bank: Bank, payin: Payin) -> Operation:
    return await bank.do("refund-payin", PayInId=payin["Id"])


async def decide(bank: Bank, operation: Operation, actor: Actor = APRIL) -> Operation:
    """Look at what waits, and say yes to it."""
    looked = await bank.look(operation)
    return await approve(
        actor, bank.teller, operation.operation_id, request_hash=operation.request_hash, seen=looked.seen
    )


async def empty(bank: Bank, payin: Payin) -> None:
    """Bob moves what Alice has paid elsewhere."""
    shop = {"Id": payin["CreditedWalletId"], "Owners": [payin["CreditedUserId"]], "Currency": "EUR"}
    till = await bank.market.wallet({"Id": payin["CreditedUserId"]})
    assert created(await bank.market.transfer(shop, till, 1000))["Status"] == "SUCCEEDED"


async def log(bank: Bank) -> list[tuple[str, Outcome]]:
    """Return who has said what of money operations, oldest first."""
    money = select(AuditEntry).where(AuditEntry.act == Act.MONEY_OPERATION).order_by(col(AuditEntry.id))
    async with bank.teller.database.session() as session:
        return [(line.who, line.outcome) for line in (await session.exec(money)).all()]


async def test_what_is_above_the_limit_waits_and_nothing_is_sent(bank: Bank, waiting: Operation) -> None:
    assert waiting.state is State.AWAITING_APPROVAL
    assert (waiting.sentence, waiting.reason) == ("Refund 12.60 EUR to Alice Martin, card …1119", REASON)
    assert waiting.request_hash == hash_of(waiting.kind, waiting.values)
    assert not bank.line.sent
    assert await log(bank) == [(OLIVIA.email, Outcome.ASKED)]


@pytest.mark.parametrize(("amount", "state"), [("9.40", State.SUCCEEDED), ("9.41", State.AWAITING_APPROVAL)])
async def test_the_limit_counts_what_reaches_the_payer(bank: Bank, payin: Payin, amount: str, state: State) -> None:
    """Of the fees another 0.60 EUR are given back."""
    asked = await bank.do("refund-payin", PayInId=payin["Id"], DebitedFunds=amount, Fees="-0.60")
    assert asked.state is state


async def test_what_moves_no_money_waits_for_nobody(bank: Bank) -> None:
    wallet = await bank.market.wallet(await bank.market.owner())
    wire = await bank.do("payin-bankwire", CreditedWalletId=wallet["Id"], DeclaredDebitedFunds="5000")
    assert wire.state is State.SUCCEEDED


async def test_another_person_approves_and_it_is_sent_once(bank: Bank, payin: Payin, waiting: Operation) -> None:
    done = await decide(bank, waiting)
    assert (done.state, done.asked_by, done.decided_by) == (State.SUCCEEDED, OLIVIA.email, APRIL.email)
    [refund] = await bank.refunds(payin)
    assert (refund["Id"], refund["Tag"]) == (done.object_id, done.operation_id)
    assert bank.line.sent[0].headers["Idempotency-Key"] == waiting.idempotency_key
    with pytest.raises(AlreadyAsked, match="succeeded"):
        await decide(bank, waiting, ADAM)
    assert len(bank.line.sent) == 1
    assert await log(bank) == [
        (OLIVIA.email, Outcome.ASKED),
        (APRIL.email, Outcome.ASKED),
        (APRIL.email, Outcome.DONE),
    ]


@pytest.mark.parametrize("email", [OLIVIA.email, "Olivia@Example.com"])
async def test_whoever_asked_cannot_approve_not_even_as_admin(bank: Bank, waiting: Operation, email: str) -> None:
    olivia = make_actor(Role.ADMIN, email=email)
    with pytest.raises(NotForYou):
        await decide(bank, waiting, olivia)
    with pytest.raises(NotForYou):
        await refuse(olivia, bank.teller, waiting.operation_id, reason="Not so")
    assert (await bank.now(waiting)).state is State.AWAITING_APPROVAL
    assert not bank.line.sent


async def test_another_operator_cannot_approve(bank: Bank, waiting: Operation) -> None:
    with pytest.raises(NotAllowed):
        await decide(bank, waiting, make_actor(Role.OPERATOR, email="oscar@example.com"))
    assert not bank.line.sent


async def test_two_who_approve_at_once_send_it_once(bank: Bank, payin: Payin, waiting: Operation) -> None:
    outcomes = await asyncio.gather(
        *(decide(bank, waiting, actor) for actor in (APRIL, ADAM, APRIL)), return_exceptions=True
    )
    assert sum(isinstance(outcome, Operation) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, AlreadyAsked) for outcome in outcomes) == 2
    assert len(await bank.refunds(payin)) == len(bank.line.sent) == 1


async def test_of_yes_and_no_at_once_one_holds(bank: Bank, payin: Payin, waiting: Operation) -> None:
    outcomes = await asyncio.gather(
        decide(bank, waiting),
        refuse(ADAM, bank.teller, waiting.operation_id, reason="Not so"),
        return_exceptions=True,
    )
    [held] = [outcome for outcome in outcomes if isinstance(outcome, Operation)]
    assert [type(outcome) for outcome in outcomes if outcome is not held] == [AlreadyAsked]
    assert len(await bank.refunds(payin)) == (held.state is State.SUCCEEDED)
    assert (await bank.now(waiting)).state is held.state


async def test_what_was_changed_behind_the_approver_is_not_sent(bank: Bank, waiting: Operation) -> None:
    shown = waiting.request_hash
    async with bank.teller.database.session() as session:
        row = await session.get_one(Operation, waiting.id)
        row.values = {**row.values, "DebitedFunds": "11.00"}
        session.add(row)
        await session.commit()
    for told in (shown, hash_of(row.kind, row.values)):
        with pytest.raises(NotForYou, match="not what was asked for"):
            await approve(APRIL, bank.teller, waiting.operation_id, request_hash=told, seen=waiting.seen)
    assert not bank.line.sent


async def test_what_was_shown_otherwise_is_not_sent(bank: Bank, waiting: Operation) -> None:
    with pytest.raises(NotForYou, match="not what was asked for"):
        await approve(APRIL, bank.teller, waiting.operation_id, request_hash="another", seen=waiting.seen)
    assert (await bank.now(waiting)).state is State.AWAITING_APPROVAL


async def test_a_refusal_tells_why_and_ends_it(bank: Bank, waiting: Operation) -> None:
    refused = await refuse(APRIL, bank.teller, waiting.operation_id, reason=" She keeps it ")
    assert (refused.state, refused.decided_by, refused.decision_reason) == (
        State.REFUSED,
        APRIL.email,
        "She keeps it",
    )
    assert refused.ended_at is not None
    with pytest.raises(AlreadyAsked, match="refused"):
        await decide(bank, waiting, ADAM)
    assert not bank.line.sent
    assert await log(bank) == [(OLIVIA.email, Outcome.ASKED), (APRIL.email, Outcome.REFUSED)]


@pytest.mark.parametrize("reason", ["", "   ", "no", "x" * 301, "not\x00so"])
async def test_nobody_is_refused_without_a_reason_that_can_be_read(bank: Bank, waiting: Operation, reason: str) -> None:
    with pytest.raises(Unfit) as unfit:
        await refuse(APRIL, bank.teller, waiting.operation_id, reason=reason)
    assert set(unfit.value.field_errors) == {"Reason"}
    assert (await bank.now(waiting)).state is State.AWAITING_APPROVAL


async def test_whoever_asked_may_take_it_back(bank: Bank, waiting: Operation) -> None:
    gone = await withdraw(OLIVIA, bank.teller, waiting.operation_id)
    assert gone.state is State.CANCELLED
    with pytest.raises(AlreadyAsked, match="cancelled"):
        await decide(bank, waiting)
    assert not bank.line.sent
    assert await log(bank) == [(OLIVIA.email, Outcome.ASKED), (OLIVIA.email, Outcome.REFUSED)]


async def test_nobody_else_may_take_it_back(bank: Bank, waiting: Operation) -> None:
    with pytest.raises(NotForYou):
        await withdraw(ADAM, bank.teller, waiting.operation_id)
    assert (await bank.now(waiting)).state is State.AWAITING_APPROVAL


async def test_what_nobody_decides_on_expires_after_three_days(bank: Bank, waiting: Operation) -> None:
    assert (await bank.settle(waiting, days=2, hours=23)).state is State.AWAITING_APPROVAL
    expired = await bank.settle(waiting, hours=1)
    assert (expired.state, expired.failure) == (State.EXPIRED, "Nobody decided on it in time.")
    assert await log(bank) == [(OLIVIA.email, Outcome.ASKED), ("dashboard", Outcome.REFUSED)]


async def test_what_has_expired_is_not_approved_even_before_it_is_cleared_away(bank: Bank, waiting: Operation) -> None:
    bank.clock.advance(days=3)
    with pytest.raises(AlreadyAsked, match="expired"):
        await decide(bank, waiting)
    assert not bank.line.sent


async def test_what_speaks_against_it_leaves_it_waiting_with_the_reason(
    bank: Bank, payin: Payin, waiting: Operation
) -> None:
    await empty(bank, payin)
    with pytest.raises(Stopped, match=r"There are only 2\.00 EUR in the wallet"):
        await decide(bank, waiting)
    back = await bank.now(waiting)
    assert (back.state, back.decided_by, back.sent_at) == (State.AWAITING_APPROVAL, "", None)
    assert "There are only 2.00 EUR in the wallet" in back.failure
    assert not bank.line.sent
    assert await log(bank) == [(OLIVIA.email, Outcome.ASKED), (APRIL.email, Outcome.REFUSED)]


async def test_what_has_moved_since_the_approver_looked_is_not_sent(
    bank: Bank, payin: Payin, waiting: Operation
) -> None:
    looked = await bank.look(waiting)
    await empty(bank, payin)
    with pytest.raises(Moved, match=r"from 12\.00 EUR to 2\.00 EUR"):
        await approve(APRIL, bank.teller, waiting.operation_id, request_hash=waiting.request_hash, seen=looked.seen)
    assert (await bank.now(waiting)).state is State.AWAITING_APPROVAL
    assert not bank.line.sent


async def test_what_mangopay_did_not_take_waits_again_and_can_be_approved(
    bank: Bank, payin: Payin, waiting: Operation
) -> None:
    bank.line.lose("request", instead=httpx.ConnectError("refused"))
    with pytest.raises(NotTaken):
        await decide(bank, waiting)
    back = await bank.now(waiting)
    assert (back.state, back.decided_by) == (State.AWAITING_APPROVAL, "")
    assert (await decide(bank, back, ADAM)).state is State.SUCCEEDED
    assert len(await bank.refunds(payin)) == 1


async def test_a_lost_answer_to_what_was_approved_is_found_out(bank: Bank, payin: Payin, waiting: Operation) -> None:
    bank.line.lose("answer")
    unknown = await decide(bank, waiting)
    assert unknown.state is State.UNKNOWN
    settled = await bank.settle(unknown, seconds=4)
    assert (settled.state, settled.decided_by) == (State.SUCCEEDED, APRIL.email)
    assert len(await bank.refunds(payin)) == len(bank.line.sent) == 1


async def test_only_what_others_asked_for_waits_for_ones_decision(bank: Bank, waiting: Operation) -> None:
    olivia = replace(OLIVIA, role=Role.ADMIN)
    assert [await count_to_decide(actor, bank.teller) for actor in (APRIL, olivia)] == [1, 0]
    await refuse(APRIL, bank.teller, waiting.operation_id, reason="She keeps it")
    assert await count_to_decide(APRIL, bank.teller) == 0
