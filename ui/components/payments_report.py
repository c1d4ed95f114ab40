"""How the amounts of pay-ins are got: a report is asked for by a person, awaited, and asked for again."""

from collections.abc import Awaitable, Callable

import htpy as h
from nicegui import ui

from models.payment_days import SHOWN_DAYS, PaymentReport
from services.access.actors import Actor
from services.bootstrap import Services
from services.clock import now
from services.mangopay.errors import MangopayError
from services.overview.payment_amounts import ask_for_amounts, look_at_report, note_report
from ui.components.forms import BUSY
from ui.components.html import button, put, show
from ui.components.part import FAILURES, failure
from ui.components.parts import message, when
from ui.theme import Tone
from ui.visit import Left, Visit

FOLLOWS_EVERY_S = 3.0
WHY = (
    "Mangopay lists no amounts of all pay-ins, but makes a report of them when it is asked to: "
    f"the last {SHOWN_DAYS} days, mostly within a minute."
)


class ReportOfAmounts:
    """The foot of the chart. `on_change` is called when amounts have come."""

    def __init__(
        self, visit: Visit, actor: Actor, services: Services, *, on_change: Callable[[], Awaitable[object]]
    ) -> None:
        self._visit = visit
        self._actor = actor
        self._services = services
        self._on_change = on_change
        self._report: PaymentReport | None = None
        with ui.element("div").classes("panel-body ruled report-of-amounts") as self._foot:
            self._said = show()
            self._ask_button = button("Ask Mangopay for the amounts", self._ask, icon_name="download")
        self._foot.set_visibility(False)
        self._timer = ui.timer(FOLLOWS_EVERY_S, self._follow, active=False)

    def show(self, report: PaymentReport | None) -> None:
        self._report = report
        is_awaited = report is not None and report.is_awaited(now())
        self._foot.set_visibility(True)
        self._ask_button.set_visibility(not is_awaited)
        self._timer.active = is_awaited
        put(self._said, _say(report, is_awaited=is_awaited))

    async def _ask(self) -> None:
        try:
            report = await ask_for_amounts(self._actor, self._services.clients, self._services.database, now=now())
        except MangopayError as error:
            # It is no matter whether a report was begun: another one does no harm.
            put(self._said, message(Tone.NEGATIVE, error.sentence, "Ask for it again in a moment."))
            return
        except FAILURES as error:
            put(self._said, failure(error))
            return
        self.show(report)

    async def _follow(self) -> None:
        if self._report is None:
            return
        services = self._services
        try:
            looked = await self._visit.call(
                look_at_report(self._actor, services.clients, services.http, self._report, now=now())
            )
            report = await note_report(self._actor, services.database, self._report, looked, now=now())
        except Left:
            return
        except FAILURES as error:
            if self._report.is_awaited(now()):
                # It is looked at again, and the report may well be ready then.
                sentence = error.sentence if isinstance(error, MangopayError) else BUSY
                put(self._said, message(Tone.WAITING, sentence, "It is looked at again by itself."))
            else:
                self.show(self._report)
            return
        self.show(report)
        if report.read_at is not None:
            await self._on_change()


def _say(report: PaymentReport | None, *, is_awaited: bool) -> h.Node:
    if report is None:
        return h.p(".caption")[WHY]
    if is_awaited:
        return h.p(".caption", role="status")[
            "Mangopay makes the report that ",
            report.asked_by,
            " asked for ",
            when(report.asked_at),
            ".",
        ]
    if report.read_at is None:
        why = report.failure or "Mangopay did not make the report within an hour."
        return h.fragment[message(Tone.WAITING, why, "Ask for it again."), _as_of(report)]
    return _as_of(report)


def _as_of(report: PaymentReport) -> h.Node:
    if report.as_of is None:
        return None
    return h.p(".caption")[
        "Amounts as of ", when(report.as_of), ", by the day a pay-in was created; they count those that succeeded."
    ]
