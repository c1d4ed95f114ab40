"""A part of a page that is got for itself: it can fail alone, says so, and keeps what it showed."""

from collections.abc import Awaitable, Callable

import htpy as h
from nicegui import ui
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from services.mangopay.errors import MangopayError
from ui.components.forms import BUSY
from ui.components.html import button, put, show
from ui.components.parts import api_error, message
from ui.theme import Tone
from ui.visit import Visit

FAILURES = (MangopayError, SQLAlchemyError, ValidationError)


def failure(error: Exception) -> h.Node:
    """Say in words what a part of a page failed for. `error` is one of FAILURES."""
    if isinstance(error, MangopayError):
        return api_error(error)
    if isinstance(error, SQLAlchemyError):
        return message(Tone.NEGATIVE, BUSY, "Try again in a moment.")
    return message(Tone.NEGATIVE, "Mangopay's answer cannot be understood.", "Look at API Status, and try again.")


class Trouble:
    """The place where a part says what went wrong, with a button to try again; empty while all is well."""

    def __init__(self, again: Callable[[], Awaitable[object]]) -> None:
        with ui.element("div").classes("trouble") as self._element:
            self._sentence = show()
            button("Try again", again, icon_name="refresh")
        self._element.set_visibility(False)

    def tell(self, error: Exception, *, goes_there: bool = False) -> None:
        """Say it; go there for somebody who may be looking at another place, such as the foot of a long list."""
        put(self._sentence, failure(error))
        self._element.set_visibility(True)
        if goes_there:
            self._element.run_method("scrollIntoView", {"block": "nearest"})

    def clear(self) -> None:
        self._element.set_visibility(False)


class Part:
    """A part whose content is HTML: `read` gets it. Until then it shows `shape`."""

    def __init__(
        self, visit: Visit, read: Callable[[], Awaitable[h.Node]], *, shape: h.Node, classes: str = ""
    ) -> None:
        self._visit = visit
        self._read = read
        with ui.element("div").classes(f"part {classes}"):
            self._trouble = Trouble(self.reload)
            self._content = show(shape)
        self._has_content = False

    async def load(self) -> None:
        """Get the content and show it. Raises Left when the page is left meanwhile."""
        try:
            content = await self._read()
        except FAILURES as error:
            self._trouble.tell(error)
            if not self._has_content:
                put(self._content)
            return
        self._trouble.clear()
        self._has_content = True
        put(self._content, content)

    async def reload(self) -> None:
        await self._visit.load(self.load)
