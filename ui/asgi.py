"""The root ASGI function: who answers which path.

The receiver must answer in milliseconds whatever the pages do, so it and the other plain applications stand outside
NiceGUI and its middleware; they are handed in by the first segment of their path and never see it.
"""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


class Root:
    """Hands `/{prefix}/…` to the application of that prefix, and everything else, lifespan included, to the pages."""

    def __init__(self, pages: ASGIApp, *, by_prefix: Mapping[str, ASGIApp]) -> None:
        self._pages = pages
        self._by_prefix = by_prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            prefix, _, rest = scope["path"][1:].partition("/")
            app = self._by_prefix.get(prefix)
            if app is not None:
                await app({**scope, "path": f"/{rest}", "root_path": f"/{prefix}"}, receive, send)
                return
        await self._pages(scope, receive, send)
