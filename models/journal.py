"""The journal of operations: what was asked for, by whom and why, what was sent, and what became of it.

    draft ──► awaiting_approval ──► refused | expired | cancelled
      │            │
      └──► prepared ──► sent ──► succeeded | failed | accepted | unknown
               │                                        │            │
               └──► draft (nothing was sent)            └────────────┴──► succeeded | failed | accepted

A row is `sent` before its one request leaves. It goes back to where it came from only when it is known that Mangopay
did not take it: no connection was made, or the call was refused before it was read. Who moves a row guards the UPDATE
by the state it has seen, so that of two who try one does.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.columns import RowId, UtcDateTime, by_value
from models.environment import Environment


class State(StrEnum):
    """How far an operation has come."""

    # Filled in, or being so. Nothing is sent.
    DRAFT = "draft"
    # Asked for, and above the limit: another person decides.
    AWAITING_APPROVAL = "awaiting_approval"
    # A line of a batch whose turn has not come.
    QUEUED = "queued"
    # Decided, and looked at once more. Nothing is sent.
    PREPARED = "prepared"
    # On its way: from here on Mangopay may have it.
    SENT = "sent"
    # Mangopay has it and has not finished: CREATED, or waiting for the user.
    ACCEPTED = "accepted"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    # Sent, and no answer: it is being found out.
    UNKNOWN = "unknown"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ")


# What holds its source of money alone: no other may be prepared beside it.
UNDER_WAY = (State.PREPARED, State.SENT, State.UNKNOWN)
# Nothing more will happen to it.
FINAL = (State.SUCCEEDED, State.FAILED, State.REFUSED, State.EXPIRED, State.CANCELLED)
# May have moved money, or will.
COUNTS_AS_MADE = (State.PREPARED, State.SENT, State.ACCEPTED, State.SUCCEEDED, State.UNKNOWN)

# In the words of the partial indexes, which a query must repeat to be answered by them.
_HOLDS = "state IN ('prepared', 'sent', 'unknown') AND subject <> ''"
OPEN = "state IN ('prepared', 'sent', 'unknown', 'accepted')"


class Operation(SQLModel, table=True):
    """One operation. Texts are "" where there is nothing to tell; amounts are minor units."""

    __tablename__ = "operation"
    __table_args__ = (
        UniqueConstraint("operation_id"),
        UniqueConstraint("idempotency_key"),
        Index("ix_operation_newest", "environment", "id"),
        Index("ix_operation_state", "environment", "state", "id"),
        Index("ix_operation_kind", "environment", "kind", "id"),
        Index("ix_operation_asked_by", "environment", "asked_by", "id"),
        Index("ix_operation_asked_at", "environment", "asked_at"),
        Index("ix_operation_payee", "environment", "payee_id", "asked_at"),
        Index("ix_operation_object", "environment", "object_id"),
        Index("ix_operation_taken_from", "environment", "subject"),
        Index("ix_operation_batch", "batch_id", "line"),
        # Of two who would take the same money at once, the database lets one through.
        Index("ux_operation_subject", "environment", "subject", unique=True, sqlite_where=text(_HOLDS)),
        Index("ix_operation_open", "next_look_at", sqlite_where=text(OPEN)),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    # In addresses and in the `Tag` of what is sent.
    operation_id: str
    environment: Environment = Field(sa_type=by_value(Environment))
    # The name of one of `models.operations.kinds.OPERATIONS`.
    kind: str
    state: State = Field(default=State.DRAFT, sa_type=by_value(State))
    # What was typed, by Mangopay's names.
    values: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    # Method, path and body, as they leave: written before they do.
    request: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    idempotency_key: str
    # What the operator saw when deciding: compared with what is so.
    seen: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    # In words: "Refund 12.60 EUR to Alice Martin".
    sentence: str = ""
    reason: str = ""
    amount: int | None = Field(default=None, sa_type=RowId)
    currency: str = ""
    payee_id: str = ""
    # Where the money comes from: the pay-in to refund, the wallet to debit.
    subject: str = ""

    account_id: int | None = Field(default=None, sa_type=RowId)
    asked_by: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    # Of what was asked for, so that nothing else is approved.
    request_hash: str = ""
    decided_by: str = ""
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decision_reason: str = ""
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    object_id: str = ""
    object_status: str = ""
    result_code: str = ""
    # What it failed for, or why it is not known, in a sentence.
    failure: str = ""
    # Where a user has to go before it goes on.
    redirect_url: str = ""
    # Where it goes back to when nothing was sent: a draft, an approval or a line of a batch.
    came_from: State = Field(default=State.DRAFT, sa_type=by_value(State))
    # Until then whoever prepared or sent it is taken to be alive; afterwards it is looked at.
    next_look_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    looks: int = 0
    # How often it was prepared: who prepared it before moves it no more.
    claims: int = 0

    batch_id: int | None = Field(default=None, foreign_key="operation_batch.id", sa_type=RowId)
    line: int | None = None

    @property
    def label(self) -> str:
        return self.sentence or self.kind.replace("-", " ")


class BatchState(StrEnum):
    """How far a batch has come."""

    # Read and found right; nobody has said yes.
    CHECKED = "checked"
    AWAITING_APPROVAL = "awaiting_approval"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    EXPIRED = "expired"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ")


class OperationBatch(SQLModel, table=True):
    """A file of operations; its lines are rows of `operation`."""

    __tablename__ = "operation_batch"
    __table_args__ = (
        UniqueConstraint("batch_id"),
        Index("ix_operation_batch_newest", "environment", "id"),
        Index("ix_operation_batch_state", "state", "id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    batch_id: str
    environment: Environment = Field(sa_type=by_value(Environment))
    kind: str
    state: BatchState = Field(default=BatchState.CHECKED, sa_type=by_value(BatchState))
    file_name: str
    lines: int
    # In minor units by currency.
    totals: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    # How many lines have something that does not speak against them, but should be looked at.
    notices: int = 0
    reason: str = ""
    account_id: int | None = Field(default=None, sa_type=RowId)
    asked_by: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    request_hash: str = ""
    decided_by: str = ""
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decision_reason: str = ""
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # Why it does not go on just now, in a sentence.
    waits_for: str = ""
    # Until then it is one process's own.
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
