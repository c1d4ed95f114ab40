"""local index: known users and objects, their search, recent objects"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SORTED_BY = ("created_at", "email", "kyc_level", "status", "category", "country")
# The words have been taken apart and folded before they come here, by rules that are the same on every SQLite; the
# prefixes are those of one and of two letters, each after the letter of its environment.
FULL_TEXT = (
    """
    CREATE VIRTUAL TABLE user_text USING fts5(
      name_words, other_words, content='known_user', content_rowid='id', tokenize='ascii', prefix='2 3'
    )
    """,
    """
    CREATE TRIGGER known_user_added AFTER INSERT ON known_user BEGIN
      INSERT INTO user_text (rowid, name_words, other_words) VALUES (NEW.id, NEW.name_words, NEW.other_words);
    END
    """,
    """
    CREATE TRIGGER known_user_changed AFTER UPDATE OF name_words, other_words ON known_user
    WHEN OLD.name_words IS NOT NEW.name_words OR OLD.other_words IS NOT NEW.other_words BEGIN
      INSERT INTO user_text (user_text, rowid, name_words, other_words)
        VALUES ('delete', OLD.id, OLD.name_words, OLD.other_words);
      INSERT INTO user_text (rowid, name_words, other_words) VALUES (NEW.id, NEW.name_words, NEW.other_words);
    END
    """,
    """
    CREATE TRIGGER known_user_removed AFTER DELETE ON known_user BEGIN
      INSERT INTO user_text (user_text, rowid, name_words, other_words)
        VALUES ('delete', OLD.id, OLD.name_words, OLD.other_words);
    END
    """,
)


def upgrade() -> None:
    op.create_table(
        "known_user",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("environment", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("person_type", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("legal_person_type", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("kyc_level", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("listed_at", sa.BigInteger(), nullable=True),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.Column("is_stale", sa.Boolean(), nullable=False),
        sa.Column("name_words", sa.String(), nullable=False),
        sa.Column("other_words", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("environment", "user_id"),
    )
    for column in SORTED_BY:
        op.create_index(f"ix_known_user_{column}", "known_user", ["environment", column, "id"], unique=False)
    op.create_index("ix_known_user_name", "known_user", ["environment", "name_words", "id"], unique=False)
    op.create_index(
        "ix_known_user_filters",
        "known_user",
        ["environment", "category", "kyc_level", "status", "person_type", "country", "read_at"],
        unique=False,
    )
    op.create_index(
        "ix_known_user_to_be_read",
        "known_user",
        ["environment", "is_stale", "created_at"],
        unique=False,
        sqlite_where=sa.text("read_at IS NULL OR is_stale"),
    )
    for statement in FULL_TEXT:
        op.execute(statement)
    op.create_table(
        "known_object",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("environment", sa.String(40), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("environment", "object_id"),
    )
    op.create_index("ix_known_object_user", "known_object", ["environment", "user_id", "seen_at"], unique=False)
    op.create_table(
        "index_walk",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("environment", sa.String(40), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("last_delivery_id", ROW_ID, nullable=True),
        sa.Column("claimed_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("environment"),
    )
    op.create_table(
        "recent_object",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("environment", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "kind", "object_id"),
    )
    op.create_index("ix_recent_object_newest", "recent_object", ["account_id", "environment", "seen_at"], unique=False)
    op.create_index("ix_audit_entry_about", "audit_entry", ["environment", "about", "at", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_audit_entry_about", "audit_entry")
    # Its triggers go with the table.
    for table in ("user_text", "recent_object", "index_walk", "known_object", "known_user"):
        op.drop_table(table)
