"""What an operation meets at Mangopay: the objects it is about, whose they are, and what was done to them before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from models.mangopay.transactions import Refund, Transaction
from models.money import Money
from models.objects.fields import Content, text_at
from models.objects.plain import money_of, name_of_user, owner_of
from models.operations.kinds import HOLDS, OperationKind
from models.operations.limits import limit_below
from models.operations.requests import CURRENCY, amount_of, told_amount
from models.refundable import Refundable, hinders_refund, refundable

Values = Mapping[str, str]
# Their ids lead to what the operation takes back.
INITIAL = ("PayInId", "TransferId")
# What the wallets that are the platform's own hold.
PLATFORM_FUNDS = ("FEES", "CREDIT")


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another operation of ours that reached the same, with the same amount, in the last 24 hours."""

    operation_id: str
    sentence: str
    asked_by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What was read, as far as it could be; everything in it is as Mangopay sent it."""

    # By the parameter that has the id.
    objects: Mapping[str, Content] = field(default_factory=dict)
    # Why one could not be read, by parameter.
    unread: Mapping[str, str] = field(default_factory=dict)
    # What Mangopay shows only to the user it belongs to, by parameter: nothing speaks against it, nothing for it.
    unseen: Mapping[str, str] = field(default_factory=dict)
    # The wallet that the money leaves, and the one that it reaches.
    wallet: Content | None = None
    into: Content | None = None
    # Users and what is blocked of them, by id.
    people: Mapping[str, Content] = field(default_factory=dict)
    blocks: Mapping[str, Content] = field(default_factory=dict)
    # Of the card that paid in, for a refund.
    card: Content | None = None
    # Of the initial transaction, or of a repudiation: refunds, disputes, settlement transfers.
    refunds: Sequence[Content] = ()
    disputes: Sequence[Content] = ()
    settled: Sequence[Content] = ()
    # The documents of a dispute.
    papers: Sequence[Content] = ()
    # The pay-in that a repudiation took back.
    disputed: Content | None = None
    quote: Content | None = None
    # Why an instant payout would not reach the account, "" while nothing is known against it.
    unreachable: str = ""
    lately: Sequence[Earlier] = ()
    # How much of ours went from the same money to the same place in the last 24 hours, in minor units.
    went_lately: int = 0
    # Another of ours that takes from the same money just now.
    under_way: Earlier | None = None
    # What an empty field could be filled with, by parameter: the author's wallets, cards, accounts, mandates.
    offers: Mapping[str, Sequence[Content]] = field(default_factory=dict)

    @property
    def initial(self) -> Content | None:
        """The pay-in or transfer that is refunded."""
        return self._first(INITIAL)

    @property
    def hold(self) -> Content | None:
        """The preauthorisation that is captured or let go."""
        return self._first(HOLDS)

    @property
    def account(self) -> Content | None:
        """The bank account that is paid out to."""
        return self._first(("RecipientId", "BankAccountId"))

    def _first(self, names: Sequence[str]) -> Content | None:
        return next((self.objects[name] for name in names if name in self.objects), None)

    def name_of(self, user_id: str | None) -> str:
        """Return a user's name, or else the id."""
        user = self.people.get(user_id or "")
        return (user and name_of_user(user)) or user_id or "somebody"


def currency_of(situation: Situation) -> str:
    """Return the currency that the amounts are in, "" while that is not known."""
    for content, path in (
        (situation.initial, "CreditedFunds.Currency"),
        (situation.objects.get("DisputeId"), "DisputedFunds.Currency"),
        (situation.objects.get("RepudiationId"), "DebitedFunds.Currency"),
        (situation.hold, "DebitedFunds.Currency"),
        (situation.wallet, "Currency"),
        (situation.into, "Currency"),
        (situation.objects.get("CardId"), "Currency"),
        # Money is paid out in the currency of its recipient, which tells that of a wallet that is not shown.
        (situation.objects.get("RecipientId"), "Currency"),
    ):
        if content is not None and (currency := text_at(content, path)):
            return currency
    return ""


