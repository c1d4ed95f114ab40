import pytest

from models.event_types import EVENT_TYPES
from ui.theme import Tone, tone_of

NEGATIVE_ENDINGS = ("_FAILED", "_REFUSED", "_REJECTED", "_INVALID", "_BLOCKED", "_EXPIRED", "_LOST")
POSITIVE_ENDINGS = ("_SUCCEEDED", "_VALIDATED", "_ACTIVATED", "_UNBLOCKED", "_GENERATED", "_WON")
WAITING_ENDINGS = ("_CREATED", "_ASKED", "_PENDING", "_REQUIRED", "_NEEDED", "_WAITING", "_REQUESTED")

# Neither good nor bad nor waiting for anybody: something has changed, has ended, or was taken back on purpose.
COLOURLESS = {
    "USER_ACCOUNT_CLOSED",
    "USER_CATEGORY_UPDATED_TO_OWNER",
    "USER_CATEGORY_UPDATED_TO_PAYER",
    "USER_CATEGORY_UPDATED_TO_PLATFORM",
    "USER_KYC_LIGHT",
    "COUNTRY_AUTHORIZATION_UPDATED",
    "RECIPIENT_CANCELED",
    "RECIPIENT_DEACTIVATED",
    "VIRTUAL_ACCOUNT_CLOSED",
    "RECURRING_REGISTRATION_ENDED",
    "PREAUTHORIZATION_PAYMENT_CANCELED",
    "EXTENDED_PREAUTHORIZATION_PAYMENT_CANCELED",
    "DEPOSIT_PREAUTHORIZATION_PAYMENT_CANCELED",
    "DEPOSIT_PREAUTHORIZATION_PAYMENT_NO_SHOW",
    "DISPUTE_CLOSED",
    "INTENT_REFUNDED",
    "INTENT_REFUND_REVERSED",
    "INTENT_DISPUTE_DEFENDED",
    "SPLIT_REVERSED",
    "SETTLEMENT_CANCELLED",
}

STATUSES = {
    Tone.POSITIVE: "SUCCEEDED VALID VALIDATED ENABLED ACTIVE REGULAR GENERATED",
    Tone.WAITING: "CREATED PENDING VALIDATION_ASKED SUBMITTED PENDING_USER_ACTION "
    "PENDING_CLIENT_ACTION PENDING_BANK_ACTION REOPENED_PENDING_CLIENT_ACTION",
    Tone.NEGATIVE: "FAILED INVALID REFUSED INCOMPLETE OUT_OF_DATE EXPIRED BLOCKED ERROR",
    Tone.MUTED: "DISABLED CLOSED CANCELED DEACTIVATED LIGHT UNKNOWN",
}


@pytest.mark.parametrize(
    ("endings", "tone"),
    [(POSITIVE_ENDINGS, Tone.POSITIVE), (WAITING_ENDINGS, Tone.WAITING), (NEGATIVE_ENDINGS, Tone.NEGATIVE)],
)
def test_an_event_type_has_the_meaning_of_its_ending(endings: tuple[str, ...], tone: Tone) -> None:
    event_types = [name for name in EVENT_TYPES if name.endswith(endings)]
    assert event_types
    assert [name for name in event_types if tone_of(name) is not tone] == []


def test_no_event_type_is_colourless_unless_it_was_meant_to_be() -> None:
    assert {name for name in EVENT_TYPES if tone_of(name) is Tone.MUTED} == COLOURLESS


@pytest.mark.parametrize(
    ("event_type", "tone"),
    [
        ("INTENT_SETTLED_NOT_PAID", Tone.NEGATIVE),
        ("DEPOSIT_PREAUTHORIZATION_PAYMENT_TO_BE_COMPLETED", Tone.WAITING),
        ("SETTLEMENT_INSUFFICIENT_FUNDS", Tone.NEGATIVE),
        ("INTENT_PAID", Tone.POSITIVE),
    ],
)
def test_a_last_word_that_says_the_opposite_of_the_whole_deceives_nobody(event_type: str, tone: Tone) -> None:
    assert tone_of(event_type) is tone


@pytest.mark.parametrize("tone", STATUSES)
def test_a_status_has_the_meaning_mangopay_gives_it(tone: Tone) -> None:
    assert [status for status in STATUSES[tone].split() if tone_of(status) is not tone] == []


@pytest.mark.parametrize("word", ["", "_", "SOMETHING_NEW", "succeeded", '"><img src=x>'])
def test_an_unknown_word_has_no_colour(word: str) -> None:
    assert tone_of(word) is Tone.MUTED


def test_every_tone_has_an_icon_of_its_own() -> None:
    assert len({tone.icon for tone in Tone}) == len(Tone)
