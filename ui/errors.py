"""Error pages of our own: what happened, what to do, a reference to quote. NiceGUI's would show the exception."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import htpy as h
from fastapi import FastAPI
from nicegui import app as nicegui_app
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from models.permissions import RULES, Permission
from services.access.actors import Actor, Denied, SessionEnded
from services.access.audit import record_refusal
from services.access.door import Door
from services.access.team import list_admins
from ui.html import Shell

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refusals:
    """What somebody gets instead of what they asked for."""

    shell: Shell
    door: Door
    clock: Callable[[], datetime]

    def not_found(self, actor: Actor) -> Response:
        page = self.shell.error_page(
            404,
            "There is no such page.",
            "The address may be mistyped, or out of date. Everything can be reached from the start page.",
            environment=actor.environment,
            theme=actor.theme,
        )
        return HTMLResponse(page, 404)

    async def forbidden(self, actor: Actor, permission: Permission, path: str) -> Response:
        """Say what is missing and whom to ask, and write down who asked."""
        await record_refusal(actor, self.door.database, permission, about=path, now=self.clock())
        admins = await list_admins(actor, self.door)
        page = self.shell.page(
            "Not for your role",
            h.p(".muted")["Error 403"],
            h.h1["This page is not for your role."],
            h.p[
                f"You are signed in to {actor.environment.label} as {actor.role}. This page needs a role that may: "
                f"{RULES[permission].what[:1].lower()}{RULES[permission].what[1:]}."
            ],
            admins and h.p["These admins can change your role: ", ", ".join(admins), "."],
            h.p[h.a(href="/")["Back to the start page"]],
            environment=actor.environment,
            theme=actor.theme,
        )
        return HTMLResponse(page, 403)

    def busy(self, request: Request, error: OperationalError) -> Response:
        """Say to try again, for what the guard itself could not read or write."""
        return _busy(self.shell, request, error)

    def failed(self, request: Request, error: Exception) -> Response:
        return _failed(self.shell, request, error)


def register(outer: FastAPI, shell: Shell) -> None:
    """Have every page and every endpoint that fails answered with a plain page."""

    async def failed(request: Request, error: Exception) -> Response:
        return _failed(shell, request, error)

    async def busy(request: Request, error: Exception) -> Response:
        return _busy(shell, request, error)

    async def denied(request: Request, error: Exception) -> Response:
        # The guard let it pass; the session ended, or lost what it takes, while it was on its way.
        if isinstance(error, SessionEnded):
            return RedirectResponse("/sign-in", 303)
        log.warning("not allowed path=%s: %s", path_without_token(request), error)
        page = shell.error_page(403, "This is not for your role.", "Nothing was changed. Ask one of your admins.")
        return HTMLResponse(page, 403)

    async def refused(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        sentence = str(error.detail) if isinstance(error, HTTPException) and status not in (404, 405) else ""
        next_step = "Go back and try again, or start from the start page."
        page = shell.error_page(status, sentence or "There is no such page.", next_step)
        headers = error.headers if isinstance(error, HTTPException) else None
        return HTMLResponse(page, status, headers)

    for app in (nicegui_app, outer):
        app.add_exception_handler(HTTPException, refused)
        app.add_exception_handler(OperationalError, busy)
        app.add_exception_handler(Denied, denied)
        app.add_exception_handler(Exception, failed)
    nicegui_app.on_exception(_note_failed_event)


def _note_failed_event(error: Exception) -> None:
    # Somebody's session ended between the click and the act: nothing has happened, and their page is about to close.
    if not isinstance(error, Denied):
        log.error("an open page failed", exc_info=error)


def _failed(shell: Shell, request: Request, error: Exception) -> Response:
    reference = secrets.token_hex(4)
    log.error("page failed path=%s reference=%s", path_without_token(request), reference, exc_info=error)
    next_step = "Nothing was changed by it. Try once more; if it happens again, quote the reference to your developers."
    return HTMLResponse(shell.error_page(500, "This page could not be shown.", next_step, reference), 500)


def _busy(shell: Shell, request: Request, error: Exception) -> Response:
    log.warning("database refuses path=%s: %s", path_without_token(request), getattr(error, "orig", error))
    next_step = "Nothing was changed. It is busy, or its disk is full; try again in a moment."
    page = shell.error_page(503, "The database does not answer just now.", next_step)
    return HTMLResponse(page, 503, {"Retry-After": "5"})


def path_without_token(request: Request) -> str:
    """Return the path for a log, without the token of a one-time link."""
    start, found, _ = request.url.path.partition("/link/")
    return f"{start}{found}…" if found else start
