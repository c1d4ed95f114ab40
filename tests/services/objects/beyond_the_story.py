"""What the emulator's story does not tell of, so that there is something of every kind and of every way to pay."""

from collections.abc import AsyncIterator

from models.objects.kinds import KINDS, Kind
from tests.services.emulator.banking import BRITISH, LEGACY, legacy_account, recipient
from tests.services.emulator.cards import deposited, payment, preauthorized
from tests.services.emulator.marketplace import CHALLENGED_CARD, Json, Marketplace, created
from tests.services.emulator.payments import DEVICE, EXTRAS, RETURN_URL, body, payin_by
from tests.services.emulator.test_echo import Echo, line

Told = tuple[Kind, str, str | None]
TOKEN: Json = {"transactionId": "1", "network": "MASTERCARD", "tokenData": "opaque"}
# Ways to pay that have an endpoint of their own, and what they ask for.
OF_THEIR_OWN: dict[str, Json] = {
    "card/web": {"CardType": "CB_VISA_MASTERCARD", "Culture": "FR"},
    "directdebit/web": {"DirectDebitType": "SOFORT", "Culture": "DE"},
    "paypal/web": {"Culture": "FR"},
    "payconiq/web": {"Country": "BE"},
    "applepay/direct": {"PaymentData": TOKEN},
    "googlepay/direct": {"PaymentData": {"TransactionId": "1", "Network": "VISA", "TokenData": "opaque"}},
    "payment-methods/googlepay": DEVICE
    | {"PaymentData": '{"number": "5555555555554444"}', "SecureModeReturnURL": RETURN_URL},
}
ACCOUNTS: dict[str, tuple[str, Json]] = {
    "GBP": ("GB", BRITISH),
    "USD": ("US", {"AccountNumber": "11696419", "ABA": "071000288", "FFC": "12345678/FFC Bob"}),
    "CAD": (
        "CA",
        {"AccountNumber": "11696419", "InstitutionNumber": "614", "BranchCode": "00152", "BankName": "The Big Bank"},
    ),
    "AUD": ("AU", {"BSB": "062000", "AccountNumber": "12345678"}),
    "MXN": ("MX", {"BIC": "BNMXMXMM", "Clabe": "002010077777777771"}),
}


async def go_on(market: Marketplace) -> AsyncIterator[Told]:
    """Let more happen; yields the kind, id and parent of what no list and no event will tell of."""
    alice, bob = await market.payer(), await market.owner()
    wallet, card = await market.wallet(alice), await market.card(alice)
    for method in EXTRAS:
        await payin_by(market, method, alice, wallet)
    for path, more in OF_THEIR_OWN.items():
        created(await market.post(f"/payins/{path}", body(alice, wallet, **more)))
    await market.wire(wallet, 12_300)
    await _authorise(market, card, await market.card(alice, CHALLENGED_CARD))
    await _settle_elsewhere(Echo(market))
    for kind in LEGACY:
        account = await legacy_account(market, bob, kind)
        # As somebody comes to it who has only its id.
        yield KINDS["bank-account"], account["Id"], None
    for currency, (country, numbers) in ACCOUNTS.items():
        local = {"Currency": currency, "Country": country, "LocalBankTransfer": {currency: numbers}}
        await recipient(market, bob, **local)
    async for told in _look_at(market, alice, wallet):
        yield told


async def _authorise(market: Marketplace, card: Json, challenged: Json) -> None:
    await deposited(market, card, 5_000, name="extended")
    await preauthorized(market, challenged, 5_000)


async def _settle_elsewhere(echo: Echo) -> None:
    intent = await echo.captured(6_000, 4_000)
    await echo.split(intent, 2_000, 100)
    await echo.upload(line(10_000), total=10_000)


async def _look_at(market: Marketplace, user: Json, wallet: Json) -> AsyncIterator[Told]:
    card = await market.card(user)
    validation = created(await market.post(f"/cards/{card['Id']}/validation", payment(card)))
    yield KINDS["card-validation"], validation["Id"], card["Id"]
    registration = created(await market.post("/cardregistrations", {"UserId": user["Id"], "Currency": "EUR"}))
    yield KINDS["card-registration"], registration["Id"], None
    for currency, country in (("EUR", "FR"), ("GBP", "GB")):
        own = wallet if currency == "EUR" else await market.wallet(user, currency)
        alias = {"OwnerName": "Alice", "Country": country}
        made = created(await market.post(f"/wallets/{own['Id']}/bankingaliases/iban", alias))
        yield KINDS["banking-alias"], made["Id"], None
    if not (await market.get("/hooks")).json():
        await market.hook("PAYIN_NORMAL_SUCCEEDED", "https://example.com/hooks")
    for name, path in (("hook", "/hooks"), ("report", "/reporting/reports"), ("legacy-report", "/reports")):
        for row in (await market.get(path)).json():
            yield KINDS[name], row["Id"], None
