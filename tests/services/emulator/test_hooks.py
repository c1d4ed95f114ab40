"""Hooks and their notifications: who is told, when, how often, and when the emulator gives up."""

import re

import pytest

from services.emulator import Emulator, EmulatorConfig
from tests.services.emulator.conftest import open_market
from tests.services.emulator.marketplace import Marketplace, created, refused
from tests.services.emulator.receiver import Receiver

SOMEWHERE = "http://127.0.0.1/hooks"


async def test_a_new_hook_is_enabled_and_valid(market: Marketplace) -> None:
    hook = await market.hook("PAYIN_NORMAL_CREATED", SOMEWHERE)
    assert hook["Id"].startswith("hook_m_")
    assert (hook["Status"], hook["Validity"], hook["Email"]) == ("ENABLED", "VALID", None)
    assert (await market.get("/hooks")).json() == [hook]
    assert created(await market.get(f"/hooks/{hook['Id']}")) == hook


async def test_there_is_one_hook_per_event_type(market: Marketplace) -> None:
    await market.hook("PAYIN_NORMAL_CREATED", SOMEWHERE)
    error = refused(await market.post("/hooks", {"EventType": "PAYIN_NORMAL_CREATED", "Url": SOMEWHERE}))
    assert error["errors"] == {"EventType": "A hook has already been registered for this EventType"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"EventType": "PAYIN_NORMAL_INVENTED", "Url": SOMEWHERE}, "EventType"),
        ({"EventType": "KYC_CREATED", "Url": "ftp://127.0.0.1/"}, "Url"),
        ({"EventType": "KYC_CREATED", "Url": SOMEWHERE + "x" * 255}, "Url"),
        ({"EventType": "KYC_CREATED"}, "Url"),
    ],
)
async def test_what_makes_no_hook(market: Marketplace, body: dict[str, object], field: str) -> None:
    assert list(refused(await market.post("/hooks", body))["errors"]) == [field]


async def test_a_notification_is_a_get_with_three_parameters_and_no_user_agent(
    emulator: Emulator, market: Marketplace, receiver: Receiver
) -> None:
    await market.hook("PAYIN_NORMAL_SUCCEEDED", f"{receiver.url}?key=a%20b")
    wallet = await market.funded(await market.payer(), 1_260)
    await emulator.idle()
    ((row),) = (await market.get(f"/wallets/{wallet['Id']}/transactions")).json()
    date = (await market.get("/events", EventType="PAYIN_NORMAL_SUCCEEDED")).json()[0]["Date"]
    query = f"key=a%20b&EventType=PAYIN_NORMAL_SUCCEEDED&RessourceId={row['Id']}&Date={date}"
    assert receiver.request_lines == [f"GET /hooks?{query} HTTP/1.1"]
    assert "user-agent" not in receiver.headers[0]
    (attempt,) = emulator.attempts
    assert (attempt.status, attempt.reason, attempt.number, attempt.is_success) == (200, None, 1, True)


async def test_the_answer_never_waits_for_the_receiver(
    emulator: Emulator, market: Marketplace, receiver: Receiver
) -> None:
    receiver.may_answer.clear()
    await market.hook("PAYIN_NORMAL_SUCCEEDED", receiver.url)
    await market.funded(await market.payer(), 1_260)
    assert not emulator.attempts
    receiver.may_answer.set()
    await emulator.idle()
    assert len(receiver.notified) == 1


