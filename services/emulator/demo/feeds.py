"""The news feed in the shape of HubSpot's RSS, and the status feed in the shape of Statuspage's Atom.

Their dates are relative to the emulator's start, so that a demonstration looks fresh, and a document keeps its ETag
until something in it changes. How far the story is, is told in seconds, `at`: incidents open, change and close.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formatdate
from html import escape

from services.emulator.demo.feed_texts import (
    EPISODES,
    FRESH_AT_MINUTE,
    FRESH_NEWS,
    INCIDENTS,
    NEWS,
    ROUND_MINUTES,
    Episode,
    Incident,
    News,
)

HOUR_S = 3600
MINUTE_S = 60
# As many as Statuspage's own history.
MOST_INCIDENTS = 25
MOST_NEWS = 10
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<body style="font: 16px/1.5 system-ui; max-width: 40rem; margin: 4rem auto"><h1>{title}</h1>{body}</body></html>"""
RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">
  <channel>
    <title>Local Mangopay Blog</title>
    <link>{base}/feeds/news.rss</link>
    <description>Made-up news for a local environment</description>
    <language>en</language>
    <pubDate>{date}</pubDate>
    <dc:date>{iso}</dc:date>
    <dc:language>en</dc:language>
{items}
  </channel>
</rss>
"""
RSS_ITEM = """    <item>
      <title>{title}</title>
      <link>{link}</link>
      <description>{description}</description>
      <category>{category}</category>
      <pubDate>{date}</pubDate>
      <author>{author}</author>
      <guid>{link}</guid>
      <dc:date>{iso}</dc:date>
    </item>"""
EXCERPT = """<div class="hs-featured-image-wrapper"><a href="{link}" title="" class="hs-featured-image-link">
<img src="{base}/feeds/pictures/{slug}.png" alt="{title}" class="hs-featured-image" style="width:auto !important"></a>
</div> <p>{excerpt}</p> <img src="{base}/feeds/__ptq.gif" alt="" width="1" height="1">"""
ATOM = """<?xml version="1.0" encoding="UTF-8"?>
<feed xml:lang="en-US" xmlns="http://www.w3.org/2005/Atom">
  <id>tag:status.local.example,2005:/history</id>
  <link rel="alternate" type="text/html" href="{base}/feeds/status.atom"/>
  <link rel="self" type="application/atom+xml" href="{base}/feeds/status.atom"/>
  <title>Local Mangopay Api Status - Incident History</title>
  <updated>{iso}</updated>
  <author>
    <name>Local Mangopay Api</name>
  </author>
{entries}
</feed>
"""
ATOM_ENTRY = """  <entry>
    <id>tag:status.local.example,2005:Incident/{number}</id>
    <published>{iso}</published>
    <updated>{iso}</updated>
    <link rel="alternate" type="text/html" href="{link}"/>
    <title>{title}</title>
    <content type="html">{content}</content>
  </entry>"""
UPDATE = (
    "<p><small>{month} <var data-var='date'>{day}</var>, <var data-var='time'>{time}</var> UTC</small><br>"
    "<strong>{label}</strong> - {text}</p>"
)
WINDOW = (
    "<p><strong>THIS IS A SCHEDULED EVENT {month} <var data-var='date'>{day}</var>, <var data-var='time'>{time}</var> "
    "- <var data-var='time'>{until}</var> UTC</strong></p>"
)
COMPONENTS = "<p>This {what} affected: {names}.</p>"


@dataclass(frozen=True, slots=True)
class Document:
    body: str
    media_type: str
    changed_at: int

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body.encode()).hexdigest()[:32]}"'

    @property
    def last_modified(self) -> str:
        return formatdate(self.changed_at, usegmt=True)


@dataclass(frozen=True, slots=True)
class Posted:
    """A piece of news with the moment it came."""

    news: News
    slug: str
    at: int


@dataclass(frozen=True, slots=True)
class Report:
    """An incident or a maintenance as its page tells it: moments are Unix seconds, the newest update first."""

    number: int
    slug: str
    title: str
    updates: tuple[tuple[int, str, str], ...]
    window: tuple[int, int] | None
    components: str

    @property
    def published_at(self) -> int:
        """The last update; of a maintenance that has not begun, the moment it is planned for."""
        return self.window[0] if self.window and self.updates[0][1] == "Scheduled" else self.updates[0][0]


def news_rss(base: str, started_at: int, at: int) -> Document:
    posted = _posted(started_at, at)
    items = "\n".join(_news_item(base, one) for one in posted)
    changed_at = posted[0].at
    body = RSS.format(base=base, items=items, date=formatdate(changed_at, usegmt=True), iso=_iso(changed_at))
    return Document(body, "application/rss+xml", changed_at)


def status_atom(base: str, started_at: int, at: int) -> Document:
    reports = _reports(started_at, at)
    entries = "\n".join(_entry(base, report) for report in reports)
    changed_at = max(report.updates[0][0] for report in reports)
    return Document(ATOM.format(base=base, iso=_iso(changed_at), entries=entries), "application/atom+xml", changed_at)


def news_page(base: str, slug: str, started_at: int, at: int) -> str | None:
    for one in _posted(started_at, at):
        if one.slug == slug:
            back = f'<p><a href="{base}/feeds/news.rss">All news</a></p>'
            return PAGE.format(title=escape(one.news.title), body=f"<p>{one.news.excerpt}</p>{back}")
    return None


def incident_page(base: str, slug: str, started_at: int, at: int) -> str | None:
    for report in _reports(started_at, at):
        if report.slug == slug:
            back = f'<p><a href="{base}/feeds/status.atom">All incidents</a></p>'
            return PAGE.format(title=escape(report.title), body=_history(report) + back)
    return None


def _posted(started_at: int, at: int) -> list[Posted]:
    """Return the news, newest first: what was there at the start, and one more with every round."""
    old = [Posted(news, news.slug, started_at - news.age_h * HOUR_S) for news in NEWS]
    fresh = [
        Posted(news, f"{news.slug}-{number + 1}", posted_at)
        for number in _rounds(at)
        for news in (FRESH_NEWS[number % len(FRESH_NEWS)],)
        if (posted_at := _minute(started_at, number, FRESH_AT_MINUTE)) <= started_at + at
    ]
    return [*reversed(fresh), *old][:MOST_NEWS]


def _reports(started_at: int, at: int) -> list[Report]:
    """Return what is in the history, the newest first: what was there at the start, and what has opened since."""
    old = [_old_report(incident, started_at) for incident in INCIDENTS]
    new = [
        report
        for number in _rounds(at)
        for place, episode in enumerate(EPISODES)
        if (report := _new_report(episode, number, place, started_at, at)) is not None
    ]
    return sorted([*new, *old], key=lambda report: report.published_at, reverse=True)[:MOST_INCIDENTS]


def _old_report(incident: Incident, started_at: int) -> Report:
    # A maintenance was announced before it begins: the history tells when, the feed's date is the planned time.
    updates = [
        (_ago(started_at, update.age_h if update.age_h > 0 else 20), update.label, update.text)
        for update in incident.updates
    ]
    window = incident.window_h and (_ago(started_at, incident.window_h[0]), _ago(started_at, incident.window_h[1]))
    return Report(incident.number, incident.slug, incident.title, tuple(updates), window, incident.components)


def _new_report(episode: Episode, number: int, place: int, started_at: int, at: int) -> Report | None:
    """Return an episode of a round as far as it has come; None before it has begun."""
    told = [(_minute(started_at, number, step.minute), step.label, step.text) for step in episode.steps]
    updates = tuple(reversed([update for update in told if update[0] <= started_at + at]))
    if not updates:
        return None
    window = episode.window and (
        _minute(started_at, number, episode.window[0]),
        _minute(started_at, number, episode.window[1]),
    )
    entry = 10500 + number * 10 + place
    return Report(entry, f"{episode.slug}-{number + 1}", episode.title, updates, window, episode.components)


def _rounds(at: int) -> range:
    """Return the newest rounds by number; what came before them is in no feed any more."""
    begun = at // (ROUND_MINUTES * MINUTE_S) + 1
    return range(max(0, begun - MOST_INCIDENTS), begun)


def _news_item(base: str, one: Posted) -> str:
    link, title = f"{base}/feeds/news/{one.slug}", escape(one.news.title)
    description = EXCERPT.format(base=base, link=link, slug=one.slug, title=title, excerpt=one.news.excerpt)
    return RSS_ITEM.format(
        title=title,
        link=link,
        description=escape(description),
        category=one.news.category,
        date=formatdate(one.at, usegmt=True),
        author=one.news.author,
        iso=_iso(one.at),
    )


def _entry(base: str, report: Report) -> str:
    return ATOM_ENTRY.format(
        number=report.number,
        iso=_iso(report.published_at),
        link=f"{base}/feeds/incidents/{report.slug}",
        title=escape(report.title),
        content=escape(_history(report)),
    )


def _history(report: Report) -> str:
    parts = [UPDATE.format(**_when(moment), label=label, text=escape(text)) for moment, label, text in report.updates]
    if report.window:
        begin, end = report.window
        parts.insert(0, WINDOW.format(**_when(begin), until=_when(end)["time"]))
    if report.components:
        what = "scheduled maintenance" if report.window else "incident"
        parts.append(COMPONENTS.format(what=what, names=escape(report.components)))
    return "".join(parts)


def _ago(started_at: int, age_h: float) -> int:
    return started_at - int(age_h * HOUR_S)


def _minute(started_at: int, number: int, minute: float) -> int:
    return started_at + int((number * ROUND_MINUTES + minute) * MINUTE_S)


def _when(moment: int) -> dict[str, str]:
    at = datetime.fromtimestamp(moment, UTC)
    return {"month": at.strftime("%b"), "day": f"{at.day:2d}", "time": at.strftime("%H:%M")}


def _iso(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
