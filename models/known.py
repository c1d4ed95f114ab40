"""What the dashboard has learned by heart: users, since Mangopay's API cannot search them, and what belongs to them.

Texts are "" where Mangopay tells none. The two columns of words are what a search looks through; `services.search.fts`
makes them, and triggers keep the full-text table in step with them.
"""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.columns import RowId, UtcDateTime, by_value
from models.environment import Environment

# The words of a user without a name: no person types them, and they stand after every name.
NAMELESS = "\U0010ffff"
# Which users are to be read, in the words of the index that finds them.
TO_BE_READ = "read_at IS NULL OR is_stale"
MOST_RECENT = 20


class KnownUser(SQLModel, table=True):
    """A user. Lists tell neither name nor country: those are here once the user was read alone."""

    __tablename__ = "known_user"
    __table_args__ = (
        UniqueConstraint("environment", "user_id"),
        # A list in each of its orders; `id` settles what is equal.
        Index("ix_known_user_created_at", "environment", "created_at", "id"),
        Index("ix_known_user_name", "environment", "name_words", "id"),
        Index("ix_known_user_email", "environment", "email", "id"),
        Index("ix_known_user_kyc_level", "environment", "kyc_level", "id"),
        Index("ix_known_user_status", "environment", "status", "id"),
        Index("ix_known_user_category", "environment", "category", "id"),
        Index("ix_known_user_country", "environment", "country", "id"),
        # All that a list is narrowed by, so that counting looks at nothing else.
        Index(
            "ix_known_user_filters",
            *("environment", "category", "kyc_level", "status", "person_type", "country", "read_at"),
        ),
        Index("ix_known_user_to_be_read", "environment", "is_stale", "created_at", sqlite_where=text(TO_BE_READ)),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    environment: Environment = Field(sa_type=by_value(Environment))
    user_id: str
    person_type: str = ""
    name: str = ""
    legal_person_type: str = ""
    email: str = ""
    tag: str = ""
    category: str = ""
    kyc_level: str = ""
    status: str = ""
    # Of residence, or of the headquarters.
    country: str = ""
    # 1970 where Mangopay does not tell it.
    created_at: datetime = Field(sa_type=UtcDateTime)
    # When the user was last read alone; without it, name and country are not known.
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # Something has happened to the user since.
    is_stale: bool = False
    name_words: str = NAMELESS
    # Of the e-mail, the tag and the id.
    other_words: str = ""

    @property
    def label(self) -> str:
        """The name or, while it is not known, the e-mail or the id."""
        return self.name or self.email or self.user_id


class KnownObject(SQLModel, table=True):
    """An object that some page has seen, and whose it is; `user_id` is "" where that was not told."""

    __tablename__ = "known_object"
    __table_args__ = (
        UniqueConstraint("environment", "object_id"),
        Index("ix_known_object_user", "environment", "user_id", "seen_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    environment: Environment = Field(sa_type=by_value(Environment))
    object_id: str
    # The name of one of `models.objects.kinds.KINDS`.
    kind: str
    user_id: str = ""
    seen_at: datetime = Field(sa_type=UtcDateTime)


class IndexWalk(SQLModel, table=True):
    """How far the walk through all users of an environment has come, and which process is at it."""

    __tablename__ = "index_walk"

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    environment: Environment = Field(unique=True, sa_type=by_value(Environment))
    # The next page to read, of 100 users, the oldest first.
    page: int = 1
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # How many users there are, as the API counts them.
    total: int | None = None
    # What notifications said up to this delivery has been taken in.
    last_delivery_id: int | None = Field(default=None, sa_type=RowId)
    # Until then the walk is one process's own; no two ever claim it until the same moment.
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def is_under_way(self) -> bool:
        return self.started_at is not None and (self.finished_at is None or self.finished_at < self.started_at)


class RecentObject(SQLModel, table=True):
    """An object that somebody has looked at, under what it was called then."""

    __tablename__ = "recent_object"
    __table_args__ = (
        UniqueConstraint("account_id", "kind", "object_id"),
        Index("ix_recent_object_newest", "account_id", "environment", "seen_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    account_id: int = Field(foreign_key="account.id", ondelete="CASCADE", sa_type=RowId)
    environment: Environment = Field(sa_type=by_value(Environment))
    kind: str
    object_id: str
    label: str
    seen_at: datetime = Field(sa_type=UtcDateTime)
