"""The marketplace whose story is told: the calls it makes to its Mangopay, as any platform would make them."""

import asyncio
import base64

import httpx

from services.emulator.engine.store import Entity

# A page that passes for a scan: the right first bytes, and long enough to be readable.
SCAN = base64.b64encode(b"%PDF-1.7\n" + bytes(32_000)).decode()
BROWSER = {
    "AcceptHeader": "text/html",
    "JavaEnabled": False,
    "Language": "FR-FR",
    "ColorDepth": 24,
    "ScreenHeight": 1080,
    "ScreenWidth": 1920,
    "TimeZoneOffset": -60,
    "UserAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "JavascriptEnabled": True,
}

RETURN_URL = "https://local-market.example/back"
# What a platform tells of a payer who is there.
PRESENT = {"SecureModeReturnURL": RETURN_URL, "IpAddress": "203.0.113.24", "BrowserInfo": BROWSER}


class ShopError(Exception):
    """Mangopay refused a call of the marketplace."""


class HiddenError(ShopError):
    """An OWNER must confirm first that they are there."""


class Shop:
    """One method per thing the marketplace does; each returns what Mangopay answered."""

    def __init__(self, client: httpx.AsyncClient, client_id: str) -> None:
        self._client = client
        self._base = f"/v2.01/{client_id}"

    async def get(self, path: str, **query: str) -> Entity:
        entity: Entity = (await self._send("GET", path, params=query)).json()
        return entity

    async def list(self, path: str, **query: str) -> list[Entity]:
        """Return the first hundred."""
        rows: list[Entity] = (await self._send("GET", path, params={"per_page": "100"} | query)).json()
        return rows

    async def post(self, path: str, body: Entity) -> Entity:
        entity: Entity = (await self._send("POST", path, body=body)).json()
        return entity

    async def put(self, path: str, body: Entity) -> Entity:
        entity: Entity = (await self._send("PUT", path, body=body)).json()
        return entity

    async def delete(self, path: str) -> None:
        await self._send("DELETE", path)

    async def answer(self, path: str, choice: str) -> None:
        """Answer a page that a user was sent to (`yes`, `no` …), in their place."""
        response = await self._client.post(path, data={"choice": choice})
        if response.is_error:
            raise ShopError(f"POST {path}: {response.status_code} {response.text}")

    async def open_wallet(self, user_id: str, currency: str, description: str) -> Entity:
        return await self.post("/wallets", {"Owners": [user_id], "Currency": currency, "Description": description})

    async def save_card(self, user_id: str, currency: str, number: str, holder: str) -> Entity:
        registration = await self.post("/cardregistrations", {"UserId": user_id, "Currency": currency})
        form = {
            "accessKeyRef": registration["AccessKey"],
            "data": registration["PreregistrationData"],
            "cardNumber": number,
            "cardExpirationDate": "1229",
            "cardCvx": "123",
        }
        vault = await self._client.post("/vault/tokenize", data=form)
        path, body = f"/cardregistrations/{registration['Id']}", {"RegistrationData": vault.text}
        registered = await self.put(path, body | {"CardHolderName": holder})
        return await self.get(f"/cards/{registered['CardId']}")

    async def pay(self, card: Entity, wallet: Entity, amount: int, tag: str) -> Entity:
        """Charge a card, without fees: those are taken when the money goes on to the seller."""
        body = into(wallet, amount, tag) | {"CardId": card["Id"], "StatementDescriptor": "LOCALMARKET"}
        return await self.post("/payins/card/direct", body | PRESENT)

    async def ask_for_wire(self, wallet: Entity, amount: int, tag: str) -> Entity:
        body = {
            "AuthorId": wallet["Owners"][0],
            "CreditedWalletId": wallet["Id"],
            "DeclaredDebitedFunds": money(wallet, amount),
            "DeclaredFees": money(wallet, 0),
            "Tag": tag,
        }
        return await self.post("/payins/bankwire/direct", body)

    async def transfer(self, debited: Entity, credited: Entity, amount: int, tag: str) -> Entity:
        """Pass what a payer paid on to the seller, less the marketplace's tenth."""
        body = {
            "AuthorId": debited["Owners"][0],
            "DebitedWalletId": debited["Id"],
            "CreditedWalletId": credited["Id"],
            "DebitedFunds": money(debited, amount),
            "Fees": money(debited, amount // 10),
            "ScaContext": "USER_NOT_PRESENT",
            "Tag": tag,
        }
        return await self.post("/transfers", body)

    async def pay_out(self, wallet: Entity, account_id: str, amount: int, **more: str) -> Entity:
        body = {
            "AuthorId": wallet["Owners"][0],
            "DebitedWalletId": wallet["Id"],
            "RecipientId" if account_id.startswith("rec_") else "BankAccountId": account_id,
            "DebitedFunds": money(wallet, amount),
            "Fees": money(wallet, 0),
            "BankWireRef": "LOCAL MARKET",
            "Tag": "Weekly payout",
        }
        return await self.post("/payouts/bankwire", body | more)

    async def refund(self, kind: str, transaction: Entity, tag: str, *, amount: int | None = None) -> Entity:
        """Give back all of a pay-in or transfer (`payins` or `transfers`), or a part without its fees."""
        body = {"AuthorId": transaction["AuthorId"], "Tag": tag}
        if amount is not None:
            currency = transaction["DebitedFunds"]["Currency"]
            body |= {"DebitedFunds": {"Currency": currency, "Amount": amount}}
            body |= {"Fees": {"Currency": currency, "Amount": 0}}
        return await self.post(f"/{kind}/{transaction['Id']}/refunds", body)

    async def submit_document(self, user_id: str, kind: str, tag: str | None) -> Entity:
        path = f"/users/{user_id}/kyc/documents"
        document = await self.post(path, {"Type": kind, "Tag": tag})
        await self.add_page(f"{path}/{document['Id']}")
        return await self.put(f"{path}/{document['Id']}", {"Status": "VALIDATION_ASKED"})

    async def add_page(self, path: str) -> None:
        """Add a scan to the document at this path, of whatever kind it is."""
        await self._send("POST", f"{path}/pages", body={"File": SCAN})

    async def declare_owner(self, user_id: str, owner: Entity) -> Entity:
        """Declare one beneficial owner of a company, and submit the declaration."""
        path = f"/users/{user_id}/kyc/ubodeclarations"
        declaration = await self.post(path, {})
        await self.post(f"{path}/{declaration['Id']}/ubos", owner)
        return await self.put(f"{path}/{declaration['Id']}", {"Status": "VALIDATION_ASKED"})

    async def _send(
        self, method: str, path: str, *, params: dict[str, str] | None = None, body: Entity | None = None
    ) -> httpx.Response:
        # The emulator answers itself without ever waiting: let others have their turn in between.
        await asyncio.sleep(0)
        response = await self._client.request(method, self._base + path, params=params, json=body)
        if response.status_code == 401:
            raise HiddenError(f"{method} {path}")
        if response.is_error:
            raise ShopError(f"{method} {path}: {response.status_code} {response.text}")
        return response


def into(wallet: Entity, amount: int, tag: str) -> Entity:
    """Return what every pay-in of a wallet's owner into that wallet says, whatever the method."""
    return {
        "AuthorId": wallet["Owners"][0],
        "CreditedWalletId": wallet["Id"],
        "DebitedFunds": money(wallet, amount),
        "Fees": money(wallet, 0),
        "Tag": tag,
    }


def money(wallet: Entity, amount: int) -> Entity:
    return {"Currency": wallet["Currency"], "Amount": amount}
