"""Notifications and their deliveries: what Mangopay told us, and each HTTP hit that told it.

The docs name a notification by EventType, RessourceId and Date, so those and the environment make one row.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.columns import RowId, UtcDateTime, by_value
from models.cursor import Cursor
from models.environment import Environment


class Notification(SQLModel, table=True):
    """One distinct event told to us; its deliveries say how often."""

    __table_args__ = (
        UniqueConstraint("environment", "event_type", "resource_id", "date", name="uq_notification"),
        # The three ways a page is turned: by time alone, by event type, by resource. `id` settles equal milliseconds.
        Index("ix_notification_time", "environment", "first_received_at", "id"),
        Index("ix_notification_event_type", "environment", "event_type", "first_received_at", "id"),
        Index("ix_notification_resource", "environment", "resource_id", "first_received_at", "id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    environment: Environment = Field(sa_type=by_value(Environment))
    event_type: str
    resource_id: str
    # Seconds since 1970, exactly as Mangopay sent them: part of the row's identity.
    date: int = Field(sa_type=BigInteger)
    first_received_at: datetime = Field(sa_type=UtcDateTime)
    last_received_at: datetime = Field(sa_type=UtcDateTime)
    delivery_count: int

    @property
    def is_test_ping(self) -> bool:
        """An empty resource id is the ping of Mangopay's "send test" button."""
        return self.resource_id == ""

    @property
    def place(self) -> Cursor:
        return Cursor(self.first_received_at, self.id or 0)

    @property
    def is_duplicated(self) -> bool:
        return self.delivery_count > 1


class Delivery(SQLModel, table=True):
    """One HTTP hit of a notification on our receiver."""

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    notification_id: int = Field(foreign_key="notification.id", index=True, sa_type=RowId)
    received_at: datetime = Field(sa_type=UtcDateTime)
    source_address: str
    user_agent: str
    # From arrival to the start of the transaction that stored it, in microseconds.
    waited_us: int = Field(sa_type=BigInteger)
    raw_query: str


class ReceiverToken(SQLModel, table=True):
    """The secret in an environment's receiver URL; a rotated one stays good until it expires."""

    __tablename__ = "receiver_token"
    __table_args__ = (
        Index("uq_receiver_token_current", "environment", unique=True, sqlite_where=text("expires_at IS NULL")),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    environment: Environment = Field(sa_type=by_value(Environment))
    token: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
