"""A clock that stands still, and sample feeds."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from services.feeds.fetch import Fetched
from services.feeds.parse import ParsedFeed, parse

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def sample() -> Callable[[str], bytes]:
    return lambda name: (SAMPLES / name).read_bytes()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


class ParserHere:
    """Parses where it is called: a process for every test would take its time."""

    def __init__(self, parsed: list[Fetched]) -> None:
        self._parsed = parsed

    async def __aenter__(self) -> "ParserHere":
        return self

    async def __aexit__(self, *_: object) -> None:
        """There is nothing to end."""

    async def parse(self, fetched: Fetched) -> ParsedFeed:
        self._parsed.append(fetched)
        return parse(fetched)


@pytest.fixture(autouse=True)
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[Fetched]:
    """Everything that was parsed so far."""
    parsed: list[Fetched] = []
    monkeypatch.setattr("services.feeds.refresh.ReaderProcess", lambda: ParserHere(parsed))
    return parsed
