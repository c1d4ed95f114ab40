"""What colours mean: which of the five meanings a status or an event has, and its icon. Tokens: the stylesheet.

A meaning never stands for itself: every chip carries an icon and a word as well.
"""

from enum import StrEnum


class Tone(StrEnum):
    """The five meanings, by their class in the stylesheet."""

    POSITIVE = "positive"
    WAITING = "waiting"
    NEGATIVE = "negative"
    NOTICE = "notice"
    MUTED = "muted"

    @property
    def icon(self) -> str:
        return _ICONS[self]


_ICONS = {
    Tone.POSITIVE: "check_circle",
    Tone.WAITING: "schedule",
    Tone.NEGATIVE: "error",
    Tone.NOTICE: "info",
    Tone.MUTED: "radio_button_unchecked",
}

# By the last word of a status or an event type; a word that is not here is said without a colour.
_TONES = {
    Tone.POSITIVE: "SUCCEEDED VALID VALIDATED ENABLED ACTIVE ACTIVATED REGULAR GIVEN UNBLOCKED VERIFIED RENEWED "
    "WON PAID RECONCILED GENERATED CAPTURED AUTHORIZED AVAILABLE COMPLETED",
    Tone.WAITING: "CREATED PENDING ASKED WAITING SUBMITTED REQUIRED REQUESTED NEEDED PROGRESS RECEPTION UPLOAD "
    "UPLOADED ACTION BANK MATCHED",
    Tone.NEGATIVE: "FAILED INVALID REFUSED BLOCKED REVOKED LOST REJECTED INCOMPLETE EXPIRED OUTDATED INCONCLUSIVE "
    "UNMATCHED FUNDS FALLBACKED ERROR DATE TIMEOUT ABANDONED",
}
_TONE_BY_WORD = {word: tone for tone, words in _TONES.items() for word in words.split()}
# Where the last word alone would say the opposite of the whole.
_TONE_BY_NAME = {
    "INTENT_SETTLED_NOT_PAID": Tone.NEGATIVE,
    "DEPOSIT_PREAUTHORIZATION_PAYMENT_TO_BE_COMPLETED": Tone.WAITING,
}


def tone_of(status: str) -> Tone:
    """Return the meaning of a status (`VALIDATION_ASKED`) or of an event type (`PAYIN_NORMAL_FAILED`)."""
    return _TONE_BY_NAME.get(status) or _TONE_BY_WORD.get(status.rpartition("_")[2], Tone.MUTED)
