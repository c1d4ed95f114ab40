"""One line of the pre-flight, and how the rules make it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from models.mangopay.wire import utc
from models.objects.fields import Content, value_at
from models.operations.kinds import OperationKind
from models.operations.situation import Situation, Values

LATELY = timedelta(hours=24)


class Level(StrEnum):
    """How much a check matters."""

    FINE = "fine"
    NOTICE = "notice"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the pre-flight. `operation_ids` are operations of ours that it speaks of."""

    level: Level
    sentence: str
    operation_ids: tuple[str, ...] = ()


Checks = Iterator[Check]
Rule = Callable[[OperationKind, Values, Situation, datetime], Checks]


def stop(sentence: str) -> Check:
    return Check(Level.STOP, sentence)


def notice(sentence: str) -> Check:
    return Check(Level.NOTICE, sentence)


def fine(sentence: str) -> Check:
    return Check(Level.FINE, sentence)


def moment_at(content: Content, path: str) -> datetime | None:
    value = value_at(content, path)
    return utc(value) if type(value) is int else None
