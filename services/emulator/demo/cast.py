"""Who plays in the seeded marketplace. Nobody here exists; the account numbers are the well-known examples."""

from dataclasses import dataclass

from services.emulator.engine.store import Entity


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
    # Each document's type and magic tag, None for one nobody has looked at yet.
    documents: tuple[tuple[str, str | None], ...] = ()

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def is_seller(self) -> bool:
        return self.card_number is None


@dataclass(frozen=True, slots=True)
class Company:
    name: str
    kind: str
    email: str
    number: str
    representative: Person
    iban: str
    documents: tuple[tuple[str, str | None], ...] = ()


ACCEPTED_IDENTITY = (("IDENTITY_PROOF", "accept"),)
ACCEPTED_COMPANY = (
    ("IDENTITY_PROOF", "accept"),
    ("REGISTRATION_PROOF", "accept"),
    ("ARTICLES_OF_ASSOCIATION", "accept"),
)

PAYERS = (
    Person(
        "Alice",
        "Martin",
        "alice.martin@example.com",
        652_147_200,
        "FR",
        ("18 rue de la Roquette", "75011", "Paris"),
        card_number="4970107111111119",
    ),
    Person(
        "Dmitri",
        "Ivanov",
        "dmitri.ivanov@example.com",
        478_310_400,
        "LV",
        ("Brīvības iela 40", "LV-1050", "Rīga"),
        card_number="5299910010000015",
    ),
    Person(
        "Emma",
        "Schmidt",
        "emma.schmidt@example.com",
        736_819_200,
        "DE",
        ("Kastanienallee 82", "10435", "Berlin"),
        card_number="4970101122334406",
    ),
    Person(
        "Oliver",
        "Hughes",
        "oliver.hughes@example.com",
        567_993_600,
        "GB",
        ("7 Whiteladies Road", "BS8 1PB", "Bristol"),
        currency="GBP",
        card_number="4970109998887715",
    ),
)
SELLERS = (
    Person(
        "Carla",
        "Rossi",
        "carla.rossi+accept@example.com",
        405_648_000,
        "IT",
        ("Via dei Mille 14", "50131", "Firenze"),
        iban="IT60X0542811101000000123456",
        documents=ACCEPTED_IDENTITY,
    ),
    Person(
        "Inês",
        "Duarte",
        "ines.duarte+accept@example.com",
        819_072_000,
        "PT",
        ("Rua da Boavista 61", "1200-066", "Lisboa"),
        iban="PT50000201231234567890154",
        documents=(("IDENTITY_PROOF", None),),
    ),
    Person(
        "Greta",
        "Lindqvist",
        "greta.lindqvist@example.com",
        694_310_400,
        "SE",
        ("Hornsgatan 103", "117 28", "Stockholm"),
        iban="SE4550000000058398257466",
    ),
)
COMPANIES = (
    Company(
        "Atelier Bob",
        "BUSINESS",
        "hello+accept@atelier-bob.example",
        "732829320",
        Person(
            "Bob",
            "Lefèvre",
            "bob+accept@atelier-bob.example",
            290_563_200,
            "FR",
            ("4 impasse des Ébénistes", "69001", "Lyon"),
        ),
        "FR7630004000031234567890143",
        ACCEPTED_COMPANY,
    ),
    Company(
        "Fern & Fable Ltd",
        "BUSINESS",
        "accounts+accept@fern-and-fable.example",
        "09446231",
        Person(
            "Hazel",
            "Whitmore",
            "hazel+accept@fern-and-fable.example",
            361_929_600,
            "GB",
            ("22 Gloucester Road", "BS7 8AL", "Bristol"),
            currency="GBP",
        ),
        "GB60BARC20000055779911",
        ACCEPTED_COMPANY,
    ),
    Company(
        "Nordlicht Keramik",
        "SOLETRADER",
        "post+accept@nordlicht-keramik.example",
        "HRA12345",
        Person(
            "Jonas",
            "Petersen",
            "jonas+accept@nordlicht-keramik.example",
            523_584_000,
            "DE",
            ("Flensburger Straße 9", "24106", "Kiel"),
        ),
        "DE89370400440532013000",
        (("IDENTITY_PROOF", "accept"), ("REGISTRATION_PROOF", "refuse_expired")),
    ),
)
NEWCOMERS = (
    ("Amélie", "Girard", "FR", "Rue Paradis 211", "13006", "Marseille"),
    ("Björn", "Dahl", "SE", "Linnégatan 31", "413 04", "Göteborg"),
    ("Chloé", "Peeters", "BE", "Rue Haute 118", "1000", "Bruxelles"),
    ("Diego", "Navarro", "ES", "Calle de Alcalá 204", "28028", "Madrid"),
    ("Elena", "Novak", "SI", "Trubarjeva cesta 50", "1000", "Ljubljana"),
    ("Finn", "O'Brien", "IE", "14 Dame Street", "D02 RD26", "Dublin"),
    ("Hanna", "Virtanen", "FI", "Mannerheimintie 12", "00100", "Helsinki"),
    ("Karel", "Dvořák", "CZ", "Vinohradská 77", "120 00", "Praha"),
    ("Lotte", "de Vries", "NL", "Prinsengracht 263", "1016 GV", "Amsterdam"),
    ("Mateo", "Silva", "PT", "Rua de Cedofeita 455", "4050-180", "Porto"),
    ("Paula", "Steiner", "AT", "Mariahilfer Straße 88", "1070", "Wien"),
    ("Zofia", "Kowalska", "PL", "ulica Floriańska 20", "31-021", "Kraków"),
)
GOODS = (
    ("a pair of mugs", 2_480),
    ("an oak stool", 14_900),
    ("a linen tablecloth", 5_950),
    ("two picture frames", 3_360),
    ("a bread board", 4_200),
    ("a letterpress print", 1_260),
    ("a desk lamp", 24_900),
    ("a set of bowls", 8_740),
    ("a wool blanket", 11_590),
    ("a child's chair", 7_800),
    ("a walnut mirror", 18_650),
    ("seed paper cards", 990),
)


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
    """Return what declares the representative as the one beneficial owner, under the name that the sandbox accepts."""
    person = person_body(company.representative)
    return {
        "FirstName": "AcceptUBO",
        "LastName": person["LastName"],
        "Birthday": person["Birthday"],
        "Nationality": person["Nationality"],
        "Address": person["Address"],
        "Birthplace": {"City": person["Address"]["City"], "Country": person["Nationality"]},
    }


def address_body(person: Person) -> Entity:
    street, postal_code, city = person.address
    return {"AddressLine1": street, "City": city, "PostalCode": postal_code, "Country": person.country}
