"""A bank for every test, and what Alice has paid."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.database import Database
from tests.services.emulator.marketplace import created
from tests.services.operations.bank import Bank, open_bank


@pytest.fixture
async def bank(database: Database) -> AsyncIterator[Bank]:
    async with open_bank(database) as bank:
        yield bank


@pytest.fixture
async def payin(bank: Bank) -> dict[str, Any]:
    """Alice has paid 12.60 EUR by card into Bob's wallet, of which the platform keeps 0.60."""
    market = bank.market
    alice, bob = await market.payer(), await market.owner()
    wallet, card = await market.wallet(bob), await market.card(alice)
    return created(await market.pay_in(card, wallet, 1260, 60))
