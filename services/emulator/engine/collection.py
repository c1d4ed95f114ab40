"""Entities of one kind by `Id`, in order of creation, and the indexes that make every list cost what it returns.

A selection (all of a kind, or those that share the value of an indexed field) is kept as sorted keys: one array for
the whole of it, and one for each combination of the facets that lists filter by. A page of any filter, date range and
direction is then found by bisection, and so is the number of items that the headers tell.
"""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Collection as Values
from dataclasses import dataclass, field
from heapq import merge
from typing import Any, NamedTuple

import orjson

Entity = dict[str, Any]
# A key orders by date and then by creation: seconds in the high bits, the position in the low ones.
POSITION_BITS = 32
EVERYTHING = ("", "")


class Entry(NamedTuple):
    """Where an entity stands in the indexes, kept because its facets may have changed since."""

    key: int
    partitions: tuple[tuple[str, str], ...]
    facets: tuple[str, ...]


@dataclass(slots=True)
class Partition:
    """The keys of one selection, oldest first: all of them, and by combination of facets."""

    whole: "array[int]" = field(default_factory=lambda: array("q"))
    by_facets: dict[tuple[str, ...], "array[int]"] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        _insert(self.whole, entry.key)
        if entry.facets:
            _insert(self.by_facets.setdefault(entry.facets, array("q")), entry.key)

    def remove(self, entry: Entry) -> None:
        _remove(self.whole, entry.key)
        if entry.facets:
            _remove(self.by_facets[entry.facets], entry.key)

    def cut(self, bound: int) -> None:
        """Remove all keys below a bound."""
        for keys in (self.whole, *self.by_facets.values()):
            del keys[: bisect_left(keys, bound)]


class Selection:
    """All entities of a kind, or those that share a field's value; nothing is read before it is asked for."""

    def __init__(self, collection: "Collection", partition: Partition | None) -> None:
        self._collection = collection
        self._partition = partition or Partition()

    def __len__(self) -> int:
        return len(self._partition.whole)

    def __iter__(self) -> Iterator[Entity]:
        """Go through it as it is now, oldest first; what is deleted meanwhile is left out."""
        return self.walk(after=0, before=None, newest_first=False)

    def walk(self, *, after: int, before: int | None, newest_first: bool) -> Iterator[Entity]:
        """Go through the entities between two dates that still count, whoever changes others meanwhile."""
        (keys,) = self._runs({}, after, before) or [memoryview(array("q"))]
        # A copy: an array that somebody looks at can take in nothing new.
        snapshot = array("q", keys)
        if newest_first:
            snapshot.reverse()
        return (entity for key in snapshot if (entity := self._collection.find(key)) is not None)

    def page(
        self,
        *,
        wanted: Mapping[str, Values[str]],
        after: int,
        before: int | None,
        newest_first: bool,
        start: int,
        size: int,
    ) -> tuple[list[Entity], int]:
        """Return `size` entities from `start` on, and how many there are in all.

        `wanted` holds the values asked for by facet, in lower case; `after` and `before` are dates that still count.
        """
        runs = self._runs(wanted, after, before)
        total = sum(len(run) for run in runs)
        first, last = min(start, total), min(start + size, total)
        if newest_first:
            first, last = total - last, total - first
        keys = _between(runs, first, last)
        if newest_first:
            keys.reverse()
        return [self._collection.at(key) for key in keys], total

    def _runs(self, wanted: Mapping[str, Values[str]], after: int, before: int | None) -> list["memoryview[int]"]:
        low = max(0, after) << POSITION_BITS
        high = None if before is None else (max(-1, before) + 1) << POSITION_BITS
        arrays = (
            [
                keys
                for facets, keys in self._partition.by_facets.items()
                if self._collection.is_asked_for(facets, wanted)
            ]
            if wanted
            else [self._partition.whole]
        )
        runs = []
        for keys in arrays:
            end = len(keys) if high is None else bisect_left(keys, high)
            run = memoryview(keys)[bisect_left(keys, low) : end]
            if len(run):
                runs.append(run)
        return runs


