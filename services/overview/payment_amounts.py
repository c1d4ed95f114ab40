"""What the pay-ins of each day came to, from a report that Mangopay makes when somebody asks for it.

Mangopay has no list of all pay-ins, and their events tell no amounts. A report costs one call to ask for it, one each
time somebody looks whether it is ready, and a download, however many pay-ins there are.
Source: https://docs.mangopay.com/api-reference/reporting/create-report

Chosen: the amounts in its file are in minor units and its dates are seconds, as everywhere in the API. The range goes
by the creation of a transaction, which is what it means unless something else is asked for.
"""

import asyncio
import csv
import logging
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import httpx
from sqlalchemy import CursorResult, delete, update
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import col, select

from models.audit import Act
from models.environment import Environment
from models.money import Money
from models.objects.fields import Content
from models.payment_days import PaymentAmount, PaymentReport, bounds_of, shown_days
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.access.audit import record_act
from services.database import Database
from services.mangopay.client import Clients
from services.mangopay.errors import MangopayError

log = logging.getLogger(__name__)

COLUMNS = ("CreationDate", "Type", "Nature", "DebitedFundsAmount", "DebitedFundsCurrency")
# Somebody who asks has an answer, or an error, long before.
ASKED_WITHIN = timedelta(minutes=2)
DOWNLOAD_TIMEOUT_S = 60.0
LARGEST_BYTES = 200 * 1024**2
AT_ONCE_BYTES = 64 * 1024
LONGEST_LINE = 10_000
INTERRUPTED = "The report was not asked for to the end: the dashboard was stopped meanwhile."
UNREADABLE = "Mangopay's report cannot be read."


@dataclass(frozen=True, slots=True)
class Amounts:
    """`by_day` holds minor units by currency, for days that had any."""

    report: PaymentReport | None
    by_day: Mapping[date, Mapping[str, int]]

    @property
    def as_of(self) -> datetime | None:
        return self.report.as_of if self.report else None

    @property
    def currencies(self) -> Sequence[str]:
        return sorted({currency for of_day in self.by_day.values() for currency in of_day})

    def of(self, day: date, currency: str) -> Money | None:
        """Return what a day came to; None for a day that no report tells of yet."""
        is_known = self.as_of is not None and day <= self.as_of.date()
        return Money(self.by_day.get(day, {}).get(currency, 0), currency) if is_known else None


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at a report has told: sums by day and currency, or a failure, or neither while it is not ready."""

    amounts: Counter[tuple[date, str]] | None = None
    failure: str = ""


class ReportError(Exception):
    """Raised for a report that cannot be had or read; the text is for the page."""


@needs(Permission.SEE)
async def read_amounts(actor: Actor, database: Database, *, now: datetime) -> Amounts:
    """Return what is kept of the days of the chart; no call."""
    mine = select(PaymentAmount).where(
        PaymentAmount.environment == actor.environment, col(PaymentAmount.day).in_(shown_days(now.date()))
    )
    by_day: dict[date, dict[str, int]] = {}
    async with database.session() as session:
        report = await session.get(PaymentReport, actor.environment)
        for row in await session.exec(mine):
            by_day.setdefault(row.day, {})[row.currency] = row.amount
    return Amounts(report, by_day)


@needs(Permission.EXPORT)
async def ask_for_amounts(actor: Actor, clients: Clients, database: Database, *, now: datetime) -> PaymentReport:
    """Ask Mangopay for a report about the days of the chart, unless one is awaited already; returns it.

    One call. Raises MangopayError, and then no report is awaited.
    """
    if not await _claim(actor, database, now=now):
        async with database.session() as session:
            return await session.get_one(PaymentReport, actor.environment)
    client = clients[actor.environment]
    since = shown_days(now.date())[0]
    body = {
        "ReportType": "USER_WALLET_TRANSACTIONS",
        "DownloadFormat": "CSV",
        "AfterDate": int(bounds_of(since)[0].timestamp()),
        "BeforeDate": int(now.timestamp()),
        "Columns": list(COLUMNS),
    }
    try:
        made = await client.post_object(f"/v2.01/{client.client_id}/reporting/reports", body) or {}
    except MangopayError as error:
        await _change(actor, database, asked_at=now, failure=error.sentence)
        raise
    report_id = made.get("Id")
    if not isinstance(report_id, str):
        return await _change(actor, database, asked_at=now, failure=UNREADABLE)
    return await _change(actor, database, asked_at=now, report_id=report_id)


@needs(Permission.SEE)
async def look_at_report(
    actor: Actor, clients: Clients, http: httpx.AsyncClient, report: PaymentReport, *, now: datetime
) -> Looked:
    """Look whether a report is ready, and read it if it is. Raises MangopayError.

    One call, and the download of a report that is ready. A download that breaks off is no failure of the report.
    """
    if not report.report_id:
        return Looked(failure=INTERRUPTED if now > report.asked_at + ASKED_WITHIN else "")
    client = clients[actor.environment]
    path = f"/v2.01/{client.client_id}/reporting/reports/{report.report_id}"
    found = await client.get_object(path, fresh=True)
    if found.get("Status") in ("PENDING", "GENERATING"):
        return Looked()
    try:
        async with asyncio.timeout(DOWNLOAD_TIMEOUT_S):
            return Looked(amounts=await _add_up(_lines(http, _url(found, actor.environment))))
    except ReportError as error:
        return Looked(failure=str(error))
    except (TimeoutError, httpx.HTTPError) as error:
        log.warning("the report cannot be downloaded environment=%s: %s", actor.environment, error)
        return Looked()


@needs(Permission.SEE)
async def note_report(
    actor: Actor, database: Database, report: PaymentReport, looked: Looked, *, now: datetime
) -> PaymentReport:
    """Keep what a look at a report of the actor's environment has told; returns the report as it is then."""
    if report.environment is not actor.environment:
        raise ReportError("It is a report of another environment.")
    if looked.failure:
        return await _change(actor, database, asked_at=report.asked_at, failure=looked.failure)
    if looked.amounts is None:
        return report
    return await _keep(actor, database, report, looked.amounts, now=now)


