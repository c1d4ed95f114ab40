"""What the receiver accepts, what it refuses, and what is on disk afterwards."""

import asyncio
import time
from datetime import timedelta

import pytest

from models.environment import Environment
from services.database import Database
from services.notifications.tokens import OVERLAP, TokenBook, current_token, hook_url, rotate_token
from services.notifications.writer import Hit, commit, connect
from tests.services.notifications.inbox import HIT, NOW, Inbox


async def test_a_hit_answered_with_200_is_one_notification_with_one_delivery(inbox: Inbox) -> None:
    response = await inbox.http.get(inbox.path, params=HIT, headers={"User-Agent": "Mangopay"})

    assert (response.status_code, response.content) == (200, b"")
    [notification] = await inbox.notifications()
    assert (notification.environment, notification.event_type) == (Environment.LOCAL, HIT["EventType"])
    assert (notification.resource_id, notification.date) == (HIT["RessourceId"], int(HIT["Date"]))
    assert (notification.delivery_count, notification.is_test_ping) == (1, False)
    [delivery] = await inbox.deliveries()
    assert (delivery.notification_id, delivery.source_address) == (notification.id, "203.0.113.7")
    assert (delivery.user_agent, delivery.received_at) == ("Mangopay", notification.first_received_at)
    assert delivery.raw_query == "EventType=PAYIN_NORMAL_SUCCEEDED&RessourceId=payin_m_01J6&Date=1790000000"
    assert 0 <= delivery.waited_us < 5_000_000


async def test_the_same_notification_twice_is_stored_once(inbox: Inbox) -> None:
    first, second = await asyncio.gather(inbox.hit(), inbox.hit())

    assert (first.status_code, second.status_code) == (200, 200)
    [notification] = await inbox.notifications()
    assert notification.delivery_count == 2
    assert notification.is_duplicated
    assert [delivery.notification_id for delivery in await inbox.deliveries()] == [notification.id] * 2


async def test_a_repetition_counts_and_moves_the_last_time_only(inbox: Inbox) -> None:
    await inbox.hit()
    [before] = await inbox.notifications()
    await inbox.hit()
    [after] = await inbox.notifications()

    assert after.delivery_count == 2
    assert after.first_received_at == before.first_received_at
    assert after.last_received_at >= before.last_received_at


@pytest.mark.parametrize(
    "changed", [{"EventType": "PAYIN_NORMAL_FAILED"}, {"RessourceId": "x"}, {"Date": "1790000001"}]
)
async def test_another_type_resource_or_date_is_another_notification(inbox: Inbox, changed: dict[str, str]) -> None:
    await inbox.hit()
    await inbox.hit(**changed)

    assert len(await inbox.notifications()) == 2


async def test_an_empty_resource_id_is_a_test_ping(inbox: Inbox) -> None:
    response = await inbox.hit(RessourceId="")

    assert response.status_code == 200
    [notification] = await inbox.notifications()
    assert notification.is_test_ping


@pytest.mark.parametrize(
    "changed",
    [
        {"EventType": "A_TYPE_OF_TOMORROW_2"},
        {"EventType": "a" * 100},
        {"RessourceId": "~" * 128},
        {"RessourceId": "FR"},
        {"Date": "0"},
        {"Date": "99999999999"},
    ],
)
async def test_what_is_unknown_but_well_formed_is_welcome(inbox: Inbox, changed: dict[str, str]) -> None:
    assert (await inbox.hit(**changed)).status_code == 200
    assert len(await inbox.notifications()) == 1


@pytest.mark.parametrize(
    "query",
    [
        "Date=1790000000&RessourceId=r&EventType=E",
        "EventType=E&ResourceId=r&Date=1790000000",
        "env=sandbox&EventType=E&RessourceId=r&Date=1790000000&k=v",
    ],
)
async def test_order_spelling_and_further_parameters_do_not_matter(inbox: Inbox, query: str) -> None:
    assert (await inbox.http.get(f"{inbox.path}?{query}")).status_code == 200
    [notification] = await inbox.notifications()
    assert (notification.event_type, notification.resource_id, notification.date) == ("E", "r", 1_790_000_000)
    assert (await inbox.deliveries())[0].raw_query == query


