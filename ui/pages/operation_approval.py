"""The decision on what another person asked for: how it stands now, with yes and no."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import htpy as h
from nicegui import ui
from sqlalchemy.exc import SQLAlchemyError

from models.journal import Operation
from models.objects.fields import text_at
from models.operations.checks import Check, is_stopped, preflight
from models.operations.kinds import OPERATIONS
from models.operations.requests import QUOTE, fault_of_reason
from models.operations.sentences import act_of, details_of, fee_of, sentence_of
from models.operations.situation import Situation, seen_of, typed_again
from services.access.actors import Actor
from services.bootstrap import Services
from services.clock import now
from services.operations.approving import approve, refuse
from services.operations.errors import AlreadyAsked
from services.operations.quoting import ask_for_quote
from services.operations.reading import read_situation
from ui.components.confirmation import FAILURES, Question, confirm
from ui.components.forms import BUSY, Field, tell
from ui.components.html import button, put, show
from ui.components.operation_parts import checks_view
from ui.components.part import FAILURES as UNREAD
from ui.components.part import failure
from ui.components.parts import message, skeleton
from ui.theme import Tone
from ui.visit import Left, Visit


class Approval:
    """For somebody who may decide; `on_end` is called once there is a decision, or somebody else has taken one. While
    it is asking for the last word, what has become of the operation is told there.
    """

    def __init__(
        self,
        services: Services,
        actor: Actor,
        operation: Operation,
        visit: Visit,
        *,
        on_end: Callable[[], Awaitable[None]],
    ) -> None:
        self._services = services
        self._actor = actor
        self._operation = operation
        self._visit = visit
        self._on_end = on_end
        self._kind = OPERATIONS[operation.kind]
        self._values = dict(operation.values)
        self._situation = Situation()
        self.is_asking = False

    async def build(self) -> None:
        """Show it. Raises Left when the page is left meanwhile."""
        with ui.element("section").classes("panel").props('aria-label="Your decision"'):
            show(h.div(".panel-head")[h.h2(".section")["Your decision"]])
            with ui.element("div").classes("panel-body approval"):
                self._notice = show()
                self._checks = show(skeleton("60%", "45%"))
                self._why = Field("Reason for refusing", help_text="Read by whoever asked for it.")
                with ui.element("div").classes("ways"):
                    act = f"Approve: {act_of(self._kind, self._values)}"
                    button(act, self._approve, classes="primary money-button")
                    button("Refuse", self._refuse, classes="danger")
        await self._look()

    async def _look(self) -> bool:
        """Read how it stands now, and show it; False when that cannot be read. Raises Left."""
        is_read = True
        try:
            self._situation = await self._read()
            if QUOTE in self._values:
                await self._quote()
        except UNREAD as error:
            put(self._notice, failure(error))
            is_read = False
        fees = fee_of(self._kind, self._values)
        sentence = sentence_of(self._kind, self._values, self._situation)
        put(self._checks, h.p[h.strong[sentence]], fees and h.p[fees], checks_view(self._preflight()))
        return is_read

    async def _read(self) -> Situation:
        operation = self._operation
        return await self._visit.call(
            read_situation(
                self._actor,
                self._services.teller,
                self._kind,
                self._values,
                operation_id=operation.operation_id,
                fresh=True,
            )
        )

    async def _quote(self) -> None:
        """Ask for another rate: the one that it was asked with is good for minutes only. Raises MangopayError, Left."""
        into = text_at(self._situation.into or {}, "Currency") or ""
        quote = ask_for_quote(self._actor, self._services.teller, self._operation, self._values, into=into)
        self._values[QUOTE] = await self._visit.call(quote)
        self._situation = await self._read()

    def _preflight(self) -> tuple[Check, ...]:
        return preflight(self._kind, self._values, self._situation, now=now())

    async def _approve(self) -> None:
        self.is_asking = True
        try:
            outcome = await self._look_and_ask()
        except Left:
            return
        finally:
            self.is_asking = False
        if outcome is not None:
            await self._tell(outcome)

    async def _look_and_ask(self) -> Operation | Exception | None:
        put(self._notice)
        if not await self._look():
            return None
        operation, checks = self._operation, self._preflight()
        if is_stopped(checks):
            put(self._notice, message(Tone.NEGATIVE, checks[0].sentence, "It cannot be approved as it stands."))
            return None
        question = Question(
            environment=self._actor.environment,
            sentence=sentence_of(self._kind, self._values, self._situation),
            act=f"Approve and {self._kind.verb.lower()}",
            reason=f"{operation.reason} ({operation.asked_by})",
            fees=fee_of(self._kind, self._values),
            details=details_of(self._kind, self._values),
            amount=typed_again(self._kind, self._values, self._situation),
            checks=checks,
            is_final=self._kind.is_final,
        )
        act = partial(
            approve,
            self._actor,
            self._services.teller,
            operation.operation_id,
            request_hash=operation.request_hash,
            seen=seen_of(self._situation),
            quote_id=self._values.get(QUOTE, ""),
        )
        return await confirm(question, act)

    async def _refuse(self) -> None:
        if fault := fault_of_reason(self._why.value):
            self._why.refuse(fault)
            return
        try:
            outcome: Operation | Exception = await refuse(
                self._actor, self._services.teller, self._operation.operation_id, reason=self._why.value
            )
        except FAILURES as error:
            outcome = error
        await self._tell(outcome)

    async def _tell(self, outcome: Operation | Exception) -> None:
        if isinstance(outcome, AlreadyAsked):
            tell(str(outcome), is_error=True)
        elif isinstance(outcome, Exception):
            sentence = BUSY if isinstance(outcome, SQLAlchemyError) else str(outcome)
            put(self._notice, message(Tone.NEGATIVE, sentence, "Look at it as it is now, and decide again."))
            with suppress(Left):
                await self._look()
        await self._on_end()
