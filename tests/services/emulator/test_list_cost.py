"""No list reads more than it returns, whatever is asked for and however much there is."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from services.emulator.engine.collection import Collection
from services.emulator.engine.router import Route
from tests.services.emulator.stranger import API_ROUTES, Stranger, name_of

QUESTIONS: tuple[dict[str, str], ...] = (
    {"per_page": "3"},
    {"per_page": "3", "page": "2", "Sort": "CreationDate:DESC"},
    {"per_page": "2", "Status": "SUCCEEDED,VALIDATED,CREATED,CLOSED", "AfterDate": "1"},
)
# What may be looked up on the way to a list: the user, the wallet, the card that it belongs to.
ON_THE_WAY = 4
# How many copies are made of everything that there is.
COPIES = 12
COPY_NUMBERS = tuple(map(str, range(COPIES)))
# What the id in a path is of, where its name does not say it.
KINDS = {
    "Fingerprint": "card",
    **dict.fromkeys(("PayInId", "TransferId", "PayOutId", "RepudiationId"), "transaction"),
}
# What happens by itself, and what there is one of.
NOT_COPIED = ("task", "setting", "delivery")


@pytest.fixture(scope="module")
def stranger() -> Iterator[Stranger]:
    """Somebody who knows a marketplace in which there is a dozen of everything."""
    stranger = Stranger()
    for kind, collection in stranger.emulator._world.store._collections.items():
        for entity in list(collection) if kind not in NOT_COPIED else ():
            for copy in range(COPIES):
                collection.take(entity | {"Id": f"{entity['Id']}-{copy}"})
    yield stranger
    stranger.close()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What is read out of any collection, one after the other."""
    read: list[int] = []
    find = Collection.find

    def noting(collection: Collection, key: int) -> dict[str, Any] | None:
        read.append(key)
        return find(collection, key)

    monkeypatch.setattr(Collection, "find", noting)
    return read


@pytest.mark.slow
def test_lists_read_what_they_return(stranger: Stranger, read: list[int]) -> None:
    wasteful, long_ones = [], set()
    for route in (route for route in API_ROUTES if route.method == "GET"):
        names = longest(stranger, route)
        for query in QUESTIONS:
            read.clear()
            answer = stranger.call(route, names=names, params=query)
            if items(answer) >= COPIES:
                long_ones.add(name_of(route))
            if items(answer) and len(read) > len(answer.json()) + ON_THE_WAY:
                wasteful.append(f"{name_of(route)} {query}: {len(read)} read, {len(answer.json())} returned")
    assert wasteful == []
    # Unless most lists are long, this proves nothing.
    assert len(long_ones) >= 45, sorted(long_ones)


def longest(stranger: Stranger, route: Route) -> dict[str, str]:
    """Return the ids in a path with which its list is long, if there are any."""
    name = next(iter(re.findall(r"\{(\w+)\}", route.path.removeprefix("/v2.01/{ClientId}"))), "")
    kind = KINDS.get(name, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.removesuffix("Id")).lower())
    collection = stranger.emulator._world.store._collections.get(kind)
    # What belongs to something belongs to the first of its copies.
    for entity in collection.all() if collection is not None else ():
        if entity["Id"].rpartition("-")[2] in COPY_NUMBERS:
            continue
        entity_id = entity["Fingerprint"] if name == "Fingerprint" else entity["Id"]
        owner = {"UserId": entity["UserId"]} if "UserId" in entity else {}
        if items(stranger.call(route, names=owner | {name: entity_id})) >= COPIES:
            return owner | {name: entity_id}
    return {}


def items(answer: httpx.Response) -> int:
    return int(answer.headers.get("x-number-of-items", 0)) if answer.status_code == 200 else 0
