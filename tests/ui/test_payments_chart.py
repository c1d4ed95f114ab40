"""The chart of pay-ins before and after their amounts are there, and what it says when they do not come."""

from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from nicegui import Client, ui

from models.payment_days import REPORT_TAKES, PaymentAmount, PaymentReport, shown_days
from services.bootstrap import Services
from services.clock import now
from services.database import Database
from tests.services.operations.bank import LOCAL, OLIVIA, Bank, open_bank
from ui.components.payments_chart import PaymentsChart
from ui.visit import Visit

TODAY = now().date()


class Shown:
    """A chart on a page that no browser shows."""

    def __init__(self, bank: Bank, client: Client) -> None:
        services = SimpleNamespace(
            clients=bank.teller.clients, database=bank.teller.database, http=httpx.AsyncClient(transport=bank.line)
        )
        with client.content:
            self.chart = PaymentsChart(Visit(client), OLIVIA, cast("Services", services))
        self._client = client

    @property
    def visible(self) -> list[ui.html]:
        """What is on the page, in its order, without what is hidden."""
        found = [element for element in self._client.content.descendants() if isinstance(element, ui.html)]
        return [one for one in found if one.visible and all(above.visible for above in one.ancestors())]

    @property
    def text(self) -> str:
        return " ".join(element.content for element in self.visible)

    @property
    def toggles(self) -> dict[str, str]:
        chosen = [element for element in self.visible if "toggle" in element.classes]
        return {element.content: element.props["aria-pressed"] for element in chosen}

    @property
    def series(self) -> list[dict[str, Any]]:
        (plot,) = [one for one in self._client.content.descendants() if isinstance(one, ui.echart)]
        series: list[dict[str, Any]] = plot.options["series"]
        return series


@pytest.fixture
async def bank(database: Database) -> AsyncIterator[Bank]:
    async with open_bank(database) as bank:
        yield bank


@pytest.fixture
def shown(bank: Bank, client: Client) -> Shown:
    return Shown(bank, client)


async def pay(bank: Bank, amount: int = 1000) -> None:
    alice = await bank.market.payer()
    wallet, card = await bank.market.wallet(alice), await bank.market.card(alice)
    assert (await bank.market.pay_in(card, wallet, amount, 0)).is_success


async def keep(database: Database, *rows: PaymentAmount | PaymentReport) -> None:
    async with database.session() as session:
        session.add_all(rows)
        await session.commit()


def report(**values: Any) -> PaymentReport:
    return PaymentReport(
        **{
            "environment": LOCAL,
            "report_id": "report_1",
            "asked_by": "april@example.com",
            "asked_at": now(),
            "since": shown_days(TODAY)[0],
            **values,
        }
    )


def euros(amount: int) -> PaymentAmount:
    return PaymentAmount(environment=LOCAL, day=TODAY, currency="EUR", amount=amount)


async def test_without_a_pay_in_it_says_so(shown: Shown) -> None:
    await shown.chart.load()
    assert "No pay-in came to an end in the last 14 days." in shown.text
    assert shown.toggles == {}


async def test_numbers_are_there_at_once_and_amounts_are_offered(bank: Bank, shown: Shown) -> None:
    await pay(bank)
    await shown.chart.load()
    assert "1</strong> succeeded and 0 failed in 14 days: 100.0%" in shown.text
    assert [series["data"][-1] for series in shown.series] == [1, 0, 100.0]
    assert "Ask Mangopay for the amounts" in shown.text
    assert shown.toggles == {}


async def test_an_amount_is_chosen_by_its_currency_and_exact_in_the_table(
    bank: Bank, shown: Shown, database: Database
) -> None:
    await pay(bank)
    await keep(database, report(read_at=now(), as_of=now()), euros(123_456))
    await shown.chart.load()
    assert shown.toggles == {"Number": "true", "EUR": "false"}
    shown.chart._choose("EUR")
    assert shown.toggles == {"Number": "false", "EUR": "true"}
    assert [series["data"][-1] for series in shown.series] == [1234.56]
    assert shown.text.count('value="1234.56"') == 2
    assert "Amounts as of" in shown.text


async def test_a_report_that_is_awaited_is_followed_and_cannot_be_asked_for_again(
    bank: Bank, shown: Shown, database: Database
) -> None:
    await pay(bank)
    await keep(database, report())
    await shown.chart.load()
    assert "Mangopay makes the report that april@example.com asked for" in shown.text
    assert "Ask Mangopay for the amounts" not in shown.text
    assert shown.chart._report._timer.active


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"failure": "It cannot be read."}, "It cannot be read."),
        ({"asked_at": now() - 2 * REPORT_TAKES}, "did not make the report within an hour"),
    ],
)
async def test_a_report_that_came_to_nothing_says_so_and_older_amounts_stay(
    bank: Bank, shown: Shown, database: Database, values: dict[str, Any], says: str
) -> None:
    await pay(bank)
    await keep(database, report(**values, as_of=now() - timedelta(days=1)), euros(100))
    await shown.chart.load()
    assert says in shown.text
    assert "Amounts as of" in shown.text
    assert "EUR" in shown.toggles
    assert "Ask Mangopay for the amounts" in shown.text
    assert not shown.chart._report._timer.active


async def test_a_click_that_mangopay_refuses_says_so_and_can_be_made_again(bank: Bank, shown: Shown) -> None:
    await pay(bank)
    await shown.chart.load()
    bank.line.lose("request", instead=httpx.Response(503))
    await shown.chart._report._ask()
    assert "alert" in shown.text
    assert "Ask Mangopay for the amounts" in shown.text
    await shown.chart._report._ask()
    assert "Mangopay makes the report" in shown.text


async def test_while_mangopay_cannot_be_asked_the_report_is_still_followed(
    bank: Bank, shown: Shown, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await pay(bank)
    await keep(database, report())
    await shown.chart.load()
    bank.line.shown["/reporting/reports/"] = httpx.Response(503)
    await shown.chart._report._follow()
    assert "It is looked at again by itself." in shown.text
    assert shown.chart._report._timer.active
    # Not for ever.
    monkeypatch.setattr("ui.components.payments_report.now", lambda: now() + REPORT_TAKES)
    await shown.chart._report._follow()
    assert not shown.chart._report._timer.active


async def test_when_mangopay_is_down_the_chart_offers_another_try(bank: Bank, shown: Shown) -> None:
    bank.line.shown["/events"] = httpx.Response(503)
    await shown.chart.load()
    assert "alert" in shown.text
    assert "Try again" in shown.text
    bank.line.shown.clear()
    await pay(bank)
    await shown.chart.load()
    assert "Try again" not in shown.text
    # What was drawn stays, and says of when it is.
    bank.line.shown["/events"] = httpx.Response(503)
    await shown.chart.load()
    assert "Try again" in shown.text
    assert "as of" in shown.text


async def test_amounts_that_were_asked_for_are_shown_when_they_come(
    bank: Bank, shown: Shown, database: Database
) -> None:
    await pay(bank)
    await shown.chart.load()
    await keep(database, report(read_at=now(), as_of=now()), euros(100))
    await shown.chart._read_amounts()
    assert shown.toggles == {"Number": "false", "EUR": "true"}
