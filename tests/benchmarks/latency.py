"""How soon a hit is acknowledged at 200 a second, while ten browsers look; and how soon its row is seen.

The load is an open loop: each hit counts from the instant it was due, so a stall is paid for by every hit it delays.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from statistics import median

import httpx
from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.benchmarks.load import keep_rate
from tests.benchmarks.report import Row, milliseconds, percentile
from tests.serving import HOST, Server, serving

RATE = 200
SECONDS = 20
PAGES = 10
LOOKS = 40
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# Resolves once a row of this resource is drawn; a row keeps the whole id in its copy button.
SEEN = """id => new Promise(resolve => {
    const look = () => document.querySelector(`[data-copy="${id}"]`) && requestAnimationFrame(() => resolve(true));
    new MutationObserver(look).observe(document, {childList: true, subtree: true});
    look();
})"""


def measure(folder: Path) -> Iterator[Row]:
    with serving(folder) as server:
        # The emulator fills itself at its first start, and imports end with the first hits.
        keep_rate(server, server.hook_path(), rate=50, seconds=4)
        yield from _acknowledge(server, "without pages")
        browser = next(filter(None, map(shutil.which, BROWSERS)), None)
        if browser is None:
            yield Row("latency", f"with {PAGES} pages", "-", f"no browser: none of {', '.join(BROWSERS)} is here")
            return
        with _pages(server, _behind_the_rest(browser, folder)) as pages:
            yield from _acknowledge(server, f"with {len(pages)} live pages")
            yield _until_seen(server, pages)


def _acknowledge(server: Server, when: str) -> Iterator[Row]:
    load = keep_rate(server, server.hook_path(), rate=RATE, seconds=SECONDS)
    p50, p99 = percentile(load.took_s, 50), percentile(load.took_s, 99)
    late = f"the generator itself was late by {milliseconds(percentile(load.late_s, 99))} at p99"
    yield Row("latency", f"acknowledged, {RATE} hits/s, {when}: p50", milliseconds(p50), f"{load.others} not 200")
    yield Row("latency", f"acknowledged, {RATE} hits/s, {when}: p99", milliseconds(p99), f"promised: 50 ms; {late}")
    yield Row("latency", f"acknowledged, {RATE} hits/s, {when}: longest", milliseconds(max(load.took_s)))


def _behind_the_rest(browser: str, folder: Path) -> str:
    """Return a script that runs the browser at the lowest priority: people's browsers run on machines of their own."""
    script = folder / "browser.sh"
    script.write_text(f'#!/bin/sh\nexec nice -n 19 {browser} "$@"\n')
    script.chmod(0o755)
    return str(script)


@contextmanager
def _pages(server: Server, executable: str) -> Iterator[list[Page]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable)
        context = browser.new_context()
        sign_in(context, server)
        pages = [context.new_page() for _ in range(PAGES)]
        for page in pages:
            page.goto(f"{server.base_url}/notifications")
        for page in pages:
            page.wait_for_selector(".list-row")
        yield pages
        browser.close()


def sign_in(context: BrowserContext, server: Server) -> None:
    page = context.new_page()
    page.goto(server.first_link())
    page.fill("input[name=email]", "olivia@example.com")
    page.fill("input[name=new]", "Harbour-9-lanterns")
    page.click("button[type=submit]")
    page.wait_for_url(f"{server.base_url}/")
    page.close()


def _until_seen(server: Server, pages: list[Page]) -> Row:
    """Measure from the sending of a hit to its row on the screen, one hit at a time."""
    took_s = []
    with httpx.Client(base_url=f"http://{HOST}:{server.port}", trust_env=False) as mangopay:
        for turn in range(LOOKS):
            query = {
                "EventType": "PAYIN_NORMAL_SUCCEEDED",
                "RessourceId": f"payin_m_{token_hex(13)}",
                "Date": "1790000000",
            }
            began = time.perf_counter()
            mangopay.get(server.hook_path(), params=query).raise_for_status()
            pages[turn % len(pages)].evaluate(SEEN, query["RessourceId"])
            took_s.append(time.perf_counter() - began)
    note = f"p90 {milliseconds(percentile(took_s, 90))}; {LOOKS} hits, one at a time"
    return Row(
        "latency",
        f"from the hit to its row on the screen, with {len(pages)} live pages",
        milliseconds(median(took_s)),
        note,
    )
