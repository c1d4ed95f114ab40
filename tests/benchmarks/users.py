"""How soon a list of users and a user's page can be used, beside an empty NiceGUI page; what they cost in calls to
Mangopay; and 10,000 users listed by our client, beside Mangopay's own client for Python.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import httpx
import mangopay
from mangopay.resources import User

from models.environment import Environment
from services.mangopay.client import MangopayClient
from services.mangopay.paging import PER_PAGE, pages
from tests.benchmarks.browsing import KEY, LOOKS, NO_BROWSER, TOKEN, Browsing, browsing, control, find_browser
from tests.benchmarks.report import Row, milliseconds
from tests.serving import HOST, serving

LISTED = 10_000
ROUNDS = 5


def measure(folder: Path) -> Iterator[Row]:
    yield from _lists(folder / "lists")
    browser = find_browser()
    if browser is None:
        yield Row("users", "pages in a browser", "-", NO_BROWSER)
        return
    yield from _pages(folder / "pages", browser)


def _lists(folder: Path) -> Iterator[Row]:
    """List so many users by both clients in turn, against the same emulator."""
    command = ("emulator", "--control", TOKEN)
    with serving(folder, *command, ready_path="/feeds/news.rss") as server:
        url = f"http://{HOST}:{server.port}"
        control(url, "/seed", {"Users": LISTED, "Transactions": 1_000})
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
    with browsing(folder, browser) as dashboard:
        yield Row("users", "an empty NiceGUI page", milliseconds(dashboard.beside), f"median of {LOOKS} loads")
        user = _a_seller(dashboard.mangopay_url)
        for what, path in (("the list of users", "/users"), ("a user's page", f"/users/{user}")):
            yield from _page_rows(dashboard, what=what, path=path)


def _page_rows(dashboard: Browsing, *, what: str, path: str) -> Iterator[Row]:
    before = _calls_made(dashboard.mangopay_url)
    dashboard.look(path, times=1)
    calls = _calls_made(dashboard.mangopay_url) - before - 1
    took = dashboard.look(path)
    yield Row("users", f"{what}, usable", milliseconds(took), f"median of {LOOKS} loads")
    ratio = f"{took / dashboard.beside:.2f}"
    yield Row("users", f"{what} beside an empty page", ratio, f"{calls} calls to Mangopay the first time")


def _a_seller(url: str) -> str:
    users = httpx.get(f"{url}/v2.01/local/users", params={"per_page": "100"}, auth=KEY, trust_env=False).json()
    seller: str = next(user["Id"] for user in users if user["UserCategory"] == "OWNER")
    return seller


def _calls_made(url: str) -> int:
    """Return how many calls Mangopay has counted in the last 15 minutes, this one included."""
    answer = httpx.get(f"{url}/v2.01/local/clients", auth=KEY, trust_env=False)
    return int(answer.headers["x-ratelimit"].partition(",")[0])


def _timed(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
