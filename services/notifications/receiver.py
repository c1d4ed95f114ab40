"""The HTTP edge of the inbox: `GET /{environment}/{token}?EventType=…&RessourceId=…&Date=…`, and 200 only after commit.

Mangopay sends a GET without body or signature and wants HTTP 200 within two seconds
(https://docs.mangopay.com/webhooks). We answer within one: 200 once the hit is on disk, else 503, so that it comes
again.
A plain ASGI application, because a framework around it costs thirty times what it does.
"""

import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from services.metrics import Metrics
from services.notifications.tokens import TokenBook
from services.notifications.writer import Hit, NotStored, Writer

LONGEST_QUERY = 2_048
EVENT_TYPE = re.compile(r"[A-Za-z0-9_]{1,100}")
RESOURCE_ID = re.compile(r"[ -~]{0,128}")
DATE = re.compile(r"[0-9]{1,11}")


class Malformed(Exception):
    """Raised for a hit that no retry will mend; the message is the sentence we answer."""


class Receiver:
    """Answers Mangopay. The path arrives without its prefix `/hooks`."""

    def __init__(self, writer: Writer, tokens: TokenBook, metrics: Metrics) -> None:
        self._writer = writer
        self._tokens = tokens
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        arrived_ns = time.perf_counter_ns()
        status, sentence = await self._answer(scope, arrived_ns)
        await _respond(send, status, sentence, with_body=scope["method"] != "HEAD")
        self._metrics.hit(status, (time.perf_counter_ns() - arrived_ns) / 1e9)

    async def _answer(self, scope: Scope, arrived_ns: int) -> tuple[int, str]:
        _, environment, token, *rest = f"{scope['path']}//".split("/")
        if any(rest) or not self._tokens.accepts(environment, token):
            return 404, "There is no receiver here.\n"
        if scope["method"] != "GET":
            return 405, "Notifications arrive by GET.\n"
        try:
            hit = read_hit(scope, environment=environment, arrived_ns=arrived_ns)
        except Malformed as error:
            return 400, f"{error}\n"
        try:
            await self._writer.store(hit)
        except NotStored:
            return 503, "This notification could not be stored; please send it again.\n"
        return 200, ""


def read_hit(scope: Scope, *, environment: str, arrived_ns: int) -> Hit:
    """Read a notification from its request, whatever the order of its parameters. Raises Malformed."""
    raw_query: bytes = scope["query_string"]
    if len(raw_query) > LONGEST_QUERY:
        raise Malformed(f"The query is longer than {LONGEST_QUERY} bytes.")
    query = raw_query.decode("latin-1")
    parameters = _parameters(query)
    # Mangopay writes RessourceId; should they ever mend it, the notification must not be lost.
    resource_id = parameters.get("RessourceId", parameters.get("ResourceId"))
    client = scope.get("client")
    return Hit(
        environment=environment,
        event_type=_checked("EventType", parameters.get("EventType"), EVENT_TYPE),
        resource_id=_checked("RessourceId", resource_id, RESOURCE_ID),
        date=int(_checked("Date", parameters.get("Date"), DATE)),
        received_at=time.time_ns() // 1_000_000,
        source_address=client[0] if client else "",
        user_agent=_user_agent(scope),
        raw_query=query,
        arrived_ns=arrived_ns,
    )


def _parameters(query: str) -> Mapping[str, str]:
    pairs = parse_qsl(query, keep_blank_values=True)
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise Malformed("A parameter is given more than once.")
    return parameters


def _checked(name: str, value: str | None, form: re.Pattern[str]) -> str:
    if value is None:
        raise Malformed(f"The parameter {name} is missing.")
    if not form.fullmatch(value):
        raise Malformed(f"The parameter {name} is not well-formed.")
    return value


def _user_agent(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"user-agent":
            agent: str = value[:500].decode("latin-1")
            return agent
    return ""


async def _respond(send: Send, status: int, sentence: str, *, with_body: bool) -> None:
    body = sentence.encode()
    headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"text/plain; charset=utf-8")]
    if status == 405:
        headers.append((b"allow", b"GET"))
    if status == 503:
        headers.append((b"retry-after", b"1"))
    start: dict[str, Any] = {"type": "http.response.start", "status": status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body if with_body else b""})
