"""Pay-ins of each day as a chart and as a table: how many, which part of them succeeded, and what they came to."""

from collections.abc import Sequence
from functools import partial

import htpy as h
from nicegui import ui

from models.money import Money
from models.payment_days import SHOWN_DAYS, PaymentDay, shown_days
from services.access.actors import Actor
from services.bootstrap import Services
from services.clock import now
from services.overview.payment_amounts import Amounts, read_amounts
from services.overview.payment_days import count_day, keep_day, known_days
from ui.components.html import button, put, show
from ui.components.part import FAILURES, Trouble
from ui.components.parts import money, skeleton, when
from ui.components.payments_plot import counts_plot, day_label, money_plot
from ui.components.payments_report import ReportOfAmounts
from ui.visit import Visit

COUNT = "Number"


class PaymentsChart:
    """Days that are not known yet are asked for one after the other, and shown when all of them are there."""

    def __init__(self, visit: Visit, actor: Actor, services: Services) -> None:
        self._visit = visit
        self._actor = actor
        self._services = services
        self._days: Sequence[PaymentDay] = ()
        self._amounts = Amounts(None, {})
        self._shown = COUNT
        with ui.element("section").classes("panel chart").props('aria-label="Pay-ins per day"'):
            with ui.element("div").classes("panel-head"):
                show(h.h2(".section")["Pay-ins per day"])
                self._choice = ui.element("div").classes("choice").props('role=group aria-label="What the chart shows"')
            self._trouble = Trouble(lambda: visit.load(self.load))
            self._note = show(h.div(".panel-body")[skeleton("90%", "80%", "70%")])
            self._place = ui.element("div").classes("chart-place").props("aria-hidden=true")
            self._table = show()
            self._report = ReportOfAmounts(visit, actor, services, on_change=self._read_amounts)

    async def load(self) -> None:
        days = shown_days(now().date())
        try:
            found = await known_days(self._actor, self._services.database, days)
            missing = [day for day in reversed(days) if day not in found]
            for at, day in enumerate(missing):
                if not self._days:
                    put(self._note, h.p(".panel-body.caption")[f"Counting day {at + 1} of {len(missing)}"])
                counted = await self._visit.call(count_day(self._actor, self._services.clients, day, now=now()))
                if counted is None:
                    put(self._note, h.p(".panel-body.muted")["Mangopay does not say how many pay-ins there were."])
                    return
                await keep_day(self._actor, self._services.database, counted)
                found[day] = counted
            amounts = await read_amounts(self._actor, self._services.database, now=now())
        except FAILURES as error:
            if not self._days:
                put(self._note)
            self._trouble.tell(error)
            return
        self._trouble.clear()
        self._days, self._amounts = [found[day] for day in days], amounts
        self._draw()
        self._report.show(amounts.report)

    async def _read_amounts(self) -> None:
        self._amounts = await read_amounts(self._actor, self._services.database, now=now())
        if self._shown == COUNT and self._amounts.currencies:
            # Whoever has asked for the amounts wants to see them.
            self._shown = self._amounts.currencies[0]
        self._draw()

    def _choose(self, what: str) -> None:
        self._shown = what
        self._draw()

    def _draw(self) -> None:
        currencies = self._amounts.currencies
        if self._shown not in currencies:
            self._shown = COUNT
        for part in (self._choice, self._place):
            part.clear()
        put(self._table)
        if not any(day.succeeded + day.failed for day in self._days) and not currencies:
            put(self._note, h.p(".panel-body.muted")[f"No pay-in came to an end in the last {SHOWN_DAYS} days."])
            return
        with self._choice:
            for what in (COUNT, *currencies) if currencies else ():
                is_on = what == self._shown
                toggle = button(what, partial(self._choose, what), classes=f"toggle {'is-on' if is_on else ''}")
                toggle.props(f"aria-pressed={str(is_on).lower()}")
        is_count = self._shown == COUNT
        put(self._note, _counted(self._days) if is_count else _came_to(self._amounts, self._shown))
        plot = counts_plot(self._days) if is_count else money_plot(self._days, self._amounts, self._shown)
        with self._place:
            ui.echart(plot, renderer="svg").classes("chart-canvas")
        put(self._table, _table(self._days, self._amounts, currencies))


def _counted(days: Sequence[PaymentDay]) -> h.Node:
    succeeded, failed = sum(day.succeeded for day in days), sum(day.failed for day in days)
    rate = f": {succeeded / (succeeded + failed):.1%}" if succeeded + failed else ""
    return h.p(".panel-body.caption")[
        h.strong(".numbers")[f"{succeeded:,}"],
        f" succeeded and {failed:,} failed in {SHOWN_DAYS} days{rate}. Days by UTC, as of ",
        when(days[-1].read_at),
        ".",
    ]


def _came_to(amounts: Amounts, currency: str) -> h.Node:
    total = sum(of_day.get(currency, 0) for of_day in amounts.by_day.values())
    until = when(amounts.as_of, show="minute") if amounts.as_of else "now"
    return h.p(".panel-body.caption")[
        h.strong[money(Money(total, currency))], " from the first of these days until ", until, ". Days by UTC."
    ]


def _table(days: Sequence[PaymentDay], amounts: Amounts, currencies: Sequence[str]) -> h.Node:
    """Return the same as numbers, exact to the last, newest first: for whoever cannot see the chart, or wants a day."""
    heads = ("Succeeded", "Failed", "Rate", *currencies)
    return h.details(".panel-body.day-by-day")[
        h.summary["Day by day"],
        h.div(".table-frame")[
            h.table(".small-table")[
                h.thead[h.tr[h.th(scope="col")["Day"], [h.th(".amount", scope="col")[head] for head in heads]]],
                h.tbody[
                    [
                        h.tr[
                            h.th(scope="row")[day_label(day.day)],
                            h.td(".amount")[f"{day.succeeded:,}"],
                            h.td(".amount")[f"{day.failed:,}"],
                            h.td(".amount")["" if day.success_rate is None else f"{day.success_rate:.1%}"],
                            [h.td(".amount")[_amount(amounts.of(day.day, currency))] for currency in currencies],
                        ]
                        for day in reversed(days)
                    ]
                ],
            ]
        ],
    ]


def _amount(amount: Money | None) -> h.Node:
    """Return an amount, and nothing for a day that no report tells of yet."""
    return money(amount) if amount else ""
