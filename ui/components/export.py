"""The button that exports a list, and the line that says how far the export has come."""

import secrets
from collections.abc import Callable
from urllib.parse import urlencode

import htpy as h
from nicegui import ui

from models.objects.listing import Listing
from models.permissions import Permission
from services.access.actors import Actor
from services.objects.exports import Progress
from ui.components.html import button, put, show
from ui.components.list_state import ListState
from ui.components.parts import icon, message, when
from ui.theme import Tone

LOOKS_EVERY_S = 0.5
# Nobody has more open at once; the oldest go.
MOST = 200


class Exports:
    """The exports that are under way in this process, by a ticket that only the page that began one knows."""

    def __init__(self) -> None:
        self._by_ticket: dict[str, tuple[int, Progress]] = {}

    def begin(self, actor: Actor) -> tuple[str, Progress]:
        while len(self._by_ticket) >= MOST:
            self._by_ticket.pop(next(iter(self._by_ticket)))
        ticket, progress = secrets.token_urlsafe(16), Progress()
        self._by_ticket[ticket] = (actor.session_id, progress)
        return ticket, progress

    def take(self, ticket: str, actor: Actor) -> Progress:
        """Return the progress that a page watches; a new one, which nobody watches, for whoever has no ticket."""
        session_id, progress = self._by_ticket.get(ticket, (None, Progress()))
        if session_id != actor.session_id:
            return Progress()
        del self._by_ticket[ticket]
        return progress


class ExportButton:
    """Added where it stands. `state` is asked when it is pressed."""

    def __init__(
        self, actor: Actor, exports: Exports, listing: Listing, state: Callable[[], ListState], *, of: str = ""
    ) -> None:
        self._actor = actor
        self._exports = exports
        self._listing = listing
        self._state = state
        self._of = of
        self._progress: Progress | None = None
        if not actor.may(Permission.EXPORT):
            return
        button("Export CSV", self._begin, icon_name="download")
        with ui.element("div").classes("export-progress") as self._line:
            self._said = show()
            self._bar = ui.element("progress").props("max=100 aria-label=Export")
            self._stop = button("Stop", self._give_up, classes="plain-button")
        self._line.set_visibility(False)
        self._timer = ui.timer(LOOKS_EVERY_S, self._look, active=False)

    def _begin(self) -> None:
        ticket, self._progress = self._exports.begin(self._actor)
        ui.navigate.to(self._address(ticket))
        self._line.set_visibility(True)
        self._stop.set_visibility(True)
        self._bar.set_visibility(True)
        self._timer.activate()
        self._look()

    def _address(self, ticket: str) -> str:
        query = urlencode({name: value for name, value in (("of", self._of), ("ticket", ticket)) if value})
        address = self._state().url(f"/exports/{self._listing.name}.csv")
        return f"{address}{'&' if '?' in address else '?'}{query}"

    def _give_up(self) -> None:
        if self._progress is not None:
            self._progress.give_up()

    def _look(self) -> None:
        progress = self._progress
        if progress is None:
            return
        put(self._said, _said(progress))
        share = 100 * progress.done // progress.total if progress.total else 0
        self._bar.props(f"value={share}")
        if progress.has_ended:
            self._timer.deactivate()
            self._stop.set_visibility(False)
            self._bar.set_visibility(False)


def _said(progress: Progress) -> h.Node:
    total = f" of {progress.total:,}" if progress.total else ""
    if progress.error:
        sentence = f"The export stopped after {progress.done:,} rows: {progress.error}"
        return message(Tone.NEGATIVE, sentence, "The file is not complete. Export again.")
    if progress.is_given_up:
        return h.span(".caption")[f"Stopped after {progress.done:,}{total} rows. The file is not complete."]
    if progress.has_ended:
        return h.span(".caption")[icon("check"), f" {progress.done:,} rows exported."]
    if progress.waits_until is not None:
        return h.span(".caption")[
            f"{progress.done:,}{total} rows. Waiting for Mangopay's rate limit ", when(progress.waits_until)
        ]
    return h.span(".caption")[f"{progress.done:,}{total} rows"]
