import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from models.environment import Environment
from models.notification import Notification
from models.notification_filter import NotificationFilter
from models.permissions import Role
from services.access.actors import SessionEnded
from services.notifications.inbox import read_page
from services.notifications.writer import Hit
from tests.actors import make_actor
from tests.services.notifications.inbox import Inbox
from ui.live import MOST_AT_ONCE, Live

LOCAL, SANDBOX = Environment.LOCAL, Environment.SANDBOX
OLIVIA, SANDBOX_OLIVIA = make_actor(environment=LOCAL), make_actor(environment=SANDBOX)


@dataclass(eq=False)
class Page:
    """An open page: every time it was told of news, the resource ids it was told of."""

    told: list[list[str]] = field(default_factory=list)

    def hear(self, news: Sequence[Notification]) -> None:
        self.told.append([notification.resource_id for notification in news])


@pytest.fixture
def live(inbox: Inbox) -> Live:
    return Live(inbox.database)


async def happen(inbox: Inbox, resource_id: str, environment: Environment = LOCAL) -> None:
    await inbox.writer.store(
        Hit(
            environment=environment,
            event_type="PAYIN_NORMAL_SUCCEEDED",
            resource_id=resource_id,
            date=1_790_000_000,
            received_at=time.time_ns() // 1_000_000,
            source_address="203.0.113.7",
            user_agent="",
            raw_query="",
            arrived_ns=time.perf_counter_ns(),
        )
    )


async def test_a_page_is_told_once_what_came_since_it_listens_newest_first(inbox: Inbox, live: Live) -> None:
    page = Page()
    await happen(inbox, "before")
    await live.listen(OLIVIA, page.hear)
    await happen(inbox, "first")
    await happen(inbox, "second")
    await live.turn()
    await live.turn()
    assert page.told == [["second", "first"]]


async def test_a_repeated_delivery_is_told_too(inbox: Inbox, live: Live) -> None:
    counts: list[int] = []
    await happen(inbox, "payin")
    await live.listen(OLIVIA, lambda news: counts.extend(notification.delivery_count for notification in news))
    await happen(inbox, "payin")
    await live.turn()
    assert counts == [2]


async def test_a_page_hears_of_its_own_environment_alone(inbox: Inbox, live: Live) -> None:
    local, sandbox = Page(), Page()
    await live.listen(OLIVIA, local.hear)
    await live.listen(SANDBOX_OLIVIA, sandbox.hear)
    await happen(inbox, "ours", LOCAL)
    await live.turn()
    await happen(inbox, "theirs", SANDBOX)
    await live.turn()
    assert (local.told, sandbox.told) == ([["ours"]], [["theirs"]])


async def test_a_rush_in_one_environment_hides_nothing_in_another(inbox: Inbox, live: Live) -> None:
    local = Page()
    await live.listen(OLIVIA, local.hear)
    await happen(inbox, "ours", LOCAL)
    for number in range(MOST_AT_ONCE):
        await happen(inbox, f"theirs {number}", SANDBOX)
    await live.turn()
    assert local.told == [["ours"]]


async def test_what_comes_between_listening_and_reading_is_told_and_read(inbox: Inbox, live: Live) -> None:
    page = Page()
    await live.listen(OLIVIA, page.hear)
    await happen(inbox, "in between")
    read = await read_page(OLIVIA, inbox.database, NotificationFilter())
    await live.turn()
    assert [notification.resource_id for notification in read.notifications] == ["in between"]
    assert page.told == [["in between"]]


async def test_a_second_page_takes_no_news_from_the_first(inbox: Inbox, live: Live) -> None:
    first, second = Page(), Page()
    await live.listen(OLIVIA, first.hear)
    await happen(inbox, "payin")
    await live.listen(OLIVIA, second.hear)
    await live.turn()
    assert first.told == [["payin"]]


async def test_pages_that_open_at_the_same_moment_both_hear_everything(inbox: Inbox, live: Live) -> None:
    pages = [Page() for _ in range(20)]
    await asyncio.gather(*(live.listen(OLIVIA, page.hear) for page in pages))
    assert live.listeners == 20
    await happen(inbox, "payin")
    await live.turn()
    assert [page.told for page in pages] == [[["payin"]]] * 20


