"""The line that says, shortly before, that a session is about to end, and what can be done about it."""

from datetime import timedelta

import htpy as h
from nicegui import ui

from services.access.sessions import TimeLeft
from ui.components.html import button, put, show
from ui.components.parts import icon

WARN_BEFORE = timedelta(minutes=2)


class EndingNotice:
    """Hidden until `tell` finds little time left."""

    def __init__(self) -> None:
        with ui.element("div").classes("message waiting ending").props("role=alert") as self._line:
            show(icon("schedule"))
            self._text = show()
            # Any click is a sign of life, so this one needs to do no more than be clicked.
            self._stay = button("Stay signed in", lambda: self._line.set_visibility(False))
        self._line.set_visibility(False)

    def tell(self, left: TimeLeft) -> None:
        """Show or hide the line; to be called every few seconds."""
        is_due = min(left.idle, left.absolute) <= WARN_BEFORE
        if is_due and not self._line.visible:
            can_stay = left.absolute > WARN_BEFORE
            put(self._text, h.p[_SENTENCES[can_stay]])
            self._stay.set_visibility(can_stay)
        if self._line.visible != is_due:
            self._line.set_visibility(is_due)


_SENTENCES = {
    True: "Your session ends in less than two minutes, because nothing was done on any page of yours.",
    False: "Your session ends in less than two minutes: it has lasted as long as it may. Finish, and sign in anew.",
}
