"""Reads what Mangopay answers: JSON that is really JSON, and error bodies in all their spellings.

Source: https://docs.mangopay.com/api-reference/overview/errors
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBody:
    """What an error's body and headers tell; all of it may be missing."""

    message: str | None = None
    type: str | None = None
    error_id: str | None = None
    request_id: str | None = None
    field_errors: Mapping[str, str] = field(default_factory=dict)


def read_json(response: httpx.Response) -> object:
    """Return the body as JSON.

    Raises:
        ValueError: it is empty, cut short, HTML, or nested beyond reason.
    """
    try:
        body: object = json.loads(response.content)
    except RecursionError as error:
        raise ValueError("JSON nested too deeply") from error
    # Half a character, which JSON can write and nothing else can: it would break whatever it is sent on by.
    return _mended(body) if _HALF_CHARACTER.search(response.content) else body


_HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")


def _mended(value: object) -> object:
    """Return JSON with a sign in place of each half of a character; whole ones stay."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_mended(each) for each in value]
        case dict():
            return {_mended(name): _mended(each) for name, each in value.items()}
    return value


def read_error_body(response: httpx.Response) -> ErrorBody:
    """Read Mangopay's own shape, the OAuth one of token calls, RFC 7807 of newer services, or nothing."""
    try:
        body = read_json(response)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        body = {}
    return ErrorBody(
        message=_first_text(body, "Message", "error_description", "title"),
        type=_first_text(body, "Type", "error", "type"),
        error_id=_first_text(body, "Id"),
        request_id=_first_text(body, "traceId") or response.headers.get("x-request-id"),
        field_errors=_field_errors(body.get("errors") or body.get("Errors")),
    )


def _first_text(body: dict[str, object], *names: str) -> str | None:
    values = (body.get(name) for name in names)
    return next((value for value in values if isinstance(value, str) and value), None)


def _field_errors(errors: object) -> dict[str, str]:
    if not isinstance(errors, dict):
        return {}
    return {str(name): _as_text(value) for name, value in errors.items()}


def _as_text(value: object) -> str:
    return "; ".join(str(part) for part in value) if isinstance(value, list) else str(value)
