"""An operation's page follows it: whoever moves it, whatever fails meanwhile, and never while it is asking."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import pytest
from nicegui import Client, ui
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from models.journal import Operation, State
from models.operations.limits import parse_limits
from models.permissions import Role
from services.access.actors import Actor
from services.bootstrap import Services
from services.database import Database
from services.operations.approving import approve
from services.operations.submitting import claim
from tests.actors import make_actor
from tests.services.emulator.marketplace import created
from tests.services.operations.bank import APRIL, OLIVIA, Bank, open_bank
from ui.components import confirmation
from ui.components.confirmation import Question, confirm
from ui.pages import operation_approval, operation_form
from ui.pages.operation import OperationPage
from ui.pages.operation_form import OperationForm
from ui.pages.operation_sheet import OperationSheet

T = TypeVar("T")
VICTOR = make_actor(Role.VIEWER, email="victor@example.com", account_id=3, session_id=3)


@pytest.fixture
async def payin(bank: Bank) -> dict[str, Any]:
    return await paid(bank)


@pytest.fixture
async def bank(database: Database) -> AsyncIterator[Bank]:
    async with open_bank(database) as bank:
        yield bank


async def paid(bank: Bank) -> dict[str, Any]:
    market = bank.market
    wallet, card = await market.wallet(await market.owner()), await market.card(await market.payer())
    return created(await market.pay_in(card, wallet, 1260, 60))


class Timer:
    """A timer whose turns are the test's own."""

    active = False

    def cancel(self) -> None:
        self.active = False


class Shown:
    """An operation's page without the frame around it, whose timer a test is."""

    def __init__(self, client: Client, bank: Bank, actor: Actor, operation: Operation) -> None:
        services = SimpleNamespace(teller=bank.teller, clients=bank.teller.clients)
        self._client = client
        self.page = OperationPage(cast("Services", services), actor, operation, client)
        with client:
            self.page._body = ui.element("div")
        self._timer = Timer()
        self.page._timer = cast("ui.timer", self._timer)

    async def load(self) -> None:
        with self._client:
            await self.page.load()

    async def follow(self) -> None:
        with self._client:
            await self.page._follow()

    @property
    def part(self) -> Any:
        return self.page._part

    @property
    def is_followed(self) -> bool:
        return self._timer.active

    @property
    def text(self) -> str:
        return " ".join(element.content for element in self._client.elements.values() if isinstance(element, ui.html))


async def within(client: Client, work: Coroutine[object, object, T]) -> T:
    with client:
        return await work


@contextmanager
def refusing_database(database: Database) -> Iterator[None]:
    """Refuse every query for as long as it lasts."""

    def refuse(*_: object) -> AsyncEngine:
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(database, "session", refuse)
        yield


async def test_a_form_becomes_a_sheet_and_the_sheet_a_form_again(
    client: Client, bank: Bank, payin: dict[str, Any]
) -> None:
    draft = await bank.draft("refund-payin", PayInId=payin["Id"])
    shown = Shown(client, bank, OLIVIA, draft)
    await shown.load()
    assert isinstance(shown.part, OperationForm)
    await claim(bank.teller, await bank.now(draft), State.DRAFT, subject=payin["Id"])
    await shown.follow()
    assert isinstance(shown.part, OperationSheet)
    assert "It is on its way." in shown.text
    # Whoever had prepared it was ended before anything was sent.
    await bank.settle(draft, minutes=5)
    await shown.follow()
    assert isinstance(shown.part, OperationForm)
    await bank.ask(await bank.now(draft))
    await shown.follow()
    assert "Done. The refund is SUCCEEDED." in shown.text
    assert not shown.is_followed


async def test_who_may_only_look_is_told_once_a_draft_was_sent(
    client: Client, bank: Bank, payin: dict[str, Any]
) -> None:
    draft = await bank.draft("refund-payin", PayInId=payin["Id"])
    shown = Shown(client, bank, VICTOR, draft)
    await shown.load()
    assert "This is a draft" in shown.text
    await shown.follow()
    assert "This is a draft" in shown.text
    await bank.ask(draft)
    await shown.follow()
    assert "Done. The refund is SUCCEEDED." in shown.text


async def test_while_the_database_refuses_what_was_shown_stays_and_is_followed_afterwards(
    client: Client, bank: Bank, payin: dict[str, Any]
) -> None:
    draft = await bank.draft("refund-payin", PayInId=payin["Id"])
    shown = Shown(client, bank, OLIVIA, draft)
    with refusing_database(bank.teller.database):
        await shown.load()
        await shown.follow()
    assert shown.is_followed
    await bank.ask(draft)
    await shown.follow()
    assert "Done. The refund is SUCCEEDED." in shown.text


