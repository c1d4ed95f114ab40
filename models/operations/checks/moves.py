"""What speaks against a transfer or a conversion: whose wallets they are, in which currencies, at which quote."""

from datetime import datetime

from models.money import Money
from models.objects.fields import Content, text_at, value_at
from models.objects.plain import money_of, owner_of
from models.operations.checks.check import Checks, fine, moment_at, notice, stop
from models.operations.checks.payouts import wallet_owner
from models.operations.kinds import OperationKind
from models.operations.requests import amount_of
from models.operations.situation import Situation, Values


def transfer(kind: OperationKind, values: Values, situation: Situation, now: datetime) -> Checks:
    wallet, into = situation.wallet, situation.into
    yield from wallet_owner(values, situation)
    if wallet is None or into is None:
        return
    if wallet.get("Id") == into.get("Id"):
        yield stop("Both wallets are the same.")
    payer, payee = (situation.people.get(owner_of(side) or "", {}) for side in (wallet, into))
    one, other = wallet.get("Currency"), into.get("Currency")
    if kind.name == "convert":
        if one == other:
            yield stop(f"Both wallets are in {one}: use a transfer.")
        if owner_of(wallet) != owner_of(into):
            yield stop("Both wallets must belong to the same user.")
        yield from _quote(kind, values, situation, now)
        return
    if one != other:
        yield stop(f"One wallet is in {one}, the other in {other}: use a conversion.")
    if payee.get("UserCategory") == "PAYER" and owner_of(wallet) != owner_of(into):
        yield stop(f"{situation.name_of(owner_of(into))} is a PAYER, to whom nobody can transfer.")
    if payer.get("UserCategory") == payee.get("UserCategory") == "OWNER" and owner_of(wallet) != owner_of(into):
        yield notice(f"{situation.name_of(owner_of(wallet))} may have to confirm this with strong authentication.")


def _quote(kind: OperationKind, values: Values, situation: Situation, now: datetime) -> Checks:
    quoted = situation.quote
    if quoted is None:
        return
    expires_at = moment_at(quoted, "ExpirationDate")
    rate = value_at(quoted, "ConversionRateResponse.MarketRate")
    if quoted.get("Status") == "EXPIRED" or (expires_at is not None and expires_at <= now):
        yield stop("The quote has expired. Ask for another.")
    elif any(_differs(quoted, name, amount_of(kind, values, name)) for name in ("DebitedFunds", "Fees")):
        yield stop("The quote is for another amount. Ask for another.")
    elif text_at(quoted, "CreditedFunds.Currency") != text_at(situation.into or {}, "Currency"):
        yield stop("The quote is for another currency. Ask for another.")
    elif expires_at is not None:
        yield fine(f"The rate is {rate}, good until {expires_at:%H:%M:%S} UTC.")


def _differs(quoted: Content, name: str, asked: Money | None) -> bool:
    # Without fees a quote may tell none at all.
    amount = money_of(quoted.get(name), quoted)
    return amount != asked and not (amount is None and asked is not None and asked.amount == 0)
