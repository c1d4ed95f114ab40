"""What machines are told of our state."""

import sqlite3
from contextlib import closing

import httpx
import pytest
from pydantic import SecretStr

from services.health import Health, MetricsPage, database_part, receiver_part
from services.loopback import LoopbackOnly
from services.metrics import Metrics
from services.notifications import writer
from tests.services.notifications.inbox import Inbox


async def _get(app: object, *, client: str = "127.0.0.1", **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app, client=(client, 1))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        return await http.get("/", headers={name.replace("_", "-"): value for name, value in headers.items()})


async def test_health_is_200_while_all_is_well_and_503_naming_what_ails(inbox: Inbox) -> None:
    health = Health({"database": database_part(inbox.database), "receiver": receiver_part(inbox.writer)})
    well = await _get(health)
    assert (well.status_code, well.json()["parts"]) == (200, {"database": "ok", "receiver": "ok"})

    await inbox.writer.stop()
    ill = await _get(health)
    assert (ill.status_code, ill.json()["status"]) == (503, "failing")
    assert ill.json()["parts"] == {"database": "ok", "receiver": "the writer does not run"}


async def test_a_locked_database_ails_only_while_it_is_locked(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    health = Health({"database": database_part(inbox.database), "receiver": receiver_part(inbox.writer)})
    with closing(sqlite3.connect(str(inbox.database.url.database), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert (await inbox.hit()).status_code == 503
        parts = (await _get(health)).json()["parts"]
        assert "locked" in parts["database"]
        assert "locked" in parts["receiver"]
        other.execute("ROLLBACK")
    monkeypatch.setattr(writer, "AILMENT_LASTS_S", 0)
    assert (await _get(health)).status_code == 200


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("192.0.2.1", {}, 200),
        ("203.0.113.7", {}, 403),
        ("127.0.0.1", {"x_forwarded_for": "203.0.113.7"}, 403),
    ],
)
async def test_the_emulator_is_for_programs_on_this_machine(client: str, headers: dict[str, str], status: int) -> None:
    app = LoopbackOnly(MetricsPage(Metrics(), SecretStr("right")), also="192.0.2.1")
    answer = await _get(app, client=client, authorization="Bearer right", **headers)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("127.0.0.1", {"x_forwarded_for": "203.0.113.7"}, 403),
        ("203.0.113.7", {}, 403),
        ("203.0.113.7", {"authorization": "Bearer wrong"}, 403),
        ("203.0.113.7", {"authorization": "Bearer right"}, 200),
    ],
)
async def test_metrics_are_for_loopback_or_the_bearer_of_the_token(
    client: str, headers: dict[str, str], status: int
) -> None:
    page = MetricsPage(Metrics(), SecretStr("right"))
    assert (await _get(page, client=client, **headers)).status_code == status


async def test_without_a_token_nobody_from_outside_reads_metrics() -> None:
    page = MetricsPage(Metrics(), None)
    assert (await _get(page, client="203.0.113.7", authorization="Bearer None")).status_code == 403
