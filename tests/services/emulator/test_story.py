"""The seeded marketplace and what goes on in it."""

import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import Any

from services.emulator import Emulator, EmulatorConfig
from services.emulator.demo.scenario import MAX_USERS, Scenario
from services.emulator.demo.shop import Shop
from tests.services.emulator.marketplace import Marketplace, created
from tests.services.emulator.receiver import Receiver

DAY_S = 86_400


async def transactions(market: Marketplace) -> list[dict[str, Any]]:
    users = (await market.get("/users", per_page="100")).json()
    paths = [f"/users/{user['Id']}/transactions" for user in users]
    return [row for path in paths for row in await shown(market, path)]


async def shown(market: Marketplace, path: str) -> list[dict[str, Any]]:
    """Return the rows of a list, none where an OWNER would have to confirm first."""
    response = await market.get(path, per_page="100")
    return [] if response.status_code == 401 else list(response.json())


async def test_the_seed_is_a_believable_marketplace(emulator: Emulator, market: Marketplace) -> None:
    await emulator.seed(hook_url=None)
    users = (await market.get("/users", per_page="100")).json()
    shown = [created(await market.get(f"/users/{user['Id']}")) for user in users]
    names = {user.get("Name") or f"{user['FirstName']} {user['LastName']}" for user in shown}
    assert {"Alice Martin", "Atelier Bob", "Carla Rossi", "Dmitri Ivanov", "Emma Schmidt", "Fern & Fable Ltd"} <= names
    assert Counter(user["KYCLevel"] for user in shown if user["UserCategory"] == "OWNER") == {"REGULAR": 3, "LIGHT": 3}
    assert {user["UserStatus"] for user in shown} == {"ACTIVE", "PENDING_USER_ACTION"}
    documents = (await market.get("/kyc/documents", per_page="100")).json()
    assert {row["Status"] for row in documents} == {"VALIDATED", "REFUSED", "VALIDATION_ASKED"}
    kinds = {(row["Type"], row["Nature"], row["Status"]) for row in await transactions(market)}
    assert kinds >= {
        *(("PAYIN", "REGULAR", status) for status in ("CREATED", "SUCCEEDED", "FAILED")),
        *(("TRANSFER", "REGULAR", "SUCCEEDED"), ("PAYOUT", "REGULAR", "SUCCEEDED")),
        *(("PAYOUT", "REFUND", "SUCCEEDED"), ("TRANSFER", "REFUND", "SUCCEEDED")),
    }


async def test_the_story_began_weeks_ago_and_goes_on_today(emulator: Emulator, market: Marketplace) -> None:
    await emulator.seed(hook_url=None)
    dates = [int(str(row["CreationDate"])) for row in await transactions(market)]
    assert min(dates) < time.time() - 20 * DAY_S
    assert max(dates) > time.time() - 60


async def test_today_is_notified_and_the_past_is_not(
    emulator: Emulator, market: Marketplace, receiver: Receiver
) -> None:
    await emulator.seed(hook_url=receiver.url)
    await emulator.idle()
    hooks = (await market.get("/hooks", per_page="100")).json()
    assert len(hooks) == 21
    assert {hook["Url"] for hook in hooks} == {receiver.url}
    assert 10 < len(receiver.notified) < 60
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
    assert len((await market.get("/hooks", per_page="100")).json()) == 21


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


async def test_the_scenario_neither_drains_nor_bursts_the_wallets(emulator: Emulator, market: Marketplace) -> None:
    await emulator.seed(hook_url=None)
    scenario = Scenario(Shop(market.http, "local"))
    for _ in range(300):
        await scenario.step()
    users = (await market.get("/users", per_page="100")).json()
    assert 10 < len(users) <= MAX_USERS
    wallets = [wallet for user in users for wallet in await shown(market, f"/users/{user['Id']}/wallets")]
    assert all(0 <= wallet["Balance"]["Amount"] < 500_000 for wallet in wallets)
    rows = Counter((row["Type"], row["Nature"], row["Status"]) for row in await transactions(market))
    assert rows["PAYIN", "REGULAR", "FAILED"] > 10
    assert rows["PAYOUT", "REGULAR", "SUCCEEDED"] > 20
    assert rows["PAYIN", "REGULAR", "CREATED"] < 10


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
