"""Money that moves: the shape all transactions share, what a success does to wallets, and the events it causes.

Money comes in by what is of Type PAYIN and goes out by what is of Type PAYOUT; nothing else creates or destroys any.
Source: https://docs.mangopay.com/api-reference/overview/transactions

Chosen: the return of a repudiation is told as PAYOUT_REFUND_*, because its InitialTransactionType is PAYOUT.
"""

from services.emulator.engine.errors import ApiError
from services.emulator.engine.ids import new_id
from services.emulator.engine.store import Entity, Store
from services.emulator.engine.world import World
from services.emulator.rules import emoney
from services.emulator.rules.result_codes import MESSAGES, SUCCESS

ROW = (
    *("Id", "Tag", "CreationDate", "AuthorId", "CreditedUserId", "DebitedFunds", "CreditedFunds", "Fees"),
    *("Status", "ResultCode", "ResultMessage", "ExecutionDate", "Type", "Nature"),
    *("CreditedWalletId", "DebitedWalletId"),
)
# What was captured, under its old name and its new one; of no other transaction is anything told here.
CAPTURED = ("DepositId", "ExtendedPreauthorizationId")

UNDECIDED = {"Status": "CREATED", "ResultCode": None, "ResultMessage": None, "ExecutionDate": None}


def row(transaction: Entity) -> Entity:
    """Return what lists show of a transaction: the fields all kinds share."""
    return {name: transaction[name] for name in ROW} | {name: transaction.get(name) for name in CAPTURED}


def begin(
    world: World,
    prefix: str,
    kind: str,
    *,
    nature: str = "REGULAR",
    author_id: str,
    debited_funds: Entity,
    fees: Entity,
    debited_wallet: Entity | None = None,
    credited_wallet: Entity | None = None,
    credited_user_id: str | None = None,
    tag: str | None = None,
    details: Entity,
) -> Entity:
    """Store a new transaction as CREATED, with the details of its kind, and tell of it."""
    transaction: Entity = {
        "Id": new_id(prefix),
        "Tag": tag,
        "CreationDate": world.clock.now(),
        "AuthorId": author_id,
        "CreditedUserId": credited_user_id,
        "DebitedFunds": debited_funds,
        "CreditedFunds": minus(debited_funds, fees),
        "Fees": fees,
        **UNDECIDED,
        "Type": kind,
        "Nature": nature,
        "CreditedWalletId": credited_wallet["Id"] if credited_wallet else None,
        "DebitedWalletId": debited_wallet["Id"] if debited_wallet else None,
        # The wallets it names, the one its fees go to, and the platform if one of these is its own.
        "_WalletIds": _places(world, *(wallet for wallet in (debited_wallet, credited_wallet) if wallet)),
    }
    transaction |= _found_by(nature, details) | details
    world.store.transactions.save(transaction)
    world.emit(f"{_family(transaction)}_CREATED", transaction["Id"])
    return transaction


def reserve(world: World, transaction: Entity) -> Entity:
    """Set aside what a CREATED transaction is going to debit, so that nothing else can spend it meanwhile."""
    wallet = world.store.wallets.get(transaction["DebitedWalletId"])
    if wallet is not None:
        wallet["_Reserved"] = wallet.get("_Reserved", 0) + transaction["DebitedFunds"]["Amount"]
        world.store.wallets.save(wallet)
    transaction["_IsReserved"] = True
    return world.store.transactions.save(transaction)


def conclude(world: World, transaction: Entity, result_code: str = SUCCESS) -> Entity:
    """Make a CREATED transaction final: SUCCEEDED, which alone moves money, or FAILED."""
    has_succeeded = result_code == SUCCESS
    transaction["Status"] = "SUCCEEDED" if has_succeeded else "FAILED"
    transaction["ResultCode"] = result_code
    transaction["ResultMessage"] = MESSAGES[result_code]
    _release(world, transaction)
    if has_succeeded:
        transaction["ExecutionDate"] = world.clock.now()
        _move(world, transaction)
        emoney.note(world, transaction)
    world.store.transactions.save(transaction)
    world.emit(f"{_family(transaction)}_{transaction['Status']}", transaction["Id"])
    if has_succeeded and _pays_into_credit(transaction):
        world.later("dispute.repaid", transaction["CreditedFunds"]["Currency"])
    return transaction


