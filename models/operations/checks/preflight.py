"""All checks of an operation together: those of its kind, and those that any may meet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from models.objects.fields import Content, text_at, value_at
from models.objects.plain import owner_of
from models.operations.checks import disputes, holds, moves, payins, payouts, refunds, switches
from models.operations.checks.check import Check, Checks, Level, Rule, fine, notice, stop
from models.operations.kinds import OperationKind
from models.operations.requests import CURRENCY, amount_of, faults_of
from models.operations.situation import Situation, Values, balance_of, remaining
from models.words import blocks_in_words


def preflight(kind: OperationKind, values: Values, situation: Situation, *, now: datetime) -> tuple[Check, ...]:
    """Return the checks, the gravest first; what cannot be checked yet, for nothing is filled in, is left out."""
    found = [
        *_typed(kind, values),
        *_unread(kind, values, situation),
        *_RULES.get(kind.name, _nothing)(kind, values, situation, now),
        *(_people(kind, values, situation)),
        *_wallet(kind, values, situation),
        *_lately(situation),
    ]
    order = list(reversed(Level))
    return tuple(sorted(found, key=lambda check: order.index(check.level)))


def is_stopped(checks: tuple[Check, ...]) -> bool:
    return any(check.level is Level.STOP for check in checks)


def _nothing(_kind: OperationKind, _values: Values, _situation: Situation, _now: datetime) -> Checks:
    return iter(())


def _unread(kind: OperationKind, values: Values, situation: Situation) -> Checks:
    for reason in dict.fromkeys(situation.unread.values()):
        yield stop(reason)
    for reason in dict.fromkeys(situation.unseen.values()):
        yield notice(reason)
    if "Wallet" in "".join(situation.unseen) and values.get(kind.amount) and not values.get(CURRENCY):
        yield stop("The currency of the amount is not known while the wallet cannot be looked at.")


def _typed(kind: OperationKind, values: Values) -> Checks:
    """Say of amounts that were typed what is wrong with them by themselves."""
    for name, fault in faults_of(kind, values).items():
        if values.get(name) and name in kind.by_name and kind.by_name[name].is_amount:
            yield stop(fault)


def _lately(situation: Situation) -> Checks:
    if situation.under_way is not None:
        other = situation.under_way
        yield Check(
            Level.STOP,
            f"Another operation on the same money is under way: “{other.sentence}”, by {other.asked_by}.",
            (other.operation_id,),
        )
    if situation.lately:
        newest = situation.lately[0]
        ids = tuple(earlier.operation_id for earlier in situation.lately)
        count = f" ({len(ids)} times)" if len(ids) > 1 else ""
        yield Check(
            Level.NOTICE,
            f"In the last 24 hours the same amount was asked for to the same place{count}: "
            f"“{newest.sentence}”, by {newest.asked_by}.",
            ids,
        )


def _people(kind: OperationKind, values: Values, situation: Situation) -> Checks:
    """Say of everybody it concerns whether Mangopay has closed or blocked them, and what their KYC level means."""
    goes_out = kind.name in ("payout", "transfer", "convert", "settle")
    # Of an account that is closed, what is left of it can still be switched off, and what is disputed be answered.
    is_told_only = kind.group in ("Switch off", "Disputes")
    for user_id, user in situation.people.items():
        name = situation.name_of(user_id)
        if user.get("UserStatus") == "CLOSED":
            yield (notice if is_told_only else stop)(f"The account of {name} is closed.")
        if user.get("UserStatus") == "PENDING_USER_ACTION" and user_id == values.get("AuthorId") and goes_out:
            yield notice(f"{name} has not set up strong authentication yet, and may have to before this is done.")
        yield from _blocks(name, situation.blocks.get(user_id), stopped_by=_stopping_flows(kind, user_id, situation))


def _stopping_flows(kind: OperationKind, user_id: str, situation: Situation) -> tuple[str, ...]:
    """Return the flows of which a block of this user stops it: a transfer is stopped by either, of either user."""
    if kind.name in ("transfer", "convert", "settle"):
        return ("Inflows", "Outflows")
    if kind.name == "payout":
        return ("Outflows",)
    is_paid = situation.into is not None and owner_of(situation.into) == user_id
    return ("Inflows",) if kind.makes == "payin" and is_paid else ()


def _blocks(name: str, status: Content | None, *, stopped_by: Sequence[str]) -> Checks:
    if status is None:
        return
    blocked = {flow for flow in ("Inflows", "Outflows") if value_at(status, f"ScopeBlocked.{flow}") is True}
    said = blocks_in_words(
        inflows="Inflows" in blocked, outflows="Outflows" in blocked, action_code=text_at(status, "ActionCode") or ""
    )
    if said:
        yield (notice if blocked.isdisjoint(stopped_by) else stop)(said.replace("this user", name))


def _wallet(kind: OperationKind, values: Values, situation: Situation) -> Checks:
    """Say what is left in the wallet that the money leaves."""
    balance, amount = balance_of(situation.wallet), amount_of(kind, values, kind.amount)
    if balance is None or amount is None or not kind.moves_money or kind.group in ("Take in", "Holds"):
        return
    if balance.currency != amount.currency:
        yield stop(f"The wallet is in {balance.currency}, the amount in {amount.currency}.")
    elif balance.amount < amount.amount:
        left = remaining(situation) if kind.makes == "refund" else None
        is_gone = left is not None and left.remains.amount > balance.amount
        hint = " What was transferred on from it has to be refunded first." if is_gone else ""
        yield stop(f"There are only {balance.text()} in the wallet.{hint}")
    else:
        yield fine(f"Balance of the wallet: {balance.text()}, afterwards {(balance - amount).text()}.")


_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "refund-payin": refunds.refund,
        "refund-transfer": refunds.refund,
        "payout": payouts.payout,
        "payout-platform": payouts.payout,
        "transfer": moves.transfer,
        "convert": moves.transfer,
        "payin-bankwire": payins.payin,
        "payin-card": payins.payin,
        "payin-web": payins.payin,
        "payin-directdebit": payins.payin,
        "capture": holds.capture,
        "cancel-preauthorization": holds.capture,
        "release-preauthorization": holds.release,
        "contest-dispute": disputes.answer,
        "close-dispute": disputes.answer,
        "settle": disputes.settle,
        "deactivate-card": switches.switch_off,
        "deactivate-recipient": switches.switch_off,
        "deactivate-bank-account": switches.switch_off,
        "cancel-mandate": switches.switch_off,
    }
)
