"""The last question before money is moved: the whole in words, asked once; in Production the amount is typed again."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import htpy as h
from nicegui import ui
from sqlalchemy.exc import SQLAlchemyError

from models.environment import Environment
from models.journal import Operation
from models.money import Money
from models.operations.amounts import is_amount
from models.operations.checks import Check, Level
from services.access.actors import Denied
from services.mangopay.errors import MangopayError
from services.operations.errors import OperationError
from ui.components.forms import Field, answer_of
from ui.components.html import button, enable, put, show
from ui.components.operation_parts import checks_view
from ui.components.parts import facts

# What keeps an operation from being sent, or from being written down.
FAILURES = (OperationError, MangopayError, Denied, SQLAlchemyError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: `act` is on the button, `amount` is typed again in Production, None where there is none."""

    environment: Environment
    sentence: str
    act: str
    reason: str
    fees: str = ""
    # What else was filled in, by label.
    details: Sequence[tuple[str, str]] = ()
    amount: Money | None = None
    checks: Sequence[Check] = ()
    is_final: bool = False

    @property
    def is_typed_again(self) -> bool:
        return self.environment is Environment.PRODUCTION and self.amount is not None

    def is_same_amount(self, typed: str) -> bool:
        """Whether an amount that was typed again is the one that is asked for."""
        return self.amount is None or is_amount(typed, self.amount)


async def confirm(question: Question, send: Callable[[], Awaitable[Operation]]) -> Operation | Exception | None:
    """Ask, and have it done on yes. Returns the operation as it is then, or what kept it from being sent (one of
    FAILURES); None when it was thought over.
    """
    return await _Confirmation(question, send).ask()


class _Confirmation:
    def __init__(self, question: Question, send: Callable[[], Awaitable[Operation]]) -> None:
        self._question = question
        self._send_it = send
        # What comes of it, once it was said yes to, however the question goes away.
        self._sending: asyncio.Future[Operation | Exception | None] | None = None

    async def ask(self) -> Operation | Exception | None:
        question = self._question
        with ui.dialog().props('aria-label="Confirm"') as dialog, ui.card().classes("panel question confirm"):
            self._dialog = dialog
            self._say()
            self._again = self._amount_again()
            if question.is_final:
                show(h.p(".caption")["This cannot be undone."])
            with ui.element("div").classes("question-ways"):
                self._back = button("Back", dialog.close, classes="plain-button")
                self._yes = button(question.act, self._send, classes="primary money-button")
        await answer_of(dialog)
        return await self._sending if self._sending is not None else None

    def _say(self) -> None:
        question = self._question
        where = h.p(".caption")[f"In {question.environment.label}"]
        show(where, h.h2(".section")[f"{question.sentence}?"], question.fees and h.p[question.fees])
        notices = [check for check in question.checks if check.level is not Level.FINE]
        if notices:
            show(checks_view(notices))
        show(facts([*((label, h.bdi[value]) for label, value in question.details), ("Reason", h.bdi[question.reason])]))

    def _amount_again(self) -> Field | None:
        if not self._question.is_typed_again:
            return None
        attributes = "inputmode=decimal autocomplete=off"
        return Field("The amount again", help_text="This is real money.", attributes=attributes)

    async def _send(self) -> None:
        if self._again is not None and not self._question.is_same_amount(self._again.value):
            self._again.refuse("This is another amount than in the sentence above.")
            return
        # Under way, it cannot be called back, nor its question be clicked away.
        self._dialog.props("persistent")
        enable(self._back, is_enabled=False)
        put(self._yes, "Sending…")
        self._sending = asyncio.get_running_loop().create_future()
        outcome: Operation | Exception | None = None
        try:
            outcome = await self._send_it()
        except FAILURES as error:
            outcome = error
        finally:
            self._sending.set_result(outcome)
            if not self._dialog.is_deleted:
                self._dialog.close()
