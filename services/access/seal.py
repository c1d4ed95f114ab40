"""Seals authenticator secrets, which must not lie open in the database; the key is never in there."""

import base64
import os
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe

from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr

SHORTEST_SECRET = 32


class Broken(Exception):
    """What was sealed was sealed with another secret, for another purpose, too long ago, or by nobody of ours."""


class Seal:
    """Encrypts short texts with a key made from the dashboard's secret; what one purpose sealed no other opens."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def close(self, text: str, *, purpose: str, now: datetime) -> str:
        return self._of(purpose).encrypt_at_time(text.encode(), int(now.timestamp())).decode()

    def open(self, sealed: str, *, purpose: str, now: datetime, within: timedelta | None = None) -> str:
        """Return the text. `within` is how old it may be. Raises Broken."""
        token, fernet = sealed.encode("ascii", "replace"), self._of(purpose)
        try:
            if within is None:
                return fernet.decrypt(token).decode()
            return fernet.decrypt_at_time(token, int(within.total_seconds()), int(now.timestamp())).decode()
        except InvalidToken as error:
            raise Broken("That was not sealed here, or too long ago.") from error

    def _of(self, purpose: str) -> Fernet:
        # The secret has enough bits by itself, so one hash parts the purposes.
        digest = sha256(len(self._secret).to_bytes(4) + self._secret + purpose.encode()).digest()
        return Fernet(base64.urlsafe_b64encode(digest))


def read_secret(setting: SecretStr | None, *, data_dir: Path) -> str:
    """Return the setting or, without one, the secret in the data folder, which the first start makes.

    Raises ValueError when that file is damaged: with a wrong secret everything sealed would be lost.
    """
    if setting is not None:
        return setting.get_secret_value()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = data_dir / "secret"
    if not path.exists():
        made = data_dir / f".secret-{token_urlsafe(8)}"
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        # Of two processes that start at once one gives the file its name, and both read that one.
        with suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    secret = path.read_text()
    if len(secret) < SHORTEST_SECRET:
        raise ValueError(f"{path} is damaged: restore it from a backup, or every second factor must be set up anew.")
    return secret
