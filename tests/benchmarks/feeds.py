"""Whether fifty feeds of ten thousand entries hold up the receiver: hits are acknowledged while all of them are read
for the first time, and while every entry of them has changed.

The load is an open loop, as in `latency`: a stall is paid for by every hit that it delays.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from models.environment import Environment
from tests.benchmarks.load import Load, keep_rate
from tests.benchmarks.report import Row, milliseconds, percentile
from tests.serving import HOST, Server, serving

FEEDS, ENTRIES = 50, 200
# They are looked for every 15 seconds.
RATE, SECONDS = 100, 20
ITEM = (
    "<item><title>Entry {n} of {name}</title><link>http://{host}/{name}/{n}</link><guid>http://{host}/{name}/{n}</guid>"
    "<description>&lt;p&gt;Version {version}. {words}&lt;/p&gt;</description>"
    "<pubDate>Thu, 19 Nov 2026 09:00:00 GMT</pubDate></item>"
)
WORDS = "Marketplaces pay their sellers sooner than they used to. " * 8


class Feeds:
    """Serves the feeds; with every `version` all of their entries are others."""

    def __init__(self) -> None:
        self.version = 0

    def document(self, path: str) -> bytes:
        name = path.strip("/")
        items = [ITEM.format(n=n, name=name, host=HOST, version=self.version, words=WORDS) for n in range(ENTRIES)]
        return f'<rss version="2.0"><channel><title>{name}</title>{"".join(items)}</channel></rss>'.encode()


def measure(folder: Path) -> Iterator[Row]:
    feeds = Feeds()
    with _served(feeds) as port:
        urls = " ".join(f"http://{HOST}:{port}/feed-{n}" for n in range(FEEDS))
        with serving(
            folder,
            DASHBOARD_LOCAL="on",
            DASHBOARD_NEWS_FEEDS=urls,
            DASHBOARD_STATUS_FEEDS="",
            MANGOPAY_SANDBOX_CLIENT_ID="nobody",
            MANGOPAY_SANDBOX_API_KEY="nothing",
        ) as server:
            first = keep_rate(server, server.hook_path(), rate=RATE, seconds=SECONDS)
            yield _row("while all are read for the first time", first, None)
            _until(server, "last_success_at IS NULL")
            quiet = keep_rate(server, server.hook_path(), rate=RATE, seconds=SECONDS)
            yield _row("while nothing is read", quiet, None)
            feeds.version += 1
            _make_due(server)
            busy = keep_rate(server, server.hook_path(), rate=RATE, seconds=SECONDS)
            _until(server, "next_check_at = 0")
            yield _row("while every entry of them has changed", busy, quiet)
            yield Row("feeds", "entries kept", f"{_count(server):,}", f"of {FEEDS} feeds")


def _row(when: str, load: Load, quiet: Load | None) -> Row:
    p50, p99 = percentile(load.took_s, 50), percentile(load.took_s, 99)
    times = f"; p99 {p99 / percentile(quiet.took_s, 99):.1f} times that of the quiet" if quiet else ""
    note = f"p50 {milliseconds(p50)}, longest {milliseconds(max(load.took_s))}, {load.others} not 200{times}"
    return Row("feeds", f"acknowledged, {RATE} hits/s, {when}: p99", milliseconds(p99), note)


def _make_due(server: Server) -> None:
    with closing(sqlite3.connect(server.database, timeout=10)) as connection:
        connection.execute("UPDATE feed SET next_check_at = 0 WHERE environment = ?", [Environment.SANDBOX.value])
        connection.commit()


def _until(server: Server, is_waiting: str) -> None:
    """Wait until no feed of Sandbox is in a state any more."""
    waiting = f"SELECT count(*) FROM feed WHERE environment = 'sandbox' AND {is_waiting}"
    with closing(sqlite3.connect(server.database)) as connection:
        while connection.execute(waiting).fetchone()[0]:
            time.sleep(0.2)


def _count(server: Server) -> int:
    with closing(sqlite3.connect(server.database)) as connection:
        count: int = connection.execute("SELECT count(*) FROM feed_entry").fetchone()[0]
        return count


@contextmanager
def _served(feeds: Feeds) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = feeds.document(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()
