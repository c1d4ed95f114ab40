"""Every setting, read once from the environment or from .env. README lists them; a test sees to that."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.environment import Environment

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
        if self.public_url is not None and urlsplit(self.public_url).scheme not in ("http", "https"):
            raise ValueError("DASHBOARD_PUBLIC_URL must start with http:// or https://.")
        if self.production_api_key and not (self.public_url or "").startswith("https://"):
            raise ValueError("With a Production key, DASHBOARD_PUBLIC_URL must be set and start with https://.")
        if not self.environments:
            raise ValueError("DASHBOARD_LOCAL=off leaves no environment: set a Sandbox or Production key.")
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
