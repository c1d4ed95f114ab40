"""No list reads more than it returns, whatever is asked for and however much there is."""

from collections.abc import Iterator
from typing import Any

import pytest

from services.emulator.engine.collection import Collection
from services.emulator.engine.router import Route
from tests.services.emulator.stranger import API_ROUTES, Stranger, name_of

QUESTIONS: tuple[dict[str, str], ...] = (
    {"per_page": "3"},
    {"per_page": "3", "page": "2", "Sort": "CreationDate:DESC"},
    {"per_page": "2", "Status": "SUCCEEDED,VALIDATED", "AfterDate": "1"},
)
# What may be looked up on the way to a list: the user, the wallet, the card that it belongs to.
ON_THE_WAY = 4


@pytest.fixture(scope="module")
def stranger() -> Iterator[Stranger]:
    stranger = Stranger(crowd=(40, 600))
    yield stranger
    stranger.close()


@pytest.mark.parametrize("route", [route for route in API_ROUTES if route.method == "GET"], ids=name_of)
@pytest.mark.parametrize("query", QUESTIONS, ids=["first page", "second page from the end", "filtered"])
def test_a_list_reads_what_it_returns(
    stranger: Stranger, route: Route, query: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    at = Collection.at

    def noting(collection: Collection, key: int) -> dict[str, Any]:
        read.append(key)
        return at(collection, key)

    monkeypatch.setattr(Collection, "at", noting)
    answer = stranger.call(route, params=query)
    rows = answer.json() if answer.status_code == 200 else []
    returned = len(rows) if isinstance(rows, list) else 0
    assert len(read) <= returned + ON_THE_WAY
