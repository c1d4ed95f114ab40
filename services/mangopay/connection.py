"""One environment's connection to Mangopay: sends, repeats what may be repeated, and translates what goes wrong.

Only GET is ever repeated; a POST or PUT leaves once, for nobody knows what a lost answer hides.
"""

import asyncio
import json
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import httpx
import stamina
from pydantic import ValidationError

from models.environment import Environment
from models.mangopay.wire import WireModel
from services.mangopay.answers import read_json
from services.mangopay.auth import MangopayAuth
from services.mangopay.errors import (
    MangopayError,
    NoConnection,
    NonsenseAnswer,
    RateLimited,
    ServerError,
    TimedOut,
    Unreachable,
    error_of,
)
from services.mangopay.governor import Governor, Priority
from services.mangopay.limits import read_rate_limit
from services.mangopay.memory import Memory
from services.mangopay.paging import Page

TIMEOUT = httpx.Timeout(10.0, connect=2.0)
# An answer that drips in never trips a read timeout, so the whole call, token included, has an end too.
WHOLE_CALL_TIMEOUT_S = 20.0

# Told of the objects that were read, as they came, and of the API path they were read at; must not block.
OnRead = Callable[[str, Sequence[Mapping[str, object]]], None]
Wire = TypeVar("Wire", bound=WireModel)
Item = TypeVar("Item")
Read = TypeVar("Read")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrySchedule:
    """When a failed GET is tried again; no try starts once `timeout_s` and one more wait have passed."""

    attempts: int = 3
    timeout_s: float = 7.0
    first_wait_s: float = 0.2
    longest_wait_s: float = 2.0
    jitter_s: float = 0.3


