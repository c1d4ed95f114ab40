"""Plain answers for machines: /health (liveness with the state of its parts) and /metrics (Prometheus text)."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping

from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from services.database import Database
from services.loopback import is_from_this_machine
from services.metrics import Metrics
from services.notifications.writer import Writer

Part = Callable[[], Awaitable[str | None]]


class Health:
    """Answers 200 while every part is well, else 503; the JSON names each part and what ails it."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ailments = {name: await part() for name, part in self._parts.items()}
        is_well = not any(ailments.values())
        answer = {
            "status": "ok" if is_well else "failing",
            "parts": {name: ailment or "ok" for name, ailment in ailments.items()},
        }
        await JSONResponse(answer, 200 if is_well else 503)(scope, receive, send)


def database_part(database: Database) -> Part:
    async def check() -> str | None:
        try:
            await asyncio.to_thread(database.can_be_written)
        except SQLAlchemyError as error:
            return f"cannot be written: {error.__cause__ or type(error).__name__}"
        return None

    return check


def receiver_part(writer: Writer) -> Part:
    async def check() -> str | None:
        if not writer.is_running:
            return "the writer does not run"
        return f"hits are refused: {writer.ailment}" if writer.ailment else None

    return check


class MetricsPage:
    """Answers loopback, or whoever bears the token of its setting."""

    def __init__(self, metrics: Metrics, token: SecretStr | None) -> None:
        self._metrics = metrics
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response: Response
        if self._is_allowed(Request(scope)):
            response = Response(self._metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
        else:
            response = PlainTextResponse("Metrics are for this machine, or for the bearer of the token.\n", 403)
        await response(scope, receive, send)

    def _is_allowed(self, request: Request) -> bool:
        if self._token is not None:
            given = request.headers.get("authorization", "").encode()
            if hmac.compare_digest(given, f"Bearer {self._token.get_secret_value()}".encode()):
                return True
        return is_from_this_machine(request)
