"""Which environments are on, and what is refused."""

import pytest
from pydantic import ValidationError

from models.environment import Environment
from services.settings import Settings

SANDBOX = {"MANGOPAY_SANDBOX_CLIENT_ID": "acme", "MANGOPAY_SANDBOX_API_KEY": "secret-key"}
PRODUCTION = {"MANGOPAY_PRODUCTION_CLIENT_ID": "acme", "MANGOPAY_PRODUCTION_API_KEY": "secret-key"}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> "Read":
    for name in (*SANDBOX, *PRODUCTION, "DASHBOARD_LOCAL", "DASHBOARD_PUBLIC_URL", "DASHBOARD_PORT"):
        monkeypatch.delenv(name, raising=False)
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
