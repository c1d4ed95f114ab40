from datetime import UTC, datetime, timedelta

import pytest

from models.environment import Environment
from services.access.throttle import Attempt, Throttle

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ZERO = timedelta(0)


def test_the_sixth_failure_in_15_minutes_waits_until_the_first_is_forgotten() -> None:
    throttle = Throttle()
    for minute in range(5):
        assert throttle.start(_attempt(), now=NOW + timedelta(minutes=minute)) == ZERO
    assert throttle.start(_attempt(), now=NOW + timedelta(minutes=5)) == timedelta(minutes=10)
    assert throttle.start(_attempt(), now=NOW + timedelta(minutes=15)) == ZERO
    assert throttle.start(_attempt(), now=NOW + timedelta(minutes=15)) == timedelta(minutes=1)


def test_a_refused_attempt_does_not_prolong_the_wait() -> None:
    throttle = Throttle()
    for _ in range(5):
        throttle.start(_attempt(), now=NOW)
    for minute in range(15):
        assert throttle.start(_attempt(), now=NOW + timedelta(minutes=minute))
    assert throttle.start(_attempt(), now=NOW + timedelta(minutes=15)) == ZERO


def test_one_access_is_guarded_whatever_address_the_guesses_come_from() -> None:
    throttle = Throttle()
    for number in range(5):
        assert throttle.start(_attempt(address=f"192.0.2.{number}"), now=NOW) == ZERO
    assert throttle.start(_attempt(address="192.0.2.99"), now=NOW)
    assert throttle.start(_attempt(address="192.0.2.99", environment=Environment.LOCAL), now=NOW) == ZERO


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "unknown"])
def test_one_address_may_fail_20_times_whatever_names_it_guesses(address: str) -> None:
    throttle = Throttle()
    for number in range(20):
        assert throttle.start(_attempt(email=f"guess{number}@example.com", address=address), now=NOW) == ZERO
    assert throttle.start(_attempt(email="guess20@example.com", address=address), now=NOW)
    assert throttle.start(_attempt(address="198.51.100.7"), now=NOW) == ZERO


def test_a_whole_ipv6_network_counts_as_one_address() -> None:
    throttle = Throttle()
    for number in range(20):
        throttle.start(_attempt(email=f"guess{number}@example.com", address=f"2001:db8::{number:x}"), now=NOW)
    assert throttle.start(_attempt(email="guess20@example.com", address="2001:db8::ffff:1"), now=NOW)
    assert throttle.start(_attempt(email="guess20@example.com", address="2001:db8:0:1::1"), now=NOW) == ZERO


def test_a_success_forgets_the_failures_of_its_access_but_not_those_of_its_address() -> None:
    throttle = Throttle()
    for number in range(15):
        throttle.start(_attempt(email=f"guess{number}@example.com"), now=NOW)
    for _ in range(5):
        throttle.start(_attempt(), now=NOW)
    throttle.succeed(_attempt())
    assert throttle.start(_attempt(), now=NOW) == ZERO
    assert throttle.start(_attempt(), now=NOW)


def test_names_made_up_by_a_guesser_do_not_pile_up() -> None:
    throttle = Throttle()
    for number in range(1000):
        attempt = _attempt(email=f"guess{number}@example.com", address=f"192.0.{number % 250}.2")
        throttle.start(attempt, now=NOW)
    throttle.start(_attempt(), now=NOW + timedelta(minutes=16))
    assert len(throttle._failures) == 2


def _attempt(
    email: str = "olivia@example.com",
    *,
    address: str = "192.0.2.1",
    environment: Environment = Environment.SANDBOX,
) -> Attempt:
    return Attempt(environment, email, address)
