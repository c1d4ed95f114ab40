"""Finds what an id leads to: by its prefix with one question, else by asking Mangopay what it may be, carefully.

Digits and UUIDs tell no kind, so every kind they may be is asked for, a few at a time and in order, until one knows
them. Source: https://docs.mangopay.com/api-reference/overview/data-formats
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import islice
from urllib.parse import quote

from models.environment import Environment
from models.objects.kinds import KINDS, Kind, kind_of_id, kind_of_transaction
from models.pasted import NEEDS_MORE, PROBED, Candidate, Shape
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.mangopay.client import Clients, MangopayClient
from services.mangopay.errors import (
    Invalid,
    MangopayError,
    NotAuthenticated,
    NotFound,
    RateLimited,
    ScaRequired,
    ServerError,
    Unreachable,
)
from services.mangopay.governor import Priority
from services.objects.view import FoundObject, read_first

log = logging.getLogger(__name__)

# Questions of one search; the client's own repetitions of one that failed come on top.
MOST_QUESTIONS = 16
AT_ONCE = 4
# After so many answers like these, Mangopay is not well, and asking on would only wait and cost.
ILL = (Unreachable, ServerError, NotAuthenticated)
MOST_ILL = 3
CARD = KINDS["card"]
TRANSACTIONS = {"payin", "transfer", "payout", "refund", "conversion", "repudiation", "settlement"}


@dataclass(frozen=True, slots=True)
class Found:
    """An object that is there; `others` are the ids of more of its kind, such as the cards of one fingerprint."""

    kind: Kind
    object_id: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Missed:
    """What became of every question, in their order, by what was asked for, such as "Pay-ins".

    Only `tried` do not know the id; of those that `failed`, and those `not_tried`, nothing is known. `stopped_by` is
    what ended the search early, and a RateLimited tells when to go on; `reason` is what else the id may be.
    """

    tried: tuple[str, ...] = ()
    failed: tuple[tuple[str, MangopayError], ...] = ()
    not_tried: tuple[str, ...] = ()
    stopped_by: MangopayError | None = None
    reason: str = ""


class Answer(StrEnum):
    """How a question stands."""

    WAITING = "not asked yet"
    ASKED = "asking"
    YES = "found"
    NO = "not one of these"
    FAILED = "could not ask"


# Told how each question stands: all of them first, then as they are asked and answered. It must not block.
Tell = Callable[[str, Answer], None]


def _tell_nobody(_what: str, _answer: Answer) -> None:
    pass


@needs(Permission.SEE)
async def find(actor: Actor, clients: Clients, candidate: Candidate, *, tell: Tell = _tell_nobody) -> Found | Missed:
    """Find what an id leads to in the actor's environment; at most 16 questions, at most 4 of them at once.

    Where one question is enough, because a prefix tells the kind, its failure is raised: MangopayError. Where several
    are asked, what fails is told in the answer.
    """
    return await _find(clients[actor.environment], candidate, tell)


@needs(Permission.SEE)
async def find_elsewhere(actor: Actor, clients: Clients, candidate: Candidate) -> tuple[Environment, ...]:
    """Return in which other environments, that the actor may enter, there is such an id; what fails there is unknown.

    Nothing else of those environments is told. Each has the same limits as `find`.
    """
    others = [environment for environment in actor.also_in if environment in clients]
    others = [environment for environment in others if environment is not actor.environment]
    are_there = await asyncio.gather(*(_is_there(clients[environment], candidate) for environment in others))
    return tuple(environment for environment, is_there in zip(others, are_there, strict=True) if is_there)


async def _is_there(client: MangopayClient, candidate: Candidate) -> bool:
    try:
        outcome = await _find(client, candidate, _tell_nobody)
    except MangopayError as error:
        log.info("not known elsewhere environment=%s: %s", client.environment, error)
        return False
    for what, failure in outcome.failed if isinstance(outcome, Missed) else ():
        log.info("not known elsewhere environment=%s among=%s: %s", client.environment, what, failure)
    return isinstance(outcome, Found)


async def _find(client: MangopayClient, candidate: Candidate, tell: Tell) -> Found | Missed:
    client = client.at(Priority.PERSON)
    if isinstance(candidate.shape, Shape):
        return await _Search(client, candidate.object_id, candidate.shape, tell).run()
    return await _ask_once(client, candidate.shape, candidate.object_id)


async def _ask_once(client: MangopayClient, kind: Kind, object_id: str) -> Found | Missed:
    """Read an object at the paths of the kind that its prefix tells. Raises MangopayError."""
    try:
        found = await read_first(client, kind.api_paths(object_id, client_id=client.client_id))
    except (NotFound, Invalid):
        return Missed(tried=(kind.plural,), reason=NEEDS_MORE.get(kind.name, ""))
    except ScaRequired as error:
        return _although_hidden(kind, object_id, error)
    return Found(_true_kind(kind, found), object_id)


def _although_hidden(kind: Kind, object_id: str, error: ScaRequired) -> Found:
    """Take a demand for the user's authentication for a yes: a wallet that is not shown without it is there."""
    if kind.name != "wallet":
        raise error
    return Found(kind, object_id)


