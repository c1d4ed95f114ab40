"""The form of an operation: its parameters, what they stand for, the pre-flight beside them, and the confirmation."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial

import htpy as h
from nicegui import ui
from sqlalchemy.exc import SQLAlchemyError

from models.journal import Operation
from models.money import Money
from models.operations.checks import Check, Level, is_stopped, preflight
from models.operations.kinds import OPERATIONS
from models.operations.parameters import Form
from models.operations.requests import CURRENCY, amount_of, fault_of_reason, faults_of
from models.operations.sentences import act_of, details_of, fee_of, sentence_of
from models.operations.situation import Situation, currency_of, limit_passed, seen_of, suggested, typed_again
from services.access.actors import Actor, Denied
from services.bootstrap import Services
from services.clock import now
from services.mangopay.errors import MangopayError
from services.operations.errors import AlreadyAsked, Busy, Moved, NotThere, Stopped, Unfit
from services.operations.journal import read_operation, save_draft
from services.operations.quoting import ask_for_quote, is_reachable
from services.operations.reading import read_situation
from services.operations.submitting import submit
from ui.components.confirmation import FAILURES, Question, confirm
from ui.components.forms import BUSY, Field
from ui.components.html import button, once, put, show
from ui.components.operation_fields import OperationFields
from ui.components.operation_parts import PATH, checks_view
from ui.components.parts import api_error, message, skeleton
from ui.theme import Tone
from ui.visit import Left, Visit

OnMove = Callable[[Operation], Awaitable[None]]
NOTHING = Situation()
DRAFT_NOTE = h.span(".caption.draft-note")["Kept as a draft under this address"]


class OperationForm:
    """`on_move` is told the operation once it is no draft any more. While the form asks for the last word, what has
    become of the operation is told there.
    """

    def __init__(
        self, services: Services, actor: Actor, operation: Operation, visit: Visit, *, on_move: OnMove
    ) -> None:
        self._services = services
        self._actor = actor
        self._operation = operation
        self._visit = visit
        self._on_move = on_move
        self._kind = OPERATIONS[operation.kind]
        self._situation = NOTHING
        self._looked_with: dict[str, str] | None = None
        self.is_asking = False
        self._hidden = {
            p.name: operation.values.get(p.name, "") for p in self._kind.parameters if p.form is Form.HIDDEN
        }
        self._currency = operation.values.get(CURRENCY, "")

    def build(self) -> None:
        with ui.element("div").classes("operation"):
            with ui.element("form").classes("operation-form").props("novalidate") as self._form:
                self._notice = show(classes="operation-notice")
                self._earlier_failure()
                with ui.element("section").classes("panel").props('aria-label="Fields"'):
                    show(h.p(".panel-body.caption")[self._kind.explains])
                    with ui.element("div").classes("panel-body profile-fields"):
                        self._fields = OperationFields(self._kind, self._operation.values, on_change=self._changed)
                        self._reason()
                self._foot()
            with (
                ui.element("aside").classes("panel preflight").props('aria-label="Before it is sent" aria-live=polite')
            ):
                with ui.element("div").classes("panel-head"):
                    show(h.h2(".section")["Before it is sent"])
                    button("Look again", self._look_anew, icon_name="refresh", classes="plain-button icon-button")
                self._preflight = show(h.div(".panel-body")[skeleton("80%", "60%", "70%")])

    def _earlier_failure(self) -> None:
        """Say why an earlier try led to nothing, for somebody who comes back to it."""
        if self._operation.failure:
            put(self._notice, message(Tone.WAITING, self._operation.failure, "Look at it again, and try once more."))

    def _reason(self) -> None:
        help_text = "Why this is done. It stays in the audit log and is not sent to Mangopay."
        self._why = Field("Reason", value=self._operation.reason, help_text=help_text, attributes="debounce=400")
        self._why.on_change(self._keep)

    def _foot(self) -> None:
        with ui.element("div").classes("profile-foot"):
            self._foot_note = show(DRAFT_NOTE)
            show(h.a(".button.plain-button", href=PATH)["Leave"])
            self._button = button(self._kind.verb, lambda: None, classes="primary money-button").props("type=submit")
        self._form.on("submit.prevent", lambda: once(self._button, self._review))

    def _values(self) -> dict[str, str]:
        values = {**self._fields.values, **self._hidden, CURRENCY: self._currency}
        return {name: value for name, value in values.items() if value}

    async def load(self) -> None:
        await self._visit.load(self._look_if_possible)

    async def _changed(self) -> None:
        if self._values() == self._looked_with:
            return
        put(self._notice)
        # A quote is for what it was asked for.
        if "QuoteId" in self._hidden:
            self._hidden["QuoteId"] = ""
        # At once, for whoever goes on to the next field types there soon.
        self._fields.fill_in(suggested(self._kind, self._situation, self._values()))
        if await self._keep():
            await self._visit.load(self._look_if_possible)

    async def _keep(self) -> bool:
        """Keep what is typed, so that a reload loses nothing. False when another tab has sent it meanwhile: the page
        goes on to what has become of it.
        """
        try:
            is_kept = await save_draft(
                self._actor, self._services.teller, self._operation.operation_id, self._values(), reason=self._why.value
            )
        except (SQLAlchemyError, Denied):
            # Nothing is lost yet; what cannot be written is said when it is sent.
            return True
        except NotThere:
            again = h.a(href=f"{PATH}/{self._kind.name}")["Begin another"]
            self._say(message(Tone.NEGATIVE, "This form lay too long and is no longer kept.", again))
            return False
        if not is_kept:
            await self._move_on()
        return is_kept

    async def _move_on(self) -> None:
        found = await read_operation(self._actor, self._services.teller, self._operation.operation_id)
        await self._move_to(found)

    async def _move_to(self, found: Operation) -> None:
        if not self._form.is_deleted:
            await self._on_move(found)

    async def _look_anew(self) -> None:
        await self._visit.load(partial(self._look_if_possible, is_fresh=True))

    async def _look_if_possible(self, *, is_fresh: bool = False) -> None:
        try:
            await self._look(is_fresh=is_fresh)
        except SQLAlchemyError:
            said = message(Tone.NEGATIVE, BUSY, "What is typed stays. “Look again” tries once more.")
            put(self._preflight, h.div(".panel-body")[said])

    async def _look(self, *, is_fresh: bool = False) -> None:
        """Read what is filled in, and show what it stands for. Raises Left when the page is left meanwhile."""
        values = self._looked_with = self._values()
        situation = await self._visit.call(
            read_situation(
                self._actor,
                self._services.teller,
                self._kind,
                values,
                operation_id=self._operation.operation_id,
                fresh=is_fresh,
            )
        )
        if values != self._looked_with or self._form.is_deleted:
            return
        self._situation = situation
        self._currency = currency_of(situation) or self._currency
        self._fields.fill_in(suggested(self._kind, situation, values))
        self._draw()
        if self._values() != values:
            # What was filled in is itself to be looked at.
            await self._look()

    def _draw(self) -> None:
        values = self._values()
        self._fields.draw(self._situation, values, self._currency)
        put(self._button, self._act(values))
        put(self._preflight, self._preflight_view(values))
        # Where the pre-flight does not stand beside the form, the gravest of it stands above the button.
        grave = [check for check in self._checks(values) if check.level is not Level.FINE]
        put(self._foot_note, DRAFT_NOTE, h.div(".grave")[checks_view(grave[:1])] if grave else None)

    def _checks(self, values: Mapping[str, str]) -> tuple[Check, ...]:
        checks = preflight(self._kind, values, self._situation, now=now())
        limit = self._limit(values)
        if limit is None:
            return checks
        lately = " with what went there in the last 24 hours" if self._situation.went_lately else ""
        told = f"It is above {limit.text()}{lately}: another person, an approver or admin, has to approve it."
        stops = [check for check in checks if check.level is Level.STOP]
        return (*stops, Check(Level.NOTICE, told), *checks[len(stops) :])

    def _limit(self, values: Mapping[str, str]) -> Money | None:
        """Return the limit above which this needs another person; None where it does not."""
        limits = self._services.teller.limits[self._actor.environment]
        return limit_passed(self._kind, values, self._situation, limits)

    def _act(self, values: Mapping[str, str]) -> str:
        act = act_of(self._kind, values)
        return f"Ask to {act[:1].lower()}{act[1:]}" if self._limit(values) else act

    def _preflight_view(self, values: Mapping[str, str]) -> h.Node:
        checks = self._checks(values)
        # What cannot be read says for itself why.
        sentence = "" if self._situation.unread else "Fill in the first field."
        if self._situation.objects:
            sentence = sentence_of(self._kind, values, self._situation)
        return h.div(".panel-body.preflight-body")[
            sentence and h.p(".preflight-sentence")[sentence],
            (fees := fee_of(self._kind, values)) and h.p[fees],
            checks_view(checks),
        ]

    async def _review(self) -> None:
        """Look once more, and ask whether it is to be done."""
        self.is_asking = True
        try:
            await self._look_and_ask()
        finally:
            self.is_asking = False

    async def _look_and_ask(self) -> None:
        if not await self._keep():
            return
        put(self._notice)
        for field in (*self._fields.by_name.values(), self._why):
            field.refuse("")
        try:
            await self._look(is_fresh=True)
            await self._quote()
            await self._reach()
        except Left:
            return
        except FAILURES as error:
            await self._tell(error)
            return
        values = self._values()
        faults = dict(faults_of(self._kind, values))
        if fault := fault_of_reason(self._why.value):
            faults["Reason"] = fault
        checks = self._checks(values)
        if faults:
            self._refuse(faults)
        elif is_stopped(checks):
            await self._tell(Stopped(checks))
        else:
            await self._ask(values, checks)

    async def _quote(self) -> None:
        """Have the rate of a conversion quoted, once everything else is there."""
        into = str((self._situation.into or {}).get("Currency") or "")
        if "QuoteId" not in self._hidden or not into or amount_of(self._kind, self._values(), "DebitedFunds") is None:
            return
        self._hidden["QuoteId"] = await self._visit.call(
            ask_for_quote(self._actor, self._services.teller, self._operation, self._values(), into=into)
        )
        await self._look()

    async def _reach(self) -> None:
        """Ask whether an instant payout would reach its account, where one is wanted."""
        values = self._values()
        if not values.get("PayoutModeRequested", "").startswith("INSTANT") or faults_of(self._kind, values):
            return
        is_reached, why = await self._visit.call(
            is_reachable(self._actor, self._services.teller, self._operation, values)
        )
        if not is_reached:
            self._situation = replace(self._situation, unreachable=why or "Mangopay does not say why.")
            self._draw()

    async def _ask(self, values: Mapping[str, str], checks: tuple[Check, ...]) -> None:
        """Ask whether it is to be done as it was looked at, and say what has come of it."""
        question = Question(
            environment=self._actor.environment,
            sentence=sentence_of(self._kind, values, self._situation),
            act=self._act(values),
            reason=self._why.value.strip(),
            fees=fee_of(self._kind, values),
            details=details_of(self._kind, values),
            amount=typed_again(self._kind, values, self._situation),
            checks=checks,
            is_final=self._kind.is_final,
        )
        send = partial(
            submit,
            self._actor,
            self._services.teller,
            self._operation.operation_id,
            values=values,
            reason=question.reason,
            seen=seen_of(self._situation),
        )
        outcome = await confirm(question, send)
        if outcome is not None:
            await self._tell(outcome)

    async def _tell(self, outcome: Operation | Exception) -> None:
        match outcome:
            case Operation():
                await self._move_to(outcome)
            case AlreadyAsked():
                await self._move_on()
            case Unfit():
                self._refuse(outcome.field_errors)
            case Stopped():
                await self._look_again(message(Tone.NEGATIVE, str(outcome), "Nothing was sent."))
            case Moved():
                next_step = "Nothing was sent. Look at it as it is now, and decide again."
                await self._look_again(message(Tone.NEGATIVE, f"It has changed meanwhile. {outcome}", next_step))
            case Busy():
                way = h.a(href=PATH)["See what is under way"]
                self._say(message(Tone.WAITING, str(outcome), h.fragment["Nothing was sent. ", way]))
            case MangopayError():
                self._say(api_error(outcome))
            case SQLAlchemyError():
                next_step = "What became of it stands in the journal: reload the page in a moment."
                self._say(message(Tone.NEGATIVE, BUSY, next_step))
            case Exception():
                self._say(message(Tone.NEGATIVE, str(outcome), "Nothing was sent."))

    async def _look_again(self, said: h.Node) -> None:
        self._say(said)
        try:
            await self._look(is_fresh=True)
        except Left:
            return

    def _say(self, content: h.Node) -> None:
        put(self._notice, content)
        place = f"document.getElementById('{self._notice.html_id}')"
        # Not at once: a dialog that closes this very moment would scroll back to where the page was before.
        self._notice.client.run_javascript(
            f"requestAnimationFrame(() => {place}?.scrollIntoView({{ block: 'center' }}))"
        )

    def _refuse(self, faults: Mapping[str, str]) -> None:
        """Say what is wrong beside each field, and go to the first; what has no field is said on top."""
        places = {**self._fields.by_name, "Reason": self._why}
        at_fault = [name for name in places if name in faults]
        for name in at_fault:
            places[name].refuse(faults[name], goes_there=name == at_fault[0])
        rest = [sentence for name, sentence in faults.items() if name not in places]
        if rest:
            self._say(message(Tone.NEGATIVE, " ".join(rest)))
