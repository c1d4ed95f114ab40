"""The seeded marketplace and what goes on in it."""

import asyncio
import itertools
import logging
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from services.emulator import Emulator, EmulatorConfig
from services.emulator.demo.market import Market
from services.emulator.demo.others import Others
from services.emulator.demo.scenario import Scenario
from services.emulator.demo.scenes import SCENES
from services.emulator.demo.scenes.disputes import MAX_WAITING
from services.emulator.demo.scenes.people import MAX_USERS
from services.emulator.demo.seed import HOOKED
from services.emulator.demo.shop import Shop
from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import Json, Marketplace, created
from tests.services.emulator.receiver import Receiver

DAY_S = 86_400


@pytest.fixture
async def plot(emulator: Emulator) -> AsyncIterator[Market]:
    """The marketplace as the story plays it, which leaves the rate limits alone."""
    async with emulator._client() as client:
        yield Market(Shop(client, "local"), Others(emulator._world), random.Random(11), itertools.count(3001))


async def transactions(market: Marketplace) -> list[Json]:
    """Return everything that moved in a wallet of a user, each once, oldest first."""
    rows: dict[str, Json] = {}
    for user in await all_of(market, "/users"):
        rows |= {row["Id"]: row for row in await all_of(market, f"/users/{user['Id']}/transactions")}
    return sorted(rows.values(), key=lambda row: int(row["CreationDate"]))


async def all_of(market: Marketplace, path: str, **query: str) -> list[Json]:
    """Return all rows of a list, none where an OWNER would have to confirm first."""
    rows: list[Json] = []
    for page in range(1, 100):
        response = await market.get(path, per_page="100", page=str(page), **query)
        if response.status_code == 401:
            return []
        rows += response.json()
        if len(response.json()) < 100:
            break
    return rows


async def of_every_user(market: Marketplace, path: str, **query: str) -> list[Json]:
    users = await all_of(market, "/users")
    return [row for user in users for row in await all_of(market, f"/users/{user['Id']}/{path}", **query)]


async def test_the_seed_is_a_believable_marketplace(emulator: Emulator, market: Marketplace) -> None:
    await emulator.seed(hook_url=None)
    users = [created(await market.get(f"/users/{user['Id']}")) for user in await all_of(market, "/users")]
    names = {user.get("Name") or f"{user['FirstName']} {user['LastName']}" for user in users}
    assert {"Alice Martin", "Atelier Bob", "Carla Rossi", "Dmitri Ivanov", "Emma Schmidt", "Fern & Fable Ltd"} <= names
    assert Counter(user["KYCLevel"] for user in users if user["UserCategory"] == "OWNER") == {"REGULAR": 5, "LIGHT": 4}
    statuses = Counter(user["UserStatus"] for user in users)
    assert (statuses["CLOSED"], statuses["PENDING_USER_ACTION"], statuses["ACTIVE"]) == (1, 1, len(users) - 2)
    kinds = {(row["Type"], row["Nature"], row["Status"]) for row in await transactions(market)}
    assert kinds >= {
        *(("PAYIN", "REGULAR", status) for status in ("CREATED", "SUCCEEDED", "FAILED")),
        *(("PAYOUT", "REGULAR", status) for status in ("SUCCEEDED", "FAILED")),
        *(("TRANSFER", "REGULAR", "SUCCEEDED"), ("TRANSFER", "SETTLEMENT", "SUCCEEDED")),
        *((kind, "REFUND", "SUCCEEDED") for kind in ("PAYIN", "PAYOUT", "TRANSFER")),
        *(("PAYOUT", "REPUDIATION", "SUCCEEDED"), ("CONVERSION", "REGULAR", "SUCCEEDED")),
    }


async def test_the_past_has_disputes_in_every_state_and_not_too_many(emulator: Emulator, market: Marketplace) -> None:
    await emulator.seed(hook_url=None)
    disputes = await all_of(market, "/disputes")
    waiting = [row for row in disputes if row["Status"] == "PENDING_CLIENT_ACTION"]
    assert all(row["ContestDeadlineDate"] > time.time() + DAY_S for row in waiting)
    assert {row["DisputeType"] for row in waiting} == {"CONTESTABLE", "RETRIEVAL"}
    assert {row["Status"] for row in disputes} >= {"SUBMITTED", "REOPENED_PENDING_CLIENT_ACTION", "CLOSED"}
    lost = {row["Id"] for row in disputes if row["ResultCode"] == "LOST"}
    unsettled = {row["Id"] for row in await all_of(market, "/disputes/pendingsettlement")}
    assert unsettled
    assert unsettled < lost
    assert any(row["ResultCode"] == "WON" for row in disputes)
    assert {row["Status"] for row in await all_of(market, "/dispute-documents")} == {
        *("VALIDATED", "REFUSED", "VALIDATION_ASKED")
    }
    payins = [row for row in await transactions(market) if (row["Type"], row["Nature"]) == ("PAYIN", "REGULAR")]
    assert len(disputes) < len(payins) / 20


