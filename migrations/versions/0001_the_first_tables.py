"""the first tables"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("environment", sa.String(40), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("theme", sa.String(40), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_signed_in_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("environment", "email"),
    )
    op.create_table(
        "feed",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("environment", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=True),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("last_modified", sa.String(), nullable=True),
        sa.Column("last_success_at", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_check_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("environment", "url"),
    )
    op.create_table(
        "notification",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("environment", sa.String(40), nullable=False),
        sa.Column("event_type", sa.String(), nullable=False),
        sa.Column("resource_id", sa.String(), nullable=False),
        sa.Column("date", sa.BigInteger(), nullable=False),
        sa.Column("first_received_at", sa.BigInteger(), nullable=False),
        sa.Column("last_received_at", sa.BigInteger(), nullable=False),
        sa.Column("delivery_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("environment", "event_type", "resource_id", "date", name="uq_notification"),
    )
    op.create_index(
        "ix_notification_event_type",
        "notification",
        ["environment", "event_type", "first_received_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_notification_resource",
        "notification",
        ["environment", "resource_id", "first_received_at", "id"],
        unique=False,
    )
    op.create_index("ix_notification_time", "notification", ["environment", "first_received_at", "id"], unique=False)

    op.create_table(
        "one_time_link",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("environment", sa.String(40), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_table(
        "receiver_token",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("environment", sa.String(40), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "uq_receiver_token_current",
        "receiver_token",
        ["environment"],
        unique=True,
        sqlite_where=sa.text("expires_at IS NULL"),
    )

    op.create_table(
        "delivery",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("notification_id", ROW_ID, nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("source_address", sa.String(), nullable=False),
        sa.Column("user_agent", sa.String(), nullable=False),
        sa.Column("waited_us", sa.BigInteger(), nullable=False),
        sa.Column("raw_query", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notification.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_delivery_notification_id", "delivery", ["notification_id"], unique=False)

    op.create_table(
        "feed_entry",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("feed_id", ROW_ID, nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=True),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["feed_id"],
            ["feed.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("feed_id", "uid"),
    )
    op.create_index("ix_feed_entry_newest", "feed_entry", ["feed_id", "published_at"], unique=False)

    op.create_table(
        "session",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_session_account_id", "session", ["account_id"], unique=False)


def downgrade() -> None:
    op.drop_table("session")
    op.drop_table("feed_entry")
    op.drop_table("delivery")
    op.drop_table("receiver_token")
    op.drop_table("one_time_link")
    op.drop_table("notification")
    op.drop_table("feed")
    op.drop_table("account")
