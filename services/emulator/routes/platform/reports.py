"""Legacy reports of transactions and of wallets: ready right after the answer, to be downloaded for a day.

Source: https://docs.mangopay.com/api-reference/reports

Chosen: reports are sorted by creation, whatever column `Sort` names; without dates a report of transactions goes back
six months and one of wallets one month. The CallbackURL is called with ResourceId and with RessourceId, like a hook.
"""

from collections.abc import Callable
from urllib.parse import urlencode

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import invalid_action
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.listing import page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.urls import with_query
from services.emulator.engine.world import World
from services.emulator.routes.platform import reporting
from services.emulator.rules import report_files
from services.emulator.rules.report_columns import TRANSACTION_COLUMNS, TRANSACTION_DEFAULTS, WALLET_COLUMNS
from services.emulator.rules.report_filters import read_columns, transaction_source, wallet_source
from services.emulator.rules.reports import Source
from services.emulator.rules.result_codes import MESSAGES, SUCCESS

DAY_S = 86_400
LATEST_S = 300
# How far apart its dates may be, and how far back they may lie, in days.
REACH = {"TRANSACTIONS": (184, 1_096), "WALLETS": (731, 1_096)}
ENUMS = {
    "Type": ("PAYIN", "TRANSFER", "CONVERSION", "PAYOUT", "CARD_VALIDATION"),
    "Status": ("CREATED", "SUCCEEDED", "FAILED"),
    "Nature": ("REGULAR", "REPUDIATION", "REFUND", "SETTLEMENT"),
    "ResultCode": None,
}
RANGES = {"TRANSACTIONS": ("DebitedFunds", "Fees"), "WALLETS": ("Balance",)}
IDS = {"TRANSACTIONS": ("AuthorId", "WalletId"), "WALLETS": ("OwnerId", "Currency")}


def create_transactions(world: World, call: Call) -> Response:
    return _create(world, call, "TRANSACTIONS")


def create_wallets(world: World, call: Call) -> Response:
    return _create(world, call, "WALLETS")


def view(world: World, call: Call) -> Response:
    return Answer(wire(world.find(world.store.reports, call.params["ReportId"], "Report")))


def list_all(world: World, call: Call) -> Response:
    return page(world, call, world.store.reports.all())


def download(world: World, call: Call) -> Response:
    """Send the file of a report of either service."""
    if world.store.reports.get(call.params["File"].removesuffix(".csv")) is None:
        return reporting.download(world, call)
    return report_files.answer(world, call, world.store.reports, _plan)


def generate(world: World, report_id: str) -> None:
    report = world.store.reports.get(report_id)
    if report is None or report["Status"] != "PENDING":
        return
    failure = report_files.take_failure(world)
    if failure:
        report_files.fail(world, world.store.reports, report, failure)
        return
    report |= {
        "Status": "READY_FOR_DOWNLOAD",
        "ReportDate": world.clock.now(),
        "ResultCode": SUCCESS,
        "ResultMessage": MESSAGES[SUCCESS],
        "DownloadURL": report_files.download_url(world, report),
    }
    world.store.reports.save(report)
    world.later("report.expire", report_id, after_s=DAY_S)
    _call_back(world, report)


def expire(world: World, report_id: str) -> None:
    report = world.store.reports.get(report_id)
    if report is not None and report["Status"] == "READY_FOR_DOWNLOAD":
        report |= {"Status": "EXPIRED", "DownloadURL": None}
        world.store.reports.save(report)


def fail(world: World, report_id: str, fields: Fields) -> Entity:
    """Let a report of either service fail: the one with this id, or the next one."""
    code = fields.choice("ResultCode", report_files.FAILURES) or "809001"
    fields.check()
    if report_id == "-":
        settings = world.store.settings.get(report_files.REPORT_SETTINGS) or {"Id": report_files.REPORT_SETTINGS}
        return world.store.settings.save(settings | {"FailNext": code})
    if world.store.reports.get(report_id) is None:
        return reporting.fail(world, report_id, code)
    report = world.find(world.store.reports, report_id, "Report")
    if report["Status"] in ("FAILED", "EXPIRED"):
        raise invalid_action("The report is final already")
    return report_files.fail(world, world.store.reports, report, code)


