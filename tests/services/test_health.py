"""What machines are told of our state."""

import httpx
import pytest
from pydantic import SecretStr

from services.health import Health, MetricsPage, database_part, receiver_part
from services.metrics import Metrics
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
