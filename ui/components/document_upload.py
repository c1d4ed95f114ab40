"""Adds a document, or finishes one that was begun: its type, its files, one button that sends them all.

What was chosen goes with the page; what Mangopay has got by then stays there.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from uuid import uuid4

import htpy as h
from nicegui import ui
from sqlalchemy.exc import OperationalError

from models.documents import LONGEST_TAG
from models.objects.kinds import href
from models.words import label_of
from services.access.actors import Denied
from services.clock import now
from services.mangopay.errors import Conflict, Invalid, MangopayError
from services.objects.folders import DocumentError, EarlierTryFailed, FileRefused
from ui.components.chosen_files import ChosenFile, ChosenFiles
from ui.components.forms import BUSY, Field
from ui.components.html import button, put, show
from ui.components.papers import Papers, PaperType
from ui.components.parts import facts, message, object_id
from ui.theme import Tone

OnDone = Callable[[Mapping[str, object]], Awaitable[object] | object]
FAILURES = (MangopayError, DocumentError, Denied, OperationalError)
LEAVING = (
    "If you leave this page, the files chosen here are gone from it. What has reached Mangopay by then stays there: "
    "a document that is not submitted yet can be finished later."
)


class _Left(Exception):
    """Nobody is there any more to be told, and nothing more is sent."""


class DocumentUpload:
    """A panel for whoever may send these papers.

    `document` is Mangopay's JSON of one in status CREATED, which is finished. `on_done` is told the document once it is
    submitted and the panel has said so.
    """

    def __init__(self, papers: Papers, *, on_done: OnDone, document: Mapping[str, object] | None = None) -> None:
        self._papers = papers
        self._on_done = on_done
        self._is_continued = document is not None
        title = "Finish the document" if self._is_continued else "Add a document"
        with (
            ui.element("section")
            .classes("panel document-upload")
            .props(f'aria-label="{title}" tabindex=-1') as self._panel
        ):
            show(h.div(".panel-head")[h.h2(".section")[title]])
            self._body = ui.element("div").classes("panel-body")
        self._begin(document)

    def _begin(self, document: Mapping[str, object] | None = None) -> None:
        self._document = document
        # Nobody knows whether the document exists: only the same, asked for again, tells.
        self._is_perhaps_created = False
        self._type = str(document.get("Type")) if document else self._papers.types[0].name
        # Made once for each document, so that a second click or a lost answer makes no second one.
        self._key = uuid4().hex
        self._body.clear()
        with self._body:
            if self._papers.closed_because:
                show(message(Tone.NOTICE, self._papers.closed_because))
            else:
                self._build()
                self._draw()

    def _build(self) -> None:
        show(self._papers.notice)
        self._facts = show()
        with ui.element("div").classes("document-choice") as self._choice:
            self._build_types()
            self._tag = Field("Tag (optional)", help_text="Your own note, kept with the document.")
            show(self._papers.help_on_tags)
        self._chosen = ChosenFiles(self._papers.files, complain=self._complain)
        self._progress = show().props("role=status")
        self._alert = show()
        self._send = button("Send for validation", self._run, classes="primary")
        show(h.p(".caption")[LEAVING])

    def _build_types(self) -> None:
        group = f"type-{uuid4().hex}"
        with ui.element("fieldset").classes("document-types"):
            ui.html("Type", tag="legend").classes("form-label")
            for paper in self._papers.types:
                with ui.element("label"):
                    radio = ui.element("input").props(f"type=radio name={group} value={paper.name}")
                    radio.props("checked" if paper.name == self._type else "")
                    radio.on("change", partial(self._choose, paper.name), args=[])
                    ui.html(str(_way(paper)), tag="span")

    def _choose(self, document_type: str) -> None:
        if not self._is_settled:
            self._type = document_type
            self._draw()

    @property
    def _is_settled(self) -> bool:
        """Whether type and tag were sent, and can be chosen no more."""
        return self._document is not None or self._is_perhaps_created

    def _draw(self, *, is_busy: bool = False) -> None:
        is_settled = self._is_settled or is_busy
        self._choice.set_visibility(not is_settled)
        put(self._facts, _facts_of(self._document, self._type) if is_settled else None)
        self._chosen.draw(self._type, is_busy=is_busy)

    def _complain(self, *sentences: str, next_step: str = "") -> None:
        put(self._alert, sentences and message(Tone.NEGATIVE, " ".join(sentences), next_step))

    async def _run(self) -> None:
        lack = self._lack()
        self._complain(*lack)
        if lack:
            return
        try:
            submitted = await self._send_all()
        except FAILURES as error:
            self._stop(error)
        except _Left:
            return
        else:
            await self._finish(submitted)

    def _lack(self) -> list[str]:
        """Return what is still to be done before anything can be sent, in sentences."""
        if self._chosen.are_arriving:
            return ["Wait until the files have arrived."]
        if not self._chosen.files and not self._is_continued:
            return ["Choose at least one file."]
        if self._chosen.have_faults:
            return ["Remove the files that are marked, or choose another type of document."]
        if self._document is None and len(self._tag.value) > LONGEST_TAG:
            self._tag.refuse(f"A tag has at most {LONGEST_TAG} characters.")
            return ["Shorten the tag."]
        return []

    async def _send_all(self) -> Mapping[str, object]:
        """Create the document, send its pages, submit it: from wherever this stopped before."""
        if self._document is None:
            self._say("Creating the document…")
            self._document = await self._create()
        document_id = str(self._document["Id"])
        files = self._chosen.files
        for number, file in enumerate(files, 1):
            if not file.is_sent:
                self._say(f"Sending page {number} of {len(files)}…")
                await self._send_page(file, document_id)
        self._say("Asking for its validation…")
        return await self._papers.submit(document_id, document_type=self._type, now=now())

    def _say(self, step: str) -> None:
        """Show what is done next. Raises _Left."""
        if self._panel.is_deleted:
            raise _Left
        put(self._progress, h.p[step])
        self._draw(is_busy=True)

    async def _create(self) -> Mapping[str, object]:
        try:
            return await self._papers.create(
                document_type=self._type, tag=self._tag.value, idempotency_key=self._key, now=now()
            )
        except (Invalid, EarlierTryFailed):
            # Mangopay takes no key twice, though it led to nothing.
            self._key, self._is_perhaps_created = uuid4().hex, False
            raise
        except (MangopayError, OperationalError) as error:
            self._is_perhaps_created |= _is_unknown(error)
            raise

    async def _send_page(self, file: ChosenFile, document_id: str) -> None:
        try:
            await self._papers.upload(
                document_id, document_type=self._type, content=file.content, name=file.name,
                idempotency_key=file.key, now=now(),
            )  # fmt: skip
        except (Invalid, FileRefused) as error:
            file.refusal, file.is_perhaps_sent = _sentence(error), False
            raise
        except EarlierTryFailed:
            file.key, file.is_perhaps_sent = uuid4().hex, False
            raise
        except (MangopayError, OperationalError) as error:
            file.is_perhaps_sent |= _is_unknown(error)
            raise
        file.is_sent = True

    def _stop(self, error: Exception) -> None:
        """Say what went wrong and how far it came, and offer to go on from there."""
        if self._panel.is_deleted:
            return
        reference = (error.error_id or error.request_id) if isinstance(error, MangopayError) else None
        said = [self._how_far(error), "Try again goes on from here.", f"Reference: {reference}." if reference else ""]
        self._complain(_sentence(error), next_step=" ".join(filter(None, said)))
        put(self._progress)
        put(self._send, "Try again")
        self._draw()

    def _how_far(self, error: Exception) -> str:
        is_unknown = _is_unknown(error)
        if self._document is None:
            return "Whether the document exists is not known." if is_unknown else "Nothing is at Mangopay yet."
        sent = self._chosen.sent
        has = f"has the pages it had and {_pages(sent)} more" if self._is_continued else f"exists with {_pages(sent)}"
        if not is_unknown:
            return f"The document {has} but is not submitted."
        if sent < len(self._chosen.files):
            return f"The document {has}, perhaps one{' more' if sent else ''}, but is not submitted."
        return f"The document {has}; whether it is submitted is not known."

    async def _finish(self, submitted: Mapping[str, object]) -> None:
        if self._panel.is_deleted:
            return
        status, sent = submitted.get("Status"), self._chosen.sent
        became = "is sent for validation" if status == "VALIDATION_ASKED" else f"was submitted, and is {status} by now"
        what = f"{label_of(self._type)} with {_pages(sent)}" if sent else "The document"
        way = h.a(href=href(self._papers.kind, str(submitted["Id"])))["Open the document"]
        self._body.clear()
        with self._body:
            show(message(Tone.POSITIVE, f"{what} {became}.", way))
            if not self._is_continued:
                button("Add another document", self._begin)
            show(self._papers.way_on)
        # The button that was pressed is gone, and with it the focus, and the place where this runs.
        self._panel.run_method("focus")
        with self._panel.client.content:
            outcome = self._on_done(submitted)
            if isinstance(outcome, Awaitable):
                await outcome


def _pages(count: int) -> str:
    return f"{count or 'no'} page{'' if count == 1 else 's'}"


def _way(paper: PaperType) -> h.Node:
    return h.fragment[
        h.strong[label_of(paper.name)], " ", h.span(".caption")[paper.demand], h.span(".caption.purpose")[paper.purpose]
    ]


def _facts_of(document: Mapping[str, object] | None, document_type: str) -> h.Node:
    known = document or {}
    return facts(
        [
            ("Type", label_of(document_type)),
            ("Document", object_id(str(known["Id"])) if "Id" in known else "not known yet"),
            ("Tag", str(known.get("Tag") or "")),
        ]
    )


def _is_unknown(error: Exception) -> bool:
    """Whether what failed may have been done all the same; what reads here, looks up what became of something sent."""
    if isinstance(error, MangopayError):
        return error.outcome_is_unknown or error.method == "GET" or isinstance(error, Conflict)
    return isinstance(error, OperationalError)


def _sentence(error: Exception) -> str:
    if isinstance(error, MangopayError):
        return error.sentence
    return BUSY if isinstance(error, OperationalError) else str(error)
