"""The pre-flight: what speaks for an operation and against it, before anything is sent.

STOP is said only of what Mangopay is known to refuse, or what would surely go wrong; everything else is a notice, for
the operator knows more than we do. Source: https://docs.mangopay.com/api-reference, the errors of each call
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from models.mangopay.wire import utc
from models.money import Money
from models.objects.fields import Content, text_at, value_at
from models.objects.plain import money_of, owner_of
from models.objects.ways import is_paid_back_by_payout
from models.operations.kinds import OperationKind
from models.operations.requests import amount_of, told_amount
from models.operations.sentences import money_text
from models.operations.situation import (
    Situation,
    Values,
    balance_of,
    currency_of,
    remaining,
    remaining_fees,
    to_settle,
)
from models.words import blocks_in_words

# After that, Mangopay refuses any refund; some methods have a limit of their own.
REFUNDABLE_FOR = timedelta(days=334)
REFUNDABLE_FOR_METHOD = {
    **dict.fromkeys(("IDEAL", "MBWAY", "BIZUM"), timedelta(days=365)),
    **dict.fromkeys(("BCMC", "PAYPAL"), timedelta(days=180)),
    "TWINT": timedelta(days=120),
    "SATISPAY": timedelta(days=90),
}
DIRECT_DEBIT_SETTLES = timedelta(days=7)
LATELY = timedelta(hours=24)


class Level(StrEnum):
    """How much a check matters."""

    FINE = "fine"
    NOTICE = "notice"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the pre-flight. `operation_ids` are operations of ours that it speaks of."""

    level: Level
    sentence: str
    operation_ids: tuple[str, ...] = ()


def preflight(kind: OperationKind, values: Values, situation: Situation, *, now: datetime) -> tuple[Check, ...]:
    """Return the checks, the gravest first; what cannot be checked yet, for nothing is filled in, is left out."""
    found = [
        *_unread(situation),
        *_RULES.get(kind.name, _nothing)(kind, values, situation, now),
        *(_people(kind, values, situation)),
        *_wallet(kind, values, situation),
        *_lately(situation),
    ]
    order = list(reversed(Level))
    return tuple(sorted(found, key=lambda check: order.index(check.level)))


def is_stopped(checks: tuple[Check, ...]) -> bool:
    return any(check.level is Level.STOP for check in checks)


Checks = Iterator[Check]


def _stop(sentence: str) -> Check:
    return Check(Level.STOP, sentence)


def _notice(sentence: str) -> Check:
    return Check(Level.NOTICE, sentence)


def _fine(sentence: str) -> Check:
    return Check(Level.FINE, sentence)


def _nothing(_kind: OperationKind, _values: Values, _situation: Situation, _now: datetime) -> Checks:
    return iter(())


def _unread(situation: Situation) -> Checks:
    for reason in dict.fromkeys(situation.unread.values()):
        yield _stop(reason)
    for reason in dict.fromkeys(situation.unseen.values()):
        yield _notice(reason)


def _lately(situation: Situation) -> Checks:
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
    comes_in = kind.name.startswith("payin") or kind.name == "capture"
    for user_id, user in situation.people.items():
        name = situation.name_of(user_id)
        if user.get("UserStatus") == "CLOSED":
            yield _stop(f"The account of {name} is closed.")
        if user.get("UserStatus") == "PENDING_USER_ACTION" and user_id == values.get("AuthorId") and goes_out:
            yield _notice(f"{name} has not set up strong authentication yet, and may have to before this is done.")
        yield from _blocks(name, situation.blocks.get(user_id), stops=goes_out or comes_in)


def _blocks(name: str, status: Content | None, *, stops: bool) -> Checks:
    if status is None:
        return
    inflows, outflows = (value_at(status, f"ScopeBlocked.{flow}") is True for flow in ("Inflows", "Outflows"))
    said = blocks_in_words(inflows=inflows, outflows=outflows, action_code=text_at(status, "ActionCode") or "").replace(
        "this user", name
    )
    if said:
        yield (_stop if stops else _notice)(said)


