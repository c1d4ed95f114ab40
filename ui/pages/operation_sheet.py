"""What has become of an operation: said in a sentence, followed as it goes on, with the way on; and its approval."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import htpy as h
from nicegui import ui
from sqlalchemy.exc import SQLAlchemyError

from models.journal import FINAL, Operation, OperationBatch, State
from models.money import Money
from models.objects.fields import Content, text_at
from models.objects.kinds import KINDS, href, kind_of_id
from models.operations.kinds import OPERATIONS, OperationKind
from models.operations.parameters import Form, Parameter
from models.operations.requests import amount_of as amount_typed
from models.permissions import Permission
from services.access.actors import Actor, Denied
from services.bootstrap import Services
from services.clock import now
from services.mangopay.errors import MangopayError
from services.objects.view import view
from services.operations.approving import may_decide, withdraw
from services.operations.errors import OperationError
from services.operations.settling_by_hand import can_be_settled_by_hand
from ui.components.batch_parts import batch_href
from ui.components.forms import BUSY, ask, tell
from ui.components.html import button, put, show
from ui.components.operation_parts import ONLY_MADE, PATH, amount_of, chip_of, title_of
from ui.components.parts import (
    api_error,
    chip,
    copy_button,
    facts,
    icon,
    json_view,
    message,
    money,
    object_id,
    outside_link,
    safe_url,
    when,
)
from ui.components.values import foreign, object_link
from ui.pages.operation_approval import Approval
from ui.pages.operation_settling import SettlingByHand
from ui.theme import Tone
from ui.visit import Visit

# How an operation is passed on to the payer, by the place of it in the pay-in.
TO_PASS_ON = {
    "Reference": "WireReference",
    "IBAN": "BankAccount.IBAN",
    "BIC": "BankAccount.BIC",
    "Account owner": "BankAccount.OwnerName",
}


class OperationSheet:
    """`on_end` is called once something was decided here, to see what has come of it."""

    def __init__(
        self,
        services: Services,
        actor: Actor,
        operation: Operation,
        batch: OperationBatch | None,
        visit: Visit,
        *,
        on_end: Callable[[], Awaitable[None]],
    ) -> None:
        self._services = services
        self._actor = actor
        self._operation = operation
        self._visit = visit
        self._on_end = on_end
        self._batch = batch
        self._kind = OPERATIONS[operation.kind]
        self._approval: Approval | None = None
        self._is_by_hand = False

    @property
    def is_asking(self) -> bool:
        return self._approval is not None and self._approval.is_asking

    async def load(self) -> None:
        with ui.element("div").classes("operation-sheet"):
            self._said = show(classes="operation-said")
            self._panel = ui.element("div").classes("operation-panel")
            self._extra = show()
            self._facts = show()
        self._draw()
        await self._visit.load(self._load_panel, self._load_extra)

    async def go_on(self, operation: Operation, batch: OperationBatch | None) -> None:
        """Show it as it is now, where there is something new to be said."""
        was, is_news = self._operation.state, _marks(operation, batch) != _marks(self._operation, self._batch)
        self._operation, self._batch = operation, batch
        if is_news:
            self._draw()
        if operation.state is not was:
            await self._visit.load(self._load_panel, self._load_extra)
        elif self._may_settle_by_hand() and not self._is_by_hand:
            await self._load_panel()

    def _may_settle_by_hand(self) -> bool:
        age = now() - (self._operation.sent_at or self._operation.changed_at)
        return can_be_settled_by_hand(self._operation, age=age) and self._actor.may(Permission.APPROVE)

    def _draw(self) -> None:
        said = _said_of(self._operation, self._batch, limit=self._limit())
        put(self._said, self._headline(), said, self._ways())
        put(self._facts, self._facts_panel())

    def _limit(self) -> str:
        """Return above which amount another person decides."""
        operation = self._operation
        limit = self._services.teller.limits[operation.environment].get(operation.currency)
        return Money(limit, operation.currency).text() if limit is not None else "the limit"

    def _headline(self) -> h.Node:
        operation = self._operation
        return h.div(".headline")[h.strong[title_of(operation)], chip_of(operation)]

    def _ways(self) -> h.Node:
        """Return the ways on: to what was made, and to doing it again."""
        operation, ways = self._operation, []
        kind = kind_of_id(operation.object_id) or KINDS.get(self._kind.makes)
        if operation.object_id and kind is not None:
            target = href(kind, operation.object_id, parent=operation.values.get("UserId"))
            ways.append(h.a(".button.primary", href=target)[icon(kind.icon), f"Open the {kind.title.lower()}"])
        is_done = operation.state is State.SUCCEEDED
        # What is done can be done again where it does not take the same thing twice.
        may_be_again = operation.state in FINAL and not (is_done and self._kind.takes_once)
        if may_be_again and self._actor.may(Permission.ASK_FOR_MONEY):
            target = f"{PATH}/{operation.kind}?repeat={operation.operation_id}"
            ways.append(h.a(".button", href=target)[icon("replay"), "Repeat" if is_done else "Try again"])
        ways.append(h.a(".button.plain-button", href=PATH)["All operations"])
        return h.p(".ways.operation-ways")[ways]

    def _facts_panel(self) -> h.Node:
        operation = self._operation
        amount = amount_of(operation)
        is_taken_back = operation.state is State.CANCELLED and operation.decided_by == operation.asked_by
        has_reason = operation.decision_reason and not is_taken_back
        decided = operation.decided_by and h.fragment[operation.decided_by, " ", _moment(operation.decided_at)]
        rows: list[tuple[str, h.Node]] = [
            ("Amount", money(amount) if amount else None),
            ("Asked for by", h.fragment[operation.asked_by, " ", _moment(operation.asked_at)]),
            ("Reason", foreign(operation.reason) if operation.reason else None),
            ("Batch", self._line_of_batch()),
            ("Taken back by" if is_taken_back else "Decided by", decided),
            ("Their reason", foreign(operation.decision_reason) if has_reason else None),
            ("Sent", _moment(operation.sent_at)),
            ("Ended", _moment(operation.ended_at)),
            ("Status", operation.object_status),
            ("Result code", operation.result_code),
            ("Operation", object_id(operation.operation_id)),
            ("Idempotency key", object_id(operation.idempotency_key)),
        ]
        filled = [
            (p.label, _filled(self._kind, p, operation.values)) for p in self._kind.shown if p.name in operation.values
        ]
        sent = operation.request and h.details[h.summary["What was sent to Mangopay"], json_view(operation.request)]
        return h.div(".two-columns")[
            h.section(".panel", aria_label="Journal")[
                h.div(".panel-head")[h.h2(".section")["Journal"]], h.div(".panel-body")[facts(rows)]
            ],
            h.section(".panel", aria_label="Filled in")[
                h.div(".panel-head")[h.h2(".section")["Filled in"]], h.div(".panel-body")[facts(filled), sent]
            ],
        ]

    def _line_of_batch(self) -> h.Node:
        batch = self._batch
        return batch and h.a(href=batch_href(batch))[f"Line {self._operation.line} of ", foreign(batch.file_name)]

    async def _load_extra(self) -> None:
        """Show what is to be passed on to a payer: where to wire to, or the page to pay on."""
        operation = self._operation
        if operation.kind not in ONLY_MADE or not operation.object_id:
            return
        try:
            found = await self._visit.call(
                view(self._actor, self._services.clients, KINDS["payin"], operation.object_id)
            )
        except MangopayError as error:
            put(self._extra, api_error(error))
            return
        put(self._extra, _to_pass_on(found.content, operation.redirect_url))

    async def _load_panel(self) -> None:
        """Show the decision that is to be taken, if one is."""
        self._panel.clear()
        operation, self._approval = self._operation, None
        self._is_by_hand = self._may_settle_by_hand()
        if self._is_by_hand:
            with self._panel:
                SettlingByHand(self._services, self._actor, operation, on_end=self._on_end)
        if operation.state is not State.AWAITING_APPROVAL:
            return
        with self._panel:
            if may_decide(self._actor, operation):
                self._approval = Approval(self._services, self._actor, operation, self._visit, on_end=self._on_end)
                await self._approval.build()
            elif operation.asked_by == self._actor.email:
                with ui.element("div"):
                    button("Take it back", self._withdraw, icon_name="undo", classes="danger")

    async def _withdraw(self) -> None:
        if not await ask("Take it back?", h.p["Nobody will be asked to approve it any more."], act="Take it back"):
            return
        try:
            await withdraw(self._actor, self._services.teller, self._operation.operation_id)
        except (OperationError, SQLAlchemyError, Denied) as error:
            tell(BUSY if isinstance(error, SQLAlchemyError) else str(error), is_error=True)
        await self._on_end()


def _marks(operation: Operation, batch: OperationBatch | None) -> tuple[object, ...]:
    """Return what of it is another once there is something new to be said."""
    return operation.state, operation.changed_at, batch and batch.state


def _said_of(operation: Operation, batch: OperationBatch | None = None, *, limit: str = "the limit") -> h.Node:
    """Say where an operation stands, and what to do about it."""
    match operation.state:
        case State.SUCCEEDED:
            return message(Tone.POSITIVE, _done(operation), _passed_on(operation))
        case State.ACCEPTED:
            sentence = f"Mangopay has it and has not finished: {operation.object_status}."
            return message(Tone.WAITING, sentence, _passed_on(operation) or "This page says so once it has.")
        case State.FAILED:
            return message(Tone.NEGATIVE, operation.failure or "It failed.", "Nothing has moved.")
        case State.UNKNOWN:
            next_step = (
                "What became of it is being found out, mostly within seconds, else within minutes; it is not sent "
                "again. Do not ask for it elsewhere."
            )
            return message(Tone.WAITING, f"{operation.failure} Perhaps it was done.", next_step)
        case State.QUEUED:
            state = f", which is {batch.state.label}" if batch else ""
            failure = operation.failure and f"{operation.failure} "
            sentence = f"It waits for its turn in a batch{state}."
            return message(Tone.WAITING, sentence, h.fragment[failure, _batch_link(batch)])
        case State.PREPARED | State.SENT:
            return message(Tone.WAITING, "It is on its way.", "This page says so once there is an answer.")
        case State.AWAITING_APPROVAL:
            expires = h.fragment["Nothing is sent before. It expires ", _moment(operation.expires_at), "."]
            waits = f"More than {limit} to the same place within 24 hours takes another person's approval."
            return message(Tone.WAITING, operation.failure or waits, expires)
        case State.REFUSED if operation.batch_id is not None:
            return message(Tone.NEGATIVE, f"Its batch was refused: “{operation.failure}”", _batch_link(batch))
        case State.REFUSED:
            return message(Tone.NEGATIVE, f"{operation.decided_by} has refused it.", f"“{operation.decision_reason}”")
    return message(
        Tone.MUTED, operation.failure or operation.decision_reason or "It was not sent.", "Nothing has moved."
    )


def _batch_link(batch: OperationBatch | None) -> h.Node:
    return batch and h.a(href=batch_href(batch))["Look at the batch"]


def _done(operation: Operation) -> str:
    """Say what there is at Mangopay now."""
    if operation.kind in ONLY_MADE:
        made = "link is made" if operation.kind == "payin-web" else "reference is made"
        return f"The {made}. Nothing is paid by that: whether it is, the pay-in tells."
    kind = kind_of_id(operation.object_id) or KINDS.get(OPERATIONS[operation.kind].makes)
    status = operation.object_status
    return f"Done. The {kind.title.lower()} is {status}." if kind and status else "Done."


def _passed_on(operation: Operation) -> h.Node:
    """Return the address that a user or payer has to be sent to, to copy or to open."""
    url = safe_url(operation.redirect_url)
    if url is None:
        return None
    who = "The payer pays on this page:" if operation.kind == "payin-web" else "The user has to go on there:"
    copy = h.button(".button", type="button", data_copy=url)[icon("content_copy"), "Copy the link"]
    return h.fragment[f"{who} ", h.span(".ways")[copy, outside_link(url, "Open the page")]]


def _to_pass_on(payin: Content, redirect_url: str) -> h.Node:
    """Return whether the payer has paid, and what they need for it."""
    status, url = text_at(payin, "Status"), safe_url(redirect_url)
    rows: list[tuple[str, h.Node]] = [("The pay-in now", chip(status))] if status else []
    rows += [("The page to pay on", h.span(".mono.copyable")[url, copy_button(url)])] if url else []
    rows += [
        (label, h.span(".mono.copyable")[value, copy_button(value)])
        for label, path in TO_PASS_ON.items()
        if (value := text_at(payin, path))
    ]
    title = "To pass on to the payer"
    return h.section(".panel", aria_label=title)[
        h.div(".panel-head")[h.h2(".section")[title]], h.div(".panel-body")[facts(rows)]
    ]


def _filled(operation_kind: OperationKind, parameter: Parameter, values: Mapping[str, str]) -> h.Node:
    """Return what was filled in: a link to what an id names, an amount with its currency."""
    value = values[parameter.name]
    amount = amount_typed(operation_kind, values, parameter.name)
    kind = kind_of_id(value) if parameter.form is Form.ID else None
    if amount is not None:
        return money(amount)
    return object_link(kind, value) if kind else foreign(value)


def _moment(moment: datetime | None) -> h.Node:
    return when(moment, show="exact") if moment else None
