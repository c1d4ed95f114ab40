"""The reporting service: reports of money, of collected fees and of Echo, generated right after the answer.

Source: https://docs.mangopay.com/api-reference/reporting

Chosen: KYC_RENEWAL_DEADLINE lists every user with a deadline between the dates; an action of an Echo intent is each of
its captures, refunds, disputes and splits; DateRangeBy is CREATION_DATE or EXECUTION_DATE, or the field's own name.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import invalid_action, not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.listing import page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.rules import report_files
from services.emulator.rules.report_columns import REPORTING_COLUMNS
from services.emulator.rules.report_filters import read_columns
from services.emulator.rules.report_sources import source_of
from services.emulator.rules.reports import Source
from services.emulator.rules.result_codes import MESSAGES, SUCCESS

DAY_S = 86_400
LIFE_S = 31 * DAY_S
MOST_S, FARTHEST_S = 366 * DAY_S, 731 * DAY_S
FILTERS = (
    *("Currency", "UserId", "WalletId", "Type", "Status", "PaymentMethod", "ExternalProviderName", "IntentId"),
    *("Scheduled", "SettlementId"),
)
DATE_RANGES = ("CREATIONDATE", "EXECUTIONDATE")


def create(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    fields.require("DownloadFormat", "ReportType", "AfterDate", "BeforeDate")
    now, kind = world.clock.now(), fields.choice("ReportType", REPORTING_COLUMNS)
    usual, others = REPORTING_COLUMNS.get(str(kind), ((), ()))
    named = read_columns(fields, "Columns", (*usual, *others), key="Report") if kind else None
    report: Entity = {
        "Id": new_id("report_"),
        "Tag": fields.text("Tag"),
        "CreationDate": now,
        "ReportDate": None,
        "Status": "PENDING",
        "ResultCode": None,
        "ResultMessage": None,
        "DownloadFormat": fields.choice("DownloadFormat", ("CSV",)),
        "DownloadURL": None,
        "ReportType": kind,
        "Sort": fields.text("Sort") or "CreationDate:DESC",
        "AfterDate": fields.number("AfterDate"),
        "BeforeDate": fields.number("BeforeDate"),
        "DateRangeBy": _read_date_range(fields),
        "Filters": _read_filters(fields),
        "Columns": [{"Name": name, "IsDefault": name in usual} for name in named or usual],
    }
    _check_dates(fields, report, now)
    fields.check()
    world.store.reporting_reports.save(report)
    world.later("reporting.begin", report["Id"])
    return Answer(wire(report))


def view(world: World, call: Call) -> Response:
    return Answer(wire(_find(world, call.params["ReportId"])))


def list_all(world: World, call: Call) -> Response:
    return page(world, call, world.store.reporting_reports.all(), filters=("Status",), newest_first=True)


def download(world: World, call: Call) -> Response:
    return report_files.answer(world, call, world.store.reporting_reports, _plan)


def begin(world: World, report_id: str) -> None:
    report = world.store.reporting_reports.get(report_id)
    if report is not None and report["Status"] == "PENDING":
        report["Status"] = "GENERATING"
        world.store.reporting_reports.save(report)
        world.later("reporting.finish", report_id)


def finish(world: World, report_id: str) -> None:
    report = world.store.reporting_reports.get(report_id)
    if report is None or report["Status"] != "GENERATING":
        return
    failure = report_files.take_failure(world)
    if failure:
        fail(world, report_id, failure)
        return
    report |= {
        "Status": "GENERATED",
        "ReportDate": world.clock.now(),
        "ResultCode": SUCCESS,
        "ResultMessage": MESSAGES[SUCCESS],
        "DownloadURL": report_files.download_url(world, report),
    }
    world.store.reporting_reports.save(report)
    world.later("reporting.expire", report_id, after_s=LIFE_S)
    world.emit("REPORT_GENERATED", report_id)


def expire(world: World, report_id: str) -> None:
    report = world.store.reporting_reports.get(report_id)
    if report is not None and report["Status"] == "GENERATED":
        report |= {"Status": "EXPIRED", "DownloadURL": None}
        world.store.reporting_reports.save(report)


def fail(world: World, report_id: str, code: str) -> Entity:
    """Let a report that has not ended fail, and tell of it; raises ApiError 400 or 404."""
    report = _find(world, report_id)
    if report["Status"] in ("FAILED", "EXPIRED"):
        raise invalid_action("The report is final already")
    report_files.fail(world, world.store.reporting_reports, report, code)
    world.emit("REPORT_FAILED", report_id)
    return report


def _find(world: World, report_id: str) -> Entity:
    report = world.store.reporting_reports.get(report_id)
    if report is None:
        raise not_found("Report", report_id)
    return report


def _read_filters(fields: Fields) -> Entity | None:
    """Return the filters as they were sent, without those that say nothing."""
    filters = fields.within("Filters")
    read: Entity = {name: filters.text(name) for name in FILTERS if name != "Scheduled" and filters.body.get(name)}
    if filters.has("Scheduled"):
        read["Scheduled"] = filters.flag("Scheduled")
    if "Currency" in read and "WalletId" in read:
        fields.refuse("UserId & Currency", "User Id or Wallet Id has to be provided in filters")
    return read if fields.has("Filters") else None


def _read_date_range(fields: Fields) -> str | None:
    value = fields.text("DateRangeBy")
    if value and value.upper().replace("_", "") not in DATE_RANGES:
        fields.refuse("DateRangeBy", f"The requested value '{value}' was not found.")
    return value or None


def _check_dates(fields: Fields, report: Entity, now: int) -> None:
    after, before = report["AfterDate"], report["BeforeDate"]
    if after is None or before is None:
        return
    if after > before:
        fields.refuse("Report", "AfterDate must be earlier than BeforeDate.")
    elif before - after > MOST_S:
        fields.refuse("Report", "Max 12 months between AfterDate and BeforeDate.")
    elif after < now - FARTHEST_S:
        fields.refuse("Report", "This report type can only be done for the last 24 months.")


def _plan(world: World, report: Entity) -> tuple[list[str], Source]:
    return [column["Name"] for column in report["Columns"]], source_of(world, report)


ROUTES = (
    Route("POST", f"{API}/reporting/reports", create),
    Route("GET", f"{API}/reporting/reports", list_all),
    Route("GET", f"{API}/reporting/reports/{{ReportId}}", view),
)

ACTS = {"reporting.begin": begin, "reporting.finish": finish, "reporting.expire": expire}
