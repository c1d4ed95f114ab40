"""Bodies for accounts of every kind, and the steps that tests of them begin with."""

from tests.services.emulator.marketplace import ADDRESS, IBAN, Json, Marketplace, created

OWNER = {"OwnerName": "Bob Martin", "OwnerAddress": ADDRESS}
BRITISH = {"SortCode": "200000", "AccountNumber": "55779911"}
LEGACY: dict[str, Json] = {
    "iban": {"IBAN": IBAN, "BIC": "BNPAFRPP"},
    "gb": BRITISH,
    "us": {"AccountNumber": "11696419", "ABA": "071000288", "DepositAccountType": "CHECKING"},
    "ca": {"AccountNumber": "11696419", "InstitutionNumber": "614", "BranchCode": "00152", "BankName": "The Big Bank"},
    "other": {"AccountNumber": "11696419", "BIC": "CRLYFRPP", "Country": "SG"},
}
PERSON: Json = {"FirstName": "Bob", "LastName": "Martin", "Address": ADDRESS}
COMPANY: Json = {"BusinessName": "Atelier Bob", "Address": ADDRESS}


def recipient_body(**more: object) -> Json:
    """Return a recipient with an account in euros."""
    body: Json = {
        "DisplayName": "Bobs EUR account",
        "PayoutMethodType": "LocalBankTransfer",
        "RecipientType": "Individual",
        "Currency": "EUR",
        "Country": "FR",
        "IndividualRecipient": PERSON,
        "LocalBankTransfer": {"EUR": {"IBAN": IBAN}},
    }
    return body | more


def british_recipient_body(**more: object) -> Json:
    return recipient_body(Currency="GBP", Country="GB", LocalBankTransfer={"GBP": BRITISH}) | more


async def recipient(market: Marketplace, user: Json, **more: object) -> Json:
    response = await market.post(f"/users/{user['Id']}/recipients", recipient_body(**more))
    assert response.status_code == 201, response.text
    body: Json = response.json()
    return body


async def legacy_account(market: Marketplace, user: Json, kind: str, **more: object) -> Json:
    return created(await market.post(f"/users/{user['Id']}/bankaccounts/{kind}", OWNER | LEGACY[kind] | more))


async def mandate(market: Marketplace, account: Json, field: str = "BankAccountId", **more: object) -> Json:
    body: Json = {field: account["Id"], "Culture": "EN", "ReturnURL": "https://example.com/back"}
    return created(await market.post("/mandates/directdebit/web", body | more))
