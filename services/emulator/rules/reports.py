"""Reports: which columns and which rows each kind has, and the CSV that is written of them while it is downloaded.

Source: https://docs.mangopay.com/api-reference/reporting and https://docs.mangopay.com/api-reference/reports

Chosen: a file is made from what is stored when it is downloaded, a few hundred rows at a time, and never kept; columns
are separated by commas; amounts are in minor units; Echo's reports have the columns listed here.
"""

import asyncio
import csv
import heapq
import io
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from services.emulator.engine.store import Entity, Selection
from services.emulator.engine.world import World

CHUNK = 500
MONEY = ("DebitedFunds", "CreditedFunds", "Fees", "DeclaredDebitedFunds", "DeclaredFees", "Balance")
# What columns about a card are called on the card itself.
OF_CARD = {
    "CardAlias": "Alias",
    "Alias": "Alias",
    "CardType": "CardType",
    "CardCountry": "Country",
    "Country": "Country",
    "CardExpirationDate": "ExpirationDate",
    "ExpirationDate": "ExpirationDate",
}
IDS = frozenset(("TransactionId", "IntentId", "SettlementId", "SplitId", "UserId"))


@dataclass(frozen=True, slots=True)
class Source:
    """The rows of a report, in order of creation, and what of them it leaves out."""

    selections: tuple[Selection, ...]
    is_wanted: Callable[[Entity], bool]
    after: int = 0
    before: int | None = None
    newest_first: bool = False
    most: int | None = None
    # What becomes of a row that is several.
    expand: Callable[[Entity], Iterable[Entity]] = lambda row: (row,)


async def write(world: World, columns: list[str], source: Source) -> AsyncIterator[bytes]:
    """Write a CSV piece by piece, and let others have their turn in between."""
    yield _lines([columns])
    written, piece = 0, []
    for seen, row in enumerate(_rows(source), start=1):
        found = [each for each in source.expand(row) if source.is_wanted(each)]
        piece += [[cell(world, column, each) for column in columns] for each in found]
        written += len(found)
        if source.most is not None and written >= source.most:
            break
        if seen % CHUNK == 0:
            yield _lines(piece)
            piece = []
            await asyncio.sleep(0)
    yield _lines(piece)


def cell(world: World, column: str, row: Entity) -> object:
    """Return what stands in a column of a row, empty where the row knows nothing of it."""
    name, _, form = column.partition(":")
    if form == "ISO":
        moment = row.get(name)
        return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""
    if name == "ClientId":
        return world.config.client_id
    if name == "Owners":
        return ",".join(row.get("Owners") or [row["_OwnerId"]])
    if name in OF_CARD and name not in row:
        return (world.store.cards.get(row.get("CardId")) or {}).get(OF_CARD[name], "")
    return _plain(_found(row, name))


def _found(row: Entity, name: str) -> object:
    for money in MONEY:
        if name in (f"{money}Amount", f"{money}Currency") and isinstance(row.get(money), dict):
            return row[money].get(name.removeprefix(money))
    if name in IDS and name not in row:
        return row["Id"]
    external = row.get("ExternalData")
    return row.get(name, external.get(name) if isinstance(external, dict) else None)


def _plain(value: object) -> object:
    return "" if value is None or isinstance(value, list | dict) else value


def _rows(source: Source) -> Iterator[Entity]:
    """Go through the selections as if they were one."""
    runs = [
        selection.walk(after=source.after, before=source.before, newest_first=source.newest_first)
        for selection in source.selections
    ]
    before = ""
    for row in heapq.merge(*runs, key=_order, reverse=source.newest_first):
        # What is in several selections comes several times, one after the other.
        if row["Id"] != before:
            yield row
        before = row["Id"]


def _order(row: Entity) -> tuple[int, int]:
    return int(row.get("CreationDate") or 0), int(row["_Position"])


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
