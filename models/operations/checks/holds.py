"""What speaks against taking what is held on a card, or letting go of it."""

from datetime import datetime

from models.money import Money
from models.objects.fields import Content
from models.objects.plain import money_of
from models.operations.checks.check import Check, Checks, fine, moment_at, notice, stop
from models.operations.checks.payins import payin
from models.operations.kinds import OperationKind
from models.operations.requests import amount_of
from models.operations.situation import Situation, Values


def capture(kind: OperationKind, values: Values, situation: Situation, now: datetime) -> Checks:
    hold = situation.hold
    if hold is None:
        return
    if hold.get("Status") != "SUCCEEDED":
        yield stop(f"The hold is {hold.get('Status')}: nothing is held.")
    elif hold.get("PaymentStatus") != "WAITING":
        yield stop(f"The hold is {hold.get('PaymentStatus')}: nothing is held any more.")
    expires_at = moment_at(hold, "ExpirationDate")
    if expires_at is not None and expires_at < now:
        yield stop("The hold has expired.")
    held = money_of(hold.get("RemainingFunds") or hold.get("DebitedFunds"), hold)
    amount = amount_of(kind, values, kind.amount) if kind.amount else None
    if held is not None and amount is not None and held.currency == amount.currency:
        if amount.amount > held.amount:
            yield stop(f"Only {held.text()} are held.")
        else:
            yield _left(held, amount, is_taken_once="PreauthorizationId" not in situation.objects)
    if kind.name == "cancel-preauthorization" and _was_captured(hold):
        yield stop("A part of it was captured: release what is left instead.")
    yield from payin(kind, values, situation, now)


def _left(held: Money, amount: Money, *, is_taken_once: bool) -> Check:
    """Say what becomes of the rest of a hold: those of 30 days are captured once."""
    left = held - amount
    if is_taken_once and left.amount:
        return notice(f"{held.text()} are held. They can be taken once: the other {left.text()} are let go.")
    return fine(f"{held.text()} are held, afterwards {left.text()}.")


def release(_kind: OperationKind, _values: Values, situation: Situation, _now: datetime) -> Checks:
    hold = situation.hold
    if hold is None:
        return
    if hold.get("PaymentStatus") != "WAITING":
        yield stop(f"The hold is {hold.get('PaymentStatus')}: nothing is held any more.")
    elif not _was_captured(hold):
        yield stop("Nothing was captured of it yet: cancel it instead.")


def _was_captured(hold: Content) -> bool:
    held, left = (money_of(hold.get(name), hold) for name in ("DebitedFunds", "RemainingFunds"))
    return held is not None and left is not None and left.amount < held.amount
