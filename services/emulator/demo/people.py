"""What a person or a company of the story is, and the bodies that open their accounts."""

from dataclasses import dataclass

from services.emulator.engine.store import Entity

# How long ago the marketplace opened.
FIRST_DAY = 45


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who pays, or a single trader who sells under their own name."""

    first_name: str
    last_name: str
    email: str
    birthday: int
    country: str
    address: tuple[str, str, str]
    currency: str = "EUR"
    # A card to pay with, or an account to be paid out to.
    card_number: str | None = None
    iban: str | None = None
    # Whether that account is registered as a recipient, rather than in the old way.
    has_recipient: bool = False
    # Each document's type and magic tag, None for one nobody has looked at yet.
    documents: tuple[tuple[str, str | None], ...] = ()
    # How many days ago they joined.
    joined: float = FIRST_DAY

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def is_seller(self) -> bool:
        return self.iban is not None

    @property
    def currencies(self) -> tuple[str, ...]:
        return (self.currency,)


@dataclass(frozen=True, slots=True)
class Company:
    name: str
    kind: str
    email: str
    number: str
    representative: Person
    iban: str
    documents: tuple[tuple[str, str | None], ...] = ()
    # What else than its own currency it is paid in.
    other_currency: str | None = None
    has_recipient: bool = False
    # The first name of its beneficial owner, which in the sandbox decides about the declaration.
    declared_as: str = "AcceptUBO"
    joined: float = FIRST_DAY

    @property
    def currencies(self) -> tuple[str, ...]:
        """Return its own first."""
        own = self.representative.currency
        return (own, self.other_currency) if self.other_currency else (own,)


def person_body(person: Person) -> Entity:
    """Return what creates a natural user: an OWNER if they sell, a PAYER else."""
    return {
        "FirstName": person.first_name,
        "LastName": person.last_name,
        "Email": person.email,
        "UserCategory": "OWNER" if person.is_seller else "PAYER",
        "TermsAndConditionsAccepted": True,
        "Birthday": person.birthday,
        "Nationality": person.country,
        "CountryOfResidence": person.country,
        "Address": address_body(person),
    }


def company_body(company: Company) -> Entity:
    person = person_body(company.representative)
    of_person = ("FirstName", "LastName", "Email", "Birthday", "Nationality", "CountryOfResidence")
    return {
        "Name": company.name,
        "LegalPersonType": company.kind,
        "Email": company.email,
        "CompanyNumber": company.number,
        "UserCategory": "OWNER",
        "TermsAndConditionsAccepted": True,
        "LegalRepresentative": {name: person[name] for name in of_person},
        "LegalRepresentativeAddress": person["Address"],
        "HeadquartersAddress": person["Address"],
    }


def owner_body(company: Company) -> Entity:
    """Return what declares the representative as the one beneficial owner, under a name that the sandbox knows."""
    person = person_body(company.representative)
    return {
        "FirstName": company.declared_as,
        "LastName": person["LastName"],
        "Birthday": person["Birthday"],
        "Nationality": person["Nationality"],
        "Address": person["Address"],
        "Birthplace": {"City": person["Address"]["City"], "Country": person["Nationality"]},
    }


def address_body(person: Person) -> Entity:
    street, postal_code, city = person.address
    return {"AddressLine1": street, "City": city, "PostalCode": postal_code, "Country": person.country}


def recipient_body(user: Entity, iban: str) -> Entity:
    """Return what registers a user's account in euros, or a British one in pounds, as a recipient."""
    currency, account = ("GBP", british_account(iban)) if iban.startswith("GB") else ("EUR", {"IBAN": iban})
    return {
        "PayoutMethodType": "LocalBankTransfer",
        "Currency": currency,
        "Country": iban[:2],
        "LocalBankTransfer": {currency: account},
        **_owner_body(user),
    }


def british_account(iban: str) -> Entity:
    return {"SortCode": iban[8:14], "AccountNumber": iban[14:22]}


def _owner_body(user: Entity) -> Entity:
    if user["PersonType"] == "LEGAL":
        company = {"BusinessName": user["Name"], "Address": _told(user["HeadquartersAddress"])}
        return {"RecipientType": "Business", "BusinessRecipient": company}
    names = {name: user[name] for name in ("FirstName", "LastName")}
    return {"RecipientType": "Individual", "IndividualRecipient": names | {"Address": _told(user["Address"])}}


def _told(address: Entity) -> Entity:
    return {name: value for name, value in address.items() if value}
