"""SmtpMailer against real servers on loopback, good and bad."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from services.mail import mailers
from services.mail.mailers import Letter, NotSent, SmtpMailer, SmtpServer

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LETTER = Letter("olivia@example.com", "Your access: öffnen", "Choose a password here.\n\nŽluťoučký kůň.\n")
SENDER = "mangopay-dashboard@example.com"
HERE = "127.0.0.1"
# The same address by a name of which nobody knows that it is this machine's.
ELSEWHERE = "127.1"


@dataclass
class MailServer:
    """What a server has taken, and how it behaves."""

    port: int = 0
    refuses: str = ""
    answer: str = "250 OK"
    envelopes: list[Envelope] = field(default_factory=list)
    over_tls: list[bool] = field(default_factory=list)
    passwords: list[bytes] = field(default_factory=list)

    @property
    def messages(self) -> list[EmailMessage]:
        contents = [envelope.content for envelope in self.envelopes]
        return [message_from_bytes(c, policy=policy.default) for c in contents if isinstance(c, bytes)]

    async def handle_RCPT(  # noqa: N802  (the name aiosmtpd looks for)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address == self.refuses:
            return "550 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.envelopes.append(envelope)
        self.over_tls.append(session.ssl is not None)
        return self.answer

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.passwords.append(given.password)
        return AuthResult(success=given == LoginPassword(b"olivia", b"the right one"), handled=False)


@asynccontextmanager
async def serving(
    server: MailServer | None = None,
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    asks_for_password: bool = False,
) -> AsyncIterator[MailServer]:
    server = server or MailServer()
    loop = asyncio.get_running_loop()
    connections: list[SMTP] = []

    def connection() -> SMTP:
        protocol = SMTP(
            server,
            hostname="mail.example.com",
            tls_context=starttls,
            authenticator=server.authenticate if asks_for_password else None,
            auth_require_tls=False,
            loop=loop,
        )
        connections.append(protocol)
        return protocol

    listening = await loop.create_server(connection, HERE, 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        await _close(listening, connections)


async def _close(listening: asyncio.Server, connections: Sequence[SMTP]) -> None:
    listening.close()
    # Whoever found no trust has hung up in the midst of a handshake, for which aiosmtpd would wait on.
    talks = [protocol._handler_coroutine for protocol in connections if protocol._handler_coroutine]
    for talk in talks:
        talk.cancel()
    await asyncio.gather(*talks, return_exceptions=True)
    for protocol in connections:
        for transport in (protocol.transport, protocol._original_transport):
            if transport is not None:
                transport.close()
    await listening.wait_closed()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of this machine, with its key."""
    path = tmp_path_factory.mktemp("certificate") / "mail.pem"
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.com")])
    names = [x509.IPAddress(ip_address(HERE)), x509.DNSName(ELSEWHERE)]
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the certificate, as it would one of a known authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


async def test_a_letter_arrives_as_it_was_written(trusted: None) -> None:
    async with serving() as server:
        await _send(server)
    [envelope], [message] = server.envelopes, server.messages
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, ["olivia@example.com"])
    assert (message["From"], message["To"]) == (SENDER, "olivia@example.com")
    assert message["Subject"] == "Your access: öffnen"
    assert message["Date"].datetime == NOW
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n") == LETTER.text


async def test_the_sender_may_have_a_name() -> None:
    async with serving() as server:
        await _send(server, sender="Mangopay Dashboard <dashboard@example.com>")
    assert server.envelopes[0].mail_from == "dashboard@example.com"
    assert server.messages[0]["From"] == "Mangopay Dashboard <dashboard@example.com>"


@pytest.mark.parametrize(
    "to", ["[x]@example.com", "olivia@example.com\r\nBcc: mallory@example.com", "ölivia@example.com"]
)
async def test_an_address_that_mail_cannot_carry_is_not_sent_to(to: str) -> None:
    async with serving() as server:
        with pytest.raises(NotSent):
            await _send(server, to=to)
    assert server.envelopes == []


async def test_a_name_and_a_password_open_the_server() -> None:
    async with serving(asks_for_password=True) as server:
        await _send(server, password="the right one")
    assert server.passwords == [b"the right one"]
    assert len(server.messages) == 1


async def test_a_wrong_password_is_said_to_be_so_without_showing_it() -> None:
    async with serving(asks_for_password=True) as server:
        sentence = await _fails(server, password="a wrong one")
    assert sentence == "The mail server does not accept the user name and password in DASHBOARD_SMTP_URL."
    assert server.messages == []


async def test_an_address_that_the_server_does_not_take_is_said_to_be_so() -> None:
    async with serving(MailServer(refuses="olivia@example.com")) as server:
        assert await _fails(server) == "The mail server does not take mail for this address."
    assert server.messages == []


