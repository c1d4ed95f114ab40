"""Web addresses that a platform has sent: which are any, and how they come to tell something more."""

import re
from urllib.parse import urlsplit

# Perhaps a user, a name or a bracketed address, perhaps a port; no fragment, which no server ever gets to see.
HTTP_URL = re.compile(
    r"https?://([^\s/?#\[\]@]*@)?(\[[0-9a-f:.]+\]|[^\s/?#\[\]@:]+)(:[0-9]{1,5})?([/?][^\s#]*)?", re.IGNORECASE
)


def is_http(url: str) -> bool:
    """Tell whether something can be sent to this address."""
    if not url.isprintable() or not HTTP_URL.fullmatch(url):
        return False
    try:
        # Neither a port nor an address of numbers is any that looks like it.
        return urlsplit(url).port != 0
    except ValueError:
        return False


def with_query(url: str, query: str) -> str:
    """Return an address that tells more in its query, which stands before its fragment."""
    if not query:
        return url
    start, mark, fragment = url.partition("#")
    return f"{start}{'&' if '?' in start else '?'}{query}{mark}{fragment}"
