"""Who may come in: accounts, one-time links and sessions. Of links and sessions only hashes are stored."""

import re
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import RowId, UtcDateTime, by_value
from models.environment import Environment

LINK_LIFETIME = timedelta(minutes=30)
IDLE_LIMIT = timedelta(hours=8)
ABSOLUTE_LIMIT = timedelta(days=7)


class Role(StrEnum):
    """What an operator may do; the pages of today only read, which every role may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    APPROVER = "approver"
    DEVELOPER = "developer"
    ADMIN = "admin"


class Theme(StrEnum):
    LIGHT = "light"
    DARK = "dark"
    SYSTEM = "system"


class LinkState(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    USED = "used"
    UNKNOWN = "unknown"


class Account(SQLModel, table=True):
    """One person's access to one environment."""

    __table_args__ = (UniqueConstraint("environment", "email"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    environment: Environment = Field(sa_type=by_value(Environment))
    email: str
    role: Role = Field(sa_type=by_value(Role))
    password_hash: str
    theme: Theme = Field(default=Theme.SYSTEM, sa_type=by_value(Theme))
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_signed_in_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OneTimeLink(SQLModel, table=True):
    """A link that creates one access, once, for 30 minutes; the token itself is in the link alone."""

    __tablename__ = "one_time_link"

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    token_hash: str = Field(unique=True)
    environment: Environment = Field(sa_type=by_value(Environment))
    # Without an e-mail the link is the first one, printed at start: whoever opens it names theirs.
    email: str | None = None
    role: Role = Field(sa_type=by_value(Role))
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def state(self, now: datetime) -> LinkState:
        if self.used_at is not None:
            return LinkState.USED
        return LinkState.VALID if now < self.expires_at else LinkState.EXPIRED


class Session(SQLModel, table=True):
    """A signed-in browser; its cookie holds the token, this row its hash."""

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    token_hash: str = Field(unique=True)
    account_id: int = Field(foreign_key="account.id", index=True, sa_type=RowId)
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def is_open(self, now: datetime) -> bool:
        """Whether it is neither revoked, nor idle for 8 hours, nor 7 days old."""
        return self.revoked_at is None and now < min(self.last_seen_at + IDLE_LIMIT, self.created_at + ABSOLUTE_LIMIT)


def read_email(text: str) -> str | None:
    """Return an e-mail address as it is stored, trimmed and in lower case; None if the text is not one."""
    email = text.strip().lower()
    looks_like_one = re.fullmatch(r"[^@\s]{1,64}@[^@\s]{1,189}", email) is not None
    return email if looks_like_one and email.isprintable() else None
