"""Turns a feed's bytes into values that are safe to store and to show.

A date may lie in the future, for planned work, and is kept.
Source: https://feedparser.readthedocs.io and https://nh3.readthedocs.io
"""

import calendar
import hashlib
import html
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from time import struct_time
from typing import Any

import feedparser
import nh3

from services.feeds.fetch import FeedError, Fetched

MOST_ENTRIES = 100
LONGEST_TITLE = 300
LONGEST_SUMMARY = 20_000
LONGEST_UID = 1_000

# Words, lists and links; no image, for it would tell its host who reads this and when.
TAGS = {"a", "b", "blockquote", "br", "code", "em", "i", "li", "ol", "p", "small", "strong", "ul"}
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedEntry:
    """One entry: `title` is plain text, `summary` sanitised HTML, `link` http, https or None."""

    uid: str
    title: str
    link: str | None
    summary: str
    # None where the feed tells no date: the store takes the moment it is first seen.
    published_at: datetime | None

    @property
    def content_hash(self) -> str:
        return _hash(self.title, self.link, self.summary, self.published_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed; its entries come in its own order, mostly the newest first, and may be none."""

    title: str
    link: str | None
    entries: tuple[ParsedEntry, ...]


def parse(fetched: Fetched) -> ParsedFeed:
    """Parse what was fetched; slow, so call it in a thread.

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
    if result.bozo and _is_cut_short(fetched.content):
        if not entries:
            raise FeedError("The feed is cut short.")
        # What the last entry says may be half of it; whole, it comes with the next fetch.
        entries.pop()
    return ParsedFeed(
        title=_plain(result.feed.get("title_detail")),
        link=_web_link(result.feed.get("link")),
        entries=_without_repeats([_entry(entry) for entry in entries[:MOST_ENTRIES]]),
    )


def _entry(entry: Mapping[str, Any]) -> ParsedEntry:
    title = _plain(entry.get("title_detail"))
    link = _web_link(entry.get("link"))
    published_at = _moment(entry.get("published_parsed") or _updated(entry))
    summary = _sanitised(entry.get("summary_detail") or next(iter(entry.get("content", ())), None))
    return ParsedEntry(
        uid=(entry.get("id") or link or _hash(title or summary, published_at))[:LONGEST_UID],
        title=title or "Untitled",
        link=link,
        summary=summary,
        published_at=published_at,
    )


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
    return nh3.clean(
        text,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        url_relative="deny",
        link_rel="noopener noreferrer",
    ).strip()


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
