"""The security headers of every page, and the nonce on the scripts of NiceGUI's.

NiceGUI writes its pages without a nonce; it escapes what is shown, so every `<script` it writes is its own or ours.
`'unsafe-eval'` is what Vue needs to compile NiceGUI's templates, and is given to its pages only.
"""

import re
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

SCRIPT = re.compile(rb"<script(?=[\s>])")
HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ONE_YEAR = "max-age=31536000; includeSubDomains"


class SecuredSend:
    """Sends one response on with its headers; a page of NiceGUI is held until it is whole, all else streams through."""

    def __init__(self, send: Send, *, nonce: str, https: bool, is_asset: bool, is_secret: bool = False) -> None:
        self._send = send
        self._nonce = nonce
        self._https = https
        self._is_asset = is_asset
        self._is_secret = is_secret
        self._held: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._start(message)
        elif message["type"] == "http.response.body" and self._held is not None:
            await self._collect(self._held, message)
        else:
            await self._send(message)

    async def _start(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        is_nicegui_page = headers.get("X-NiceGUI-Content") == "page" and "Content-Encoding" not in headers
        headers.update(HEADERS)
        if self._is_secret:
            # Not `no-referrer`, with which browsers would also keep the Origin of forms to themselves.
            headers["Referrer-Policy"] = "strict-origin"
        headers["Content-Security-Policy"] = _policy(self._nonce, evaluates=is_nicegui_page)
        if self._https:
            headers["Strict-Transport-Security"] = ONE_YEAR
        if headers.get("Content-Type", "").startswith("text/html"):
            headers["Cache-Control"] = "no-store"
        elif not self._is_asset:
            headers.setdefault("Cache-Control", "no-store")
        if is_nicegui_page:
            self._held = message
        else:
            await self._send(message)

    async def _collect(self, start: Message, message: Message) -> None:
        self._body += message.get("body", b"")
        if message.get("more_body", False):
            return
        page = SCRIPT.sub(b'<script nonce="%s"' % self._nonce.encode(), bytes(self._body))
        MutableHeaders(scope=start)["Content-Length"] = str(len(page))
        self._held = None
        await self._send(start)
        await self._send({"type": "http.response.body", "body": page})


def _policy(nonce: str, *, evaluates: bool) -> str:
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'nonce-{nonce}' 'strict-dynamic'" + (" 'unsafe-eval'" if evaluates else ""),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
