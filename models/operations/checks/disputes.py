"""What speaks against contesting a dispute, giving it up, or settling one that was lost.

Source: https://docs.mangopay.com/guides/disputes
"""

from datetime import datetime

from models.objects.fields import text_at
from models.objects.plain import money_of
from models.operations.checks.check import Checks, fine, moment_at, notice, stop
from models.operations.kinds import OperationKind
from models.operations.requests import amount_of
from models.operations.situation import Situation, Values, to_settle


def answer(kind: OperationKind, values: Values, situation: Situation, now: datetime) -> Checks:
    dispute = situation.objects.get("DisputeId")
    if dispute is None:
        return
    status = text_at(dispute, "Status")
    if status not in ("PENDING_CLIENT_ACTION", "REOPENED_PENDING_CLIENT_ACTION"):
        yield stop(f"The dispute is {status}: it does not wait for the platform.")
        return
    deadline = moment_at(dispute, "ContestDeadlineDate")
    if kind.name == "close-dispute":
        yield notice("The dispute is lost with this, and what the bank took stays taken.")
        return
    if deadline is not None:
        late = deadline < now
        yield (stop if late else fine)(f"It can be contested until {deadline:%Y-%m-%d %H:%M} UTC.")
    funds, asked = money_of(dispute.get("DisputedFunds"), dispute), amount_of(kind, values, "ContestedFunds")
    if funds and asked and asked.currency == funds.currency and asked.amount > funds.amount:
        yield stop(f"Only {funds.text()} are disputed.")
    if asked is None and status == "PENDING_CLIENT_ACTION" and not values.get("ContestedFunds"):
        yield stop("Say how much is contested.")
    yield from _papers(situation)


def _papers(situation: Situation) -> Checks:
    if not situation.papers:
        yield notice("No document is added to the dispute yet: without proof the bank seldom decides for the platform.")


def settle(kind: OperationKind, values: Values, situation: Situation, _now: datetime) -> Checks:
    left, amount = to_settle(situation), amount_of(kind, values, "DebitedFunds")
    if situation.objects.get("RepudiationId") is None or left is None:
        return
    if not any(d.get("ResultCode") == "LOST" for d in situation.disputes):
        yield stop("Only a dispute that is closed and lost can be settled.")
    if left.amount == 0:
        yield stop("It has been settled.")
    elif amount is not None and amount.currency == left.currency:
        if amount.amount > left.amount:
            yield stop(f"Only {left.text()} are still to be settled.")
        else:
            yield fine(f"{left.text()} are to be settled, afterwards {(left - amount).text()}.")
    yield from _settled_fees(kind, values, situation)


def _settled_fees(kind: OperationKind, values: Values, situation: Situation) -> Checks:
    payin, fees = situation.disputed, amount_of(kind, values, "Fees")
    taken = money_of(payin.get("Fees"), payin) if payin else None
    if fees is not None and taken is not None and fees.currency == taken.currency and abs(fees.amount) > taken.amount:
        yield stop(f"The fees of the disputed pay-in were only {taken.text()}.")
