"""A wallet's balance over time, as a chart of steps, told backwards from what it holds now."""

from collections.abc import Callable, Sequence
from datetime import datetime

import htpy as h
from nicegui import ui

from models.balance import Point
from models.objects.fields import Content
from services.access.actors import Actor
from services.bootstrap import Services
from services.clock import now
from services.objects.balances import MOST_DRAWN, BalanceHistory, read_balance_history
from ui.components.html import put, show
from ui.components.part import FAILURES, Trouble
from ui.components.parts import money, skeleton
from ui.visit import Visit

# Drawn as SVG, so that the tokens of the stylesheet hold in light and in dark.
LINE = "var(--accent)"
TEXT = "var(--muted)"
RULE = "var(--line)"


class BalanceChart:
    """`on_wallet` is told the wallet as it is read for the chart, so that a page shows one balance."""

    def __init__(
        self,
        visit: Visit,
        actor: Actor,
        services: Services,
        wallet_id: str,
        *,
        on_wallet: Callable[[Content], object],
    ) -> None:
        self._visit = visit
        self._actor = actor
        self._services = services
        self._wallet_id = wallet_id
        self._on_wallet = on_wallet
        with ui.element("section").classes("panel chart").props('aria-label="Balance over time"'):
            show(h.div(".panel-head")[h.h2(".section")["Balance over time"]])
            self._trouble = Trouble(lambda: visit.load(self.load))
            self._note = show(h.div(".panel-body")[skeleton("90%", "80%", "70%")])
            self._place = ui.element("div").classes("chart-place")

    async def load(self) -> None:
        try:
            history = await self._visit.call(
                read_balance_history(self._actor, self._services.clients, self._wallet_id, now=now())
            )
        except FAILURES as error:
            put(self._note)
            self._trouble.tell(error)
            return
        self._trouble.clear()
        self._on_wallet(history.wallet)
        self._draw(history)

    def _draw(self, history: BalanceHistory) -> None:
        self._place.clear()
        points = history.points
        if not history.is_whole:
            sentence = f"It has moved more than {MOST_DRAWN} times in 13 months: too often to be read back."
            put(self._note, h.p(".panel-body.muted")[sentence])
            return
        if len(points) < 2:
            put(self._note, h.p(".panel-body.muted")["Nothing has moved in the last 13 months."])
            return
        low, high = (pick(points, key=lambda point: point.balance.amount).balance for pick in (min, max))
        put(
            self._note,
            h.p(".panel-body.caption")[
                "From all movements of the last 13 months, read back from the balance now. Lowest ",
                money(low),
                ", highest ",
                money(high),
                ".",
            ],
        )
        with self._place:
            ui.echart(_options(points), renderer="svg").classes("chart-canvas").props('role=img aria-hidden="true"')


def _options(points: Sequence[Point]) -> dict[str, object]:
    currency = points[0].balance.currency
    return {
        "animation": False,
        "grid": {"left": 16, "right": 16, "top": 16, "bottom": 16, "containLabel": True},
        "tooltip": {"trigger": "axis", "confine": True},
        "textStyle": {"fontFamily": "inherit"},
        "xAxis": {
            "type": "time",
            "axisLabel": {"color": TEXT, "hideOverlap": True, "formatter": "{d} {MMM}"},
            "axisLine": {"lineStyle": {"color": RULE}},
        },
        "yAxis": {"type": "value", "axisLabel": {"color": TEXT}, "splitLine": {"lineStyle": {"color": RULE}}},
        "series": [
            {
                "type": "line",
                "name": f"Balance, {currency}",
                "step": "end",
                "showSymbol": len(points) < 40,
                "lineStyle": {"color": LINE, "width": 2},
                "itemStyle": {"color": LINE},
                "data": [[_milliseconds(point.at), point.balance.decimal_text()] for point in points],
            }
        ],
    }


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
