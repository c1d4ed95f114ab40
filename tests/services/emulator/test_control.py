"""The control plane: who gets in, and what it does to time, events, scenes, state and rates."""

import asyncio
import logging
import re
from pathlib import Path

import pytest

from services.emulator import Emulator, EmulatorConfig
from services.emulator.demo.scenes import SCENES, Scene
from services.emulator.demo.shop import ShopError
from tests.services.emulator.conftest import open_market
from tests.services.emulator.control import TOKEN, Controls
from tests.services.emulator.marketplace import BASE_URL, Marketplace, created, refused
from tests.services.emulator.receiver import Receiver

DAY_S = 86_400


async def test_without_its_token_it_tells_nobody_anything(market: Marketplace) -> None:
    assert (await market.browser.get("/emulator/_control")).status_code == 403
    wrong = await market.browser.get("/_control", headers={"Authorization": f"Bearer {TOKEN}x"})
    assert (wrong.status_code, wrong.json()["Type"]) == (403, "forbidden_ressource")
    # The platform's own key opens the API, not this.
    assert (await market.http.get("/emulator/_control")).status_code == 403


async def test_it_is_shut_unless_a_token_was_set() -> None:
    async with open_market(Emulator(EmulatorConfig(BASE_URL))) as market:
        assert (await Controls(market.browser).get()).status_code == 404


async def test_it_answers_this_machine_alone(emulator: Emulator) -> None:
    import httpx

    transport = httpx.ASGITransport(app=emulator, client=("203.0.113.7", 123))
    async with httpx.AsyncClient(transport=transport, base_url="http://emulator", trust_env=False) as abroad:
        assert (await Controls(abroad).get()).status_code == 403


async def test_it_names_what_it_can_do_under_either_prefix(market: Marketplace, control: Controls) -> None:
    index = (await control.get()).json()
    assert index["Counts"]["user"] == 0
    assert "order" in index["Scenarios"]
    assert (await Controls(market.browser, "/_control").get()).json()["Actions"] == index["Actions"]
    assert (await control.get("/nothing")).status_code == 404


async def test_its_calls_are_not_the_platform_s(market: Marketplace, control: Controls) -> None:
    await control.get()
    assert (await market.get("/users")).headers["x-ratelimit"] == "1,1,1,1"


async def test_time_moves_ahead_and_what_is_due_happens(market: Marketplace, control: Controls) -> None:
    before = (await control.get("/clock")).json()["Now"]
    await market.http.post("/v2.01/oauth/token", data={"grant_type": "client_credentials"})
    token = (await market.http.post("/v2.01/oauth/token", data={"grant_type": "client_credentials"})).json()
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    assert (await market.browser.get("/v2.01/local/users", headers=bearer)).status_code == 200
    await control.advance(1_300)
    assert (await control.get("/clock")).json()["Now"] >= before + 1_300
    assert (await market.browser.get("/v2.01/local/users", headers=bearer)).status_code == 401
    assert (await market.payer())["CreationDate"] >= before + 1_300


@pytest.mark.parametrize("body", [{}, {"AdvanceS": -1}, {"AdvanceS": "soon"}, {"To": 5}, {"AdvanceS": 10**12}])
async def test_time_does_not_go_back_nor_out_of_sight(control: Controls, body: dict[str, object]) -> None:
    refused(await control.post("/clock", body))


async def test_moving_the_clock_brings_the_retries(
    market: Marketplace, control: Controls, receiver: Receiver, emulator: Emulator
) -> None:
    slow = Emulator(EmulatorConfig(BASE_URL, control_token=TOKEN))
    await slow.start()
    async with open_market(slow) as shop:
        receiver.status = 500
        await shop.hook("USER_ACCOUNT_CLOSED", receiver.url)
        alice = await shop.payer()
        await shop.http.delete(f"/v2.01/local/users/natural/{alice['Id']}")
        await receiver.wait_for(1)
        receiver.status = 200
        await slow.idle()
        await Controls(shop.browser).advance(600)
        await receiver.wait_for(2)
        await slow.idle()
        attempts = (await Controls(shop.browser).get("/deliveries")).json()
    await slow.stop()
    assert [(attempt["Number"], attempt["Status"]) for attempt in attempts] == [(2, 200), (1, 500)]


