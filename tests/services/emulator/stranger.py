"""Somebody who finds out by asking what each endpoint of the emulator wants."""

import asyncio
import re
from copy import deepcopy
from typing import Any

import httpx

from services.emulator import Emulator, EmulatorConfig
from services.emulator.engine.call import is_api
from services.emulator.engine.router import Route
from services.emulator.routes import ROUTES
from tests.services.emulator.control import TOKEN, Controls
from tests.services.emulator.junk import put
from tests.services.emulator.marketplace import BROWSER

ADDRESS = {"AddressLine1": "1 rue X", "City": "Paris", "PostalCode": "75011", "Country": "FR", "Region": None}
EUROS = {"Currency": "EUR", "Amount": 100}
# What a field of this name may hold; names that end alike are alike.
PLAUSIBLE: dict[str, Any] = {
    "Email": "alice@example.com",
    "Birthday": 290_563_200,
    "Nationality": "FR",
    "CountryOfResidence": "FR",
    "Country": "FR",
    "Currency": "EUR",
    "UserCategory": "PAYER",
    "TermsAndConditionsAccepted": True,
    "LegalPersonType": "SOLETRADER",
    "LegalRepresentative": {"FirstName": "Bob", "LastName": "Martin", "Email": "bob@example.com"},
    "Address": ADDRESS,
    "OwnerAddress": ADDRESS,
    "HeadquartersAddress": ADDRESS,
    "Billing": {"FirstName": "A", "LastName": "B", "Address": ADDRESS},
    "Shipping": {"FirstName": "A", "LastName": "B", "Address": ADDRESS},
    "BrowserInfo": BROWSER,
    "IpAddress": "203.0.113.24",
    "Culture": "EN",
    "CardType": "CB_VISA_MASTERCARD",
    "IBAN": "FR7630004000031234567890143",
    "AccountNumber": "55779911",
    "SortCode": "200000",
    "ABA": "071000288",
    "BIC": "BNPAFRPP",
    "InstitutionNumber": "614",
    "BranchCode": "00152",
    "File": "JVBERi0xLjcK" + "A" * 44_000,
    "Status": "VALIDATION_ASKED",
    "EventType": "KYC_CREATED",
    "DownloadFormat": "CSV",
    "ReportType": "COLLECTED_FEES",
    "AfterDate": 1_790_000_000,
    "BeforeDate": 1_795_000_000,
    "Duration": 300,
    "Type": "IDENTITY_PROOF",
    "Phone": "351#269458236",
    "LineItems": [{"Name": "x", "Quantity": 1, "UnitAmount": 100, "TaxAmount": 0, "Description": "x"}],
    "PaymentData": {"transactionId": "x", "network": "VISA", "tokenData": "{}"},
    "PayoutMethodType": "LocalBankTransfer",
    "RecipientType": "Individual",
    "DisplayName": "My account",
    "IndividualRecipient": {"FirstName": "A", "LastName": "B", "Address": ADDRESS},
    "LocalBankTransfer": {"EUR": {"IBAN": "FR7630004000031234567890143"}},
    "PayoutModeRequested": "INSTANT_PAYMENT",
    "VirtualAccountPurpose": "COLLECTION",
    "Birthplace": {"City": "Paris", "Country": "FR"},
    "CompanyNumber": "732829320",
    "CreditedWalletType": "CREDIT",
    "DebitedWalletType": "FEES",
    "Amount": 100,
    "Code": "777365",
    "Reference": "ref",
}
TRANSACTIONS = {
    "PAYIN": "PayInId",
    "TRANSFER": "TransferId",
    "PAYOUT": "PayOutId",
    "CONVERSION": "ConversionId",
}
API_ROUTES = [route for route in ROUTES if is_api(route.path)]


