"""The rows of a list, drawn a few at a time: a hundred at once would hold up everybody else, the receiver first."""

import asyncio
from collections.abc import Callable, Sequence

import htpy as h
from nicegui import ui

from models.objects.fields import Content
from ui.components.html import put, show
from ui.components.parts import skeleton

AT_ONCE = 10


class ListRows:
    """One element for each few rows; those whose rows have not changed are left alone."""

    def __init__(self) -> None:
        self._element = ui.element("div").classes("list-rows").props("role=rowgroup")
        self._chunks: list[tuple[ui.html, object]] = []
        self._turn = 0
        with self._element:
            self._other: ui.html | None = show(h.div(".panel-body")[skeleton(*["94%", "81%", "88%"] * 3)])

    def say(self, content: h.Node = None) -> None:
        """Show something else than rows."""
        self._turn += 1
        self._clear()
        with self._element:
            self._other = show(content)

    async def draw(self, rows: Sequence[Content], render: Callable[[Content], h.Node], *, drawn_with: object) -> None:
        """Show these rows; another call meanwhile ends this one. `drawn_with` is what `render` depends on besides."""
        self._turn += 1
        turn = self._turn
        if self._other is not None:
            self._clear()
        chunks = [tuple(rows[at : at + AT_ONCE]) for at in range(0, len(rows), AT_ONCE)]
        for place, chunk in enumerate(chunks):
            self._draw_chunk(place, chunk, render, (chunk, drawn_with))
            await asyncio.sleep(0)
            if turn != self._turn:
                return
        for element, _ in self._chunks[len(chunks) :]:
            element.delete()
        del self._chunks[len(chunks) :]

    def _draw_chunk(
        self, place: int, chunk: Sequence[Content], render: Callable[[Content], h.Node], drawn: object
    ) -> None:
        if place == len(self._chunks):
            with self._element:
                self._chunks.append((show(), None))
        element, shown = self._chunks[place]
        if shown != drawn:
            put(element, [render(row) for row in chunk])
            self._chunks[place] = (element, drawn)

    def _clear(self) -> None:
        self._element.clear()
        self._chunks, self._other = [], None