def _wallet(kind: OperationKind, values: Values, situation: Situation) -> Checks:
    """Say what is left in the wallet that the money leaves."""
    balance, amount = balance_of(situation.wallet), amount_of(kind, values, kind.amount)
    if balance is None or amount is None or not kind.moves_money or kind.group in ("Take in", "Holds"):
        return
    if balance.currency != amount.currency:
        yield _stop(f"The wallet is in {balance.currency}, the amount in {amount.currency}.")
    elif balance.amount < amount.amount:
        hint = " What was transferred on has to be refunded first." if kind.makes == "refund" else ""
        yield _stop(f"There are only {money_text(balance)} in the wallet.{hint}")
    else:
        yield _fine(f"Balance of the wallet: {money_text(balance)}, afterwards {money_text(balance - amount)}.")


def _refund(kind: OperationKind, values: Values, situation: Situation, now: datetime) -> Checks:
    initial = situation.initial
    if initial is None:
        return
    what = "pay-in" if kind.name == "refund-payin" else "transfer"
    if initial.get("Status") != "SUCCEEDED":
        yield _stop(f"The {what} is {initial.get('Status')}: only one that succeeded can be refunded.")
        return
    if what == "pay-in" and (refusal := _refused_by_method(initial, now=now)):
        yield _stop(refusal)
    author = owner_of(initial)
    if author and values.get("AuthorId") not in (None, "", author):
        yield _stop(f"The author must be the {what}'s own: {situation.name_of(author)}.")
    yield from _refund_amount(kind, values, situation, what, now)


def _refused_by_method(payin: Content, *, now: datetime) -> str:
    """Return why pay-ins of this kind and age are not refunded, "" when they are."""
    if is_paid_back_by_payout(payin):
        return "A bank wire cannot be refunded: pay it back by a payout that names the pay-in."
    method, made_at = str(payin.get("PaymentType")), utc(value_at_int(payin, "CreationDate"))
    age = now - made_at if made_at else timedelta()
    if age > (longest := REFUNDABLE_FOR_METHOD.get(method, REFUNDABLE_FOR)):
        return f"The pay-in is older than {longest.days} days, after which Mangopay refunds none of its kind."
    if method.startswith("DIRECT_DEBIT") and age < DIRECT_DEBIT_SETTLES:
        return "A direct debit can be refunded after 7 days: until then it may still fail."
    return ""


def _refund_amount(kind: OperationKind, values: Values, situation: Situation, what: str, now: datetime) -> Checks:
    left = remaining(situation)
    if left is None:
        yield _stop(f"What was given back of the {what} cannot be told, for its currencies differ.")
        return
    if left.is_disputed:
        yield _stop(f"The {what} is disputed, or its dispute was lost: Mangopay refunds it no more.")
    if any(refund.get("Status") == "CREATED" for refund in situation.refunds):
        yield _stop("A refund of it is still under way; the next can be made once that has ended.")
    if left.remains.amount == 0:
        yield _stop(f"All of the {what} has been given back.")
        return
    amount, back = amount_of(kind, values, "DebitedFunds"), told_amount(kind, values)
    if amount is not None and amount.currency == left.remains.currency:
        if amount.amount > left.remains.amount:
            yield _stop(f"Only {money_text(left.remains)} can still be given back.")
        elif back is not None:
            yield _fine(
                f"{money_text(left.remains)} can still be given back, afterwards {money_text(left.remains - amount)}."
            )
        if _is_same_again(amount, situation.refunds, now=now):
            yield _stop("The same amount of it was refunded in the last 24 hours: Mangopay refuses it a second time.")
    yield from _refund_fees(values, situation, kind)


def _refund_fees(values: Values, situation: Situation, kind: OperationKind) -> Checks:
    fees, kept = amount_of(kind, values, "Fees"), remaining_fees(situation)
    if fees is None or kept is None or fees.currency != kept.currency:
        return
    if -fees.amount > kept.amount:
        yield _stop(f"Of the fees only {money_text(kept)} can still be given back.")
    elif fees.amount == 0 and kept.amount:
        yield _fine(f"The platform keeps its fees of {money_text(kept)}.")