async def test_the_past_has_accounts_and_verifications_of_every_kind(emulator: Emulator, market: Marketplace) -> None:
    await emulator.seed(hook_url=None)
    recipients = await of_every_user(market, "recipients", RecipientScope="ALL")
    assert {row["Status"] for row in recipients} == {"ACTIVE", "PENDING", "CANCELED", "DEACTIVATED"}
    assert {row["RecipientScope"] for row in recipients} == {"PAYIN", "PAYOUT"}
    assert {row["Type"] for row in await of_every_user(market, "bankaccounts")} == {"IBAN", "GB"}
    assert {row["Status"] for row in await all_of(market, "/kyc/documents")} == {
        *("VALIDATED", "REFUSED", "VALIDATION_ASKED")
    }
    sessions = await of_every_user(market, "identity-verifications")
    assert [row["Status"] for row in sessions] == ["PENDING"]
    declarations = await of_every_user(market, "kyc/ubodeclarations")
    assert {row["Status"] for row in declarations} == {"VALIDATED", "INCOMPLETE"}
    users = await all_of(market, "/users")
    blocked = [created(await market.get(f"/users/{user['Id']}/regulatory"))["ScopeBlocked"] for user in users]
    assert [flows for flows in blocked if any(flows.values())] == [{"Inflows": False, "Outflows": True}]


async def test_the_past_has_money_come_and_go_in_every_way(emulator: Emulator, market: Marketplace) -> None:
    await emulator.seed(hook_url=None)
    rows = await transactions(market)
    payins = [row["Id"] for row in rows if (row["Type"], row["Nature"]) == ("PAYIN", "REGULAR")]
    payins = [created(await market.get(f"/payins/{payin_id}")) for payin_id in payins]
    ways = {(row["PaymentType"], row["Status"]) for row in payins}
    assert ways >= {(kind, status) for kind in ("CARD", "IDEAL", "BCMC") for status in ("SUCCEEDED", "FAILED")}
    assert ways >= {(kind, "SUCCEEDED") for kind in ("PAYPAL", "DIRECT_DEBIT", "PREAUTHORIZED", "BANK_WIRE")}
    assert {"EXTERNAL_INSTRUCTION", "DIRECT"} <= {
        row["ExecutionType"] for row in payins if row["PaymentType"] == "BANK_WIRE"
    }
    payouts = [row["Id"] for row in rows if (row["Type"], row["Nature"]) == ("PAYOUT", "REGULAR")]
    payouts = [created(await market.get(f"/payouts/bankwire/{payout_id}")) for payout_id in payouts]
    assert {row["ResultCode"] for row in payouts if row["Status"] == "FAILED"} == {"008700", "121003", "121006"}
    assert {row["ModeApplied"] for row in payouts if row["ModeRequested"]} == {"INSTANT_PAYMENT", "STANDARD"}
    assert {bool(row["RecipientId"]) for row in payouts} == {True, False}
    held = await of_every_user(market, "preauthorizations")
    assert {row["PaymentStatus"] for row in held} == {"WAITING", "VALIDATED", "CANCELED", "EXPIRED"}
    assert any(row["PayInId"] and row["PaymentStatus"] == "WAITING" for row in held)
    assert {row["PaymentStatus"] for row in await of_every_user(market, "deposit-preauthorizations")} == {
        *("WAITING", "VALIDATED")
    }
    wallets = await of_every_user(market, "wallets")
    assert {wallet["Currency"] for wallet in wallets} == {"EUR", "GBP", "JPY"}
    assert [report["Status"] for report in await all_of(market, "/reports")] == ["READY_FOR_DOWNLOAD"]


async def test_the_story_began_weeks_ago_and_goes_on_today_in_order(emulator: Emulator, market: Marketplace) -> None:
    await emulator.seed(hook_url=None)
    rows = await transactions(market)
    dates = [int(row["CreationDate"]) for row in rows]
    assert dates[0] < time.time() - 40 * DAY_S
    assert time.time() - 60 < dates[-1] <= time.time()
    assert max(later - earlier for earlier, later in pairwise(dates)) < 2 * DAY_S
    assert all(row["CreationDate"] <= row["ExecutionDate"] <= time.time() for row in rows if row["ExecutionDate"])
    # Whatever was told later is dated later.
    events = sorted(emulator._world.store.events, key=lambda event: int(event["_Position"]))
    assert [event["Date"] for event in events] == sorted(event["Date"] for event in events)


async def test_what_was_due_in_the_past_happened_at_its_own_time(emulator: Emulator, market: Marketplace) -> None:
    await emulator.seed(hook_url=None)
    await emulator.idle()
    (expired,) = [row for row in await of_every_user(market, "preauthorizations") if row["PaymentStatus"] == "EXPIRED"]
    (event,) = await all_of(market, "/events", EventType="PREAUTHORIZATION_PAYMENT_EXPIRED")
    assert (event["ResourceId"], event["Date"]) == (expired["Id"], expired["ExpirationDate"])
    assert event["Date"] < time.time() - DAY_S


