"""Feeds and pictures are read by a process of its own, which knows nothing of ours and may die."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from services.feeds.apart import MOST_CPU_S, MOST_MEMORY_BYTES, ReaderProcess
from services.feeds.fetch import FeedError, Fetched
from services.feeds.parse import parse
from services.feeds.shrink import make_small
from tests.services.feeds.stored import png

Sample = Callable[[str], bytes]


def fetched(content: bytes) -> Fetched:
    return Fetched(content=content, url="https://blog.shop.test/rss.xml", content_type="application/xml")


async def test_it_reads_one_feed_after_another_as_we_would(sample: Sample) -> None:
    async with ReaderProcess() as parser:
        for name in ("news.rss", "status.atom", "wrong-charset.rss", "bare.rss"):
            assert await parser.parse(fetched(sample(name))) == parse(fetched(sample(name)))
        with pytest.raises(FeedError, match="not with a feed"):
            await parser.parse(fetched(sample("login.html")))
        assert (await parser.parse(fetched(sample("news.rss")))).title == "Shop Payments Blog"


async def test_one_that_dies_costs_one_feed_and_no_other(sample: Sample) -> None:
    async with ReaderProcess() as parser:
        await parser.parse(fetched(sample("news.rss")))
        assert parser._process is not None
        parser._process.kill()
        await parser._process.wait()
        with pytest.raises(FeedError, match="cannot be read"):
            await parser.parse(fetched(sample("news.rss")))
        assert (await parser.parse(fetched(sample("news.rss")))).title == "Shop Payments Blog"


async def test_one_that_takes_too_long_is_ended(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.feeds.apart.LONGEST_S", 0.01)
    async with ReaderProcess() as parser:
        with pytest.raises(FeedError, match="cannot be read"):
            await parser.parse(fetched(sample("news.rss")))
        assert parser._process is None


async def test_it_ends_with_whoever_uses_it_and_knows_no_setting(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASHBOARD_SECRET", "the-secret")
    async with ReaderProcess() as parser:
        await parser.parse(fetched(sample("news.rss")))
        process = parser._process
        assert process is not None
        assert b"the-secret" not in Path(f"/proc/{process.pid}/environ").read_bytes()
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


async def test_it_has_no_more_memory_and_time_than_it_may(sample: Sample) -> None:
    async with ReaderProcess() as reader:
        await reader.parse(fetched(sample("news.rss")))
        assert reader._process is not None
        limits = Path(f"/proc/{reader._process.pid}/limits").read_text()
    told = {line[:25].strip(): line[25:].split()[0] for line in limits.splitlines()}
    assert (told["Max address space"], told["Max cpu time"]) == (str(MOST_MEMORY_BYTES), str(MOST_CPU_S))


async def test_whoever_comes_after_its_end_begins_no_other(sample: Sample) -> None:
    async with ReaderProcess() as reader:
        pass
    with pytest.raises(FeedError, match="cannot be read"):
        await reader.parse(fetched(sample("news.rss")))
    assert reader._process is None


async def test_the_answer_to_a_question_that_was_dropped_is_nobodys(sample: Sample) -> None:
    async with ReaderProcess() as reader:
        await reader.parse(fetched(sample("news.rss")))
        dropped = asyncio.create_task(reader.parse(fetched(sample("news.rss"))))
        # It has asked, and waits for the answer.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        dropped.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dropped
        assert (await reader.parse(fetched(sample("status.atom")))).title != "Shop Payments Blog"


async def test_it_makes_pictures_small(sample: Sample) -> None:
    async with ReaderProcess() as reader:
        assert await reader.shrink(png()) == make_small(png())
        for content in (b"<html>", sample("news.rss"), b""):
            with pytest.raises(FeedError, match="not a picture"):
                await reader.shrink(content)
        assert (await reader.parse(fetched(sample("news.rss")))).title == "Shop Payments Blog"
