"""The pages of a document: checked, kept as they were uploaded, and shown for ten minutes to whoever holds a link.

Source: https://docs.mangopay.com/api-reference/kyc-documents and .../dispute-documents

Chosen: the content of the last 200 pages is kept, and the last 1,000 links; what is older answers 404.
"""

import base64
import binascii
import secrets

from services.emulator.engine.errors import ApiError
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World

LINK_LIFE_S = 600
LEAST_BYTES = 1_000
MAX_BASE64 = 10_000_000
PDF, JPEG, PNG, GIF = "application/pdf", "image/jpeg", "image/png", "image/gif"
MEDIA_TYPES = {b"%PDF": PDF, b"\xff\xd8\xff": JPEG, b"\x89PNG": PNG, b"GIF8": GIF}
SCANS = (PDF, JPEG, PNG)


def read_file(fields: Fields, *, least: int = LEAST_BYTES, kinds: tuple[str, ...] = SCANS) -> bytes:
    """Return the content of `File`; raises ApiError 400, 413 or 415 for what cannot be one of these."""
    fields.require("File")
    text = fields.text("File", longest=2 * MAX_BASE64) or ""
    if len(text) > MAX_BASE64:
        raise ApiError(413, "request_entity_too_large", "The file is too large")
    content = _decoded(fields, text)
    if len(content) < least:
        fields.refuse("File", "The file is too small to be readable")
    fields.check()
    if media_type(content) not in kinds:
        raise ApiError(415, "unsupported_media_type", f"The file must be one of {', '.join(kinds)}")
    return content


def keep(world: World, document: Entity, content: bytes) -> None:
    world.store.document_pages.save(
        {
            "Id": new_id("page_"),
            "DocumentId": document["Id"],
            "CreationDate": world.clock.now(),
            "Content": base64.b64encode(content).decode(),
        }
    )


def consult(world: World, document: Entity) -> list[Entity]:
    """Return a fresh link to every page of a document, in their order."""
    return [_link(world, page) for page in world.store.document_pages.where("DocumentId", document["Id"])]


def content_of(world: World, token: str) -> bytes | None:
    """Return the page a link leads to; None if the link has expired or never was."""
    link = world.store.page_links.get(token)
    page = world.store.document_pages.get(link["PageId"]) if link else None
    if link is None or page is None or link["ExpirationDate"] < world.clock.now():
        return None
    return base64.b64decode(page["Content"])


def media_type(content: bytes) -> str:
    known = (kind for start, kind in MEDIA_TYPES.items() if content.startswith(start))
    return next(known, "application/octet-stream")


def _link(world: World, page: Entity) -> Entity:
    token, expires_at = secrets.token_urlsafe(24), world.clock.now() + LINK_LIFE_S
    world.store.page_links.save({"Id": token, "PageId": page["Id"], "ExpirationDate": expires_at})
    return {"Url": f"{world.config.base_url}/documents/{token}", "ExpirationDate": expires_at}


def _decoded(fields: Fields, text: str) -> bytes:
    """Return the bytes behind base64, which some clients break into lines."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        fields.refuse("File", "Invalid length for a Base-64 char array or string.")
        return b""