async def test_today_is_notified_and_the_past_is_not(
    emulator: Emulator, market: Marketplace, receiver: Receiver
) -> None:
    await emulator.seed(hook_url=receiver.url)
    await emulator.idle()
    hooks = (await market.get("/hooks", per_page="100")).json()
    assert {hook["EventType"] for hook in hooks} == set(HOOKED)
    assert {hook["Url"] for hook in hooks} == {receiver.url}
    assert 10 < len(receiver.notified) < 25
    newest = (await market.get("/events", Sort="Date:DESC", per_page="100")).json()
    today = Counter(
        (row["EventType"], row["ResourceId"])
        for row in newest
        if row["Date"] > time.time() - 60 and row["EventType"] in {hook["EventType"] for hook in hooks}
    )
    assert Counter(receiver.notified) == today


async def test_a_second_seed_changes_nothing(emulator: Emulator, market: Marketplace) -> None:
    await emulator.seed(hook_url="http://127.0.0.1:1/hooks")
    before = [(await market.get(path, per_page="100")).json() for path in ("/users", "/hooks", "/events")]
    await emulator.seed(hook_url="http://127.0.0.1:2/hooks")
    assert [(await market.get(path, per_page="100")).json() for path in ("/users", "/hooks", "/events")] == before


async def test_a_seed_that_was_cut_short_gets_its_hooks_the_next_time(emulator: Emulator, market: Marketplace) -> None:
    await market.payer()
    await emulator.seed(hook_url="http://127.0.0.1:1/hooks")
    assert len((await market.get("/users")).json()) == 1
    assert len((await market.get("/hooks", per_page="100")).json()) == len(HOOKED)


async def test_the_story_leaves_the_rate_limits_to_the_platform(emulator: Emulator, market: Marketplace) -> None:
    await emulator.seed(hook_url=None)
    assert (await market.get("/users")).headers["x-ratelimit"] == "1,1,1,1"


async def test_stopping_lets_the_seed_finish(tmp_path: Path) -> None:
    emulator = Emulator(EmulatorConfig("http://localhost", state_file=tmp_path / "emulator.sqlite3"))
    await emulator.start()
    seeding = asyncio.create_task(emulator.seed(hook_url="http://127.0.0.1:1/hooks"))
    await asyncio.sleep(0)
    await emulator.stop()
    assert seeding.done()
    await seeding


async def test_every_scene_leaves_something_to_see(emulator: Emulator, plot: Market) -> None:
    await emulator.seed(hook_url=None)
    for name, scene in SCENES.items():
        before = emulator._world.store.counts()["event"]
        await plot.look_around()
        await scene.play(plot)
        assert emulator._world.store.counts()["event"] > before, name


async def test_a_scene_played_twice_is_not_the_same_story(market: Marketplace, control: Controls) -> None:
    await control.post("/seed")
    for _ in range(4):
        assert (await control.post("/scenarios/order")).status_code == 204
    newest = await all_of(market, "/events", EventType="PAYIN_NORMAL_CREATED")
    payins = [created(await market.get(f"/payins/{event['ResourceId']}")) for event in newest[-4:]]
    assert len({payin["Tag"] for payin in payins}) == 4
    assert len({(payin["AuthorId"], payin["DebitedFunds"]["Amount"]) for payin in payins}) > 1


async def test_the_scenario_neither_drains_nor_bursts_the_wallets(
    emulator: Emulator, market: Marketplace, plot: Market, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="services.emulator.demo.scenario")
    await emulator.seed(hook_url=None)
    scenario = Scenario(plot)
    for _ in range(400):
        await scenario.step()
    assert not caplog.records
    users = await all_of(market, "/users")
    assert 20 < len(users) <= MAX_USERS
    wallets = await of_every_user(market, "wallets")
    assert all(0 <= wallet["Balance"]["Amount"] < 500_000 for wallet in wallets)
    payers = {user["Id"] for user in users if user["UserCategory"] == "PAYER"}
    assert not any(wallet["Balance"]["Amount"] for wallet in wallets if wallet["Owners"][0] in payers)
    rows = Counter((row["Type"], row["Nature"], row["Status"]) for row in await transactions(market))
    assert rows["PAYIN", "REGULAR", "FAILED"] > 30
    assert rows["PAYOUT", "REGULAR", "SUCCEEDED"] > 60
    assert rows["PAYIN", "REGULAR", "CREATED"] < 25
    disputes = await all_of(market, "/disputes")
    assert sum(row["Status"].endswith("PENDING_CLIENT_ACTION") for row in disputes) <= MAX_WAITING
    assert len(await all_of(market, "/disputes/pendingsettlement")) <= 2 * MAX_WAITING


async def test_the_scenario_begins_at_once_and_ends_with_the_emulator(receiver: Receiver) -> None:
    emulator = Emulator(EmulatorConfig("http://localhost"))
    await emulator.start()
    await emulator.seed(hook_url=receiver.url)
    await emulator.idle()
    told = len(receiver.notified)
    emulator.begin_scenario()
    await receiver.wait_for(told + 1)
    async with asyncio.timeout(5):
        await emulator.stop()
