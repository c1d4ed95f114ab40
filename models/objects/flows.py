"""Which way money went, seen from a wallet: a row of its transactions says so only by the ids of two wallets."""

from models.objects.fields import Content

CHANGE = "Change"


def seen_from(wallet_id: str, row: Content) -> Content:
    """Return a row of a wallet's transactions with what it has changed in the wallet: below zero for what went out.

    A transaction that is not carried out has changed nothing yet; its amount stands beside.
    """
    if row.get("Status") != "SUCCEEDED":
        return row
    if row.get("CreditedWalletId") == wallet_id:
        return {**row, CHANGE: row.get("CreditedFunds")}
    return {**row, CHANGE: _negative(row.get("DebitedFunds"))}


def _negative(money: object) -> object:
    match money:
        case {"Amount": int(amount), "Currency": str(currency)} if type(amount) is int:
            return {"Amount": -amount, "Currency": currency}
    return money
