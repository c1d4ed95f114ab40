"""Which environments are on, and what is refused."""

import os

import pytest
from pydantic import ValidationError

from models.environment import Environment
from models.permissions import Role
from services.settings import Settings

SANDBOX = {"MANGOPAY_SANDBOX_CLIENT_ID": "acme", "MANGOPAY_SANDBOX_API_KEY": "secret-key"}
PRODUCTION = {"MANGOPAY_PRODUCTION_CLIENT_ID": "acme", "MANGOPAY_PRODUCTION_API_KEY": "secret-key"}
ADDRESSES = ["DASHBOARD_PUBLIC_URL", "DASHBOARD_PRODUCTION_URL", "DASHBOARD_SANDBOX_URL"]
HTTPS = {"DASHBOARD_PUBLIC_URL": "https://dashboard.example.com"}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> "Read":
    for name in [name for name in os.environ if name.startswith(("DASHBOARD_", "MANGOPAY_"))]:
        monkeypatch.delenv(name)
    return Read(monkeypatch)


class Read:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, **variables: str) -> Settings:
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)
        return Settings(_env_file=None)


def test_without_keys_only_local_is_on(read: Read) -> None:
    settings = read()
    assert settings.environments == (Environment.LOCAL,)
    assert settings.own_url == settings.loopback_url.replace("127.0.0.1", "localhost") == "http://localhost:8080"


def test_a_key_turns_local_off_unless_it_is_asked_for(read: Read) -> None:
    assert read(**SANDBOX).environments == (Environment.SANDBOX,)
    assert read(DASHBOARD_LOCAL="on").environments == (Environment.SANDBOX, Environment.LOCAL)


def test_production_comes_first_and_wants_https(read: Read) -> None:
    with pytest.raises(ValidationError, match="https://"):
        read(**PRODUCTION)
    settings = read(DASHBOARD_PUBLIC_URL="https://dashboard.example.com/", **SANDBOX)
    assert settings.environments == (Environment.PRODUCTION, Environment.SANDBOX)
    assert settings.own_url == "https://dashboard.example.com"


@pytest.mark.parametrize(
    "variables",
    [
        {"MANGOPAY_SANDBOX_CLIENT_ID": "acme"},
        {"MANGOPAY_PRODUCTION_API_KEY": "secret-key"},
        {"DASHBOARD_LOCAL": "off"},
        {"DASHBOARD_PORT": "0"},
        {"DASHBOARD_PUBLIC_URL": "dashboard.example.com"},
    ],
)
def test_half_a_setting_is_refused(read: Read, variables: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        read(**variables)


@pytest.mark.parametrize("variables", [PRODUCTION, {"MANGOPAY_SANDBOX_API_KEY": "secret-key"}])
def test_a_refusal_never_shows_a_key(read: Read, variables: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        read(**variables)
    assert "secret-key" not in str(refused.value)


def test_an_api_key_is_never_shown(read: Read) -> None:
    settings = read(**SANDBOX)
    assert "secret-key" not in repr(settings) + str(settings.model_dump())


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", {}),
        (
            " Olivia@Example.com:admin  victor@example.com ",
            {"olivia@example.com": Role.ADMIN, "victor@example.com": Role.VIEWER},
        ),
        (
            "olivia@example.com:operator,ada@example.com:developer",
            {"olivia@example.com": Role.OPERATOR, "ada@example.com": Role.DEVELOPER},
        ),
        ("olivia@example.com:", {"olivia@example.com": Role.VIEWER}),
    ],
)
def test_who_may_ask_for_an_access_is_a_list_with_roles(read: Read, text: str, allowed: dict[str, Role]) -> None:
    assert read(DASHBOARD_ALLOWED_EMAILS=text).allowed() == dict.fromkeys(Environment, allowed)


def test_who_may_ask_for_an_access_may_be_so_in_one_environment_alone(read: Read) -> None:
    listed = "olivia@example.com:admin@sandbox olivia@example.com:viewer@production victor@example.com:@local"
    assert read(DASHBOARD_ALLOWED_EMAILS=listed).allowed() == {
        Environment.PRODUCTION: {"olivia@example.com": Role.VIEWER},
        Environment.SANDBOX: {"olivia@example.com": Role.ADMIN},
        Environment.LOCAL: {"victor@example.com": Role.VIEWER},
    }


