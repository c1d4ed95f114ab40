"""The engine when something goes wrong: half a request, a full disk, a leap of time, somebody in a hurry."""

import asyncio
import base64
import logging
from pathlib import Path

import httpx
import pytest
from starlette.types import Message

from services.emulator import Emulator, EmulatorConfig
from services.emulator.engine.collection import Collection
from services.emulator.engine.store import Store
from tests.services.emulator.conftest import open_market
from tests.services.emulator.control import TOKEN, Controls
from tests.services.emulator.marketplace import BASE_URL, Marketplace, created, refused
from tests.services.emulator.receiver import Receiver

DAY_S = 86_400
AUTHORIZATION = b"Basic " + base64.b64encode(b"local:local-api-key")
KEY = {"Idempotency-Key": "one-key-for-one-wallet"}


async def test_half_a_request_has_no_effect_and_costs_no_key(emulator: Emulator, market: Marketplace) -> None:
    alice = await market.payer()
    body = b'{"Owners": ["%s"], "Currency": "EUR", "Description": "x"}' % alice["Id"].encode()
    messages: list[Message] = [
        {"type": "http.request", "body": body[:20], "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        """Nobody listens any more."""

    headers = [
        (b"authorization", b"Basic bG9jYWw6bG9jYWwtYXBpLWtleQ=="),
        (b"idempotency-key", KEY["Idempotency-Key"].encode()),
    ]
    scope = {"type": "http", "method": "POST", "path": "/v2.01/local/wallets", "query_string": b"", "headers": headers}
    await emulator(scope, receive, send)
    assert (await market.get(f"/users/{alice['Id']}/wallets")).json() == []
    whole = {"Owners": [alice["Id"]], "Currency": "EUR", "Description": "x"}
    created(await market.post("/wallets", whole, KEY))


async def test_a_key_is_remembered_for_its_day_and_not_much_longer(market: Marketplace, control: Controls) -> None:
    refused(await market.post("/wallets", {}, KEY))
    assert refused(await market.post("/wallets", {}, KEY), 409)["Type"] == "idempotent_creation_conflict"
    await control.advance(2 * DAY_S)
    assert (await control.get()).json()["Counts"]["response"] == 0
    refused(await market.post("/wallets", {}, KEY))


def test_a_key_is_remembered_however_many_follow() -> None:
    responses = Store(None).responses
    for number in range(30_000):
        responses.save({"Id": f"key-{number}", "_UsedAt": 1})
    assert responses.get("key-0") is not None


async def test_a_full_disk_is_an_error_and_nothing_is_lost(tmp_path: Path, receiver: Receiver) -> None:
    emulator = Emulator(EmulatorConfig(BASE_URL, state_file=tmp_path / "state.sqlite3", control_token=TOKEN))
    await emulator.start()
    write, is_full = emulator._world.store._file.write, True  # type: ignore[union-attr]

    async def write_or_fail(rows: list[tuple[str, str, bytes | None]]) -> None:
        if is_full:
            raise OSError("no space left on device")
        await write(rows)

    async with open_market(emulator) as market:
        await market.hook("USER_ACCOUNT_CLOSED", receiver.url)
        alice = await market.payer()
        emulator._world.store._file.write = write_or_fail  # type: ignore[method-assign, union-attr]
        with pytest.raises(OSError, match="no space left"):
            await market.close(alice)
        is_full = False
        await receiver.wait_for(1)
        await emulator.idle()
        assert receiver.notified == [("USER_ACCOUNT_CLOSED", alice["Id"])]
        assert created(await market.get(f"/users/{alice['Id']}"))["UserStatus"] == "CLOSED"
    await emulator.stop()
    again = Emulator(EmulatorConfig(BASE_URL, state_file=tmp_path / "state.sqlite3"))
    await again.start()
    async with open_market(again) as market:
        assert created(await market.get(f"/users/{alice['Id']}"))["UserStatus"] == "CLOSED"
    await again.stop()


async def test_a_leap_of_time_lets_everything_happen_before_it_is_forgotten(
    market: Marketplace, control: Controls, receiver: Receiver, emulator: Emulator
) -> None:
    await market.hook("PAYIN_NORMAL_FAILED", receiver.url)
    wire = await market.wire(await market.wallet(await market.payer()), 5_000)
    await control.advance(420 * DAY_S)
    await receiver.wait_for(1)
    assert receiver.notified == [("PAYIN_NORMAL_FAILED", wire["Id"])]
    assert (await market.get(f"/payins/{wire['Id']}")).status_code == 404


async def test_after_a_reset_old_things_are_forgotten_as_before(market: Marketplace, control: Controls) -> None:
    await control.post("/reset")
    wallet = await market.funded(await market.payer(), 1_260)
    await control.advance(420 * DAY_S)
    assert (await market.get(f"/wallets/{wallet['Id']}/transactions")).json() == []


async def test_a_reset_lets_in_whoever_was_locked_out_and_ends_all_faults(
    market: Marketplace, control: Controls
) -> None:
    grant = {"grant_type": "client_credentials"}
    for _ in range(10):
        await market.browser.post("/v2.01/oauth/token", data=grant, auth=("local", "wrong"))
    await control.break_api("error")
    await control.post("/reset")
    assert (await market.http.post("/v2.01/oauth/token", data=grant)).status_code == 200
    assert (await market.get("/users")).status_code == 200


async def test_too_many_slashes_change_nothing(market: Marketplace) -> None:
    answer = await market.http.get("http://emulator//v2.01//local/users/", params={"Per_Page": "1"})
    assert answer.headers["x-ratelimit"] == "1,1,1,1"
    assert "per_page=1" in answer.headers["link"]


async def test_a_late_answer_comes_before_its_notification(
    market: Marketplace, control: Controls, receiver: Receiver
) -> None:
    await market.hook("USER_ACCOUNT_CLOSED", receiver.url)
    alice = await market.payer()
    await control.break_api("slow", When="after", Method="DELETE", DelayS=0.2)
    closing = asyncio.create_task(market.close(alice))
    # Others go on meanwhile, and must not take its notification along.
    for _ in range(3):
        await market.get("/users")
    await receiver.wait_for(1)
    assert closing.done()


async def test_what_is_deleted_meanwhile_is_left_out_and_nothing_else() -> None:
    collection = Collection("thing", lambda *_: None)
    for number in range(6):
        collection.save({"Id": f"thing_{number}", "CreationDate": number})
    found = []
    for thing in collection.all():
        found.append(thing["Id"])
        collection.delete("thing_0")
        collection.delete("thing_4")
    assert found == ["thing_0", "thing_1", "thing_2", "thing_3", "thing_5"]


async def test_a_name_that_takes_too_long_to_resolve_is_a_failure_in_time(
    market: Marketplace, receiver: Receiver, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.emulator.engine.outbox.TIMEOUT_S", 0.05)

    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", never)
    await market.hook("USER_ACCOUNT_CLOSED", "http://somewhere.example/hooks")
    await market.close(await market.payer())
    await emulator.idle()
    assert {attempt.reason for attempt in emulator.attempts} == {"no answer within 0.05 seconds"}


async def test_a_name_is_called_by_the_address_that_was_looked_at(
    market: Marketplace, receiver: Receiver, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [[(2, 1, 6, "", ("127.0.0.1", 0))], [(2, 1, 6, "", ("203.0.113.7", 0))]]

    async def rebinding(*_: object) -> object:
        return answers.pop(0)

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", rebinding)
    await market.hook("USER_ACCOUNT_CLOSED", f"http://somewhere.example:{receiver.port}/hooks")
    await market.close(await market.payer())
    await receiver.wait_for(1)
    assert receiver.headers[0]["host"] == f"somewhere.example:{receiver.port}"


async def test_retries_come_every_ten_minutes_for_an_hour_and_then_every_eight_hours_for_three_days(
    receiver: Receiver,
) -> None:
    emulator = Emulator(EmulatorConfig(BASE_URL, control_token=TOKEN))
    await emulator.start()
    receiver.status = 500
    async with open_market(emulator) as market:
        control = Controls(market.browser)
        await market.hook("USER_ACCOUNT_CLOSED", receiver.url)
        await market.close(await market.payer())
        await receiver.wait_for(1)
        await emulator.idle()
        for number, delay_s in enumerate([600] * 6 + [28_800] * 9, 2):
            await control.advance(delay_s - 30)
            await emulator.idle()
            assert len(emulator.attempts) == number - 1
            await control.advance(31)
            await receiver.wait_for(number)
            await emulator.idle()
        await control.advance(10 * DAY_S)
        await emulator.idle()
        assert [attempt.number for attempt in emulator.attempts] == list(range(1, 17))
        assert (await control.get("/deliveries/waiting")).json() == []
    await emulator.stop()


@pytest.mark.parametrize(
    "board",
    [
        {"Notifications": [{"Kind": "duplicate", "Copies": 10**14}]},
        {"Notifications": [{"Kind": "duplicate", "Copies": -1}]},
        {"Api": [{"Kind": "error", "Times": -1}]},
    ],
)
async def test_nobody_asks_for_more_faults_than_there_is_room_for(control: Controls, board: dict[str, object]) -> None:
    refused(await control.put("/faults", board))


async def test_limits_that_let_nobody_in_are_refused(control: Controls) -> None:
    refused(await control.put("/rate-limits", {"Limits": [-1, 5, 5, 5]}))


async def test_a_caller_without_an_address_stays_outside(emulator: Emulator) -> None:
    transport = httpx.ASGITransport(app=emulator, client=("testclient", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://emulator", trust_env=False) as nobody:
        assert (await Controls(nobody).get()).status_code == 403


async def test_what_breaks_in_the_control_plane_is_an_answer(
    control: Controls, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(emulator._world.store, "counts", lambda: 1 / 0)
    with caplog.at_level(logging.ERROR):
        assert (await control.get()).status_code == 500
    assert "ZeroDivisionError" in caplog.text
