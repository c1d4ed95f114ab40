"""The OAuth token: fetched once, shared by all calls, renewed before it ends.

Source: https://docs.mangopay.com/api-reference/overview/authentication
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

import httpx

from services.mangopay.answers import read_json
from services.mangopay.errors import TOKEN_PATH, NonsenseAnswer, asks_for_user_action, token_error_of

RENEWED_BEFORE_END_S = 30


@dataclass(frozen=True, slots=True)
class Token:
    value: str = field(repr=False)
    # On the clock of the auth that keeps it.
    renew_at_s: float


class MangopayAuth(httpx.Auth):
    """Puts the bearer token on every request; of many calls that find no good token, one fetches it."""

    def __init__(
        self, *, base_url: str, client_id: str, api_key: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._token_url = base_url.rstrip("/") + TOKEN_PATH
        self._basic = httpx.BasicAuth(client_id, api_key)
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token: Token | None = None

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        for is_last_try in (False, True):
            async with self._lock:
                token = self._token
                if token is None or self._clock() >= token.renew_at_s:
                    answer = yield self._token_request(request)
                    await answer.aread()
                    token = self._token = self._read_token(answer)
            request.headers["Authorization"] = f"Bearer {token.value}"
            response = yield request
            if response.status_code != 401 or asks_for_user_action(response) or is_last_try:
                return
            self._forget(token)

    def _token_request(self, request: httpx.Request) -> httpx.Request:
        # A request made by hand has no timeout of its own, so it gets that of the call it precedes.
        timeout = {"timeout": request.extensions["timeout"]}
        form = {"grant_type": "client_credentials"}
        return next(self._basic.auth_flow(httpx.Request("POST", self._token_url, data=form, extensions=timeout)))

    def _read_token(self, answer: httpx.Response) -> Token:
        if answer.status_code != 200:
            raise token_error_of(answer)
        try:
            body = read_json(answer)
        except ValueError as error:
            raise NonsenseAnswer.of(answer) from error
        match body:
            case {"access_token": str(value), "expires_in": int(lifetime_s)}:
                return Token(value, renew_at_s=self._clock() + lifetime_s - RENEWED_BEFORE_END_S)
        raise NonsenseAnswer.of(answer)

    def _forget(self, token: Token) -> None:
        # Another call may have brought a new one meanwhile.
        if self._token is token:
            self._token = None