async def test_after_13_months_a_transaction_is_gone(market: Marketplace, control: Controls) -> None:
    wallet = await market.funded(await market.payer(), 1_260)
    (row,) = (await market.get(f"/wallets/{wallet['Id']}/transactions")).json()
    await control.advance(390 * DAY_S)
    assert (await market.get(f"/payins/{row['Id']}")).status_code == 200
    await control.advance(10 * DAY_S)
    assert (await market.get(f"/payins/{row['Id']}")).status_code == 404
    assert (await market.get(f"/wallets/{wallet['Id']}/transactions")).json() == []
    assert await market.balance(wallet) == 1_260


async def test_any_event_can_be_emitted(
    market: Marketplace, control: Controls, receiver: Receiver, emulator: Emulator
) -> None:
    await market.hook("DISPUTE_CREATED", receiver.url)
    assert (await control.post("/events", {"EventType": "DISPUTE_CREATED", "ResourceId": "d_1"})).status_code == 200
    await emulator.idle()
    assert receiver.notified == [("DISPUTE_CREATED", "d_1")]
    assert (await market.events()) == [("DISPUTE_CREATED", "d_1")]
    refused(await control.post("/events", {"EventType": "NO SUCH THING", "ResourceId": "d_1"}))


async def test_a_hook_can_be_pinged_as_from_mangopay_s_dashboard(
    market: Marketplace, control: Controls, receiver: Receiver, emulator: Emulator
) -> None:
    hook = await market.hook("KYC_CREATED", receiver.url)
    assert (await control.post(f"/hooks/{hook['Id']}/ping")).status_code == 204
    await emulator.idle()
    (line,) = receiver.request_lines
    found = re.search(r"EventType=KYC_CREATED&RessourceId=&Date=(\d+) ", line)
    assert found is not None
    assert int(found[1]) % DAY_S == 0
    assert (await control.post("/hooks/hook_m_unknown/ping")).status_code == 404


async def test_every_attempt_is_recorded_newest_first(
    market: Marketplace, control: Controls, receiver: Receiver, emulator: Emulator
) -> None:
    await market.hook("KYC_CREATED", receiver.url)
    for number in range(3):
        await control.post("/events", {"EventType": "KYC_CREATED", "ResourceId": f"kyc_{number}"})
        await emulator.idle()
    answer = await control.get("/deliveries", per_page="2")
    assert [attempt["ResourceId"] for attempt in answer.json()] == ["kyc_2", "kyc_1"]
    assert answer.headers["x-number-of-items"] == "3"
    (only,) = (await control.get("/deliveries", ResourceId="kyc_0")).json()
    assert (only["EventType"], only["Status"], only["Number"]) == ("KYC_CREATED", 200, 1)


async def test_scenes_of_the_marketplace_are_played_on_demand(market: Marketplace, control: Controls) -> None:
    assert (await control.post("/seed")).status_code == 200
    before = (await control.get()).json()["Counts"]["transaction"]
    assert (await control.post("/scenarios/order")).status_code == 204
    assert (await control.get()).json()["Counts"]["transaction"] > before
    assert (await control.post("/scenarios/opera")).status_code == 404
    refused(await control.post("/seed"))


async def test_a_crowd_comes_in_bulk_and_money_is_conserved(market: Marketplace, control: Controls) -> None:
    counts = (await control.post("/seed", {"Users": 20, "Transactions": 90})).json()
    # Two users and three transactions are the models of all others.
    assert (counts["user"], counts["transaction"]) == (22, 93)
    rows = (await market.get("/users", per_page="1", Sort="CreationDate:ASC")).json()
    user_id = rows[0]["Id"]
    (wallet,) = (await market.get(f"/users/{user_id}/wallets")).json()
    answer = await market.get(f"/wallets/{wallet['Id']}/transactions", per_page="100")
    moved = sum(
        row["CreditedFunds"]["Amount"] if row["CreditedWalletId"] == wallet["Id"] else -row["DebitedFunds"]["Amount"]
        for row in answer.json()
    )
    assert wallet["Balance"]["Amount"] == moved
    fees = (await market.get("/clients/wallets/FEES/EUR/transactions", per_page="100")).json()
    (balance,) = (await market.get("/clients/wallets/FEES")).json()
    assert balance["Balance"]["Amount"] == sum(row["Fees"]["Amount"] for row in fees)


