"""What a platform sends to take a payment by another method than a card."""

from typing import Any

from tests.services.emulator.marketplace import ADDRESS, BROWSER, Json, Marketplace, created

RETURN_URL = "https://example.com/thanks?basket=1"
BILLING: Json = {"FirstName": "Alice", "LastName": "Martin", "Address": ADDRESS}
SHOES: Json = {"Name": "Shoes", "Quantity": 2, "UnitAmount": 400, "TaxAmount": 100, "Description": "Seller 1"}
DEVICE: Json = {"IpAddress": "203.0.113.24", "BrowserInfo": BROWSER}
# What each method asks for beyond what all of them do.
EXTRAS: dict[str, Json] = {
    "paypal": {"LineItems": [SHOES]},
    "ideal": {"Bic": "RABONL2U"},
    "bancontact": {"Recurring": True},
    "blik": {},
    "satispay": {"Country": "IT"},
    "klarna": {
        "Country": "FR",
        "Email": "alice@example.com",
        "Reference": "basket 1",
        "LineItems": [SHOES],
        "Billing": BILLING,
    },
    "mbway": {"Phone": "351#269458236"},
    "multibanco": {},
    "swish": {},
    "twint": {},
    "bizum": {},
    "giropay": {},
    "payconiq": {},
    "openbanking": {"Country": "DE"},
}


def body(author: Json, wallet: Json, amount: int = 1000, fees: int = 0, **more: Any) -> Json:
    currency = wallet["Currency"]
    base: Json = {
        "AuthorId": author["Id"],
        "CreditedWalletId": wallet["Id"],
        "DebitedFunds": {"Currency": currency, "Amount": amount},
        "Fees": {"Currency": currency, "Amount": fees},
        "ReturnURL": RETURN_URL,
    }
    return base | more


async def payin_by(market: Marketplace, method: str, author: Json, wallet: Json, **more: Any) -> Json:
    sent = body(author, wallet, **EXTRAS[method] | more)
    return created(await market.post(f"/payins/payment-methods/{method}", sent))


async def mandate_of(market: Marketplace, user: Json) -> Json:
    """Return a mandate that its debtor has confirmed."""
    account = await market.account(user)
    sent = {"BankAccountId": account["Id"], "Culture": "EN", "ReturnURL": "https://example.com/back"}
    mandate = created(await market.post("/mandates/directdebit/web", sent))
    path = f"/mandates/{mandate['Id']}"
    await market.browser.post(f"{path}/confirmation", data={"choice": "yes"})
    return created(await market.get(path))
