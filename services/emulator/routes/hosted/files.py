"""Files that the API only leads to: scans for as long as their links hold, and the platform's logo.

Source: https://docs.mangopay.com/api-reference/kyc-documents, .../dispute-documents and .../client
"""

import base64

from starlette.responses import Response

from services.emulator.engine.call import Call
from services.emulator.engine.errors import not_found
from services.emulator.engine.router import Route
from services.emulator.engine.world import World
from services.emulator.rules import document_pages


def show_page(world: World, call: Call) -> Response:
    content = document_pages.content_of(world, call.params["Token"])
    if content is None:
        raise not_found("Page", call.params["Token"])
    return _file(content)


def show_logo(world: World, call: Call) -> Response:
    logo = world.store.settings.get("client_logo")
    if logo is None:
        raise not_found("Logo", call.path)
    return _file(base64.b64decode(logo["Content"]))


def _file(content: bytes) -> Response:
    # Somebody else's file must never be taken for a page of ours.
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return Response(content, media_type=document_pages.media_type(content), headers=headers)


ROUTES = (
    Route("GET", "/documents/{Token}", show_page, is_open=True),
    Route("GET", "/logo", show_logo, is_open=True),
)
