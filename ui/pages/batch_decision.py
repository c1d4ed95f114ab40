"""The decision on a batch: by whoever has read the file in, and above the limit by another person."""

from collections.abc import Awaitable, Callable

import htpy as h
from nicegui import ui

from models.environment import Environment
from models.journal import OperationBatch
from models.money import Money
from models.operations.amounts import is_amount
from models.operations.requests import fault_of_reason
from services.operations.batch_journal import BatchView
from services.operations.batches import approve_batch, confirm, refuse_batch
from services.operations.errors import Unfit
from ui.components.forms import Field, ask
from ui.components.html import button, show
from ui.components.parts import message
from ui.components.values import foreign
from ui.theme import Tone

Act = Callable[..., Awaitable[Exception | None]]
# What the page shows at the moment.
Shown = Callable[[], BatchView]


class _TotalsAgain:
    """In Production, what leaves is typed once more, for each currency."""

    def __init__(self, batch: OperationBatch) -> None:
        self._fields: dict[str, tuple[Field, Money]] = {}
        if batch.environment is not Environment.PRODUCTION:
            return
        for currency, minor in sorted(batch.totals.items()):
            label = f"The total in {currency} again"
            field = Field(label, help_text="This is real money.", attributes="inputmode=decimal autocomplete=off")
            self._fields[currency] = field, Money(minor, currency)

    def are_right(self) -> bool:
        """Whether what was typed are the totals; says so beside those that are not."""
        wrong = [field for field, total in self._fields.values() if not is_amount(field.value, total)]
        for field in wrong:
            field.refuse("This is another amount than the total above.", goes_there=field is wrong[0])
        return not wrong


class BatchConfirmation:
    """For whoever may ask: yes to a file of which every line is right."""

    def __init__(self, shown: Shown, act: Act) -> None:
        self._shown = shown
        self._act = act
        view = shown()
        with ui.element("section").classes("panel").props('aria-label="Your decision"'):
            show(h.div(".panel-head")[h.h2(".section")["Every line is right. Shall it be done?"]])
            with ui.element("div").classes("panel-body batch-decision"):
                self._why = Field("Reason", help_text="Why this is done. It stays in the audit log.")
                self._again = _TotalsAgain(view.batch)
                if view.limit is not None:
                    told = f"It is above {view.limit.text()}, with what went the same way in the last 24 hours."
                    show(message(Tone.WAITING, told, "Another person, an approver or admin, has to approve it."))
                with ui.element("div"):
                    button(_act_of(view), self._confirm, classes="primary money-button")

    async def _confirm(self) -> None:
        if fault := fault_of_reason(self._why.value):
            self._why.refuse(fault)
            return
        # What comes up while the last question is open was not seen when it was decided.
        view, reason = self._shown(), self._why.value
        if not self._again.are_right() or not await ask(f"{_act_of(view)}?", _asked(view, reason), act=_act_of(view)):
            return
        refused = await self._act(confirm, reason=reason, totals=view.batch.totals, same=_ids(view))
        if isinstance(refused, Unfit):
            self._why.refuse(" ".join(refused.field_errors.values()))


class BatchApproval:
    """For somebody who may decide on what another person asked for."""

    def __init__(self, shown: Shown, act: Act) -> None:
        self._shown = shown
        self._act = act
        view = shown()
        with ui.element("section").classes("panel").props('aria-label="Your decision"'):
            show(h.div(".panel-head")[h.h2(".section")["Your decision"]])
            with ui.element("div").classes("panel-body batch-decision"):
                show(h.p[view.batch.asked_by, " asks: ", foreign(view.batch.reason)])
                self._again = _TotalsAgain(view.batch)
                self._why = Field("Reason for refusing", help_text="Read by whoever asked for it.")
                with ui.element("div").classes("ways"):
                    button(f"Approve: {view.act}", self._approve, classes="primary money-button")
                    button("Refuse", self._refuse, classes="danger")

    async def _approve(self) -> None:
        view = self._shown()
        asked = _asked(view, f"{view.batch.reason} ({view.batch.asked_by})")
        if self._again.are_right() and await ask(f"{view.act}?", asked, act="Approve"):
            await self._act(approve_batch, request_hash=view.batch.request_hash, same=_ids(view))

    async def _refuse(self) -> None:
        refused = await self._act(refuse_batch, reason=self._why.value)
        if isinstance(refused, Unfit):
            self._why.refuse(" ".join(refused.field_errors.values()))


def _ids(view: BatchView) -> tuple[str, ...]:
    """Return the batches with the same lines that the page tells of."""
    return tuple(same.batch_id for same in view.same)


def _act_of(view: BatchView) -> str:
    """Return what whoever has read the file in can do: make it, or ask for that."""
    return f"Ask to {view.act[:1].lower()}{view.act[1:]}" if view.limit else view.act


def _asked(view: BatchView, reason: str) -> h.Node:
    where = h.p(".caption")[f"In {view.batch.environment.label}"]
    return h.fragment[where, h.p[h.span(".muted")["Reason: "], foreign(reason or "none yet")]]
