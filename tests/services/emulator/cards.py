"""What a platform sends to authorise money on a card, and how its holder answers the bank."""

import httpx

from tests.services.emulator.marketplace import BASE_URL, BROWSER, Json, Marketplace, created

DAY_S = 86_400


def payment(card: Json, amount: int | None = None, **more: object) -> Json:
    """Return what every payment with a card says; with an amount, what is debited too."""
    body: Json = {
        "AuthorId": card["UserId"],
        "CardId": card["Id"],
        "SecureModeReturnURL": "https://example.com/back",
        "IpAddress": "203.0.113.24",
        "BrowserInfo": BROWSER,
    }
    if amount is not None:
        body["DebitedFunds"] = {"Currency": card["Currency"], "Amount": amount}
    return body | more


async def registered(market: Marketplace, user: Json, card_type: str, number: str, **typed: str) -> Json:
    """Return a card of another type than the usual one, or what is typed otherwise."""
    body = {"UserId": user["Id"], "Currency": "EUR", "CardType": card_type}
    registration = created(await market.post("/cardregistrations", body))
    data = await market.tokenize(registration, number, **typed)
    path = f"/cardregistrations/{registration['Id']}"
    return created(await market.get(f"/cards/{created(await market.put(path, {'RegistrationData': data}))['CardId']}"))


async def preauthorized(market: Marketplace, card: Json, amount: int, **more: object) -> Json:
    return created(await market.post("/preauthorizations/card/direct", payment(card, amount, **more)))


async def deposited(market: Marketplace, card: Json, amount: int, name: str = "deposit", **more: object) -> Json:
    return created(await market.post(f"/{name}-preauthorizations/card/direct", payment(card, amount, **more)))


async def answer(market: Marketplace, url: str, choice: str = "yes") -> httpx.Response:
    """Let the holder of the card answer on the page of their bank."""
    return await market.browser.post(url.removeprefix(BASE_URL), data={"choice": choice})


async def captured(market: Marketplace, wallet: Json, amount: int, at: str, **of: str) -> httpx.Response:
    """Capture into a wallet what the last keyword names."""
    body = {
        "AuthorId": wallet["Owners"][0],
        "CreditedWalletId": wallet["Id"],
        "DebitedFunds": {"Currency": wallet["Currency"], "Amount": amount},
        "Fees": {"Currency": wallet["Currency"], "Amount": 0},
    }
    return await market.post(f"/payins/{at}", body | of)
