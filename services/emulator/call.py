"""One request, read in full before a handler sees it, so that handlers are plain functions and never interleave."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.requests import Request

from services.emulator.errors import ApiError, param_error
from services.emulator.store import Entity

# A page of a KYC document is at most 10 MB of base64.
MAX_BODY = 11_000_000


@dataclass(slots=True)
class Call:
    method: str
    path: str
    params: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    raw: bytes = b""
    # What happens by itself once the response is sent: a payout reaches the bank, a document is looked at.
    afterwards: list[Callable[[], None]] = field(default_factory=list)

    @property
    def body(self) -> Entity:
        """Return the JSON object sent, empty if there was none; raises ApiError 400 for anything else."""
        if not self.raw.strip():
            return {}
        try:
            body = json.loads(self.raw)
        except ValueError as error:
            raise param_error({"Body": "The request body is not valid JSON"}) from error
        if not isinstance(body, dict):
            raise param_error({"Body": "The request body must be a JSON object"})
        return body

    @property
    def form(self) -> dict[str, str]:
        """Return what was sent as a form, in the query or, as browsers do, in the body."""
        return self.query | dict(parse_qsl(self.raw.decode("utf-8", "replace")))


async def read_call(request: Request, params: dict[str, str]) -> Call:
    query: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        # A filter may be repeated instead of separated by commas.
        query[name] = f"{query[name]},{value}" if name in query else value
    return Call(
        method=request.method,
        path=request.scope["path"],
        params=params,
        query=query,
        headers=dict(request.headers),
        raw=await _read_body(request),
    )


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise ApiError(413, "request_entity_too_large", "The request body is too large")
    return bytes(body)
