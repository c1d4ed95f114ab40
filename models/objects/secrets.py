"""What of an object is a key to something, and so is shown to nobody: a receiver's token, what a card is registered
with, a wallet's payment data, a link that takes a file.
"""

import re
from urllib.parse import urlsplit

from models.objects.fields import Content

HIDDEN = "…"
KEYS = frozenset(
    {
        "AccessKey",
        "PreregistrationData",
        "RegistrationData",
        "CardRegistrationURL",
        "PaymentData",
        "TokenData",
        "UploadUrl",
    }
)


def without_secrets(content: Content) -> Content:
    """Return an object as people may see it, its keys left out."""
    hidden: dict[str, object] = {name: HIDDEN for name in KEYS if content.get(name)}
    if isinstance(url := content.get("Url"), str):
        # Of a hook: other objects spell theirs otherwise.
        hidden["Url"] = url_without_secrets(url)
    return {**content, **hidden}


def url_without_secrets(url: str | None) -> str:
    """Return where a hook leads without what may be somebody's secret: user and query, and a receiver's token."""
    try:
        parts = urlsplit(url or "")
        host = parts.hostname
    except ValueError:
        return "No URL"
    if not host:
        return "No URL"
    path = re.sub(r"(/hooks/[^/]+/).+", rf"\1{HIDDEN}", parts.path)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}"
