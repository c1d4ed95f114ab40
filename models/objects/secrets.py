"""What of an object is a key to something, and so is shown to nobody: a receiver's token, a card's registration."""

import re
from urllib.parse import urlsplit

from models.objects.fields import Content
from models.objects.kinds import Kind

HIDDEN = "…"
# With these a card can be registered in the name of whoever the registration is for.
_KEYS = {"card-registration": ("AccessKey", "PreregistrationData", "RegistrationData")}


def without_secrets(kind: Kind, content: Content) -> Content:
    """Return an object as people may see it, its keys left out."""
    hidden: dict[str, object] = {name: HIDDEN for name in _KEYS.get(kind.name, ()) if content.get(name)}
    if kind.name == "hook" and isinstance(url := content.get("Url"), str):
        hidden["Url"] = url_without_secrets(url)
    return {**content, **hidden}


def url_without_secrets(url: str | None) -> str:
    """Return where a hook leads without what may be somebody's secret: user and query, and a receiver's token."""
    parts = urlsplit(url or "")
    if not parts.hostname:
        return "No URL"
    path = re.sub(r"(/hooks/[^/]+/).+", rf"\1{HIDDEN}", parts.path)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}"
