"""What somebody pasted: the ids in it, be it one id, a link, a log line, a notification's query or some JSON.

Source: https://docs.mangopay.com/api-reference/overview/data-formats
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import unquote

from models.objects.kinds import KINDS, Kind, kind_of_id

# Nobody wants to choose among more.
MOST = 8
# An id has at most 128 characters.
LONGEST = 128
# Longer than any id that somebody's mail program has broken into lines.
LONGEST_BROKEN = 400

# Ids without a prefix may be any of these; to be asked for in this order.
PROBED = tuple(
    KINDS[name]
    for name in (
        *("payin", "transfer", "payout", "refund", "conversion", "repudiation", "settlement", "preauthorization"),
        *("user", "wallet", "card", "mandate", "dispute", "kyc-document", "recipient"),
    )
)
# What an id of a kind may name besides, or needs besides, that nothing can be found by it alone.
NEEDS_MORE: Mapping[str, str] = MappingProxyType(
    {
        "ubo-declaration": "It may be a UBO: a UBO is read through its user and declaration, so open these.",
        "banking-alias": "It may be a virtual account: a virtual account is read through its wallet, so open that.",
        "card-validation": "A card validation is read through its card, so open that.",
        "bank-account": "A bank account that is no longer active is read through its user, so open that.",
    }
)


class Shape(StrEnum):
    """What an id looks like that does not tell its kind; the likeliest first."""

    UUID = "UUID"
    FINGERPRINT = "card fingerprint"
    DIGITS = "number"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that is probably an id: of a kind, where its prefix tells one, else of a shape."""

    object_id: str
    shape: Kind | Shape

    @property
    def kind(self) -> Kind | None:
        return None if isinstance(self.shape, Shape) else self.shape


_PLATFORM = KINDS["client-wallet"]
_PREFIXES = sorted((prefix for kind in KINDS.values() for prefix in kind.prefixes), key=len, reverse=True)
_UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_PREFIXED = f"(?:{'|'.join(_PREFIXES)})(?:[0-9A-HJKMNP-TV-Z]{{26}}|{_UUID})|card_m_[0-9A-Za-z]{{16}}"
_CERTAIN = re.compile(f"(?P<prefixed>{_PREFIXED})|(?P<uuid>{_UUID})|(?P<fingerprint>[0-9a-fA-F]{{32}})")
_CERTAIN_WITHIN = re.compile(f"(?<![0-9A-Za-z])(?:{_CERTAIN.pattern})(?![0-9A-Za-z])")
_PLATFORM_WALLET = re.compile("(?:FEES|CREDIT)_[A-Z]{3}")
_WITH_A_DIGIT = re.compile("[A-Za-z-]*[0-9][A-Za-z0-9-]*")
_DIGITS = re.compile("[0-9]{5,}")

_WORD = re.compile("[A-Za-z0-9_-]{4,}")
# Theirs is written with a double s; some logs correct it.
_RESOURCE = re.compile(r"""ress?ource_?id["']*\s*[=:]\s*["']*([A-Za-z0-9_-]+)""", re.IGNORECASE)
_OWN_ID = re.compile(r"""["']Id["']\s*:\s*["']?([A-Za-z0-9_-]+)""")
# What stands before and after a number that is a date, an amount, a phone number, or a part of a decimal or an address.
_BEFORE_OTHER_NUMBER = re.compile(r"""\+$|[0-9][.:]$|(?:date|amount)["']?\s?[=:]\s?["']?$""", re.IGNORECASE)
_AFTER_OTHER_NUMBER = re.compile(r"\.[0-9]")
_UNIX_TIME = re.compile("1[5-9][0-9]{8}(?:[0-9]{3})?")
_SHORTENED = re.compile(r"([A-Za-z0-9_-]{4,})(?:…|\.{3})([A-Za-z0-9-]{6,})")
_GAP = re.compile(r"[\s>=]+")
_AROUND = re.compile("^[^A-Za-z0-9]+|[^A-Za-z0-9]+$")
# What web pages and mails make of a text: characters that nobody sees, other hyphens, other quotes.
_PLAINLY = (
    dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
    | dict.fromkeys(map(ord, "\u2010\u2011"), "-")
    | dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"), '"')
)