def _create(world: World, call: Call, kind: str) -> Response:
    fields = Fields(call.body)
    now = world.clock.now()
    filters = _read_filters(fields.within("Filters"), kind, now)
    allowed = TRANSACTION_COLUMNS if kind == "TRANSACTIONS" else WALLET_COLUMNS
    defaults = TRANSACTION_DEFAULTS if kind == "TRANSACTIONS" else WALLET_COLUMNS
    report: Entity = {
        "Id": new_id("report_m_"),
        "Tag": fields.text("Tag"),
        "CreationDate": now,
        "ReportDate": None,
        "Status": "PENDING",
        "DownloadFormat": fields.choice("DownloadFormat", ("CSV",)) or "CSV",
        "DownloadURL": None,
        "CallbackURL": fields.http_url("CallbackURL") if fields.body.get("CallbackURL") != "" else None,
        "ReportType": kind,
        "Sort": fields.text("Sort") or "CreationDate:ASC",
        "Preview": bool(fields.flag("Preview")),
        "Filters": filters,
        "Columns": read_columns(fields, "Columns", allowed) or list(defaults),
        "ResultCode": None,
        "ResultMessage": None,
    }
    fields.check()
    world.store.reports.save(report)
    world.later("report.generate", report["Id"])
    return Answer(wire(report))


def _read_filters(filters: Fields, kind: str, now: int) -> Entity:
    """Return all filters of a kind, null where unset."""
    read: Entity = {name: filters.number(name) for name in ("BeforeDate", "AfterDate")}
    if kind == "TRANSACTIONS":
        read |= {name: _values(filters, name, allowed) for name, allowed in ENUMS.items()}
    for amount in RANGES[kind]:
        for name in (f"Min{amount}", f"Max{amount}"):
            # Clients send an empty text for an amount that was not given.
            read[f"{name}Amount"] = filters.number(f"{name}Amount") if filters.body.get(f"{name}Amount") != "" else None
            read[f"{name}Currency"] = filters.text(f"{name}Currency") or None
    read |= {name: filters.text(name) or None for name in IDS[kind]}
    _check_dates(filters, read, kind, now)
    return read


def _check_dates(filters: Fields, read: Entity, kind: str, now: int) -> None:
    span, back = REACH[kind]
    before, after = read["BeforeDate"] or now, read["AfterDate"]
    if after is None:
        return
    if after < now - back * DAY_S:
        filters.refuse("AfterDate", "This report type can only be done for the last 36 months.")
    elif after > before:
        filters.refuse("AfterDate", "The AfterDate must be earlier than the BeforeDate.")
    elif before - after > span * DAY_S:
        months = 6 if kind == "TRANSACTIONS" else 24
        filters.refuse("AfterDate", f"Max {months} months between AfterDate and BeforeDate.")


def _values(filters: Fields, name: str, allowed: tuple[str, ...] | None) -> list[str] | None:
    """Return the values of a filter that takes several, sent as a list or as one text."""
    value = filters.body.get(name)
    if value in (None, "", []):
        return None
    values = value if isinstance(value, list) else [value]
    for each in values:
        if not isinstance(each, str) or (allowed is not None and each.upper() not in allowed):
            filters.refuse(name, f"The requested value '{each}' was not found.")
    return values


def _plan(world: World, report: Entity) -> tuple[list[str], Source]:
    source: Callable[..., Source] = transaction_source if report["ReportType"] == "TRANSACTIONS" else wallet_source
    span = 184 if report["ReportType"] == "TRANSACTIONS" else 31
    before = min(report["Filters"]["BeforeDate"] or report["CreationDate"], report["CreationDate"] - LATEST_S)
    if report["ReportType"] == "WALLETS":
        before = report["Filters"]["BeforeDate"] or report["CreationDate"]
    after = report["Filters"]["AfterDate"]
    dates = (before - span * DAY_S if after is None else after, before)
    most = 10 if report["Preview"] else None
    is_newest_first = report["Sort"].upper().endswith(":DESC")
    return report["Columns"], source(world, report["Filters"], dates, newest_first=is_newest_first, most=most)


def _call_back(world: World, report: Entity) -> None:
    if report["CallbackURL"]:
        url = with_query(report["CallbackURL"], urlencode({"ResourceId": report["Id"]}))
        event = {"EventType": "REPORT_READY_FOR_DOWNLOAD", "ResourceId": report["Id"], "Date": report["ReportDate"]}
        world.outbox.call(url, event)


ROUTES = (
    Route("POST", f"{API}/reports/transactions", create_transactions),
    Route("POST", f"{API}/reports/wallets", create_wallets),
    Route("GET", f"{API}/reports", list_all),
    Route("GET", f"{API}/reports/{{ReportId}}", view),
    Route("GET", "/downloads/{File}", download, is_open=True),
)

ACTS = {"report.generate": generate, "report.expire": expire}

CONTROLS = {"report.fail": fail}
