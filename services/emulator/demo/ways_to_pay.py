"""Paying in by anything but a card that is charged at once: other methods, mandates, authorisations, subscriptions."""

from services.emulator.demo.shop import PRESENT, RETURN_URL, Shop, into, money
from services.emulator.engine.store import Entity

METHODS = ("ideal", "bancontact", "paypal")


async def begin_payment(shop: Shop, wallet: Entity, method: str, amount: int, tag: str) -> Entity:
    """Send a payer to the page of one of METHODS."""
    body = into(wallet, amount, tag) | {"ReturnURL": RETURN_URL, "StatementDescriptor": "LOCALMKT"}
    if method == "ideal":
        body["Bic"] = "INGBNL2A"
    if method == "paypal":
        body["LineItems"] = [{"Name": tag, "Quantity": 1, "UnitAmount": amount, "TaxAmount": 0, "Description": tag}]
    return await shop.post(f"/payins/payment-methods/{method}", body)


async def answer_payment(shop: Shop, payin: Entity, choice: str) -> Entity:
    """Let the payer pay (`yes`), turn away (`no`), or be refused, and return what came of it."""
    await shop.answer(f"/pay/{payin['Id']}", choice)
    return await shop.get(f"/payins/{payin['Id']}")


async def sign_mandate(shop: Shop, recipient_id: str) -> Entity:
    """Let a debtor confirm on the page that an account of theirs may be debited."""
    body = {"RecipientId": recipient_id, "Culture": "EN", "ReturnURL": RETURN_URL}
    mandate = await shop.post("/mandates/directdebit/web", body)
    await shop.answer(f"/mandates/{mandate['Id']}/confirmation", "yes")
    return await shop.get(f"/mandates/{mandate['Id']}")


async def debit(shop: Shop, mandate: Entity, wallet: Entity, amount: int, tag: str) -> Entity:
    """Collect by direct debit, and return what the debtor's bank has answered."""
    body = into(wallet, amount, tag) | {"MandateId": mandate["Id"], "StatementDescriptor": "LOCALMARKET"}
    payin = await shop.post("/payins/directdebit/direct", body)
    return await shop.get(f"/payins/{payin['Id']}")


async def hold(shop: Shop, card: Entity, amount: int, tag: str) -> Entity:
    """Hold money on a card for some days."""
    return await shop.post("/preauthorizations/card/direct", _authorisation(card, amount, tag))


async def hold_deposit(shop: Shop, card: Entity, amount: int, tag: str) -> Entity:
    """Hold money on a card for a month."""
    return await shop.post("/deposit-preauthorizations/card/direct", _authorisation(card, amount, tag))


async def capture(shop: Shop, preauthorization: Entity, wallet: Entity, amount: int) -> Entity:
    """Take some of what is held, or all of it."""
    body = into(wallet, amount, preauthorization["Tag"]) | {"PreauthorizationId": preauthorization["Id"]}
    return await shop.post("/payins/preauthorized/direct", body)


async def capture_deposit(shop: Shop, deposit: Entity, wallet: Entity, amount: int) -> Entity:
    body = into(wallet, amount, deposit["Tag"]) | {"DepositId": deposit["Id"]}
    return await shop.post("/payins/deposit-preauthorized/direct/full-capture", body)


async def subscribe(shop: Shop, card: Entity, wallet: Entity, amount: int, tag: str) -> Entity:
    """Register a weekly payment, and let the payer make the first one."""
    registration = await shop.post(
        "/recurringpayinregistrations",
        {
            "AuthorId": card["UserId"],
            "CardId": card["Id"],
            "CreditedWalletId": wallet["Id"],
            "FirstTransactionDebitedFunds": money(wallet, amount),
            "FirstTransactionFees": money(wallet, 0),
            "NextTransactionDebitedFunds": money(wallet, amount),
            "NextTransactionFees": money(wallet, 0),
            "Frequency": "Weekly",
            "FixedNextAmount": True,
            "Tag": tag,
        },
    )
    await charge(shop, registration, is_payer_there=True)
    return registration


async def charge(shop: Shop, registration: Entity, *, is_payer_there: bool = False) -> Entity:
    """Take the next payment of a subscription."""
    body = {"RecurringPayinRegistrationId": registration["Id"], "Tag": registration["Tag"]}
    return await shop.post("/payins/recurring/card/direct", body | (PRESENT if is_payer_there else {}))


def _authorisation(card: Entity, amount: int, tag: str) -> Entity:
    funds = {"Currency": card["Currency"], "Amount": amount}
    return {"AuthorId": card["UserId"], "CardId": card["Id"], "DebitedFunds": funds, "Tag": tag} | PRESENT
