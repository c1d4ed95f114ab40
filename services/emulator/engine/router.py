"""Which handler answers which path.

Static segments match in any letter case and slashes too many are ignored, because Mangopay's docs and clients mix
them; ids match as they are.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from starlette.responses import Response

from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError
from services.emulator.engine.world import World

Handler = Callable[[World, Call], Response]
API = "/v2.01/{ClientId}"
API_V3 = "/v3.0/{ClientId}"


@dataclass(frozen=True, slots=True)
class Route:
    """A method, a path with `{Names}`, and who answers; `is_open` means no credentials are asked for."""

    method: str
    path: str
    handler: Handler
    is_open: bool = False


@dataclass(slots=True)
class _Node:
    segments: dict[str, "_Node"] = field(default_factory=dict)
    anything: "_Node | None" = None
    routes: dict[str, tuple[Route, list[str]]] = field(default_factory=dict)


class Router:
    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            self._add(route)

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """Return the route and the values of its names; raises ApiError 404 or 405."""
        found = _descend(self._root, _segments(path))
        if found is None:
            raise ApiError(404, "ressource_not_found", "The ressource does not exist")
        node, values = found
        if method not in node.routes:
            allowed = {"Allow": ", ".join(sorted(node.routes))}
            raise ApiError(405, "method_not_allowed", "The method is not allowed for this endpoint", headers=allowed)
        route, names = node.routes[method]
        return route, dict(zip(names, values, strict=True))

    def _add(self, route: Route) -> None:
        node, names = self._root, []
        for segment in _segments(route.path):
            if segment.startswith("{"):
                names.append(segment.strip("{}"))
                node.anything = node.anything or _Node()
                node = node.anything
            else:
                node = node.segments.setdefault(segment.lower(), _Node())
        node.routes[route.method] = (route, names)


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def _descend(node: _Node, segments: list[str]) -> tuple[_Node, list[str]] | None:
    """Follow the path, a static segment before a name, and return the end and the values on the way."""
    if not segments:
        return (node, []) if node.routes else None
    first, rest = segments[0], segments[1:]
    static = node.segments.get(first.lower())
    found = _descend(static, rest) if static else None
    if found is None and node.anything:
        found = _descend(node.anything, rest)
        return (found[0], [first, *found[1]]) if found else None
    return found