# What a path calls the id of a transaction of each type.
class Stranger:
    """Calls an emulator that has lived a little, and knows the ids that are in it."""

    def __init__(self, crowd: tuple[int, int] | None = None) -> None:
        self.runner = asyncio.Runner()
        self.ids: dict[str, str] = {}
        self._bases: dict[str, dict[str, Any]] = {}
        self.runner.run(self._open(crowd))

    def close(self) -> None:
        self.runner.run(self._close())
        self.runner.close()

    def base(self, route: Route) -> dict[str, Any]:
        """Return a body that the endpoint accepts, or as near to one as its own complaints lead."""
        if route.method not in ("POST", "PUT"):
            return {}
        name = f"{route.method} {route.path}"
        if name not in self._bases:
            self._bases[name] = self._search(route)
        return deepcopy(self._bases[name])

    def call(self, route: Route, *, names: dict[str, str] | None = None, **content: Any) -> httpx.Response:
        path = re.sub(r"\{(\w+)\}", lambda found: (names or {}).get(found[1]) or self._param(found[1]), route.path)
        return self.runner.run(self._http.request(route.method, path, **content))

    def _search(self, route: Route) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for _ in range(6):
            answer = self.call(route, json=body)
            complaints = _complaints(answer)
            if not complaints:
                break
            for name in complaints:
                put(body, name.split("."), self._plausible(name.rpartition(".")[2]))
        return body

    def _plausible(self, name: str) -> Any:
        if name in PLAUSIBLE:
            return deepcopy(PLAUSIBLE[name])
        if name in self.ids:
            return self.ids[name]
        if name == "Owners":
            return [self.ids["UserId"]]
        if name.endswith(("Funds", "Fees", "Amount")):
            return dict(EUROS)
        if name.lower().endswith("url"):
            return "https://example.com/back"
        return "Something"

    def _param(self, name: str) -> str:
        fixed = {"ClientId": "local", "FundsType": "FEES", "Currency": "EUR", "Year": "2026", "Month": "11"}
        return fixed.get(name) or self.ids.get(name) or "unknown_m_1"

    async def _open(self, crowd: tuple[int, int] | None) -> None:
        self.emulator = Emulator(EmulatorConfig("http://localhost", rate_limits=None, control_token=TOKEN))
        await self.emulator.start()
        transport = httpx.ASGITransport(app=self.emulator)
        self._http = httpx.AsyncClient(
            transport=transport, base_url="http://emulator", auth=("local", "local-api-key"), trust_env=False
        )
        async with httpx.AsyncClient(transport=transport, base_url="http://emulator", trust_env=False) as http:
            response = await Controls(http).post("/seed")
            assert response.status_code == 200, response.text
            if crowd is not None:
                users, transactions = crowd
                await Controls(http).post("/seed", {"Users": users, "Transactions": transactions})
        await self._learn_ids()

    async def _learn_ids(self) -> None:
        for user in await self._list("/users?per_page=100"):
            self.ids.setdefault("UserId" if user["UserCategory"] == "OWNER" else "AuthorId", user["Id"])
            for wallet in await self._list(f"/users/{user['Id']}/wallets"):
                for name in ("WalletId", "CreditedWalletId"):
                    self.ids.setdefault(name, wallet["Id"])
                self.ids["DebitedWalletId"] = wallet["Id"]
                for row in await self._list(f"/wallets/{wallet['Id']}/transactions?per_page=100"):
                    if row["Nature"] == "REGULAR":
                        self.ids.setdefault(TRANSACTIONS[row["Type"]], row["Id"])
            for card in await self._list(f"/users/{user['Id']}/cards"):
                self.ids |= {"CardId": card["Id"], "Fingerprint": card["Fingerprint"]}
            for account in await self._list(f"/users/{user['Id']}/bankaccounts"):
                self.ids.setdefault("BankAccountId", account["Id"])
            for document in await self._list(f"/users/{user['Id']}/kyc/documents"):
                self.ids.setdefault("KycDocumentId", document["Id"])

    async def _list(self, path: str) -> list[dict[str, Any]]:
        answer = await self._http.get(f"/v2.01/local{path}")
        rows: list[dict[str, Any]] = answer.json() if answer.status_code == 200 else []
        return rows

    async def _close(self) -> None:
        await self._http.aclose()
        await self.emulator.stop()


def name_of(route: Route) -> str:
    return f"{route.method} {route.path.removeprefix('/v2.01/{ClientId}')}"


def _complaints(answer: httpx.Response) -> list[str]:
    if answer.status_code != 400:
        return []
    body = answer.json()
    return [name for name in (body.get("errors") or body.get("Errors") or {}) if re.fullmatch(r"[A-Za-z0-9.]+", name)]