def _is_same_again(amount: Money, refunds: Sequence[Content], *, now: datetime) -> bool:
    for refund in refunds:
        made_at = utc(value_at_int(refund, "CreationDate"))
        if (
            refund.get("Status") != "FAILED"
            and money_of(refund.get("DebitedFunds"), refund) == amount
            and made_at is not None
            and now - made_at < LATELY
        ):
            return True
    return False


def _payout(_kind: OperationKind, values: Values, situation: Situation, _now: datetime) -> Checks:
    author = situation.people.get(values.get("AuthorId", ""))
    gives_back = values.get("PaymentRef.ReasonType") == "PAYIN_REFUND"
    if author is not None and author.get("UserCategory") == "PAYER" and not gives_back:
        yield _stop("A PAYER is not paid out, save to give a pay-in back. Make the user an OWNER first.")
    elif author is not None and author.get("KYCLevel") == "LIGHT" and not gives_back:
        yield _notice("The user's KYC level is LIGHT: Mangopay refuses payouts, or allows only small ones.")
    yield from _owner(values, situation)
    yield from _account(values, situation)
    if gives_back and not values.get("PaymentRef.ReferenceId"):
        yield _stop("Say which pay-in is given back.")
    if values.get("PayoutModeRequested") == "RTGS_PAYMENT" and currency_of(situation) not in ("", "EUR"):
        yield _stop("RTGS pays out euros only.")


def _account(values: Values, situation: Situation) -> Checks:
    account = situation.account
    if account is None:
        return
    status = text_at(account, "Status")
    if status not in (None, "ACTIVE"):
        yield _stop(f"The recipient is {status}: only an ACTIVE one can be paid out to.")
    if account.get("Active") is False:
        yield _stop("The bank account is deactivated.")
    owner = owner_of(account)
    if owner and values.get("AuthorId") and owner != values["AuthorId"]:
        yield _stop(f"The bank account belongs to {situation.name_of(owner)}, not to the author.")
    if account.get("RecipientScope") == "PAYIN" and values.get("PaymentRef.ReasonType") != "PAYIN_REFUND":
        yield _stop("This recipient is only for giving pay-ins back.")
    check = text_at(account, "RecipientVerificationOfPayee.RecipientVerificationCheck")
    if check not in (None, "MATCH"):
        yield _notice(f"The bank was asked for the account's owner: {check}. It may send the payout back.")


def _owner(values: Values, situation: Situation) -> Checks:
    owner = owner_of(situation.wallet) if situation.wallet else None
    if owner and values.get("AuthorId") and owner != values["AuthorId"]:
        yield _stop(f"The wallet belongs to {situation.name_of(owner)}, who must be the author.")


def _transfer(kind: OperationKind, values: Values, situation: Situation, now: datetime) -> Checks:
    wallet, into = situation.wallet, situation.into
    yield from _owner(values, situation)
    if wallet is None or into is None:
        return
    if wallet.get("Id") == into.get("Id"):
        yield _stop("Both wallets are the same.")
    payer, payee = (situation.people.get(owner_of(side) or "", {}) for side in (wallet, into))
    one, other = wallet.get("Currency"), into.get("Currency")
    if kind.name == "convert":
        if one == other:
            yield _stop(f"Both wallets are in {one}: use a transfer.")
        if owner_of(wallet) != owner_of(into):
            yield _stop("Both wallets must belong to the same user.")
        yield from _quote(kind, values, situation, now)
        return
    if one != other:
        yield _stop(f"One wallet is in {one}, the other in {other}: use a conversion.")
    if payee.get("UserCategory") == "PAYER" and owner_of(wallet) != owner_of(into):
        yield _stop(f"{situation.name_of(owner_of(into))} is a PAYER, to whom nobody can transfer.")
    if payer.get("UserCategory") == payee.get("UserCategory") == "OWNER" and owner_of(wallet) != owner_of(into):
        yield _notice(f"{situation.name_of(owner_of(wallet))} may have to confirm this with strong authentication.")


