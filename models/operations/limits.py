"""Four eyes: above which amount another person has to approve, by currency and environment."""

from collections.abc import Mapping
from datetime import timedelta

from models.environment import Environment
from models.money import Money
from models.operations.amounts import AmountError, parse_amount

Limits = Mapping[Environment, Mapping[str, int]]
# A decision that nobody has taken by then is not wanted any more, or rests on what is no longer so.
APPROVAL_EXPIRES_AFTER = timedelta(days=3)


def parse_limits(text: str) -> Limits:
    """Return the limits of `EUR:1000 USD:1,200.50@production`, in minor units. Raises ValueError.

    Without an environment a limit holds in each; a currency without a limit has none.
    """
    limits: dict[Environment, dict[str, int]] = {environment: {} for environment in Environment}
    for entry in text.split():
        what, _, where = entry.partition("@")
        currency, _, amount = what.partition(":")
        if len(currency) != 3 or not currency.isascii() or not currency.isupper():
            raise ValueError(f"{entry}: write a currency, a colon and an amount, such as EUR:1000")
        if where not in ("", *Environment):
            raise ValueError(f"{entry}: {where} is none of {', '.join(Environment)}")
        try:
            limit = parse_amount(amount, currency).amount
        except AmountError as error:
            raise ValueError(f"{entry}: {error}") from error
        if limit < 0:
            raise ValueError(f"{entry}: a limit is not below zero")
        for environment in (Environment(where),) if where else Environment:
            limits[environment][currency] = limit
    return limits


def limit_below(limits: Mapping[str, int], amount: Money) -> Money | None:
    """Return which of an environment's limits an amount is above, and so takes a second person; None for none."""
    limit = limits.get(amount.currency)
    return Money(limit, amount.currency) if limit is not None and amount.amount > limit else None
