"""Error pages of our own: what happened, what to do, a reference to quote. NiceGUI's would show the exception."""

import logging
import secrets

from nicegui import app as nicegui_app
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ui.html import Shell

log = logging.getLogger(__name__)


def register(shell: Shell) -> None:
    """Have every path that leads nowhere, and every page that fails, answered with a plain page."""

    @nicegui_app.exception_handler(404)
    async def not_found(_: Request, __: Exception) -> HTMLResponse:
        next_step = "The address may be mistyped, or out of date. Everything can be reached from the start page."
        return HTMLResponse(shell.error_page(404, "There is no such page.", next_step), 404)

    @nicegui_app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> HTMLResponse:
        reference = secrets.token_hex(4)
        log.error("page failed path=%s reference=%s", request.url.path, reference, exc_info=error)
        next_step = (
            "Nothing was changed by it. Try once more; if it happens again, quote the reference to your developers."
        )
        return HTMLResponse(shell.error_page(500, "This page could not be shown.", next_step, reference), 500)

    nicegui_app.on_exception(lambda error: log.error("an open page failed", exc_info=error))
