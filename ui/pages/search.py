"""Search: whatever was pasted leads to the object it names, or to an explanation of what was tried."""

import json
from collections.abc import Iterable, Sequence

import htpy as h
from nicegui import Client, ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.objects.kinds import KINDS, Kind, href
from models.pasted import Candidate, Shape, candidates, shortened
from models.permissions import Permission
from services.access.actors import Actor
from services.bootstrap import Services
from services.mangopay.errors import RateLimited
from services.search.find import Answer, Found, Missed, find
from services.search.index import find_shortened
from ui.components.html import button, put, show
from ui.components.miss import TOO_OLD, in_a_sentence, search_url, show_elsewhere, ways_on
from ui.components.named import Named
from ui.components.parts import api_error, chip, empty, facts, icon, message, object_id, when
from ui.frame import current_actor, frame, is_looked_at, page_head
from ui.live import Live
from ui.places import Places
from ui.theme import Tone
from ui.visit import Visit

PATH = "/search"
# No id stands further back in anything that people paste.
LONGEST = 8_000
# More of a text than this tells nobody what they looked for.
SHOWN = 200
EXAMPLES = (
    ("An id", "payin_m_01J6ABCDEFGHJKMNPQRSTVWXYZ"),
    ("An older id", "158026537"),
    ("A UUID", "8d5bfa10-11aa-4222-8333-444455556666"),
    ("A card's fingerprint", "50a6a8da09654c4cab901814a741f924"),
    ("A wallet of the platform", "FEES_EUR"),
    ("A notification's query", "?EventType=PAYIN_NORMAL_SUCCEEDED&RessourceId=payin_m_…&Date=1790000000"),
    ("A link, a log line, some JSON", "2026-11-22 10:00:00 INFO payout po_m_… of user_m_… failed"),
)
TONES = {
    Answer.WAITING: Tone.MUTED,
    Answer.ASKED: Tone.WAITING,
    Answer.YES: Tone.POSITIVE,
    Answer.NO: Tone.MUTED,
    Answer.FAILED: Tone.NEGATIVE,
}


def register(places: Places, services: Services, _live: Live) -> None:
    @places.page(PATH, needs=Permission.SEE)
    async def search(request: Request, client: Client) -> Response | None:
        text = request.query_params.get("q", "")[:LONGEST].strip()
        if parts := shortened(text):
            return await _find_shortened(services, text, *parts)
        found = candidates(text)
        if len(found) == 1 and found[0].kind is not None:
            # The prefix leaves no doubt; if the object is not there, its page says so.
            return RedirectResponse(href(found[0].kind, found[0].object_id), 303)
        lookup: Lookup | Named | None = None
        with frame(services, "Search", path=PATH, searched="" if found else text[:SHOWN]):
            page_head("Search")
            if len(found) == 1:
                lookup = Lookup(services, current_actor(), Visit(client), found[0])
            elif found:
                show(h.p["More than one id was recognised. Which one is it?"])
                show(_choice((one.object_id, one.shape) for one in found), classes="panel")
            elif text:
                lookup = Named(services, current_actor(), Visit(client), text[:SHOWN])
                show(h.details[h.summary["What can be searched for"], h.div(".panel")[_what_can_be_pasted()]])
            else:
                show(_what_can_be_pasted(), classes="panel")
        if lookup is not None and await is_looked_at(client):
            await lookup.load()
        return None


async def _find_shortened(services: Services, text: str, beginning: str, end: str) -> Response | None:
    """Lead to what an id means that somebody has copied as it is shown, its middle left out."""
    known = await find_shortened(current_actor(), services.database, beginning, end)
    ids = [(object_id, KINDS[kind]) for kind, object_id in known if kind in KINDS]
    if len(ids) == 1:
        [(object_id, kind)] = ids
        return RedirectResponse(href(kind, object_id), 303)
    with frame(services, "Search", path=PATH, searched=text[:SHOWN]):
        page_head("Search")
        if ids:
            show(h.p["This id is shortened, and more than one fits. Which one is it?"])
            show(_choice(ids), classes="panel")
        else:
            next_step = "Copy the whole id, with the button beside it, and search for that."
            show(message(Tone.NOTICE, "This id is shortened, and none that is known here fits.", next_step))
    return None