def author_of(situation: Situation) -> str:
    """Return the user in whose name it has to be done, "" while that is not known."""
    about = (
        situation.initial,
        situation.hold,
        situation.objects.get("CardId"),
        situation.objects.get("MandateId"),
        situation.wallet,
        situation.account,
        situation.into,
    )
    return next((owner for content in about if content is not None and (owner := owner_of(content))), "")


def remaining(situation: Situation) -> Refundable | None:
    """Return what is left to be given back of the initial transaction; None where that is not known."""
    if situation.initial is None:
        return None
    is_disputed = any(hinders_refund(dispute) for dispute in situation.disputes)
    try:
        refunds = [Refund.model_validate(refund) for refund in situation.refunds]
        return refundable(Transaction.model_validate(situation.initial), refunds, is_disputed=is_disputed)
    except ValidationError:
        # Mangopay sent something else than its reference says; nothing is to be built on it.
        return None


def remaining_fees(situation: Situation) -> Money | None:
    """Return how much of the fees of the initial transaction was not given back."""
    initial = situation.initial
    fees = money_of(initial.get("Fees"), initial) if initial else None
    if fees is None:
        return None
    for refund in situation.refunds:
        back = money_of(refund.get("Fees"), refund)
        if refund.get("Status") != "FAILED" and back is not None and back.currency == fees.currency:
            fees += Money(min(back.amount, 0), back.currency)
    return Money(max(fees.amount, 0), fees.currency)


def to_settle(situation: Situation) -> Money | None:
    """Return what of a lost dispute the platform has not got out of the user's wallet yet."""
    repudiation, payin = situation.objects.get("RepudiationId"), situation.disputed
    lost = money_of(repudiation.get("DebitedFunds"), repudiation) if repudiation else None
    credited = money_of(payin.get("CreditedFunds"), payin) if payin else lost
    if lost is None or credited is None or credited.currency != lost.currency:
        return None
    left = Money(min(lost.amount, credited.amount), lost.currency)
    for transfer in situation.settled:
        funds = money_of(transfer.get("DebitedFunds"), transfer)
        if transfer.get("Status") != "FAILED" and funds is not None and funds.currency == left.currency:
            left -= funds
    return Money(max(left.amount, 0), left.currency)


def at_stake(kind: OperationKind, values: Values, situation: Situation) -> Money | None:
    """Return the most that an operation moves or lets go of: what leaves, what is held, what is disputed."""
    about = situation.hold or situation.objects.get("DisputeId")
    whole = about and (about.get("RemainingFunds") or about.get("DisputedFunds") or about.get("DebitedFunds"))
    amount = amount_of(kind, values, kind.amount) if kind.amount else money_of(whole, about) if about else None
    told = told_amount(kind, values)
    # Fees that are given back come on top of what leaves the wallet.
    return told if amount and told and told.amount > amount.amount else amount


def limit_passed(kind: OperationKind, values: Values, situation: Situation, limits: Mapping[str, int]) -> Money | None:
    """Return the limit above which another person has to approve this; None where it stays below, or there is none.

    What went from the same money to the same place in the last 24 hours counts as well: a limit that parts slip under
    is none.
    """
    stake = at_stake(kind, values, situation) if kind.moves_money else None
    return limit_below(limits, stake + Money(situation.went_lately, stake.currency)) if stake else None


def typed_again(kind: OperationKind, values: Values, situation: Situation) -> Money | None:
    """Return the amount that the sentence tells, to be typed once more before real money moves; None for none."""
    return (told_amount(kind, values) or at_stake(kind, values, situation)) if kind.moves_money else None


def balance_of(wallet: Content | None) -> Money | None:
    return money_of(wallet.get("Balance"), wallet) if wallet else None


