"""What nobody should send, where to put it, and what may come back."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import httpx

DOCUMENTED = {200, 201, 204, 303, 304, 400, 401, 403, 404, 405, 409, 411, 413, 415, 422, 429}
JUNK: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 10**30, 1.5, -0.0, 1e300),
    *("", " ", "x", "x" * 300, "\x00", "\ud800", "é" * 130, "null", "-1", "1e9", "2026-13-45"),
    *("EUR", "OWNER", "VALIDATED"),
    *([], {}, [[]], [None], [{}], {"": None}, {"Currency": "EUR"}, {"Currency": "EUR", "Amount": -5}),
    *({"Currency": "JPY", "Amount": 1}, {"Currency": 5, "Amount": "7"}, {"Amount": 10**18, "Currency": "EUR"}),
    *(["a", 1], {"a": {"b": {"c": []}}}, [1, 2, 3], {"Country": "US"}, "javascript:alert(1)"),
]


def check(answer: httpx.Response, request: str) -> None:
    """Fail unless an answer has a documented status and, if it refuses, the shape of Mangopay's errors."""
    assert answer.status_code in DOCUMENTED, f"{request}: {answer.status_code} {answer.text[:500]}"
    if answer.status_code < 400 or (answer.status_code == 401 and "WWW-Authenticate" in answer.headers):
        return
    body = answer.json()
    if "error" not in body and "traceId" not in body:
        assert {"Message", "Type", "Date"} <= set(body), f"{request}: {body}"


def put(body: dict[str, Any], place: list[str], value: Any) -> None:
    """Set what is at a place, making objects on the way where there are none. What is put there stays as it is, however
    often something else is put into it.
    """
    for name in place[:-1]:
        if not isinstance(body.get(name), dict):
            body[name] = {}
        body = body[name]
    body[place[-1]] = deepcopy(value)


def places(body: dict[str, Any]) -> Iterator[list[str]]:
    """Yield the way to every member, those of nested objects too."""
    for name, value in body.items():
        yield [name]
        if isinstance(value, dict):
            yield from ([name, *rest] for rest in places(value))
