"""What has become of an operation is read off its object, and said in words."""

import pytest

from models.journal import State
from models.objects.fields import Content
from models.operations.kinds import OPERATIONS
from models.operations.outcomes import is_done, outcome_of, reason_of

PAGE = "https://bank.example/page"
CONTESTED = {"Currency": "EUR", "Amount": 500}
POSTED = [kind.name for kind in OPERATIONS.values() if kind.method == "POST"]
# Of these a success is that they are there: somebody else pays later.
ONLY_MADE = ("payin-bankwire", "payin-web", "payin-platform")
# As it was before, and as it is once it was done.
CHANGES: dict[str, tuple[Content, list[Content]]] = {
    "cancel-preauthorization": (
        {"Status": "SUCCEEDED", "PaymentStatus": "WAITING"},
        [{"PaymentStatus": "CANCELED"}, {"PaymentStatus": "CANCEL_REQUESTED"}],
    ),
    "release-preauthorization": ({"Status": "SUCCEEDED", "PaymentStatus": "WAITING"}, [{"PaymentStatus": "VALIDATED"}]),
    "contest-dispute": (
        {"Status": "REOPENED_PENDING_CLIENT_ACTION"},
        [{"Status": status, "ContestedFunds": CONTESTED} for status in ("SUBMITTED", "PENDING_BANK_ACTION", "CLOSED")],
    ),
    "close-dispute": ({"Status": "PENDING_CLIENT_ACTION"}, [{"Status": "CLOSED"}]),
    "deactivate-card": ({"Active": True}, [{"Active": False}]),
    "deactivate-recipient": ({"Status": "ACTIVE"}, [{"Status": "DEACTIVATED"}]),
    "deactivate-bank-account": ({"Active": True}, [{"Active": False}]),
    "cancel-mandate": ({"Status": "ACTIVE"}, [{"Status": "FAILED"}, {"Status": "EXPIRED"}]),
}


@pytest.mark.parametrize("kind", POSTED)
def test_what_succeeded_is_told_with_its_object(kind: str) -> None:
    outcome = outcome_of(OPERATIONS[kind], {"Id": "x_1", "Status": "SUCCEEDED", "ResultCode": "000000"})
    assert outcome.state is State.SUCCEEDED
    assert (outcome.object_id, outcome.object_status, outcome.result_code) == ("x_1", "SUCCEEDED", "000000")
    assert outcome.failure == ""


@pytest.mark.parametrize("kind", POSTED)
def test_what_mangopay_has_not_finished_is_open_unless_it_was_only_to_be_made(kind: str) -> None:
    state = State.SUCCEEDED if kind in ONLY_MADE else State.ACCEPTED
    assert outcome_of(OPERATIONS[kind], {"Id": "x_1", "Status": "CREATED"}).state is state


@pytest.mark.parametrize("kind", POSTED)
def test_what_failed_is_told_with_its_reason(kind: str) -> None:
    content = {"Id": "x_1", "Status": "FAILED", "ResultCode": "001001", "RedirectURL": PAGE}
    outcome = outcome_of(OPERATIONS[kind], content)
    assert (outcome.state, outcome.object_id, outcome.redirect_url) == (State.FAILED, "x_1", "")
    assert outcome.failure == reason_of(content)


@pytest.mark.parametrize("kind", CHANGES)
def test_what_was_changed_has_succeeded_once_mangopay_has_answered(kind: str) -> None:
    _, done = CHANGES[kind]
    outcome = outcome_of(OPERATIONS[kind], {"Id": "x_1", **done[0]})
    assert outcome.state is State.SUCCEEDED
    assert outcome.object_id == "x_1"


def test_of_a_hold_the_status_of_its_money_is_told() -> None:
    hold = {"Id": "x_1", "Status": "SUCCEEDED", "PaymentStatus": "CANCELED"}
    assert outcome_of(OPERATIONS["cancel-preauthorization"], hold).object_status == "CANCELED"


@pytest.mark.parametrize(
    "content",
    [
        {"PendingUserAction": {"RedirectUrl": PAGE}},
        {"SecureModeRedirectURL": PAGE},
        {"RedirectURL": PAGE},
        {"PendingUserAction": None, "SecureModeRedirectURL": None, "RedirectURL": PAGE},
    ],
)
def test_where_a_user_has_to_go_is_told(content: Content) -> None:
    outcome = outcome_of(OPERATIONS["payin-card"], {"Id": "x_1", "Status": "CREATED", **content})
    assert (outcome.state, outcome.redirect_url) == (State.ACCEPTED, PAGE)


def test_a_reason_is_in_our_words_where_its_code_is_known() -> None:
    said = reason_of({"ResultCode": "001001", "ResultMessage": "Unsufficient wallet balance"})
    assert said.endswith("(001001)")
    assert "Unsufficient" not in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"ResultCode": "999000", "ResultMessage": "It is odd"}, "It is odd (999000)"),
        ({"ResultCode": "999000"}, "Mangopay says no more. (999000)"),
        ({"ResultMessage": "It is odd"}, "It is odd"),
        ({}, "Mangopay says no more."),
    ],
)
def test_a_reason_is_in_mangopays_words_where_it_is_not_known(content: Content, said: str) -> None:
    assert reason_of(content) == said


def test_every_kind_that_changes_something_tells_when_it_was_done() -> None:
    assert set(CHANGES) == set(OPERATIONS) - set(POSTED)


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_is_seen_on_what_was_changed(kind: str) -> None:
    before, after = CHANGES[kind]
    assert not is_done(OPERATIONS[kind], before)
    assert all(is_done(OPERATIONS[kind], content) for content in after)


def test_an_object_that_tells_nothing_was_not_changed() -> None:
    assert not any(is_done(OPERATIONS[kind], {}) for kind in CHANGES)


def test_a_dispute_that_was_closed_by_its_deadline_was_not_contested() -> None:
    closed = {"Status": "CLOSED", "ResultCode": "LOST", "ContestedFunds": None}
    assert not is_done(OPERATIONS["contest-dispute"], closed)