async def test_a_page_that_fails_keeps_no_other_from_its_news(
    inbox: Inbox, live: Live, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(news: Sequence[Notification]) -> None:
        raise RuntimeError("this page has gone")

    page = Page()
    await live.listen(OLIVIA, fail)
    await live.listen(OLIVIA, page.hear)
    await happen(inbox, "first")
    await live.turn()
    await happen(inbox, "second")
    await live.turn()
    assert page.told == [["first"], ["second"]]
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]


async def test_a_page_that_has_left_is_told_no_more(inbox: Inbox, live: Live) -> None:
    gone, there = Page(), Page()
    leave = await live.listen(OLIVIA, gone.hear)
    await live.listen(OLIVIA, there.hear)
    leave()
    leave()
    await happen(inbox, "payin")
    await live.turn()
    assert (gone.told, there.told) == ([], [["payin"]])
    assert live.listeners == 1


async def test_what_came_while_nobody_looked_is_told_to_nobody(inbox: Inbox, live: Live) -> None:
    leave = await live.listen(OLIVIA, Page().hear)
    leave()
    await happen(inbox, "unseen")
    await live.turn()
    page = Page()
    await live.listen(OLIVIA, page.hear)
    await live.turn()
    assert page.told == []


async def test_the_last_page_may_leave_in_the_middle_of_a_turn(inbox: Inbox, live: Live) -> None:
    leave = await live.listen(OLIVIA, Page().hear)
    await happen(inbox, "payin")
    turn = asyncio.create_task(live.turn())
    await asyncio.sleep(0)  # the turn now waits for the database
    leave()
    await turn
    page = Page()
    await live.listen(OLIVIA, page.hear)
    await live.turn()
    assert page.told == []


async def test_a_page_that_leaves_while_others_are_told_is_left_alone(inbox: Inbox, live: Live) -> None:
    second = Page()
    leaving: list[object] = []

    def close_the_other(news: Sequence[Notification]) -> None:
        leave_second()
        leaving.append(news)

    await live.listen(OLIVIA, close_the_other)
    leave_second = await live.listen(OLIVIA, second.hear)
    await happen(inbox, "payin")
    await live.turn()
    assert leaving
    assert second.told == []


async def test_a_page_whose_session_has_ended_is_told_nothing_more(inbox: Inbox, live: Live) -> None:
    open_sessions = {1}
    ended = Page()
    await live.listen(make_actor(is_alive=lambda: 1 in open_sessions), ended.hear)
    await happen(inbox, "before")
    await live.turn()
    open_sessions.clear()
    await happen(inbox, "after")
    await live.turn()
    assert ended.told == [["before"]]


async def test_whose_session_has_ended_keeps_no_other_from_their_news(inbox: Inbox, live: Live) -> None:
    open_sessions = {1, 2, 3}
    pages = {session_id: Page() for session_id in open_sessions}
    for session_id, page in pages.items():
        actor = make_actor(session_id=session_id, is_alive=lambda this=session_id: this in open_sessions)  # type: ignore[misc]
        await live.listen(actor, page.hear)
    for session_id in (1, 3):
        open_sessions.discard(session_id)
        await happen(inbox, f"after {session_id}")
        await live.turn()
    assert {session_id: page.told for session_id, page in pages.items()} == {
        1: [],
        2: [["after 1"], ["after 3"]],
        3: [["after 1"]],
    }


@pytest.mark.parametrize("looks", range(1, 5))
async def test_a_session_that_ends_in_the_midst_of_a_turn_costs_no_other_their_news(
    inbox: Inbox, live: Live, looks: int
) -> None:
    there, ended = Page(), Page()
    # The first look is that of listening itself, which is still answered well.
    answers = iter([True] * (1 + looks))
    await live.listen(OLIVIA, there.hear)
    await live.listen(make_actor(session_id=2, is_alive=lambda: next(answers, False)), ended.hear)
    await happen(inbox, "payin")
    for _ in range(2):
        await live.turn()
    assert there.told == [["payin"]]


async def test_nobody_listens_whose_session_has_ended(inbox: Inbox, live: Live) -> None:
    with pytest.raises(SessionEnded):
        await live.listen(make_actor(is_alive=lambda: False), Page().hear)
    assert live.listeners == 0


async def test_every_role_hears_the_news(inbox: Inbox, live: Live) -> None:
    pages = {role: Page() for role in Role}
    for role, page in pages.items():
        await live.listen(make_actor(role), page.hear)
    await happen(inbox, "payin")
    await live.turn()
    assert [page.told for page in pages.values()] == [[["payin"]]] * len(Role)
