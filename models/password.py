"""The rule a new password must meet: one table, checked here and, by the same patterns, in the browser as one types.

Whether a password is among the first guesses is known to zxcvbn here; the browser knows the commonest words only.

The patterns keep to what Python and JavaScript (with the `u` flag) read alike; so the end is `(?![\\s\\S])`, because
Python's `$` also matches before a last line break.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from zxcvbn import zxcvbn

LONGEST = 128

# Alone, or with digits and symbols around it, each of these is among the first guesses.
COMMON_WORDS = (
    "password",
    "passphrase",
    "passw",
    "welcome",
    "letmein",
    "iloveyou",
    "sunshine",
    "princess",
    "football",
    "monkey",
    "dragon",
    "master",
    "qwerty",
    "qwertyuiop",
    "azerty",
    "azertyuiop",
    "qwertz",
    "asdfghjkl",
    "abc",
    "abcdef",
    "admin",
    "administrator",
    "changeme",
    "default",
    "secret",
    "test",
    "user",
    "login",
    "mangopay",
    "mangopayadmin",
    "dashboard",
    "production",
    "sandbox",
)
END = r"(?![\s\S])"
LOOK_ALIKES = {"a": "@4", "e": "3", "i": "1!", "l": "1", "o": "0", "s": "$5", "t": "7"}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of the rule: met by a password in which the pattern is found."""

    sentence: str
    pattern: str

    def is_met_by(self, password: str) -> bool:
        return re.search(self.pattern, password) is not None


def _anything_but(words: tuple[str, ...]) -> str:
    spellings = "|".join(
        "".join(f"[{letter}{letter.upper()}{LOOK_ALIKES.get(letter, '')}]" for letter in word) for word in words
    )
    return rf"^(?![^A-Za-z]*(?:{spellings})[^A-Za-z]*{END})"


REQUIREMENTS = (
    Requirement(f"12 to {LONGEST} characters", rf"^[\s\S]{{12,{LONGEST}}}{END}"),
    Requirement("An uppercase letter, A to Z", "[A-Z]"),
    Requirement("A lowercase letter, a to z", "[a-z]"),
    Requirement("A digit, 0 to 9", "[0-9]"),
    Requirement("A symbol, such as - or !", r"[^A-Za-z0-9\s]"),
    Requirement("No common word, name or row of keys with digits and symbols around it", _anything_but(COMMON_WORDS)),
)
NOT_GUESSED = REQUIREMENTS[-1].sentence
# zxcvbn's scale: 3 is more than a hundred million guesses. Its time grows steeply with the length, up to a second at 40
# characters that look like others; what begins so that nobody guesses it may end as it likes.
LOWEST_SCORE = 3
SCORED = 24
# So much must be left of a password without what everybody knows of its owner and of this place.
LEAST_OF_ONES_OWN = 6


def unmet_requirements(password: str, *, about: Sequence[str] = ()) -> list[str]:
    """Return, in the order of the rule, the requirements a password does not meet; empty when it is good.

    `about` is what everybody knows of the person, such as the e-mail address: the first guesses are made of it.
    """
    unmet = [requirement.sentence for requirement in REQUIREMENTS if not requirement.is_met_by(password)]
    if not unmet and _is_guessed_early(password, about):
        unmet.append(NOT_GUESSED)
    return unmet


def _is_guessed_early(password: str, about: Sequence[str]) -> bool:
    known = {part.lower() for text in about for part in re.split(r"[^A-Za-z]+", text) if len(part) > 2}
    words = sorted({*known, *COMMON_WORDS}, key=len, reverse=True)
    rest = re.sub("|".join(words), "", password.lower())
    if len(re.sub(r"[^a-z0-9]", "", rest)) < LEAST_OF_ONES_OWN:
        return True
    # Signs between the keys of a row make zxcvbn lose the row.
    letters = re.sub(r"[^A-Za-z0-9]", "", password)
    return any(zxcvbn(text[:SCORED], user_inputs=words)["score"] < LOWEST_SCORE for text in (password, letters))
