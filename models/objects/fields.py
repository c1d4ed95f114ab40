"""How one value of an object is found in its JSON, and as what it is shown. The words for it stand in models.words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Content = Mapping[str, object]


class Form(StrEnum):
    """As what a value is shown."""

    TEXT = "text"
    # Codes, references, account numbers: read and copied digit by digit.
    MONO = "mono"
    # A value out of Mangopay's list of words, said plainly.
    WORD = "word"
    STATUS = "status"
    RESULT = "result"
    MONEY = "money"
    MOMENT = "moment"
    DAY = "day"
    YES_NO = "yes-no"
    COUNTRY = "country"
    EXPIRY = "expiry"
    ADDRESS = "address"
    ID = "id"
    # The id of another object, which is a page of its own.
    LINK = "link"
    # A page outside.
    URL = "url"
    # A user's name, with a sign for persons and for companies.
    PERSON = "person"
    # A transaction's kind, told by its Type and Nature together.
    MOVEMENT = "movement"


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and the place of its value: names joined by dots, for `CardInfo.BIN`; several places, first one filled.

    `kind` is that of the object a LINK leads to, where the id itself does not tell; of a WORD or a STATUS it is the
    kind of object for which the word has a meaning of its own.
    """

    label: str
    path: str
    form: Form = Form.TEXT
    kind: str = ""

    def value(self, content: Content) -> object:
        """Return the value, or None where it is missing or empty."""
        return next((found for path in self.path.split("|") if (found := value_at(content, path)) is not None), None)

    @property
    def name(self) -> str:
        """The last part of the place: Mangopay's own name for the value."""
        return self.path.partition("|")[0].rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Group:
    """Facts that belong together. With `when`, only for objects whose value at a place is one of these."""

    title: str
    facts: tuple[Fact, ...]
    when: tuple[str, frozenset[str]] | None = None

    def belongs_to(self, content: Content) -> bool:
        return self.when is None or text_at(content, self.when[0]) in self.when[1]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the page of a kind shows, in order. `figure` is the big one: an amount, or a name."""

    groups: tuple[Group, ...]
    figure: Fact | None = None
    status: Fact | None = None
    # Told in the head for one that failed.
    reason: Fact | None = None
    # Places that are no fact of their own: they are shown elsewhere on the page, or mean nothing to people.
    besides: frozenset[str] = field(default_factory=frozenset)

    def groups_of(self, content: Content) -> tuple[Group, ...]:
        return tuple(group for group in self.groups if group.belongs_to(content))


def value_at(content: Content, path: str) -> object:
    """Return the value at a place such as `CardInfo.BIN`; None where there is none, or nothing is in it."""
    value: object = content
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return None if _is_empty(value) else value


def text_at(content: Content, path: str) -> str | None:
    """Return the text at a place; None where there is none, or something else."""
    value = value_at(content, path)
    return value if isinstance(value, str) else None


def _is_empty(value: object) -> bool:
    """Whether nothing is in it: an unset address is an object of nulls, and a wire under way has no amount yet."""
    if isinstance(value, Mapping):
        return value.get("Currency") == "XXX" or all(part is None for part in value.values())
    return value in ("", [])
