"""What was created yesterday still resolves today."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.emulator import Emulator, EmulatorConfig
from tests.services.emulator.conftest import open_market
from tests.services.emulator.marketplace import Marketplace, created
from tests.services.emulator.receiver import Receiver


@asynccontextmanager
async def running(state_file: Path) -> AsyncIterator[tuple[Emulator, Marketplace]]:
    emulator = Emulator(EmulatorConfig("http://localhost:8080/emulator", state_file=state_file))
    await emulator.start()
    async with open_market(emulator) as market:
        yield emulator, market
    await emulator.stop()


async def everything(market: Marketplace) -> list[object]:
    paths = ("users", "clients/wallets", "hooks", "events", "kyc/documents", "responses/0123456789abcdef")
    return [(await market.get(f"/{path}", per_page="100")).json() for path in paths]


async def test_a_restart_changes_nothing(tmp_path: Path) -> None:
    state_file = tmp_path / "deep" / "emulator.sqlite3"
    async with running(state_file) as (_, market):
        alice, bob = await market.payer(), await market.owner()
        purse, till = await market.funded(alice, 10_000), await market.wallet(bob)
        moved = created(await market.transfer(purse, till, 5_000, fees=500))
        await market.document(bob)
        await market.post("/wallets", {}, {"Idempotency-Key": "0123456789abcdef"})
        before = await everything(market)
    async with running(state_file) as (_, market):
        assert await everything(market) == before
        assert created(await market.get(f"/transfers/{moved['Id']}")) == moved
        assert (await market.balance(purse), await market.balance(till)) == (5_000, 4_500)
        rows = (await market.get(f"/users/{alice['Id']}/transactions")).json()
        assert [row["Type"] for row in rows] == ["PAYIN", "TRANSFER"]


async def test_state_is_on_disk_before_the_answer_is_out(tmp_path: Path) -> None:
    state_file = tmp_path / "emulator.sqlite3"
    async with running(state_file) as (_, market):
        alice = await market.payer()
        async with running(state_file) as (_, other):
            assert created(await other.get(f"/users/{alice['Id']}"))["Email"] == "alice@example.com"


async def test_stopping_finishes_what_is_under_way_and_keeps_what_waits(tmp_path: Path, receiver: Receiver) -> None:
    state_file = tmp_path / "emulator.sqlite3"
    emulator = Emulator(EmulatorConfig("http://localhost:8080/emulator", state_file=state_file))
    await emulator.start()
    async with open_market(emulator) as market:
        await market.hook("PAYIN_NORMAL_SUCCEEDED", receiver.url)
        alice = await market.payer()
        wallet, card = await market.wallet(alice), await market.card(alice)
        receiver.may_answer.clear()
        payins = [created(await market.pay_in(card, wallet, 1_260))["Id"] for _ in range(11)]
    await receiver.wait_for(10)
    stopping = asyncio.create_task(emulator.stop())
    await asyncio.sleep(0)
    receiver.may_answer.set()
    await stopping
    assert [attempt.is_success for attempt in emulator.attempts] == [True] * 10
    async with running(state_file) as (emulator, _):
        await emulator.idle()
        assert [(attempt.resource_id, attempt.is_success) for attempt in emulator.attempts] == [(payins[10], True)]
    assert {resource_id for _, resource_id in receiver.notified} == set(payins)
