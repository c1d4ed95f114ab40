"""access: invitations, second factor, audit log, mail"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # Rebuilt with AUTOINCREMENT: an id that a removed row had is never given again.
    with op.batch_alter_table("account", recreate="always", table_kwargs={"sqlite_autoincrement": True}) as account:
        account.alter_column("password_hash", existing_type=sa.String(), nullable=True)
        account.add_column(sa.Column("invited_at", sa.BigInteger(), nullable=True))
        account.add_column(sa.Column("suspended_at", sa.BigInteger(), nullable=True))
        account.add_column(sa.Column("totp_secret", sa.String(), nullable=True))
        account.add_column(sa.Column("totp_step", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("session", recreate="always", table_kwargs={"sqlite_autoincrement": True}) as session:
        session.add_column(sa.Column("address", sa.String(), nullable=False, server_default=""))
        session.add_column(sa.Column("device", sa.String(), nullable=False, server_default=""))
    # No link lives longer than half an hour: those of the version before are asked for again.
    op.drop_table("one_time_link")
    op.create_table(
        "one_time_link",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("environment", sa.String(40), nullable=False),
        sa.Column("account_id", ROW_ID, nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_one_time_link_account_id", "one_time_link", ["account_id"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_recovery_code_account_id", "recovery_code", ["account_id"], unique=False)
    op.create_table(
        "challenge",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_challenge_account_id", "challenge", ["account_id"], unique=False)
    op.create_table(
        "attempt",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_attempt_key", "attempt", ["key", "at"], unique=False)
    op.create_table(
        "mail",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("environment", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_mail_next_try_at", "mail", ["next_try_at"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("environment", sa.String(40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("role", sa.String(40), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_audit_entry_time", "audit_entry", ["environment", "at", "id"], unique=False)
    op.create_index("ix_audit_entry_who", "audit_entry", ["environment", "who", "at", "id"], unique=False)
    op.create_index("ix_audit_entry_act", "audit_entry", ["environment", "act", "at", "id"], unique=False)
    # INSERT OR REPLACE would delete without a DELETE's trigger.
    op.execute(
        "CREATE TRIGGER audit_entry_no_replace BEFORE INSERT ON audit_entry "
        "WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END"
    )
    for statement in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_entry_no_{statement.lower()} BEFORE {statement} ON audit_entry "
            "BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END"
        )


def downgrade() -> None:
    raise RuntimeError("There is no way back: it would throw the audit log away. Restore a backup instead.")
