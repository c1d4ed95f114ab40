"""The emulator on one core: reads and writes a second, and whether lists stay fast as it fills up."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from time import perf_counter

import httpx

from tests.benchmarks.report import Row, milliseconds
from tests.services.emulator.marketplace import BROWSER
from tests.serving import HOST, serving

TOKEN = "benchmark"
COMMAND = ("emulator", "--control", TOKEN)
KEY = ("local", "local-api-key")
SECONDS = 5
TURNS = 30
SIZES = ((1_000, 10_000), (100_000, 1_000_000))
LISTS = (
    "/users",
    "/users?Sort=CreationDate:DESC",
    "/users/{user}/transactions",
    "/wallets/{wallet}/transactions?Sort=CreationDate:DESC",
    "/cards/{card}/transactions?Status=SUCCEEDED,FAILED&Type=PAYIN",
    "/clients/wallets/FEES/EUR/transactions?Sort=CreationDate:DESC",
    "/clients/wallets/FEES/EUR/transactions?Status=SUCCEEDED&page=50",
)


def measure(folder: Path) -> Iterator[Row]:
    if shutil.which("wrk") is None:
        yield Row("emulator", "left out", "", "needs wrk (apt-get install wrk)")
        return
    folder.mkdir(parents=True, exist_ok=True)
    firsts = {}
    for users, transactions in SIZES:
        with serving(folder / str(users), *COMMAND, ready_path="/feeds/news.rss") as server:
            os.sched_setaffinity(server.process.pid, {0})
            emulator = Emulator(server.port)
            emulator.fill(users, transactions)
            size = f"{users:,} users, {transactions:,} transactions"
            yield from emulator.rates(folder, size)
            firsts[size] = emulator.first_pages()
    small, large = firsts.values()
    for path in LISTS:
        ratio = large[path] / small[path]
        note = f"{milliseconds(small[path])} with {next(iter(firsts))}; {milliseconds(large[path])} with the rest"
        yield Row("emulator", f"first page of `{path}`, large beside small", f"{ratio:.2f}", note)


class Emulator:
    """One that runs, and the calls made to it."""

    def __init__(self, port: int) -> None:
        self.url = f"http://{HOST}:{port}"
        self._api = httpx.Client(base_url=f"{self.url}/v2.01/local", auth=KEY, trust_env=False)
        self._control = httpx.Client(
            base_url=f"{self.url}/_control", headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False, timeout=600
        )

    def fill(self, users: int, transactions: int) -> None:
        self._control.post("/seed", json={"Users": users, "Transactions": transactions}).raise_for_status()

    def rates(self, folder: Path, size: str) -> Iterator[Row]:
        ids = self._ids()
        reads = [f"/sca/users/{ids['user']}", *(path.format(**ids) for path in LISTS[:4])]
        yield Row("emulator", f"reads a second, {size}", f"{self._rate(folder, reads, None):,.0f}", _mixture(reads))
        wallet = {"Owners": [ids["user"]], "Currency": "EUR", "Description": "Benchmark"}
        writes = f"{self._rate(folder, ['/wallets'], wallet):,.0f}"
        yield Row("emulator", f"writes a second, {size}", writes, "POST /wallets")
        payins = f"{self._rate(folder, ['/payins/card/direct'], _payin(ids)):,.0f}"
        yield Row("emulator", f"pay-ins a second, {size}", payins, "POST /payins/card/direct: ledger and two events")

    def first_pages(self) -> dict[str, float]:
        ids = self._ids()
        return {path: self._seconds(path.format(**ids)) for path in LISTS}

    def _seconds(self, path: str) -> float:
        def once() -> float:
            begun = perf_counter()
            self._api.get(path).raise_for_status()
            return perf_counter() - begun

        once()
        return median(once() for _ in range(TURNS))

    def _ids(self) -> dict[str, str]:
        """Return a buyer who has traded, with wallet and card."""
        for user in self._api.get("/users", params={"Sort": "CreationDate:ASC", "per_page": "100"}).json():
            if user["UserCategory"] == "PAYER":
                wallet = self._api.get(f"/users/{user['Id']}/wallets").json()[0]
                card = self._api.get(f"/users/{user['Id']}/cards").json()[0]
                return {"user": user["Id"], "wallet": wallet["Id"], "card": card["Id"]}
        raise RuntimeError("the crowd has no buyer")

    def _rate(self, folder: Path, paths: list[str], body: Mapping[str, object] | None) -> float:
        script = folder / "calls.lua"
        script.write_text(_script(paths, body))
        command = ["taskset", "--cpu-list", "1", "wrk", "--threads=1", "--connections=16", f"--duration={SECONDS}"]
        done = subprocess.run([*command, f"--script={script}", self.url], check=True, stdout=subprocess.PIPE, text=True)
        answers, others = map(int, done.stdout.splitlines()[-1].split())
        if others:
            raise RuntimeError(f"{others} of {answers} answers were no success")
        return answers / SECONDS


def _payin(ids: Mapping[str, str]) -> Mapping[str, object]:
    return {
        "AuthorId": ids["user"],
        "CardId": ids["card"],
        "CreditedWalletId": ids["wallet"],
        "DebitedFunds": {"Currency": "EUR", "Amount": 1_260},
        "Fees": {"Currency": "EUR", "Amount": 60},
        "SecureModeReturnURL": "https://example.com/back",
        "IpAddress": "203.0.113.24",
        "BrowserInfo": BROWSER,
    }


def _script(paths: list[str], body: Mapping[str, object] | None) -> str:
    key = base64.b64encode(":".join(KEY).encode()).decode()
    lines = [
        f"local paths = {{{', '.join(json.dumps(f'/v2.01/local{path}') for path in paths)}}}",
        "local turn = 0",
        f'local headers = {{["Authorization"] = "Basic {key}", ["Content-Type"] = "application/json"}}',
        f"local body = {json.dumps(json.dumps(body)) if body else 'nil'}",
        "function request()",
        "  turn = turn % #paths + 1",
        f'  return wrk.format("{"POST" if body else "GET"}", paths[turn], headers, body)',
        "end",
        "function done(summary)",
        '  io.write(string.format("%d %d\\n", summary.requests, summary.errors.status))',
        "end",
    ]
    return "\n".join(lines) + "\n"


def _mixture(paths: list[str]) -> str:
    return f"{len(paths)} paths in turn, 16 connections, wrk on the other core"
