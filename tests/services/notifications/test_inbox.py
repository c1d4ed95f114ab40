"""Pages of the inbox: every filter, turned both ways, against a plain reading of the same rows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from models.columns import to_milliseconds
from models.cursor import Cursor
from models.environment import Environment
from models.notification import Delivery, Notification
from models.notification_filter import NotificationFilter
from services.database import Database
from services.notifications import inbox
from services.notifications.inbox import InboxPage, read_page
from tests.actors import make_actor
from tests.services.notifications.inbox import NOW

OLIVIA = make_actor(environment=Environment.LOCAL)
TYPES = ("PAYIN_NORMAL_CREATED", "PAYIN_NORMAL_SUCCEEDED", "KYC_SUCCEEDED", "A_TYPE_OF_TOMORROW")


async def _fill(database: Database, *, rows: int = 240) -> list[Notification]:
    """Store rows a second apart (every fourth in the same millisecond as its neighbour), newest first."""
    notifications = [
        Notification(
            environment=Environment.SANDBOX if number % 7 == 0 else Environment.LOCAL,
            event_type=TYPES[number % 4],
            resource_id="" if number % 10 == 3 else f"r{number % 11}",
            date=number,
            first_received_at=NOW + timedelta(seconds=number - (1 if number % 4 == 1 else 0)),
            last_received_at=NOW + timedelta(seconds=number),
            delivery_count=2 if number % 9 == 0 else 1,
        )
        for number in range(rows)
    ]
    async with database.session() as session:
        session.add_all(notifications)
        await session.commit()
    return sorted(notifications, key=lambda row: (row.first_received_at, row.id), reverse=True)


FILTERS = [
    NotificationFilter(),
    NotificationFilter(event_type="KYC_SUCCEEDED"),
    NotificationFilter(group="Pay-ins"),
    NotificationFilter(group="Other"),
    NotificationFilter(resource_id="r3"),
    NotificationFilter(test_pings=True),
    NotificationFilter(duplicates=True),
    NotificationFilter(since=NOW + timedelta(seconds=50), until=NOW + timedelta(seconds=170)),
    NotificationFilter(event_type="KYC_SUCCEEDED", since=NOW + timedelta(seconds=50)),
    NotificationFilter(resource_id="r3", group="Pay-ins", duplicates=True),
    NotificationFilter(test_pings=True, event_type="KYC_SUCCEEDED", until=NOW + timedelta(seconds=120)),
    NotificationFilter(resource_id="r3", test_pings=True),
]


@pytest.mark.parametrize("wanted", FILTERS)
async def test_pages_turned_to_the_end_and_back_show_each_matching_row_once(
    database: Database, wanted: NotificationFilter
) -> None:
    rows = await _fill(database)
    expected = [row.id for row in rows if row.environment == Environment.LOCAL and wanted.matches(row)]

    forth = await _turn(database, wanted)
    assert _ids(forth) == expected
    assert forth[0].newer is None
    assert forth[-1].older is None
    if len(forth) > 1:
        page: InboxPage = forth[-1]
        back: list[InboxPage] = []
        while page.newer is not None:
            page = await read_page(OLIVIA, database, wanted, after=page.newer, limit=7)
            back.insert(0, page)
        assert _ids(back) == expected[: -len(forth[-1].notifications)]


@pytest.mark.parametrize(
    "wanted",
    [
        NotificationFilter(duplicates=True),
        NotificationFilter(group="Other"),
        NotificationFilter(group="Pay-ins", duplicates=True),
    ],
)
async def test_a_long_search_says_how_far_it_looked_and_goes_on_from_there(
    database: Database, wanted: NotificationFilter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "LOOKED_THROUGH", 13)
    rows = await _fill(database)
    expected = [row.id for row in rows if row.environment == Environment.LOCAL and wanted.matches(row)]

    pages = await _turn(database, wanted)
    assert _ids(pages) == expected
    looked = [page.looked_back_to for page in pages[:-1] if page.looked_back_to]
    assert looked
    assert all(later < earlier for earlier, later in pairwise(looked))
    assert pages[-1].looked_back_to is None


async def test_a_cursor_is_read_as_it_was_written_and_nonsense_is_refused() -> None:
    cursor = Cursor(NOW, 42)
    assert str(cursor) == f"{to_milliseconds(NOW)}.42"
    assert Cursor.parse(str(cursor)) == cursor
    for nonsense in ("", "1", "a.b", "1.", "9" * 40 + ".1"):
        assert Cursor.parse(nonsense) is None


async def test_one_notification_comes_with_its_deliveries_and_only_in_its_own_environment(database: Database) -> None:
    rows = await _fill(database, rows=4)
    told = rows[0]
    async with database.session() as session:
        session.add_all(_delivery(told, NOW + timedelta(minutes=minute)) for minute in range(3))
        await session.commit()

    actor, elsewhere = make_actor(environment=told.environment), make_actor(environment=Environment.PRODUCTION)
    found = await inbox.read_notification(actor, database, told.id or 0)
    assert found is not None
    assert found[0].id == told.id
    assert [delivery.received_at for delivery in found[1]] == [NOW + timedelta(minutes=minute) for minute in (2, 1, 0)]
    assert await inbox.read_notification(elsewhere, database, told.id or 0) is None
    assert await inbox.read_notification(actor, database, 4711) is None


async def test_what_was_told_since_names_each_notification_once_newest_first(database: Database) -> None:
    rows = await _fill(database, rows=5)
    before = await inbox.last_delivery_id(OLIVIA, database)
    async with database.session() as session:
        session.add_all(_delivery(row, NOW) for row in (rows[3], rows[1], rows[3]))
        await session.commit()
    after = await inbox.last_delivery_id(OLIVIA, database)

    assert (before, after) == (0, 3)
    actor = make_actor(environment=rows[1].environment)
    told = await inbox.told_since(actor, database, before, up_to=after, limit=10)
    assert [row.id for row in told] == [rows[1].id, rows[3].id]
    assert await inbox.told_since(actor, database, after, up_to=after, limit=10) == []


async def test_last_told_gives_the_newest_time_of_each_type_that_ever_came(database: Database) -> None:
    rows = await _fill(database)
    newest = next(r for r in rows if r.event_type == "KYC_SUCCEEDED" and r.environment == Environment.LOCAL)

    told = await inbox.last_told(OLIVIA, database, ["KYC_SUCCEEDED", "MANDATE_CREATED"])
    assert told == {"KYC_SUCCEEDED": newest.first_received_at}
    assert await inbox.last_told(OLIVIA, database, []) == {}


async def _turn(database: Database, wanted: NotificationFilter) -> list[InboxPage]:
    pages = [await read_page(OLIVIA, database, wanted, limit=7)]
    while pages[-1].older is not None:
        pages.append(await read_page(OLIVIA, database, wanted, before=pages[-1].older, limit=7))
    return pages


def _ids(pages: Sequence[InboxPage]) -> list[int | None]:
    return [row.id for page in pages for row in page.notifications]


def _delivery(notification: Notification, at: datetime) -> Delivery:
    return Delivery(
        notification_id=notification.id or 0,
        received_at=at,
        source_address="",
        user_agent="",
        waited_us=1,
        raw_query="",
    )