class Collection:
    """The entities of one kind, in memory; `changed` is told of every one that is saved or deleted."""

    def __init__(
        self,
        kind: str,
        changed: Callable[[str, str], None],
        *,
        indexed: tuple[str, ...] = (),
        facets: tuple[str, ...] = (),
        date: str = "CreationDate",
        limit: int | None = None,
    ) -> None:
        self.kind = kind
        self.facets = facets
        self._changed = changed
        self._indexed = indexed
        self._date = date
        self._limit = limit
        self._last_position = 0
        # Bytes are entities that nobody has asked for since they were read from the state file.
        self._rows: dict[str, Entity | bytes] = {}
        self._ids: dict[int, str] = {}
        self._entries: dict[str, Entry] = {}
        self._partitions: dict[tuple[str, str], Partition] = {EVERYTHING: Partition()}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Entity]:
        return iter(self.all())

    def get(self, entity_id: str | None) -> Entity | None:
        row = self._rows.get(entity_id) if entity_id else None
        return self._inflated(str(entity_id), row) if isinstance(row, bytes) else row

    def all(self) -> Selection:
        return Selection(self, self._partitions[EVERYTHING])

    def select(self, name: str, value: str) -> Selection:
        """Return the entities whose indexed field holds the value, or has it among its values."""
        if name not in self._indexed:
            raise KeyError(f"{self.kind} has no index on {name}")
        return Selection(self, self._partitions.get((name, value)))

    def where(self, name: str, value: str) -> list[Entity]:
        """Return them all, oldest first."""
        return list(self.select(name, value))

    def at(self, key: int) -> Entity:
        entity = self.find(key)
        if entity is None:
            raise KeyError(f"{self.kind} has no entity with the key {key}")
        return entity

    def find(self, key: int) -> Entity | None:
        return self.get(self._ids.get(key & (1 << POSITION_BITS) - 1))

    def is_asked_for(self, facets: tuple[str, ...], wanted: Mapping[str, Values[str]]) -> bool:
        return all(facets[self.facets.index(name)] in values for name, values in wanted.items())

    def save(self, entity: Entity) -> Entity:
        """Take in a new entity, or note that a known one has changed."""
        entity.setdefault("_Position", self._last_position + 1)
        self._take_in(entity)
        self._rows[entity["Id"]] = entity
        self._changed(self.kind, entity["Id"])
        if self._limit is not None and len(self._rows) > self._limit:
            self.delete(next(iter(self._rows)))
        return entity

    def take(self, entity: Entity) -> None:
        """Take in a new entity that nobody will ask for soon; one of many thousands is kept packed."""
        packed = {**entity, "_Position": self._last_position + 1}
        self._take_in(packed)
        # A copy: what orjson returns holds on to the whole buffer it was written in, many times its size.
        self._rows[packed["Id"]] = bytes(memoryview(orjson.dumps(packed)))
        self._changed(self.kind, packed["Id"])

    def load(self, body: bytes) -> None:
        """Take in an entity as the state file holds it, to be inflated when it is needed."""
        entity = orjson.loads(body)
        self._take_in(entity)
        self._rows[entity["Id"]] = body

    def delete(self, entity_id: str) -> None:
        if self._rows.pop(entity_id, None) is None:
            return
        entry = self._entries.pop(entity_id)
        del self._ids[entry.key & (1 << POSITION_BITS) - 1]
        for name in (EVERYTHING, *entry.partitions):
            self._remove(name, entry)
        self._changed(self.kind, entity_id)

    def delete_before(self, date: int) -> None:
        """Delete what is older, as time does; each array is cut once, however much that is."""
        bound = date << POSITION_BITS
        whole = self._partitions[EVERYTHING].whole
        gone = [self._ids.pop(key & (1 << POSITION_BITS) - 1) for key in whole[: bisect_left(whole, bound)]]
        touched = {EVERYTHING}
        for entity_id in gone:
            touched.update(self._entries.pop(entity_id).partitions)
            del self._rows[entity_id]
            self._changed(self.kind, entity_id)
        for name in touched if gone else ():
            self._partitions[name].cut(bound)
            self._drop_if_empty(name)

    def clear(self) -> None:
        for entity_id in self._rows:
            self._changed(self.kind, entity_id)
        self._rows, self._ids, self._entries = {}, {}, {}
        self._partitions = {EVERYTHING: Partition()}

    def _inflated(self, entity_id: str, body: bytes) -> Entity:
        entity: Entity = orjson.loads(body)
        self._rows[entity_id] = entity
        return entity

    def _take_in(self, entity: Entity) -> None:
        position = entity["_Position"]
        self._last_position = max(self._last_position, position)
        self._ids[position] = entity["Id"]
        entry = self._entry(entity)
        known = self._entries.get(entity["Id"])
        if known == entry:
            return
        if known is not None:
            for name in (EVERYTHING, *known.partitions):
                self._remove(name, known)
        self._entries[entity["Id"]] = entry
        for name in (EVERYTHING, *entry.partitions):
            self._partitions.setdefault(name, Partition()).add(entry)

    def _entry(self, entity: Entity) -> Entry:
        partitions = tuple((name, value) for name in self._indexed for value in _values(entity.get(name)))
        facets = tuple(str(entity.get(name)).lower() for name in self.facets)
        return Entry(int(entity.get(self._date) or 0) << POSITION_BITS | entity["_Position"], partitions, facets)

    def _remove(self, name: tuple[str, str], entry: Entry) -> None:
        self._partitions[name].remove(entry)
        self._drop_if_empty(name)

    def _drop_if_empty(self, name: tuple[str, str]) -> None:
        if not self._partitions[name].whole and name != EVERYTHING:
            del self._partitions[name]


def _values(value: object) -> tuple[str, ...]:
    """Return what a field is found by: its value, each of several, or nothing for an empty one."""
    if isinstance(value, list):
        return tuple(dict.fromkeys(value))
    return (str(value),) if value else ()


def _between(runs: list["memoryview[int]"], first: int, last: int) -> list[int]:
    """Return the keys from rank `first` up to `last` over all runs together, without going through those before."""
    if first >= last:
        return []
    if len(runs) == 1:
        return runs[0][first:last].tolist()
    rest = []
    for run, begin in zip(runs, _cuts(runs, first), strict=True):
        rest.append(run[begin : begin + last - first].tolist())
    merged = merge(*rest)
    return [key for _, key in zip(range(last - first), merged, strict=False)]


def _cuts(runs: list["memoryview[int]"], rank: int) -> list[int]:
    """Return how many keys of each run are among the lowest `rank` keys of all."""
    low, high = min(run[0] for run in runs), max(run[-1] for run in runs)
    while low < high:
        middle = (low + high) // 2
        if sum(bisect_right(run, middle) for run in runs) < rank:
            low = middle + 1
        else:
            high = middle
    return [bisect_right(run, low) for run in runs] if rank else [0] * len(runs)


def _insert(keys: "array[int]", key: int) -> None:
    if not keys or keys[-1] < key:
        keys.append(key)
    else:
        insort(keys, key)


def _remove(keys: "array[int]", key: int) -> None:
    del keys[bisect_left(keys, key)]
