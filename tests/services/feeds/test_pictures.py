"""Pictures of news are fetched by us from where it is safe to ask, made small and anew, and asked for once."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO

import httpx
import pytest
from PIL import Image
from sqlmodel import select

from models.environment import Environment
from models.feed import Feed, FeedEntry, FeedKind, FeedPicture
from services.database import Database
from services.feeds.fetch import Fetched
from services.feeds.parse import parse
from services.feeds.pictures import AGAIN_AFTER, fetch_pictures
from services.feeds.shrink import HEIGHT, MOST_PIXELS, WIDTH, make_small
from tests.services.feeds.stored import png

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SANDBOX = Environment.SANDBOX
FEED = "https://blog.shop.test/rss.xml"
PICTURE = "https://cdn.shop.test/one.png"
Sample = Callable[[str], bytes]
Addresses = dict[str, list[str]]


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> Addresses:
    """What each name stands for; anything that is not in it is unknown."""
    known: Addresses = {"blog.shop.test": ["93.184.216.34"], "cdn.shop.test": ["93.184.216.35"]}

    def resolve(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return known


@pytest.fixture
async def entry(database: Database) -> FeedEntry:
    return await add(database)


async def add(database: Database, *, feed_url: str = FEED, picture_url: str = PICTURE) -> FeedEntry:
    feed = Feed(environment=SANDBOX, kind=FeedKind.NEWS, url=feed_url, next_check_at=NOW)
    async with database.session() as session:
        session.add(feed)
        await session.flush()
        entry = FeedEntry(
            feed_id=feed.id or 0, uid="1", title="t", published_at=NOW, first_seen_at=NOW, updated_at=NOW,
            content_hash="", picture_url=picture_url,
        )  # fmt: skip
        session.add(entry)
        await session.commit()
    return entry


class Way(httpx.AsyncBaseTransport):
    """The net behind our transport: it knows addresses, and sees what is sent to them."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.answers: dict[str, httpx.Response | Exception] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.get(f"{request.url.scheme}://{request.headers['Host']}{request.url.path}")
        if isinstance(answer, Exception):
            raise answer
        assert answer is not None, request.url
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content))


@pytest.fixture
def way() -> Way:
    return Way()


async def fetch_all(database: Database, way: Way, *, later: timedelta = timedelta()) -> int:
    return await fetch_pictures(database, way, environments=[SANDBOX], now=NOW + later)


async def kept(database: Database) -> FeedPicture:
    async with database.session() as session:
        return (await session.exec(select(FeedPicture))).one()


def test_what_belongs_to_an_entry_is_found_and_trackers_are_not(sample: Sample) -> None:
    feed = parse(Fetched(content=sample("pictures.rss"), url=FEED, content_type="application/xml"))
    assert {entry.uid: entry.picture_url for entry in feed.entries} == {
        "in-text": "https://blog.shop.test/hubfs/one.png",
        "tracker": None,
        "enclosure": "https://blog.shop.test/hubfs/two.jpg",
        "podcast": None,
        "media": "https://blog.shop.test/hubfs/four.webp",
        "file": None,
    }
    assert not any("<img" in entry.summary for entry in feed.entries)


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (png(), (540, HEIGHT)),
        (png(4000, 400), (WIDTH, 64)),
        (png(20, 20), (20, 20)),
        (png(1200, 800, "P", "GIF"), (540, HEIGHT)),
        (png(1200, 800, "LA"), (540, HEIGHT)),
        (png(1200, 800, "CMYK", "JPEG"), (540, HEIGHT)),
        (png(1200, 800, "RGB", "WEBP"), (540, HEIGHT)),
    ],
)
def test_a_picture_is_made_small_and_anew(content: bytes, size: tuple[int, int]) -> None:
    small = Image.open(BytesIO(make_small(content)))
    assert (small.format, small.size) == ("WEBP", size)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html>",
        png()[:200],
        png(MOST_PIXELS // 1000 + 1, 1000, "1"),
        png(100, 100, "RGB", "TIFF"),
    ],
    ids=["nothing", "svg", "html", "half", "huge", "tiff"],
)
def test_what_is_no_picture_of_the_web_or_too_large_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a picture|too many pixels"):
        make_small(content)


async def test_it_is_fetched_once_and_kept(
    database: Database, way: Way, entry: FeedEntry, addresses: Addresses
) -> None:
    way.answers[PICTURE] = httpx.Response(200, content=png())
    assert [await fetch_all(database, way) for _ in range(3)] == [1, 0, 0]
    picture = await kept(database)
    assert (picture.entry_id, picture.url) == (entry.id, PICTURE)
    assert Image.open(BytesIO(picture.content)).format == "WEBP"
    assert len(way.asked) == 1


async def test_what_is_none_is_not_asked_for_again_until_there_is_another(
    database: Database, way: Way, entry: FeedEntry, addresses: Addresses
) -> None:
    way.answers[PICTURE] = httpx.Response(200, content=b"<html>")
    assert [await fetch_all(database, way) for _ in range(2)] == [1, 0]
    assert await fetch_all(database, way, later=2 * AGAIN_AFTER) == 0
    assert (await kept(database)).digest == ""
    other = "https://cdn.shop.test/two.png"
    way.answers[other] = httpx.Response(200, content=png())
    async with database.session() as session:
        entry.picture_url = other
        session.add(entry)
        await session.commit()
    assert [await fetch_all(database, way) for _ in range(2)] == [1, 0]
    assert (await kept(database)).digest


