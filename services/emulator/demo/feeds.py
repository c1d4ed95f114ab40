"""The news feed in the shape of HubSpot's RSS, and the status feed in the shape of Statuspage's Atom.

Their dates are relative to the emulator's start, so that a demonstration looks fresh and a document keeps its ETag.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formatdate
from html import escape

from services.emulator.demo.feed_texts import INCIDENTS, NEWS, Incident, News, Update

HOUR_S = 3600
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
EXCERPT = """<div class="hs-featured-image-wrapper"><a href="{link}" title="" class="hs-featured-image-link">{title}</a>
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


def news_rss(base: str, started_at: int) -> Document:
    items = "\n".join(_news_item(base, news, started_at - news.age_h * HOUR_S) for news in NEWS)
    changed_at = started_at - NEWS[0].age_h * HOUR_S
    body = RSS.format(base=base, items=items, date=formatdate(changed_at, usegmt=True), iso=_iso(changed_at))
    return Document(body, "application/rss+xml", changed_at)


def status_atom(base: str, started_at: int) -> Document:
    entries = "\n".join(_incident_entry(base, incident, started_at) for incident in INCIDENTS)
    changed_at = max(at for at in _moments(started_at) if at <= started_at)
    return Document(ATOM.format(base=base, iso=_iso(changed_at), entries=entries), "application/atom+xml", changed_at)


def news_page(base: str, slug: str) -> str | None:
    for news in NEWS:
        if news.slug == slug:
            back = f'<p><a href="{base}/feeds/news.rss">All news</a></p>'
            return PAGE.format(title=escape(news.title), body=f"<p>{news.excerpt}</p>{back}")
    return None


def incident_page(base: str, slug: str, started_at: int) -> str | None:
    for incident in INCIDENTS:
        if incident.slug == slug:
            back = f'<p><a href="{base}/feeds/status.atom">All incidents</a></p>'
            return PAGE.format(title=escape(incident.title), body=_history(incident, started_at) + back)
    return None


def _news_item(base: str, news: News, published_at: int) -> str:
    link = f"{base}/feeds/news/{news.slug}"
    description = EXCERPT.format(base=base, link=link, title=escape(news.title), excerpt=news.excerpt)
    return RSS_ITEM.format(
        title=escape(news.title),
        link=link,
        description=escape(description),
        category=news.category,
        date=formatdate(published_at, usegmt=True),
        author=news.author,
        iso=_iso(published_at),
    )


def _incident_entry(base: str, incident: Incident, started_at: int) -> str:
    return ATOM_ENTRY.format(
        number=incident.number,
        iso=_iso(_moment(incident.updates[0].age_h, started_at)),
        link=f"{base}/feeds/incidents/{incident.slug}",
        title=escape(incident.title),
        content=escape(_history(incident, started_at)),
    )


def _history(incident: Incident, started_at: int) -> str:
    shown = ""
    if incident.window_h:
        begin, end = (_moment(age, started_at) for age in incident.window_h)
        shown = WINDOW.format(**_when(begin), until=_when(end)["time"])
    return shown + "".join(_update(update, started_at) for update in incident.updates)


def _update(update: Update, started_at: int) -> str:
    # A maintenance was announced before it begins: the history tells when, the feed's date is the planned time.
    age_h = update.age_h if update.age_h > 0 else 20
    return UPDATE.format(**_when(_moment(age_h, started_at)), label=update.label, text=escape(update.text))


def _moments(started_at: int) -> Iterator[int]:
    return (_moment(update.age_h, started_at) for incident in INCIDENTS for update in incident.updates)


def _moment(age_h: float, started_at: int) -> int:
    return started_at - int(age_h * HOUR_S)


def _when(moment: int) -> dict[str, str]:
    at = datetime.fromtimestamp(moment, UTC)
    return {"month": at.strftime("%b"), "day": f"{at.day:2d}", "time": at.strftime("%H:%M")}


def _iso(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
