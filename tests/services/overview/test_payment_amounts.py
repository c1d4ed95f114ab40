"""Amounts come from a report that is asked for once, whoever asks and how often; what is kept survives the next."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
import respx
from sqlmodel import select

from models.audit import Act, AuditEntry
from models.environment import Environment
from models.money import Money
from models.payment_days import REPORT_TAKES, SHOWN_DAYS, PaymentReport, shown_days
from services.clock import now
from services.database import Database
from services.mangopay.errors import MangopayError, ServerError
from services.overview.payment_amounts import (
    ASKED_WITHIN,
    COLUMNS,
    INTERRUPTED,
    UNREADABLE,
    Amounts,
    ask_for_amounts,
    look_at_report,
    note_report,
    read_amounts,
)
from tests.actors import make_actor
from tests.services.operations.bank import OLIVIA, Bank, open_bank
from tests.services.overview.conftest import SANDBOX, Clients, Told

SOMEBODY = make_actor(environment=SANDBOX, email="somebody@example.com")
REPORTS = "/v2.01/shop/reporting/reports"
FILE = "https://files.mangopay.test/report_1.csv?Signature=1"
READY = {"Id": "report_1", "Status": "GENERATED", "DownloadURL": FILE}
HEAD = ",".join(COLUMNS)
NOW = now().replace(microsecond=0)
AT = int(NOW.timestamp())
HOUR = timedelta(hours=1)


@dataclass
class Desk:
    """Somebody of Sandbox, and a Mangopay whose report is ready at once."""

    mangopay: respx.MockRouter
    clients: Clients
    database: Database
    http: httpx.AsyncClient

    async def ask(self, *, later: timedelta = timedelta()) -> PaymentReport:
        return await ask_for_amounts(SOMEBODY, self.clients, self.database, now=NOW + later)

    async def follow(self, report: PaymentReport, *, later: timedelta = timedelta()) -> PaymentReport:
        looked = await look_at_report(SOMEBODY, self.clients, self.http, report, now=NOW + later)
        return await note_report(SOMEBODY, self.database, report, looked, now=NOW + later)

    async def read(self) -> Amounts:
        return await read_amounts(SOMEBODY, self.database, now=NOW)

    def tell(self, **found: Any) -> None:
        self.mangopay.get(f"{REPORTS}/report_1").respond(json=found)

    def hand_out(self, *lines: str) -> None:
        self.mangopay.get(FILE).respond(text="\r\n".join(lines))

    @property
    def reports_asked_for(self) -> Sequence[httpx.Request]:
        return [call.request for call in self.mangopay.calls if call.request.url.path == REPORTS]


@pytest.fixture
async def desk(told: Told, clients: Clients, database: Database) -> AsyncIterator[Desk]:
    told.router.post(REPORTS).respond(json={"Id": "report_1", "Status": "PENDING"})
    async with httpx.AsyncClient() as http:
        desk = Desk(told.router, clients, database, http)
        desk.tell(**READY)
        yield desk


class UnderItsPrefix(httpx.AsyncBaseTransport):
    """The emulator as the dashboard serves it."""

    def __init__(self, emulator: httpx.AsyncBaseTransport) -> None:
        self._emulator = emulator

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(path=request.url.path.removeprefix("/emulator"))
        return await self._emulator.handle_async_request(request)


async def test_a_report_of_the_emulator_tells_what_pay_ins_came_to(database: Database) -> None:
    async with open_bank(database) as bank:
        alice = await bank.market.payer()
        for currency, amounts in (("EUR", (1000, 2550)), ("JPY", (400,))):
            wallet, card = await bank.market.wallet(alice, currency), await bank.market.card(alice, currency=currency)
            for amount in amounts:
                assert (await bank.market.pay_in(card, wallet, amount, 0)).is_success
        amounts = await _amounts_of(bank, database)
        assert amounts == {NOW.date(): {"EUR": 3550, "JPY": 400}}


async def _amounts_of(bank: Bank, database: Database) -> Any:
    clients, transport = bank.teller.clients, UnderItsPrefix(bank.line)
    # A report ends with the second it is asked in.
    await bank.controls.advance(2)
    later = now() + timedelta(seconds=2)
    report = await ask_for_amounts(OLIVIA, clients, database, now=later)
    async with httpx.AsyncClient(transport=transport) as http:
        for _ in range(50):
            looked = await look_at_report(OLIVIA, clients, http, report, now=later)
            report = await note_report(OLIVIA, database, report, looked, now=later)
            if report.read_at:
                break
            await bank.controls.advance(1)
    assert report.failure == ""
    return (await read_amounts(OLIVIA, database, now=later)).by_day


async def test_only_regular_pay_ins_count_each_currency_for_itself(desk: Desk) -> None:
    day_s = 24 * 3600
    desk.hand_out(
        f"\ufeff{HEAD}",
        f"{AT},PAYIN,REGULAR,1000,EUR",
        f"{AT},PAYIN,REGULAR,1,EUR",
        f"{AT},PAYIN,REGULAR,7,JPY",
        f"{AT - day_s},PAYIN,REGULAR,5,EUR",
        f"{AT},PAYIN,REFUND,99,EUR",
        f"{AT},TRANSFER,REGULAR,99,EUR",
        f"{AT},PAYOUT,REGULAR,,",
    )
    report = await desk.follow(await desk.ask())
    assert (report.failure, report.read_at, report.as_of) == ("", NOW, NOW)
    amounts = await desk.read()
    today, yesterday = shown_days(NOW.date())[-1], shown_days(NOW.date())[-2]
    assert amounts.by_day == {today: {"EUR": 1001, "JPY": 7}, yesterday: {"EUR": 5}}


async def test_one_call_asks_for_the_days_of_the_chart(desk: Desk) -> None:
    report = await desk.ask()
    assert (report.report_id, report.asked_by, report.is_awaited(NOW)) == ("report_1", SOMEBODY.email, True)
    (sent,) = desk.reports_asked_for
    body = json.loads(sent.content)
    assert body["ReportType"] == "USER_WALLET_TRANSACTIONS"
    assert body["BeforeDate"] == AT
    assert SHOWN_DAYS - 1 <= (body["BeforeDate"] - body["AfterDate"]) / 86_400 <= SHOWN_DAYS
    assert body["AfterDate"] % 86_400 == 0
    async with desk.database.session() as session:
        assert [entry.who for entry in await session.exec(select(AuditEntry))] == [SOMEBODY.email]
        assert [entry.act for entry in await session.exec(select(AuditEntry))] == [Act.EXPORT]


async def test_of_many_who_ask_at_once_one_does(desk: Desk) -> None:
    await asyncio.gather(*(desk.ask() for _ in range(8)))
    assert len(desk.reports_asked_for) == 1


async def test_a_report_that_is_not_ready_is_looked_at_again(desk: Desk) -> None:
    report = await desk.ask()
    for status in ("PENDING", "GENERATING"):
        desk.tell(Id="report_1", Status=status)
        report = await desk.follow(report)
        assert report.is_awaited(NOW)
    # Not for ever.
    assert not report.is_awaited(NOW + REPORT_TAKES)


async def test_when_mangopay_refuses_nothing_is_awaited_and_what_was_kept_stays(desk: Desk) -> None:
    desk.hand_out(HEAD, f"{AT},PAYIN,REGULAR,1000,EUR")
    await desk.follow(await desk.ask())
    desk.mangopay.post(REPORTS).respond(503)
    with pytest.raises(ServerError):
        await desk.ask(later=HOUR)
    amounts = await desk.read()
    assert amounts.report is not None
    assert not amounts.report.is_awaited(NOW + HOUR)
    assert (amounts.report.failure, amounts.report.as_of) == (ServerError.says, NOW)
    assert amounts.by_day == {NOW.date(): {"EUR": 1000}}


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({"Status": "FAILED", "ResultMessage": "No"}, "Mangopay could not make the report: No"),
        ({"Status": "EXPIRED", "DownloadURL": None}, "Mangopay could not make the report."),
        (READY | {"DownloadURL": FILE.replace("https", "http")}, "Mangopay's report lies at an address"),
    ],
)
async def test_a_report_that_comes_to_nothing_says_why(
    desk: Desk,
    found: dict[str, Any],
    says: str,
) -> None:
    desk.tell(**found)
    report = await desk.follow(await desk.ask())
    assert report.failure.startswith(says)
    assert not report.is_awaited(NOW)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (httpx.Response(403), "Mangopay's report cannot be downloaded (HTTP status 403)."),
        (httpx.Response(200, text=f"{HEAD}\n{'9' * 20_000}"), "Mangopay's report is too large."),
        (httpx.Response(200, content=HEAD.encode() + b"\n\xff,PAYIN,REGULAR,1,EUR"), UNREADABLE),
        (httpx.Response(200, text=""), "Mangopay's report is empty."),
        (httpx.Response(200, text="<html>sign in</html>"), "Mangopay's report lacks"),
        (httpx.Response(200, text=f"{HEAD}\n{AT},PAYIN,REGULAR,10.00,EUR"), UNREADABLE),
        (httpx.Response(200, text=f"{HEAD}\n{AT},PAYIN,REGULAR,1000"), UNREADABLE),
        (httpx.Response(200, text=f"{HEAD}\n{10**20},PAYIN,REGULAR,1000,EUR"), UNREADABLE),
    ],
)
async def test_a_file_that_cannot_be_had_or_read_says_so_and_keeps_nothing(
    desk: Desk,
    answer: httpx.Response | Exception,
    says: str,
) -> None:
    desk.mangopay.get(FILE).mock(side_effect=[answer])
    report = await desk.follow(await desk.ask())
    assert report.failure.startswith(says)
    assert (await desk.read()).by_day == {}


@pytest.mark.parametrize("answer", [httpx.Response(503), httpx.ConnectError("down"), httpx.ReadTimeout("slow")])
async def test_a_download_that_breaks_off_is_tried_again(desk: Desk, answer: httpx.Response | Exception) -> None:
    good = httpx.Response(200, text=f"{HEAD}\n{AT},PAYIN,REGULAR,1000,EUR")
    desk.mangopay.get(FILE).mock(side_effect=[answer, good])
    report = await desk.follow(await desk.ask())
    assert report.is_awaited(NOW)
    assert (await desk.follow(report)).read_at == NOW


async def test_a_day_after_the_report_is_not_known_to_be_nothing(desk: Desk) -> None:
    desk.hand_out(HEAD, f"{AT},PAYIN,REGULAR,1000,EUR")
    await desk.follow(await desk.ask())
    amounts, today = await desk.read(), NOW.date()
    assert amounts.of(today, "EUR") == Money(1000, "EUR")
    assert amounts.of(today - timedelta(days=1), "EUR") == Money(0, "EUR")
    assert amounts.of(today + timedelta(days=1), "EUR") is None


async def test_what_mangopay_cannot_tell_just_now_is_no_failure_of_the_report(desk: Desk) -> None:
    report = await desk.ask()
    desk.mangopay.get(f"{REPORTS}/report_1").respond(404, json={"Type": "ressource_not_found"})
    with pytest.raises(MangopayError):
        await desk.follow(report)
    kept = (await desk.read()).report
    assert kept is not None
    assert kept.is_awaited(NOW)


async def test_a_process_that_died_while_it_asked_leaves_no_report_that_is_awaited(desk: Desk) -> None:
    def die(_: httpx.Request) -> httpx.Response:
        raise asyncio.CancelledError

    desk.mangopay.post(REPORTS).mock(side_effect=die)
    with pytest.raises(asyncio.CancelledError):
        await desk.ask()
    report = (await desk.read()).report
    assert report is not None
    assert await desk.follow(report) == report
    lost = await desk.follow(report, later=2 * ASKED_WITHIN)
    assert lost.failure == INTERRUPTED


async def test_a_newer_report_is_not_overwritten_by_an_older_one(desk: Desk) -> None:
    desk.hand_out(HEAD, f"{AT},PAYIN,REGULAR,1,EUR")
    old = await desk.ask()
    newer = await desk.ask(later=REPORT_TAKES)
    assert newer.asked_at == NOW + REPORT_TAKES
    report = await desk.follow(old, later=REPORT_TAKES)
    assert (report.asked_at, report.read_at) == (NOW + REPORT_TAKES, None)
    assert (await desk.read()).by_day == {}


async def test_another_environment_has_amounts_of_its_own(desk: Desk) -> None:
    desk.hand_out(HEAD, f"{AT},PAYIN,REGULAR,1000,EUR")
    await desk.follow(await desk.ask())
    elsewhere = make_actor(environment=Environment.PRODUCTION)
    amounts = await read_amounts(elsewhere, desk.database, now=NOW)
    assert (amounts.report, amounts.by_day) == (None, {})
