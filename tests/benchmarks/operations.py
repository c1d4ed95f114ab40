"""What exactly once costs: refunds through the journal, beside the same posted with nothing around them; and how soon
the form of a refund can be used, beside an empty NiceGUI page.
"""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from models.environment import Environment
from models.journal import State
from models.operations.kinds import OPERATIONS
from models.operations.limits import parse_limits
from models.operations.requests import CURRENCY
from models.operations.situation import seen_of
from models.permissions import Role
from services.database import Database
from services.mangopay.client import MangopayClient
from services.operations.journal import open_draft
from services.operations.reading import read_situation
from services.operations.submitting import submit
from services.operations.teller import Teller
from tests.actors import make_actor
from tests.benchmarks.browsing import KEY, NO_BROWSER, NO_LIMIT, TOKEN, browsing, control, find_browser
from tests.benchmarks.report import Row, milliseconds
from tests.services.emulator.marketplace import Marketplace, created
from tests.serving import HOST, serving

REFUNDS = 100
LOCAL = Environment.LOCAL
OLIVIA = make_actor(Role.OPERATOR)


def measure(folder: Path) -> Iterator[Row]:
    with serving(folder / "emulator", "emulator", "--control", TOKEN, ready_path="/feeds/news.rss") as server:
        url = f"http://{HOST}:{server.port}"
        control(url, "/rate-limits", {"Limits": NO_LIMIT}, method="PUT")
        bare, kept = asyncio.run(_refunds(url, folder))
    yield Row("operations", "a refund posted with nothing around it", milliseconds(bare), f"median of {REFUNDS}")
    yield Row("operations", "a refund through the journal, looked at", milliseconds(kept), f"median of {REFUNDS}")
    yield Row("operations", "the journal beside nothing", f"{kept / bare:.1f}", "one POST each; 9 reads and 4 commits")
    browser = find_browser()
    if browser is None:
        yield Row("operations", "the form in a browser", "-", NO_BROWSER)
        return
    yield from _form(folder / "form", browser)


async def _refunds(url: str, folder: Path) -> tuple[float, float]:
    """Return the middle times of a bare refund and of one through the journal, made by turns."""
    database = Database(f"sqlite:///{folder / 'journal.sqlite3'}")
    database.upgrade()
    client = MangopayClient(LOCAL, base_url=url, client_id=KEY[0], api_key=KEY[1])
    teller = Teller(database=database, clients={LOCAL: client}, limits=parse_limits(""))
    bare, kept = [], []
    async with (
        httpx.AsyncClient(base_url=url, auth=KEY, trust_env=False, timeout=30) as http,
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as browser,
    ):
        payins = await _payins(Marketplace(http, browser), 2 * REFUNDS)
        for one, other in zip(payins[::2], payins[1::2], strict=True):
            began = time.perf_counter()
            await _refund_bare(http, one)
            bare.append(time.perf_counter() - began)
            began = time.perf_counter()
            await _refund_kept(teller, other)
            kept.append(time.perf_counter() - began)
    await client.aclose()
    await database.dispose()
    return median(bare), median(kept)


async def _payins(market: Marketplace, count: int) -> list[dict[str, Any]]:
    alice, bob = await market.payer(), await market.owner()
    registration = created(await market.post("/cardregistrations", {"UserId": alice["Id"], "Currency": "EUR"}))
    # Its links lead to where the emulator is, which is not where it is in the tests.
    form = {"accessKeyRef": registration["AccessKey"], "data": registration["PreregistrationData"]}
    form |= {"cardNumber": "4970107111111119", "cardExpirationDate": "1229", "cardCvx": "123"}
    data = (await market.browser.post(registration["CardRegistrationURL"], data=form)).text
    registered = created(await market.put(f"/cardregistrations/{registration['Id']}", {"RegistrationData": data}))
    card, wallet = created(await market.get(f"/cards/{registered['CardId']}")), await market.wallet(bob)
    return [created(await market.pay_in(card, wallet, 1000 + n)) for n in range(count)]


async def _refund_bare(http: httpx.AsyncClient, payin: dict[str, Any]) -> None:
    answer = await http.post(f"/v2.01/local/payins/{payin['Id']}/refunds", json={"AuthorId": payin["AuthorId"]})
    if answer.json().get("Status") != "SUCCEEDED":
        raise RuntimeError(answer.text)


async def _refund_kept(teller: Teller, payin: dict[str, Any]) -> None:
    """Do what the form does: begin, look, ask."""
    kind = OPERATIONS["refund-payin"]
    values = {"PayInId": payin["Id"], "AuthorId": payin["AuthorId"], "Fees": "0", CURRENCY: "EUR"}
    values["DebitedFunds"] = f"{payin['CreditedFunds']['Amount'] / 100:.2f}"
    draft = await open_draft(OLIVIA, teller, kind, values)
    situation = await read_situation(OLIVIA, teller, kind, values, operation_id=draft.operation_id)
    done = await submit(OLIVIA, teller, draft.operation_id, values=values, reason="benchmark", seen=seen_of(situation))
    if done.state is not State.SUCCEEDED:
        raise RuntimeError(done.failure)


def _form(folder: Path, browser: str) -> Iterator[Row]:
    with browsing(folder, browser) as dashboard:
        form = f"/operations/refund-payin?PayInId={_a_payin(dashboard.mangopay_url)}"
        for what, path in (("Operations", "/operations"), ("a refund's form", form)):
            took = dashboard.look(path)
            ratio = f"{took / dashboard.beside:.2f}"
            yield Row("operations", f"{what} beside an empty page", ratio, milliseconds(took))


def _a_payin(url: str) -> str:
    users = httpx.get(f"{url}/v2.01/local/users", params={"per_page": "100"}, auth=KEY, trust_env=False).json()
    query = {"Type": "PAYIN", "Nature": "REGULAR", "Status": "SUCCEEDED"}
    for user in users:
        path = f"{url}/v2.01/local/users/{user['Id']}/transactions"
        answer = httpx.get(path, params=query, auth=KEY, trust_env=False)
        if answer.is_success and answer.json():
            payin: str = answer.json()[0]["Id"]
            return payin
    raise LookupError("a pay-in")
