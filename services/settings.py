"""Every setting, read once from the environment or from .env. README lists them; a test sees to that."""

from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.access import read_email
from models.environment import Environment
from models.operations.limits import Limits, parse_limits
from models.permissions import Role
from services.access.seal import SHORTEST_SECRET
from services.mail.mailers import SmtpServer

LOCAL_CLIENT_ID = "local"
LOCAL_API_KEY = "local-api-key"


class Settings(BaseSettings):
    """The settings of one process. API keys stay in here: never stored, never logged, never sent to a browser."""

    model_config = SettingsConfigDict(
        env_prefix="DASHBOARD_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        # An error must not print the keys that are set.
        hide_input_in_errors=True,
    )

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 behind a firewall or in a container.")
    port: int = Field(8080, ge=1, le=65535, description="Port to listen on.")
    data_dir: Path = Field(Path("data"), description="Folder of the database and of the emulator's state.")
    database_url: str | None = Field(None, description="SQLAlchemy URL; without it, SQLite in the data folder.")
    public_url: str | None = Field(
        None,
        description="The address browsers and Mangopay use, e.g. https://dashboard.example.com; http://localhost:PORT "
        "without it. With https, cookies are marked Secure.",
    )
    trusted_proxies: str = Field(
        "127.0.0.1", description="Comma-separated addresses whose X-Forwarded-For and X-Forwarded-Proto are believed."
    )
    production_url: str | None = Field(
        None, description="The address of Production's own door, where it has a host name of its own."
    )
    sandbox_url: str | None = Field(
        None, description="The address of the Sandbox's own door, where it has a host name of its own."
    )
    secret: SecretStr | None = Field(
        None,
        description="At least 32 characters that seal authenticator secrets; without it, the file `secret` in the data "
        "folder, made at first start.",
    )
    allowed_emails: str = Field(
        "",
        description="Space-separated e-mail addresses that may ask for an access without an invitation, as viewers, or "
        "as another role, in every environment or in one: olivia@example.com:admin@sandbox.",
    )
    smtp_url: SecretStr | None = Field(
        None,
        description="Mail server: smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465 (TLS).",
    )
    mail_from: str | None = Field(
        None, description="Sender of the dashboard's mail; mangopay-dashboard@ and the public host without it."
    )
    metrics_token: SecretStr | None = Field(
        None, description="Bearer token that opens /metrics to others than loopback."
    )
    news_feeds: str = Field(
        "https://blog.mangopay.com/en/home/rss.xml", description="Space-separated URLs of news feeds (RSS or Atom)."
    )
    status_feeds: str = Field(
        "https://status.mangopay.com/history.atom", description="Space-separated URLs of API status feeds."
    )
    local: bool | None = Field(
        None, description="`on` or `off`: the Local environment with its emulator; by itself on until a key is set."
    )
    sca_context: Literal["USER_PRESENT", "USER_NOT_PRESENT"] | None = Field(
        None,
        description="How wallets and transactions of OWNER users are read: USER_NOT_PRESENT where the platform has the "
        "proxy feature and its users' consent; without it Mangopay may ask for the user's authentication.",
    )
    approval_limits: str = Field(
        "",
        description="Above which amounts another person approves an operation, by currency, everywhere or in one "
        "environment: EUR:1000 EUR:250@production USD:1200. Without a limit, nobody else is asked.",
    )
    emulator_control: SecretStr | None = Field(
        None, description="Token that opens the Local emulator's control plane, under /emulator/_control."
    )
    sandbox_client_id: str | None = Field(
        None, validation_alias="MANGOPAY_SANDBOX_CLIENT_ID", description="ClientId in Mangopay's Sandbox."
    )
    sandbox_api_key: SecretStr | None = Field(
        None, validation_alias="MANGOPAY_SANDBOX_API_KEY", description="API key in Mangopay's Sandbox."
    )
    production_client_id: str | None = Field(
        None, validation_alias="MANGOPAY_PRODUCTION_CLIENT_ID", description="ClientId in Production."
    )
    production_api_key: SecretStr | None = Field(
        None, validation_alias="MANGOPAY_PRODUCTION_API_KEY", description="API key in Production."
    )

    @model_validator(mode="after")
    def _refuse_what_is_unsafe_or_half(self) -> "Settings":
        for name in ("sandbox", "production"):
            if bool(getattr(self, f"{name}_client_id")) != bool(getattr(self, f"{name}_api_key")):
                raise ValueError(
                    f"Set both MANGOPAY_{name.upper()}_CLIENT_ID and MANGOPAY_{name.upper()}_API_KEY, or neither."
                )
        if self.secret is not None and len(self.secret.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"DASHBOARD_SECRET must have at least {SHORTEST_SECRET} characters.")
        sender = self.mail_from
        if sender is not None and (not sender.isprintable() or read_email(parseaddr(sender)[1]) is None):
            raise ValueError(
                "DASHBOARD_MAIL_FROM must be an e-mail address, or a name with one: Dashboard <d@example.com>."
            )
        _read(self.smtp_server, "DASHBOARD_SMTP_URL")
        _read(self.allowed, "DASHBOARD_ALLOWED_EMAILS")
        _read(self.limits, "DASHBOARD_APPROVAL_LIMITS")
        if not self.environments:
            raise ValueError("DASHBOARD_LOCAL=off leaves no environment: set a Sandbox or Production key.")
        return self

    @model_validator(mode="after")
    def _refuse_urls_that_lead_astray(self) -> "Settings":
        for name in ("public_url", "production_url", "sandbox_url"):
            url = getattr(self, name)
            if url is not None:
                _refuse_unsafe_url(f"DASHBOARD_{name.upper()}", url, has_money=bool(self.production_api_key))
        if self.production_api_key and self.public_url is None:
            raise ValueError("With a Production key, DASHBOARD_PUBLIC_URL must be set and start with https://.")
        doors = [url for url in (self.production_url, self.sandbox_url) if url and url != self.public_url]
        if doors and self.public_url is None:
            raise ValueError("With DASHBOARD_PRODUCTION_URL or DASHBOARD_SANDBOX_URL, set DASHBOARD_PUBLIC_URL too.")
        if len({urlsplit(url).hostname for url in doors}) < len(doors):
            raise ValueError("DASHBOARD_PRODUCTION_URL and DASHBOARD_SANDBOX_URL must name different hosts.")
        if len({urlsplit(url).scheme for url in (self.public_url, *doors)}) > 1:
            raise ValueError("The URLs of all doors must start alike, with https:// or with http://: cookies go by it.")
        return self

    @property
    def environments(self) -> tuple[Environment, ...]:
        """The environments that are on, the most serious first."""
        on = []
        if self.production_api_key:
            on.append(Environment.PRODUCTION)
        if self.sandbox_api_key:
            on.append(Environment.SANDBOX)
        if self.local or (self.local is None and not on):
            on.append(Environment.LOCAL)
        return tuple(on)

    def allowed(self) -> dict[Environment, dict[str, Role]]:
        """Return, for each environment, who may ask for an access without an invitation, as what. Raises ValueError."""
        allowed: dict[Environment, dict[str, Role]] = {environment: {} for environment in Environment}
        for entry in self.allowed_emails.replace(",", " ").split():
            text, _, what = entry.partition(":")
            role, _, where = what.partition("@")
            email = read_email(text)
            if email is None:
                raise ValueError(f"{text} is not an e-mail address")
            if role not in ("", *Role):
                raise ValueError(f"{role} is none of {', '.join(Role)}")
            if where not in ("", *Environment):
                raise ValueError(f"{where} is none of {', '.join(Environment)}")
            for environment in (Environment(where),) if where else Environment:
                allowed[environment][email] = Role(role or Role.VIEWER)
        return allowed

    def limits(self) -> Limits:
        """Return above which amounts a second person approves. Raises ValueError."""
        return parse_limits(self.approval_limits)

    def smtp_server(self) -> SmtpServer | None:
        """Return where mail is handed in, if anywhere. Raises ValueError."""
        return SmtpServer.parse(self.smtp_url.get_secret_value()) if self.smtp_url else None

    @property
    def sender(self) -> str:
        return self.mail_from or f"mangopay-dashboard@{urlsplit(self.own_url).hostname}"

    def url_of(self, environment: Environment) -> str:
        """The address of an environment's door, without a slash at the end."""
        own = {Environment.PRODUCTION: self.production_url, Environment.SANDBOX: self.sandbox_url}.get(environment)
        return (own or self.own_url).rstrip("/")

    def client_id_of(self, environment: Environment) -> str:
        """The ClientId of an environment that is on."""
        return {
            Environment.LOCAL: LOCAL_CLIENT_ID,
            Environment.SANDBOX: self.sandbox_client_id or "",
            Environment.PRODUCTION: self.production_client_id or "",
        }[environment]

    @property
    def own_url(self) -> str:
        """The address people and Mangopay reach this dashboard by, without a slash at the end."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def loopback_url(self) -> str:
        """The address by which this process reaches itself."""
        host = self.host if self.host not in ("0.0.0.0", "::", "") else "127.0.0.1"  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'dashboard.sqlite3'}"


def _refuse_unsafe_url(name: str, url: str, *, has_money: bool) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"{name} must start with http:// or https://.")
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"{name} must be a scheme and a host, such as https://dashboard.example.com.")
    if has_money and not url.startswith("https://"):
        raise ValueError(f"With a Production key, {name} must start with https://.")


def _read(read: Callable[[], object], name: str) -> None:
    try:
        read()
    except ValueError as error:
        raise ValueError(f"{name} cannot be used: {error}.") from None
