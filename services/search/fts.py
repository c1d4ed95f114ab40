"""The one seam of SQLite's full-text search, FTS5: how texts become words, and how what is typed becomes a query.

The words are made here and not by SQLite, so that they are the same on every version of it: without case, accents and
marks, e-mails and ids in their parts, and scripts without spaces sign by sign. Source: https://sqlite.org/fts5.html
"""

import re
import unicodedata
from collections.abc import Iterable

from sqlalchemy import Integer, Select, column, literal_column, select, table

from models.environment import Environment
from models.known import NAMELESS
from models.objects.kinds import KINDS

# Longer texts tell nothing more.
LONGEST = 1_000
LONGEST_TYPED = 200
MOST_TYPED_WORDS = 8
_ASCII_WORD = re.compile("[a-z0-9]+")
# Letters that Unicode does not take apart, as people without them on their keyboard type them; the two that are
# written as numbers are Turkish, an i without its dot, and Arabic, a stroke that only lengthens a word.
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "\u0131": "i", "þ": "th", "æ": "ae", "œ": "oe", "\u0640": ""}
)
# Chinese, Japanese and Korean: there are no spaces to tell where a first name begins.
_WITHOUT_SPACES = (
    (0x3005, 0x3007), (0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x20000, 0x3FFFF)
)  # fmt: skip


def name_words(environment: Environment, name: str) -> str:
    """Return the words of a name, which also sort as names do; of no name, what stands after every name."""
    return _marked(environment, _words(name)) or NAMELESS


def other_words(environment: Environment, *, email: str, tag: str, user_id: str) -> str:
    return _marked(environment, [*_words(email), *_words(tag), *_words(_without_prefix(user_id))])


def match_of(environment: Environment, text: str, *, in_whole_words: bool = False) -> str | None:
    """Return the FTS5 query for what somebody typed; None when there is no letter and no digit in it.

    All that is typed must be there, in any order; each part may be the beginning of a word, unless `in_whole_words`.
    Parts of one word, such as those of an e-mail, must follow each other.
    """
    parts = (_words(_without_prefix(part)) for part in text[:LONGEST_TYPED].split())
    # No sign but letters and digits is left, so there is nothing to escape.
    phrases = [f'"{_marked(environment, words)}"' for words in parts if words]
    return " ".join(phrase if in_whole_words else f"{phrase}*" for phrase in phrases[:MOST_TYPED_WORDS]) or None


def matching(match: str) -> Select[tuple[int]]:
    """Return the ids of the rows of `known_user` that match, of the environment that the query was made for."""
    user_text = table("user_text", column("rowid", Integer))
    return select(user_text.c.rowid).where(literal_column("user_text").op("MATCH")(match))


def _marked(environment: Environment, words: Iterable[str]) -> str:
    """Return words with the first letter of their environment before each: none finds what is in another."""
    mark = environment.value[0]
    return " ".join(f"{mark}{word}" for word in words)


def _without_prefix(text: str) -> str:
    """Return what tells one user's id from another's: they all begin alike."""
    lower = text.lower()
    return next((text[len(prefix) :] for prefix in KINDS["user"].prefixes if lower.startswith(prefix)), text)


def _words(text: str) -> list[str]:
    if text.isascii():
        # Most are, and a page of a hundred users is heard while others wait.
        return _ASCII_WORD.findall(text[:LONGEST].lower())
    return "".join(_spaced(sign) for sign in _folded(text[:LONGEST])).split()


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    unmarked = "".join(sign for sign in plain if unicodedata.category(sign) != "Mn")
    # Korean syllables are put together again.
    return unicodedata.normalize("NFC", unmarked)


def _spaced(sign: str) -> str:
    if unicodedata.category(sign)[0] not in "LMN":
        return " "
    stands_alone = any(first <= ord(sign) <= last for first, last in _WITHOUT_SPACES)
    return f" {sign} " if stands_alone else sign
