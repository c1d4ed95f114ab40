"""Whether hooks do their work is told by what should have come and has not."""

from datetime import UTC, datetime, timedelta

import pytest

from models.environment import Environment
from models.notification import Notification
from services.database import Database
from services.notifications.hook_health import HookHealth, read_hook_health
from services.notifications.tokens import TokenBook, current_token, hook_url
from tests.actors import make_actor
from tests.services.overview.conftest import Clients, Told

SANDBOX = Environment.SANDBOX
OLIVIA = make_actor(environment=SANDBOX)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAYIN = "PAYIN_NORMAL_SUCCEEDED"


class Desk:
    """Hooks, what happened, what came, and what is made of it."""

    def __init__(self, told: Told, clients: Clients, database: Database) -> None:
        self._told, self._clients, self._database = told, clients, database
        self._tokens = TokenBook(database)

    async def hook(self, event_type: str = PAYIN, *, url: str = "", days_old: int = 30, **fields: str) -> None:
        url = url or hook_url("https://d.test", SANDBOX, await current_token(self._database, SANDBOX, now=NOW))
        await self._tokens.reload(now=NOW)
        made_at = int((NOW - timedelta(days=days_old)).timestamp())
        hook = {"Id": event_type, "EventType": event_type, "Url": url, "Status": "ENABLED", "Validity": "VALID"}
        self._told.hooks.append(hook | {"CreationDate": made_at} | fields)

    def happens(self, event_type: str = PAYIN, *, minutes_ago: int) -> None:
        at = int((NOW - timedelta(minutes=minutes_ago)).timestamp())
        self._told.events.append({"ResourceId": "payin_m_1", "EventType": event_type, "Date": at})

    async def comes(self, event_type: str = PAYIN, *, minutes_ago: int) -> None:
        at = NOW - timedelta(minutes=minutes_ago)
        async with self._database.session() as session:
            session.add(
                Notification(
                    environment=SANDBOX, event_type=event_type, resource_id=f"{minutes_ago}", date=1, delivery_count=1,
                    first_received_at=at, last_received_at=at,
                )
            )  # fmt: skip
            await session.commit()

    async def look(self) -> HookHealth:
        return await read_hook_health(OLIVIA, self._clients, self._database, self._tokens, now=NOW)


@pytest.fixture
def desk(told: Told, clients: Clients, database: Database) -> Desk:
    return Desk(told, clients, database)


async def test_all_is_well_when_the_newest_event_has_come(desk: Desk, told: Told) -> None:
    await desk.hook()
    desk.happens(minutes_ago=20)
    await desk.comes(minutes_ago=20)
    health = await desk.look()
    assert (list(health.missed), list(health.silent)) == ([], [])
    assert health.last_told_at == NOW - timedelta(minutes=20)
    assert len(told.calls) == 2


async def test_an_event_that_has_not_come_is_missed(desk: Desk) -> None:
    await desk.hook()
    desk.happens(minutes_ago=20)
    await desk.comes(minutes_ago=500)
    missed = (await desk.look()).missed
    assert [(one.event_type, one.at) for one in missed] == [(PAYIN, NOW - timedelta(minutes=20))]


async def test_one_that_never_brought_anything_is_missed_too(desk: Desk) -> None:
    await desk.hook()
    desk.happens(minutes_ago=20)
    assert (await desk.look()).missed


async def test_of_each_kind_the_newest_is_looked_for(desk: Desk, told: Told) -> None:
    """Whatever came last of another kind, and whether a hook is there for it, hides nothing."""
    for event_type in (PAYIN, "PAYOUT_NORMAL_SUCCEEDED"):
        await desk.hook(event_type)
    desk.happens(minutes_ago=40)
    desk.happens(minutes_ago=30)
    told.events += [
        {"ResourceId": "po_m_1", "EventType": name, "Date": int((NOW - timedelta(minutes=ago)).timestamp())}
        for name, ago in (("PAYOUT_NORMAL_SUCCEEDED", 20), ("KYC_FAILED", 10))
    ]
    await desk.comes(minutes_ago=40)
    health = await desk.look()
    assert [(one.event_type, NOW - one.at) for one in health.missed] == [
        ("PAYOUT_NORMAL_SUCCEEDED", timedelta(minutes=20)),
        (PAYIN, timedelta(minutes=30)),
    ]
    assert len(told.calls) == 2


async def test_what_may_still_come_is_not_missed(desk: Desk) -> None:
    await desk.hook()
    desk.happens(minutes_ago=3)
    assert not (await desk.look()).missed


@pytest.mark.parametrize(
    "fields",
    [
        {"url": "https://shop.test/hooks"},
        {"event_type": "KYC_FAILED"},
        {"Status": "DISABLED"},
        {"Validity": "INVALID"},
        {"days_old": 0},
    ],
    ids=["leads elsewhere", "of another type", "disabled", "invalid", "set up afterwards"],
)
async def test_what_no_hook_should_have_told_is_not_missed(desk: Desk, fields: dict[str, object]) -> None:
    await desk.hook(**fields)  # type: ignore[arg-type]
    desk.happens(minutes_ago=20)
    assert not (await desk.look()).missed


async def test_hooks_that_send_nothing_are_counted(desk: Desk) -> None:
    await desk.hook()
    await desk.hook("KYC_FAILED", Status="DISABLED")
    await desk.hook("KYC_SUCCEEDED", Validity="INVALID")
    assert [known.hook.event_type for known in (await desk.look()).silent] == ["KYC_FAILED", "KYC_SUCCEEDED"]


async def test_without_hooks_there_is_nothing_to_miss(desk: Desk) -> None:
    desk.happens(minutes_ago=20)
    health = await desk.look()
    assert (list(health.hooks), health.last_told_at, list(health.missed)) == ([], None, [])
