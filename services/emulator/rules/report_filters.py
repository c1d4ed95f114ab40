"""Which rows a legacy report has, and how the columns of any report are read."""

from collections.abc import Callable, Container

from services.emulator.engine.fields import Fields
from services.emulator.engine.store import Entity, Selection
from services.emulator.engine.world import World
from services.emulator.rules.reports import Source

Test = Callable[[Entity], bool]


def read_columns(fields: Fields, name: str, allowed: Container[str], *, key: str | None = None) -> list[str] | None:
    """Return the columns asked for, None for the usual ones; they come as names, or as what a report answers."""
    value = fields.body.get(name)
    if value in (None, "", []):
        return None
    columns = [each.get("Name") if isinstance(each, dict) else each for each in _listed(value)]
    unknown = [str(each) for each in columns if not isinstance(each, str) or each not in allowed]
    if unknown:
        fields.refuse(key or name, f"Unknown columns were found in the list: {', '.join(unknown)}")
    return [str(each) for each in columns]


def transaction_source(
    world: World, filters: Entity, dates: tuple[int, int], *, newest_first: bool, most: int | None
) -> Source:
    transactions = world.store.transactions
    selection = transactions.all()
    if filters["WalletId"]:
        selection = transactions.select("_WalletIds", filters["WalletId"])
    elif filters["AuthorId"]:
        selection = transactions.select("AuthorId", filters["AuthorId"])
    tests = [_is_one_of(name, filters[name]) for name in ("Type", "Status", "Nature", "ResultCode")]
    tests += [_is_one_of("AuthorId", filters["AuthorId"] and [filters["AuthorId"]])]
    tests += [_is_within(name, filters) for name in ("DebitedFunds", "Fees")]
    return _source(selection, tests, dates, newest_first=newest_first, most=most)


def wallet_source(
    world: World, filters: Entity, dates: tuple[int, int], *, newest_first: bool, most: int | None
) -> Source:
    wallets = world.store.wallets
    selection = wallets.select("_OwnerId", filters["OwnerId"]) if filters["OwnerId"] else wallets.all()
    tests = [_is_one_of("Currency", filters["Currency"] and [filters["Currency"]]), _is_within("Balance", filters)]
    return _source(selection, tests, dates, newest_first=newest_first, most=most)


def _source(
    selection: Selection, tests: list[Test], dates: tuple[int, int], *, newest_first: bool, most: int | None
) -> Source:
    return Source(
        (selection,),
        lambda row: all(test(row) for test in tests),
        after=dates[0],
        before=dates[1],
        newest_first=newest_first,
        most=most,
    )


def _is_one_of(name: str, values: list[str] | None) -> Test:
    if not values:
        return lambda _: True
    wanted = {value.upper() for value in values}
    return lambda row: str(row.get(name)).upper() in wanted


def _is_within(name: str, filters: Entity) -> Test:
    """Compare an amount with its bounds, each of which holds in its own currency if it names one."""
    bounds = [(filters[f"{end}{name}Amount"], filters[f"{end}{name}Currency"], end) for end in ("Min", "Max")]

    def is_within(row: Entity) -> bool:
        money = row[name]
        return all(
            amount is None
            or (
                currency in (None, money["Currency"])
                and (money["Amount"] >= amount if end == "Min" else money["Amount"] <= amount)
            )
            for amount, currency, end in bounds
        )

    return is_within


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
