"""The dashboard in a real browser, against its own emulator and beside an empty NiceGUI page."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx
from playwright.sync_api import Page, sync_playwright

from tests.benchmarks.latency import BROWSERS, sign_in
from tests.serving import HOST, serving

TOKEN = "benchmark"
KEY = ("local", "local-api-key")
LOOKS = 9
# As many calls as the benchmarks may want; Local refuses more than a platform has, as Mangopay would.
NO_LIMIT = [10_000_000] * 4
# A page is usable once its socket is there and nothing grey is left.
USABLE = "() => window.did_handshake && !document.querySelector('.skeleton')"
NO_BROWSER = f"no browser: none of {', '.join(BROWSERS)} is here"


@dataclass(frozen=True, slots=True)
class Browsing:
    """One signed-in page of the dashboard at `base_url`, whose emulator is at `mangopay_url`."""

    page: Page
    base_url: str
    mangopay_url: str
    # Of the empty page, in seconds.
    beside: float

    def look(self, path: str, *, times: int = LOOKS) -> float:
        """Return the middle time, in seconds, from asking for a page to being able to use it."""
        return look(self.page, f"{self.base_url}{path}", USABLE, times=times)


def find_browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def browsing(folder: Path, browser: str) -> Iterator[Browsing]:
    with (
        serving(folder / "dashboard", DASHBOARD_EMULATOR_CONTROL=TOKEN) as server,
        serving(folder / "empty", "nicegui", program=("-m", "tests.benchmarks.rivals"), ready_path="/") as empty,
        sync_playwright() as playwright,
    ):
        mangopay_url = f"http://{HOST}:{server.port}/emulator"
        control(mangopay_url, "/rate-limits", {"Limits": NO_LIMIT}, method="PUT")
        chromium = playwright.chromium.launch(executable_path=browser)
        context = chromium.new_context()
        sign_in(context, server)
        page = context.new_page()
        beside = look(page, f"http://localhost:{empty.port}/", "() => window.did_handshake")
        yield Browsing(page, server.base_url, mangopay_url, beside)
        chromium.close()


def look(page: Page, address: str, usable: str, *, times: int = LOOKS) -> float:
    """Return the middle time from asking for a page to being able to use it; once more, unmeasured, to fill caches."""
    took = []
    for turn in range(times + (times > 1)):
        began = time.perf_counter()
        page.goto(address)
        page.wait_for_function(usable)
        if turn or times == 1:
            took.append(time.perf_counter() - began)
    return median(took)


def control(mangopay_url: str, path: str, body: object, *, method: str = "POST") -> None:
    """Tell the emulator's control plane something."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    url = f"{mangopay_url}/_control{path}"
    httpx.request(method, url, json=body, headers=headers, timeout=600, trust_env=False).raise_for_status()