def test_without_a_list_nobody_may_ask_for_an_access(read: Read) -> None:
    assert read().allowed() == {environment: {} for environment in Environment}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("olivia@example.com:owner", "owner is none of viewer, operator, approver, developer, admin"),
        ("olivia@example.com:Admin", "Admin is none of"),
        ("olivia@example.com:admin:viewer", "admin:viewer is none of"),
        ("olivia@example.com:admin@live", "live is none of local, sandbox, production"),
        ("olivia", "olivia is not an e-mail address"),
        ("olivia@example.com :admin", " is not an e-mail address"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_and_says_why(read: Read, text: str, says: str) -> None:
    with pytest.raises(ValidationError, match="DASHBOARD_ALLOWED_EMAILS cannot be used: ") as refused:
        read(DASHBOARD_ALLOWED_EMAILS=text)
    assert says in str(refused.value)


def test_a_secret_has_at_least_32_characters(read: Read) -> None:
    with pytest.raises(ValidationError, match="DASHBOARD_SECRET must have at least 32 characters") as refused:
        read(DASHBOARD_SECRET="s3cret" * 5 + "!")
    assert "s3cret" not in str(refused.value)
    settings = read(DASHBOARD_SECRET="s3cret" * 5 + "!!")
    assert settings.secret
    assert "s3cret" not in repr(settings)


def test_a_mail_server_is_read_from_its_url(read: Read) -> None:
    assert read().smtp_server() is None
    settings = read(DASHBOARD_SMTP_URL="smtps://olivia:s3cret@mail.example.com")
    server = settings.smtp_server()
    assert server
    assert (server.host, server.port, server.tls_from_start) == ("mail.example.com", 465, True)
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "imap://olivia:s3cret@mail.example.com",
        "smtp://olivia:s3cret@mail.example.com:smtp",
        "smtp://olivia:[s3cret]@mail.example.com",
        "smtp://olivia:s3cret\uff1f@mail.example.com",
        "smtp://olivia:s3cret",
    ],
)
def test_a_mail_server_that_cannot_be_read_is_refused_without_showing_it(read: Read, url: str) -> None:
    with pytest.raises(ValidationError, match="DASHBOARD_SMTP_URL cannot be used: it must look like ") as refused:
        read(DASHBOARD_SMTP_URL=url)
    assert "s3cret" not in str(refused.value)


def test_an_environment_with_a_host_name_of_its_own_has_its_own_address(read: Read) -> None:
    settings = read(
        **SANDBOX, **PRODUCTION, **HTTPS, DASHBOARD_PRODUCTION_URL="https://money.example.com/", DASHBOARD_LOCAL="on"
    )
    assert [settings.url_of(environment) for environment in settings.environments] == [
        "https://money.example.com",
        "https://dashboard.example.com",
        "https://dashboard.example.com",
    ]
    settings = read(DASHBOARD_SANDBOX_URL="https://try.example.com")
    assert settings.url_of(Environment.SANDBOX) == "https://try.example.com"
    assert settings.own_url == "https://dashboard.example.com"


@pytest.mark.parametrize("name", ADDRESSES)
def test_with_a_production_key_every_address_is_https(read: Read, name: str) -> None:
    addresses = dict.fromkeys(("DASHBOARD_PUBLIC_URL", name), "http://try.example.com")
    assert read(**SANDBOX, **addresses).environments == (Environment.SANDBOX,)
    with pytest.raises(ValidationError, match=r"With a Production key, DASHBOARD_.* must start with https://"):
        read(**PRODUCTION)


def test_the_addresses_of_all_doors_start_alike_and_differ(read: Read) -> None:
    with pytest.raises(ValidationError, match="must start alike"):
        read(**SANDBOX, **HTTPS, DASHBOARD_SANDBOX_URL="http://try.example.com")
    with pytest.raises(ValidationError, match="must name different hosts"):
        read(DASHBOARD_SANDBOX_URL="https://one.example.com", DASHBOARD_PRODUCTION_URL="https://one.example.com")
    assert (
        read(DASHBOARD_PRODUCTION_URL="https://two.example.com").url_of(Environment.SANDBOX).endswith("one.example.com")
    )


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("url", ["try.example.com", "ftp://try.example.com", ""])
def test_an_address_is_a_url_of_the_web(read: Read, name: str, url: str) -> None:
    with pytest.raises(ValidationError, match=f"{name} must start with http:// or https://"):
        read(**HTTPS | {name: url})


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("rest", ["/dashboard", "?a=b", "#top"])
def test_an_address_is_a_scheme_and_a_host_alone(read: Read, name: str, rest: str) -> None:
    with pytest.raises(ValidationError, match=f"{name} must be a scheme and a host"):
        read(**HTTPS | {name: f"https://try.example.com{rest}"})


@pytest.mark.parametrize("name", ADDRESSES[1:])
def test_an_environment_has_no_address_of_its_own_without_one_for_the_rest(read: Read, name: str) -> None:
    with pytest.raises(ValidationError, match="set DASHBOARD_PUBLIC_URL too"):
        read(**{name: "https://try.example.com"})


def test_mail_comes_from_the_public_host_unless_a_sender_is_set(read: Read) -> None:
    assert read().sender == "mangopay-dashboard@localhost"
    assert read(**HTTPS).sender == "mangopay-dashboard@dashboard.example.com"
    assert read(DASHBOARD_MAIL_FROM="Money <money@example.com>").sender == "Money <money@example.com>"


@pytest.mark.parametrize("sender", ["Dashboard", "Dashboard <dashboard>", ""])
def test_a_sender_that_is_no_email_is_refused(read: Read, sender: str) -> None:
    with pytest.raises(ValidationError, match="DASHBOARD_MAIL_FROM must be an e-mail address"):
        read(DASHBOARD_MAIL_FROM=sender)


def test_who_asks_for_an_access_must_know_the_client_id_of_that_environment(read: Read) -> None:
    settings = read(**SANDBOX, **PRODUCTION | {"MANGOPAY_PRODUCTION_CLIENT_ID": "acme-live"}, **HTTPS)
    assert {environment: settings.client_id_of(environment) for environment in Environment} == {
        Environment.LOCAL: "local",
        Environment.SANDBOX: "acme",
        Environment.PRODUCTION: "acme-live",
    }
