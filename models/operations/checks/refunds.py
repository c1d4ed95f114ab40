"""What speaks against a refund: of what it is, how old that is, and how much of it is left.

Source: https://docs.mangopay.com/guides/refunds
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from models.money import Money
from models.objects.fields import Content
from models.objects.plain import money_of, owner_of
from models.objects.ways import is_paid_back_by_payout
from models.operations.checks.check import LATELY, Checks, fine, moment_at, stop
from models.operations.kinds import OperationKind
from models.operations.requests import amount_of, told_amount
from models.operations.situation import Situation, Values, remaining, remaining_fees

# After that, Mangopay refuses any refund; some methods have a limit of their own.
REFUNDABLE_FOR = timedelta(days=334)
REFUNDABLE_FOR_METHOD = {
    **dict.fromkeys(("IDEAL", "MBWAY", "BIZUM"), timedelta(days=365)),
    **dict.fromkeys(("BCMC", "PAYPAL"), timedelta(days=180)),
    "TWINT": timedelta(days=120),
    "SATISPAY": timedelta(days=90),
}
DIRECT_DEBIT_SETTLES = timedelta(days=7)


def refund(kind: OperationKind, values: Values, situation: Situation, now: datetime) -> Checks:
    initial = situation.initial
    if initial is None:
        return
    what = "pay-in" if kind.name == "refund-payin" else "transfer"
    if initial.get("Status") != "SUCCEEDED":
        yield stop(f"The {what} is {initial.get('Status')}: only one that succeeded can be refunded.")
        return
    if refusal := _refused_by_method(initial, what, now=now):
        yield stop(refusal)
    author = owner_of(initial)
    if author and values.get("AuthorId") not in (None, "", author):
        yield stop(f"The author must be the {what}'s own: {situation.name_of(author)}.")
    yield from _refund_amount(kind, values, situation, what, now)


def _refused_by_method(initial: Content, what: str, *, now: datetime) -> str:
    """Return why what is of this kind and age is not refunded, "" when it is."""
    if is_paid_back_by_payout(initial):
        return "A bank wire cannot be refunded: pay it back by a payout that names the pay-in."
    method, made_at = str(initial.get("PaymentType")), moment_at(initial, "CreationDate")
    age = now - made_at if made_at else timedelta()
    if age > (longest := REFUNDABLE_FOR_METHOD.get(method, REFUNDABLE_FOR)):
        return f"The {what} is older than {longest.days} days, after which Mangopay refunds none of its kind."
    if method.startswith("DIRECT_DEBIT") and age < DIRECT_DEBIT_SETTLES:
        return "A direct debit can be refunded after 7 days: until then it may still fail."
    return ""


def _refund_amount(kind: OperationKind, values: Values, situation: Situation, what: str, now: datetime) -> Checks:
    left = remaining(situation)
    if left is None:
        yield stop(f"What was given back of the {what} cannot be told, for its currencies differ.")
        return
    if left.is_disputed:
        yield stop(f"The {what} is disputed, or its dispute was lost: Mangopay refunds it no more.")
    if any(refund.get("Status") == "CREATED" for refund in situation.refunds):
        yield stop("A refund of it is still under way; the next can be made once that has ended.")
    if left.remains.amount == 0:
        yield stop(f"All of the {what} has been given back.")
        return
    amount, back = amount_of(kind, values, "DebitedFunds"), told_amount(kind, values)
    if amount is not None and amount.currency == left.remains.currency:
        if amount.amount > left.remains.amount:
            yield stop(f"Only {left.remains.text()} can still be given back.")
        elif back is not None:
            yield fine(f"{left.remains.text()} can still be given back, afterwards {(left.remains - amount).text()}.")
        if _is_same_again(amount, situation.refunds, now=now):
            yield stop("The same amount of it was refunded in the last 24 hours: Mangopay refuses it a second time.")
    yield from _refund_fees(values, situation, kind)


def _refund_fees(values: Values, situation: Situation, kind: OperationKind) -> Checks:
    fees, kept = amount_of(kind, values, "Fees"), remaining_fees(situation)
    if fees is None or kept is None or fees.currency != kept.currency:
        return
    if -fees.amount > kept.amount:
        yield stop(f"Of the fees only {kept.text()} can still be given back.")
    elif fees.amount == 0 and kept.amount:
        yield fine(f"The platform keeps its fees of {kept.text()}.")


def _is_same_again(amount: Money, refunds: Sequence[Content], *, now: datetime) -> bool:
    for refund in refunds:
        made_at = moment_at(refund, "CreationDate")
        if (
            refund.get("Status") != "FAILED"
            and money_of(refund.get("DebitedFunds"), refund) == amount
            and made_at is not None
            and now - made_at < LATELY
        ):
            return True
    return False
