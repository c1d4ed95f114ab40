"""Mail that waits to be sent. What a link opens is not in here: the link is made in the moment it is sent."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.columns import RowId, UtcDateTime, by_value
from models.environment import Environment

# After each failure the next try waits so long; after the last one the mail is given up, and the log says so.
RETRY_SCHEDULE = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))


class MailKind(StrEnum):
    """Why somebody gets mail. The first three carry a one-time link, the last is about Mangopay."""

    ASKED_FOR_ACCESS = "asked for access"
    FORGOTTEN_PASSWORD = "forgotten password"  # noqa: S105  (the reason of a mail)
    INVITATION = "invitation"
    PASSWORD_SET = "password set"  # noqa: S105
    SECOND_FACTOR_SET_UP = "second factor set up"
    SECOND_FACTOR_REMOVED = "second factor removed"
    RECOVERY_CODE_USED = "recovery code used"
    RECOVERY_CODES_RENEWED = "recovery codes renewed"
    WRONG_CODES = "wrong codes"
    ROLE_CHANGED = "role changed"
    NEW_DEVICE = "new device"
    STATUS = "status"


class Mail(SQLModel, table=True):
    """One mail to send, or one wish for a link that may turn out to be nobody's."""

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    environment: Environment = Field(sa_type=by_value(Environment))
    kind: MailKind = Field(sa_type=by_value(MailKind))
    email: str
    # The ClientId that was given with a wish for an access; whether it is the right one is decided when it is sent.
    client_id: str | None = None
    # From where it was asked for, or what a notice tells of.
    address: str = ""
    detail: str = ""
    created_at: datetime = Field(sa_type=UtcDateTime)
    failures: int = 0
    next_try_at: datetime = Field(index=True, sa_type=UtcDateTime)
    last_error: str | None = None


def next_try_at(failures: int, *, now: datetime) -> datetime | None:
    """Return when a mail that has failed so often is tried again; None when it is given up."""
    return now + RETRY_SCHEDULE[failures - 1] if failures <= len(RETRY_SCHEDULE) else None
