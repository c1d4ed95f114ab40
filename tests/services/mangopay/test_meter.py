"""The meter of the rate limits, as whoever looks at it reads it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import respx

from models.environment import Environment
from models.permissions import Role
from services.access.actors import SessionEnded
from services.mangopay.client import MangopayClient
from services.mangopay.governor import Gauge, Governor, Priority
from services.mangopay.limits import DOCUMENTED_LIMITS, WINDOW_MINUTES
from services.mangopay.meter import read_meter
from tests.actors import make_actor
from tests.services.mangopay.test_client import ALICE, ALICE_JSON, limit_headers

LOCAL, SANDBOX = Environment.LOCAL, Environment.SANDBOX
OLIVIA = make_actor(environment=SANDBOX)
LATE = datetime(2100, 1, 1, tzinfo=UTC)


def test_before_the_first_answer_it_shows_the_documented_limits_and_the_own_calls(client: MangopayClient) -> None:
    client.governor.sent(Priority.PERSON)
    client.governor.sent(Priority.BACKGROUND)
    assert read_meter(OLIVIA, {SANDBOX: client}) == [
        Gauge(minutes, limit, used=2, by_us=2, in_background=1, resets_at=None)
        for minutes, limit in zip(WINDOW_MINUTES, DOCUMENTED_LIMITS, strict=True)
    ]


async def test_it_shows_what_the_last_answer_told_and_the_calls_since(
    api: respx.MockRouter, client: MangopayClient
) -> None:
    api.get(ALICE).respond(json=ALICE_JSON, headers=limit_headers(remaining=2_290, reset_at=LATE))
    await client.at(Priority.BACKGROUND).get_user("alice")
    shortest, *_, longest = read_meter(OLIVIA, {SANDBOX: client})
    assert shortest == Gauge(15, limit=2_300, used=10, by_us=1, in_background=1, resets_at=LATE)
    assert (longest.minutes, longest.limit, longest.used) == (1440, 105_600, 40)
    client.governor.sent(Priority.EXPORT)
    again = read_meter(OLIVIA, {SANDBOX: client})[0]
    assert again == replace(shortest, used=11, by_us=2)


async def test_what_this_process_knows_to_be_used_is_used_whatever_is_told(
    api: respx.MockRouter, client: MangopayClient
) -> None:
    for _ in range(30):
        client.governor.sent(Priority.PERSON)
        client.governor.hear(None)
    api.get(ALICE).respond(json=ALICE_JSON, headers=limit_headers(remaining=2_290, reset_at=LATE))
    await client.get_user("alice")
    shortest, *_ = read_meter(OLIVIA, {SANDBOX: client})
    assert (shortest.used, shortest.by_us, shortest.limit) == (31, 31, 2_300)


def test_the_own_calls_leave_each_window_in_its_time() -> None:
    now = [datetime(2026, 11, 22, 12, tzinfo=UTC)]
    governor = Governor(clock=lambda: now[0])
    governor.sent(Priority.PERSON)
    seen = []
    for minutes in (14, 15, 30, 60, 1440):
        now[0] = datetime(2026, 11, 22, 12, tzinfo=UTC) + timedelta(minutes=minutes)
        seen.append([gauge.by_us for gauge in governor.meter()])
    assert seen == [[1, 1, 1, 1], [0, 1, 1, 1], [0, 0, 1, 1], [0, 0, 0, 1], [0, 0, 0, 0]]


@pytest.mark.parametrize("role", Role)
async def test_everybody_sees_the_meter_of_their_own_environment(
    api: respx.MockRouter, client: MangopayClient, role: Role
) -> None:
    local = MangopayClient(LOCAL, base_url="http://local.test", client_id="local", api_key="k")
    api.get(ALICE).respond(json=ALICE_JSON)
    await client.get_user("alice")
    clients = {LOCAL: local, SANDBOX: client}
    used = [read_meter(make_actor(role, environment), clients)[0].used for environment in (LOCAL, SANDBOX)]
    assert used == [0, 1]
    await local.aclose()


def test_whose_session_has_ended_sees_none(client: MangopayClient) -> None:
    with pytest.raises(SessionEnded):
        read_meter(make_actor(environment=SANDBOX, is_alive=lambda: False), {SANDBOX: client})
