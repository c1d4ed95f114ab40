"""The files of reports, at an address that is known to whoever asked for the report, and what makes a report fail.

Source: https://docs.mangopay.com/api-reference/reports/report-object

Chosen: a link that has expired, or whose signature is not its own, is answered with 403.
"""

import secrets
from collections.abc import Callable

from starlette.responses import Response, StreamingResponse

from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError
from services.emulator.engine.store import Collection, Entity
from services.emulator.engine.world import World
from services.emulator.rules.reports import Source, write
from services.emulator.rules.result_codes import MESSAGES

# The setting that holds the result code with which the next report fails.
REPORT_SETTINGS = "reports"
FAILURES = ("805001", "809001")

# What a report is made of: its columns and its rows.
Plan = Callable[[World, Entity], tuple[list[str], Source]]


def download_url(world: World, report: Entity) -> str:
    report["_Signature"] = secrets.token_hex(16)
    return f"{world.config.base_url}/downloads/{report['Id']}.csv?Signature={report['_Signature']}"


def take_failure(world: World) -> str | None:
    """Return the code with which the report at hand has to fail, and forget it."""
    settings = world.store.settings.get(REPORT_SETTINGS) or {}
    code = settings.get("FailNext")
    if code:
        world.store.settings.save(settings | {"FailNext": None})
    return code


def fail(world: World, reports: Collection, report: Entity, code: str) -> Entity:
    report |= {
        "Status": "FAILED",
        "ReportDate": world.clock.now(),
        "ResultCode": code,
        "ResultMessage": MESSAGES[code],
        "DownloadURL": None,
    }
    return reports.save(report)


def answer(world: World, call: Call, reports: Collection, plan: Plan) -> Response:
    """Send the file of a report, row by row."""
    report = reports.get(call.params["File"].removesuffix(".csv"))
    if report is None or not report["DownloadURL"] or call.query.get("Signature") != report["_Signature"]:
        raise ApiError(403, "forbidden_ressource", "The download link is not valid, or not valid any more")
    columns, source = plan(world, report)
    disposition = {"Content-Disposition": f'attachment; filename="{report["Id"]}.csv"'}
    return StreamingResponse(write(world, columns, source), media_type="text/csv; charset=utf-8", headers=disposition)