def _quote(kind: OperationKind, values: Values, situation: Situation, now: datetime) -> Checks:
    quoted = situation.quote
    if quoted is None:
        return
    expires_at = utc(value_at_int(quoted, "ExpirationDate"))
    rate = value_at(quoted, "ConversionRateResponse.MarketRate")
    if quoted.get("Status") == "EXPIRED" or (expires_at is not None and expires_at <= now):
        yield _stop("The quote has expired. Ask for another.")
    elif money_of(quoted.get("DebitedFunds"), quoted) != amount_of(kind, values, "DebitedFunds"):
        yield _stop("The quote is for another amount. Ask for another.")
    elif expires_at is not None:
        yield _fine(f"The rate is {rate}, good until {expires_at:%H:%M:%S} UTC.")


def _payin(kind: OperationKind, values: Values, situation: Situation, _now: datetime) -> Checks:
    means = situation.objects.get("CardId") or situation.objects.get("MandateId")
    into = situation.into
    if means is not None and values.get("AuthorId") and owner_of(means) not in (None, values["AuthorId"]):
        yield _stop(f"It belongs to {situation.name_of(owner_of(means))}, who must be the author.")
    card = situation.objects.get("CardId")
    if card is not None:
        yield from _card(card)
        if into is not None and card.get("Currency") not in (None, into.get("Currency")):
            yield _stop(f"The card is registered in {card.get('Currency')}, the wallet is in {into.get('Currency')}.")
    mandate = situation.objects.get("MandateId")
    if mandate is not None and mandate.get("Status") not in ("ACTIVE", "SUBMITTED"):
        yield _stop(f"The mandate is {mandate.get('Status')}: nothing can be debited by it.")
    if into is not None and (currency := currency_of(situation)) and currency != into.get("Currency"):
        yield _stop(f"The amount is in {currency}, the wallet in {into.get('Currency')}.")
    yield from _arrives(kind, values, into)


def _arrives(kind: OperationKind, values: Values, into: Content | None) -> Checks:
    """Say what there is in the wallet once the money has come."""
    balance, amount = balance_of(into), amount_of(kind, values, kind.amount)
    fees = amount_of(kind, values, "Fees") or amount_of(kind, values, "DeclaredFees")
    if balance is None or amount is None or balance.currency != amount.currency:
        return
    then = balance + amount - (fees or Money(0, amount.currency))
    yield _fine(f"Balance of the wallet: {money_text(balance)}, once it has come {money_text(then)}.")


def _card(card: Content) -> Checks:
    if card.get("Active") is False:
        yield _stop("The card is deactivated.")
    if card.get("Validity") == "INVALID":
        yield _stop("Mangopay has found the card invalid.")


def _capture(kind: OperationKind, values: Values, situation: Situation, now: datetime) -> Checks:
    hold = situation.hold
    if hold is None:
        return
    if hold.get("Status") != "SUCCEEDED" or hold.get("PaymentStatus") != "WAITING":
        yield _stop(f"The hold is {hold.get('PaymentStatus') or hold.get('Status')}: nothing is held any more.")
    expires_at = utc(value_at_int(hold, "ExpirationDate"))
    if expires_at is not None and expires_at < now:
        yield _stop("The hold has expired.")
    held = money_of(hold.get("RemainingFunds") or hold.get("DebitedFunds"), hold)
    amount = amount_of(kind, values, kind.amount) if kind.amount else None
    if held is not None and amount is not None and held.currency == amount.currency:
        if amount.amount > held.amount:
            yield _stop(f"Only {money_text(held)} are held.")
        else:
            yield _fine(f"{money_text(held)} are held, afterwards {money_text(held - amount)}.")
    if kind.name == "cancel-preauthorization" and _was_captured(hold):
        yield _stop("A part of it was captured: release what is left instead.")
    yield from _payin(kind, values, situation, now)


def _release(_kind: OperationKind, _values: Values, situation: Situation, _now: datetime) -> Checks:
    hold = situation.hold
    if hold is None:
        return
    if hold.get("PaymentStatus") != "WAITING":
        yield _stop(f"The hold is {hold.get('PaymentStatus')}: nothing is held any more.")
    elif not _was_captured(hold):
        yield _stop("Nothing was captured of it yet: cancel it instead.")


