"""The Dashboard's figures: each got in as many calls as README says, each one able to fail alone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import cast

import httpx
import pytest
from nicegui import Client, core, ui

from models.journal import State
from services.bootstrap import Services
from services.database import Database
from services.mangopay.errors import MangopayError
from services.notifications.tokens import TokenBook
from tests.services.operations.bank import LOCAL, OLIVIA, Bank, open_bank
from ui.pages.dashboard_figures import Figures
from ui.visit import Visit

# What README promises, at most.
CALLS = {"operations": 0, "status": 0, "kyc": 2, "payouts": 2, "disputes": 2, "hooks": 2, "wallets": 1}


@pytest.fixture
async def bank(database: Database) -> AsyncIterator[Bank]:
    async with open_bank(database) as bank:
        yield bank


@pytest.fixture
async def figures(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Figures]:
    monkeypatch.setattr(core, "loop", asyncio.get_running_loop())
    database, client = bank.teller.database, Client(ui.page(""))
    services = SimpleNamespace(
        teller=bank.teller, clients=bank.teller.clients, database=database, tokens=TokenBook(database)
    )
    yield Figures(cast("Services", services), OLIVIA, Visit(client))
    client.delete()


def named(figures: Figures, name: str) -> Callable[[], Awaitable[object]]:
    read: Callable[[], Awaitable[object]] = getattr(figures, name)
    return read


@pytest.mark.parametrize(("name", "calls"), CALLS.items())
async def test_a_figure_is_got_in_so_many_calls_and_says_as_of_when(
    bank: Bank, figures: Figures, name: str, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    plain = bank.line.handle_async_request

    async def note(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            asked.append(request.url.path)
        return await plain(request)

    monkeypatch.setattr(bank.line, "handle_async_request", note)
    shown = str(await named(figures, name)())
    assert len(asked) == calls
    assert "<time" in shown or name in ("status", "wallets")


@pytest.mark.parametrize("name", [name for name, calls in CALLS.items() if calls])
async def test_a_figure_that_mangopay_does_not_tell_is_an_error_of_its_own(
    bank: Bank, figures: Figures, name: str
) -> None:
    bank.line.shown[f"/{bank.teller.clients[LOCAL].client_id}/"] = httpx.Response(503)
    with pytest.raises(MangopayError):
        await named(figures, name)()


async def test_what_waits_for_an_approval_is_counted_and_leads_to_the_journal(bank: Bank, figures: Figures) -> None:
    draft = await bank.draft("transfer")
    async with bank.teller.database.session() as session:
        draft.state = State.AWAITING_APPROVAL
        session.add(draft)
        await session.commit()
    shown = str(await figures.operations())
    assert 'href="/operations?state=awaiting_approval"' in shown
    assert "1</strong><span>await approval" in shown
    assert "0</strong><span>of unknown outcome" in shown


async def test_a_platform_without_hooks_is_told_so(figures: Figures) -> None:
    assert "hooks: Mangopay tells nobody" in str(await figures.hooks())


async def test_fees_and_repudiations_stand_side_by_side_by_currency(bank: Bank, figures: Figures) -> None:
    alice = await bank.market.payer()
    wallet, card = await bank.market.wallet(alice), await bank.market.card(alice)
    assert (await bank.market.pay_in(card, wallet, 1000, 100)).is_success
    shown = str(await figures.wallets())
    assert 'href="/objects/client-wallet/FEES_EUR"' in shown
    assert 'value="1.00"' in shown


async def test_disputes_that_were_opened_again_are_counted_for_themselves(bank: Bank, figures: Figures) -> None:
    """Each number leads to a list of just as many."""
    shown = str(await figures.disputes())
    assert shown.count("figure-link") == 1
    assert "wait for you" in shown
    waiting = {"Id": "dispute_1", "Status": "REOPENED_PENDING_CLIENT_ACTION", "ContestDeadlineDate": 1_795_000_000}
    waiting["DisputedFunds"] = {"Currency": "EUR", "Amount": 100}
    bank.line.shown["/disputes"] = httpx.Response(200, json=[waiting] * 5, headers={"X-Number-Of-Items": "5"})
    shown = str(await figures.disputes())
    assert "?Status=PENDING_CLIENT_ACTION" in shown
    assert "?Status=REOPENED_PENDING_CLIENT_ACTION" in shown
    assert "and 7 more, due later" in shown