class Lookup:
    """Asks for what an id that tells no kind may be, shows how far that is, and goes where the id leads."""

    def __init__(self, services: Services, actor: Actor, visit: Visit, candidate: Candidate) -> None:
        self._services = services
        self._actor = actor
        self._visit = visit
        self._candidate = candidate
        self._answers: dict[str, Answer] = {}
        show(_head(candidate))
        self._outcome = show().props("role=status")
        self._details = show(classes="panel panel-body")
        self._elsewhere = ui.element("div")
        self._again = button("Try again", self.load, icon_name="refresh")
        self._again.set_visibility(False)
        self._steps = show(_steps(self._answers), classes="panel")

    async def load(self) -> None:
        await self._visit.load(self._look)

    async def _look(self) -> None:
        self._again.set_visibility(False)
        self._steps.set_visibility(True)
        self._elsewhere.clear()
        put(self._outcome)
        self._details.set_visibility(False)
        outcome = await self._visit.call(
            find(self._actor, self._services.clients, self._candidate, tell=self._note_answer)
        )
        if isinstance(outcome, Found):
            self._lead_to(outcome)
        else:
            await self._explain(outcome)

    def _note_answer(self, what: str, answer: Answer) -> None:
        self._answers[what] = answer
        put(self._steps, _steps(self._answers))

    def _lead_to(self, found: Found) -> None:
        if found.others:
            ids = (found.object_id, *found.others)
            put(self._outcome, h.p[f"{len(ids)} {in_a_sentence(found.kind.plural)} belong to it. Which one is it?"])
            put(self._steps, _choice((object_id, found.kind) for object_id in ids))
            return
        self._steps.set_visibility(False)
        target = href(found.kind, found.object_id)
        put(self._outcome, h.p["Found: ", h.a(href=target)[icon(found.kind.icon), f" {found.kind.title}"]])
        # In place of this page, so that the way back does not lead here and on again.
        self._outcome.client.run_javascript(f"location.replace({json.dumps(target)})")

    async def _explain(self, missed: Missed) -> None:
        self._steps.set_visibility(False)
        self._again.set_visibility(bool(missed.failed or missed.not_tried))
        put(self._outcome, _miss(missed, self._actor))
        put(self._details, _what_was_tried(missed), ways_on(self._candidate.object_id))
        self._details.set_visibility(True)
        with self._elsewhere:
            await show_elsewhere(self._services, self._actor, self._visit, self._candidate)


def _head(candidate: Candidate) -> h.Node:
    why = {
        Shape.DIGITS: "A number tells no kind, so Mangopay is asked for each kind of object that it may be.",
        Shape.UUID: "A UUID tells no kind, so Mangopay is asked for each kind of object that it may be.",
        Shape.FINGERPRINT: "This looks like a card's fingerprint, so Mangopay is asked for the cards that have it.",
    }
    shape = candidate.shape
    return h.fragment[
        h.p(".object-id")["Looking for ", object_id(candidate.object_id)],
        isinstance(shape, Shape) and h.p(".caption")[why[shape]],
    ]


def _steps(answers: dict[str, Answer]) -> h.Node:
    done = sum(answer not in (Answer.WAITING, Answer.ASKED) for answer in answers.values())
    return h.fragment[
        h.div(".panel-head")[h.h2(".section")["Asking Mangopay"], h.span(".caption")[f"{done} of {len(answers)}"]],
        [
            h.div(".line")[h.span(".line-text")[what], chip(answer.capitalize(), TONES[answer])]
            for what, answer in answers.items()
        ],
    ]


def _miss(missed: Missed, actor: Actor) -> h.Node:
    """Say that nothing was found, what that means, and what to do."""
    if not missed.tried and missed.failed:
        return api_error(missed.failed[0][1])
    where = actor.environment.label
    why = f"Check that the id is complete and belongs to {where}. {TOO_OLD} {missed.reason}"
    if missed.failed or missed.not_tried:
        sentence = f"Nothing with this id was found in {where}, but not everything could be asked for."
        return message(Tone.WAITING, sentence, why)
    return message(Tone.NOTICE, f"Nothing in {where} has this id.", why)


def _what_was_tried(missed: Missed) -> h.Node:
    limit = missed.stopped_by.retry_at if isinstance(missed.stopped_by, RateLimited) else None
    return [
        missed.tried and h.p[f"Asked for: {_listed(missed.tried)}."],
        [h.p[f"Could not ask for {in_a_sentence(what)}: {error.sentence}"] for what, error in missed.failed],
        missed.not_tried and h.p[f"Not asked for: {_listed(missed.not_tried)}."],
        h.p["The rate limit frees at ", when(limit, show="exact"), "."] if limit else None,
    ]


def _listed(words: Sequence[str]) -> str:
    """Return words as one says them: "pay-ins, wallets and KYC documents"."""
    said = [in_a_sentence(word) for word in words]
    return " and ".join(filter(None, (", ".join(said[:-1]), said[-1])))


def _choice(ids: Iterable[tuple[str, Kind | Shape]]) -> h.Node:
    return [
        h.div(".line")[
            icon("tag" if isinstance(shape, Shape) else shape.icon),
            h.span(".line-text")[
                h.strong[shape[:1].upper() + shape[1:] if isinstance(shape, Shape) else shape.title], object_id(value)
            ],
            h.a(".button", href=search_url(value) if isinstance(shape, Shape) else href(shape, value))[
                "Look for it" if isinstance(shape, Shape) else "Open"
            ],
        ]
        for value, shape in ids
    ]


def _what_can_be_pasted() -> h.Node:
    return h.fragment[
        empty(
            "manage_search", "Paste any id into the search above", "What it names opens; text around it is no matter."
        ),
        h.div(".panel-body.ruled")[facts((what, h.span(".mono")[example]) for what, example in EXAMPLES)],
    ]
