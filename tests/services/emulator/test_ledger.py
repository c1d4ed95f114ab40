"""Whatever happens, in whatever order, no money is made or lost.

Somebody plays with an emulator over HTTP; after every step the books are read over HTTP as well, and must agree.
"""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.emulator import Emulator, EmulatorConfig
from tests.services.emulator.conftest import open_market
from tests.services.emulator.control import TOKEN, Controls
from tests.services.emulator.marketplace import BASE_URL, Json, Marketplace, created

AMOUNTS = st.sampled_from([100, 1_000, 10_000]) | st.integers(1, 30_000)
FEES = st.sampled_from([0, 100]) | st.integers(0, 3_000)
# Of what is there or was credited, in percent; nothing leaves the amounts of a refund out.
SHARES = st.sampled_from([0, 50, 100]) | st.integers(1, 120)
# Given back, kept or charged.
REFUND_FEES = st.sampled_from([-100, 0, 100]) | st.integers(-3_000, 3_000)
PICKS = st.integers(0, 50)
CURRENCIES = ("EUR", "GBP")


def money(amount: int, currency: str = "EUR") -> Json:
    return {"Currency": currency, "Amount": amount}


class Books(RuleBasedStateMachine):
    """Alice pays, Bob sells; each has a wallet in euros and one in pounds."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.market: Marketplace
        self.control: Controls
        self.wallets: list[Json] = []
        self.payins: list[Json] = []
        self.transfers: list[Json] = []
        self.payouts: list[Json] = []
        self.disputes: list[Json] = []

    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()

    @initialize()
    def open(self) -> None:
        self.runner.run(self._open())

    async def _open(self) -> None:
        emulator = Emulator(EmulatorConfig(BASE_URL, control_token=TOKEN))
        self.market = market = await self.stack.enter_async_context(open_market(emulator))
        self.control = Controls(market.browser)
        self.alice, self.bob = await market.payer(), await market.owner()
        await market.document(self.bob)
        self.account = await market.account(self.bob)
        self.cards = {currency: await market.card(self.alice, currency=currency) for currency in CURRENCIES}
        self.purses = {currency: await market.wallet(self.alice, currency) for currency in CURRENCIES}
        self.tills = {currency: await market.wallet(self.bob, currency) for currency in CURRENCIES}
        self.wallets = [*self.purses.values(), *self.tills.values()]
        for currency in CURRENCIES:
            self.payins.append(created(await market.pay_in(self.cards[currency], self.purses[currency], 20_000, 1_000)))
            self.transfers.append(created(await market.transfer(self.purses[currency], self.tills[currency], 9_000)))

    @rule(amount=AMOUNTS, fees=FEES, currency=st.sampled_from(CURRENCIES))
    def pay_in(self, amount: int, fees: int, currency: str) -> None:
        payin = self._run(self.market.pay_in(self.cards[currency], self.purses[currency], amount, fees))
        self.payins += [payin] if payin["Status"] == "SUCCEEDED" else []

    @rule(amount=AMOUNTS, fees=FEES, outcome=st.sampled_from(["ACCEPT", "REJECT"]))
    def wire(self, amount: int, fees: int, outcome: str) -> None:
        wire = self.runner.run(self.market.wire(self.purses["EUR"], amount, fees))
        self._post(f"/simulation/payins/bankwire/{wire['Id']}", {"Status": outcome})

    @rule(share=SHARES, fees=FEES, currency=st.sampled_from(CURRENCIES))
    def transfer(self, share: int, fees: int, currency: str) -> None:
        purse = self.purses[currency]
        moved = self._run(self.market.transfer(purse, self.tills[currency], self._part(purse, share), fees))
        self.transfers += [moved] if moved["Status"] == "SUCCEEDED" else []

    @rule(share=SHARES, fees=FEES)
    def pay_out(self, share: int, fees: int) -> None:
        till = self.tills["EUR"]
        payout = self._run(self.market.pay_out(till, self.account, self._part(till, share), Fees=money(fees)))
        self.payouts.append(payout)

    @precondition(lambda self: self.payouts)
    @rule(pick=PICKS)
    def return_payout(self, pick: int) -> None:
        self._control("payout.return", self.payouts[pick % len(self.payouts)])

    @precondition(lambda self: self.payins)
    @rule(pick=PICKS, share=SHARES, fees=REFUND_FEES, hold=st.booleans())
    def refund_payin(self, pick: int, share: int, fees: int, hold: bool) -> None:
        payin = self.payins[pick % len(self.payins)]
        if hold:
            self._control("payin.hold_refunds", payin)
        refund = self._refund("payins", payin, share, fees)
        if refund is not None and refund["Status"] == "CREATED":
            self._control("refund.settle", refund)

    @precondition(lambda self: self.transfers)
    @rule(pick=PICKS, share=SHARES, fees=REFUND_FEES)
    def refund_transfer(self, pick: int, share: int, fees: int) -> None:
        self._refund("transfers", self.transfers[pick % len(self.transfers)], share, fees)

    @precondition(lambda self: self.payins)
    @rule(pick=PICKS, kind=st.sampled_from(["CONTESTABLE", "NOT_CONTESTABLE", "RETRIEVAL"]), amount=AMOUNTS)
    def dispute(self, pick: int, kind: str, amount: int) -> None:
        payin = self.payins[pick % len(self.payins)]
        funds = money(min(amount, payin["DebitedFunds"]["Amount"]), payin["DebitedFunds"]["Currency"])
        dispute = self._control("dispute.open", payin, DisputeType=kind, DisputedFunds=funds)
        self.disputes += [dispute] if dispute else []

    @precondition(lambda self: self.disputes)
    @rule(pick=PICKS, share=st.integers(1, 100), result=st.sampled_from(["WON", "LOST", "VOID", "ASK", "CLOSE"]))
    def decide(self, pick: int, share: int, result: str) -> None:
        dispute = self.disputes[pick % len(self.disputes)]
        disputed = dispute["DisputedFunds"]
        contested = money(max(1, disputed["Amount"] * share // 100), disputed["Currency"])
        path = f"/disputes/{dispute['Id']}"
        if result == "CLOSE":
            self.runner.run(self.market.put(f"{path}/close", {}))
            return
        self.runner.run(self.market.put(f"{path}/submit", {"ContestedFunds": contested}))
        if result == "ASK":
            self._control("dispute.ask_again", dispute)
        else:
            self._control("dispute.decide", dispute, ResultCode=result)

    @precondition(lambda self: self.disputes)
    @rule(pick=PICKS, share=SHARES, fees=REFUND_FEES)
    def settle(self, pick: int, share: int, fees: int) -> None:
        dispute = self.disputes[pick % len(self.disputes)]
        disputed = dispute["DisputedFunds"]
        body = {
            "AuthorId": self.alice["Id"],
            "DebitedFunds": money(max(1, disputed["Amount"] * share // 100), disputed["Currency"]),
            "Fees": money(fees, disputed["Currency"]),
        }
        self._post(f"/repudiations/{dispute['RepudiationId']}/settlementtransfer", body)

    @rule(amount=AMOUNTS)
    def repay(self, amount: int) -> None:
        body = {"CreditedWalletId": "CREDIT_EUR", "DeclaredDebitedFunds": money(amount)}
        wire = self._post("/clients/payins/bankwire/direct", body).json()
        self._post(f"/simulation/payins/bankwire/{wire['Id']}", {"Status": "ACCEPT"})

    @rule(share=SHARES, fees=FEES, currencies=st.sampled_from([("EUR", "GBP"), ("GBP", "EUR")]))
    def convert(self, share: int, fees: int, currencies: tuple[str, str]) -> None:
        sold, bought = currencies
        amount = self._part(self.tills[sold], share)
        body = {
            "AuthorId": self.bob["Id"],
            "DebitedWalletId": self.tills[sold]["Id"],
            "CreditedWalletId": self.tills[bought]["Id"],
            "DebitedFunds": money(amount, sold),
            "CreditedFunds": {"Currency": bought},
            "Fees": money(fees, sold),
        }
        self._post("/conversions/instant-conversion", body)

    @rule(days=st.integers(1, 20))
    def wait(self, days: int) -> None:
        self.runner.run(self.control.advance(days * 86_400))

    @invariant()
    def the_books_agree(self) -> None:
        if self.wallets:
            self.runner.run(self._check())

    async def _check(self) -> None:
        platform = (await self.market.get("/clients/wallets", per_page="100")).json()
        wallets = [created(await self.market.get(f"/wallets/{wallet['Id']}")) for wallet in self.wallets] + platform
        rows = {wallet["Id"]: await self._rows(wallet) for wallet in wallets}
        for wallet in wallets:
            balance = wallet["Balance"]["Amount"]
            assert balance == sum(_effect(row, wallet) for row in rows[wallet["Id"]]), wallet["Id"]
            assert balance >= 0 or wallet["FundsType"] == "CREDIT", wallet["Id"]
        everything = {row["Id"]: row for listed in rows.values() for row in listed}
        for currency in CURRENCIES:
            held = sum(wallet["Balance"]["Amount"] for wallet in wallets if wallet["Currency"] == currency)
            assert held == sum(_inflow(row, currency) for row in everything.values()), currency

    async def _rows(self, wallet: Json) -> list[Json]:
        """Return all transactions of a wallet that have succeeded, page by page."""
        path, rows, page = f"/wallets/{wallet['Id']}/transactions", [], 1
        while True:
            answer = await self.market.get(path, Status="SUCCEEDED", per_page="100", page=str(page))
            rows += answer.json()
            if page >= int(answer.headers["x-number-of-pages"]):
                return rows
            page += 1

    def _refund(self, kind: str, initial: Json, share: int, fees: int) -> Json | None:
        """Ask for a refund, in full if the share is none; what is refused makes none."""
        credited = initial["CreditedFunds"]
        body: Json = {"AuthorId": self.alice["Id"]}
        if share:
            funds = money(max(1, credited["Amount"] * share // 100), credited["Currency"])
            body |= {"DebitedFunds": funds, "Fees": money(fees, credited["Currency"])}
        response = self._post(f"/{kind}/{initial['Id']}/refunds", body)
        refund: Json | None = response.json() if response.status_code == 200 else None
        return refund

    def _part(self, wallet: Json, share: int) -> int:
        """Return so many percent of what a wallet holds, all of it for none, and never nothing."""
        return max(1, self.runner.run(self.market.balance(wallet)) * (share or 100) // 100)

    def _control(self, action: str, entity: Json, **body: Any) -> Json | None:
        """Do what a human or a bank does, if it can be done."""
        response = self.runner.run(self.control.post(f"/do/{action}/{entity['Id']}", body))
        assert response.status_code in (200, 400, 404), response.text
        done: Json | None = response.json() if response.status_code == 200 else None
        return done

    def _post(self, path: str, body: Json) -> Any:
        response = self.runner.run(self.market.post(path, body))
        assert response.status_code < 500, response.text
        return response

    def _run(self, call: Any) -> Json:
        return created(self.runner.run(call))


def _effect(row: Json, wallet: Json) -> int:
    """Return what a transaction that succeeded has added to a wallet that lists it."""
    added = 0
    if row["CreditedWalletId"] == wallet["Id"]:
        added += row["CreditedFunds"]["Amount"]
    if row["DebitedWalletId"] == wallet["Id"]:
        added -= row["DebitedFunds"]["Amount"]
    if wallet["Id"] == f"FEES_{row['Fees']['Currency']}":
        added += row["Fees"]["Amount"]
    return added


def _inflow(row: Json, currency: str) -> int:
    """Return what a transaction that succeeded has brought into all wallets of a currency together."""
    debited, credited, fees = row["DebitedFunds"], row["CreditedFunds"], row["Fees"]
    if row["Type"] == "PAYIN":
        return int(debited["Amount"]) if debited["Currency"] == currency else 0
    if row["Type"] == "PAYOUT":
        return -int(credited["Amount"]) if credited["Currency"] == currency else 0
    if row["Type"] == "CONVERSION":
        brought = credited["Amount"] if credited["Currency"] == currency else 0
        taken = debited["Amount"] if debited["Currency"] == currency else 0
        return int(brought - taken + (fees["Amount"] if fees["Currency"] == currency else 0))
    return 0


TestBooks = Books.TestCase
TestBooks.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
