"""The two ways a letter leaves: over SMTP, or in Local into the terminal and onto the "Local mail" page."""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
from pydantic import SecretStr

TIMEOUT_S = 15
# All steps together: a server that answers each one late holds up nobody else's mail for longer.
PATIENCE_S = 45
LOCAL_KEEPS = 50


class NotSent(Exception):
    """The letter did not leave; the sentence says why, and holds no password."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in plain text."""

    to: str
    subject: str
    text: str


class Mailer(Protocol):
    async def send(self, letter: Letter, *, now: datetime) -> None:
        """Send a letter. Raises NotSent."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed in. TLS from the first byte, or by STARTTLS; only a server on this machine goes without."""

    host: str
    port: int
    username: str | None
    password: SecretStr | None
    tls_from_start: bool

    @classmethod
    def parse(cls, url: str) -> "SmtpServer":
        """Read `smtp://user:password@host:587` or `smtps://…`. Raises ValueError."""
        # Neither the URL is repeated nor what urlsplit says of it: both may hold a password.
        wrong = ValueError("it must look like smtp://user:password@host:587 or smtps://user:password@host:465")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise wrong from None
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise wrong
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise wrong
        is_smtps = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=port or (465 if is_smtps else 587),
            username=unquote(parts.username) if parts.username else None,
            password=SecretStr(unquote(parts.password)) if parts.password else None,
            tls_from_start=is_smtps,
        )

    @property
    def is_on_this_machine(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


class SmtpMailer:
    """Hands letters to a mail server, each over a connection of its own."""

    def __init__(self, server: SmtpServer, *, sender: str) -> None:
        self._server = server
        self._sender = sender

    async def send(self, letter: Letter, *, now: datetime) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._hand_in(compose(letter, sender=self._sender, now=now))
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise NotSent(_sentence(error)) from error

    async def _hand_in(self, message: EmailMessage) -> None:
        server = self._server
        await aiosmtplib.send(
            message,
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password.get_secret_value() if server.password else None,
            use_tls=server.tls_from_start,
            # On the way to a server on this machine nobody listens, and its certificate is often a makeshift.
            start_tls=not (server.tls_from_start or server.is_on_this_machine),
            timeout=TIMEOUT_S,
        )


class LocalMailbox:
    """Keeps the newest letters in memory, and prints each: a link is good for 30 minutes, so no disk needs them."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._kept: deque[tuple[datetime, Letter]] = deque(maxlen=LOCAL_KEEPS)

    @property
    def kept(self) -> Sequence[tuple[datetime, Letter]]:
        """Return the letters with the moment each came, newest first."""
        return tuple(reversed(self._kept))

    async def send(self, letter: Letter, *, now: datetime) -> None:
        self._kept.append((now, letter))
        self._say(f"\nMail to {letter.to}: {letter.subject}\n\n{letter.text}")


def compose(letter: Letter, *, sender: str, now: datetime) -> EmailMessage:
    """Return the message as it goes over the wire. A line break in an address or subject raises ValueError."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].rstrip(">") or "localhost")
    # No vacation notice is to answer it. Source: RFC 3834
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message


def _sentence(error: Exception) -> str:
    if isinstance(error.__cause__, ssl.SSLError):
        error = error.__cause__
    match error:
        case aiosmtplib.SMTPAuthenticationError():
            return "The mail server does not accept the user name and password in DASHBOARD_SMTP_URL."
        case aiosmtplib.SMTPRecipientsRefused() | aiosmtplib.SMTPRecipientRefused():
            return "The mail server does not take mail for this address."
        case ssl.SSLError():
            return "The certificate of the mail server is not trusted, or its TLS does not work."
        case aiosmtplib.SMTPTimeoutError() | TimeoutError():
            return "The mail server did not answer in time."
        case aiosmtplib.SMTPConnectError() | aiosmtplib.SMTPServerDisconnected() | OSError():
            return "The mail server cannot be reached."
        case aiosmtplib.SMTPResponseException():
            return f"The mail server refused the mail with code {error.code}."
        case aiosmtplib.SMTPException() if "STARTTLS" in str(error):
            return "The mail server offers no TLS, without which mail is handed to a server on this machine only."
        case ValueError():
            return "No mail can be written from this sender to this address."
    return f"The mail server could not be used ({type(error).__name__})."
