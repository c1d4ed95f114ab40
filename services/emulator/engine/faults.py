"""The fault switchboard: which notifications go astray and which answers go wrong, by rules and a seed.

Chance is drawn in the order in which calls and events come, so the same seed, rules and calls give the same faults.
"""

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.emulator.engine.answers import Answer
from services.emulator.engine.errors import ApiError
from services.emulator.engine.ids import new_id
from services.emulator.engine.rate_limits import spent

NOTIFICATION_FAULTS = ("drop", "delay", "duplicate", "reorder", "forge", "twin", "empty_resource_id")
API_FAULTS = ("slow", "error", "rate_limit", "cut", "malformed")


@dataclass(slots=True)
class Rule:
    """What goes wrong, where, how often; `times` counts down, None is for ever."""

    kind: str
    probability: float = 1.0
    times: int | None = None

    def strikes(self, chance: random.Random) -> bool:
        if self.times == 0 or chance.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(slots=True)
class NotificationRule(Rule):
    # A pattern as of a shell: PAYIN_*.
    event_type: str = "*"
    # How late a delayed one is, and within what time reordered ones are shuffled.
    delay_s: float = 5.0
    # How many copies a duplicate makes.
    copies: int = 1


@dataclass(slots=True)
class ApiRule(Rule):
    method: str = "*"
    # A pattern of the path behind the ClientId, in lower case: /payins/*.
    path: str = "*"
    delay_s: float = 3.0
    status: int = 500
    # Before anything has happened, or after it has, with the true answer lost.
    when: str = "before"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One GET that shall be made of an event, perhaps late, perhaps about something else."""

    resource_id: str
    delay_s: float = 0.0


class Switchboard:
    """All rules. Without any, it costs a look at two empty lists."""

    def __init__(self) -> None:
        self.notifications: list[NotificationRule] = []
        self.api: list[ApiRule] = []
        self.seed = 0
        self._chance = random.Random(self.seed)  # noqa: S311  (faults that repeat, not a secret)

    def set(self, *, seed: int, notifications: Sequence[NotificationRule], api: Sequence[ApiRule]) -> None:
        self.seed = seed
        self.notifications, self.api = list(notifications), list(api)
        self._chance = random.Random(seed)  # noqa: S311

    def is_doubled(self, event_type: str) -> bool:
        """Tell whether the same thing happens twice within one second, as it may at Mangopay."""
        return any(rule.kind == "twin" for rule in self._striking(event_type, twins=True))

    def dispatches(self, event_type: str, resource_id: str) -> list[Dispatch]:
        """Return what is sent instead of one plain notification."""
        sent = [Dispatch(resource_id)]
        for rule in self._striking(event_type, twins=False):
            if rule.kind == "drop":
                return []
            if rule.kind == "duplicate":
                sent += [Dispatch(resource_id)] * rule.copies
            elif rule.kind == "forge":
                sent.append(Dispatch(new_id("forged_m_")))
            elif rule.kind == "empty_resource_id":
                sent[0] = replace(sent[0], resource_id="")
            else:
                late_s = rule.delay_s if rule.kind == "delay" else self._chance.uniform(0, rule.delay_s)
                sent[0] = replace(sent[0], delay_s=sent[0].delay_s + late_s)
        return sent

    def api_fault(self, method: str, path: str) -> ApiRule | None:
        """Return the first rule that strikes this call, None for most."""
        if not self.api:
            return None
        place = "/" + path.lower().strip("/").partition("/")[2].partition("/")[2]
        for rule in self.api:
            is_meant = rule.method in ("*", method) and fnmatchcase(place, rule.path.lower())
            if is_meant and rule.strikes(self._chance):
                return rule
        return None

    def _striking(self, event_type: str, *, twins: bool) -> Iterator[NotificationRule]:
        for rule in self.notifications:
            is_meant = (rule.kind == "twin") == twins and fnmatchcase(event_type, rule.event_type)
            if is_meant and rule.strikes(self._chance):
                yield rule


async def spoil(rule: ApiRule, true_answer: Response | None, now: int) -> Response:
    """Return what the caller gets; `true_answer` is None where the rule strikes before anything has happened."""
    if rule.kind == "rate_limit":
        return spent().response(now)
    if rule.kind == "error":
        return ApiError(rule.status, "other", "Internal Server Error").response(now)
    answer = true_answer or Answer({"Id": new_id("lost_m_"), "Status": "CREATED"})
    body = bytes(answer.body)
    if rule.kind == "cut":
        # An answer without a body has nothing to break off in.
        return CutOff(body or b"{}", answer.status_code if body else 200, media_type="application/json")
    if rule.kind == "malformed":
        return Response(body[: len(body) // 2] + b"<html>", answer.status_code, media_type="application/json")
    await asyncio.sleep(rule.delay_s)
    return answer


class CutOff(Response):
    """Promises a whole body and breaks off in its midst, so that the server must close the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        body = bytes(self.body)
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
