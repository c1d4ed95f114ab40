"""Plain words for what Mangopay's JSON says in codes: what a value means, how it is called, what a user may do.

New values appear now and then, so one that is missing here has no meaning and keeps a readable name.
Source: https://docs.mangopay.com/api-reference
"""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from types import MappingProxyType

from models import words_labels, words_table, words_table_money, words_table_status


def meaning_of(field: str, value: str, *, kind: str | None = None) -> str | None:
    """Return what a value of a field means, without a full stop; None for what is not known.

    The field counts by the last of its names: "RefundReason.RefundReasonType", "Flags[0]" and "Flags" will all do.
    Some values mean something else for another kind of object; `kind` is a name of `models.objects.kinds`. What a
    dispute's ResultCode says is found under the field "DisputeResult".
    """
    names = _NAME.findall(field)
    if not names:
        return None
    return MEANINGS.get((names[-1], kind, value)) or MEANINGS.get((names[-1], None, value))


def label_of(value: str) -> str:
    """Return the readable name of an enum value: "BANK_WIRE" is "Bank wire", "TwiceAMonth" is "Twice a month".

    Text that is no enum value, codes of digits, and short codes such as EUR or CB come back as they are.
    """
    if value in _LABELS:
        return _LABELS[value]
    if len(value) <= _LONGEST_CODE or not _ENUM_VALUE.fullmatch(value):
        return value
    name = " ".join(_spelled(word) for word in _WORD.findall(value))
    return name[0].upper() + name[1:]


def blocks_in_words(*, inflows: bool, outflows: bool, action_code: str) -> str:
    """Return in one sentence what Mangopay has blocked for a user and why; empty when nothing is blocked.

    The arguments are ScopeBlocked and ActionCode of the user's regulatory status.
    Source: https://docs.mangopay.com/guides/users/blocked-users
    """
    if not inflows and not outflows:
        return ""
    if inflows and outflows:
        blocked = "pay-ins, transfers and payouts"
    else:
        blocked = "pay-ins and transfers" if inflows else "payouts and transfers"
    return f"Mangopay has blocked {blocked} for this user{_reason(action_code)}."


def kyc_limit_in_words(*, kyc_level: str | None, category: str | None) -> str:
    """Return in one or two sentences what a user may do at their KYC level; empty when that is not known.

    The limits of an unverified owner depend on the platform's contract, which the API does not tell.
    Source: https://docs.mangopay.com/guides/users/categories and https://docs.mangopay.com/guides/users/verification
    """
    if category == "PAYER":
        return _PAYER
    if category == "PLATFORM":
        return _PLATFORM
    return {"LIGHT": _LIGHT, "REGULAR": _REGULAR}.get(kyc_level or "", "")


_PAYER = (
    "A payer can pay in and send money to owners, but is paid out only to give a pay-in back. "
    "For other payouts they must become an owner and be verified."
)
_PLATFORM = "This is the platform itself, to which the limits of its users do not apply."
_REGULAR = "The user is verified: their KYC level limits neither payouts nor the balance."
_LIGHT = (
    "The user is not verified, so payouts are not possible at all or only up to 150 EUR within a month "
    "(100 EUR if the platform is in Germany), depending on the platform's contract. "
    "Where that much is allowed, a total balance of the same amount also stops payouts and transfers, "
    "while money can still come in."
)


def _reason(action_code: str) -> str:
    if not action_code:
        return " and gives no reason"
    meaning = meaning_of("ActionCode", action_code)
    if meaning is None:
        return f", for a reason that is new to this dashboard ({action_code})"
    return f": {meaning[0].lower()}{meaning[1:]}"


def _spelled(word: str) -> str:
    # A word with a digit is a code of the banks, such as AC06.
    code = any(character.isdigit() for character in word)
    return _SPELLINGS.get(word.upper()) or (word if code else word.lower())


# The last name in "PSCs[2].Status" or "Flags.0".
_NAME = re.compile(r"[A-Za-z]\w*")
_LONGEST_CODE = 3
_ENUM_VALUE = re.compile(r"[A-Z][A-Za-z0-9_]*")
# "LocalBankTransfer" and "TwiceAMonth" part at their capitals, "BANK_WIRE" at its underscore.
_WORD = re.compile(r"[A-Z][a-z]+|[A-Z0-9]+(?![a-z])|[a-z0-9]+")
_GAP = re.compile(r" {2,}")


def _row(line: str) -> tuple[str, str]:
    value, text = _GAP.split(line.strip(), maxsplit=1)
    return value, text


def _rows(table: str) -> Mapping[str, str]:
    return MappingProxyType(dict(_row(line) for line in table.strip().splitlines()))


def _read(table: str) -> Iterator[tuple[tuple[str, str | None, str], str]]:
    fields: list[str] = []
    kinds: list[str | None] = []
    for line in table.strip().splitlines():
        if line.startswith(" "):
            value, meaning = _row(line)
            yield from (((field, kind, value), meaning) for field, kind in product(fields, kinds))
        else:
            names, _, of_kinds = line.partition(" | ")
            fields, kinds = names.split(), [*of_kinds.split()] or [None]


_LABELS = _rows(words_labels.LABELS)
_SPELLINGS = _rows(words_labels.SPELLINGS)

MEANINGS: Mapping[tuple[str, str | None, str], str] = MappingProxyType(
    {
        key: meaning
        for part in (words_table, words_table_money, words_table_status)
        for key, meaning in _read(part.TABLE)
    }
)
