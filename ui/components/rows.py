"""A list that grows at its top while it is looked at.

Rows arrive in chunks, one NiceGUI element each, so that a rush of hundreds costs the server one small message and not
a table sent again. Old chunks leave at the bottom.
"""

from collections.abc import Callable, Iterator, Sequence

import htpy as h
from nicegui import ui

from models.notification import Notification
from ui.components.html import put, show

Render = Callable[[Notification, bool], h.Node]


class _Chunk:
    def __init__(self, rows: Sequence[Notification]) -> None:
        self.rows = {row.id: row for row in rows}
        self.element: ui.html | None = None


class Rows:
    """Notifications, newest first. `render(row, is_new)` makes a row's HTML; a click on it calls `on_open(id)`."""

    def __init__(self, render: Render, *, at_least: int, on_open: Callable[[int], object]) -> None:
        self._render = render
        self._at_least = at_least
        self._chunks: list[_Chunk] = []
        self.has_let_go = False
        self._element = ui.element("div").classes("list-rows").props("role=rowgroup")
        self._element.on("open", lambda event: on_open(int(event.args["detail"])), args=["detail"])

    def __iter__(self) -> Iterator[Notification]:
        return (row for chunk in self._chunks for row in chunk.rows.values())

    @property
    def last(self) -> Notification | None:
        """The oldest row shown."""
        return next(reversed(self._chunks[-1].rows.values()), None) if self._chunks else None

    def __len__(self) -> int:
        return sum(len(chunk.rows) for chunk in self._chunks)

    def replace(self, rows: Sequence[Notification]) -> None:
        """Show exactly these rows."""
        self._element.clear()
        self._chunks = []
        self.has_let_go = False
        self._put_on_top(rows, are_new=False)

    def take(self, rows: Sequence[Notification]) -> None:
        """Slide in the rows that are new, newest first, and show the others as they are now."""
        shown = {row.id: chunk for chunk in self._chunks for row in chunk.rows.values()}
        changed = {id(shown[row.id]): shown[row.id] for row in rows if row.id in shown}
        for row in rows:
            if row.id in shown:
                shown[row.id].rows[row.id] = row
        for chunk in changed.values():
            self._draw(chunk, are_new=False)
        self._put_on_top([row for row in rows if row.id not in shown], are_new=True)
        self._let_old_rows_go()

    def _put_on_top(self, rows: Sequence[Notification], *, are_new: bool) -> None:
        if not rows:
            return
        chunk = _Chunk(rows)
        self._chunks.insert(0, chunk)
        with self._element:
            chunk.element = show()
            chunk.element.move(target_index=0)
        self._draw(chunk, are_new=are_new)

    def _draw(self, chunk: _Chunk, *, are_new: bool) -> None:
        if chunk.element is not None:
            put(chunk.element, [self._render(row, are_new) for row in chunk.rows.values()])

    def _let_old_rows_go(self) -> None:
        while self._chunks and len(self) - len(self._chunks[-1].rows) >= self._at_least:
            oldest = self._chunks.pop()
            self.has_let_go = True
            if oldest.element is not None:
                oldest.element.delete()