def suggested(kind: OperationKind, situation: Situation, values: Values) -> dict[str, str]:
    """Return what the form can be filled with by what was read, by parameter: ids, and amounts as people write them.

    Fees are given back with the whole; of a part, what is typed is what the payer gets.
    """
    amounts: dict[str, Money | None] = {}
    if situation.initial is not None and (left := remaining(situation)) is not None:
        fees, typed = remaining_fees(situation), values.get("DebitedFunds")
        is_whole = (
            not typed or amount_of(kind, {**values, CURRENCY: left.remains.currency}, "DebitedFunds") == left.remains
        )
        nothing = Money(0, left.remains.currency)
        amounts = {"DebitedFunds": left.remains, "Fees": -fees if fees and is_whole else nothing}
    elif (hold := situation.hold) is not None:
        amounts = {"DebitedFunds": money_of(hold.get("RemainingFunds") or hold.get("DebitedFunds"), hold)}
    elif "RepudiationId" in situation.objects:
        amounts = {"DebitedFunds": to_settle(situation)}
    elif (dispute := situation.objects.get("DisputeId")) is not None:
        amounts = {"ContestedFunds": money_of(dispute.get("DisputedFunds"), dispute)}
    texts = {name: amount.decimal_text() for name, amount in amounts.items() if amount is not None}
    # Whose wallet it is says nothing of who pays into it by a link.
    author = "" if kind.name == "payin-web" else author_of(situation)
    return {name: text for name, text in {**texts, "AuthorId": author}.items() if name in kind.by_name}


def seen_of(situation: Situation) -> dict[str, Any]:
    """Return what the decision rests on, to be compared with what is so when it is carried out."""
    left, balance = remaining(situation), _balance_relied_on(situation.wallet)
    hold, dispute = situation.hold, situation.objects.get("DisputeId")
    held = money_of(hold.get("RemainingFunds") or hold.get("DebitedFunds"), hold) if hold else None
    owed = to_settle(situation) if "RepudiationId" in situation.objects else None
    told = {
        "remains": left.remains.amount if left else None,
        "balance": balance.amount if balance else None,
        "held": held.amount if held else None,
        "owed": owed.amount if owed else None,
        "status": text_at(hold or dispute or {}, "PaymentStatus") or text_at(dispute or {}, "Status"),
        "lately": sorted(earlier.operation_id for earlier in situation.lately),
    }
    return {name: value for name, value in told.items() if value is not None}


def _balance_relied_on(wallet: Content | None) -> Money | None:
    """Return a wallet's balance, None for the platform's own: every payment moves those, and is no reason to stop."""
    return None if wallet and wallet.get("FundsType") in PLATFORM_FUNDS else balance_of(wallet)


def moved_since(seen: Mapping[str, Any], situation: Situation) -> str:
    """Return what is no longer as the operator saw it, in a sentence; "" when the decision still holds.

    A balance that has grown meanwhile changes nothing about it.
    """
    now, currency = seen_of(situation), currency_of(situation)

    def told(name: str) -> str:
        return f"from {_text(seen.get(name), currency)} to {_text(now.get(name), currency)}"

    if seen.get("remains") != now.get("remains"):
        return f"What can still be given back went {told('remains')}."
    if seen.get("held") != now.get("held"):
        return f"What is held went {told('held')}."
    if seen.get("owed") != now.get("owed"):
        return f"What is to be settled went {told('owed')}."
    if seen.get("status") != now.get("status"):
        return f"Its status went from {seen.get('status')} to {now.get('status')}."
    if (balance := seen.get("balance")) is not None and (now.get("balance") is None or now["balance"] < balance):
        return f"The wallet's balance went {told('balance')}."
    new = set(now["lately"]) - set(seen.get("lately", ()))
    if new:
        return "Somebody has asked for the same amount to the same place meanwhile."
    return ""


def _text(minor: object, currency: str) -> str:
    return Money(minor, currency).text() if isinstance(minor, int) else "nothing known"
