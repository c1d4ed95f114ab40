"""dashboard: incidents, pictures, what was read, who wants mail, pay-ins by day"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("feed", sa.Column("digest", sa.String(), nullable=False, server_default=""))
    op.add_column("feed_entry", sa.Column("is_listed", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("feed_entry", sa.Column("picture_url", sa.String(), nullable=True))
    op.add_column("feed_entry", sa.Column("phase", sa.String(40), nullable=True))
    op.add_column("feed_entry", sa.Column("starts_at", sa.BigInteger(), nullable=True))
    op.add_column("feed_entry", sa.Column("ends_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_feed_entry_open", "feed_entry", ["feed_id", "phase"])
    # What is there is read once more, for what was not kept of it.
    op.execute("UPDATE feed SET etag = NULL, last_modified = NULL")
    op.create_table(
        "feed_picture",
        sa.Column("entry_id", ROW_ID, nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["feed_entry.id"]),
        sa.PrimaryKeyConstraint("entry_id"),
    )
    op.create_table(
        "entry_read",
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("entry_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["feed_entry.id"]),
        sa.PrimaryKeyConstraint("account_id", "entry_id"),
    )
    op.create_index("ix_entry_read_entry_id", "entry_read", ["entry_id"])
    op.create_table(
        "status_subscription",
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "payment_day",
        sa.Column("environment", sa.String(40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("succeeded", ROW_ID, nullable=False),
        sa.Column("failed", ROW_ID, nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("environment", "day"),
    )
    op.create_table(
        "payment_amount",
        sa.Column("environment", sa.String(40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount", ROW_ID, nullable=False),
        sa.PrimaryKeyConstraint("environment", "day", "currency"),
    )
    op.create_table(
        "payment_report",
        sa.Column("environment", sa.String(40), nullable=False),
        sa.Column("report_id", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.Column("as_of", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("environment"),
    )


def downgrade() -> None:
    for table in (
        *("payment_report", "payment_amount", "payment_day"),
        *("status_subscription", "entry_read", "feed_picture"),
    ):
        op.drop_table(table)
    op.drop_index("ix_feed_entry_open", "feed_entry")
    with op.batch_alter_table("feed_entry") as entry:
        for column in ("ends_at", "starts_at", "phase", "picture_url", "is_listed"):
            entry.drop_column(column)
    with op.batch_alter_table("feed") as feed:
        feed.drop_column("digest")