async def test_a_decision_that_cannot_be_looked_at_says_so_and_can_be_tried_again(
    client: Client, database: Database
) -> None:
    async with open_bank(database, limits=parse_limits("EUR:1")) as bank:
        waiting = await bank.do("refund-payin", PayInId=(await paid(bank))["Id"])
        shown = Shown(client, bank, APRIL, waiting)
        with refusing_database(database):
            await shown.load()
        assert "Try again in a moment." in shown.text
        assert shown.is_followed
        approved = await approve(
            APRIL, bank.teller, waiting.operation_id, request_hash=waiting.request_hash, seen=waiting.seen
        )
        assert approved.state is State.SUCCEEDED
        await shown.follow()
        assert "Done. The refund is SUCCEEDED." in shown.text


async def test_a_decision_whose_reader_left_while_it_loaded_is_loaded_when_they_come_back(
    client: Client, database: Database
) -> None:
    async with open_bank(database, limits=parse_limits("EUR:1")) as bank:
        waiting = await bank.do("refund-payin", PayInId=(await paid(bank))["Id"])
        shown = Shown(client, bank, APRIL, waiting)
        shown.page._visit._is_left = True
        await shown.load()
        assert "skeleton" in shown.text
        shown.page._visit._return()
        async with asyncio.timeout(10):
            while "skeleton" in shown.text:  # noqa: ASYNC110  (a task of the page's own)
                await asyncio.sleep(0.01)
        assert "can still be given back" in shown.text


async def test_a_form_that_is_about_to_ask_stays_though_another_tab_was_first(
    client: Client, bank: Bank, payin: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = await bank.draft("refund-payin", PayInId=payin["Id"])
    looked = await bank.look(draft)
    shown = Shown(client, bank, OLIVIA, draft)
    await shown.load()
    form = shown.part
    form._why.reset("The parcel never arrived")

    async def say_yes(_question: Question, send: Any) -> Operation | Exception:
        await bank.ask(draft, looked)
        # The page looks while it is asking, and once more when it has been told.
        await shown.follow()
        assert shown.part is form
        try:
            done: Operation = await send()
        except confirmation.FAILURES as error:
            return error
        return done

    monkeypatch.setattr(operation_form, "confirm", say_yes)
    with form._form:
        await form._review()
    assert isinstance(shown.part, OperationSheet)
    assert "Done. The refund is SUCCEEDED." in shown.text
    assert len(await bank.refunds(payin)) == 1


async def test_a_decision_that_is_being_sent_is_not_cleared_away(
    client: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_bank(database, limits=parse_limits("EUR:1")) as bank:
        payin = await paid(bank)
        waiting = await bank.do("refund-payin", PayInId=payin["Id"])
        shown = Shown(client, bank, APRIL, waiting)
        await shown.load()
        decision = shown.part._approval
        seen: list[object] = []

        async def say_yes(_question: Question, send: Any) -> Operation:
            async def meanwhile() -> None:
                await shown.follow()
                seen.append(shown.part._approval)

            bank.line.before_sending = meanwhile
            done: Operation = await send()
            return done

        monkeypatch.setattr(operation_approval, "confirm", say_yes)
        with shown.page._body:
            await decision._approve()
        assert seen == [decision]
        assert "Done. The refund is SUCCEEDED." in shown.text


async def test_what_came_of_it_is_told_though_its_question_was_closed_while_it_was_sent(
    client: Client, bank: Bank, payin: dict[str, Any]
) -> None:
    """The question closes in the moment of the click, before the browser knows that it may not any more."""
    draft = await bank.draft("refund-payin", PayInId=payin["Id"])
    looked = await bank.look(draft)
    asking = confirmation._Confirmation(
        Question(environment=OLIVIA.environment, sentence="Refund", act="Refund", reason="none"),
        lambda: bank.ask(draft, looked),
    )

    async def close() -> None:
        asking._dialog.close()
        await asyncio.sleep(0)

    bank.line.before_sending = close
    asked = asyncio.create_task(within(client, asking.ask()))
    await asyncio.sleep(0)
    await within(client, asking._send())
    outcome = await asked
    assert isinstance(outcome, Operation)
    assert outcome.state is State.SUCCEEDED


async def test_a_question_that_is_closed_unanswered_sends_nothing(client: Client, bank: Bank) -> None:
    async def send() -> Operation:
        raise AssertionError

    question = Question(environment=OLIVIA.environment, sentence="Refund", act="Refund", reason="none")
    asked = asyncio.create_task(within(client, confirm(question, send)))
    await asyncio.sleep(0)
    [dialog] = [element for element in client.elements.values() if isinstance(element, ui.dialog)]
    dialog.close()
    assert await asked is None
