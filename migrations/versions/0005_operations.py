"""operations: the journal, batches"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HOLDS = "state IN ('prepared', 'sent', 'unknown') AND subject <> ''"
OPEN = "state IN ('prepared', 'sent', 'unknown', 'accepted')"


def upgrade() -> None:
    op.create_table(
        "operation_batch",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("environment", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("totals", sa.JSON(), nullable=False),
        sa.Column("notices", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("account_id", ROW_ID, nullable=True),
        sa.Column("asked_by", sa.String(), nullable=False),
        *_times("created_at", "changed_at", nullable=False),
        *_times("started_at", "ended_at"),
        *_decision(),
        sa.Column("waits_for", sa.String(), nullable=False),
        *_times("claimed_until"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("batch_id"),
    )
    op.create_index("ix_operation_batch_newest", "operation_batch", ["environment", "id"])
    op.create_index("ix_operation_batch_state", "operation_batch", ["state", "id"])
    op.create_table(
        "operation",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("operation_id", sa.String(), nullable=False),
        sa.Column("environment", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("amount", ROW_ID, nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("payee_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("account_id", ROW_ID, nullable=True),
        sa.Column("asked_by", sa.String(), nullable=False),
        *_times("created_at", "changed_at", nullable=False),
        *_times("asked_at", "sent_at", "ended_at"),
        *_decision(),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("object_status", sa.String(), nullable=False),
        sa.Column("result_code", sa.String(), nullable=False),
        sa.Column("failure", sa.String(), nullable=False),
        sa.Column("redirect_url", sa.String(), nullable=False),
        sa.Column("came_from", sa.String(40), nullable=False),
        *_times("next_look_at"),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("batch_id", ROW_ID, nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["operation_batch.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("operation_id"),
        sa.UniqueConstraint("idempotency_key"),
    )
    for name, columns in (
        ("newest", ["environment", "id"]),
        ("state", ["environment", "state", "id"]),
        ("kind", ["environment", "kind", "id"]),
        ("asked_by", ["environment", "asked_by", "id"]),
        ("asked_at", ["environment", "asked_at"]),
        ("payee", ["environment", "payee_id", "asked_at"]),
        ("object", ["environment", "object_id"]),
        ("taken_from", ["environment", "subject"]),
        ("batch", ["batch_id", "line"]),
    ):
        op.create_index(f"ix_operation_{name}", "operation", columns)
    # Of two who would take the same money at once, the database lets one through.
    op.create_index(
        "ux_operation_subject", "operation", ["environment", "subject"], unique=True, sqlite_where=sa.text(HOLDS)
    )
    op.create_index("ix_operation_open", "operation", ["next_look_at"], sqlite_where=sa.text(OPEN))


def downgrade() -> None:
    op.drop_table("operation")
    op.drop_table("operation_batch")


def _times(*names: str, nullable: bool = True) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger(), nullable=nullable) for name in names]


def _decision() -> list[sa.Column[Any]]:
    return [
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
    ]
