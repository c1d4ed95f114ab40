"""The days of the chart are counted in two calls each, and a finished one once for ever."""

from datetime import UTC, date, datetime, timedelta

from models.environment import Environment
from models.payment_days import SHOWN_DAYS, PaymentDay, shown_days
from services.database import Database
from services.overview.payment_days import count_day, keep_day, known_days
from tests.actors import make_actor
from tests.services.overview.conftest import Clients, Told

SANDBOX = Environment.SANDBOX
OLIVIA = make_actor(environment=SANDBOX)
TODAY, YESTERDAY = date(2026, 11, 22), date(2026, 11, 21)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def event(name: str, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> dict[str, object]:
    at = datetime(2026, 11, day, hour, minute, second, tzinfo=UTC)
    return {"ResourceId": "payin_m_1", "EventType": name, "Date": int(at.timestamp())}


async def test_a_day_is_counted_in_two_calls_of_one_row(told: Told, clients: Clients, database: Database) -> None:
    told.events = [
        event("PAYIN_NORMAL_SUCCEEDED", 20, 23, 59, 59),
        event("PAYIN_NORMAL_SUCCEEDED", 21, 0),
        event("PAYIN_NORMAL_SUCCEEDED", 21, 23, 59, 59),
        event("PAYIN_NORMAL_FAILED", 21, 5),
        event("PAYOUT_NORMAL_FAILED", 21, 5),
        event("PAYIN_NORMAL_SUCCEEDED", 22, 0),
    ]
    day = await count_day(OLIVIA, clients, YESTERDAY, now=NOON)
    assert day is not None
    assert (day.succeeded, day.failed, day.read_at) == (2, 1, NOON)
    assert [call.url.params["per_page"] for call in told.calls] == ["1", "1"]


async def test_a_finished_day_is_known_and_today_is_not(told: Told, clients: Clients, database: Database) -> None:
    for day in (YESTERDAY, TODAY):
        await count_and_keep(clients, database, day, now=NOON)
    known = await known_days(OLIVIA, database, [YESTERDAY, TODAY])
    assert known.keys() == {YESTERDAY}
    # What was counted before its end is counted again.
    await count_and_keep(clients, database, TODAY, now=NOON + timedelta(days=1))
    assert (await known_days(OLIVIA, database, [YESTERDAY, TODAY])).keys() == {YESTERDAY, TODAY}


async def test_another_environment_knows_days_of_its_own(told: Told, clients: Clients, database: Database) -> None:
    await count_day(OLIVIA, clients, YESTERDAY, now=NOON)
    assert await known_days(make_actor(environment=Environment.PRODUCTION), database, [YESTERDAY]) == {}


async def test_where_mangopay_does_not_count_nothing_is_made_up(
    told: Told, clients: Clients, database: Database
) -> None:
    told.counts_items = False
    told.events = [event("PAYIN_NORMAL_SUCCEEDED", 21, 5)]
    assert await count_day(OLIVIA, clients, YESTERDAY, now=NOON) is None
    assert await known_days(OLIVIA, database, [YESTERDAY]) == {}


def test_a_day_is_final_some_time_after_its_end() -> None:
    midnight = datetime(2026, 11, 22, tzinfo=UTC)
    day = PaymentDay(environment=SANDBOX, day=YESTERDAY, succeeded=3, failed=1, read_at=midnight)
    assert not day.is_final
    day.read_at = midnight + timedelta(hours=1)
    assert day.is_final
    assert day.success_rate == 0.75
    day.succeeded = day.failed = 0
    assert day.success_rate is None


def test_the_chart_ends_with_today() -> None:
    days = shown_days(TODAY)
    assert (days[0], days[-1], len(days)) == (TODAY - timedelta(days=SHOWN_DAYS - 1), TODAY, SHOWN_DAYS)


async def count_and_keep(clients: Clients, database: Database, day: date, *, now: datetime) -> None:
    counted = await count_day(OLIVIA, clients, day, now=now)
    assert counted is not None
    await keep_day(OLIVIA, database, counted)
