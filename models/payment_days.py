"""Pay-ins day by day: how many succeeded and failed, as Mangopay counts their events, and what they came to, as a
report of Mangopay's tells. Days begin at midnight UTC.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Field, SQLModel

from models.columns import RowId, UtcDateTime, by_value
from models.environment import Environment

# What the chart shows, today being its last day.
SHOWN_DAYS = 14
# Events of a day may still be written down shortly after its end.
SETTLES_AFTER = timedelta(hours=1)
# A report that is not ready by then is given up.
REPORT_TAKES = timedelta(hours=1)


class PaymentDay(SQLModel, table=True):
    """One day of one environment."""

    __tablename__ = "payment_day"

    environment: Environment = Field(primary_key=True, sa_type=by_value(Environment))
    day: date = Field(primary_key=True)
    succeeded: int = Field(sa_type=RowId)
    failed: int = Field(sa_type=RowId)
    read_at: datetime = Field(sa_type=UtcDateTime)

    @property
    def is_final(self) -> bool:
        """A day that was counted after its end stays as it is, and is never asked for again."""
        return self.read_at >= bounds_of(self.day)[1] + SETTLES_AFTER

    @property
    def success_rate(self) -> float | None:
        """The part of those that came to an end which succeeded, from 0 to 1; None where none did."""
        ended = self.succeeded + self.failed
        return self.succeeded / ended if ended else None


class PaymentAmount(SQLModel, table=True):
    """What the pay-ins that were created on one day and succeeded took from payers, in one currency, in minor units."""

    __tablename__ = "payment_amount"

    environment: Environment = Field(primary_key=True, sa_type=by_value(Environment))
    day: date = Field(primary_key=True)
    currency: str = Field(primary_key=True)
    amount: int = Field(sa_type=RowId)


class PaymentReport(SQLModel, table=True):
    """The report about amounts that an environment last asked Mangopay for."""

    __tablename__ = "payment_report"

    environment: Environment = Field(primary_key=True, sa_type=by_value(Environment))
    # Empty while it is being asked for.
    report_id: str = ""
    asked_by: str
    asked_at: datetime = Field(sa_type=UtcDateTime)
    # It goes from the beginning of this day to when it was asked for.
    since: date
    # When its amounts were kept, and as of when they are.
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    as_of: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # Why it came to nothing.
    failure: str = ""

    def is_awaited(self, now: datetime) -> bool:
        return not self.failure and self.read_at is None and now < self.asked_at + REPORT_TAKES


def bounds_of(day: date) -> tuple[datetime, datetime]:
    """Return the moment a day begins, and the moment the next one does."""
    begin = datetime.combine(day, time(), UTC)
    return begin, begin + timedelta(days=1)


def shown_days(today: date) -> Sequence[date]:
    """Return the days of the chart, oldest first."""
    return [today - timedelta(days=back) for back in reversed(range(SHOWN_DAYS))]
