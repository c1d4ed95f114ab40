"""Parsing keeps the words and drops what could hurt."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.feeds.fetch import FeedError, Fetched
from services.feeds.parse import MOST_ENTRIES, ParsedFeed, parse

Sample = Callable[[str], bytes]


def parsed(content: bytes, *, content_type: str = "application/xml; charset=utf-8") -> ParsedFeed:
    return parse(Fetched(content=content, url="https://blog.shop.test/rss.xml", content_type=content_type))


def rss(*items: str) -> bytes:
    body = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0"><channel><title>T</title>{body}</channel></rss>'.encode()


def test_a_blog_is_read(sample: Sample) -> None:
    feed = parsed(sample("news.rss"))
    assert (feed.title, feed.link) == ("Shop Payments Blog", "https://blog.shop.test/en/home")
    first, second = feed.entries
    assert first.title == "Payouts & weekends: what changes"
    assert first.uid == first.link == "https://blog.shop.test/en/home/payouts-and-weekends"
    assert first.published_at == datetime(2026, 11, 19, 9, tzinfo=UTC)
    assert (second.uid, second.title) == ("post-77", "A bold new card form")
    assert second.published_at == datetime(2026, 11, 2, 7, 30, tzinfo=UTC)


def test_a_summary_keeps_its_words_and_loses_images_trackers_and_scripts(sample: Sample) -> None:
    summary = parsed(sample("news.rss")).entries[0].summary
    assert "<strong>Saturdays</strong>" in summary
    assert '<a href="https://docs.shop.test/payouts" rel="noopener noreferrer">more</a>' in summary
    for dropped in ("img", "ptq.gif", "script", "track(", "onclick", "javascript", "div", "style"):
        assert dropped not in summary


def test_a_link_that_is_no_web_page_is_dropped(sample: Sample) -> None:
    assert parsed(sample("news.rss")).entries[1].link is None


def test_bare_text_is_escaped(sample: Sample) -> None:
    assert parsed(sample("news.rss")).entries[1].summary == "Plain words: 3 &lt; 5 and R&amp;D"
    atom = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>1</id><title>t</title>
        <content type="text">&lt;img src=x onerror=alert(1)&gt; &amp; more</content></entry></feed>"""
    assert parsed(atom).entries[0].summary == "&lt;img src=x onerror=alert(1)&gt; &amp; more"


def test_a_status_page_is_read_and_planned_work_keeps_its_future_date(sample: Sample) -> None:
    planned, incident = parsed(sample("status.atom")).entries
    assert planned.published_at == datetime(2026, 12, 16, 11, tzinfo=UTC)
    assert incident.uid == "tag:status.shop.test,2005:Incident/2199"
    assert incident.link == "https://status.shop.test/incidents/rvnwnppql75w"
    assert incident.summary == (
        "<p> <small>Nov 18, 11:34 UTC</small><br><strong>Resolved</strong> - All is well.</p>"
        "<p><small>Nov 18, 10:02 UTC</small><br><strong>Monitoring</strong> - A fix is out.</p>"
    )


def test_of_a_feed_cut_short_the_whole_entries_are_kept(sample: Sample) -> None:
    assert [entry.title for entry in parsed(sample("truncated.atom")).entries] == [
        "[Production] Planned database upgrade"
    ]


def test_a_feed_with_a_flaw_but_an_end_keeps_all_entries() -> None:
    assert len(parsed(rss("<title>1</title><dc:date>x</dc:date>", "<title>2</title>")).entries) == 2


@pytest.mark.parametrize("content", [b"", b"{}", b'{"status": {"indicator": "none"}}', b"\x00\xff\x00", b"Sign in"])
def test_what_is_no_feed_is_told(content: bytes) -> None:
    with pytest.raises(FeedError, match="not with a feed"):
        parsed(content, content_type="application/json")


def test_a_login_page_is_no_feed(sample: Sample) -> None:
    with pytest.raises(FeedError, match="not with a feed"):
        parsed(sample("login.html"), content_type="text/html")


def test_a_feed_broken_before_its_first_entry_is_told() -> None:
    with pytest.raises(FeedError, match="cut short"):
        parsed(b'<rss version="2.0"><channel><title>Shop')


def test_a_feed_without_entries_is_a_feed(sample: Sample) -> None:
    feed = parsed(sample("empty.rss"))
    assert (feed.title, feed.entries) == ("Nothing yet", ())


def test_the_name_of_a_file_is_not_opened(tmp_path: Path, sample: Sample) -> None:
    file = tmp_path / "news.rss"
    file.write_bytes(sample("news.rss"))
    with pytest.raises(FeedError):
        parsed(str(file).encode())


def test_an_entry_without_id_is_known_by_its_link_or_by_what_it_says(sample: Sample) -> None:
    first_time, second_time = parsed(sample("bare.rss")).entries, parsed(sample("bare.rss")).entries
    assert first_time[0].uid == "https://blog.shop.test/bare/1"
    assert [entry.uid for entry in first_time] == [entry.uid for entry in second_time]
    assert len({entry.uid for entry in first_time}) == 4


def test_a_missing_date_is_none_and_a_missing_title_is_said(sample: Sample) -> None:
    entries = parsed(sample("bare.rss")).entries
    assert [entry.published_at for entry in entries] == [None, None, datetime(2026, 11, 2, 8, 30, tzinfo=UTC), None]
    assert entries[3].title == "Untitled"


@pytest.mark.parametrize("date", ["yesterday", "Mon, 99 Foo 99999 99:99:99", ""])
def test_a_date_that_is_none_is_none(date: str) -> None:
    assert parsed(rss(f"<title>t</title><pubDate>{date}</pubDate>")).entries[0].published_at is None


def test_an_id_told_twice_is_one_entry_the_first() -> None:
    told = [("post-1", "a"), ("post-2", "b"), ("post-1", "c")]
    items = (f'<guid isPermaLink="false">{uid}</guid><title>{title}</title>' for uid, title in told)
    assert [(entry.uid, entry.title) for entry in parsed(rss(*items)).entries] == told[:2]


def test_a_huge_feed_is_cut_to_its_first_entries() -> None:
    items = (f'<guid isPermaLink="false">{n}</guid><title>{"x" * 999}</title>' for n in range(MOST_ENTRIES + 5))
    entries = parsed(rss(*items)).entries
    assert len(entries) == MOST_ENTRIES
    assert entries[0].uid == "0"
    assert len(entries[0].title) == 300


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="https://ok.test" style="position:fixed" id="x" class="y">x</a>',
        '<img src="https://track.mallory.test/1.gif">',
        '<iframe src="https://mallory.test"></iframe>',
        '<p onclick="x()">x</p>',
        '<form action="https://mallory.test"><input></form>',
        "<svg><script>alert(1)</script></svg>",
        '<style>@import "https://mallory.test/x.css"</style>',
    ],
)
def test_mallory_s_markup_is_gone(html: str) -> None:
    summary = parsed(rss(f"<title>t</title><description><![CDATA[<p>ok</p>{html}]]></description>")).entries[0].summary
    assert "<p>ok</p>" in summary
    for dropped in ("script", "mallory", "onclick", "style", "id=", "class", "alert"):
        assert dropped not in summary
