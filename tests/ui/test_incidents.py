"""Incidents on a page: foreign words stay words, what cannot be read is shown as it came, its age is always told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.environment import Environment
from models.feed import Feed, FeedEntry, FeedKind
from models.incidents import Health
from models.status_board import Noted, board_of
from services.feeds.reading import Status
from ui.components.incidents import duration, feed_state, health_line, incident
from ui.components.status_panel import brief

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a>'


def noted(summary: str, title: str = "Slow") -> Noted:
    entry = FeedEntry(
        feed_id=1, uid="1", title=title, summary=summary, published_at=NOW, first_seen_at=NOW, updated_at=NOW,
        content_hash="", link="https://status.shop.test/1",
    )  # fmt: skip
    board = board_of([entry], Environment.LOCAL, now=NOW)
    return next(iter((*board.active, *board.upcoming, *board.past, *board.unclear)))


def history(label: str, when: str = "Nov 22, 08:00 UTC", text: str = "Words.") -> str:
    return f"<p><small>{when}</small><br><strong>{label}</strong> - {text}</p>"


def feed(**fields: Any) -> Feed:
    known: dict[str, Any] = {
        "environment": Environment.LOCAL,
        "kind": FeedKind.STATUS,
        "url": "https://status.shop.test/history.atom",
    }
    return Feed(**known | {"next_check_at": NOW} | fields)


@pytest.mark.parametrize("is_open", [True, False])
def test_an_incident_is_shown_with_all_its_updates(is_open: bool) -> None:
    updates = history("Monitoring") + history("Identified", "Nov 22, 07:00 UTC", "We know why.")
    shown = str(incident(noted(updates, "[Production] Slow"), is_open=is_open))
    for part in (
        "Slow</h3>",
        "Monitoring",
        "Words.",
        "We know why.",
        "2026-11-22T07:00",
        "Production",
        "status.shop.test/1",
    ):
        assert part in shown
    assert ("<details" in shown) is not is_open


@pytest.mark.parametrize("summary", [HOSTILE, history("Identified", text=HOSTILE)])
def test_hostile_words_stay_words(summary: str) -> None:
    shown = str(incident(noted(summary, HOSTILE), is_open=True))
    assert "&lt;script&gt;" in shown
    for part in ("<script", "onerror=alert(1)>", 'href="javascript', "<img"):
        assert part not in shown


def test_a_moment_that_cannot_be_read_is_shown_as_it_is_written() -> None:
    assert "the day before yesterday" in str(
        incident(noted(history("Identified", "the day before yesterday")), is_open=True)
    )


def test_what_is_not_written_like_an_incident_is_shown_as_it_came() -> None:
    assert "<p>Etwas ist langsam.</p>" in str(incident(noted("<p>Etwas ist langsam.</p>"), is_open=True))


@pytest.mark.parametrize("health", list(Health))
def test_how_mangopay_does_is_said_in_a_word(health: Health) -> None:
    assert health.capitalize() in str(health_line(health))


def test_what_nobody_knows_is_not_called_well() -> None:
    shown = str(health_line(None, "It is too old."))
    assert "Unknown" in shown
    assert "It is too old." in shown
    assert "Operational" not in shown


def test_a_feed_says_when_it_was_read() -> None:
    assert "not read yet" in str(feed_state([feed()], setting="X"))
    read = str(feed_state([feed(title="Status", last_success_at=NOW)], setting="X"))
    assert "Status" in read
    assert "2026-11-22T09:00" in read


def test_a_feed_in_trouble_says_what_is_wrong_how_old_it_is_and_when_it_is_tried_again() -> None:
    troubled = feed(last_error="The feed cannot be reached.", last_success_at=NOW - timedelta(hours=3))
    shown = str(feed_state([troubled], setting="X"))
    for part in ("The feed cannot be reached.", "What is shown was read", "06:00", "tried again"):
        assert part in shown
    assert "never been read" in str(feed_state([feed(last_error="No.")], setting="X"))


def test_without_a_feed_the_setting_is_named() -> None:
    assert "DASHBOARD_STATUS_FEEDS" in str(feed_state([], setting="DASHBOARD_STATUS_FEEDS"))


def test_in_brief_what_is_active_and_what_comes_next_is_told() -> None:
    entry = noted(history("Investigating")).entry
    status = Status([feed(last_success_at=NOW)], board_of([entry], Environment.LOCAL, now=NOW), NOW)
    shown = str(brief(status))
    assert "Degraded" in shown
    assert "Investigating" in shown


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "under a minute"),
        (35, "35 min"),
        (60, "1 h"),
        (61, "1 h 1 min"),
        (1500, "1 d 1 h"),
        (3000, "2 d 2 h"),
        (-5, "under a minute"),
    ],
)
def test_how_long_it_took_is_told_in_two_units(minutes: int, text: str) -> None:
    assert duration(NOW, NOW + timedelta(minutes=minutes)) == text
