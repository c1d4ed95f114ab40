"""How much electronic money a user has received and paid out, month by month.

The totals grow as transactions succeed, so that asking for them never walks a user's transactions.
Source: https://docs.mangopay.com/api-reference/users/view-user-emoney

Chosen: a payout or a pay-in refund debits, everything that credits a user's wallet credits, except conversions, which
are neither; a total in no named currency is in EUR.
"""

from datetime import UTC, datetime

from services.emulator.engine.store import Entity
from services.emulator.engine.world import World

DEFAULT_CURRENCY = "EUR"


def note(world: World, transaction: Entity) -> None:
    """Add a transaction that has just succeeded to the totals of its users."""
    kind = transaction["Type"]
    if kind in ("PAYIN", "TRANSFER"):
        _add(world, transaction["CreditedWalletId"], "Credited", transaction["CreditedFunds"])
    if kind == "PAYOUT":
        _add(world, transaction["DebitedWalletId"], "Debited", transaction["DebitedFunds"])


def totals(world: World, user_id: str, currency: str | None, period: str) -> Entity:
    """Return what a user was credited and debited in a `YYYY`, a `YYYY-MM`, or, with an empty period, ever."""
    wanted = currency or DEFAULT_CURRENCY
    months = [
        month
        for month in world.store.emoney_months.where("UserId", user_id)
        if month["Currency"] == wanted and month["Month"].startswith(period)
    ]
    sums = {name: sum(month[name] for month in months) for name in ("Credited", "Debited")}
    return {
        "UserId": user_id,
        "CreditedEMoney": {"Currency": wanted, "Amount": sums["Credited"]},
        "DebitedEMoney": {"Currency": wanted, "Amount": sums["Debited"]},
    }


def _add(world: World, wallet_id: str | None, name: str, money: Entity) -> None:
    wallet = world.store.wallets.get(wallet_id)
    user = world.store.users.get(wallet["_OwnerId"]) if wallet else None
    if user is None:
        return
    now = world.clock.now()
    month = datetime.fromtimestamp(now, UTC).strftime("%Y-%m")
    row_id = f"{user['Id']}/{month}/{money['Currency']}"
    row = world.store.emoney_months.get(row_id) or {
        "Id": row_id,
        "CreationDate": now,
        "UserId": user["Id"],
        "Month": month,
        "Currency": money["Currency"],
        "Credited": 0,
        "Debited": 0,
    }
    row[name] += money["Amount"]
    world.store.emoney_months.save(row)