async def test_a_receiver_that_takes_too_long_has_failed(
    emulator: Emulator, market: Marketplace, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.emulator.engine.outbox.TIMEOUT_S", 0.02)
    receiver.may_answer.clear()
    await market.hook("PAYIN_NORMAL_SUCCEEDED", receiver.url)
    await market.funded(await market.payer(), 1_260)
    await emulator.idle()
    assert {attempt.reason for attempt in emulator.attempts} == {"no answer within 0.02 seconds"}
    receiver.may_answer.set()


async def test_up_to_ten_notifications_travel_at_once(
    emulator: Emulator, market: Marketplace, receiver: Receiver
) -> None:
    receiver.may_answer.clear()
    await market.hook("PAYIN_NORMAL_SUCCEEDED", receiver.url)
    alice = await market.payer()
    wallet, card = await market.wallet(alice), await market.card(alice)
    for _ in range(15):
        created(await market.pay_in(card, wallet, 1_260))
    await receiver.wait_for(10)
    receiver.may_answer.set()
    await emulator.idle()
    assert (len(receiver.notified), receiver.most_at_once) == (15, 10)


async def test_a_failed_notification_is_repeated_fifteen_times_and_then_given_up(
    emulator: Emulator, market: Marketplace, receiver: Receiver
) -> None:
    receiver.status = 503
    await market.hook("PAYIN_NORMAL_SUCCEEDED", receiver.url)
    await market.funded(await market.payer(), 1_260)
    await emulator.idle()
    assert [attempt.number for attempt in emulator.attempts] == list(range(1, 17))
    assert len(set(receiver.request_lines)) == 1


@pytest.mark.parametrize("status", [201, 204, 301, 404])
async def test_anything_but_200_is_a_failure(
    emulator: Emulator, market: Marketplace, receiver: Receiver, status: int
) -> None:
    receiver.status = status
    await market.hook("PAYIN_NORMAL_SUCCEEDED", receiver.url)
    await market.funded(await market.payer(), 1_260)
    await emulator.idle()
    assert not any(attempt.is_success for attempt in emulator.attempts)
    assert all("/elsewhere" not in line for line in receiver.request_lines)


async def test_the_first_repetition_comes_after_ten_minutes(receiver: Receiver) -> None:
    receiver.status = 500
    emulator = Emulator(EmulatorConfig("http://localhost"))
    await emulator.start()
    async with open_market(emulator) as market:
        await market.hook("PAYIN_NORMAL_SUCCEEDED", receiver.url)
        await market.funded(await market.payer(), 1_260)
        await emulator.idle()
    await emulator.stop()
    assert len(receiver.notified) == 1


async def break_hook(emulator: Emulator, market: Marketplace, receiver: Receiver) -> str:
    """Let seven notifications fail again and again, more than a hundred times in a row."""
    hook = await market.hook("PAYIN_NORMAL_SUCCEEDED", receiver.url)
    receiver.status = 500
    alice = await market.payer()
    wallet, card = await market.wallet(alice), await market.card(alice)
    for _ in range(7):
        created(await market.pay_in(card, wallet, 1_260))
    await emulator.idle()
    return str(hook["Id"])


async def test_a_hundred_failures_in_a_row_make_a_hook_invalid(
    emulator: Emulator, market: Marketplace, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    hook_id = await break_hook(emulator, market, receiver)
    hook = created(await market.get(f"/hooks/{hook_id}"))
    assert (hook["Status"], hook["Validity"]) == ("ENABLED", "INVALID")
    assert 100 <= len(emulator.attempts) < 112
    assert [re.findall(r"failures=(\d+)", line) for line in caplog.messages] == [["25"], ["50"], ["75"], ["100"]]
    tried = len(emulator.attempts)
    await market.funded(await market.payer(), 1_260)
    await emulator.idle()
    assert len(emulator.attempts) == tried


@pytest.mark.parametrize("steps", [[{"Validity": "VALID"}], [{"Status": "DISABLED"}, {"Status": "ENABLED"}]])
async def test_an_invalid_hook_is_brought_back_either_way_and_hears_only_what_is_new(
    emulator: Emulator, market: Marketplace, receiver: Receiver, steps: list[dict[str, object]]
) -> None:
    hook_id = await break_hook(emulator, market, receiver)
    receiver.status = 200
    for step in steps:
        hook = created(await market.put(f"/hooks/{hook_id}", step))
    assert (hook["Status"], hook["Validity"]) == ("ENABLED", "VALID")
    before = len(receiver.notified)
    await market.funded(await market.payer(), 1_260)
    await emulator.idle()
    assert len(receiver.notified) == before + 1


async def test_one_success_forgives_all_failures(
    emulator: Emulator, market: Marketplace, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    await market.hook("PAYIN_NORMAL_SUCCEEDED", receiver.url)
    alice = await market.payer()
    wallet, card = await market.wallet(alice), await market.card(alice)
    for status in (500, 200, 500):
        receiver.status = status
        created(await market.pay_in(card, wallet, 1_260))
        await emulator.idle()
    assert len(emulator.attempts) == 16 + 1 + 16
    assert not caplog.records


async def test_a_disabled_hook_is_told_nothing_though_the_event_is_recorded(
    emulator: Emulator, market: Marketplace, receiver: Receiver
) -> None:
    hook = await market.hook("PAYIN_NORMAL_SUCCEEDED", receiver.url)
    created(await market.put(f"/hooks/{hook['Id']}", {"Status": "DISABLED"}))
    await market.funded(await market.payer(), 1_260)
    await emulator.idle()
    assert receiver.notified == []
    assert len((await market.get("/events", EventType="PAYIN_NORMAL_SUCCEEDED")).json()) == 1


async def test_a_hook_moves_but_keeps_its_event_type(
    emulator: Emulator, market: Marketplace, receiver: Receiver
) -> None:
    hook = await market.hook("PAYIN_NORMAL_SUCCEEDED", SOMEWHERE)
    body = {"Url": receiver.url, "EventType": "KYC_CREATED", "Email": "olivia@example.com"}
    moved = created(await market.put(f"/hooks/{hook['Id']}", body))
    assert moved == hook | {"Url": receiver.url, "Email": "olivia@example.com"}
    await market.funded(await market.payer(), 1_260)
    await emulator.idle()
    assert [event_type for event_type, _ in receiver.notified] == ["PAYIN_NORMAL_SUCCEEDED"]


async def test_a_hook_may_be_sent_back_whole_as_it_was_read(
    emulator: Emulator, market: Marketplace, receiver: Receiver
) -> None:
    hook_id = await break_hook(emulator, market, receiver)
    hook = created(await market.get(f"/hooks/{hook_id}"))
    assert created(await market.put(f"/hooks/{hook_id}", hook | {"Tag": "broken"})) == hook | {"Tag": "broken"}
    off = created(await market.put(f"/hooks/{hook_id}", hook | {"Status": "DISABLED"}))
    assert (off["Status"], off["Validity"]) == ("DISABLED", "INVALID")
    repaired = created(await market.put(f"/hooks/{hook_id}", off | {"Status": "ENABLED"}))
    assert (repaired["Status"], repaired["Validity"]) == ("ENABLED", "VALID")
    assert "Validity" in refused(await market.put(f"/hooks/{hook_id}", {"Validity": "PERHAPS"}))["errors"]


@pytest.mark.parametrize("host", ["192.0.2.1", "[2001:db8::1]", "0.0.0.0"])
async def test_nothing_is_delivered_beyond_loopback(emulator: Emulator, market: Marketplace, host: str) -> None:
    await market.hook("PAYIN_NORMAL_SUCCEEDED", f"http://{host}/hooks")
    await market.funded(await market.payer(), 1_260)
    await emulator.idle()
    assert {attempt.status for attempt in emulator.attempts} == {None}
    assert all("not a loopback address" in (attempt.reason or "") for attempt in emulator.attempts)


async def test_a_receiver_that_is_down_is_a_failed_attempt_with_a_reason(
    emulator: Emulator, market: Marketplace
) -> None:
    await market.hook("PAYIN_NORMAL_SUCCEEDED", "http://127.0.0.1:1/hooks")
    await market.funded(await market.payer(), 1_260)
    await emulator.idle()
    assert (emulator.attempts[0].reason or "").startswith("ConnectError")


@pytest.mark.parametrize(
    "url",
    [
        *("http://[bad", "http://[::1]extra/", "http://[:::1]/", "http://127.0.0.1:abc/", "http://127.0.0.1:99999/"),
        *("http://127.0.0.1/#fragment", "http:///path", "http://a\0b/", "http://a b/"),
    ],
)
async def test_what_cannot_be_called_is_no_url(market: Marketplace, url: str) -> None:
    hook = await market.hook("KYC_CREATED", SOMEWHERE)
    body = {"EventType": "PAYIN_NORMAL_CREATED", "Url": url}
    message = {"Url": "The Url field is not a valid fully-qualified http or https URL."}
    assert refused(await market.post("/hooks", body))["errors"] == message
    assert refused(await market.put(f"/hooks/{hook['Id']}", {"Url": url}))["errors"] == message
    assert list(refused(await market.post("/reports/wallets", {"CallbackURL": url}))["errors"]) == ["CallbackURL"]


@pytest.mark.parametrize(
    "url", ["http://[::1]:3000/hooks?a=1", "HTTPS://user:pass@example.com", "http://bücher.example/"]
)
async def test_what_can_be_called_is_a_url(market: Marketplace, url: str) -> None:
    assert (await market.hook("KYC_CREATED", url))["Url"] == url
    assert created(await market.post("/reports/wallets", {"CallbackURL": url}))["CallbackURL"] == url
