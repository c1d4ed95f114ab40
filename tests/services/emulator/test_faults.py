"""The fault switchboard: what goes wrong on purpose, and the same way again with the same seed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn

from services.emulator import Emulator
from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import Marketplace, refused
from tests.services.emulator.receiver import Receiver


@asynccontextmanager
async def served(emulator: Emulator) -> AsyncIterator[str]:
    """Serve it on a port of its own: only a connection can break off."""
    server = uvicorn.Server(uvicorn.Config(emulator, port=0, lifespan="off", log_config=None))
    listener = server.config.bind_socket()
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await serving


async def emit(control: Controls, *resource_ids: str) -> None:
    for resource_id in resource_ids:
        await control.post("/events", {"EventType": "KYC_CREATED", "ResourceId": resource_id})


@pytest.fixture
async def hooked(market: Marketplace, receiver: Receiver) -> Receiver:
    await market.hook("KYC_CREATED", receiver.url)
    return receiver


async def test_a_dropped_notification_never_comes_but_its_event_is_in_the_log(
    market: Marketplace, control: Controls, emulator: Emulator, hooked: Receiver
) -> None:
    await control.break_notifications("drop", Times=1)
    await emit(control, "kyc_1", "kyc_2")
    await emulator.idle()
    assert hooked.notified == [("KYC_CREATED", "kyc_2")]
    assert [resource_id for _, resource_id in await market.events()] == ["kyc_1", "kyc_2"]


async def test_a_duplicate_comes_as_often_as_asked(control: Controls, emulator: Emulator, hooked: Receiver) -> None:
    await control.break_notifications("duplicate", Copies=2)
    await emit(control, "kyc_1")
    await emulator.idle()
    assert hooked.notified == [("KYC_CREATED", "kyc_1")] * 3


async def test_a_forged_notification_tells_of_what_never_was(
    market: Marketplace, control: Controls, emulator: Emulator, hooked: Receiver
) -> None:
    await control.break_notifications("forge")
    await emit(control, "kyc_1")
    await emulator.idle()
    ids = {resource_id for _, resource_id in hooked.notified}
    assert len(ids) == 2
    (forged,) = ids - {"kyc_1"}
    assert [resource_id for _, resource_id in await market.events()] == ["kyc_1"]
    assert (await market.get(f"/kyc/documents/{forged}")).status_code == 404


async def test_twins_are_two_events_of_the_same_second(
    market: Marketplace, control: Controls, emulator: Emulator, hooked: Receiver
) -> None:
    await control.break_notifications("twin")
    await emit(control, "kyc_1")
    await emulator.idle()
    assert Counter(hooked.notified) == {("KYC_CREATED", "kyc_1"): 2}
    assert await market.events() == [("KYC_CREATED", "kyc_1")] * 2
    assert len(set(hooked.request_lines)) == 1


async def test_a_resource_id_can_be_missing(control: Controls, emulator: Emulator, hooked: Receiver) -> None:
    await control.break_notifications("empty_resource_id")
    await emit(control, "kyc_1")
    await emulator.idle()
    assert "&RessourceId=&Date=" in hooked.request_lines[0]


async def test_a_delayed_notification_waits_for_its_time(
    control: Controls, emulator: Emulator, hooked: Receiver
) -> None:
    await control.break_notifications("delay", DelayS=600, Times=1)
    await emit(control, "kyc_late", "kyc_2")
    await emulator.idle()
    (waiting,) = (await control.get("/deliveries/waiting")).json()
    assert waiting["ResourceId"] == "kyc_late"
    await control.advance(600)
    await hooked.wait_for(2)
    assert [resource_id for _, resource_id in hooked.notified] == ["kyc_2", "kyc_late"]


async def test_reordered_notifications_all_come_and_in_another_order(
    control: Controls, emulator: Emulator, hooked: Receiver
) -> None:
    await control.break_notifications("reorder", DelayS=3_600, seed=3)
    sent = [f"kyc_{number}" for number in range(6)]
    await emit(control, *sent)
    waiting = (await control.get("/deliveries/waiting")).json()
    assert sorted(delivery["ResourceId"] for delivery in waiting) == sent
    assert [delivery["ResourceId"] for delivery in waiting] != sent


async def test_rules_are_for_the_event_types_they_name(control: Controls, emulator: Emulator, hooked: Receiver) -> None:
    await control.break_notifications("drop", EventType="PAYIN_*")
    await emit(control, "kyc_1")
    await emulator.idle()
    assert hooked.notified == [("KYC_CREATED", "kyc_1")]


async def test_the_same_seed_makes_the_same_faults(market: Marketplace, control: Controls) -> None:
    async def statuses(seed: int) -> list[int]:
        await control.break_api("error", Probability=0.5, seed=seed)
        return [(await market.get("/users")).status_code for _ in range(20)]

    first = await statuses(1)
    assert set(first) == {200, 500}
    assert await statuses(1) == first
    assert await statuses(2) != first


async def test_an_error_before_leaves_no_trace_and_one_after_has_happened(
    market: Marketplace, control: Controls
) -> None:
    body = {"FirstName": "Alice", "LastName": "Martin", "Email": "alice@example.com"}
    body |= {"UserCategory": "PAYER", "TermsAndConditionsAccepted": True}  # type: ignore[dict-item]
    for when, users in (("before", 0), ("after", 1)):
        await control.break_api("error", When=when, Status=503, Method="POST", Path="/sca/users/*")
        answer = await market.post("/sca/users/natural", body)
        assert (answer.status_code, answer.json()["errors"]) == (503, None)
        assert len((await market.get("/users")).json()) == users


async def test_what_was_lost_after_it_happened_can_be_looked_up_by_its_key(
    market: Marketplace, control: Controls
) -> None:
    await control.break_api("malformed", When="after", Method="POST", Times=1)
    body = {"FirstName": "Alice", "LastName": "Martin", "Email": "alice@example.com"}
    body |= {"UserCategory": "PAYER", "TermsAndConditionsAccepted": True}  # type: ignore[dict-item]
    lost = await market.post("/sca/users/natural", body, {"Idempotency-Key": "the-first-and-only-one"})
    assert lost.status_code == 200
    with pytest.raises(ValueError, match=r"Expecting|Unterminated|Invalid"):
        lost.json()
    kept = (await market.get("/responses/the-first-and-only-one")).json()
    assert kept["Resource"]["FirstName"] == "Alice"


async def test_a_cut_answer_breaks_off_in_its_midst(emulator: Emulator, market: Marketplace, control: Controls) -> None:
    await control.break_api("cut", When="after", Times=1)
    async with served(emulator) as url, httpx.AsyncClient(auth=market.http.auth, trust_env=False) as http:
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
            await http.get(f"{url}/v2.01/local/clients")
        assert (await http.get(f"{url}/v2.01/local/clients")).json()["ClientId"] == "local"


async def test_an_answer_can_be_429_and_the_next_one_not(market: Marketplace, control: Controls) -> None:
    await control.break_api("rate_limit", Times=1)
    answer = await market.get("/users")
    assert refused(answer, 429)["Type"] == "rate_limit"
    assert len(answer.headers["x-ratelimit-reset"].split(",")) == 4
    assert (await market.get("/users")).status_code == 200


async def test_a_slow_answer_is_late_and_right(market: Marketplace, control: Controls) -> None:
    await control.break_api("slow", DelayS=0.2, Path="/users")
    slow = asyncio.create_task(market.get("/users"))
    quick: httpx.Response = await market.get("/clients")
    assert quick.status_code == 200
    assert not slow.done()
    assert (await slow).json() == []


async def test_the_board_can_be_read_and_cleared(market: Marketplace, control: Controls) -> None:
    await control.break_api("error", seed=7, Path="/payins/*")
    board = (await control.get("/faults")).json()
    assert (board["Seed"], board["Api"][0]["Path"], board["Api"][0]["Probability"]) == (7, "/payins/*", 1.0)
    assert (await market.get("/users")).status_code == 200
    assert (await control.delete("/faults")).status_code == 204
    assert (await control.get("/faults")).json() == {"Seed": 0, "Notifications": [], "Api": []}


@pytest.mark.parametrize(
    ("board", "field"),
    [
        ({"Api": [{"Kind": "explode"}]}, "Api[0].Kind"),
        ({"Api": [{"Kind": "error", "Probability": 2}]}, "Api[0].Probability"),
        ({"Api": [{"Kind": "error", "Status": 200}]}, "Api[0].Status"),
        ({"Notifications": [{"EventType": "*"}]}, "Notifications[0].Kind"),
        ({"Notifications": "all"}, "Notifications"),
        ({"Notifications": [{"Kind": "drop", "EvenType": "PAYIN_*"}]}, "Notifications[0].EvenType"),
        ({"Sed": 7}, "Sed"),
    ],
)
async def test_a_rule_that_is_not_understood_changes_nothing(
    control: Controls, board: dict[str, object], field: str
) -> None:
    assert list(refused(await control.put("/faults", board))["errors"]) == [field]
    assert (await control.get("/faults")).json()["Api"] == []
