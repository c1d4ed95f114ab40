from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from pydantic import SecretStr

from services.mail.mailers import LOCAL_KEEPS, Letter, LocalMailbox, SmtpServer, compose

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LETTER = Letter("olivia@example.com", "Your access", "Choose a password here.\n")
SENDER = "mangopay-dashboard@example.com"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.com", ("mail.example.com", 587, None, None, False)),
        ("smtps://mail.example.com/", ("mail.example.com", 465, None, None, True)),
        ("smtp://olivia:secret@mail.example.com:2525", ("mail.example.com", 2525, "olivia", "secret", False)),
        (
            "smtps://olivia%40example.com:p%40ss%2Fw%3Ard@mail.example.com",
            ("mail.example.com", 465, "olivia@example.com", "p@ss/w:rd", True),
        ),
        ("smtp://[2001:db8::1]:25", ("2001:db8::1", 25, None, None, False)),
    ],
)
def test_a_url_names_the_server(url: str, server: tuple[str, int, str | None, str | None, bool]) -> None:
    host, port, username, password, tls_from_start = server
    assert SmtpServer.parse(url) == SmtpServer(
        host=host,
        port=port,
        username=username,
        password=SecretStr(password) if password else None,
        tls_from_start=tls_from_start,
    )


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.com",
        "http://olivia:secret@mail.example.com",
        "smtp://olivia:secret@",
        "smtp://olivia:secret@mail.example.com:smtp",
        "smtp://olivia:secret@mail.example.com:99999",
        "smtp://olivia:secret@mail.example.com/inbox",
        "smtp://olivia:secret/with-a-slash@mail.example.com",
        "smtp://olivia:12/secret@mail.example.com",
        "smtp://olivia:12?secret@mail.example.com",
        "smtp://olivia:12#secret@mail.example.com",
        "smtp://olivia:[secret]@mail.example.com",
        "smtp://olivia:[secret@mail.example.com",
        "smtp://olivia:secret\uff1fwide@mail.example.com",
    ],
)
def test_what_is_no_url_of_a_mail_server_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ValueError, match="it must look like smtp://") as refused:
        SmtpServer.parse(url)
    assert "secret" not in str(refused.value)


def test_a_password_does_not_show() -> None:
    server = SmtpServer.parse("smtp://olivia:secret@mail.example.com")
    assert "secret" not in repr(server) + str(server)


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("[::1]", True),
        ("mail.example.com", False),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
        ("192.168.0.1", False),
        ("0.0.0.0", False),
        ("[2001:db8::1]", False),
    ],
)
def test_only_loopback_is_this_machine(host: str, is_here: bool) -> None:
    assert SmtpServer.parse(f"smtp://{host}:25").is_on_this_machine is is_here


def test_a_message_says_who_wrote_what_to_whom_and_that_no_person_did() -> None:
    message = compose(LETTER, sender="Dashboard <mangopay-dashboard@example.com>", now=NOW)
    read = message_from_bytes(message.as_bytes(), policy=policy.default)
    assert read["From"] == "Dashboard <mangopay-dashboard@example.com>"
    assert read["To"] == "olivia@example.com"
    assert read["Subject"] == "Your access"
    assert read["Date"].datetime == NOW
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Message-ID"].endswith("@example.com>")
    assert read.get_content_type() == "text/plain"
    assert read.get_content() == "Choose a password here.\n"


def test_each_message_has_an_id_of_its_own() -> None:
    ids = {compose(LETTER, sender=SENDER, now=NOW)["Message-ID"] for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.parametrize(
    "letter",
    [
        Letter("olivia@example.com\r\nBcc: mallory@example.com", "Your access", "text"),
        Letter("olivia@example.com\nBcc: mallory@example.com", "Your access", "text"),
        Letter("olivia@example.com", "Your access\r\nBcc: mallory@example.com", "text"),
        Letter("olivia@example.com", "Your access\n\nand more", "text"),
    ],
)
def test_a_line_break_in_an_address_or_a_subject_is_refused(letter: Letter) -> None:
    with pytest.raises(ValueError, match=r"linefeed|newline|carriage"):
        compose(letter, sender=SENDER, now=NOW)


def test_what_stands_in_the_text_makes_no_header() -> None:
    message = compose(Letter("olivia@example.com", "s", "Bcc: mallory@example.com\n\nmore\n"), sender=SENDER, now=NOW)
    assert message["Bcc"] is None


async def test_in_local_mail_is_printed() -> None:
    said: list[str] = []
    await LocalMailbox(said.append).send(LETTER, now=NOW)
    assert said == ["\nMail to olivia@example.com: Your access\n\nChoose a password here.\n"]


async def test_in_local_the_newest_letters_are_kept_newest_first() -> None:
    mailbox = LocalMailbox(lambda _: None)
    assert list(mailbox.kept) == []
    for number in range(LOCAL_KEEPS + 2):
        await mailbox.send(Letter("olivia@example.com", str(number), ""), now=NOW.replace(second=number))
    assert LOCAL_KEEPS == 50
    assert [letter.subject for _, letter in mailbox.kept] == [str(number) for number in range(51, 1, -1)]
    assert mailbox.kept[0][0] == NOW.replace(second=51)
