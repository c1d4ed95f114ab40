"""Which rows a report of the reporting service has, by its type.

Source: https://docs.mangopay.com/api-reference/reporting/create-report
"""

from collections.abc import Callable, Iterable

from services.emulator.engine.store import Entity, Selection
from services.emulator.engine.world import World
from services.emulator.rules.reports import Source
from services.emulator.rules.verification import kyc_deadline

# What happens to an Echo intent, by the list that an intent keeps of it.
ACTIONS = {"Captures": "CAPTURE", "Refunds": "REFUND", "Disputes": "DISPUTE", "Splits": "SPLIT"}
# The member of a row that each filter of an Echo report compares with.
ECHO_FILTERS = ("Currency", "Status", "ExternalProviderName", "IntentId", "SettlementId", "Type")

Find = Callable[[World, Entity], tuple[Selection, ...]]
Test = Callable[[World, Entity, Entity], bool]


def source_of(world: World, report: Entity) -> Source:
    find, test, expand = TYPES[report["ReportType"]]
    by_execution = "EXECUTION" in str(report["DateRangeBy"]).upper()
    filters, after, before = report["Filters"] or {}, report["AfterDate"], report["BeforeDate"]
    is_about_days = report["ReportType"] == "KYC_RENEWAL_DEADLINE"

    def is_wanted(row: Entity) -> bool:
        date = row.get("_Deadline") if is_about_days else row.get("ExecutionDate")
        is_in_time = date is not None and after <= date <= before
        return (is_in_time or not (by_execution or is_about_days)) and test(world, row, filters)

    return Source(
        find(world, filters),
        is_wanted,
        # Whatever was executed in a range was created before its end.
        after=0 if by_execution or is_about_days else after,
        before=None if is_about_days else before,
        newest_first=not report["Sort"].upper().endswith(":ASC"),
        expand=expand,
    )


def _of_wallets(world: World, filters: Entity) -> tuple[Selection, ...]:
    transactions, user_id = world.store.transactions, filters.get("UserId")
    if "WalletId" in filters:
        return (transactions.select("_WalletIds", filters["WalletId"]),)
    if user_id:
        return transactions.select("AuthorId", user_id), transactions.select("CreditedUserId", user_id)
    return (transactions.all(),)


def _is_wallet_transaction(world: World, row: Entity, filters: Entity) -> bool:
    """Tell a success that a user's wallet had a part in."""
    ends = (row["DebitedWalletId"], row["CreditedWalletId"])
    wallets = [world.store.wallets.get(wallet_id) for wallet_id in ends if wallet_id]
    is_users = any(wallet is not None and wallet["_OwnerId"] != world.config.client_id for wallet in wallets)
    return row["Status"] == "SUCCEEDED" and is_users and _is_of(row, filters)


def _of_fees(world: World, filters: Entity) -> tuple[Selection, ...]:
    wallets = [f"FEES_{filters['Currency']}"] if "Currency" in filters else _fees_wallets(world)
    return tuple(world.store.transactions.select("_WalletIds", wallet_id) for wallet_id in wallets)


def _fees_wallets(world: World) -> list[str]:
    return [wallet["Id"] for wallet in world.store.wallets.where("FundsType", "FEES")]


def _has_fees(_: World, row: Entity, filters: Entity) -> bool:
    return bool(row["Status"] == "SUCCEEDED" and row["Fees"]["Amount"]) and _is_of(row, filters)


def _is_of(row: Entity, filters: Entity) -> bool:
    currency, user_id, wallet_id = (filters.get(name) for name in ("Currency", "UserId", "WalletId"))
    funds = [row[name]["Currency"] for name in ("DebitedFunds", "CreditedFunds")]
    return (
        (currency is None or currency in funds)
        and (user_id is None or user_id in (row["AuthorId"], row["CreditedUserId"]))
        and (wallet_id is None or wallet_id in (row["DebitedWalletId"], row["CreditedWalletId"]))
    )


def _is_of_echo(_: World, row: Entity, filters: Entity) -> bool:
    external = row.get("ExternalData")
    known = row | external if isinstance(external, dict) else row
    known = {"IntentId": row.get("_IntentId", row["Id"])} | known
    return all(known.get(name) == filters[name] for name in ECHO_FILTERS if name in filters)


def _is_anybody(_: World, row: Entity, filters: Entity) -> bool:
    return filters.get("UserId") in (None, row["Id"])


def _itself(row: Entity) -> Iterable[Entity]:
    return (row,)


def _actions(intent: Entity) -> Iterable[Entity]:
    """Go through what happened to an intent, each with what it shares with the intent."""
    shared = {name: intent.get(name) for name in ("Currency", "Status", "ExternalData", "CreationDate", "_Position")}
    for name, kind in ACTIONS.items():
        listed = intent.get(name)
        for action in listed if isinstance(listed, list) else ():
            if isinstance(action, dict):
                yield shared | {"Id": intent["Id"]} | action | {"IntentId": intent["Id"], "Type": kind}


def _deadline(user: Entity) -> Iterable[Entity]:
    deadline = kyc_deadline(user)
    yield user | {"LastKycDate": user.get("_LastKycDate"), "KycRenewalDeadline": deadline, "_Deadline": deadline}


TYPES: dict[str, tuple[Find, Test, Callable[[Entity], Iterable[Entity]]]] = {
    "USER_WALLET_TRANSACTIONS": (_of_wallets, _is_wallet_transaction, _itself),
    "COLLECTED_FEES": (_of_fees, _has_fees, _itself),
    "ECHO_INTENT": (lambda world, _: (world.store.intents.all(),), _is_of_echo, _itself),
    "ECHO_INTENT_ACTION": (lambda world, _: (world.store.intents.all(),), _is_of_echo, _actions),
    "ECHO_SETTLEMENT": (lambda world, _: (world.store.intent_settlements.all(),), _is_of_echo, _itself),
    "ECHO_SPLIT": (lambda world, _: (world.store.splits.all(),), _is_of_echo, _itself),
    "KYC_RENEWAL_DEADLINE": (lambda world, _: (world.store.users.all(),), _is_anybody, _deadline),
}