def _true_kind(kind: Kind, found: FoundObject) -> Kind:
    """Return what an object truly is: a refund can be read as a pay-in, an extended preauthorisation as a deposit."""
    if kind.name in TRANSACTIONS:
        type_, nature = (str(found.content.get(name)) for name in ("Type", "Nature"))
        return kind_of_transaction(type_, nature) or kind
    return KINDS["extended-preauthorization"] if "/extended-preauthorizations/" in found.path else kind


@dataclass(frozen=True, slots=True)
class _Question:
    """One call at most; it returns None where the id is none of these."""

    what: str
    ask: Callable[[], Awaitable[Found | None]]


class _Search:
    """The questions about one id that tells no kind, and how they stand."""

    def __init__(self, client: MangopayClient, object_id: str, shape: Shape, tell: Tell) -> None:
        self._client = client
        self._root = f"/v2.01/{quote(client.client_id, safe='')}"
        self._id = object_id
        self._shape = shape
        self._tell = tell
        self._waiting = deque(islice(self._questions(), MOST_QUESTIONS))
        self._order = [question.what for question in self._waiting]
        self._running: dict[asyncio.Task[Found | None], _Question] = {}
        self._tried: list[str] = []
        self._failed: list[tuple[str, MangopayError]] = []
        self._not_tried: list[str] = []
        self._stopped_by: MangopayError | None = None

    async def run(self) -> Found | Missed:
        """Ask one question after the other, a few at once, until one is answered with yes."""
        for what in self._order:
            self._tell(what, Answer.WAITING)
        try:
            while self._begin_more():
                found = self._collect(await self._next_answers())
                if found is not None:
                    return found
        finally:
            await self._cancel()
        return self._missed()

    def _missed(self) -> Missed:
        """Return what became of the questions, in their order, whatever the order of the answers was."""
        return Missed(
            tried=tuple(sorted(self._tried, key=self._order.index)),
            failed=tuple(sorted(self._failed, key=lambda failure: self._order.index(failure[0]))),
            not_tried=tuple(self._not_tried),
            stopped_by=self._stopped_by,
            reason=NEEDS_MORE["card-validation"] if self._shape is Shape.UUID else "",
        )

    def _questions(self) -> Iterator[_Question]:
        if self._shape is Shape.FINGERPRINT:
            yield _Question("Cards with this fingerprint", self._by_fingerprint)
        else:
            yield from (_Question(kind.plural, partial(self._as_a, kind)) for kind in PROBED)
        # Logs name the key that something was created with as well, and few who copy it can tell it from an id.
        if self._shape is not Shape.DIGITS:
            yield _Question("Idempotency keys of the last day", self._by_key)

    def _begin_more(self) -> bool:
        """Begin as many questions as may run at once, in order; False when none is left."""
        while self._waiting and len(self._running) < AT_ONCE:
            question = self._waiting.popleft()
            self._tell(question.what, Answer.ASKED)
            self._running[asyncio.ensure_future(question.ask())] = question
        return bool(self._running)

    async def _next_answers(self) -> list[asyncio.Task[Found | None]]:
        """Wait for answers; those that come at once are in the order of the questions."""
        done, _ = await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        return [task for task in self._running if task in done]

    def _collect(self, answered: list[asyncio.Task[Found | None]]) -> Found | None:
        for task in answered:
            what = self._running.pop(task).what
            try:
                found = task.result()
            except (NotFound, Invalid):
                found = None
            except MangopayError as error:
                self._note_failure(what, error)
                continue
            self._tell(what, Answer.YES if found else Answer.NO)
            if found is not None:
                return found
            self._tried.append(what)
        return None

    def _note_failure(self, what: str, error: MangopayError) -> None:
        self._tell(what, Answer.FAILED)
        self._failed.append((what, error))
        is_ill = sum(isinstance(failure, ILL) for _, failure in self._failed) >= MOST_ILL
        if isinstance(error, RateLimited) or is_ill:
            # What is under way has been paid for, and may still say yes; nothing more is begun.
            self._stopped_by = self._stopped_by or error
            self._not_tried += [question.what for question in self._waiting]
            self._waiting.clear()

    async def _cancel(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _as_a(self, kind: Kind) -> Found | None:
        paths = kind.api_paths(self._id, client_id=self._client.client_id)
        # The first is the one to ask at; but that of payouts only adds their mode, and need not know all of them.
        path = paths[-1] if kind.name == "payout" else paths[0]
        try:
            found = FoundObject(await self._client.get_object(path), path)
        except ScaRequired as error:
            return _although_hidden(kind, self._id, error)
        return Found(_true_kind(kind, found), self._id)

    async def _by_fingerprint(self) -> Found | None:
        page = await self._client.list_objects(f"{self._root}/cards/fingerprints/{self._id}")
        ids = [str(card["Id"]) for card in page.items if card.get("Id")]
        return Found(CARD, ids[0], tuple(ids[1:])) if ids else None

    async def _by_key(self) -> Found | None:
        """Return what was created with the id as its idempotency key."""
        created = (await self._client.get_response(self._id)).resource
        if not isinstance(created, Mapping):
            return None
        object_id = str(created.get("Id", ""))
        kind = kind_of_id(object_id)
        return Found(_true_kind(kind, FoundObject(created, "")), object_id) if kind else None
