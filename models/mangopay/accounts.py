"""Where money is kept and comes from: wallets, cards, bank accounts. Account numbers stay out of every repr.

Source: https://docs.mangopay.com/api-reference/wallets, …/cards and …/bank-accounts
"""

from pydantic import Field

from models.mangopay.wire import AddressOrNone, MangopayObject, MoneyOrNone, Strings, WireModel


class Wallet(MangopayObject):
    owners: Strings = ()
    description: str | None = None
    currency: str | None = None
    balance: MoneyOrNone = None
    funds_type: str | None = None


class Card(MangopayObject):
    user_id: str | None = None
    alias: str | None = None
    # MMYY, as printed on the card.
    expiration_date: str | None = None
    card_type: str | None = None
    card_provider: str | None = None
    card_holder_name: str | None = Field(default=None, repr=False)
    # ISO 3166 alpha-3, unlike every other country of the API.
    country: str | None = None
    currency: str | None = None
    product: str | None = None
    bank_code: str | None = None
    active: bool | None = None
    validity: str | None = None
    fingerprint: str | None = None


class BankAccount(WireModel):
    """A user's bank account, or the one a pay-in by bank wire names, which has no id."""

    id: str | None = None
    tag: str | None = None
    creation_date: int | None = None
    user_id: str | None = None
    type: str | None = None
    active: bool | None = None
    owner_name: str | None = Field(default=None, repr=False)
    owner_address: AddressOrNone = Field(default=None, repr=False)
    iban: str | None = Field(default=None, alias="IBAN", repr=False)
    bic: str | None = Field(default=None, alias="BIC", repr=False)
    account_number: str | None = Field(default=None, repr=False)
    sort_code: str | None = Field(default=None, repr=False)
    aba: str | None = Field(default=None, alias="ABA", repr=False)
    deposit_account_type: str | None = None
    institution_number: str | None = Field(default=None, repr=False)
    branch_code: str | None = Field(default=None, repr=False)
    bank_name: str | None = None
    country: str | None = None