async def test_a_reset_forgets_everything_and_the_clock_too(market: Marketplace, control: Controls) -> None:
    await control.post("/seed")
    await control.advance(5 * DAY_S)
    assert (await control.post("/reset")).status_code == 204
    assert {count for kind, count in (await control.get()).json()["Counts"].items() if kind != "task"} == {0}
    assert (await control.get("/clock")).json()["LeadS"] == 0
    assert (await market.payer())["UserStatus"] == "ACTIVE"


async def test_the_moved_clock_survives_a_restart(tmp_path: Path) -> None:
    config = EmulatorConfig(BASE_URL, control_token=TOKEN, state_file=tmp_path / "state.sqlite3")
    for lead_s in (600, 1_200):
        emulator = Emulator(config)
        await emulator.start()
        async with open_market(emulator) as market:
            await Controls(market.browser).advance(600)
            assert (await Controls(market.browser).get("/clock")).json()["LeadS"] == lead_s
        await emulator.stop()


async def test_a_spent_budget_is_429_until_the_window_has_slid_on(market: Marketplace, control: Controls) -> None:
    assert (await control.put("/rate-limits", {"Limits": [3, 5, 8, 100]})).status_code == 204
    answers = [await market.get("/users") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].json()["Type"] == "rate_limit"
    assert answers[-1].json()["errors"] is None
    assert answers[-1].headers["x-ratelimit-remaining"].startswith("0,")
    resets = [int(reset) for reset in answers[-1].headers["x-ratelimit-reset"].split(",")]
    now = (await control.get("/clock")).json()["Now"]
    assert 890 <= resets[0] - now <= 901
    await control.advance(901)
    assert [(await market.get("/users")).status_code for _ in range(3)] == [200, 200, 429]
    await control.put("/rate-limits", {"Limits": None})
    unlimited = await market.get("/users")
    assert unlimited.status_code == 200
    # What is not refused is told all the same, out of the documented budget.
    assert unlimited.headers["x-ratelimit-remaining"].startswith("229")
    refused(await control.put("/rate-limits", {"Limits": [1, 2]}))


async def test_an_unknown_action_is_404(control: Controls) -> None:
    assert (await control.post("/do/moon.land/x")).status_code == 404
    assert created(await control.get("/clock"))["LeadS"] == 0


async def test_a_scene_that_cannot_be_played_says_so(
    market: Marketplace, control: Controls, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(market: object) -> None:
        raise ShopError("nobody is there")

    monkeypatch.setitem(SCENES, "order", Scene(refuse, 1))
    answer = refused(await control.post("/scenarios/order"))
    assert (answer["Type"], answer["Message"]) == (
        "invalid_action",
        "The scene cannot be played: nobody is there",
    )


async def test_a_reset_waits_for_the_scene_that_plays(market: Marketplace, control: Controls) -> None:
    answers = await asyncio.gather(
        control.post("/scenarios/newcomer"), control.post("/reset"), control.post("/scenarios/unknown")
    )
    assert [answer.status_code for answer in answers] == [204, 204, 404]
    assert {count for kind, count in (await control.get()).json()["Counts"].items() if kind != "task"} == {0}


async def test_a_scene_that_breaks_ends_neither_the_play_nor_the_emulator(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    has_broken = asyncio.Event()

    async def break_down(market: object) -> None:
        has_broken.set()
        raise RuntimeError("broken")

    for name in SCENES:
        monkeypatch.setitem(SCENES, name, Scene(break_down, 1))
    emulator = Emulator(EmulatorConfig(BASE_URL, control_token=TOKEN))
    await emulator.start()
    with caplog.at_level(logging.ERROR):
        async with open_market(emulator) as market:
            assert (await Controls(market.browser).post("/scenarios/begin")).status_code == 204
            await has_broken.wait()
            assert (await Controls(market.browser).post("/reset")).status_code == 204
        await emulator.stop()
    assert "a scene broke" in caplog.text