def candidates(text: str) -> tuple[Candidate, ...]:
    """Return what may be an id in a text: distinct, the likeliest first, then as they appear; at most 8, maybe none.

    A notification's `RessourceId` leaves no doubt, and then nothing else is returned. Digits count, five or more, only
    where there is nothing better.
    """
    plain = _plain(text)
    named = [found for match in _RESOURCE.finditer(plain) for found in _ids_in(match[1])]
    if named:
        return _best(named)
    broken = _broken(plain)
    if broken is not None:
        return (broken,)
    own = {match[1] for match in _OWN_ID.finditer(plain)}
    found = list(dict.fromkeys(_all_ids_in(plain)))
    better = [one for one in found if one.shape is not Shape.DIGITS or one.object_id in own]
    return _best(better or _likely_numbers(found), own)


def shortened(text: str) -> tuple[str, str] | None:
    """Return beginning and end of an id that was pasted as it is shown, without its middle; None for anything else."""
    match = _SHORTENED.fullmatch(_AROUND.sub("", _plain(text)))
    return (match[1], match[2]) if match else None


def _plain(text: str) -> str:
    """Return a text without what hides its ids: percent-encoding, also twice, and what is typographic."""
    return unquote(unquote(text)).translate(_PLAINLY)


def _best(found: Iterable[Candidate], own: Container[str] = ()) -> tuple[Candidate, ...]:
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (one.object_id not in own, _rank(one)))[:MOST])


def _rank(candidate: Candidate) -> int:
    if isinstance(candidate.shape, Shape):
        return 2 + list(Shape).index(candidate.shape)
    return 0 if (_CERTAIN.fullmatch(candidate.object_id) or candidate.kind is _PLATFORM) else 1


def _broken(plain: str) -> Candidate | None:
    """Return the one id that all the text is, when spaces, line breaks or a mail's quote marks have broken it."""
    if len(plain) > LONGEST_BROKEN:
        return None
    pieces = [piece for piece in _GAP.split(_AROUND.sub("", plain)) if piece]
    whole = "".join(pieces)
    if len(pieces) < 2:
        return None
    if _DIGITS.fullmatch(whole):
        # Long numbers side by side are several ids.
        return Candidate(whole, Shape.DIGITS) if all(len(piece) < 5 for piece in pieces) else None
    match = _CERTAIN.fullmatch(whole)
    return _certain(match) if match else None


def _all_ids_in(plain: str) -> Iterator[Candidate]:
    for match in _WORD.finditer(plain):
        for found in _ids_in(match[0]) or _ids_after_escape(plain, match):
            if found.shape is not Shape.DIGITS or not _is_other_number(plain, match):
                yield found


def _ids_in(word: str) -> list[Candidate]:
    """Return the ids in a run of characters that an id may have: itself, or those that other words are glued to."""
    word = word.strip("_-")
    kind = _kind_of(word)
    if kind is not None:
        return [Candidate(word, kind)]
    if _DIGITS.fullmatch(word) and len(word) <= LONGEST and len(word) != 32:
        return [Candidate(word, Shape.DIGITS)]
    return [_certain(match) for match in _CERTAIN_WITHIN.finditer(word)]


def _ids_after_escape(plain: str, match: re.Match[str]) -> list[Candidate]:
    r"""Return the ids in a word that begins with the rest of an escape: `\n` or `\u0022`, as logs print them."""
    if plain[match.start() - 1 : match.start()] != "\\":
        return []
    return _ids_in(match[0][1:]) or _ids_in(match[0][5:])


def _kind_of(word: str) -> Kind | None:
    prefix = next((prefix for prefix in _PREFIXES if word.startswith(prefix)), "")
    rest = word.removeprefix(prefix)
    if not prefix or not rest or len(word) > LONGEST:
        return None
    kind = kind_of_id(word)
    if kind is _PLATFORM:
        return kind if _PLATFORM_WALLET.fullmatch(word) else None
    # Names like `kyc_level` and `report_type` begin like ids; nothing else begins like `payin_m_`.
    is_id = prefix.count("_") > 1 or _WITH_A_DIGIT.fullmatch(rest)
    return kind if is_id else None


def _certain(match: re.Match[str]) -> Candidate:
    kind = kind_of_id(match[0]) if match["prefixed"] else None
    return Candidate(match[0], kind or (Shape.UUID if match["uuid"] else Shape.FINGERPRINT))


def _is_other_number(plain: str, match: re.Match[str]) -> bool:
    before = plain[max(0, match.start() - 12) : match.start()]
    return bool(_BEFORE_OTHER_NUMBER.search(before) or _AFTER_OTHER_NUMBER.match(plain, match.end()))


def _likely_numbers(found: list[Candidate]) -> list[Candidate]:
    """Return the numbers that do not look like a moment in Unix time, or all where they all do."""
    return [one for one in found if not _UNIX_TIME.fullmatch(one.object_id)] or found
