"""What ECharts is told to draw of pay-ins day by day. Drawn as SVG, so that the stylesheet's tokens hold."""

from collections.abc import Sequence
from datetime import date

from models.payment_days import PaymentDay
from services.overview.payment_amounts import Amounts

SUCCEEDED, FAILED, RATE = "var(--accent)", "var(--negative)", "var(--muted)"
TEXT, RULE = "var(--muted)", "var(--line)"

Options = dict[str, object]


def counts_plot(rows: Sequence[PaymentDay]) -> Options:
    """How many succeeded and failed, one on the other, and the part that succeeded as a line."""
    rates = [None if row.success_rate is None else round(row.success_rate * 100, 1) for row in rows]
    percent = {
        "type": "value",
        "min": 0,
        "max": 100,
        "axisLabel": {"color": TEXT, "formatter": "{value} %"},
        "splitLine": {"show": False},
    }
    line = {
        "type": "line",
        "name": "Success rate, %",
        "yAxisIndex": 1,
        "connectNulls": True,
        "symbolSize": 5,
        "lineStyle": {"color": RATE, "width": 2},
        "itemStyle": {"color": RATE},
        "data": rates,
    }
    bars = [
        _bars("Succeeded", SUCCEEDED, [row.succeeded for row in rows]),
        _bars("Failed", FAILED, [row.failed for row in rows]),
    ]
    return _plot(rows, [_axis(minInterval=1), percent], [*bars, line])


def money_plot(rows: Sequence[PaymentDay], amounts: Amounts, currency: str) -> Options:
    """What succeeded came to in one currency, in its major unit. A bar has no cents to lose; the table has them all."""
    known = [amounts.of(row.day, currency) for row in rows]
    bars = [None if amount is None else float(amount.decimal_text()) for amount in known]
    return _plot(rows, [_axis()], [_bars(f"Amount, {currency}", SUCCEEDED, bars)])


def _plot(rows: Sequence[PaymentDay], axes: Sequence[Options], series: Sequence[Options]) -> Options:
    return {
        "animation": False,
        "grid": {"left": 16, "right": 16, "top": 32, "bottom": 16, "containLabel": True},
        "legend": {
            "top": 0,
            "left": 16,
            "itemGap": 24,
            "itemWidth": 14,
            "itemHeight": 10,
            "textStyle": {"color": TEXT},
        },
        "tooltip": {"trigger": "axis", "confine": True},
        "textStyle": {"fontFamily": "inherit"},
        "xAxis": {
            "type": "category",
            "data": [day_label(row.day) for row in rows],
            "axisLabel": {"color": TEXT, "hideOverlap": True},
            "axisLine": {"lineStyle": {"color": RULE}},
        },
        "yAxis": list(axes),
        "series": list(series),
    }


def day_label(day: date) -> str:
    return f"{day.day} {day:%b}"


def _axis(**more: object) -> Options:
    return {"type": "value", "axisLabel": {"color": TEXT}, "splitLine": {"lineStyle": {"color": RULE}}, **more}


def _bars(name: str, colour: str, data: Sequence[float | None]) -> Options:
    return {"type": "bar", "name": name, "stack": "pay-ins", "itemStyle": {"color": colour}, "data": list(data)}
