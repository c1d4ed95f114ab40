from datetime import UTC, datetime, timedelta

from models.mail import next_try_at

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_a_mail_waits_longer_after_each_failure_and_is_given_up_after_the_fifth() -> None:
    tries = [next_try_at(failures, now=NOW) for failures in range(1, 6)]
    assert [again - NOW if again else None for again in tries] == [
        timedelta(seconds=10),
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=15),
        None,
    ]
