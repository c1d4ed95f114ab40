"""Who may call: ClientId and API key as Basic credentials, or a bearer token they were exchanged for.

Source: https://docs.mangopay.com/api-reference/overview/authentication
"""

import base64
import binascii
import secrets

from services.emulator.engine.call import Call
from services.emulator.engine.clock import Clock
from services.emulator.engine.config import EmulatorConfig
from services.emulator.engine.errors import InvalidCredentialsError

TOKEN_LIFE_S = 1200
# How often in a row a key may be wrong, and for how long it is locked then: chosen, the documentation gives no figures.
MAX_BAD_TRIES = 10
LOCKED_S = 60


class Access:
    """Tokens live in memory: a restart ends them, and clients must fetch new ones, as they must at any time."""

    def __init__(self, config: EmulatorConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._expiry: dict[str, float] = {}
        self._bad_tries = 0
        self._locked_until = 0.0

    @property
    def is_locked(self) -> bool:
        return self._clock.time() < self._locked_until

    def reset(self) -> None:
        """Let nobody in by an old token, and nobody be locked out."""
        self._expiry.clear()
        self._bad_tries, self._locked_until = 0, 0.0

    def new_token(self) -> str:
        now = self._clock.time()
        self._bad_tries = 0
        self._expiry = {token: expiry for token, expiry in self._expiry.items() if expiry > now}
        token = secrets.token_hex(20)
        self._expiry[token] = now + TOKEN_LIFE_S
        return token

    def note_bad_try(self) -> None:
        self._bad_tries += 1
        if self._bad_tries >= MAX_BAD_TRIES:
            self._bad_tries, self._locked_until = 0, self._clock.time() + LOCKED_S

    def check(self, call: Call) -> None:
        """Raise InvalidCredentialsError unless the call may enter its ClientId's rooms."""
        scheme, _, credentials = call.headers.get("authorization", "").partition(" ")
        is_known = (scheme.lower() == "bearer" and self._expiry.get(credentials, 0.0) > self._clock.time()) or (
            scheme.lower() == "basic" and self.is_api_key(credentials)
        )
        if not is_known or call.params.get("ClientId", self._config.client_id) != self._config.client_id:
            raise InvalidCredentialsError

    def is_api_key(self, credentials: str) -> bool:
        try:
            given = base64.b64decode(credentials, validate=True)
        except (binascii.Error, ValueError):
            return False
        return secrets.compare_digest(given, f"{self._config.client_id}:{self._config.api_key}".encode())
