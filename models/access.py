"""Who may come in: accounts, one-time links, the step between password and second factor, sessions.

Of links, sessions and recovery codes only hashes are stored.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import RowId, UtcDateTime, by_value
from models.environment import Environment
from models.permissions import Role

LINK_LIFETIME = timedelta(minutes=30)
INVITATION_LIFETIME = timedelta(days=7)
CHALLENGE_LIFETIME = timedelta(minutes=10)
LONGEST_EMAIL = 254
_PLAIN = r"[^@\s()<>\[\]:;,\\\"]"


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lasts: since somebody last did something, and in all."""

    idle: timedelta
    absolute: timedelta


_RELAXED = SessionLimits(idle=timedelta(hours=8), absolute=timedelta(days=7))
# Source: OWASP ASVS 4.0.3, 3.3.2, level 2, for where real money is; a working day and a week elsewhere.
SESSION_LIMITS = {
    Environment.PRODUCTION: SessionLimits(idle=timedelta(minutes=30), absolute=timedelta(hours=12)),
    Environment.SANDBOX: _RELAXED,
    Environment.LOCAL: _RELAXED,
}


class Theme(StrEnum):
    LIGHT = "light"
    DARK = "dark"
    SYSTEM = "system"


class LinkState(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    USED = "used"
    UNKNOWN = "unknown"


class AccountState(StrEnum):
    INVITED = "invited"
    INVITATION_LAPSED = "invitation lapsed"
    ACTIVE = "active"
    SUSPENDED = "suspended"


class Account(SQLModel, table=True):
    """One person's access to one environment. Without a password it is an invitation."""

    # No id is ever given twice: what still remembers a removed account must not take it for the next one.
    __table_args__ = (UniqueConstraint("environment", "email"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    environment: Environment = Field(sa_type=by_value(Environment))
    email: str
    role: Role = Field(sa_type=by_value(Role))
    password_hash: str | None = None
    theme: Theme = Field(default=Theme.SYSTEM, sa_type=by_value(Theme))
    created_at: datetime = Field(sa_type=UtcDateTime)
    invited_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_signed_in_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    suspended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # Sealed with the dashboard's secret; set once a first code has proved that the person has it.
    totp_secret: str | None = None
    # The newest time step whose code was used: no code works twice.
    totp_step: int = 0

    @property
    def has_second_factor(self) -> bool:
        return self.totp_secret is not None

    def state(self, now: datetime) -> AccountState:
        if self.suspended_at is not None:
            return AccountState.SUSPENDED
        if self.password_hash is not None:
            return AccountState.ACTIVE
        is_fresh = self.invited_at is not None and now < self.invited_at + INVITATION_LIFETIME
        return AccountState.INVITED if is_fresh else AccountState.INVITATION_LAPSED


class RecoveryCode(SQLModel, table=True):
    """Stands in once for a lost authenticator; its hash has a salt of its own."""

    __tablename__ = "recovery_code"

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    account_id: int = Field(foreign_key="account.id", index=True, sa_type=RowId)
    salt: str
    code_hash: str
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OneTimeLink(SQLModel, table=True):
    """A link that sets one access's password, once, for 30 minutes; the token itself is in the link alone."""

    __tablename__ = "one_time_link"

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    token_hash: str = Field(unique=True)
    environment: Environment = Field(sa_type=by_value(Environment))
    # Without an account it makes the first one, an admin's, and is void once somebody is in.
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True, sa_type=RowId)
    # Of the first one: whom it was sent to. Printed at start it has none, and whoever opens it names theirs.
    email: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def state(self, now: datetime) -> LinkState:
        if self.used_at is not None:
            return LinkState.USED
        return LinkState.VALID if now < self.expires_at else LinkState.EXPIRED


class Challenge(SQLModel, table=True):
    """Somebody gave the right password and owes a second factor, or owes setting one up. It opens no page."""

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    token_hash: str = Field(unique=True)
    account_id: int = Field(foreign_key="account.id", index=True, sa_type=RowId)
    created_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def is_open(self, now: datetime) -> bool:
        return self.ended_at is None and now < self.created_at + CHALLENGE_LIFETIME


class Session(SQLModel, table=True):
    """A signed-in browser; its cookie holds the token, this row its hash."""

    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    token_hash: str = Field(unique=True)
    account_id: int = Field(foreign_key="account.id", index=True, sa_type=RowId)
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # Where it was signed in from, and with what: "Firefox on Linux", as the browser says of itself.
    address: str = ""
    device: str = ""

    def ends_at(self, limits: SessionLimits) -> datetime:
        return min(self.last_seen_at + limits.idle, self.created_at + limits.absolute)

    def is_open(self, now: datetime, limits: SessionLimits) -> bool:
        """Whether it is neither revoked nor past its limits."""
        return self.revoked_at is None and now < self.ends_at(limits)


class Attempt(SQLModel, table=True):
    """One try at something that may be tried only so often; the key is a hash of who tried what."""

    __table_args__ = (Index("ix_attempt_key", "key", "at"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    key: str
    at: datetime = Field(sa_type=UtcDateTime)


def read_email(text: str) -> str | None:
    """Return an e-mail address as it is stored, trimmed and in lower case; None if the text is not one."""
    email = text.strip().lower()
    # Without what a mail's header would read as something else. Source: RFC 5322, 3.2.3, specials
    looks_like_one = len(email) <= LONGEST_EMAIL and re.fullmatch(rf"{_PLAIN}{{1,64}}@{_PLAIN}+", email) is not None
    return email if looks_like_one and email.isprintable() else None