async def test_a_letter_that_the_server_does_not_take_is_said_to_be_so() -> None:
    async with serving(MailServer(answer="554 Looks like spam")) as server:
        assert await _fails(server) == "The mail server refused the mail with code 554."


async def test_a_server_that_is_not_there_is_said_to_be_so() -> None:
    with socket.socket() as reserved:
        reserved.bind((HERE, 0))
        sentence = await _fails(MailServer(port=reserved.getsockname()[1]))
    assert sentence == "The mail server cannot be reached."


async def test_a_server_that_hangs_up_is_said_to_be_so() -> None:
    async with _talking(lambda writer: writer.close()) as server:
        assert await _fails(server) == "The mail server cannot be reached."


async def test_a_server_that_says_nothing_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailers, "TIMEOUT_S", 0.05)
    async with _talking(lambda _writer: None) as server:
        assert await _fails(server) == "The mail server did not answer in time."


async def test_a_server_that_is_slow_at_every_step_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailers, "PATIENCE_S", 0.05)
    async with _talking(lambda _writer: None) as server:
        async with asyncio.timeout(10):
            assert (await _fails(server)).startswith("The mail server did not answer")


async def test_a_server_that_speaks_something_else_is_no_bug_of_ours() -> None:
    async with _talking(lambda writer: writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        assert (await _fails(server)).startswith("The mail server ")


async def test_a_server_elsewhere_that_offers_no_tls_is_told_nothing() -> None:
    async with serving(asks_for_password=True) as server:
        sentence = await _fails(server, host=ELSEWHERE, password="the right one")
    assert sentence.startswith("The mail server offers no TLS")
    assert server.passwords == []
    assert server.messages == []


async def test_a_server_elsewhere_is_spoken_to_over_tls(tls: ssl.SSLContext, trusted: None) -> None:
    async with serving(starttls=tls, asks_for_password=True) as server:
        await _send(server, host=ELSEWHERE, password="the right one")
    assert server.over_tls == [True]
    assert server.passwords == [b"the right one"]


async def test_a_server_elsewhere_with_a_certificate_that_nobody_trusts_is_told_nothing(tls: ssl.SSLContext) -> None:
    async with serving(starttls=tls, asks_for_password=True) as server:
        sentence = await _fails(server, host=ELSEWHERE, password="the right one")
    assert sentence.startswith("The certificate of the mail server is not trusted")
    assert server.passwords == []
    assert server.messages == []


@pytest.mark.parametrize("host", [HERE, ELSEWHERE])
async def test_smtps_is_spoken_over_tls_from_the_first_byte(tls: ssl.SSLContext, trusted: None, host: str) -> None:
    async with serving(tls=tls, asks_for_password=True) as server:
        await _send(server, host=host, password="the right one", tls_from_start=True)
    assert server.passwords == [b"the right one"]
    assert len(server.messages) == 1


@pytest.mark.parametrize("host", [HERE, ELSEWHERE])
async def test_smtps_with_a_certificate_that_nobody_trusts_is_told_nothing(tls: ssl.SSLContext, host: str) -> None:
    async with serving(tls=tls, asks_for_password=True) as server:
        sentence = await _fails(server, host=host, password="the right one", tls_from_start=True)
    assert sentence.startswith("The certificate of the mail server is not trusted")
    assert server.passwords == []


async def _send(
    server: MailServer,
    *,
    host: str = HERE,
    password: str | None = None,
    tls_from_start: bool = False,
    sender: str = SENDER,
    to: str = LETTER.to,
) -> None:
    handed_in = SmtpServer(
        host=host,
        port=server.port,
        username="olivia" if password else None,
        password=SecretStr(password) if password else None,
        tls_from_start=tls_from_start,
    )
    await SmtpMailer(handed_in, sender=sender).send(replace(LETTER, to=to), now=NOW)


async def _fails(
    server: MailServer, *, host: str = HERE, password: str | None = None, tls_from_start: bool = False
) -> str:
    """Return the sentence with which sending fails."""
    with pytest.raises(NotSent) as failed:
        await _send(server, host=host, password=password, tls_from_start=tls_from_start)
    assert password is None or password not in str(failed.value)
    return str(failed.value)


@asynccontextmanager
async def _talking(say: Callable[[asyncio.StreamWriter], object]) -> AsyncIterator[MailServer]:
    """A server that says one thing and waits until the other side hangs up."""

    ended = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        say(writer)
        await reader.read()
        writer.close()
        await writer.wait_closed()
        ended.set()

    listening = await asyncio.start_server(talk, HERE, 0)
    try:
        yield MailServer(port=listening.sockets[0].getsockname()[1])
        await ended.wait()
    finally:
        listening.close()
        await listening.wait_closed()
