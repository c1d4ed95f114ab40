"""A wallet's balance over time, as a chart of steps, told backwards from what it holds now."""

from collections.abc import Coroutine
from datetime import datetime

import htpy as h
from nicegui import ui

from models.balance import Point, balance_history
from models.mangopay.accounts import Wallet
from models.mangopay.transactions import Transaction
from models.objects.fields import Content
from models.objects.kinds import KINDS
from models.objects.listings import LISTINGS
from services.access.actors import Actor
from services.bootstrap import Services
from services.clock import now
from services.mangopay.paging import PER_PAGE, Page
from services.objects.lists import Wanted, list_page
from services.objects.view import FoundObject, view
from ui.components.html import put, show
from ui.components.part import FAILURES, Trouble
from ui.components.parts import skeleton
from ui.visit import Visit

# Drawn as SVG, so that the tokens of the stylesheet hold in light and in dark.
LINE = "var(--accent)"
TEXT = "var(--muted)"
RULE = "var(--line)"


class BalanceChart:
    def __init__(self, visit: Visit, actor: Actor, services: Services, wallet_id: str) -> None:
        self._visit = visit
        self._actor = actor
        self._services = services
        self._wallet_id = wallet_id
        with ui.element("section").classes("panel chart").props('aria-label="Balance over time"'):
            show(h.div(".panel-head")[h.h2(".section")["Balance over time"]])
            self._trouble = Trouble(lambda: visit.load(self.load))
            self._note = show(h.div(".panel-body")[skeleton("90%", "80%", "70%")])
            self._place = ui.element("div").classes("chart-place")

    async def load(self) -> None:
        try:
            # Both anew, and one right after the other: a movement between the two would bend the whole line.
            page = await self._visit.call(self._list_transactions())
            wallet = Wallet.model_validate((await self._visit.call(self._view_wallet())).content)
            transactions = [Transaction.model_validate(row) for row in page.items]
        except FAILURES as error:
            put(self._note)
            self._trouble.tell(error)
            return
        self._trouble.clear()
        if wallet.balance is None:
            put(self._note, h.p(".panel-body.muted")["Mangopay does not tell the balance of this wallet."])
            return
        points = balance_history(wallet.id, balance=wallet.balance, now=now(), transactions=transactions)
        self._draw(points, is_whole=not page.has_next)

    def _list_transactions(self) -> Coroutine[object, object, Page[Content]]:
        listing, wanted = LISTINGS["wallet-transactions"], Wanted(per_page=PER_PAGE)
        return list_page(self._actor, self._services.clients, listing, of=self._wallet_id, wanted=wanted, fresh=True)

    def _view_wallet(self) -> Coroutine[object, object, FoundObject]:
        return view(self._actor, self._services.clients, KINDS["wallet"], self._wallet_id, fresh=True)

    def _draw(self, points: tuple[Point, ...], *, is_whole: bool) -> None:
        if len(points) < 2:
            put(self._note, h.p(".panel-body.muted")["Nothing has moved in the last 13 months."])
            return
        reach = "all movements" if is_whole else f"the last {PER_PAGE} transactions"
        low, high = (pick(points, key=lambda point: point.balance.amount).balance for pick in (min, max))
        put(
            self._note,
            h.p(".panel-body.caption")[
                f"From {reach} of the last 13 months, read back from the balance now. "
                f"Lowest {low.decimal_text()} {low.currency}, highest {high.decimal_text()} {high.currency}."
            ],
        )
        self._place.clear()
        with self._place:
            ui.echart(_options(points), renderer="svg").classes("chart-canvas").props('role=img aria-hidden="true"')


def _options(points: tuple[Point, ...]) -> dict[str, object]:
    currency = points[0].balance.currency
    return {
        "animation": False,
        "grid": {"left": 16, "right": 16, "top": 16, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis", "confine": True},
        "textStyle": {"fontFamily": "inherit"},
        "xAxis": {
            "type": "time",
            "axisLabel": {"color": TEXT, "hideOverlap": True},
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
