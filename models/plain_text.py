"""What is kept of a feed's HTML, and the same as plain text, for a line or two of it."""

import re
from html import unescape

# Words, lists and links; no image, for it would tell its host who reads this and when.
PROSE_TAGS = frozenset(
    ["a", "b", "blockquote", "br", "code", "em", "h2", "h3", "h4", "i", "li", "ol", "p", "pre", "small", "strong", "ul"]
)

_END_OF_BLOCK = re.compile(r"<(?:br|/p|/li|/h\d|/pre|/blockquote)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


def plain_text(html: str) -> str:
    """Return sanitised HTML as one line of text; what is to be shown is escaped again by whoever shows it."""
    return " ".join(unescape(_TAG.sub("", _END_OF_BLOCK.sub(" ", html))).split())


def excerpt(html: str, longest: int) -> str:
    """Return the beginning of sanitised HTML as text, cut between words."""
    text = plain_text(html)
    if len(text) <= longest:
        return text
    return f"{text[:longest].rsplit(' ', 1)[0].rstrip('.,;: ')}…"