@pytest.mark.parametrize(
    "query",
    [
        "",
        "RessourceId=r&Date=1",
        "EventType=E&Date=1",
        "EventType=E&RessourceId=r",
        "EventType=&RessourceId=r&Date=1",
        "EventType=E-E&RessourceId=r&Date=1",
        f"EventType={'E' * 101}&RessourceId=r&Date=1",
        f"EventType=E&RessourceId={'r' * 129}&Date=1",
        "EventType=E&RessourceId=r%0A&Date=1",
        "EventType=E&RessourceId=%C3%A9&Date=1",
        "EventType=E&RessourceId=r&Date=",
        "EventType=E&RessourceId=r&Date=-1",
        "EventType=E&RessourceId=r&Date=1.5",
        "EventType=E&RessourceId=r&Date=123456789012",
        "EventType=E&RessourceId=r&Date=%D9%A1",
        "EventType=E&EventType=F&RessourceId=r&Date=1",
        f"EventType=E&RessourceId=r&Date=1&more={'x' * 2048}",
    ],
)
async def test_a_malformed_hit_is_400_with_one_sentence_and_leaves_no_row(inbox: Inbox, query: str) -> None:
    response = await inbox.http.get(f"{inbox.path}?{query}")

    assert response.status_code == 400
    assert response.text.endswith(".\n")
    assert response.text.count("\n") == 1
    assert await inbox.notifications() == []


async def test_a_wrong_token_is_404_and_leaves_no_row(inbox: Inbox) -> None:
    right = inbox.path.removeprefix("/hooks/local/")
    for path in ("/hooks/local/wrong", "/hooks/local/", "/hooks", f"/hooks/sandbox/{right}", f"/hooks/local/{right}/x"):
        assert (await inbox.http.get(path, params=HIT)).status_code == 404
    assert (await inbox.http.post("/hooks/local/wrong", params=HIT)).status_code == 404
    assert await inbox.notifications() == []


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
async def test_only_get_is_answered(inbox: Inbox, method: str) -> None:
    response = await inbox.http.request(method, inbox.path, params=HIT)

    assert (response.status_code, response.headers["allow"]) == (405, "GET")
    assert method != "HEAD" or response.content == b""
    assert await inbox.notifications() == []


async def test_a_rotated_token_stays_good_for_the_overlap_and_no_longer(database: Database) -> None:
    book = TokenBook(database)
    old = await current_token(database, Environment.LOCAL, now=NOW)
    new = await rotate_token(database, Environment.LOCAL, now=NOW)
    assert await current_token(database, Environment.LOCAL, now=NOW) == new

    await book.reload(now=NOW + OVERLAP - timedelta(seconds=1))
    assert book.accepts("local", old)
    assert book.accepts("local", new)
    await book.reload(now=NOW + OVERLAP)
    assert not book.accepts("local", old)
    assert book.accepts("local", new)


async def test_a_hook_url_is_recognised_by_its_token_and_never_too_long(database: Database) -> None:
    token = await current_token(database, Environment.LOCAL, now=NOW)
    book = TokenBook(database)
    await book.reload(now=NOW)

    assert book.leads_here(Environment.LOCAL, hook_url("https://d.example.com", Environment.LOCAL, token) + "?a=b")
    assert not book.leads_here(Environment.SANDBOX, hook_url("https://d.example.com", Environment.LOCAL, token))
    assert not book.leads_here(Environment.LOCAL, "https://elsewhere.example.com/hooks/local/other")
    with pytest.raises(ValueError, match="Mangopay takes"):
        hook_url(f"https://{'d' * 250}.example.com", Environment.LOCAL, token)


async def test_one_bad_hit_never_costs_its_neighbours(inbox: Inbox) -> None:
    batch = [_hit(str(number)) for number in range(9)]
    batch[5].date = None  # type: ignore[assignment]
    with connect(inbox.database.writer) as connection:
        outcomes = await asyncio.to_thread(commit, connection, batch)

    assert [hit.resource_id for hits, error in outcomes for hit in hits if error] == ["5"]
    assert sorted(row.resource_id for row in await inbox.notifications()) == ["0", "1", "2", "3", "4", "6", "7", "8"]


async def test_what_is_queued_when_the_inbox_closes_is_committed_and_what_comes_later_is_503(inbox: Inbox) -> None:
    waiting = [inbox.writer.store(_hit(str(number))) for number in range(50)]
    assert inbox.writer.waiting == 50
    await inbox.writer.stop()

    await asyncio.gather(*waiting)
    assert len(await inbox.notifications()) == 50
    assert (await inbox.hit(RessourceId="late")).status_code == 503
    assert len(await inbox.deliveries()) == 50


async def test_metrics_count_every_answer_and_time_every_acknowledgement(inbox: Inbox) -> None:
    await inbox.hit()
    await inbox.hit(Date="x")

    text = inbox.metrics.text().decode()
    assert 'dashboard_receiver_hits_total{status="200"} 1.0' in text
    assert 'dashboard_receiver_hits_total{status="400"} 1.0' in text
    assert "dashboard_receiver_acknowledge_seconds_count 1.0" in text
    assert "dashboard_inbox_batch_size_sum 1.0" in text


def _hit(resource_id: str) -> Hit:
    return Hit("local", "E", resource_id, 1, 1, "", "", "", arrived_ns=time.perf_counter_ns())
