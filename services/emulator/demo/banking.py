"""Accounts of users and of wallets, what arrives there, and money that changes its currency."""

from services.emulator.demo.others import Others
from services.emulator.demo.people import Company, Person, address_body, british_account, recipient_body
from services.emulator.demo.shop import Shop, money
from services.emulator.engine.store import Entity

WIRE_FROM = {"Name": "Hotel Alpenblick", "IBAN": "DE03500105177564668331", "BIC": "AACSDE33"}


async def save_account(shop: Shop, user_id: str, owner: Person | Company) -> Entity:
    """Save the account somebody is paid out to, as a recipient or in the old way."""
    iban = owner.iban or ""
    if owner.has_recipient:
        return await register_recipient(shop, user_id, iban)
    person = owner.representative if isinstance(owner, Company) else owner
    body = {"OwnerName": owner.name, "OwnerAddress": address_body(person)}
    if iban.startswith("GB"):
        return await shop.post(f"/users/{user_id}/bankaccounts/gb", body | british_account(iban))
    return await shop.post(f"/users/{user_id}/bankaccounts/iban", body | {"IBAN": iban})


async def register_recipient(
    shop: Shop, user_id: str, iban: str, *, scope: str = "PAYOUT", name: str = "Main account"
) -> Entity:
    """Register an account to pay out to, or with the scope PAYIN to be debited; its owner may have to confirm it."""
    body = recipient_body(await shop.get(f"/users/{user_id}"), iban)
    return await shop.post(f"/users/{user_id}/recipients", body | {"DisplayName": name, "RecipientScope": scope})


async def deactivate_recipient(shop: Shop, recipient_id: str) -> Entity:
    return await shop.put(f"/recipients/{recipient_id}", {"Status": "DEACTIVATED"})


async def virtual_account_of(shop: Shop, wallet: Entity) -> Entity:
    """Return the account whose wires reach a wallet, opened now if there is none yet."""
    path = f"/wallets/{wallet['Id']}/virtual-accounts"
    active = await shop.list(path, Status="ACTIVE")
    return active[0] if active else await shop.post(path, {"Country": "FR", "VirtualAccountPurpose": "COLLECTION"})


async def receive_wire(others: Others, account: Entity, funds: Entity, reference: str) -> Entity:
    details = {"Debtor": WIRE_FROM, "RemittanceInformation": reference}
    body = {"CreditedFunds": funds, "TransactionDetails": details}
    return await others.decide("virtual_account.fund", account["Id"], **body)


async def convert(shop: Shop, debited: Entity, credited: Entity, amount: int, *, by_quote: bool = False) -> Entity:
    """Change money from one wallet of a user into another, at the rate of now or of a quote."""
    wallets = {"DebitedWalletId": debited["Id"], "CreditedWalletId": credited["Id"]}
    body = {"AuthorId": debited["Owners"][0], "Tag": f"{debited['Currency']} earned abroad"} | wallets
    terms = {"DebitedFunds": money(debited, amount), "CreditedFunds": {"Currency": credited["Currency"]}}
    if not by_quote:
        return await shop.post("/conversions/instant-conversion", body | terms)
    quote = await shop.post("/conversions/quote", terms | {"Duration": 300})
    return await shop.post("/conversions/quoted-conversion", body | {"QuoteId": quote["Id"]})


async def take_out_fees(shop: Shop, amount: int) -> Entity:
    """Pay what the marketplace has earned out to its own account."""
    address = {"AddressLine1": "12 quai de Saône", "City": "Lyon", "PostalCode": "69002", "Country": "FR"}
    body = {"OwnerName": "Local Market SAS", "OwnerAddress": address, "IBAN": "FR7630004000031234567890143"}
    account = await shop.post("/clients/bankaccounts/iban", body)
    funds = {"Currency": "EUR", "Amount": amount}
    fees = {"DebitedWalletId": "FEES_EUR", "BankAccountId": account["Id"], "DebitedFunds": funds}
    return await shop.post("/clients/payouts", fees | {"BankWireRef": "MARKET FEES", "Tag": "Fees of the month"})
