"""A platform that calls the emulator over HTTP: Alice pays, Bob sells."""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

Json = dict[str, Any]
BASE_URL = "http://localhost:8080/emulator"
FRICTIONLESS_CARD = "4970107111111119"
CHALLENGED_CARD = "4970105181818183"
IBAN = "FR7630004000031234567890143"
SCAN = base64.b64encode(b"%PDF-1.7" + bytes(33_000)).decode()
ADDRESS = {"AddressLine1": "18 rue de la Roquette", "City": "Paris", "PostalCode": "75011", "Country": "FR"}
BROWSER = {
    "AcceptHeader": "text/html",
    "JavaEnabled": False,
    "Language": "FR",
    "ColorDepth": 24,
    "ScreenHeight": 1080,
    "ScreenWidth": 1920,
    "TimeZoneOffset": -60,
    "UserAgent": "Firefox",
    "JavascriptEnabled": True,
}


class Marketplace:
    """Raw calls, and the few steps that nearly every test begins with."""

    def __init__(self, http: httpx.AsyncClient, browser: httpx.AsyncClient) -> None:
        self.http = http
        # Somebody's browser, which has no credentials.
        self.browser = browser

    async def get(self, path: str, **query: str) -> httpx.Response:
        return await self.http.get(f"/v2.01/local{path}", params=query)

    async def post(self, path: str, body: Json, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return await self.http.post(f"/v2.01/local{path}", json=body, headers=headers)

    async def put(self, path: str, body: Json) -> httpx.Response:
        return await self.http.put(f"/v2.01/local{path}", json=body)

    async def payer(self, name: str = "Alice") -> Json:
        body: Json = {"FirstName": name, "LastName": "Martin", "Email": f"{name.lower()}@example.com"}
        body |= {"UserCategory": "PAYER", "TermsAndConditionsAccepted": True}
        return created(await self.post("/sca/users/natural", body))

    async def owner(self, name: str = "Bob", email: str = "bob+accept@example.com") -> Json:
        return created(await self.post("/sca/users/natural", owner_body(name, email)))

    async def enrolled_owner(self, name: str = "Bob") -> Json:
        """Return an OWNER who has enrolled on the hosted page, and will be sent to it again."""
        owner = await self.owner(name, f"{name.lower()}@example.com")
        await self.answer_page(owner["PendingUserAction"])
        return created(await self.get(f"/sca/users/{owner['Id']}"))

    async def answer_page(self, action: Json, choice: str = "yes", back_to: str = "") -> httpx.Response:
        """Follow the RedirectUrl of a PendingUserAction and answer its page; the browser is led back."""
        url = action["RedirectUrl"].removeprefix(BASE_URL)
        query = f"&returnUrl={quote(back_to, safe='')}" if back_to else ""
        return await self.browser.post(url + query, data={"choice": choice})

    async def close(self, user: Json) -> httpx.Response:
        return await self.http.delete(f"/v2.01/local/users/{user['PersonType'].lower()}/{user['Id']}")

    async def wallet(self, user: Json, currency: str = "EUR") -> Json:
        body = {"Owners": [user["Id"]], "Description": "A wallet", "Currency": currency}
        return created(await self.post("/wallets", body))

    async def card(self, user: Json, number: str = FRICTIONLESS_CARD, currency: str = "EUR") -> Json:
        registration = created(await self.post("/cardregistrations", {"UserId": user["Id"], "Currency": currency}))
        data = await self.tokenize(registration, number)
        path = f"/cardregistrations/{registration['Id']}"
        registered = created(await self.put(path, {"RegistrationData": data}))
        return created(await self.get(f"/cards/{registered['CardId']}"))

    async def tokenize(self, registration: Json, number: str, expiry: str = "1229", cvx: str = "123") -> str:
        form = {"accessKeyRef": registration["AccessKey"], "data": registration["PreregistrationData"]}
        form |= {"cardNumber": number, "cardExpirationDate": expiry, "cardCvx": cvx}
        path = registration["CardRegistrationURL"].removeprefix(BASE_URL)
        return (await self.browser.post(path, data=form)).text

    async def pay_in(self, card: Json, wallet: Json, amount: int, fees: int = 0, **more: object) -> httpx.Response:
        currency = wallet["Currency"]
        body: Json = {
            "AuthorId": card["UserId"],
            "CardId": card["Id"],
            "CreditedWalletId": wallet["Id"],
            "DebitedFunds": {"Currency": currency, "Amount": amount},
            "Fees": {"Currency": currency, "Amount": fees},
            "SecureModeReturnURL": "https://example.com/back",
            "IpAddress": "203.0.113.24",
            "BrowserInfo": BROWSER,
        }
        return await self.post("/payins/card/direct", body | more)

    async def funded(self, user: Json, amount: int, currency: str = "EUR") -> Json:
        """Return a wallet of the user with this much in it."""
        wallet = await self.wallet(user, currency)
        card = await self.card(user, currency=currency)
        assert created(await self.pay_in(card, wallet, amount))["Status"] == "SUCCEEDED"
        return wallet

    async def transfer(
        self, debited: Json, credited: Json, amount: int, fees: int = 0, **more: object
    ) -> httpx.Response:
        currency = debited["Currency"]
        body: Json = {
            "AuthorId": debited["Owners"][0],
            "DebitedWalletId": debited["Id"],
            "CreditedWalletId": credited["Id"],
            "DebitedFunds": {"Currency": currency, "Amount": amount},
            "Fees": {"Currency": currency, "Amount": fees},
        }
        return await self.post("/transfers", body | more)

    async def account(self, user: Json, iban: str = IBAN) -> Json:
        body = {"OwnerName": "Bob Martin", "OwnerAddress": ADDRESS, "IBAN": iban}
        return created(await self.post(f"/users/{user['Id']}/bankaccounts/iban", body))

    async def pay_out(self, wallet: Json, account: Json, amount: int, **more: object) -> httpx.Response:
        body: Json = {
            "AuthorId": wallet["Owners"][0],
            "DebitedWalletId": wallet["Id"],
            "BankAccountId": account["Id"],
            "DebitedFunds": {"Currency": wallet["Currency"], "Amount": amount},
            "Fees": {"Currency": wallet["Currency"], "Amount": 0},
        }
        return await self.post("/payouts/bankwire", body | more)

    async def wire(self, wallet: Json, amount: int, fees: int = 0) -> Json:
        body = {
            "AuthorId": wallet["Owners"][0],
            "CreditedWalletId": wallet["Id"],
            "DeclaredDebitedFunds": {"Currency": wallet["Currency"], "Amount": amount},
            "DeclaredFees": {"Currency": wallet["Currency"], "Amount": fees},
        }
        return created(await self.post("/payins/bankwire/direct", body))

    async def document(self, user: Json, kind: str = "IDENTITY_PROOF", tag: str | None = "accept") -> Json:
        """Create, fill and submit a document; return it as it stands afterwards."""
        path = f"/users/{user['Id']}/kyc/documents"
        document = created(await self.post(path, {"Type": kind, "Tag": tag}))
        assert (await self.post(f"{path}/{document['Id']}/pages", {"File": SCAN})).status_code == 204
        assert (await self.put(f"{path}/{document['Id']}", {"Status": "VALIDATION_ASKED"})).status_code == 200
        return created(await self.get(f"/kyc/documents/{document['Id']}"))

    async def company(self, kind: str = "BUSINESS") -> Json:
        body = company_body(kind)
        body["LegalRepresentative"] |= {"Email": "bob+accept@example.com"}
        return created(await self.post("/sca/users/legal", body))

    async def declaration(self, user: Json, *names: str) -> Json:
        """Declare beneficial owners of these first names, submit, and return what became of it."""
        path = f"/users/{user['Id']}/kyc/ubodeclarations"
        declaration = created(await self.post(path, {}))
        for name in names or ("AcceptUBO",):
            created(await self.post(f"{path}/{declaration['Id']}/ubos", ubo_body(name)))
        created(await self.put(f"{path}/{declaration['Id']}", {"Status": "VALIDATION_ASKED"}))
        return created(await self.get(f"/kyc/ubodeclarations/{declaration['Id']}"))

    async def hook(self, event_type: str, url: str) -> Json:
        return created(await self.post("/hooks", {"EventType": event_type, "Url": url}))

    async def balance(self, wallet: Json) -> int:
        return int(created(await self.get(f"/wallets/{wallet['Id']}"))["Balance"]["Amount"])

    async def events(self) -> list[tuple[str, str]]:
        """Return event type and resource id of everything that has happened, in order."""
        rows = (await self.get("/events", per_page="100")).json()
        return [(row["EventType"], row["ResourceId"]) for row in rows]


def owner_body(name: str = "Bob", email: str = "bob+accept@example.com") -> Json:
    return {
        "FirstName": name,
        "LastName": "Martin",
        "Email": email,
        "UserCategory": "OWNER",
        "TermsAndConditionsAccepted": True,
        "Birthday": 290_563_200,
        "Nationality": "FR",
        "CountryOfResidence": "FR",
        "Address": ADDRESS,
    }


def company_body(kind: str = "BUSINESS") -> Json:
    person = owner_body()
    members = ("FirstName", "LastName", "Email", "Birthday", "Nationality", "CountryOfResidence")
    return {
        "Name": "Atelier Bob",
        "LegalPersonType": kind,
        "Email": "atelier@example.com",
        "CompanyNumber": "732829320",
        "UserCategory": "OWNER",
        "TermsAndConditionsAccepted": True,
        "LegalRepresentative": {name: person[name] for name in members},
        "HeadquartersAddress": ADDRESS,
    }


def ubo_body(name: str = "AcceptUBO") -> Json:
    return {
        "FirstName": name,
        "LastName": "Martin",
        "Birthday": 290_563_200,
        "Nationality": "FR",
        "Address": ADDRESS,
        "Birthplace": {"City": "Lyon", "Country": "FR"},
    }


def created(response: httpx.Response) -> Json:
    assert response.status_code == 200, response.text
    body: Json = response.json()
    return body


def refused(response: httpx.Response, status: int = 400) -> Json:
    assert response.status_code == status, response.text
    body: Json = response.json()
    return body
