"""Every address of the dashboard, and what it takes to come there. What is not registered here is not reachable.

The guard asks this table before anything else runs; the menu, and the matrix of tests, are made from it.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, compile_path

from models.permissions import Permission

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Place:
    """A path, with `{parameters}`. `needs` is None where strangers may come: the doors themselves."""

    path: str
    needs: Permission | None
    methods: Sequence[str] = ("GET",)
    is_page: bool = False

    def matches(self, path: str) -> bool:
        return _pattern(self.path).match(path) is not None


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return compile_path(path)[0]


@dataclass(slots=True)
class Places:
    """Filled while the application is put together, read ever after."""

    _places: list[Place] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)

    def __iter__(self) -> Iterator[Place]:
        return iter(self._places)

    def find(self, path: str) -> Place | None:
        return next((place for place in self._places if place.matches(path)), None)

    def add(self, place: Place) -> None:
        """Register what is served by somebody else."""
        self._places.append(place)

    def page(self, path: str, *, needs: Permission) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a page of NiceGUI; to be used as a decorator, like `ui.page`."""
        self.add(Place(path, needs, is_page=True))
        return ui.page(path)

    def endpoint(self, path: str, handlers: dict[str, Handler], *, needs: Permission | None) -> None:
        """Register a plain endpoint, with a handler for each method."""
        self.add(Place(path, needs, methods=tuple(handlers)))
        self.routes.extend(Route(path, handler, methods=[method]) for method, handler in handlers.items())
