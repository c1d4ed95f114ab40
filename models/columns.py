"""Column types that mean the same on every database: UTC times, string enums, row ids."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Dialect, Enum, Integer
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def to_milliseconds(moment: datetime) -> int:
    """Return the whole milliseconds since 1970 of an aware moment; raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a stored time must be aware")
    return (moment - EPOCH) // MILLISECOND


def from_milliseconds(milliseconds: int) -> datetime:
    return EPOCH + milliseconds * MILLISECOND


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime, stored as an integer of milliseconds since 1970.

    SQLite's own DateTime(timezone=True) loses the offset, and whole milliseconds sort and page exactly.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else to_milliseconds(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002, ANN401
        return None if value is None else from_milliseconds(value)


def by_value(members: type[StrEnum]) -> Enum:
    """Return a column type that stores an enum by its value, as text, without a constraint that a new member breaks."""
    return Enum(members, native_enum=False, length=40, values_callable=lambda e: [member.value for member in e])


# SQLite hands out ids by itself only to a column that is exactly INTEGER PRIMARY KEY.
RowId = BigInteger().with_variant(Integer, "sqlite")
