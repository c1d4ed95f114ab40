"""Who may call: ClientId and API key as Basic credentials, or a bearer token they were exchanged for.

Source: https://docs.mangopay.com/api-reference/overview/authentication
"""

import base64
import binascii
import secrets
import time

from services.emulator.call import Call
from services.emulator.config import EmulatorConfig
from services.emulator.errors import InvalidCredentialsError

TOKEN_LIFE_S = 1200


class Access:
    """Tokens live in memory: a restart ends them, and clients must fetch new ones, as they must at any time."""

    def __init__(self, config: EmulatorConfig) -> None:
        self._config = config
        self._expiry: dict[str, float] = {}

    def new_token(self) -> str:
        now = time.monotonic()
        self._expiry = {token: expiry for token, expiry in self._expiry.items() if expiry > now}
        token = secrets.token_hex(20)
        self._expiry[token] = now + TOKEN_LIFE_S
        return token

    def check(self, call: Call) -> None:
        """Raise InvalidCredentialsError unless the call may enter its ClientId's rooms."""
        scheme, _, credentials = call.headers.get("authorization", "").partition(" ")
        is_known = (scheme.lower() == "bearer" and self._expiry.get(credentials, 0.0) > time.monotonic()) or (
            scheme.lower() == "basic" and self.is_api_key(credentials)
        )
        if not is_known or call.params["ClientId"] != self._config.client_id:
            raise InvalidCredentialsError

    def is_api_key(self, credentials: str) -> bool:
        try:
            given = base64.b64decode(credentials, validate=True)
        except (binascii.Error, ValueError):
            return False
        return secrets.compare_digest(given, f"{self._config.client_id}:{self._config.api_key}".encode())
