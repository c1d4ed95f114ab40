"""What speaks against taking money in: by whose card or mandate, and into which wallet."""

from datetime import datetime

from models.money import Money
from models.objects.fields import Content
from models.objects.plain import owner_of
from models.operations.checks.check import Checks, fine, stop
from models.operations.kinds import OperationKind
from models.operations.requests import amount_of
from models.operations.situation import Situation, Values, balance_of, currency_of


def payin(kind: OperationKind, values: Values, situation: Situation, _now: datetime) -> Checks:
    means = situation.objects.get("CardId") or situation.objects.get("MandateId")
    into = situation.into
    if means is not None and values.get("AuthorId") and owner_of(means) not in (None, values["AuthorId"]):
        yield stop(f"It belongs to {situation.name_of(owner_of(means))}, who must be the author.")
    card = situation.objects.get("CardId")
    if card is not None:
        yield from _card(card)
        if into is not None and card.get("Currency") not in (None, into.get("Currency")):
            yield stop(f"The card is registered in {card.get('Currency')}, the wallet is in {into.get('Currency')}.")
    mandate = situation.objects.get("MandateId")
    if mandate is not None and mandate.get("Status") not in ("ACTIVE", "SUBMITTED"):
        yield stop(f"The mandate is {mandate.get('Status')}: nothing can be debited by it.")
    if into is not None and (currency := currency_of(situation)) and currency != into.get("Currency"):
        yield stop(f"The amount is in {currency}, the wallet in {into.get('Currency')}.")
    yield from _arrives(kind, values, into)


def _arrives(kind: OperationKind, values: Values, into: Content | None) -> Checks:
    """Say what there is in the wallet once the money has come."""
    balance, amount = balance_of(into), amount_of(kind, values, kind.amount)
    fees = amount_of(kind, values, "Fees") or amount_of(kind, values, "DeclaredFees")
    if balance is None or amount is None or balance.currency != amount.currency:
        return
    then = balance + amount - (fees or Money(0, amount.currency))
    yield fine(f"Balance of the wallet: {balance.text()}, once it has come {then.text()}.")


def _card(card: Content) -> Checks:
    if card.get("Active") is False:
        yield stop("The card is deactivated.")
    if card.get("Validity") == "INVALID":
        yield stop("Mangopay has found the card invalid.")