def _url(report: Content, environment: Environment) -> httpx.URL:
    url = report.get("DownloadURL")
    if report.get("Status") != "GENERATED" or not isinstance(url, str):
        told = report.get("ResultMessage")
        raise ReportError(f"Mangopay could not make the report{f': {told}' if told else '.'}")
    parsed = httpx.URL(url)
    if parsed.scheme != "https" and environment is not Environment.LOCAL:
        raise ReportError("Mangopay's report lies at an address that is not protected.")
    return parsed


async def _lines(http: httpx.AsyncClient, url: httpx.URL) -> AsyncIterator[str]:
    """Download a file line by line; the link itself is what allows it, no token is sent along."""
    size, rest = 0, b""
    async with http.stream("GET", url, timeout=DOWNLOAD_TIMEOUT_S, follow_redirects=False) as response:
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise httpx.RemoteProtocolError(f"HTTP status {response.status_code}", request=response.request)
        if response.status_code != httpx.codes.OK:
            raise ReportError(f"Mangopay's report cannot be downloaded (HTTP status {response.status_code}).")
        async for chunk in response.aiter_bytes(AT_ONCE_BYTES):
            size += len(chunk)
            *lines, rest = (rest + chunk).split(b"\n")
            if size > LARGEST_BYTES or len(rest) > LONGEST_LINE:
                raise ReportError("Mangopay's report is too large.")
            for line in lines:
                yield line.decode("utf-8-sig").rstrip("\r")
    yield rest.decode("utf-8-sig").rstrip("\r")


async def _add_up(lines: AsyncIterator[str]) -> Counter[tuple[date, str]]:
    """Add up the pay-ins of a report by day and currency. Raises ReportError."""
    sums: Counter[tuple[date, str]] = Counter()
    names: list[str] = []
    try:
        async for line in lines:
            if not line:
                continue
            cells = next(csv.reader([line]))
            if not names:
                names = [name.strip() for name in cells]
                if missing := set(COLUMNS) - set(names):
                    raise ReportError(f"Mangopay's report lacks {', '.join(sorted(missing))}.")
                continue
            row = dict(zip(names, cells, strict=True))
            if row["Type"] == "PAYIN" and row["Nature"] == "REGULAR":
                day = datetime.fromtimestamp(int(row["CreationDate"]), UTC).date()
                sums[day, row["DebitedFundsCurrency"]] += int(row["DebitedFundsAmount"])
    except (ValueError, OverflowError, OSError, csv.Error) as error:
        raise ReportError(UNREADABLE) from error
    if not names:
        raise ReportError("Mangopay's report is empty.")
    return sums


async def _claim(actor: Actor, database: Database, *, now: datetime) -> bool:
    """Write down that a report is asked for; False while one is awaited."""
    row = {
        "report_id": "",
        "asked_by": actor.email,
        "asked_at": now,
        "since": shown_days(now.date())[0],
        "read_at": None,
        "failure": "",
    }
    async with database.session() as session:
        # The first statement writes, so that of two who ask at once the second sees what the first has done.
        new = insert(PaymentReport).values(environment=actor.environment, **row).on_conflict_do_nothing()
        made: CursorResult[object] = await session.exec(new)
        if made.rowcount != 1:
            before = await session.get_one(PaymentReport, actor.environment)
            if before.is_awaited(now):
                return False
            mine = update(PaymentReport).where(col(PaymentReport.environment) == actor.environment)
            await session.exec(mine.values(**row))
        record_act(session, actor, Act.EXPORT, now=now, about="amounts of pay-ins", detail="a report of Mangopay's")
        await session.commit()
    return True


async def _change(actor: Actor, database: Database, *, asked_at: datetime, **changes: object) -> PaymentReport:
    """Change the report that was asked for at that moment: another one, asked for meanwhile, stays as it is."""
    mine = (col(PaymentReport.environment) == actor.environment, col(PaymentReport.asked_at) == asked_at)
    async with database.session() as session:
        await session.exec(update(PaymentReport).where(*mine).values(**changes))
        await session.commit()
        return await session.get_one(PaymentReport, actor.environment)


async def _keep(
    actor: Actor, database: Database, report: PaymentReport, amounts: Counter[tuple[date, str]], *, now: datetime
) -> PaymentReport:
    """Let a report's amounts take the place of what was kept for its days."""
    replaced = (col(PaymentAmount.environment) == actor.environment, col(PaymentAmount.day) >= report.since)
    rows = [
        PaymentAmount(environment=actor.environment, day=day, currency=currency, amount=amount)
        for (day, currency), amount in amounts.items()
    ]
    async with database.session() as session:
        mine = update(PaymentReport).where(
            col(PaymentReport.environment) == actor.environment, col(PaymentReport.asked_at) == report.asked_at
        )
        taken: CursorResult[object] = await session.exec(mine.values(read_at=now, as_of=report.asked_at))
        if taken.rowcount == 1:
            await session.exec(delete(PaymentAmount).where(*replaced))
            session.add_all(rows)
        await session.commit()
        return await session.get_one(PaymentReport, actor.environment)
