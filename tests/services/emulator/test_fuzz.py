"""Whatever is thrown at it, the emulator answers a documented status in Mangopay's shape, and never 500.

A request that each endpoint accepts, or nearly so, is found by asking: what it misses is filled in by name. Then parts
of it are replaced by what nobody should send.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.emulator.engine.router import Route
from tests.services.emulator.junk import JUNK, check, places, put
from tests.services.emulator.stranger import API_ROUTES, Stranger, name_of
from tests.serving import PROJECT

RAW = [b"", b"null", b"[]", b'"text"', b"{", b'{"a":}', b"NaN", b"\xff\xfe", b"a=1&b=2"]
RAW += [b"[" * 50_000, b'{"a":' * 5_000]
TEXTS = st.sampled_from(["", "0", "-1", "x" * 300, "\x00", "é", "%", "..", "user_m_0", "99999999999999999999", "EUR"])
# What sends nothing of its own to an emulator under test.
NO_MARKET = ("test_fuzz", "test_ledger", "test_story", "test_endpoints", "test_list_cost")
QUERIES = st.dictionaries(
    st.sampled_from(["page", "per_page", "Sort", "Status", "Type", "AfterDate", "BeforeDate", "EventType", "Currency"]),
    TEXTS | st.sampled_from(["1", "100", "CreationDate:DESC", "CREATED,FAILED", ":", "1.5"]),
    max_size=3,
)


@pytest.fixture(scope="module")
def stranger() -> Iterator[Stranger]:
    stranger = Stranger()
    yield stranger
    stranger.close()


@pytest.mark.parametrize("route", API_ROUTES, ids=name_of)
def test_a_spoilt_request_is_refused_in_mangopay_s_words(stranger: Stranger, route: Route) -> None:
    base = stranger.base(route)
    spots = list(places(base))
    names = re.findall(r"\{(\w+)\}", route.path)

    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(
        spoilt=st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(JUNK)), max_size=3),
        raw=st.none() | st.sampled_from(RAW),
        query=QUERIES,
        ids=st.lists(st.none() | TEXTS, min_size=len(names), max_size=len(names)),
    )
    def spoil(spoilt: list[tuple[int, Any]], raw: bytes | None, query: dict[str, str], ids: list[str | None]) -> None:
        body = deepcopy(base)
        for at, junk in spoilt:
            put(body, spots[at % len(spots)] if spots else ["Tag"], junk)
        content = json.dumps(body).encode() if raw is None or spoilt else raw
        params = {
            name: quote(text, safe="") for name, text in zip(names, ids, strict=True) if text and name != "ClientId"
        }
        sends = {"content": content} if route.method in ("POST", "PUT") else {}
        check(stranger.call(route, names=params, params=query, **sends), name_of(route))

    spoil()


@pytest.mark.slow
def test_a_spoilt_copy_of_what_other_tests_send_is_refused_as_well() -> None:
    folder = "tests/services/emulator"
    plugin = ["-p", "tests.services.emulator.fuzzing", "-p", "no:cacheprovider"]
    ignored = [f"--ignore={folder}/{name}.py" for name in NO_MARKET]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, *ignored, folder],
        cwd=PROJECT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-5_000:]
    found = re.search(r"(\d+) spoilt requests to (\d+) of (\d+) endpoints", done.stdout)
    assert found is not None, done.stdout[-500:]
    requests, tried, known = map(int, found.groups())
    assert requests > 2_500
    assert tried > 0.9 * known, done.stdout[-5_000:]
