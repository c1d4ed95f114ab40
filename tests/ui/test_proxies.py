"""Whose word is taken for where somebody comes from: throttling and the audit log go by it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.serving import serving

ELSEWHERE = "203.0.113.9"


@pytest.mark.parametrize(("trusted", "address"), [("127.0.0.1", ELSEWHERE), ("192.0.2.1", "127.0.0.1")])
async def test_a_forwarded_address_counts_from_a_trusted_proxy_alone(
    tmp_path: Path, trusted: str, address: str
) -> None:
    with serving(tmp_path / "dashboard", DASHBOARD_TRUSTED_PROXIES=trusted) as server:
        headers = {"Origin": server.base_url, "X-Forwarded-For": ELSEWHERE}
        async with httpx.AsyncClient(base_url=server.base_url, headers=headers, verify=False) as mallory:
            pair = {"environment": "local", "email": "olivia@example.com", "password": "guessed"}
            assert (await mallory.post("/sign-in", data=pair)).status_code == 401
        with closing(sqlite3.connect(server.database)) as connection:
            assert connection.execute("SELECT address FROM audit_entry").fetchall() == [(address,)]
