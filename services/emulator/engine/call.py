"""One request, read in full before a handler sees it, so that handlers are plain functions and never interleave."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive, Scope

from services.emulator.engine.errors import ApiError, param_error
from services.emulator.engine.store import Entity

# A page of a KYC document is at most 10 MB of base64.
MAX_BODY = 11_000_000
# Parameters of several words: some clients write them without any capitals.
PARAMETERS = (
    *("BeforeDate", "AfterDate", "ResultCode", "EventType", "DisputeType", "PaymentStatus", "RecipientScope"),
    *("PayoutMethodType", "RecipientType", "VirtualAccountPurpose", "ExternalProviderName", "ScaContext"),
)
DOCUMENTED = {name.lower(): name for name in (*PARAMETERS, "page", "per_page")}


@dataclass(slots=True)
class Call:
    method: str
    path: str
    params: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    raw: bytes = b""
    _body: Entity | None = None

    @property
    def body(self) -> Entity:
        """Return the JSON object sent, empty if there was none; raises ApiError 400 for anything else."""
        if self._body is None:
            self._body = self._parsed()
        return self._body

    @property
    def form(self) -> dict[str, str]:
        """Return what was sent as a form, in the query or, as browsers do, in the body."""
        return self.query | dict(parse_qsl(self.raw.decode("utf-8", "replace")))

    def _parsed(self) -> Entity:
        if not self.raw.strip():
            return {}
        try:
            body = orjson.loads(self.raw)
        except ValueError as error:
            raise param_error({"Body": "The request body is not valid JSON"}) from error
        if body is None or body == []:
            # What clients make of a body that has no members.
            return {}
        if not isinstance(body, dict):
            raise param_error({"Body": "The request body must be a JSON object"})
        return body


async def read_call(scope: Scope, receive: Receive, params: dict[str, str]) -> Call:
    return Call(
        method=scope["method"],
        path=scope["path"],
        params=params,
        query=_query(scope["path"], scope["query_string"]),
        headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
        raw=await _read_body(receive),
    )


def is_api(path: str) -> bool:
    """Tell the imitated API from the pages, feeds and vault beside it."""
    return path.lower().startswith(("/v2.01/", "/v3.0/"))


def _query(path: str, text: bytes) -> dict[str, str]:
    query: dict[str, str] = {}
    if text:
        for given, value in parse_qsl(text.decode("latin-1"), keep_blank_values=True, errors="replace"):
            name = _documented(given) if is_api(path) else given
            # A filter may be repeated instead of separated by commas.
            query[name] = f"{query[name]},{value}" if name in query else value
    return query


def _documented(name: str) -> str:
    """Return a parameter as the documentation writes it: clients say status, Status and Status[] alike."""
    name = name.removesuffix("[]")
    return DOCUMENTED.get(name.lower(), name[:1].upper() + name[1:])


async def _read_body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            # Half a request must not be taken for a whole one; nobody is there to read this.
            raise ApiError(400, "param_error", "The request was broken off")
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            raise ApiError(413, "request_entity_too_large", "The request body is too large")
        if not message.get("more_body", False):
            return bytes(body)
