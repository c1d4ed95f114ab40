"""Turns a feed's bytes into values that are safe to store and to show.

A date may lie in the future, for planned work, and is kept.
Source: https://feedparser.readthedocs.io and https://nh3.readthedocs.io
"""

import calendar
import hashlib
import html
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from time import struct_time
from typing import Any

import feedparser
import nh3

from models.plain_text import PROSE_TAGS, plain_text
from services.feeds.fetch import FeedError, Fetched

MOST_ENTRIES = 1000
LONGEST_TITLE = 300
LONGEST_SUMMARY = 100_000
LONGEST_TEXT = 10_000
LONGEST_UID = 1_000
LONGEST_ADDRESS = 2_000

log = logging.getLogger(__name__)

_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(src|width|height)\s*=\s*["']([^"']*)["']""", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedEntry:
    """One entry: `title` is plain text, `summary` sanitised HTML, `link` http, https or None."""

    uid: str
    title: str
    link: str | None
    summary: str
    # None where the feed tells no date: the store takes the moment it is first seen.
    published_at: datetime | None
    # Of a picture that belongs to it, http or https.
    picture_url: str | None = None

    @property
    def content_hash(self) -> str:
        return _hash(self.title, self.link, self.summary, self.published_at, self.picture_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed; its entries come in its own order, mostly the newest first, and may be none."""

    title: str
    link: str | None
    entries: tuple[ParsedEntry, ...]
    # False where the end is missing: what is not in it may only have been cut off.
    is_whole: bool = True


def parse(fetched: Fetched) -> ParsedFeed:
    """Parse what was fetched. It is slow, and holds everything else up (`services.feeds.apart`).

    Raises:
        FeedError: it is no feed (a login page, say), or broken before its first entry.
    """
    # Handed bytes themselves, feedparser would try them as a file's name first.
    headers = {"content-type": fetched.content_type or "application/xml", "content-location": fetched.url}
    try:
        result = feedparser.parse(BytesIO(fetched.content), response_headers=headers)
    except Exception as error:  # feedparser promises nothing about what it raises on odd input
        log.warning("a feed cannot be parsed", exc_info=True)
        raise FeedError("The feed cannot be read.") from error
    entries = list(result.entries)
    if not entries and not result.get("version"):
        raise FeedError("The address answers, but not with a feed.")
    is_whole = not (result.bozo and _is_cut_short(fetched.content))
    if not is_whole:
        if not entries:
            raise FeedError("The feed is cut short.")
        # What the last entry says may be half of it; whole, it comes with the next fetch.
        entries.pop()
    return ParsedFeed(
        title=_plain(result.feed.get("title_detail")),
        link=_web_link(result.feed.get("link")),
        entries=_without_repeats([_entry(entry) for entry in entries[:MOST_ENTRIES]]),
        is_whole=is_whole and len(entries) <= MOST_ENTRIES,
    )


def _entry(entry: Mapping[str, Any]) -> ParsedEntry:
    title = _plain(entry.get("title_detail"))
    link = _web_link(entry.get("link"))
    published_at = _moment(entry.get("published_parsed") or _updated(entry))
    details = [detail for detail in (entry.get("summary_detail"), *entry.get("content", ())) if detail]
    # Some feeds have an excerpt and the whole; what is more is the whole.
    summary = _sanitised(max(details, key=lambda detail: len(detail["value"]), default=None))
    return ParsedEntry(
        # Without a name it goes by its words: a date of its own may be that of the fetch.
        uid=(entry.get("id") or link or _hash(title, summary))[:LONGEST_UID],
        title=title or "Untitled",
        link=link,
        summary=summary,
        published_at=published_at,
        picture_url=_picture(entry, details),
    )


def _picture(entry: Mapping[str, Any], details: Sequence[Mapping[str, str]]) -> str | None:
    """Return where an entry's picture is: named as such, or the first one in its text that is more than a tracker."""
    named = [*entry.get("media_thumbnail", ()), *entry.get("media_content", ()), *entry.get("enclosures", ())]
    found = [one.get("url") or one.get("href") for one in named if _is_picture(one)]
    for detail in details:
        for image in _IMAGE.findall(detail["value"][:LONGEST_SUMMARY]):
            about = {name.lower(): html.unescape(value) for name, value in _ATTRIBUTE.findall(image)}
            if not {about.get("width"), about.get("height")} & {"0", "1", "2"}:
                found.append(about.get("src"))
    return next((link for link in map(_web_link, found) if link and len(link) <= LONGEST_ADDRESS), None)


def _is_picture(named: Mapping[str, str]) -> bool:
    told = named.get("type") or named.get("medium") or "image"
    return told.startswith("image")


def _without_repeats(entries: list[ParsedEntry]) -> tuple[ParsedEntry, ...]:
    """Keep the first of entries with one uid: the newest, where a feed repeats itself."""
    kept: dict[str, ParsedEntry] = {}
    for entry in entries:
        kept.setdefault(entry.uid, entry)
    return tuple(kept.values())


def _sanitised(detail: Mapping[str, str] | None) -> str:
    if detail is None:
        return ""
    text = detail["value"][:LONGEST_SUMMARY]
    if detail["type"] == "text/plain":
        return html.escape(text).strip()
    clean = nh3.clean(
        text,
        tags=set(PROSE_TAGS),
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        url_relative="deny",
        link_rel="noopener noreferrer",
    ).strip()
    # What is left open is closed, and what is closed is named: little can become much.
    return clean if len(clean) <= LONGEST_SUMMARY else html.escape(plain_text(clean)[:LONGEST_TEXT])


def _plain(detail: Mapping[str, str] | None) -> str:
    """Return a title as one line of text, without tags or entities: the page escapes it."""
    if detail is None:
        return ""
    text = detail["value"][:LONGEST_SUMMARY]
    if detail["type"] != "text/plain":
        text = html.unescape(nh3.clean(text, tags=set()))
    return " ".join(text.split())[:LONGEST_TITLE]


def _web_link(link: str | None) -> str | None:
    return link if link and link.lower().startswith(("http://", "https://")) else None


def _updated(entry: Mapping[str, Any]) -> struct_time | None:
    return entry["updated_parsed"] if "updated_parsed" in entry else None  # noqa: SIM401  (its get warns)


def _moment(parsed: struct_time | None) -> datetime | None:
    try:
        return None if parsed is None else datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _is_cut_short(content: bytes) -> bool:
    return not content.rstrip().lower().endswith((b"</rss>", b"</feed>", b"</rdf:rdf>"))


def _hash(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()