@pytest.mark.parametrize("answer", [httpx.Response(503), httpx.ConnectError("down"), RuntimeError("odd")])
async def test_one_that_cannot_be_had_is_asked_for_again_later(
    database: Database, way: Way, entry: FeedEntry, addresses: Addresses, answer: httpx.Response | Exception
) -> None:
    way.answers[PICTURE] = answer
    assert [await fetch_all(database, way) for _ in range(2)] == [1, 0]
    assert (await kept(database)).digest == ""
    way.answers[PICTURE] = httpx.Response(200, content=png())
    assert [await fetch_all(database, way, later=AGAIN_AFTER) for _ in range(2)] == [1, 0]
    assert (await kept(database)).digest


@pytest.mark.parametrize(
    ("picture_url", "stands_for"),
    [
        ("https://cdn.shop.test/1.png", ["127.0.0.1"]),
        ("https://cdn.shop.test/1.png", ["10.0.0.8"]),
        ("https://cdn.shop.test/1.png", ["169.254.169.254"]),
        ("https://cdn.shop.test/1.png", ["224.0.0.251"]),
        ("https://cdn.shop.test/1.png", ["93.184.216.35", "192.168.1.1"]),
        ("https://cdn.shop.test/1.png", ["::1"]),
        ("https://cdn.shop.test/1.png", ["64:ff9b::a9fe:a9fe"]),
        ("https://cdn.shop.test/1.png", ["2002:7f00:1::"]),
        ("https://nowhere.test/1.png", []),
        ("https://cdn.shop.test:99999/1.png", ["93.184.216.35"]),
        ("http://cdn.shop.test/1.png", ["93.184.216.35"]),
    ],
)
async def test_nothing_but_the_public_internet_is_asked(
    *, database: Database, way: Way, addresses: Addresses, picture_url: str, stands_for: list[str]
) -> None:
    addresses["cdn.shop.test"] = stands_for
    await add(database, picture_url=picture_url)
    assert await fetch_all(database, way) == 1
    assert not way.asked
    assert (await kept(database)).digest == ""


async def test_a_public_address_that_leads_inside_is_not_followed(
    database: Database, way: Way, entry: FeedEntry, addresses: Addresses
) -> None:
    addresses["inside.shop.test"] = ["10.0.0.8"]
    way.answers[PICTURE] = httpx.Response(302, headers={"Location": "https://inside.shop.test/admin"})
    await fetch_all(database, way)
    assert len(way.asked) == 1
    assert (await kept(database)).digest == ""


async def test_a_redirect_is_taken_from_the_name_and_not_from_the_address(
    database: Database, way: Way, entry: FeedEntry, addresses: Addresses
) -> None:
    way.answers[PICTURE] = httpx.Response(302, headers={"Location": "/moved.png"})
    way.answers["https://cdn.shop.test/moved.png"] = httpx.Response(200, content=png())
    await fetch_all(database, way)
    assert (await kept(database)).digest


async def test_what_a_name_stands_for_is_asked_once_and_gone_to(
    database: Database, way: Way, entry: FeedEntry, addresses: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that first stands for a public address and then for one of ours leads to the first."""
    asked: list[str] = []
    plain = socket.getaddrinfo

    def then_inside(host: str, *rest: object, **more: object) -> object:
        asked.append(host)
        found = plain(host, *rest, **more)  # type: ignore[arg-type]
        addresses[host] = ["127.0.0.1"]
        return found

    monkeypatch.setattr(socket, "getaddrinfo", then_inside)
    way.answers[PICTURE] = httpx.Response(200, content=png())
    await fetch_all(database, way)
    (request,) = way.asked
    assert (request.url.host, request.headers["Host"]) == ("93.184.216.35", "cdn.shop.test")
    assert request.extensions["sni_hostname"] == "cdn.shop.test"
    assert asked == ["cdn.shop.test"]


@pytest.mark.parametrize(
    ("feed_url", "picture_url", "is_had"),
    [
        ("http://blog.shop.test/rss.xml", "http://blog.shop.test/1.png", True),
        ("http://127.0.0.1:8080/rss.xml", "http://localhost:8080/1.png", True),
        ("http://127.0.0.1:8080/rss.xml", "http://localhost:9090/1.png", False),
        ("http://127.0.0.1/rss.xml", "https://localhost/1.png", False),
        ("http://unknown.test:8080/rss.xml", "http://127.0.0.1:8080/admin", False),
    ],
)
async def test_where_the_feed_itself_is_may_be_asked(
    *, database: Database, way: Way, addresses: Addresses, feed_url: str, picture_url: str, is_had: bool
) -> None:
    addresses |= {"localhost": ["127.0.0.1"], "127.0.0.1": ["127.0.0.1"]}
    if is_had:
        way.answers[picture_url] = httpx.Response(200, content=png())
    await add(database, feed_url=feed_url, picture_url=picture_url)
    await fetch_all(database, way)
    assert bool(way.asked) is is_had
    assert bool((await kept(database)).digest) is is_had
