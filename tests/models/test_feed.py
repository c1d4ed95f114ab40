"""A feed in trouble is looked at ever less, but never given up."""

from datetime import UTC, datetime, timedelta

import pytest

from models.feed import FeedKind, next_check_at

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "failures", "pause"),
    [
        (FeedKind.STATUS, 0, timedelta(minutes=2)),
        (FeedKind.STATUS, 1, timedelta(minutes=4)),
        (FeedKind.STATUS, 3, timedelta(minutes=16)),
        (FeedKind.STATUS, 4, timedelta(minutes=30)),
        (FeedKind.NEWS, 0, timedelta(minutes=30)),
        (FeedKind.NEWS, 4, timedelta(hours=8)),
        (FeedKind.NEWS, 5, timedelta(hours=12)),
        (FeedKind.NEWS, 10_000, timedelta(hours=12)),
    ],
)
def test_each_failure_doubles_the_pause_up_to_the_longest(kind: FeedKind, failures: int, pause: timedelta) -> None:
    assert next_check_at(kind, failures=failures, now=NOW) == NOW + pause


@pytest.mark.parametrize("kind", FeedKind)
def test_what_is_gone_for_good_is_looked_at_once_a_day(kind: FeedKind) -> None:
    assert next_check_at(kind, failures=1, now=NOW, is_gone=True) == NOW + timedelta(days=1)
