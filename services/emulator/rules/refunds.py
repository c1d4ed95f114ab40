"""How far a pay-in or a transfer may be refunded: what no refund comes of, and what a refund fails for.

Source: https://docs.mangopay.com/guides/refunds and https://docs.mangopay.com/errors/codes

Chosen: eleven months are 334 days; a pay-in that was given back in one refund fails the next with 001401, one that was
given back in parts with 001404; a dispute that was won, void, or took no money stands in the way of no refund, one that
follows a void one makes a FAILED refund (005408), any other an error; the same amount counts as the same for 24 hours.
"""

from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules import blocks, given_back
from services.emulator.rules.disputes import standing
from services.emulator.rules.result_codes import SUCCESS
from services.emulator.rules.transactions import client_wallet, covers

DAY_S = 86_400
MONTHS_11 = 334
# How many days after it a pay-in can be refunded, where the payment method has a limit of its own.
DAYS_BY_METHOD = {
    **dict.fromkeys(("IDEAL", "MBWAY", "BIZUM"), 365),
    **dict.fromkeys(("BCMC", "PAYPAL"), 180),
    "TWINT": 120,
    "SATISPAY": 90,
}
# A direct debit may still fail for a week; in a sandbox this Tag of a refund says not to wait.
DIRECT_DEBIT_DAYS = 7
IGNORE_MINDATE = "ignore_mindate"


def is_used_up(initial: Entity, earlier: list[Entity]) -> bool:
    return bool(given_back.amount_of(earlier) >= initial["CreditedFunds"]["Amount"])


def repudiated(world: World, initial: Entity) -> list[Entity]:
    """Return the disputes of a pay-in that took its money."""
    return [dispute for dispute in standing(world, initial) if dispute["RepudiationId"]]


def was_disputed_before(world: World, initial: Entity) -> bool:
    disputes = world.store.disputes.where("InitialTransactionId", initial["Id"])
    return any(dispute["ResultCode"] == "VOID" for dispute in disputes)


def verdict(world: World, refund: Entity, initial: Entity) -> str:
    """Return the result code of a refund, given what else gives its transaction back."""
    earlier = [other for other in given_back.all_of(world, initial) if other["Id"] != refund["Id"]]
    return (
        _date_verdict(refund, initial)
        or _history_verdict(refund, initial, earlier)
        or ("005408" if repudiated(world, initial) else None)
        or _amount_verdict(refund, initial, earlier)
        or _balance_verdict(world, refund)
        or SUCCESS
    )


def _date_verdict(refund: Entity, initial: Entity) -> str | None:
    age_s = refund["CreationDate"] - initial["CreationDate"]
    method = str(initial.get("PaymentType"))
    if age_s > DAYS_BY_METHOD.get(method, MONTHS_11) * DAY_S:
        return "001403"
    is_too_young = method.startswith("DIRECT_DEBIT") and age_s < DIRECT_DEBIT_DAYS * DAY_S
    return "001405" if is_too_young and refund["Tag"] != IGNORE_MINDATE else None


def _history_verdict(refund: Entity, initial: Entity, earlier: list[Entity]) -> str | None:
    if any(other["Status"] == "CREATED" for other in earlier):
        return "005406"
    if is_used_up(initial, earlier):
        return "001401" if len(earlier) == 1 else "001404"
    return "005407" if any(_is_same_again(refund, other) for other in earlier) else None


def _amount_verdict(refund: Entity, initial: Entity, earlier: list[Entity]) -> str | None:
    if given_back.is_exceeded(initial, [*earlier, refund]):
        return "005403"
    refunds = [refund, *(other for other in earlier if other["Nature"] == "REFUND")]
    if -sum(other["Fees"]["Amount"] for other in refunds) > initial["Fees"]["Amount"]:
        return "005404"
    return "001014" if refund["CreditedFunds"]["Amount"] <= 0 else None


def _balance_verdict(world: World, refund: Entity) -> str | None:
    wallet, fees = world.store.wallets.get(refund["DebitedWalletId"]), refund["Fees"]
    if wallet is None or not covers(wallet, refund["DebitedFunds"]):
        return "001001"
    if client_wallet(world, "FEES", fees["Currency"])["Balance"]["Amount"] < -fees["Amount"]:
        return "005405"
    return blocks.refusal_of_payout(world, wallet["_OwnerId"])


def _is_same_again(refund: Entity, other: Entity) -> bool:
    is_recent = refund["CreationDate"] - other["CreationDate"] < DAY_S
    return bool(is_recent and refund["DebitedFunds"] == other["DebitedFunds"])
