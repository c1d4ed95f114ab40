"""How soon a list of users and a user's page can be used, beside an empty NiceGUI page; what they cost in calls to
Mangopay; and 10,000 users listed by our client, beside Mangopay's own client for Python.
"""

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import httpx
import mangopay
from mangopay.resources import User
from playwright.sync_api import Page, sync_playwright

from models.environment import Environment
from services.mangopay.client import MangopayClient
from services.mangopay.paging import PER_PAGE, pages
from tests.benchmarks.latency import BROWSERS, sign_in
from tests.benchmarks.report import Row, milliseconds
from tests.serving import HOST, Server, serving

TOKEN = "benchmark"
KEY = ("local", "local-api-key")
LISTED = 10_000
ROUNDS = 5
LOOKS = 9
# As many calls as the benchmarks may want; Local refuses more than a platform has, as Mangopay would.
NO_LIMIT = [10_000_000] * 4
# A page is usable once its socket is there and nothing grey is left.
USABLE = "() => window.did_handshake && !document.querySelector('.skeleton')"


def measure(folder: Path) -> Iterator[Row]:
    yield from _lists(folder / "lists")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        yield Row("users", "pages in a browser", "-", f"no browser: none of {', '.join(BROWSERS)} is here")
        return
    yield from _pages(folder / "pages", browser)


def _lists(folder: Path) -> Iterator[Row]:
    """List so many users by both clients in turn, against the same emulator."""
    command = ("emulator", "--control", TOKEN)
    with serving(folder, *command, ready_path="/feeds/news.rss") as server:
        url = f"http://{HOST}:{server.port}"
        _control(url, "/seed", {"Users": LISTED, "Transactions": 1_000})
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(_timed(lambda: asyncio.run(_list_by_our_client(url))))
            theirs.append(_timed(lambda: _list_by_sdk(url)))
    calls = LISTED // PER_PAGE
    yield Row("users", f"{LISTED:,} users listed by our client", milliseconds(median(ours)), f"{calls} calls")
    yield Row(
        "users", f"{LISTED:,} users listed by mangopay4-python-sdk", milliseconds(median(theirs)), f"{calls} calls"
    )
    ratio = median(ours) / median(theirs)
    yield Row("users", "our client beside the SDK", f"{ratio:.2f}", f"medians of {ROUNDS}, by turns")


async def _list_by_our_client(url: str) -> None:
    client = MangopayClient(Environment.LOCAL, base_url=url, client_id=KEY[0], api_key=KEY[1])
    try:
        found = {user.id async for page in pages(client.list_users) for user in page.items}
    finally:
        await client.aclose()
    _expect_all(found)


def _list_by_sdk(url: str) -> None:
    mangopay.client_id, mangopay.apikey = KEY
    mangopay.api_sandbox_url = f"{url}/v2.01/"
    found: set[str] = set()
    for page in range(1, LISTED // PER_PAGE + 1):
        found.update(user.id for user in User.all(page=page, per_page=PER_PAGE, sort="CreationDate:DESC"))
    _expect_all(found)


def _expect_all(found: set[str]) -> None:
    if len(found) < LISTED:
        raise RuntimeError(f"only {len(found)} of {LISTED} users were listed")


def _pages(folder: Path, browser: str) -> Iterator[Row]:
    empty_folder = folder / "empty"
    rival = ("-m", "tests.benchmarks.rivals")
    with (
        serving(folder / "dashboard", DASHBOARD_EMULATOR_CONTROL=TOKEN) as server,
        serving(empty_folder, "nicegui", program=rival, ready_path="/") as empty,
        sync_playwright() as playwright,
    ):
        url = f"http://{HOST}:{server.port}/emulator"
        _control(url, "/rate-limits", {"Limits": NO_LIMIT}, method="PUT")
        user = _a_seller(url)
        chromium = playwright.chromium.launch(executable_path=browser)
        context = chromium.new_context()
        sign_in(context, server)
        page = context.new_page()
        beside = _look(page, f"http://localhost:{empty.port}/", "() => window.did_handshake")
        yield Row("users", "an empty NiceGUI page", milliseconds(beside), f"median of {LOOKS} loads")
        for what, path in (("the list of users", "/users"), ("a user's page", f"/users/{user}")):
            yield from _page_rows(page, server, url, what=what, path=path, beside=beside)
        chromium.close()


def _page_rows(page: Page, server: Server, url: str, *, what: str, path: str, beside: float) -> Iterator[Row]:
    address = f"{server.base_url}{path}"
    before = _calls_made(url)
    _look(page, address, USABLE, times=1)
    calls = _calls_made(url) - before - 1
    took = _look(page, address, USABLE)
    yield Row("users", f"{what}, usable", milliseconds(took), f"median of {LOOKS} loads")
    yield Row(
        "users", f"{what} beside an empty page", f"{took / beside:.2f}", f"{calls} calls to Mangopay the first time"
    )


def _look(page: Page, address: str, usable: str, *, times: int = LOOKS) -> float:
    """Return the middle time from asking for a page to being able to use it; once more, unmeasured, to fill caches."""
    took = []
    for turn in range(times + (times > 1)):
        began = time.perf_counter()
        page.goto(address)
        page.wait_for_function(usable)
        if turn or times == 1:
            took.append(time.perf_counter() - began)
    return median(took)


def _a_seller(url: str) -> str:
    users = httpx.get(f"{url}/v2.01/local/users", params={"per_page": "100"}, auth=KEY, trust_env=False).json()
    seller: str = next(user["Id"] for user in users if user["UserCategory"] == "OWNER")
    return seller


def _calls_made(url: str) -> int:
    """Return how many calls Mangopay has counted in the last 15 minutes, this one included."""
    answer = httpx.get(f"{url}/v2.01/local/clients", auth=KEY, trust_env=False)
    return int(answer.headers["x-ratelimit"].partition(",")[0])


def _control(url: str, path: str, body: object, *, method: str = "POST") -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    done = httpx.request(method, f"{url}/_control{path}", json=body, headers=headers, timeout=600, trust_env=False)
    done.raise_for_status()


def _timed(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