def minus(money: Entity, other: Entity) -> Entity:
    return {"Currency": money["Currency"], "Amount": money["Amount"] - other["Amount"]}


def covers(wallet: Entity, money: Entity) -> bool:
    """Tell whether a wallet holds this much that is not set aside already."""
    return bool(wallet["Balance"]["Amount"] - wallet.get("_Reserved", 0) >= money["Amount"])


def check_currency(funds: Entity, *others: Entity) -> None:
    """Raise ApiError 400 unless the others, wallets or money, are of the same currency."""
    for other in others:
        if other["Currency"] != funds["Currency"]:
            message = f"The currencies {funds['Currency']} and {other['Currency']} must be the same"
            raise ApiError(400, "currency_incompatibility", message, {"currency": message})


def client_wallet(world: World, funds_type: str, currency: str) -> Entity:
    """Return FEES_<currency> or CREDIT_<currency>, which come into being by themselves."""
    return world.store.wallets.get(f"{funds_type}_{currency}") or world.store.wallets.save(
        {
            "Id": f"{funds_type}_{currency}",
            "Tag": None,
            "CreationDate": world.clock.now(),
            "Balance": {"Currency": currency, "Amount": 0},
            "Currency": currency,
            "FundsType": funds_type,
            "_OwnerId": world.config.client_id,
        }
    )


def _found_by(nature: str, details: Entity) -> Entity:
    """Return where the lists of accounts and of refunds find a transaction."""
    # Both kinds of id, of bank accounts and of recipients, fit either field.
    account = {"_AccountId": details.get("BankAccountId") or details.get("RecipientId")}
    # Repudiations name an initial transaction as well.
    return account | ({"_RefundOf": details["InitialTransactionId"]} if nature == "REFUND" else {})


def _places(world: World, *wallets: Entity) -> list[str]:
    is_own = any(wallet["_OwnerId"] == world.config.client_id for wallet in wallets)
    return [*(wallet["Id"] for wallet in wallets), *((world.config.client_id,) if is_own else ())]


def _release(world: World, transaction: Entity) -> None:
    wallet = world.store.wallets.get(transaction["DebitedWalletId"])
    if transaction.pop("_IsReserved", False) and wallet is not None:
        wallet["_Reserved"] -= transaction["DebitedFunds"]["Amount"]
        world.store.wallets.save(wallet)


def _move(world: World, transaction: Entity) -> None:
    """Debit, credit, and put the fees aside; fees below zero go back to the payer."""
    fees = transaction["Fees"]
    _add(world.store, transaction["DebitedWalletId"], -transaction["DebitedFunds"]["Amount"])
    _add(world.store, transaction["CreditedWalletId"], transaction["CreditedFunds"]["Amount"])
    if fees["Amount"]:
        fees_wallet = client_wallet(world, "FEES", fees["Currency"])
        transaction["_WalletIds"] = [*transaction["_WalletIds"], *_places(world, fees_wallet)]
        _add(world.store, fees_wallet["Id"], fees["Amount"])


def _add(store: Store, wallet_id: str | None, amount: int) -> None:
    wallet = store.wallets.get(wallet_id)
    if wallet is not None:
        wallet["Balance"]["Amount"] += amount
        store.wallets.save(wallet)


def _pays_into_credit(transaction: Entity) -> bool:
    """Tell a bank wire of the platform itself, which repays what repudiations took."""
    is_regular_payin = (transaction["Type"], transaction["Nature"]) == ("PAYIN", "REGULAR")
    return is_regular_payin and str(transaction["CreditedWalletId"]).startswith("CREDIT_")


def _family(transaction: Entity) -> str:
    """Return the stem of the events: a refund is named after what it gives back, everything else after itself."""
    match transaction["Nature"]:
        case "REFUND":
            return f"{transaction['InitialTransactionType']}_REFUND"
        case "REPUDIATION":
            return "PAYIN_REPUDIATION"
        case "SETTLEMENT":
            return "TRANSFER_SETTLEMENT"
    if transaction["Type"] == "CONVERSION":
        return "QUOTED_CONVERSION" if transaction["QuoteId"] else "INSTANT_CONVERSION"
    return f"{transaction['Type']}_NORMAL"