class Connection:
    """Sends calls within the rate limits, and remembers answers for seconds; every failure is a MangopayError."""

    def __init__(
        self,
        environment: Environment,
        *,
        base_url: str,
        client_id: str,
        api_key: str,
        transport: httpx.AsyncBaseTransport | None,
        schedule: RetrySchedule,
        remembers_s: float,
        on_read: OnRead,
    ) -> None:
        self.environment = environment
        self.governor = Governor()
        self.memory: Memory[httpx.Response] = Memory(keeps_s=remembers_s)
        self._schedule = schedule
        self._on_read = on_read
        self._http = httpx.AsyncClient(
            base_url=base_url,
            auth=MangopayAuth(base_url=base_url, client_id=client_id, api_key=api_key),
            headers={"Accept": "application/json"},
            timeout=TIMEOUT,
            transport=transport,
        )

    async def aclose(self) -> None:
        await self._http.aclose()

    async def get(self, path: str, model: type[Wire], *, query: Mapping[str, str], priority: Priority) -> Wire:
        return await self._get(path, query, priority, lambda response: _read(response, model))

    async def get_raw(
        self, path: str, *, priority: Priority, query: Mapping[str, str] | None = None, fresh: bool = False
    ) -> dict[str, object]:
        return await self._get(path, query or {}, priority, _object, fresh=fresh, tells=lambda found: [found])

    async def get_page(
        self,
        path: str,
        read: Callable[[object], Item],
        *,
        page: int,
        per_page: int,
        query: Mapping[str, str],
        priority: Priority,
        fresh: bool = False,
        tells: Callable[[Page[Item]], Sequence[Mapping[str, object]]] | None = None,
    ) -> Page[Item]:
        """Return one page of a list; `read` makes an item of a row, and raises ValueError for one that is none."""
        whole_query = {"page": str(page), "per_page": str(per_page), **query}

        def read_page(response: httpx.Response) -> Page[Item]:
            return Page(
                items=_read_list(response, read),
                number=page,
                per_page=per_page,
                total_items=_whole_number(response.headers.get("x-number-of-items")),
                total_pages=_whole_number(response.headers.get("x-number-of-pages")),
                read_at=response.extensions["read_at"],
            )

        return await self._get(path, whole_query, priority, read_page, fresh=fresh, tells=tells)

    async def post(
        self, path: str, model: type[Wire], *, body: Mapping[str, object], idempotency_key: str | None
    ) -> Wire:
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return _read(await self._change("POST", path, body=body, headers=headers), model)

    async def post_raw(
        self,
        path: str,
        *,
        body: Mapping[str, object],
        idempotency_key: str | None,
        priority: Priority = Priority.CHANGE,
    ) -> dict[str, object] | None:
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return _object_or_none(await self._change("POST", path, body=body, headers=headers, priority=priority))

    async def put(self, path: str, model: type[Wire], *, body: Mapping[str, object]) -> Wire:
        return _read(await self._change("PUT", path, body=body), model)

    async def put_raw(self, path: str, *, body: Mapping[str, object]) -> dict[str, object] | None:
        return _object_or_none(await self._change("PUT", path, body=body))

    async def _get(
        self,
        path: str,
        query: Mapping[str, str],
        priority: Priority,
        read: Callable[[httpx.Response], Read],
        *,
        fresh: bool = False,
        tells: Callable[[Read], Sequence[Mapping[str, object]]] | None = None,
    ) -> Read:
        """Return what is read of an answer; `tells` picks the objects in it that others want to hear of."""
        key = str(httpx.URL(path, params=dict(query)))

        async def fetch() -> httpx.Response:
            return await self._get_anew(path, query, priority)

        # A file or a walk would push out what people look at.
        keep = priority is Priority.PERSON
        response = await self.memory.get(key, fetch, fresh=fresh, keep=keep, lane=priority)
        try:
            found = read(response)
        except NonsenseAnswer:
            # Whoever asks again may get a better answer.
            self.memory.forget(key)
            raise
        # An answer that is shown again tells nothing new.
        if tells is not None and not response.extensions.get("is_told"):
            response.extensions["is_told"] = True
            self._on_read(path, tells(found))
        return found

    async def _get_anew(self, path: str, query: Mapping[str, str], priority: Priority) -> httpx.Response:
        schedule = self._schedule
        async for attempt in stamina.retry_context(
            self._pause_after,
            attempts=schedule.attempts,
            timeout=schedule.timeout_s,
            wait_initial=schedule.first_wait_s,
            wait_max=schedule.longest_wait_s,
            wait_jitter=schedule.jitter_s,
        ):
            with attempt:
                response = await self._send("GET", path, priority, params=query)
                response.extensions["read_at"] = datetime.now(UTC)
                return response
        raise AssertionError("the last attempt returns or raises")

    def _pause_after(self, error: Exception) -> bool | float:
        """Say whether to try a GET again, or after how many seconds; a limit that frees late is not waited for."""
        if isinstance(error, RateLimited) and error.retry_at is not None:
            wait_s = max((error.retry_at - datetime.now(UTC)).total_seconds(), 0.0)
            jitter_s = random.uniform(0, self._schedule.jitter_s)  # noqa: S311  (spreads calls, guards nothing)
            return wait_s + jitter_s if wait_s <= self._schedule.longest_wait_s else False
        return isinstance(error, (Unreachable, ServerError))

    async def _change(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, object],
        headers: Mapping[str, str] | None = None,
        priority: Priority = Priority.CHANGE,
    ) -> httpx.Response:
        """Send what alters something; whatever was read before may be untrue from now on, done or not."""
        try:
            # A page of a document makes 9 MB of JSON, which the loop must not stand still for.
            content = await asyncio.to_thread(_written, body)
            headers = {"Content-Type": "application/json", **(headers or {})}
            return await self._send(method, path, priority, content=content, headers=headers)
        finally:
            self.memory.forget()

    async def _send(
        self,
        method: str,
        path: str,
        priority: Priority,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        request = self._http.build_request(method, path, params=params or None, content=content, headers=headers)
        retry_at = self.governor.refuses(priority)
        if retry_at is not None:
            raise RateLimited(request, retry_at=retry_at)
        self.governor.sent(priority)
        limit = None
        try:
            response = await self._exchange(request)
            limit = read_rate_limit(response.headers)
            if not response.is_success:
                raise error_of(response)
        except MangopayError as error:
            log.info("environment=%s %s", self.environment, error)
            raise
        finally:
            self.governor.hear(limit)
        return response

    async def _exchange(self, request: httpx.Request) -> httpx.Response:
        try:
            async with asyncio.timeout(WHOLE_CALL_TIMEOUT_S):
                return await self._http.send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise NoConnection(_blamed(error, request)) from error
        except (httpx.TimeoutException, TimeoutError) as error:
            raise TimedOut(_blamed(error, request)) from error
        except httpx.TransportError as error:
            raise Unreachable(_blamed(error, request)) from error
        except httpx.RequestError as error:
            raise NonsenseAnswer(_blamed(error, request)) from error


def _blamed(error: Exception, request: httpx.Request) -> httpx.Request:
    """Return the request that failed, which may be the token call before the one asked for."""
    return error.request if isinstance(error, httpx.RequestError) else request


def _written(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _json(response: httpx.Response) -> object:
    try:
        return read_json(response)
    except ValueError as error:
        raise NonsenseAnswer.of(response) from error


def _read(response: httpx.Response, model: type[Wire]) -> Wire:
    try:
        return model.model_validate(_json(response))
    except ValidationError as error:
        raise NonsenseAnswer.of(response) from error


def _object(response: httpx.Response) -> dict[str, object]:
    body = _json(response)
    if not isinstance(body, dict):
        raise NonsenseAnswer.of(response)
    return body


def _object_or_none(response: httpx.Response) -> dict[str, object] | None:
    """Return the object that came, or None where nothing was to come (204)."""
    return _object(response) if response.content else None


def _read_list(response: httpx.Response, read: Callable[[object], Item]) -> tuple[Item, ...]:
    rows = _json(response)
    if not isinstance(rows, list):
        raise NonsenseAnswer.of(response)
    try:
        return tuple(read(row) for row in rows)
    except ValueError as error:
        raise NonsenseAnswer.of(response) from error


def _whole_number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdecimal() else None