def _was_captured(hold: Content) -> bool:
    held, left = (money_of(hold.get(name), hold) for name in ("DebitedFunds", "RemainingFunds"))
    return held is not None and left is not None and left.amount < held.amount


def _dispute(kind: OperationKind, values: Values, situation: Situation, now: datetime) -> Checks:
    dispute = situation.objects.get("DisputeId")
    if dispute is None:
        return
    status = text_at(dispute, "Status")
    if status not in ("PENDING_CLIENT_ACTION", "REOPENED_PENDING_CLIENT_ACTION"):
        yield _stop(f"The dispute is {status}: it does not wait for the platform.")
        return
    deadline = utc(value_at_int(dispute, "ContestDeadlineDate"))
    if kind.name == "close-dispute":
        yield _notice("The dispute is lost with this, and what the bank took stays taken.")
        return
    if deadline is not None:
        late = deadline < now
        yield (_stop if late else _fine)(f"It can be contested until {deadline:%Y-%m-%d %H:%M} UTC.")
    funds, asked = money_of(dispute.get("DisputedFunds"), dispute), amount_of(kind, values, "ContestedFunds")
    if funds and asked and asked.currency == funds.currency and asked.amount > funds.amount:
        yield _stop(f"Only {money_text(funds)} are disputed.")
    if asked is None and status == "PENDING_CLIENT_ACTION" and not values.get("ContestedFunds"):
        yield _stop("Say how much is contested.")
    yield from _papers(situation)


def _papers(situation: Situation) -> Checks:
    if not situation.papers:
        yield _notice(
            "No document is added to the dispute yet: without proof the bank seldom decides for the platform."
        )


def _settle(kind: OperationKind, values: Values, situation: Situation, _now: datetime) -> Checks:
    left, amount = to_settle(situation), amount_of(kind, values, "DebitedFunds")
    if situation.objects.get("RepudiationId") is None or left is None:
        return
    if not any(d.get("ResultCode") == "LOST" for d in situation.disputes):
        yield _stop("Only a dispute that is closed and lost can be settled.")
    if left.amount == 0:
        yield _stop("It has been settled.")
    elif amount is not None and amount.currency == left.currency:
        if amount.amount > left.amount:
            yield _stop(f"Only {money_text(left)} are still to be settled.")
        else:
            yield _fine(f"{money_text(left)} are to be settled, afterwards {money_text(left - amount)}.")


def _switch_off(kind: OperationKind, _values: Values, situation: Situation, _now: datetime) -> Checks:
    for name in ("CardId", "RecipientId", "BankAccountId", "MandateId"):
        content = situation.objects.get(name)
        if content is None:
            continue
        is_off = content.get("Active") is False or content.get("Status") in ("DEACTIVATED", "CANCELED")
        if is_off or (name == "MandateId" and content.get("Status") not in ("ACTIVE", "SUBMITTED")):
            yield _stop(f"It is {content.get('Status') or 'deactivated'} already.")
        else:
            yield _notice(f"This is for good. {kind.explains}")


def value_at_int(content: Content, path: str) -> int | None:
    value = value_at(content, path)
    return value if type(value) is int else None


_RULES: Mapping[str, Callable[[OperationKind, Values, Situation, datetime], Checks]] = MappingProxyType(
    {
        "refund-payin": _refund,
        "refund-transfer": _refund,
        "payout": _payout,
        "payout-platform": _payout,
        "transfer": _transfer,
        "convert": _transfer,
        "payin-bankwire": _payin,
        "payin-card": _payin,
        "payin-web": _payin,
        "payin-directdebit": _payin,
        "capture": _capture,
        "cancel-preauthorization": _capture,
        "release-preauthorization": _release,
        "contest-dispute": _dispute,
        "close-dispute": _dispute,
        "settle": _settle,
        "deactivate-card": _switch_off,
        "deactivate-recipient": _switch_off,
        "deactivate-bank-account": _switch_off,
        "cancel-mandate": _switch_off,
    }
)
