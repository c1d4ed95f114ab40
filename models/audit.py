"""The audit log: who did what, when, from where, and how it ended. Rows are only ever added; a trigger sees to that."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.columns import RowId, UtcDateTime, by_value
from models.environment import Environment
from models.permissions import Role


class Act(StrEnum):
    """What was done or tried, in the words the log shows."""

    SIGN_IN = "sign in"
    ACCEPT_PASSWORD = "accept password"  # noqa: S105  (the name of an act)
    SECOND_FACTOR = "second factor"
    SIGN_OUT = "sign out"
    SIGN_OUT_EVERYWHERE = "sign out everywhere"
    END_SESSION = "end session"
    ASK_FOR_ACCESS = "ask for access"
    FORGOTTEN_PASSWORD = "forgotten password"  # noqa: S105
    SEND_MAIL = "send mail"
    OPEN_ACCESS = "open access"
    OPEN_LINK = "open link"
    SET_PASSWORD = "set password"  # noqa: S105
    SET_UP_SECOND_FACTOR = "set up second factor"
    REMOVE_SECOND_FACTOR = "remove second factor"
    NEW_RECOVERY_CODES = "new recovery codes"
    INVITE = "invite"
    CHANGE_ROLE = "change role"
    SUSPEND = "suspend"
    RESTORE = "restore"
    REMOVE = "remove"
    EXPORT = "export"
    CHANGE_HOOK = "change hook"
    UPDATE_PROFILE = "update profile"
    ADD_DOCUMENT = "add document"
    MONEY_OPERATION = "money operation"
    ROTATE_RECEIVER_URL = "rotate receiver url"
    NOT_ALLOWED = "not allowed"


class Outcome(StrEnum):
    """How it ended: done; refused by a rule of ours; failed for a reason outside. What is sent to Mangopay is also
    written down as asked before it leaves, so that a crash cannot hide it.
    """

    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class AuditEntry(SQLModel, table=True):
    """One line of the log. It names people by value, so that it outlives their access."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_time", "environment", "at", "id"),
        Index("ix_audit_entry_who", "environment", "who", "at", "id"),
        Index("ix_audit_entry_act", "environment", "act", "at", "id"),
        Index("ix_audit_entry_about", "environment", "about", "at", "id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    environment: Environment = Field(sa_type=by_value(Environment))
    at: datetime = Field(sa_type=UtcDateTime)
    act: Act = Field(sa_type=by_value(Act))
    outcome: Outcome = Field(sa_type=by_value(Outcome))
    # The e-mail of a person, or who else it was: "command line", "dashboard".
    who: str
    role: Role | None = Field(default=None, sa_type=by_value(Role))
    address: str = ""
    # Whom or what it was done to: an e-mail, an id, a file.
    about: str = ""
    detail: str = ""
